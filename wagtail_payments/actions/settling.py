"""What a provider says about a try to pay, compared with our row and applied to it; the money is for ``payments``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wagtail_payments import signals
from wagtail_payments.actions import journal
from wagtail_payments.core.lifecycle import ATTEMPT_MOVES, LIVE_ATTEMPT_STATES, AttemptState
from wagtail_payments.core.notices import CheckoutState, Progress
from wagtail_payments.mail import letters
from wagtail_payments.records.attempts import AttemptShare, PaymentAttempt
from wagtail_payments.records.fields import Mode


class Mismatch(Exception):
    """What the provider says does not fit our own row; nothing was changed. The text says what differs."""


TARGETS: dict[Progress, AttemptState] = {
    Progress.OPEN: AttemptState.OPEN,
    Progress.PROCESSING: AttemptState.PROCESSING,
    Progress.SUCCEEDED: AttemptState.SUCCEEDED,
    Progress.FAILED: AttemptState.FAILED,
    Progress.EXPIRED: AttemptState.EXPIRED,
}


def with_its_shares(attempt_id: int) -> tuple[PaymentAttempt, list[AttemptShare]]:
    """Return the attempt and what of it is for which invoice, with all that settling asks of them, in one question."""
    rows = AttemptShare.objects.filter(attempt=attempt_id).select_related(
        "attempt__event__seller", "invoice__seller", "invoice__customer", "invoice__document", "invoice__site"
    )
    shares = list(rows.defer("invoice__document__text").order_by("pk"))
    attempt = shares[0].attempt
    for share in shares:
        share.attempt = attempt
        if share.invoice_id == attempt.invoice_id:
            attempt.invoice = share.invoice
    return attempt, shares


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
    attempt.url = state.url or attempt.url
    attempt.expires_at = state.expires_at or attempt.expires_at
    attempt.save()
    if allowed and target not in LIVE_ATTEMPT_STATES:
        attempt.end()
    return allowed


def failed(attempt: PaymentAttempt, shares: Sequence[AttemptShare], now: datetime) -> None:
    """A bank refused after days: the customer is told, the invoices are simply open again."""
    letters.payment_failed(attempt=attempt, now=now)
    for share in shares:
        data = {"amount": share.amount, "reason": attempt.failure}
        journal.note(share.invoice, "payment_failed", now=now, data=data)
    signals.send_on_commit(signals.payment_failed, PaymentAttempt, attempt=attempt)
