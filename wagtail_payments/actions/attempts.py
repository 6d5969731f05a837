"""Tries to pay, as the provider sees them: asked, applied, and never believed without comparing."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports
from wagtail_payments.actions import alerts, payments
from wagtail_payments.core.lifecycle import AttemptState
from wagtail_payments.core.notices import CheckoutState
from wagtail_payments.gateways.model import Gateway, GatewayRefused, GatewayUnavailable, Order
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.fields import Mode

# A provider may forget an idempotency key after 24 hours: after that the same call would open a second session.
KEY_LIVES = timedelta(hours=20)
# As long as this, a call whose answer was lost may still be on its way.
STILL_ARRIVING = timedelta(minutes=5)
CLOCKS_DIFFER = timedelta(minutes=5)
LONG_OVER = timedelta(days=1)

UNANSWERED = (AttemptState.CREATED, AttemptState.UNKNOWN)


def open_at(*, gateway: Gateway, attempt: PaymentAttempt, now: datetime) -> PaymentAttempt:
    """Ask the provider to open a new try, and keep what it answers; outside any transaction.

    No answer leaves it ``unknown`` and raises ``GatewayUnavailable``; a refusal ends it and raises ``GatewayRefused``.
    """
    ports.failpoint("checkout.before_asking")
    try:
        state = gateway.start(Order.from_json(attempt.order))
    except GatewayUnavailable as error:
        _move_unanswered(attempt, {"state": AttemptState.UNKNOWN, "failure": str(error)[:500]})
        raise
    except GatewayRefused as error:
        _end_unanswered(attempt, str(error))
        raise
    ports.failpoint("checkout.after_asking")
    apply(attempt=attempt, state=state, now=now)
    return fresh(attempt.pk)


def note_asked(attempt: PaymentAttempt, now: datetime) -> None:
    """Write down that the provider is asked for a try: those asked longest ago are asked first."""
    PaymentAttempt.objects.filter(pk=attempt.pk).update(checked_at=now)


def look(*, gateway: Gateway, attempt: PaymentAttempt, now: datetime) -> PaymentAttempt:
    """Ask the provider how a try stands, and apply it; outside any transaction.

    One whose answer was lost is asked for again under its own key: what a provider holds under our key is ours,
    whatever else may bear our marks. Raises ``GatewayUnavailable``, ``GatewayRefused`` or ``Mismatch``.
    """
    note_asked(attempt, now)
    try:
        state = gateway.read(attempt.session_id) if attempt.session_id else _sought(gateway, attempt, now)
    except GatewayRefused as error:
        if not _end_long_over(attempt, now, str(error)):
            raise
        return fresh(attempt.pk)
    if state is None:
        _end_unanswered(attempt, _("The provider knows nothing of it."))
    else:
        apply(attempt=attempt, state=state, now=now)
    return fresh(attempt.pk)


def _sought(gateway: Gateway, attempt: PaymentAttempt, now: datetime) -> CheckoutState | None:
    """The session of a try whose answer never came, or None if there surely is none."""
    ours, theirs = (attempt.account, attempt.mode == Mode.LIVE), (gateway.account, gateway.live)
    if ours != theirs:  # asked with other keys than then, the same order would open a session anew
        raise payments.Mismatch(f"account, live: {ours} ≠ {theirs}")
    age = now - attempt.created_at
    if not attempt.order or age >= KEY_LIVES:
        return _found(gateway, attempt)
    try:
        made = gateway.start(Order.from_json(attempt.order))
    except GatewayRefused:
        return None
    except GatewayUnavailable:
        # A failure kept under the key is given again for ever: look whether anything was made.
        found = _found(gateway, attempt)
        if found is None and age < STILL_ARRIVING:
            raise
        return found
    return gateway.read(made.session_id)  # an answer that is given again is as old as the first one


def _found(gateway: Gateway, attempt: PaymentAttempt) -> CheckoutState | None:
    found = gateway.find(attempt.idempotency_key, attempt.created_at - CLOCKS_DIFFER)
    if found is None or PaymentAttempt.objects.filter(gateway=gateway.slug, session_id=found.session_id).exists():
        return None
    return found


def apply(*, attempt: PaymentAttempt, state: CheckoutState, now: datetime, delivery: Any = None) -> None:
    """Apply what the provider says. What does not fit changes nothing, is shown, and raises ``Mismatch``."""
    try:
        payments.settle(attempt=attempt, state=state, now=now)
    except payments.Mismatch as problem:
        show_mismatch(attempt=attempt, what=str(problem), now=now, delivery=delivery)
        raise
    if attempt.order:  # answered: it is not needed any more, and it holds the customer's name
        PaymentAttempt.objects.filter(pk=attempt.pk).exclude(session_id=None).update(order={})


def show_mismatch(*, attempt: PaymentAttempt, what: str, now: datetime, delivery: Any = None) -> None:
    """Tell the editors that what a provider says does not fit our records."""
    with override(attempt.invoice.seller.language):
        text = _(
            "What %(gateway)s says about a payment of %(document)s does not fit: %(what)s. Nothing was marked as paid."
        )
        said = text % {"gateway": attempt.gateway.capitalize(), "document": _documents(attempt), "what": what}
    key = f"{attempt.pk}:{hashlib.sha256(what.encode()).hexdigest()[:16]}"
    about = {"attempt": attempt, "invoice": attempt.invoice, "delivery": delivery}
    alerts.raise_once(kind="mismatch", key=key, text=said, now=now, **about)


def _documents(attempt: PaymentAttempt) -> str:
    return ", ".join(str(share.invoice) for share in attempt.shares.select_related("invoice__document"))


def fresh(pk: int) -> PaymentAttempt:
    """Read a try again."""
    rows = PaymentAttempt.objects.select_related("invoice__seller", "invoice__registration__event", "site")
    return rows.get(pk=pk)


def _end_long_over(attempt: PaymentAttempt, now: datetime, why: str) -> bool:
    """End an open session that the provider has no more, once nobody can pay it: it must not bar its invoice."""
    over = PaymentAttempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN, expires_at__lte=now - LONG_OVER)
    with transaction.atomic():
        ended = over.update(state=AttemptState.EXPIRED, failure=why[:500])
        if ended:
            attempt.end()
    return bool(ended)


def _end_unanswered(attempt: PaymentAttempt, why: str) -> None:
    """It is never asked for again: nothing is kept of what was said about the customer."""
    with transaction.atomic():
        if _move_unanswered(attempt, {"state": AttemptState.FAILED, "failure": why[:500], "order": {}}):
            attempt.end()


def _move_unanswered(attempt: PaymentAttempt, values: dict[str, Any]) -> bool:
    """Only if no answer has come meanwhile, by another tab or a message; say whether it was moved."""
    waiting = PaymentAttempt.objects.filter(pk=attempt.pk, session_id=None, state__in=UNANSWERED)
    return bool(waiting.update(**values))
