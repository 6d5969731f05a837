"""The receipts ledger on paper: month by month, with totals per month, quarter and nature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from babel import dates
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.printing.amounts import Writer, method_name
from wagtail_payments.printing.pdf import PdfFailed, render_report
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.sellers import Seller
from wagtail_payments.reports.receipts_ledger import Row, Total, nature_name, rows, totals

__all__ = ["MOST_ROWS", "PdfFailed", "pdf_of"]

TEMPLATE = "wagtail_payments/reports/receipts_ledger.html"
MOST_ROWS = 2000  # about fifty pages; a longer period is better read as a spreadsheet
FEW_ROWS = 400  # counting the pages lays everything out twice: longer ledgers say the page, not how many there are


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row in words."""

    on: str
    documents: str
    customer: str
    nature: str
    method: str
    amount: str


@dataclass(frozen=True, slots=True)
class PrintedTotal:
    """A total in words; ``cash`` and ``other`` make up ``amount``."""

    label: str
    cash: str
    other: str
    amount: str
    by_nature: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """A month with its rows and totals, one for each currency."""

    label: str
    rows: tuple[PrintedRow, ...]
    totals: tuple[PrintedTotal, ...]


def pdf_of(*, seller: Seller, first: date, last: date, language: str, mode: str = Mode.LIVE) -> bytes:
    """Return the ledger of a period as PDF; raises ``PdfFailed`` where it is too long or could not be drawn."""
    with translation.override(language):
        listed = list(rows(seller=seller, first=first, last=last, mode=mode))
        if len(listed) > MOST_ROWS:
            raise PdfFailed("too_long", _("This period is too long to be printed. Choose a shorter one."))
        html = render_to_string(TEMPLATE, _context(listed, seller, first, last, language, mode))
    return render_report(html, last)


def _context(
    listed: Sequence[Row], seller: Seller, first: date, last: date, language: str, mode: str
) -> dict[str, object]:
    sums = totals(listed)
    writer = Writer(language, seller.currency)
    return {
        "seller": seller,
        "language": language,
        "counts_pages": len(listed) <= FEW_ROWS,
        "is_test": mode == Mode.TEST,
        "first": writer.date(first.isoformat()),
        "last": writer.date(last.isoformat()),
        "months": list(_months(listed, sums.months, language)),
        "quarters": [_total(total, period_name(total.period, language), language) for total in sums.quarters],
        "whole": [_total(total, _("Whole period"), language) for total in sums.whole],
    }


def _months(listed: Sequence[Row], sums: Sequence[Total], language: str) -> Iterator[Month]:
    for period, group in groupby(listed, key=lambda row: row.month):
        label = period_name(period, language)
        printed = tuple(_row(row, language) for row in group)
        yield Month(label, printed, tuple(_total(total, label, language) for total in sums if total.period == period))


def _row(row: Row, language: str) -> PrintedRow:
    documents = ", ".join(filter(None, [*row.documents, row.receipt]))
    return PrintedRow(
        on=dates.format_date(row.on, "short", locale=Writer(language, row.currency).locale),
        documents=documents,
        customer=row.customer,
        nature=nature_name(row.nature),
        method=method_name(row.method),
        amount=Writer(language, row.currency).money(row.amount),
    )


def _total(total: Total, label: str, language: str) -> PrintedTotal:
    write = Writer(language, total.currency).money
    parts = tuple((nature_name(nature), write(amount)) for nature, amount in sorted(total.by_nature.items()))
    return PrintedTotal(label, write(total.cash), write(total.other), write(total.amount), parts)


def period_name(period: str, language: str) -> str:
    """Name a month (``2026-03``) or a quarter (``2026-Q1``): ``mars 2026``, ``1er trimestre 2026``."""
    year, part = period.split("-")
    is_quarter = part.startswith("Q")
    month = 3 * int(part[1:]) if is_quarter else int(part)
    locale = Writer(language, "EUR").locale
    return str(dates.format_skeleton("yQQQQ" if is_quarter else "yMMMM", date(int(year), month, 1), locale=locale))
