"""Whether an issued invoice may be corrected now, and if not, why: in a sentence that says what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wagtail_payments.actions import credits
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.records.invoices import Invoice

CORRECTED_KINDS = frozenset({InvoiceKind.STANDARD, InvoiceKind.CORRECTIVE})


def why_not(invoice: Invoice) -> str:
    """Return why an invoice can't be credited and written anew, or an empty text."""
    if invoice.is_draft:
        return _("This invoice is still a draft. A draft is simply changed.")
    if invoice.kind not in CORRECTED_KINDS:
        return _("Deposits and invoices that deduct them are not replaced: issue a credit note, then a new invoice.")
    if Invoice.objects.filter(corrects=invoice, document__isnull=False).exists():
        return _("This invoice has been replaced already. Correct the one that replaced it.")
    if credits.left_of(invoice).gross <= 0:
        return _("Everything on it has been credited already. Duplicate it to bill it anew.")
    return under_way(invoice)


def under_way(invoice: Invoice) -> str:
    """Return why one has to wait, or an empty text."""
    if invoice.balance().processing > 0:
        return _("A payment of this invoice is under way. Wait until the bank has answered, then correct it.")
    if invoice.balance().disputed > 0:
        return _("A payment of this invoice is disputed. Wait until the customer's bank has decided, then correct it.")
    return ""


def draft_stands() -> str:
    """Say that a draft of the other kind waits already."""
    return _("A draft is to replace this invoice already. Issue it, or delete it first.")
