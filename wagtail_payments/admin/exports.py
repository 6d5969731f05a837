"""Tables taken away as files: CSV and XLSX without formulas, for those who may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language, override

from wagtail_payments.reports import spreadsheet
from wagtail_payments.reports.spreadsheet import Cell

CSV, XLSX, PDF = "csv", "xlsx", "pdf"


def cell(value: Any) -> Cell:
    """Return a value as a cell of a spreadsheet: moments in local time, labels as text."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if value is None or isinstance(value, (int, Decimal, date)):
        return value
    return str(value)


def file_response(
    file_format: str, *, titles: Sequence[str], rows: Iterable[Sequence[Cell]], name: str
) -> HttpResponseBase:
    """Answer with the table as a file called ``name``, in the active language."""
    if file_format == CSV:
        return _csv_response(titles, rows, name)
    content = spreadsheet.xlsx_file(titles, rows, title=name)
    return private(FileResponse(content, content_type=spreadsheet.XLSX_TYPE), name, XLSX)


def _csv_response(titles: Sequence[str], rows: Iterable[Sequence[Cell]], name: str) -> HttpResponseBase:
    chunks = spreadsheet.csv_chunks(titles, rows, language=get_language() or "en")
    return private(StreamingHttpResponse(_as_asked(chunks), content_type=spreadsheet.CSV_TYPE), name, CSV)


def _as_asked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Go on in the language and by the clock of who asked: chunks are made after the view has returned."""
    language, zone = get_language() or "en", timezone.get_current_timezone()
    while True:
        with override(language), timezone.override(zone):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


def private(response: HttpResponseBase, name: str, suffix: str) -> HttpResponseBase:
    """Say that the file is to be saved and that nobody between us may keep it."""
    response["Content-Disposition"] = f'attachment; filename="{slugify(name) or "export"}.{suffix}"'
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response
