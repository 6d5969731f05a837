"""What belongs together: a deposit and its final invoice, a final invoice and what it deducts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wagtail_payments.admin.places import desk_url
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.records.deposits import asked_for
from wagtail_payments.records.invoices import Invoice


@dataclass(frozen=True, slots=True)
class Link:
    """Another invoice of the chain, with the gross amount deducted (0: none yet), in minor units."""

    label: str
    invoice: Any
    amount: int = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return desk_url(self.invoice.pk)


def chain_of(invoice: Invoice) -> list[Link]:
    """Return the other invoices of the chain; asks nothing for an ordinary invoice."""
    if invoice.kind == InvoiceKind.STANDARD:
        return []
    if invoice.kind == InvoiceKind.FINAL and not invoice.is_draft:
        rows = invoice.deductions.select_related("deducted__document", "deducted__customer")
        return [Link(_("Deducts"), row.deducted, row.gross) for row in rows]
    if invoice.kind == InvoiceKind.FINAL:
        return [Link(str(deposit.get_kind_display()), deposit, deposit.gross) for deposit in asked_for(invoice)]
    if hasattr(invoice, "deduction"):
        return [Link(_("Deducted by"), invoice.deduction.invoice, invoice.deduction.gross)]
    label = _("Deposit for") if invoice.kind == InvoiceKind.DEPOSIT else _("A part of")
    contract = invoice.deposit.contract if hasattr(invoice, "deposit") else None
    return [Link(label, contract)] if contract is not None else []
