"""Widths and divisions on paper, worked out from what is to be printed: the renderer does not do it itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wagtail_payments.printing.parties import Fact
from wagtail_payments.printing.rows import LineRow
from wagtail_payments.printing.sheet import Sheet

# In percent of the page's text width; a column is wider where its figures need it, up to WIDEST.
NARROWEST = {"quantity": 9, "unit": 8, "price": 13, "discount": 9, "vat": 7, "amount": 15}
WIDEST = 22
LONGEST_UNIT = 10  # letters of a unit that stand unbroken
FACT = 22  # each fact in the band; the amount that matters has the rest
TOTALS_LABEL = 28  # what the labels of the totals have at least, where the columns allow

SHORT = 600  # characters that take well under half a page wherever they stand
SHORT_LINES = 12
PIECE = re.compile(rf".{{1,{SHORT}}}(?:\s+|$)|.{{1,{SHORT}}}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table of lines: a piece of a description, the line's figures beside the first piece only."""

    text: str
    line: LineRow | None
    ends_line: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class Spans:
    """How many columns or rows the cells of the totals take; rows that a cell spans stay on one page."""

    left: int
    label: int
    rows: int
    tail: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What a template needs beside the words. ``widths`` are in percent, 0 for a column that is not shown."""

    widths: dict[str, int]
    spans: Spans
    rows: tuple[Row, ...]
    details: tuple[Sequence[Fact], ...]
    fact_width: int
    main_width: int
    exemptions_fit: bool


def layout(sheet: Sheet) -> Layout:
    """Return the layout of a sheet."""
    widths = _widths(sheet)
    return Layout(
        widths=widths,
        spans=_spans(widths, len(sheet.totals)),
        rows=tuple(_rows(sheet.lines)),
        details=tuple(sheet.details[index : index + 2] for index in range(0, len(sheet.details), 2)),
        fact_width=FACT,
        main_width=100 - FACT * len(sheet.band),
        exemptions_fit=len(sheet.exemptions) <= 4 and all(len(sentence) <= SHORT for sentence in sheet.exemptions),
    )


def pieces(text: str) -> list[str]:
    """Divide a text into parts that are each short on paper, at line ends and spaces where there are any."""
    found: list[str] = []
    lines = text.splitlines()
    for start in range(0, len(lines), SHORT_LINES):
        found += PIECE.findall("\n".join(lines[start : start + SHORT_LINES]))
    return found or [""]


def _rows(lines: Sequence[LineRow]) -> Iterator[Row]:
    for line in lines:
        parts = pieces(line.description)
        for index, part in enumerate(parts):
            ends_line = index == len(parts) - 1
            yield Row(part, None if index else line, ends_line, ends_line and line is lines[-1])


def _widths(sheet: Sheet) -> dict[str, int]:
    columns, lines = sheet.columns, sheet.lines
    shown = {"unit": columns.unit, "discount": columns.discount, "vat": columns.vat}
    figures = {
        "quantity": [line.quantity for line in lines],
        "unit": [word[:LONGEST_UNIT] for line in lines for word in line.unit.split()],
        "price": [line.unit_price for line in lines],
        "amount": [line.amount for line in lines] + [row.amount + "  " for row in sheet.totals],
    }
    found = {
        name: min(WIDEST, max([narrowest, *map(_needed, figures.get(name, []))])) if shown.get(name, True) else 0
        for name, narrowest in NARROWEST.items()
    }
    return found | {"description": 100 - sum(found.values())}


def _needed(figure: str) -> int:
    """The width of a figure: all digits are as wide as each other, points and spaces half as wide."""
    return round(sum(1.2 if character.isalnum() else 0.7 for character in figure) + 1.5)


def _spans(widths: dict[str, int], totals: int) -> Spans:
    shown = [widths[name] for name in ("vat", "discount", "price", "unit", "quantity") if widths[name]]
    label = next((n for n in range(1, len(shown)) if sum(shown[:n]) >= TOTALS_LABEL), len(shown))
    return Spans(left=1 + len(shown) - label, label=label, rows=totals, tail=totals + 1)
