"""The previews beside an invoice's form: the page, the e-mail and the PDF as the customer would get them.

Nothing is counted, numbered or kept by looking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from wagtail_payments import ports
from wagtail_payments.actions import papers
from wagtail_payments.core.plans import PlanProblem
from wagtail_payments.core.snapshot import Document
from wagtail_payments.core.totals import CannotAddUp
from wagtail_payments.mail import letters
from wagtail_payments.portal import answers, documents
from wagtail_payments.printing.pdf import PdfFailed, preview_pdf
from wagtail_payments.records.invoices import Invoice


def serve(record: Invoice, request: HttpRequest, mode: str) -> HttpResponse:
    """Draw a preview of an invoice, saved or not; what is not right yet is said in words."""
    return drawn(record, request, {"page": _page, "email": _email, "pdf": _pdf}[mode or "page"])


def drawn(record: Any, request: HttpRequest, draw: Callable[[Any, HttpRequest], HttpResponse]) -> HttpResponse:
    """Answer with what ``draw`` makes of a draft of an invoice or a quote, or say what is not right yet."""
    with translation.override(record.language):
        try:
            response = draw(record, request) if record.lines.all() else documents.not_drawable(request)
        except (CannotAddUp, PlanProblem, ObjectDoesNotExist, PdfFailed) as problem:
            response = documents.not_drawable(request, problem)
    return answers.sealed(request, response)


def _page(record: Invoice, request: HttpRequest) -> HttpResponse:
    return documents.show_unissued(request, record)


def _email(record: Invoice, request: HttpRequest) -> HttpResponse:
    subject, text = letters.default_invoice_text(invoice=record, language=record.language)
    return HttpResponse(letters.render_preview(invoice=record, subject=subject, text=text).html)


def _pdf(record: Invoice, request: HttpRequest) -> HttpResponse:
    return pdf_response(papers.document_of(invoice=record, now=ports.now()))


def pdf_response(drafted: Document) -> HttpResponse:
    """Answer with the PDF of a draft, to be looked at."""
    response = HttpResponse(preview_pdf(papers.paper_of(document=drafted)), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="preview.pdf"'
    return response
