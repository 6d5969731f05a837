"""Planning a payment: the customer names a day, changes it, or takes it back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wagtail_payments import ports
from wagtail_payments.actions import promises
from wagtail_payments.portal import access, answers, documents, limits, places, visitors
from wagtail_payments.portal.plan_form import PlanForm
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link


@require_POST
@answers.private
def plan(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep the day, or show the page again with what was typed and what is wrong with it."""
    now = ports.now()
    link = access.link_to(request, public_id, now)
    invoice = _invoice_of(link)
    bounds = promises.bounds(invoice=invoice, today=invoice.seller.today(now), by_customer=True)
    if bounds is None or not visitors.may_speak(request):
        return places.told(request, link, "plan_off")
    with translation.override(access.paper_of(link).language):
        form = PlanForm(request.POST, invoice=invoice, bounds=bounds)
        if not form.is_valid():
            return _again(request, link, form, 422)
        if not limits.allows(request, "promise", link, now):
            form.add_error(None, _("You have changed the day several times in a short time. Wait an hour, please."))
            return _again(request, link, form, 429)
    try:
        promises.make(invoice_id=invoice.pk, planned_on=form.cleaned_data["day"], now=now, **_who(request))
    except promises.PromiseRefused:  # paid, or the day has changed, since the page was drawn
        return places.told(request, link, "plan_off")
    return places.told(request, link, "planned")


@require_POST
@answers.private
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the planned day back."""
    now = ports.now()
    link = access.link_to(request, public_id, now)
    if not visitors.may_speak(request):
        return places.told(request, link, "plan_off")
    promises.withdraw(invoice_id=_invoice_of(link).pk, now=now, **_who(request))
    return places.told(request, link, "unplanned")


def _who(request: HttpRequest) -> dict[str, Any]:
    """Staff who try it act in their own name; everyone else is the customer."""
    by_staff = visitors.is_staff(request)
    return {"by": request.user if by_staff else None, "by_customer": not by_staff}


def _invoice_of(link: Link) -> Invoice:
    rows = Invoice.objects.with_balance().select_related("seller", "customer")
    invoice: Invoice | None = rows.filter(document=link.document_id).first()
    if invoice is None:
        raise Http404
    return invoice


def _again(request: HttpRequest, link: Link, form: PlanForm, status: int) -> HttpResponse:
    return documents.show(request, link, page=places.page_for(request, link), plan=form, status=status)
