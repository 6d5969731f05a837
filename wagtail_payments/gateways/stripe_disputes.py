"""Stripe's disputes read as states in our words: who asks, what it costs, until when it can be answered.

A direct debit that comes back after it was paid is a dispute at Stripe too, one that is lost as it is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail_payments.core.lifecycle import DisputeState as Progress
from wagtail_payments.core.notices import DisputeState
from wagtail_payments.gateways.stripe_states import moment

if TYPE_CHECKING:
    from stripe import Dispute

STATES: dict[str, Progress] = {
    "warning_needs_response": Progress.INQUIRY,
    "warning_under_review": Progress.INQUIRY,
    "warning_closed": Progress.INQUIRY_CLOSED,
    "needs_response": Progress.NEEDS_RESPONSE,
    "under_review": Progress.UNDER_REVIEW,
    "appeal_needs_response": Progress.APPEALED,
    "appeal_under_review": Progress.APPEALED,
    "won": Progress.WON,
    "lost": Progress.LOST,
    "prevented": Progress.PREVENTED,
}

DASHBOARD = "https://dashboard.stripe.com"


def dispute(source: Dispute) -> DisputeState:
    """Return what a dispute says; a state that Stripe has invented since is one that somebody must look at."""
    details = source.evidence_details
    return DisputeState(
        id=source.id,
        amount=source.amount,
        currency=source.currency.upper(),
        progress=STATES.get(source.status, Progress.NEEDS_RESPONSE),
        reason=source.reason,
        created_at=moment(source.created),
        evidence_due_by=moment(details.due_by) if details.due_by else None,
        fee=_fee(source),
    )


def _fee(source: Dispute) -> int | None:
    """What Stripe took for it, less what it gave back; unknown where it books in another currency."""
    booked = source.balance_transactions
    if not booked or any(entry.currency != source.currency for entry in booked):
        return None
    return sum(entry.fee for entry in booked)


def payment_of(source: Dispute) -> str:
    """Return the id of the PaymentIntent that a dispute is about, or an empty text."""
    intent = source.payment_intent
    return intent if isinstance(intent, str) else intent.id if intent else ""


def page_of(payment_id: str, *, live: bool, api_base: str) -> str:
    """Return where a person sees a payment and answers its dispute; a sandbox has a dashboard of its own."""
    if api_base:
        return f"{api_base.rstrip('/')}/"
    return f"{DASHBOARD}/payments/{payment_id}" if live else f"{DASHBOARD}/test/payments/{payment_id}"
