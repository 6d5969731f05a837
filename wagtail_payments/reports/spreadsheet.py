"""Tables as CSV and XLSX for spreadsheet programs: exact numbers, real dates, and no text that runs as a formula.

A table is a sequence of titles and an iterator of rows; cells are texts, whole numbers, decimals (amounts in
currency units), dates, or None. Rows are taken one by one, so a long report never stands in memory.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

Cell = str | int | Decimal | date | None

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# OWASP, CSV injection; the last four are the full-width twins that some programs take for the same.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LONGEST_TEXT = 32_767  # what a cell of a spreadsheet holds
_LONGEST_TITLE = 31
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def is_risky(text: str) -> bool:
    """Would a spreadsheet program take this text for a formula, perhaps after leaving out spaces?"""
    return text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)


def safe_cell(value: Any) -> Any:
    """Return a value that no spreadsheet program runs or refuses; what is no text stays as it is.

    A risky text gets an apostrophe, and control characters go.
    """
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    return f"'{text}" if is_risky(value) or is_risky(text) else text


def csv_chunks(titles: Sequence[str], rows: Iterable[Sequence[Cell]], *, language: str) -> Iterator[bytes]:
    """Yield the table as CSV in UTF-8 with a byte-order mark, which spreadsheet programs need to see accents.

    Where the language writes a decimal comma, the program of such a reader expects semicolons between cells
    and commas in numbers; elsewhere commas and points. Dates are ISO.
    """
    mark = decimal_mark(language)
    line = io.StringIO()
    writer = csv.writer(line, delimiter=";" if mark == "," else ",", lineterminator="\r\n")
    line.write("\ufeff")
    for row in chain([titles], rows):
        writer.writerow([_written(cell, mark) for cell in row])
        yield _taken(line)


def xlsx_file(titles: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str) -> io.BytesIO:
    """Return the table as an open XLSX file, at its beginning: amounts are numbers, texts are never formulas."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(_NOT_IN_TITLES)[:_LONGEST_TITLE].strip() or "1")
    sheet.freeze_panes = "A2"
    sheet.append([_heading(sheet, text) for text in titles])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    target = io.BytesIO()
    book.save(target)
    target.seek(0)
    return target


def decimal_mark(language: str) -> str:
    """Return the decimal mark of a language, a point for one that nobody knows."""
    for wanted in (language, language.split("-")[0]):
        try:
            return str(get_decimal_symbol(Locale.parse(wanted.replace("-", "_"))))
        except (UnknownLocaleError, ValueError):
            continue
    return "."


def _written(value: Cell, mark: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", mark)
    if isinstance(value, date):
        return value.isoformat()
    return str(safe_cell(value))


def _taken(line: io.StringIO) -> bytes:
    content = line.getvalue().encode()
    line.seek(0)
    line.truncate()
    return content


def _heading(sheet: Any, text: str) -> Any:
    cell = _cell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, str):
        return _text_cell(sheet, value)
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, Decimal):
        cell.number_format = "#,##0" + _decimals(value)
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST_TEXT])
    cell.data_type = "s"
    cell.quotePrefix = is_risky(text)
    return cell


def _decimals(value: Decimal) -> str:
    exponent = value.as_tuple().exponent
    return "." + "0" * -exponent if isinstance(exponent, int) and exponent < 0 else ""
