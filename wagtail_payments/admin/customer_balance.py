"""How a customer stands, on the customer's own page."""

from __future__ import annotations

from typing import Any

from wagtail.admin.panels import Panel

from wagtail_payments.admin.permissions import may_see
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.reports import customer_balances


class BalancePanel(Panel):
    """What is due, less credit; for those who may see invoices."""

    class BoundPanel(Panel.BoundPanel):
        """The balance of one customer."""

        template_name = "wagtail_payments/admin/customers/balance.html"

        def is_shown(self) -> bool:
            """A new customer has no balance yet."""
            return self.instance.pk is not None and (self.request is None or may_see(self.request.user, Invoice))

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add one row per currency; of test documents only where there are no others."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            real = customer_balances.of_customer(customer=self.instance)
            tried = [] if real else customer_balances.of_customer(customer=self.instance, mode=Mode.TEST)
            return context | {"standings": real or tried, "is_test": bool(tried)}
