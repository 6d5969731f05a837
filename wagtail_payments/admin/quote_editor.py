"""Making, changing and deleting drafts of quotes. A number is never taken here: that is a view of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.snippets.views.snippets import CreateView, DeleteView, EditView, PreviewOnCreateView

from wagtail_payments.admin.invoice_editor import REVIEW, SELLER_FORM, InvoiceHistoryView, TotalsView
from wagtail_payments.admin.number_fields import shown_number
from wagtail_payments.admin.permissions import POLICIES, allowed, may_see
from wagtail_payments.admin.places import QUOTES, quote_desk_url, quote_url
from wagtail_payments.admin.selling_sites import fresh_quote
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.events import Event
from wagtail_payments.records.guards import IssuedIsFrozen, lock
from wagtail_payments.records.quotes import Quote


class _Saving:
    """Where one goes after a save: on to the review, or back to the form."""

    def get_success_url(self) -> str:
        """Return the next page."""
        name = "review" if REVIEW in self.request.POST else "edit"  # type: ignore[attr-defined]
        return quote_url(name, self.object.pk)  # type: ignore[attr-defined]

    def get_success_buttons(self) -> list[Any]:
        """No button: one is there already."""
        return []

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add where totals are asked for, and where a catalogue item is read."""
        context: dict[str, Any] = super().get_context_data(**options)  # type: ignore[misc]
        quote = self.form.instance  # type: ignore[attr-defined]
        return context | {
            "totals_url": quote_url("totals", quote.pk) if quote.pk else reverse(f"{QUOTES}:new_totals"),
            "item_url": reverse(f"{QUOTES}:item", args=(0,)),
            "customer_url": reverse(f"{QUOTES}:customer", args=(0,)),
            "usual_rate": shown_number(quote.seller.vat_rate),
            "may_issue": allowed(self.request.user, "send_quote"),  # type: ignore[attr-defined]
        }


class QuoteCreateView(_Saving, CreateView):
    """A new draft, with the seller's usual terms."""

    success_message = gettext_lazy("The draft has been saved.")
    error_message = gettext_lazy("The draft could not be saved. Look at the fields in red.")

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Without a seller there is nothing to offer in the name of: go and fill it in."""
        if self.user_has_permission("add") and fresh_quote(request).seller_id is None:
            messages.warning(request, _("First say who you are: quotes are made out in your name."))
            return redirect(SELLER_FORM)
        return super().dispatch(request, *args, **options)

    def get_initial_form_instance(self) -> Quote:
        """Return a fresh draft, for the customer or the event whose page one comes from."""
        draft = fresh_quote(self.request)
        customer = self._chosen(Customer, "customer")
        if customer is not None:
            draft.customer, draft.language = customer, customer.language
        draft.event = self._chosen(Event, "event")
        return draft

    def _chosen(self, model: Any, name: str) -> Any:
        key = self.request.GET.get(name, "")
        if not (key.isdecimal() and len(key) < 19 and may_see(self.request.user, model)):
            return None
        return model._default_manager.filter(pk=key).first()


class QuoteEditView(_Saving, EditView):
    """A draft. A quote that was sent goes to its desk, with the reason why it can't be edited."""

    success_message = gettext_lazy("The draft has been saved.")
    error_message = gettext_lazy("The draft could not be saved. Look at the fields in red.")

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer for drafts only."""
        if may_see(request.user, Quote):
            quote = get_object_or_404(Quote.objects.only("document"), pk=self.object_pk)
            if not quote.is_draft:
                return _refused(request, quote.pk)
        return super().dispatch(request, *args, **options)

    def save_instance(self) -> Quote:
        """Save unless it was sent meanwhile: the row is locked first."""
        (standing,) = lock(Quote, self.object.pk)
        if not standing.is_draft:
            raise Quote.frozen_error()
        return super().save_instance()

    def form_valid(self, form: forms.Form) -> HttpResponseBase:
        """Save; what was sent in another window is left as it is."""
        try:
            return super().form_valid(form)
        except IssuedIsFrozen:
            return _refused(self.request, self.object.pk)

    def get_history_url(self) -> str | None:
        """The history has a permission of its own."""
        return super().get_history_url() if self.user_has_permission("history") else None


def _refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    messages.info(request, str(Quote.frozen_error()))
    return redirect(quote_desk_url(pk))


class QuoteDeleteView(DeleteView):
    """Delete a draft; a quote that was sent stays."""

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer for drafts only."""
        if self.user_has_permission("delete") and not self.object.is_draft:
            return _refused(request, self.object.pk)
        return super().dispatch(request, *args, **options)


class QuoteHistoryView(InvoiceHistoryView):
    """What was done to a quote; a permission of its own."""


class QuotePreviewOnCreateView(PreviewOnCreateView):
    """The preview of a draft that was never saved."""

    def get_object(self) -> Quote:
        """Return a fresh draft to show what was typed on."""
        draft = fresh_quote(self.request)
        if draft.seller_id is None:
            raise Http404
        return draft


class QuoteTotalsView(TotalsView):
    """The totals of what is typed so far. Saves nothing."""

    def _draft(self, request: HttpRequest, pk: int | None) -> Any:
        if not POLICIES[Quote].user_has_permission(request.user, "add" if pk is None else "change"):
            raise PermissionDenied
        draft = fresh_quote(request) if pk is None else get_object_or_404(Quote, pk=pk, document=None)
        if draft.seller_id is None:
            raise Http404
        return draft
