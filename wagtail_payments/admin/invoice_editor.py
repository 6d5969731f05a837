"""Making, changing and deleting drafts. A number is never taken here: that is a view of its own, after the save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.snippets.views.snippets import (
    CreateView,
    DeleteView,
    EditView,
    HistoryView,
    PreviewOnCreateView,
    PreviewOnEditView,
    UsageView,
)

from wagtail_payments.admin.number_fields import shown_number
from wagtail_payments.admin.permissions import POLICIES, allowed, has_deposits, may_see
from wagtail_payments.admin.places import INVOICES, desk_url, invoice_url
from wagtail_payments.admin.registered_drafts import led_away
from wagtail_payments.admin.selling_sites import fresh_draft
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.guards import IssuedIsFrozen, lock
from wagtail_payments.records.invoices import Invoice

SELLER_FORM = "wagtail_payments_seller:open"
REVIEW = "action-review"


class _Saving:
    """Where one goes after a save: on to the review, or back to the form."""

    def get_success_url(self) -> str:
        """Return the next page."""
        name = "review" if REVIEW in self.request.POST else "edit"  # type: ignore[attr-defined]
        return invoice_url(name, self.object.pk)  # type: ignore[attr-defined]

    def get_success_buttons(self) -> list[Any]:
        """No button: one is there already."""
        return []

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add where totals are asked for, and where a catalogue item is read."""
        context: dict[str, Any] = super().get_context_data(**options)  # type: ignore[misc]
        invoice = self.form.instance  # type: ignore[attr-defined]
        totals = invoice_url("totals", invoice.pk) if invoice.pk else reverse(f"{INVOICES}:new_totals")
        return context | {
            "totals_url": totals,
            "item_url": reverse(f"{INVOICES}:item", args=(0,)),
            "customer_url": reverse(f"{INVOICES}:customer", args=(0,)),
            "usual_rate": shown_number(invoice.seller.vat_rate),
            "may_issue": allowed(self.request.user, "issue_invoice"),  # type: ignore[attr-defined]
        }


class InvoiceCreateView(_Saving, CreateView):
    """A new draft, with the seller's usual terms."""

    success_message = gettext_lazy("The draft has been saved.")
    error_message = gettext_lazy("The draft could not be saved. Look at the fields in red.")

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Without a seller there is nothing to invoice in the name of: go and fill it in."""
        if self.user_has_permission("add") and fresh_draft(request).seller_id is None:
            messages.warning(request, _("First say who you are: invoices are made out in your name."))
            return redirect(SELLER_FORM)
        return super().dispatch(request, *args, **options)

    def get_initial_form_instance(self) -> Invoice:
        """Return a fresh draft, for the customer whose page one comes from."""
        draft = fresh_draft(self.request)
        chosen = self.request.GET.get("customer", "")
        customer = Customer.objects.filter(pk=chosen).first() if chosen.isdecimal() else None
        if customer is not None and may_see(self.request.user, Customer):
            draft.customer, draft.language = customer, customer.language
        return draft


class InvoiceEditView(_Saving, EditView):
    """A draft. An issued invoice goes to its desk, with the reason why it can't be edited."""

    success_message = gettext_lazy("The draft has been saved.")
    error_message = gettext_lazy("The draft could not be saved. Look at the fields in red.")

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer for drafts only."""
        if may_see(request.user, Invoice):
            invoice = get_object_or_404(Invoice.objects.only("document"), pk=self.object_pk)
            if not invoice.is_draft:
                return _refused(request, invoice.pk)
            elsewhere = led_away(request, invoice)
            if elsewhere is not None:
                return elsewhere
        return super().dispatch(request, *args, **options)

    def save_instance(self) -> Invoice:
        """Save unless it was issued meanwhile: the row is locked first."""
        (standing,) = lock(Invoice, self.object.pk)
        if not standing.is_draft:
            raise Invoice.frozen_error()
        return super().save_instance()

    def form_valid(self, form: forms.Form) -> HttpResponseBase:
        """Save; what was issued in another window is left as it is."""
        try:
            return super().form_valid(form)
        except IssuedIsFrozen:
            return _refused(self.request, self.object.pk)

    def get_history_url(self) -> str | None:
        """The history has a permission of its own."""
        return super().get_history_url() if self.user_has_permission("history") else None


def _refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    messages.info(request, str(Invoice.frozen_error()))
    return redirect(desk_url(pk))


class InvoiceDeleteView(DeleteView):
    """Delete a draft; an issued invoice stays for ever."""

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer for drafts only."""
        if self.user_has_permission("delete") and not self.object.is_draft:
            return _refused(request, self.object.pk)
        if self.user_has_permission("delete") and has_deposits(self.object):
            messages.error(request, _("This draft has deposits: it is what they are deducted from, so it stays."))
            return redirect(invoice_url("deposits", self.object.pk))
        elsewhere = led_away(request, self.object) if self.user_has_permission("delete") else None
        return elsewhere or super().dispatch(request, *args, **options)


class InvoiceHistoryView(HistoryView):
    """What was done to an invoice; a permission of its own."""

    any_permission_required = None
    permission_required = "history"

    @property
    def header_buttons(self) -> list[Any]:
        """No button: the breadcrumb leads back."""
        return []


class InvoiceUsageView(UsageView):
    """Where an invoice is used."""


class InvoicePreviewOnCreateView(PreviewOnCreateView):
    """The preview of a draft that was never saved."""

    def get_object(self) -> Invoice:
        """Return a fresh draft to show what was typed on."""
        draft = fresh_draft(self.request)
        if draft.seller_id is None:
            raise Http404
        return draft


class InvoicePreviewOnEditView(PreviewOnEditView):
    """The preview of a draft with what was typed since the last save."""


class TotalsView(View):
    """The totals of what is typed so far, as a piece of HTML. Saves nothing."""

    http_method_names = ["post"]
    form_class: Any = None

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Add up the lines that can be read."""
        draft = self._draft(request, pk)
        form = self.form_class(request.POST, instance=draft, for_user=request.user)
        context = {"totals": form.totals_as_typed(), "currency": draft.currency}
        return render(request, "wagtail_payments/admin/invoices/totals.html", context)

    def _draft(self, request: HttpRequest, pk: int | None) -> Invoice:
        policy = POLICIES[Invoice]
        if not policy.user_has_permission(request.user, "add" if pk is None else "change"):
            raise PermissionDenied
        draft = fresh_draft(request) if pk is None else get_object_or_404(Invoice, pk=pk, document=None)
        if draft.seller_id is None:
            raise Http404
        return draft
