"""The previews beside a quote's form: the e-mail and the PDF as the customer would get them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from wagtail_payments import ports
from wagtail_payments.actions import quote_papers
from wagtail_payments.mail import quotes as letters
from wagtail_payments.portal.preview import drawn, pdf_response
from wagtail_payments.records.quotes import Quote


def serve(record: Quote, request: HttpRequest, mode: str) -> HttpResponse:
    """Draw a preview of a quote, saved or not; what is not right yet is said in words."""
    return drawn(record, request, {"email": _email, "pdf": _pdf}[mode or "pdf"])


def _email(record: Quote, request: HttpRequest) -> HttpResponse:
    subject, text = letters.default_quote_text(quote=record, language=record.language)
    return HttpResponse(letters.render_preview(quote=record, subject=subject, text=text).html)


def _pdf(record: Quote, request: HttpRequest) -> HttpResponse:
    return pdf_response(quote_papers.document_of(quote=record, now=ports.now()))
