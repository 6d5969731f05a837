"""The files of a document: its PDF, the receipts and credit notes that belong to it, its attachments."""

from __future__ import annotations

import mimetypes
from pathlib import PurePath

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from wagtail_payments import ports
from wagtail_payments.actions import renditions
from wagtail_payments.conf import settings
from wagtail_payments.core.snapshot import Kind
from wagtail_payments.portal import access, answers, history
from wagtail_payments.printing.pdf import PdfFailed
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.drafts import DraftAttachment
from wagtail_payments.records.invoices import Invoice, InvoiceAttachment
from wagtail_payments.records.links import Link
from wagtail_payments.records.quotes import QuoteAttachment
from wagtail_payments.records.revisions import RevisionAttachment


@require_safe
@answers.private
def pdf(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the PDF as it was drawn, of the newest revision; ``?download`` keeps it instead of opening it."""
    link = access.link_to(request, public_id, ports.now())
    return pdf_of(request, access.paper_of(link))


@require_safe
@answers.private
def paper(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Answer the PDF of a receipt or credit note of the invoice that this visitor may see."""
    link = access.link_to(request, public_id, ports.now())
    found = history.papers(_invoice_of(link)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return pdf_of(request, found)


@require_safe
@answers.private
def attachment(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Answer a file that the seller attached; never opened in the browser, whatever is in it."""
    link = access.link_to(request, public_id, ports.now())
    if access.paper_of(link).kind == Kind.QUOTE:
        return _sent(QuoteAttachment.objects.filter(quote__document=link.document_id, pk=pk).first())
    return _sent(InvoiceAttachment.objects.filter(invoice__document=link.document_id, pk=pk).first())


@require_safe
@answers.private
def added(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Answer a file that the seller added by a revision; never opened in the browser, whatever is in it."""
    link = access.link_to(request, public_id, ports.now())
    return _sent(RevisionAttachment.objects.filter(revision__document=link.document_id, pk=pk).first())


def _sent(kept: DraftAttachment | RevisionAttachment | None) -> HttpResponse:
    if kept is None or not kept.file.storage.exists(kept.file.name or ""):
        raise Http404
    with kept.file.open("rb") as file:
        response = HttpResponse(file.read(), content_type=_type_of(kept.file.name or ""))
    response["Content-Disposition"] = _disposition(True, _name_of(kept))
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _invoice_of(link: Link) -> Invoice:
    invoice: Invoice | None = Invoice.objects.filter(document=link.document_id).first()
    if invoice is None:
        raise Http404
    return invoice


def pdf_of(request: HttpRequest, document: IssuedDocument) -> HttpResponse:
    """Answer the PDF of a document, or the page that says it is still being made."""
    try:
        content = renditions.pdf_of(document=document, now=ports.now())
    except PdfFailed:
        return _not_yet(request, document)
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{renditions.name_of(document)}.pdf"
    response["Content-Disposition"] = _disposition("download" in request.GET, name)
    return response


def _not_yet(request: HttpRequest, document: IssuedDocument) -> HttpResponse:
    """The clockwork tries again by itself; the editors have been told."""
    with translation.override(document.language):
        context = {"base_template": settings.BASE_TEMPLATE, "number": document.number}
        template = "wagtail_payments/portal/pdf_not_yet.html"
        response = TemplateResponse(request, template, context, status=503).render()
    response["Retry-After"] = "60"
    return response


def _disposition(as_attachment: bool, name: str) -> str:
    return content_disposition_header(as_attachment, name) or "inline"


def _name_of(kept: DraftAttachment | RevisionAttachment) -> str:
    """The name an editor gave, with the ending that the file has."""
    ending = PurePath(kept.file.name or "").suffix
    name = str(kept)
    return name if name.lower().endswith(ending.lower()) else name + ending


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
