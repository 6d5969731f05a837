"""What happens to an invoice when the one that replaces it is issued: all in the transaction of the issue.

A corrective invoice (384) takes the first one back by a credit note over all that is left of it, and stands for the
whole sale anew. So every total stays a sum of documents: the ledger, the VAT of each period and what is due need no
special case. What was paid becomes credit by that note, and pays the new invoice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments.actions import applying, contracts, credits
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import available_credit
from wagtail_payments.records.registrations import Registration

REASON = "correction_reason"  # in the metadata of the draft


@dataclass(frozen=True, slots=True)
class Replaced:
    """The invoice that is replaced, the credit note made for it just now, and the credit there is, in minor units."""

    original: Invoice
    note: CreditNote | None
    credit: int


def documents_of(invoice_id: int) -> list[int]:
    """Return the draft and the invoice that it replaces, asked before the transaction that locks them."""
    replaced = Invoice.objects.filter(pk=invoice_id, corrects__isnull=False).values_list("corrects", flat=True)
    return [invoice_id, *replaced]


def begin(*, invoice: Invoice, by: Any, now: datetime) -> Replaced | None:
    """Take back what a draft replaces, before it gets its number; both are held. Raises ``CreditRefused``."""
    original: Invoice | None = invoice.corrects
    if original is None:
        return None
    invoice.mode = original.mode
    note = _taken_back(invoice, original, by, now) if invoice.kind == InvoiceKind.CORRECTIVE else None
    if not applying.is_same_circle(original, invoice):
        return Replaced(original, note, 0)
    return Replaced(original, note, sum(max(available_credit(one), 0) for one in original.credit_notes.all()))


def _taken_back(invoice: Invoice, original: Invoice, by: Any, now: datetime) -> CreditNote:
    with override(original.language):
        reason = invoice.metadata.get(REASON) or _("Replaced by a corrective invoice")
    key = f"corrects-{invoice.pk}"
    return credits.credit_locked(invoice=original, amounts=None, reason=reason, by=by, now=now, form_key=key)


def finish(*, invoice: Invoice, replaced: Replaced | None, by: Any, now: datetime) -> None:
    """Book the credit note, and let what it left pay the invoice, which has its number now.

    A registration goes on with the new invoice: what is given up later is credited there. So does the quote that it
    was the only invoice of: what was agreed stays invoiced once.
    """
    if replaced is None:
        return
    if replaced.note is not None:
        credits.book(credit_note=replaced.note, now=now)
    contracts.take_place(original=replaced.original, invoice=invoice)
    Registration.objects.filter(invoice=replaced.original).update(invoice=invoice)
    applying.carry_over(source=replaced.original, target=invoice, by=by, now=now)
