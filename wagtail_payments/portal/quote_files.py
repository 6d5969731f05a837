"""What a customer keeps of a signature: the signed copy, and the whole evidence as one file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from wagtail_payments import ports
from wagtail_payments.actions import evidence_packs, signed_papers
from wagtail_payments.portal import access, answers
from wagtail_payments.portal.quotes import quote_of
from wagtail_payments.records.agreements import Agreement
from wagtail_payments.records.quotes import Quote


@require_safe
@answers.private
def signed(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the signed copy as it was kept."""
    quote = quote_of(access.link_to(request, public_id, ports.now()))
    copy = signed_papers.copy_of(_agreement(quote))
    if copy is None or not copy.file.storage.exists(copy.file.name or ""):
        raise Http404
    with copy.file.open("rb") as file:
        return _answer(file.read(), "application/pdf", f"{_name(quote)}-signed.pdf", "download" in request.GET)


@require_safe
@answers.private
def evidence(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the evidence of one's own quote as one file."""
    quote = quote_of(access.link_to(request, public_id, ports.now()))
    _agreement(quote)
    packed = evidence_packs.evidence_pack(quote, for_customer=True)
    return _answer(packed, "application/zip", f"{_name(quote)}-evidence.zip", True)


def _agreement(quote: Quote) -> Agreement:
    found: Agreement | None = Agreement.objects.select_related("quote__document").filter(quote=quote).first()
    if found is None:
        raise Http404
    return found


def _name(quote: Quote) -> str:
    return quote.number.replace("/", "-")


def _answer(content: bytes, kind: str, name: str, as_attachment: bool) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(as_attachment, name) or "inline"
    return response
