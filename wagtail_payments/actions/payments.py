"""Money that came: one door for all of it, whether a provider says so, a bank statement, or an editor."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports, signals
from wagtail_payments.actions import alerts, fulfilment, journal, ledger, receipts, reversals, settling, write_offs
from wagtail_payments.actions.settling import Mismatch as Mismatch
from wagtail_payments.core import allocation, money
from wagtail_payments.core.lifecycle import AttemptState
from wagtail_payments.core.notices import CheckoutState, PaymentState, Progress
from wagtail_payments.mail import outbox
from wagtail_payments.records.attempts import AttemptShare, PaymentAttempt
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.events import Event
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.guards import hold, lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Allocation, Payment
from wagtail_payments.records.sellers import Seller

logger = logging.getLogger(__name__)


class PaymentRefused(Exception):
    """The payment can't be recorded; the text says why."""


@dataclass(frozen=True, slots=True)
class Received:
    """Money that came, however it came; ``amount`` and ``fee`` in minor units, ``received_on`` the seller's date."""

    seller: Seller
    customer: Customer | None
    invoice_id: int | None
    mode: Mode
    method: str
    amount: int
    currency: str
    received_on: date
    gateway: str = "manual"
    account: str = ""
    payment_id: str | None = None
    charge_id: str | None = None
    card: str = ""
    reference: str = ""
    fee: int | None = None
    provider_net: int | None = None
    attempt: PaymentAttempt | None = None
    form_key: str | None = None
    by: Any = None


@dataclass(frozen=True, slots=True)
class Meant:
    """An invoice that money came for, and how much of it is for that one, minor units."""

    invoice: Invoice
    most: int


def receive(*, facts: Received, now: datetime) -> Payment:
    """Record money once, let it pay its invoice, keep the rest unallocated and shown, and book it.

    The same provider object or the same form a second time returns the payment that stands.
    """
    with transaction.atomic(durable=True):
        invoices = lock(Invoice, facts.invoice_id) if facts.invoice_id else []
        return _receive(facts, [Meant(invoice, facts.amount) for invoice in invoices], now)


def record(
    *,
    invoice: Invoice,
    amount: int,
    method: str,
    received_on: date,
    reference: str,
    by: Any,
    now: datetime,
    form_key: str,
) -> Payment:
    """Record a payment that an editor saw: transfer, cheque, cash or terminal; minor units of the invoice.

    Raises ``PaymentRefused``. The receipt follows at once, or where it can't be given now, by the clockwork.
    """
    _refuse_nonsense(invoice, amount, received_on, now)
    facts = Received(
        seller=invoice.seller,
        customer=invoice.customer,
        invoice_id=invoice.pk,
        mode=Mode(invoice.mode),
        method=method,
        amount=amount,
        currency=invoice.currency,
        received_on=received_on,
        reference=reference,
        form_key=form_key,
        by=by,
    )
    payment = receive(facts=facts, now=now)
    try:
        receipts.give(payment_id=payment.pk, now=now)
    except Exception:  # the money is recorded: a receipt that fails is given by the clockwork
        logger.exception("The receipt of payment %s is left to the clockwork", payment.pk)
    return payment


def _refuse_nonsense(invoice: Invoice, amount: int, received_on: date, now: datetime) -> None:
    if invoice.is_draft:
        raise PaymentRefused(_("This invoice is still a draft. Issue it first, then record the payment."))
    if amount <= 0:
        raise PaymentRefused(_("Write an amount above zero."))
    if received_on > invoice.seller.today(now):
        raise PaymentRefused(_("This date is in the future. Record the payment on the day it arrives."))


def settle(*, attempt: PaymentAttempt, state: CheckoutState, now: datetime) -> Payment | None:
    """Apply what a provider says about one of our attempts: any order, any number of times, same end.

    ``attempt`` says only which: its row is read anew under the lock. Returns the payment where there is one.
    Raises ``Mismatch`` where it does not fit our row.
    """
    keys = attempt.invoice_keys()  # they never change
    with outbox.left_to_the_clockwork(), transaction.atomic(durable=True):
        payment = _settle(attempt, keys, state, now)
        ports.failpoint("settle.before_commit")
    if payment is not None and state.payment is not None:
        for refund in state.payment.refunds:
            reversals.observe(payment_id=payment.pk, state=refund, now=now)
    return payment


def _settle(named: PaymentAttempt, keys: Sequence[int], state: CheckoutState, now: datetime) -> Payment | None:
    if named.event_id is not None:
        hold(Event, named.event_id)
    hold(Invoice, *keys)
    attempt, shares = settling.with_its_shares(named.pk)
    settling.compare(attempt, state)
    moved = settling.move(attempt, settling.TARGETS[state.progress], state, now)
    if state.progress is Progress.SUCCEEDED and state.payment is not None:
        return _paid(attempt, shares, state.payment, now)
    if moved and attempt.event is not None:
        fulfilment.progressed(attempt=attempt, event=attempt.event, now=now)
    if moved and attempt.state == AttemptState.FAILED:
        settling.failed(attempt, shares, now)
    return None


def _paid(attempt: PaymentAttempt, shares: Sequence[AttemptShare], paid: PaymentState, now: datetime) -> Payment:
    invoice = attempt.invoice
    facts = Received(
        seller=invoice.seller,
        customer=invoice.customer,
        invoice_id=invoice.pk,
        mode=Mode(attempt.mode),
        method=paid.method,
        amount=paid.amount,
        currency=paid.currency,
        received_on=invoice.seller.today(paid.paid_at),
        gateway=attempt.gateway,
        account=attempt.account,
        payment_id=paid.id,
        charge_id=paid.charge_id or None,
        card=paid.card,
        fee=paid.fee,
        provider_net=paid.net,
        attempt=attempt,
    )
    meant = [Meant(share.invoice, share.amount) for share in shares]
    return _with_fee(_receive(facts, meant, now), paid, now)


def _with_fee(payment: Payment, paid: PaymentState, now: datetime) -> Payment:
    """Book the provider's fee when it is told after the payment."""
    if payment.fee is None and paid.fee is not None:
        Payment.objects.filter(pk=payment.pk).update(fee=paid.fee, provider_net=paid.net)
        payment.fee, payment.provider_net = paid.fee, paid.net
        ledger.book_fee(payment=payment, fee=paid.fee, now=now)
    return payment


def _receive(facts: Received, meant: Sequence[Meant], now: datetime) -> Payment:
    """The only decision: inside a transaction that holds the invoices."""
    standing = _standing(facts)
    if standing is not None:
        return standing
    payment = _kept(facts, now)
    has_seat = _fulfilled(payment, meant, payment.amount, now)
    left, of_which = _allocate(payment, meant, payment.amount, now)
    if left and has_seat:
        show_unallocated(payment, of_which, left, now)
    ports.failpoint("receive.allocated")
    ledger.book_payment(payment=payment, now=now)
    return payment


def _standing(facts: Received) -> Payment | None:
    """The payment that this money is already: by the form, the provider's object, or the attempt it came by."""
    known = Q(form_key=facts.form_key) if facts.form_key else Q()
    if facts.payment_id:
        known |= Q(gateway=facts.gateway, account=facts.account, payment_id=facts.payment_id)
    if facts.attempt:
        known |= Q(attempt=facts.attempt)
    return Payment.objects.filter(known).first() if known else None


def _kept(facts: Received, now: datetime) -> Payment:
    return Payment.objects.create(
        seller=facts.seller,
        customer=facts.customer,
        attempt=facts.attempt,
        gateway=facts.gateway,
        account=facts.account,
        mode=facts.mode,
        payment_id=facts.payment_id,
        charge_id=facts.charge_id,
        form_key=facts.form_key,
        method=facts.method,
        card=facts.card,
        amount=facts.amount,
        currency=facts.currency,
        fee=facts.fee,
        provider_net=facts.provider_net,
        received_on=facts.received_on,
        received_at=now,
        reference=facts.reference[:200],
        recorded_by=facts.by,
    )


def _fulfilled(payment: Payment, meant: Sequence[Meant], amount: int, now: datetime) -> bool:
    """A draft that is paid takes its number now. False where its seats are gone: that is shown and mended apart."""
    event = payment.attempt.event if payment.attempt else None
    if event is None or not meant or not meant[0].invoice.is_draft:
        return True
    return fulfilment.paid(invoice=meant[0].invoice, event=event, payment=payment, amount=amount, now=now)


def _allocate(payment: Payment, meant: Sequence[Meant], amount: int, now: datetime) -> tuple[int, Invoice | None]:
    """Let so much of the payment pay each invoice that it is for, as far as that is due.

    Each gets no more than what was paid for it: of an invoice in instalments more may be due than was asked for, and
    that must not take the money of another. Returns what is left over, and the first invoice that did not need it.
    """
    signals.send_on_commit(signals.payment_received, Payment, payment=payment)
    issued = [(one, max(one.invoice.balance().due, 0)) for one in meant if not one.invoice.is_draft]
    shares, left = allocation.fill(amount, [min(one.most, due) for one, due in issued])
    for (one, due), share in zip(issued, shares, strict=True):
        _pay(payment, one, share, due, now)
    short = [one.invoice for (one, _due), share in zip(issued, shares, strict=True) if share < one.most]
    return left, next(iter(short), meant[0].invoice if meant else None)


def _pay(payment: Payment, one: Meant, share: int, due: int, now: datetime) -> None:
    if share:
        Allocation.objects.create(payment=payment, invoice=one.invoice, amount=share, at=now)
        write_offs.follow(invoice=one.invoice, now=now, is_paid=True)
    action = "payment" if payment.recorded_by is None else "record_payment"
    data = {"amount": one.most, "currency": payment.currency, "method": payment.method}
    journal.note(one.invoice, action, now=now, by=payment.recorded_by, data=data)
    if share == due > 0:
        signals.send_on_commit(signals.invoice_paid, Invoice, invoice=one.invoice, payment=payment)


def show_unallocated(
    payment: Payment, invoice: Invoice | None, left: int, now: datetime, *, again: bool = False
) -> None:
    """Show the editors money that pays nothing; ``again`` also where that was settled before."""
    with override(payment.seller.language):
        text = _("%(amount)s came in beyond what was due (%(document)s). Refund it, or agree with the customer.") % {
            "amount": money.formatted(left, payment.currency, payment.seller.language),
            "document": invoice or payment.reference,
        }
    show = alerts.raise_again if again else alerts.raise_once
    show(kind="unallocated", key=str(payment.pk), text=text, now=now, payment=payment, invoice=invoice)


def complete(*, payment_id: int, now: datetime) -> bool:
    """Issue and allocate what a payment was for, where it could not be done when it came; what is left is shown."""
    payment = Payment.objects.select_related("attempt__event__seller").get(pk=payment_id)
    attempt = payment.attempt
    if attempt is None or attempt.event_id is None:
        return False
    with transaction.atomic(durable=True):
        hold(Event, attempt.event_id)
        (invoice,) = lock(Invoice, attempt.invoice_id)
        hold(Payment, payment_id)
        amount = payment.unallocated()
        if amount <= 0:
            _without_money(invoice, now)
            return True
        meant = [Meant(invoice, amount)]
        if not _fulfilled(payment, meant, amount, now):
            return False
        left, _invoice = _allocate(payment, meant, amount, now)
        if left:
            show_unallocated(payment, invoice, left, now)
    return True


def _without_money(invoice: Invoice, now: datetime) -> None:
    paying = Payment.objects.filter(attempt__invoice=invoice)
    if invoice.is_draft and not any(payment.unallocated() > 0 for payment in paying):
        fulfilment.withdrawn(invoice=invoice, now=now)
