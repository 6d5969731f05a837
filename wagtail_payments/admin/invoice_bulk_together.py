"""Asking a customer for several invoices at once: by a letter, or by a link to pass on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments import ports
from wagtail_payments.actions import payment_requests
from wagtail_payments.actions.payment_requests import RequestRefused
from wagtail_payments.admin.invoice_bulk import InvoiceBulkAction
from wagtail_payments.admin.places import together_url
from wagtail_payments.mail.payment_requests import preview
from wagtail_payments.mail.reminders import with_links
from wagtail_payments.records.invoices import Invoice


class AskTogether(InvoiceBulkAction):
    """Ask the customer of chosen invoices for all of them, with one link to pay them by one payment."""

    display_name = heading = _("Ask for payment together")
    action_type = "ask_together"
    aria_label = _("Ask the customer for the chosen invoices together")
    template_name = "wagtail_payments/admin/invoices/bulk_together.html"
    action_priority = 16
    permission = "issue_invoice"

    def get_actionable_objects(self) -> tuple[list[Invoice], dict[str, list[Invoice]]]:
        """Return all of them, or none: what stands in the way of one stands in the way of the payment."""
        if not self.check_perm(Invoice()):
            return [], {"items_with_no_access": []}
        return payment_requests.chosen(self.chosen().values_list("pk", flat=True)), {"items_with_no_access": []}

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add why it can't be done, or the letter as it would be sent."""
        context = super().get_context_data(**options)
        chosen, now = [row["item"] for row in context["items"]], ports.now()
        why_not = payment_requests.why_not(chosen, now)
        letter = None if why_not else preview(about=with_links(chosen), now=now)
        return context | {
            "why_not": why_not,
            "preview": letter.html if letter else "",
            "reader": chosen[0].customer if chosen else None,
            "form_key": ports.new_id(),
        }

    def prepare_action(self, objects: Sequence[Invoice], objects_without_access: Any) -> HttpResponseBase | None:
        """Write the letter, or make the link and show it; say why where neither can be."""
        now, keys = ports.now(), [invoice.pk for invoice in objects]
        try:
            if "link" in self.request.POST:
                link = payment_requests.make(invoice_ids=keys, by=self.request.user, now=now)
                return redirect(together_url("together", min(keys), link.payment_request_id))
            typed = "".join(filter(str.isalnum, self.request.POST.get("form_key", "")[:40]))
            letter = payment_requests.ask(
                invoice_ids=keys, by=self.request.user, now=now, form_key=typed or ports.new_id()
            )
        except RequestRefused as error:
            messages.error(self.request, str(error))
        else:
            messages.success(self.request, gettext("It is on its way to %(to)s.") % {"to": ", ".join(letter.to)})
        return redirect(self.next_url)

    @classmethod
    def execute_action(cls, objects: Sequence[Invoice], **options: Any) -> tuple[int, int]:
        """Nothing is left to do: it was done, or refused, before."""
        return 0, 0
