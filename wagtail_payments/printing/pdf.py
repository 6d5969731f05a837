"""A paper as PDF, drawn by a process of its own, always the same bytes for the same paper."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.core.cache import cache
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.conf import settings as payments_settings
from wagtail_payments.core.snapshot import Document
from wagtail_payments.printing import fonts, html
from wagtail_payments.printing.paper import Paper
from wagtail_payments.printing.press import Drawn, Job, PdfFailed, Setup, press

__all__ = [
    "LONGEST_HTML",
    "PdfFailed",
    "Rendered",
    "is_too_long",
    "missing_characters",
    "preview_pdf",
    "render_issued",
    "render_pdf",
    "render_report",
]

logger = logging.getLogger(__name__)

LONGEST_HTML = 1024 * 1024  # bytes, the logo not counted: about 1,500 lines, drawn in 10 to 20 seconds
PREVIEW_SECONDS = 120  # a viewer fetches a preview twice; a template being written is seen soon
FEW_LINES = 9  # a document of more lines will hardly fit one page
NO_DATE = date(2000, 1, 1)  # a draft has none


@dataclass(frozen=True, slots=True)
class Rendered:
    """A PDF, and the characters that no font has: they are printed as □."""

    pdf: bytes
    substituted: tuple[str, ...]


def render_issued(paper: Paper) -> Rendered:
    """Draw a paper whatever is in it: characters no font has are substituted, the renderer's warnings logged.

    Raises ``PdfFailed`` only where drawing itself did not end.
    """
    source = _source(paper)
    lacking = fonts.missing(source, payments_settings.PDF_FONTS)
    drawn = _draw(paper, fonts.substituted(source, lacking))
    if drawn.warnings:
        logger.warning("Drawing %s: %s", paper.document.number or "a draft", "; ".join(drawn.warnings))
    return Rendered(drawn.pdf, tuple(lacking))


def render_pdf(paper: Paper, *, strict: bool = True) -> bytes:
    """Draw a paper; ``strict`` raises ``PdfFailed`` for any warning of the renderer, such as a missing character."""
    if not strict:
        return render_issued(paper).pdf
    drawn = _draw(paper, _source(paper))
    if drawn.warnings:
        raise PdfFailed(
            "warnings", _("This can't be printed faithfully. (%(why)s)") % {"why": "; ".join(drawn.warnings)}
        )
    return drawn.pdf


def preview_pdf(paper: Paper) -> bytes:
    """Draw a paper for a preview: like ``render_issued``, kept for a short while."""
    key = f"wagtail_payments.preview.{paper.key()}"
    kept: bytes | None = cache.get(key)
    if kept is None:
        kept = render_issued(paper).pdf
        cache.set(key, kept, PREVIEW_SECONDS)
    return kept


def missing_characters(document: Document) -> list[str]:
    """Return the characters of a document, its labels included, that no configured font can draw."""
    return fonts.missing(html.render_html(Paper(document)), payments_settings.PDF_FONTS)


def is_too_long(document: Document) -> bool:
    """Whether a document is longer than can be drawn in reasonable time; to be asked before it is issued."""
    return _is_too_long(html.render_html(Paper(document)), 0)


def _is_too_long(source: str, logo_bytes: int) -> bool:
    return len(source.encode()) > LONGEST_HTML + 2 * logo_bytes


def _source(paper: Paper) -> str:
    source = html.render_html(paper)
    if _is_too_long(source, len(paper.logo)):
        raise PdfFailed("too_long", _("This document is too long to be printed. Divide it in two."))
    return source


def render_report(source: str, on: date, *, many_pages: bool = True) -> bytes:
    """Draw the HTML of a report, dated ``on``: the same bytes for the same report. Raises ``PdfFailed``."""
    printable = fonts.substituted(source, fonts.missing(source, payments_settings.PDF_FONTS))
    return _pressed(Job(printable, _noon(on), many_pages)).pdf


def _draw(paper: Paper, source: str) -> Drawn:
    return _pressed(Job(source, _epoch(paper.document), many_pages=len(paper.document.lines) > FEW_LINES))


def _pressed(job: Job) -> Drawn:
    setup = Setup(
        fonts.faces(payments_settings.PDF_FONTS), payments_settings.PDF_TIMEOUT, payments_settings.PDF_RECYCLE_AFTER
    )
    ports.failpoint("pdf.draw")
    return press.draw(job, setup)


def _epoch(document: Document) -> int:
    """The date written inside the PDF: the day of issue, so that drawing again gives the same bytes."""
    return _noon(date.fromisoformat(document.issued_on) if document.issued_on else NO_DATE)


def _noon(on: date) -> int:
    return int(datetime(on.year, on.month, on.day, 12, tzinfo=UTC).timestamp())
