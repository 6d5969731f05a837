"""What every verb about one invoice shares: the invoice, and the way to it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from wagtail_payments.admin.places import INVOICES, desk_url
from wagtail_payments.admin.record_verbs import Asking, RecordVerb
from wagtail_payments.admin.registered_drafts import led_away
from wagtail_payments.records.invoices import Invoice


class InvoiceVerb(RecordVerb):
    """A page or a verb about one invoice. A draft of a registration is only looked at: its own events move it."""

    model = Invoice
    header_icon = "doc-full"
    shows_registered = False

    def led_away(self, request: HttpRequest) -> HttpResponseBase | None:
        """Lead to the registration that a draft belongs to, from whatever would change it."""
        return None if self.shows_registered else led_away(request, self.invoice)

    @property
    def invoice(self) -> Any:
        """The invoice."""
        return self.record

    def records(self) -> Any:
        """Return the invoices to look in, with their money."""
        return Invoice.objects.with_balance().select_related("customer", "document", "seller", "site")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, the list, the invoice, this page."""
        home = super().get_breadcrumbs_items()
        return [
            *home,
            {"url": reverse_lazy(f"{INVOICES}:list"), "label": _("Invoices")},
            {"url": desk_url(self.invoice.pk), "label": str(self.invoice)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add the invoice."""
        return super().get_context_data(**options) | {"invoice": self.invoice, "currency": self.invoice.currency}

    @property
    def desk_url(self) -> str:
        """Where the invoice is."""
        return desk_url(self.invoice.pk)


class ConfirmedVerb(Asking, InvoiceVerb):
    """A verb that asks first, in one sentence that says what will happen."""

    template_name = "wagtail_payments/admin/invoices/confirm.html"
