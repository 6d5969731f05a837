"""Which payments concern an invoice, and what of them can still go back."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from wagtail_payments.records.customer_credit import paid_towards, payments_behind
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import CreditApplication, Payment


def payments_about(invoice: Invoice) -> QuerySet[Payment]:
    """Return the payments that pay it, were meant for it, or came in beyond what was due; newest first."""
    about = Q(allocations__invoice=invoice) | Q(attempt__shares__invoice=invoice) | Q(alerts__invoice=invoice)
    return Payment.objects.filter(about).distinct().select_related("receipt__document").prefetch_related("disputes")


def refundable_payments(invoice: Invoice) -> list[Payment]:
    """Return the payments of which something can still go back that paid this invoice, or whose credit did."""
    behind = payments_behind(invoice).select_related("receipt__document").order_by("-received_at", "-pk")
    return [payment for payment in behind if refundable(payment, invoice) > 0]


def refundable(payment: Payment, invoice: Invoice) -> int:
    """Return what of a payment can still go back for this invoice, minor units."""
    return max(min(paid_towards(payment, invoice), payment.refundable()), 0)


def carried_to(invoice: Invoice) -> QuerySet[CreditApplication]:
    """Return what credit notes on other invoices lower this one by."""
    carried = CreditApplication.objects.filter(invoice=invoice).exclude(credit_note__invoice=invoice)
    return carried.select_related("credit_note__document", "credit_note__invoice__document")
