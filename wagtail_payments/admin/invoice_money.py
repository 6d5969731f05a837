"""Which payments concern an invoice, and what of them can still go back."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Payment


def payments_about(invoice: Invoice) -> QuerySet[Payment]:
    """Return the payments that pay it, were meant for it, or came in beyond what was due; newest first."""
    about = Q(allocations__invoice=invoice) | Q(attempt__invoice=invoice) | Q(alerts__invoice=invoice)
    return Payment.objects.filter(about).distinct().select_related("receipt__document").prefetch_related("disputes")


def refundable_payments(invoice: Invoice) -> list[Payment]:
    """Return the payments of which something that paid this invoice can still go back."""
    return [
        payment for payment in payments_about(invoice) if min(payment.allocated_to(invoice), payment.refundable()) > 0
    ]
