"""Credit that a customer has: shown on the page of an open invoice, and used for it by one click."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wagtail_payments import ports
from wagtail_payments.actions import applying, checkout
from wagtail_payments.portal import access, answers, limits, places, visitors
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records import customer_credit
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link


@dataclass(frozen=True, slots=True)
class Credit:
    """The sentence, the button, and where it posts to."""

    sentence: str
    label: str
    url: str


def asked_with(document: IssuedDocument, invoices: Any) -> Any:
    """Ask for the customer's credit within the same question, where the seller wants it shown."""
    return customer_credit.with_credit(invoices) if document.seller.shows_credit else invoices


def of(invoice: Any, link: Link, writer: Writer) -> Credit | None:
    """Return what the customer could use for an invoice that was ``asked_with`` it, in the active language."""
    balance = invoice.balance()
    if balance.due <= 0 or balance.processing > 0 or not access.paper_of(link).seller.shows_credit:
        return None
    whole = customer_credit.total_of(invoice)
    if whole <= 0:
        return None
    used = writer.money(min(whole, balance.due))
    return Credit(
        sentence=_("You have %(amount)s of credit with us.") % {"amount": writer.money(whole)},
        label=_("Use %(amount)s for this invoice") % {"amount": used},
        url=reverse("wagtail_payments:use_credit", args=[link.public_id]),
    )


@require_POST
@answers.private
def use(request: HttpRequest, public_id: str) -> HttpResponse:
    """Use the customer's credit for this invoice; pressing twice uses it once, and no money moves."""
    now = ports.now()
    link = access.link_to(request, public_id, now)
    invoice = Invoice.objects.select_related("seller").filter(document=link.document_id).first()
    if invoice is None or not invoice.seller.shows_credit:
        raise Http404
    if not visitors.may_speak(request):
        return places.told(request, link, "no_permission")
    if not limits.allows(request, "credit", link, now):
        return places.told(request, link, "wait")
    by = request.user if visitors.is_staff(request) else None
    try:
        used = applying.use_all(invoice=invoice, by=by, now=now)
    except applying.ApplyRefused:
        return places.told(request, link, "under_way")
    if not used:
        return places.told(request, link, "no_credit")
    checkout.withdraw_outdated(invoice=invoice, now=now)
    return places.told(request, link, "credit_used")
