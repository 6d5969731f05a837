"""What can be done with several invoices at once: send them, take them away as a spreadsheet.

The ids of a request are never trusted: they are looked up among what the user may see, and the database is
asked again which of them the action fits. "All" is not offered: it would ignore the list's filter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from wagtail_payments import ports
from wagtail_payments.actions import invoices
from wagtail_payments.admin.invoice_list import HEADINGS, spreadsheet_row
from wagtail_payments.admin.permissions import POLICIES, SEEING, allowed
from wagtail_payments.admin.places import invoice_list_url
from wagtail_payments.admin.registered_drafts import WAITING
from wagtail_payments.admin.spreadsheets import SafeSpreadsheetMixin
from wagtail_payments.mail import letters
from wagtail_payments.records.invoices import Invoice

MOST = 200


class InvoiceBulkAction(BulkAction):
    """An action on chosen invoices, for those with its permission."""

    models = [Invoice]
    permission = ""
    heading: Any = ""  # of the page that says what will be done

    def chosen(self) -> QuerySet[Invoice]:
        """Return the chosen invoices that the user may see, with all that a row needs."""
        keys = [int(key) for key in self.request.GET.getlist("id") if key.isdecimal()][:MOST]
        seen = POLICIES[Invoice].instances_user_has_any_permission_for(self.request.user, SEEING)
        seen = seen.exclude(WAITING)
        rows = seen.filter(pk__in=keys).with_balance()
        return rows.select_related("customer", "document", "seller", "site").order_by("pk")

    def get_actionable_objects(self) -> tuple[list[Invoice], dict[str, list[Invoice]]]:
        """Return those the action fits, and those it does not."""
        fitting: list[Invoice] = []
        others: list[Invoice] = []
        for invoice in self.chosen():
            (fitting if self.check_perm(invoice) else others).append(invoice)
        return fitting, {"items_with_no_access": others}

    def check_perm(self, obj: Invoice) -> bool:
        """May this user do it with this invoice?"""
        return allowed(self.request.user, self.permission)

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add where the list is."""
        context: dict[str, Any] = super().get_context_data(**options)
        return context | {"list_url": invoice_list_url(), "header_icon": "doc-full"}


class SendInvoices(InvoiceBulkAction):
    """Send issued invoices to their customers in the usual words."""

    display_name = _("Send")
    heading = _("Send invoices")
    action_type = "send"
    aria_label = _("Send the chosen invoices to their customers")
    template_name = "wagtail_payments/admin/invoices/bulk_send.html"
    action_priority = 10
    permission = "issue_invoice"

    def check_perm(self, obj: Invoice) -> bool:
        """Only what is issued, to someone with an address."""
        return super().check_perm(obj) and not obj.is_draft and bool(obj.customer.email)

    def get_execution_context(self) -> dict[str, Any]:
        """Say who sends."""
        return {"by": self.request.user}

    @classmethod
    def execute_action(cls, objects: Sequence[Invoice], by: Any = None, **options: Any) -> tuple[int, int]:
        """Write the letters; they leave after the commit."""
        now = ports.now()
        for invoice in objects:
            subject, text = letters.default_invoice_text(invoice=invoice, language=invoice.language)
            people = {"to": [invoice.customer.email], "cc": invoice.customer.cc}
            invoices.send(invoice=invoice, by=by, now=now, subject=subject, text=text, **people)
        return len(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        """Say how many are on their way."""
        return ngettext(
            "%(count)d invoice is on its way.", "%(count)d invoices are on their way.", num_parent_objects
        ) % {"count": num_parent_objects}


class _Sheet(SafeSpreadsheetMixin, SpreadsheetExportMixin):
    """The spreadsheet of the list, of some rows only."""

    list_export = tuple(HEADINGS)
    export_filename = "invoices"

    def to_row_dict(self, item: Invoice) -> dict[str, Any]:
        return spreadsheet_row(item)

    def get_heading(self, queryset: Any, field: str) -> str:
        return str(HEADINGS[field])


class ExportInvoices(InvoiceBulkAction):
    """The chosen invoices as a spreadsheet."""

    display_name = _("Download")
    heading = _("Download invoices")
    action_type = "export"
    aria_label = _("Download the chosen invoices as a spreadsheet")
    template_name = "wagtail_payments/admin/invoices/bulk_export.html"
    action_priority = 20
    permission = "export_invoice"

    def prepare_action(self, objects: Sequence[Invoice], objects_without_access: Any) -> HttpResponseBase | None:
        """Answer with the file."""
        if not objects:
            return None
        wanted = "csv" if self.request.POST.get("format") == "csv" else "xlsx"
        sheet: HttpResponseBase = _Sheet().as_spreadsheet(objects, wanted)
        return sheet

    @classmethod
    def execute_action(cls, objects: Sequence[Invoice], **options: Any) -> tuple[int, int]:
        """Nothing was chosen that may be taken away."""
        return 0, 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        """Say that there was nothing."""
        return gettext("Nothing to download was chosen.")
