"""The previews beside a quote's form: the e-mail and the PDF as the customer would get them."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from wagtail_payments import ports
from wagtail_payments.actions import papers, quote_papers
from wagtail_payments.core.plans import PlanProblem
from wagtail_payments.core.totals import CannotAddUp
from wagtail_payments.mail import quotes as letters
from wagtail_payments.portal import answers, documents
from wagtail_payments.printing.pdf import PdfFailed, preview_pdf
from wagtail_payments.records.quotes import Quote


def serve(record: Quote, request: HttpRequest, mode: str) -> HttpResponse:
    """Draw a preview of a quote, saved or not; what is not right yet is said in words."""
    draw = {"email": _email, "pdf": _pdf}[mode or "pdf"]
    with translation.override(record.language):
        try:
            response = draw(record, request) if record.lines.all() else documents.not_drawable(request)
        except (CannotAddUp, PlanProblem, ObjectDoesNotExist, PdfFailed) as problem:
            response = documents.not_drawable(request, problem)
    return answers.sealed(request, response)


def _email(record: Quote, request: HttpRequest) -> HttpResponse:
    subject, text = letters.default_quote_text(quote=record, language=record.language)
    return HttpResponse(letters.render_preview(quote=record, subject=subject, text=text).html)


def _pdf(record: Quote, request: HttpRequest) -> HttpResponse:
    drafted = quote_papers.document_of(quote=record, now=ports.now())
    response = HttpResponse(preview_pdf(papers.paper_of(document=drafted)), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="preview.pdf"'
    return response
