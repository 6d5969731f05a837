"""What a customer has with a seller: credit notes not used up, and money that pays nothing yet. Minor units.

Credit and money are only ever used within one customer, seller, currency and mode.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from wagtail_payments.core.lifecycle import RESERVING_REFUND_STATES, RefundKind, Stored
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.disputes import DisputedMoney
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Allocation, CreditApplication, Payment, Refund

RESERVING = [state.value for state in RESERVING_REFUND_STATES]
TAKING_OFF = Refund.objects.filter(state__in=RESERVING).exclude(kind=RefundKind.CREDIT_NOTE)
GOING_BACK = Refund.objects.filter(state__in=RESERVING)


def _sum_of(rows: Any, key: str, outer: str = "pk") -> Coalesce:
    of_row = rows.filter(**{key: OuterRef(outer)}).order_by().values(key)
    return Coalesce(Subquery(of_row.annotate(whole=Sum("amount")).values("whole")), Value(0), output_field=_BIG)


_BIG = models.BigIntegerField()


def credit_notes(**of: Any) -> Any:
    """Return credit notes with ``available``: what neither lowers an invoice nor goes back; one query."""
    used = _sum_of(CreditApplication.objects.all(), "credit_note") + _sum_of(GOING_BACK, "credit_note")
    return CreditNote.objects.filter(**of).annotate(available=F("gross") - used)


def payments(**of: Any) -> Any:
    """Return payments with ``free``: what of each pays nothing yet, has not gone back and is with us; one query."""
    used = _sum_of(Allocation.objects.all(), "payment") + _sum_of(TAKING_OFF, "payment")
    used += _sum_of(DisputedMoney.objects.all(), "payment")
    return Payment.objects.filter(**of).annotate(free=F("amount") - used)


def credit_notes_in_reach(invoice: Invoice) -> Any:
    """Return the credit notes of the same customer, seller, currency and mode, used up or not; the oldest first."""
    notes = credit_notes(**_circle(invoice), invoice__customer=invoice.customer_id)
    return notes.select_related("document", "invoice__document").order_by("pk")


def credit_notes_for(invoice: Invoice) -> Any:
    """Return the credit notes that could pay an invoice, the oldest first."""
    return credit_notes_in_reach(invoice).filter(available__gt=0)


def payments_in_reach(invoice: Invoice) -> Any:
    """Return the payments of the same customer, seller, currency and mode, used up or not; the oldest first."""
    return payments(**_circle(invoice), customer=invoice.customer_id).order_by("pk")


def payments_for(invoice: Invoice) -> Any:
    """Return the payments with money left over that could pay an invoice, the oldest first."""
    return payments_in_reach(invoice).filter(free__gt=0)


def open_invoices(invoice: Invoice) -> Any:
    """Return the other invoices of the same customer on which something is due, the longest due first."""
    others = Invoice.objects.with_balance().filter(**_circle(invoice), customer=invoice.customer_id)
    still_due = others.filter(state__in=[Stored.ISSUED, Stored.UNCOLLECTIBLE], due__gt=0).exclude(pk=invoice.pk)
    return still_due.select_related("document").order_by(F("due_on").asc(nulls_last=True), "pk")


def total_of(invoice: Any) -> int:
    """Return all that the customer has to pay an invoice with; it was asked for ``with_credit``."""
    return max(invoice.credit_notes_left, 0) + max(invoice.money_left, 0)


def with_credit(invoices: Any) -> Any:
    """Add to invoices what their customers have to pay them with, within the same query."""
    here = {"seller": OuterRef("seller"), "currency": OuterRef("currency"), "mode": OuterRef("mode")}
    customer = OuterRef("customer")
    of_notes = {f"credit_note__{name}": value for name, value in here.items()}
    of_payments = {f"payment__{name}": value for name, value in here.items()}
    notes = _whole(CreditNote.objects.filter(**here, invoice__customer=customer), "gross")
    notes -= _whole(CreditApplication.objects.filter(**of_notes, credit_note__invoice__customer=customer))
    notes -= _whole(GOING_BACK.filter(**of_notes, credit_note__invoice__customer=customer))
    money = _whole(Payment.objects.filter(**here, customer=customer))
    money -= _whole(Allocation.objects.filter(**of_payments, payment__customer=customer))
    money -= _whole(TAKING_OFF.filter(**of_payments, payment__customer=customer))
    money -= _whole(DisputedMoney.objects.filter(**of_payments, payment__customer=customer))
    return invoices.annotate(credit_notes_left=notes, money_left=money)


def _circle(invoice: Invoice) -> dict[str, Any]:
    return {"seller": invoice.seller_id, "currency": invoice.currency, "mode": invoice.mode}


def _whole(rows: Any, column: str = "amount") -> Any:
    """The sum of all rows as one value inside another question; grouped by what is the same on each."""
    alike = rows.order_by().annotate(alike=Value(1)).values("alike")
    return Coalesce(Subquery(alike.annotate(whole=Sum(column)).values("whole")), Value(0), output_field=_BIG)


def sources_of(invoice: Invoice) -> set[int]:
    """Return the invoice, and those whose credit came to it, however often it was carried on."""
    found, fresh = {invoice.pk}, {invoice.pk}
    while fresh:
        into = CreditApplication.objects.filter(invoice__in=fresh)
        fresh = set(into.values_list("credit_note__invoice", flat=True)) - found
        found |= fresh
    return found


def payments_behind(invoice: Invoice) -> Any:
    """Return the payments that paid an invoice, or one whose credit came to it; newest first."""
    return Payment.objects.filter(allocations__invoice__in=sources_of(invoice)).distinct()


def paid_towards(payment: Payment, invoice: Invoice, seen: frozenset[int] = frozenset()) -> int:
    """Return what of a payment stands behind an invoice and was not refunded with a credit note on it.

    It paid the invoice, or came to it as the credit of an invoice that it had paid.
    """
    whole = payment.allocated_to(invoice)
    carried = CreditApplication.objects.filter(invoice=invoice).exclude(credit_note__invoice=invoice)
    for row in carried.select_related("credit_note__invoice"):
        source = row.credit_note.invoice
        if source.pk not in seen:
            whole += min(row.amount, max(paid_towards(payment, source, seen | {invoice.pk}), 0))
    return whole
