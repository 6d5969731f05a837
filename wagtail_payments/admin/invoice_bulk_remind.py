"""Reminding of several invoices at once: which letters that makes, one to look at, and which invoices are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments import ports
from wagtail_payments.actions import reminder_letters, reminders_by_hand
from wagtail_payments.actions.reminders_by_hand import Plan, Wish
from wagtail_payments.admin.invoice_bulk import InvoiceBulkAction
from wagtail_payments.admin.invoice_reminders import MAY_REMIND, reason_in_words
from wagtail_payments.records.invoices import Invoice


class RemindInvoices(InvoiceBulkAction):
    """Remind the customers of chosen invoices, each in the words that fit how late it is."""

    display_name = _("Remind")
    heading = _("Send reminders")
    action_type = "remind"
    aria_label = _("Remind the customers of the chosen invoices")
    template_name = "wagtail_payments/admin/invoices/bulk_remind.html"
    action_priority = 15
    permission = MAY_REMIND
    made: Plan

    def get_actionable_objects(self) -> tuple[list[Invoice], dict[str, Any]]:
        """Return those that nothing stands in the way of, and the others with the reason."""
        seen = list(self.chosen()) if self.check_perm(Invoice()) else []
        keys = [invoice.pk for invoice in seen]
        self.made = reminders_by_hand.plan(invoices=reminder_letters.fresh(keys), now=ports.now())
        fitting = [invoice for group in self.made.groups for invoice in group]
        return fitting, {"items_with_no_access": [invoice for invoice, _reason in self.made.refused]}

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add the number of letters, the first of them, and why the others are left out."""
        context = super().get_context_data(**options)
        first = self.made.groups[0] if self.made.groups else None
        letter = reminders_by_hand.preview(group=first, now=ports.now()) if first else None
        return context | {
            "letters": len(self.made.groups),
            "refused": [(invoice, reason_in_words(reason)) for invoice, reason in self.made.refused],
            "preview": letter.html if letter else "",
            "reader": first[0].customer if first else None,
            "form_key": ports.new_id(),
        }

    def get_execution_context(self) -> dict[str, Any]:
        """Say who reminds, and by which form."""
        return {"by": self.request.user, "form_key": self.request.POST.get("form_key", "")[:40]}

    @classmethod
    def execute_action(
        cls, objects: Sequence[Invoice], by: Any = None, form_key: str = "", **options: Any
    ) -> tuple[int, int]:
        """Write the letters; they leave after the commit, and are asked about again then."""
        if not objects:
            return 0, 0
        wish = Wish(by, "".join(filter(str.isalnum, form_key)) or ports.new_id())
        made = reminders_by_hand.remind(invoice_ids=[one.pk for one in objects], wish=wish, now=ports.now())
        return len(made.groups), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        """Say how many letters are on their way."""
        if not num_parent_objects:
            return gettext("No reminder was sent.")
        text = ngettext(
            "%(count)d reminder is on its way.", "%(count)d reminders are on their way.", num_parent_objects
        )
        return text % {"count": num_parent_objects}
