"""Paying online: one live session per invoice, for what is due now, alone or with others, however many tabs ask."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from wagtail.models import Site

from wagtail_payments import ports
from wagtail_payments.actions import attempts, claims
from wagtail_payments.actions.claims import AmountChanged as AmountChanged
from wagtail_payments.actions.claims import AmountRefused as AmountRefused
from wagtail_payments.actions.claims import Choice as Choice
from wagtail_payments.actions.claims import Claim, Terms
from wagtail_payments.actions.claims import NothingToPay as NothingToPay
from wagtail_payments.actions.claims import OnlinePaymentOff as OnlinePaymentOff
from wagtail_payments.actions.claims import TooManyTries as TooManyTries
from wagtail_payments.actions.payments import Mismatch
from wagtail_payments.core.lifecycle import LIVE_ATTEMPT_STATES, AttemptState
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import Gateway, GatewayError, GatewayRefused, GatewayUnavailable
from wagtail_payments.records import contracts
from wagtail_payments.records.attempts import PaymentAttempt, live_try_of
from wagtail_payments.records.events import Event
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payment_requests import PaymentRequest

logger = logging.getLogger(__name__)

TIME_LEFT = timedelta(minutes=5)
ROUNDS = 3


class PaymentUnderWay(Exception):
    """The customer has paid and the bank has not answered yet; ``attempt`` is that try."""

    def __init__(self, attempt: PaymentAttempt) -> None:
        super().__init__(_("A payment is under way."))
        self.attempt = attempt


def start(
    *,
    invoice: Invoice,
    now: datetime,
    return_url: Callable[[PaymentAttempt], str],
    cancel_url: str,
    seats_of: Event | None = None,
    until: datetime | None = None,
    choice: Choice | None = None,
) -> PaymentAttempt:
    """Open a session for what is due or was chosen of it, or return the one that is open; its ``url`` is next.

    A draft can be paid only for the seats of an event, and the session ends with their hold.
    Raises ``NothingToPay``, ``PaymentUnderWay``, ``OnlinePaymentOff`` or ``GatewayUnavailable``; with a choice also
    ``AmountChanged`` or ``AmountRefused``.
    """
    terms = Terms(return_url, cancel_url, seats_of, until, choice)
    return _start([invoice.pk], _gateway_of(invoice.site), terms, now)


def start_together(
    *,
    request: PaymentRequest,
    now: datetime,
    return_url: Callable[[PaymentAttempt], str],
    cancel_url: str,
    seen: int | None = None,
) -> PaymentAttempt:
    """Open one session for all that is due now of the invoices of a request, or return the one that is open.

    What of them is settled, on its way or disputed is left out. ``seen`` is what the customer's page said, minor units.
    Raises what ``start`` raises, and ``AmountChanged`` where something was paid or credited since.
    """
    keys = list(request.invoices.values_list("pk", flat=True))
    terms = Terms(return_url, cancel_url, together=request, seen=seen)
    return _start(keys, _gateway_of(request.site), terms, now)


def _start(keys: Sequence[int], gateway: Gateway, terms: Terms, now: datetime) -> PaymentAttempt:
    for _round in range(ROUNDS):
        wanted = claims.claim(keys, gateway, now, terms)
        try:
            if wanted.made is not None:
                return attempts.open_at(gateway=gateway, attempt=wanted.made, now=now)
            found = _open_still(wanted, now)
        except GatewayRefused as error:
            raise OnlinePaymentOff(str(error)) from error
        except Mismatch as error:
            raise OnlinePaymentOff(_("The payment provider's records do not fit ours.")) from error
        if found is not None:
            return found
    raise GatewayUnavailable(_("The payment provider keeps changing its mind."))


def _gateway_of(site: Site) -> Gateway:
    gateways = registry.for_site(site)
    gateway = next(iter(gateways.values()), None)
    if gateway is None:
        raise OnlinePaymentOff(_("No payment provider is set up."))
    return gateway


def _open_still(wanted: Claim, now: datetime) -> PaymentAttempt | None:
    """The standing try, if it can still be paid as it is; else all that stand are ended, and None says: start anew."""
    for standing in wanted.standing:
        gateway = registry.get(standing.gateway, standing.site)
        try:
            attempt = attempts.look(gateway=gateway, attempt=standing, now=now)
        except GatewayUnavailable:
            if _fits(standing, wanted, now):
                return standing
            raise
        if attempt.state == AttemptState.PROCESSING:
            raise PaymentUnderWay(attempt)
        if attempt.state != AttemptState.OPEN:
            continue
        if _fits(attempt, wanted, now):
            return attempt
        withdraw(attempt=attempt, now=now)
    return None


def _fits(attempt: PaymentAttempt, wanted: Claim, now: datetime) -> bool:
    """Open, for exactly what is to be paid, and long enough to find one's card."""
    has_time = attempt.expires_at is not None and attempt.expires_at - now >= TIME_LEFT
    return attempt.state == AttemptState.OPEN and has_time and bool(attempt.url) and wanted.is_for(attempt)


def is_outdated(attempt: PaymentAttempt) -> bool:
    """Does an invoice that it is for ask for another amount than when it was begun, or for nothing any more?"""
    if Invoice.objects.filter(contracts.is_left(), attempt_shares__attempt=attempt).exists():
        return True
    shares = attempt.shares.select_related("invoice")
    return any(share.invoice.balance().asked != share.asked for share in shares)


def withdraw_outdated(*, invoice: Invoice, now: datetime) -> None:
    """End the open session of an invoice, alone or with others, that is outdated; outside any transaction.

    Somebody waits for it, so the provider is asked once: what fails is left to ``reconcile``.
    """
    attempt = live_try_of(invoice)
    if attempt is None or attempt.state != AttemptState.OPEN or not is_outdated(attempt):
        return
    try:
        withdraw(attempt=attempt, now=now, hurried=True)
    except (GatewayError, Mismatch) as error:
        logger.warning("Attempt %s could not be withdrawn: %s", attempt.pk, error)


def withdraw(*, attempt: PaymentAttempt, now: datetime, hurried: bool = False) -> PaymentAttempt:
    """End a live try at the provider, so that nobody can pay it any more; it may turn out to be paid already.

    Raises ``GatewayUnavailable``, ``GatewayRefused`` or ``Mismatch``.
    """
    gateway = registry.get(attempt.gateway, attempt.site, hurried=hurried)
    if not attempt.session_id:
        attempt = attempts.look(gateway=gateway, attempt=attempt, now=now)
    if attempt.state != AttemptState.OPEN or not attempt.session_id:
        return attempt
    ports.failpoint("checkout.before_expiring")
    state = gateway.expire(attempt.session_id)
    ports.failpoint("checkout.after_expiring")
    attempts.apply(attempt=attempt, state=state, now=now)
    return attempts.fresh(attempt.pk)


def ask(*, attempt: PaymentAttempt, now: datetime) -> PaymentAttempt:
    """Ask the provider how a try stands and apply it; raises ``GatewayError`` or ``Mismatch``."""
    gateway = registry.get(attempt.gateway, attempt.site, hurried=True)
    return attempts.look(gateway=gateway, attempt=attempt, now=now)


def refresh(*, attempt: PaymentAttempt, now: datetime) -> PaymentAttempt:
    """Ask the provider how a live try stands and apply it; where it can't be asked, return what is known."""
    if attempt.state not in LIVE_ATTEMPT_STATES:
        return attempt
    try:
        return ask(attempt=attempt, now=now)
    except (GatewayError, Mismatch) as error:
        logger.warning("Attempt %s could not be refreshed: %s", attempt.pk, error)
        return attempts.fresh(attempt.pk)
