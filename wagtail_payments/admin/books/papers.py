"""PDFs of receipts and credit notes, for those who may read the book they belong to."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, re_path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from wagtail.admin import messages

from wagtail_payments import ports
from wagtail_payments.actions import renditions
from wagtail_payments.admin.books.guards import may_read
from wagtail_payments.core.snapshot import Kind
from wagtail_payments.printing import pdf
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.payments import Payment, Refund

BOOK_OF: dict[str, type[Model]] = {
    Kind.CREDIT_NOTE: CreditNote,
    Kind.RECEIPT: Payment,
    Kind.REFUND_RECEIPT: Refund,
}


@require_GET
@transaction.non_atomic_requests
def paper(request: HttpRequest, pk: str) -> HttpResponse:
    """Answer with the PDF; who may read no book learns nothing about what exists."""
    kinds = [kind for kind, model in BOOK_OF.items() if may_read(request.user, model)]
    if not kinds:
        raise PermissionDenied
    document = IssuedDocument.objects.filter(pk=pk, kind__in=kinds).first()
    if document is None:
        raise Http404
    try:
        content = renditions.pdf_of(document=document, now=ports.now())
    except pdf.PdfFailed:
        messages.error(request, _("The PDF can't be made just now. It is tried again by itself."))
        return redirect("wagtailadmin_home")
    return _answer(content, f"{document.number.replace('/', '-')}.pdf")


def _answer(content: bytes, name: str) -> HttpResponse:
    headers: dict[str, Any] = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": "no-store, private",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def paper_path() -> URLPattern:
    """Return the URL of the papers."""
    return re_path(r"^payments/papers/(?P<pk>\d{1,18})/$", paper, name="wagtail_payments_paper")
