"""What a provider says about a try to pay, compared with our row and applied to it; the money is for ``payments``."""

from __future__ import annotations

from datetime import datetime

from wagtail_payments import signals
from wagtail_payments.actions import journal
from wagtail_payments.core.lifecycle import ATTEMPT_MOVES, LIVE_ATTEMPT_STATES, AttemptState
from wagtail_payments.core.notices import CheckoutState, Progress
from wagtail_payments.mail import letters
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.payments import PaymentAttempt


class Mismatch(Exception):
    """What the provider says does not fit our own row; nothing was changed. The text says what differs."""


TARGETS: dict[Progress, AttemptState] = {
    Progress.OPEN: AttemptState.OPEN,
    Progress.PROCESSING: AttemptState.PROCESSING,
    Progress.SUCCEEDED: AttemptState.SUCCEEDED,
    Progress.FAILED: AttemptState.FAILED,
    Progress.EXPIRED: AttemptState.EXPIRED,
}


def with_its_invoice(attempt_id: int) -> PaymentAttempt:
    """Return the attempt with all that settling asks of its invoice, in one question."""
    rows = PaymentAttempt.objects.select_related(
        "invoice__seller", "invoice__customer", "invoice__document", "invoice__site", "event__seller"
    )
    return rows.defer("invoice__document__text").get(pk=attempt_id)


def compare(attempt: PaymentAttempt, state: CheckoutState) -> None:
    """Raise ``Mismatch`` where they differ.

    A genuine signature says who speaks, not that it is about us: every field must fit our own row.
    """
    mode = Mode.LIVE if state.live else Mode.TEST
    pairs = {
        "gateway": (attempt.gateway, state.gateway),
        "account": (attempt.account, state.account),
        "mode": (attempt.mode, mode.value),
        "session": (attempt.session_id or state.session_id, state.session_id),
        "amount": (attempt.amount, state.amount),
        "currency": (attempt.currency, state.currency),
    }
    if state.payment is not None:
        pairs["amount paid"] = (attempt.amount, state.payment.amount)
        pairs["currency paid"] = (attempt.currency, state.payment.currency)
    differing = [f"{name}: {ours} ≠ {theirs}" for name, (ours, theirs) in pairs.items() if ours != theirs]
    if differing:
        raise Mismatch("; ".join(differing))


def move(attempt: PaymentAttempt, target: AttemptState, state: CheckoutState, now: datetime) -> bool:
    """Move the attempt where the table allows it; a late "expired" never takes back "paid"."""
    attempt.checked_at = now
    attempt.session_id = attempt.session_id or state.session_id
    allowed = target in ATTEMPT_MOVES[AttemptState(attempt.state)]
    if allowed:
        attempt.state = target
        attempt.failure = state.failure[:500]
        if target not in LIVE_ATTEMPT_STATES:
            attempt.live_for = None
    attempt.url = state.url or attempt.url
    attempt.expires_at = state.expires_at or attempt.expires_at
    attempt.save()
    return allowed


def failed(attempt: PaymentAttempt, now: datetime) -> None:
    """A bank refused after days: the customer is told, the invoice is simply open again."""
    letters.payment_failed(attempt=attempt, now=now)
    journal.note(attempt.invoice, "payment_failed", now=now, data={"amount": attempt.amount, "reason": attempt.failure})
    signals.send_on_commit(signals.payment_failed, PaymentAttempt, attempt=attempt)
