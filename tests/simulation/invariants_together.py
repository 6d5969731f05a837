"""What holds of payments for several invoices, beside the rules of all money."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Sum

from tests.simulation.invariants import Books, Rules
from wagtail_payments.core.lifecycle import LIVE_ATTEMPT_STATES
from wagtail_payments.models import Payment, PaymentAttempt


def _shares_are_the_whole(books: Books) -> Iterator[str]:
    """A try asks for the sum of its shares, all of one customer; all of them bar others, or none."""
    for attempt in PaymentAttempt.objects.prefetch_related("shares__invoice"):
        shares = list(attempt.shares.all())
        if sum(share.amount for share in shares) != attempt.amount:
            yield f"attempt {attempt.pk} asks {attempt.amount}, its shares {[share.amount for share in shares]}"
        if len({share.invoice.customer_id for share in shares}) != 1:
            yield f"attempt {attempt.pk} is for invoices of several customers"
        barring = {share.live_for_id == share.invoice_id for share in shares}
        if len(barring) > 1 or (True in barring and attempt.state not in LIVE_ATTEMPT_STATES):
            yield f"attempt {attempt.pk} is {attempt.state}, and its shares bar others: {barring}"


def _each_gets_no_more_than_its_share(books: Books) -> Iterator[str]:
    """Of what came by a try each of its invoices gets at most what was paid for it; what is left may pay others."""
    for payment in Payment.objects.filter(attempt__payment_request__isnull=False).prefetch_related("allocations"):
        assert payment.attempt is not None
        shares = dict(payment.attempt.shares.values_list("invoice_id", "amount"))
        for row in payment.allocations.filter(at=payment.received_at, amount__gt=0):
            if row.amount > shares.get(row.invoice_id, row.amount):
                yield f"payment {payment.pk} gave {row.amount} to {row.invoice}, of {shares}"
        if (payment.allocations.aggregate(whole=Sum("amount"))["whole"] or 0) > payment.amount:
            yield f"payment {payment.pk} gave more than it was"


RULES: Rules = {
    "I28, shares": _shares_are_the_whole,
    "I1, shares": _each_gets_no_more_than_its_share,
}
