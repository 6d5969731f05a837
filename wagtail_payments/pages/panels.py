"""What a page's form shows of the record behind the page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.panels import Panel

from wagtail_payments import ports
from wagtail_payments.core import money
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.portal import access, visitors
from wagtail_payments.records.invoices import Invoice, statuses


class InvoiceRecordPanel(Panel):
    """Number, status and due of the invoice that the page is for, with the way to its editor; nothing to edit here."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("heading", _("The invoice"))
        super().__init__(**options)

    class BoundPanel(Panel.BoundPanel):
        """The panel on one page."""

        template_name = "wagtail_payments/pages/record_panel.html"

        def is_shown(self) -> bool:
            """Only for a page with an invoice, and for who may see invoices."""
            return bool(self.instance.invoice_id) and visitors.may(self.request, access.PERMISSIONS["invoice"])

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Read the record as it is now."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            invoice: Invoice = self.instance.invoice
            status = invoice.status_on(invoice.seller.today(ports.now()))
            due = invoice.gross if invoice.is_draft else invoice.balance().due
            return context | {
                "invoice": invoice,
                "status": dict(statuses())[status.value],
                "planned_on": invoice.standing_promise.planned_on if status is Status.PLANNED else None,
                "due": money.formatted(due, invoice.currency, invoice.language),
                "edit_url": AdminURLFinder(self.request.user).get_edit_url(invoice),
            }
