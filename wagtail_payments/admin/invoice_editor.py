"""What the editor of draft invoices has of its own: drafts of registrations, and what deposits are deducted from."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.admin.drafts import DraftCreateView, DraftDeleteView, DraftEditView
from wagtail_payments.admin.permissions import has_deposits
from wagtail_payments.admin.places import invoice_url
from wagtail_payments.admin.registered_drafts import led_away


class InvoiceCreateView(DraftCreateView):
    """A new draft."""

    issuing = "issue_invoice"
    nobody_yet = gettext_lazy("First say who you are: invoices are made out in your name.")


class InvoiceEditView(DraftEditView):
    """A draft; that of a registration is only looked at."""

    issuing = "issue_invoice"

    def led_away(self, draft: Any) -> HttpResponseBase | None:
        """Lead to the registration that a draft belongs to."""
        return led_away(self.request, draft)


class InvoiceDeleteView(DraftDeleteView):
    """Delete a draft, unless something stands on it."""

    def led_away(self, draft: Any) -> HttpResponseBase | None:
        """Lead to the deposits that were asked for on it, or to the registration that it belongs to."""
        if has_deposits(draft):
            messages.error(self.request, _("This draft has deposits: it is what they are deducted from, so it stays."))
            return redirect(invoice_url("deposits", draft.pk))
        return led_away(self.request, draft)
