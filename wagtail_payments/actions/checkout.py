"""Paying online: one live session per invoice, for what is due now, however many tabs ask for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.actions import attempts, instalments, orders
from wagtail_payments.actions.payments import Mismatch
from wagtail_payments.core.lifecycle import LIVE_ATTEMPT_STATES, AttemptState
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import Gateway, GatewayError, GatewayRefused, GatewayUnavailable
from wagtail_payments.records.events import Event
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.guards import hold
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import PaymentAttempt

logger = logging.getLogger(__name__)

BY_HAND = frozenset({"transfer", "cheque", "cash", "terminal"})
TIME_LEFT = timedelta(minutes=5)
ROUNDS = 3
# Whoever tests stolen cards opens session after session.
TRIES, WINDOW = 10, timedelta(hours=1)


class NothingToPay(Exception):
    """Nothing is due on the invoice."""


class PaymentUnderWay(Exception):
    """The customer has paid and the bank has not answered yet; ``attempt`` is that try."""

    def __init__(self, attempt: PaymentAttempt) -> None:
        super().__init__(_("A payment is under way."))
        self.attempt = attempt


class OnlinePaymentOff(Exception):
    """The invoice can't be paid online; the text says why."""


class AmountChanged(Exception):
    """Something was paid or credited since the customer saw the amount."""


class AmountRefused(Exception):
    """This amount can't be paid on the invoice; the text says which can."""


class TooManyTries(OnlinePaymentOff):
    """Too many sessions were opened for the invoice within the hour."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """The live try of an invoice, and what it is to be for: what is due, or what was chosen of it."""

    attempt: PaymentAttempt
    is_new: bool
    due: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What a customer chose to pay, and what was not asked for on the page where they chose; minor units."""

    amount: int
    covered: int


@dataclass(frozen=True, slots=True)
class _Terms:
    """Where the customer comes back to; for held seats, of which event, and until when they may be paid."""

    return_url: Callable[[PaymentAttempt], str]
    cancel_url: str
    seats_of: Event | None = None
    until: datetime | None = None
    choice: Choice | None = None


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
    gateway, terms = _gateway_of(invoice), _Terms(return_url, cancel_url, seats_of, until, choice)
    for _round in range(ROUNDS):
        claim = _claim(invoice.pk, gateway, now, terms)
        try:
            found = _opened(gateway, claim, now) if claim.is_new else _open_still(claim, now)
        except GatewayRefused as error:
            raise OnlinePaymentOff(str(error)) from error
        except Mismatch as error:
            raise OnlinePaymentOff(_("The payment provider's records do not fit ours.")) from error
        if found is not None:
            return found
    raise GatewayUnavailable(_("The payment provider keeps changing its mind."))


def _gateway_of(invoice: Invoice) -> Gateway:
    gateways = registry.for_site(invoice.site)
    gateway = next(iter(gateways.values()), None)
    if gateway is None:
        raise OnlinePaymentOff(_("No payment provider is set up."))
    return gateway


def _claim(invoice_id: int, gateway: Gateway, now: datetime, terms: _Terms) -> _Claim:
    """Commit a try with its key before anyone is asked; a live one that stands already is returned instead."""
    with transaction.atomic(durable=True):
        hold(Invoice, invoice_id)
        invoice = Invoice.objects.select_related("site", "customer", "seller", "document").get(pk=invoice_id)
        due = _chosen(invoice, _checked_due(invoice, gateway, terms), terms.choice, now)
        standing = PaymentAttempt.objects.select_related("invoice", "site").filter(live_for=invoice).first()
        if standing is not None:
            return _Claim(standing, False, due)
        _refuse_too_many(invoice, now)
        attempt = _begun(invoice, gateway, due, terms.seats_of, now)
        order = orders.order_of(
            attempt=attempt,
            success_url=terms.return_url(attempt),
            cancel_url=terms.cancel_url,
            now=now,
            until=terms.until,
        )
        attempt.order = order.as_json()
        attempt.save(update_fields=["order"])
        ports.failpoint("checkout.before_commit")
    return _Claim(attempt, True, due)


def _checked_due(invoice: Invoice, gateway: Gateway, terms: _Terms) -> int:
    """What is due, minor units, if it may be paid online at all.

    An uncollectible invoice may still be paid: it is the seller who stopped waiting.
    """
    if (invoice.is_draft and terms.seats_of is None) or not invoice.online_payment:
        raise OnlinePaymentOff(_("This invoice can't be paid online."))
    if invoice.methods and set(invoice.methods) <= BY_HAND:
        raise OnlinePaymentOff(_("This invoice is paid by other means than online."))
    if invoice.mode != (Mode.LIVE if gateway.live else Mode.TEST):
        raise OnlinePaymentOff(_("Test money can't pay a real invoice, nor real money a test."))
    due = invoice.gross if invoice.is_draft else invoice.balance().asked
    if due <= 0:
        raise NothingToPay
    return due


def _chosen(invoice: Invoice, due: int, choice: Choice | None, now: datetime) -> int:
    """What is to be paid: all that is due, or what was chosen of it as long as the page it was chosen on is true."""
    if choice is None:
        return due
    if invoice.gross - due != choice.covered:
        raise AmountChanged
    refusal = instalments.refusal(invoice=invoice, amount=choice.amount, now=now)
    if refusal:
        raise AmountRefused(refusal)
    return choice.amount


def _refuse_too_many(invoice: Invoice, now: datetime) -> None:
    if PaymentAttempt.objects.filter(invoice=invoice, created_at__gt=now - WINDOW).count() >= TRIES:
        raise TooManyTries(_("Too many tries. Please wait an hour."))


def _begun(invoice: Invoice, gateway: Gateway, due: int, event: Event | None, now: datetime) -> PaymentAttempt:
    return PaymentAttempt.objects.create(
        invoice=invoice,
        event=event,
        live_for=invoice,
        site=invoice.site,
        gateway=gateway.slug,
        account=gateway.account,
        mode=invoice.mode,
        amount=due,
        currency=invoice.currency,
        idempotency_key=ports.new_id(),
        created_at=now,
    )


def _opened(gateway: Gateway, claim: _Claim, now: datetime) -> PaymentAttempt:
    return attempts.open_at(gateway=gateway, attempt=claim.attempt, now=now)


def _open_still(claim: _Claim, now: datetime) -> PaymentAttempt | None:
    """The standing try, if it can still be paid as it is; else it is ended, and None says: start anew."""
    gateway = registry.get(claim.attempt.gateway, claim.attempt.site)
    try:
        attempt = attempts.look(gateway=gateway, attempt=claim.attempt, now=now)
    except GatewayUnavailable:
        if _fits(claim.attempt, claim.due, now):
            return claim.attempt
        raise
    if attempt.state == AttemptState.PROCESSING:
        raise PaymentUnderWay(attempt)
    if attempt.state != AttemptState.OPEN:
        return None
    if _fits(attempt, claim.due, now):
        return attempt
    withdraw(attempt=attempt, now=now)
    return None


def _fits(attempt: PaymentAttempt, due: int, now: datetime) -> bool:
    """Open, for exactly what is due, and long enough to find one's card."""
    has_time = attempt.expires_at is not None and attempt.expires_at - now >= TIME_LEFT
    return attempt.state == AttemptState.OPEN and attempt.amount == due and has_time and bool(attempt.url)


def is_outdated(attempt: PaymentAttempt) -> bool:
    """Does an open try ask for more than is due, or for what was chosen before something was paid or credited?

    A part that was chosen, such as an instalment, is less than all that is due, and stands as long as nothing moved.
    """
    invoice = attempt.invoice
    asked = invoice.balance().asked
    if attempt.amount >= asked:
        return bool(attempt.amount > asked)
    rows = (invoice.allocations, invoice.credit_applications)
    return any(moved.filter(at__gt=attempt.created_at).exists() for moved in rows)


def withdraw_outdated(*, invoice: Invoice, now: datetime) -> None:
    """End the open session of an invoice that asks for what is not due so any more; outside any transaction.

    Somebody waits for it, so the provider is asked once: what fails is left to ``reconcile``.
    """
    rows = PaymentAttempt.objects.select_related("invoice", "site")
    attempt = rows.filter(live_for=invoice.pk, state=AttemptState.OPEN).first()
    if attempt is None or not is_outdated(attempt):
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
