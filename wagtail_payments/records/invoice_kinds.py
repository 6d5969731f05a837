"""What an invoice is for, in the words a person sees."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from wagtail_payments.core.lifecycle import InvoiceKind


def invoice_kinds() -> list[tuple[str, Any]]:
    """Return the kinds of invoice."""
    labels = {
        InvoiceKind.STANDARD: _("Invoice"),
        InvoiceKind.DEPOSIT: _("Deposit invoice"),
        InvoiceKind.INTERIM: _("Interim invoice"),
        InvoiceKind.FINAL: _("Final invoice"),
        InvoiceKind.CORRECTIVE: _("Corrective invoice"),
    }
    return [(kind.value, label) for kind, label in labels.items()]
