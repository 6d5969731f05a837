"""Money that goes back: with a credit note, or of an overpayment; through the provider or by hand.

Every refund is a row, committed with its idempotency key before the provider is asked. Refunds made in the
provider's dashboard are in ``reversals``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports, signals
from wagtail_payments.actions import alerts, credits, journal, ledger, write_offs
from wagtail_payments.core import allocation, money, notices
from wagtail_payments.core.lifecycle import REFUND_MOVES, UNDECIDED_DISPUTE_STATES, RefundKind, RefundState
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import GatewayRefused, GatewayUnavailable, RefundOrder
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.customer_credit import paid_towards
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Allocation, Payment, Refund, available_credit

MANUAL = "manual"
# A provider may forget an idempotency key after 24 hours: after that the same call could pay twice.
KEY_LIVES = timedelta(hours=20)
# What a payment pays is asked before the locks, and again under them.
ROUNDS = 5
UNANSWERED = (RefundState.REQUESTED, RefundState.UNKNOWN)


class RefundRefused(Exception):
    """The refund can't be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A refund as asked for; ``amount`` in minor units, ``form_key`` makes a double click one refund.

    Without ``tells`` the caller writes the letter that brings the credit note.
    """

    amount: int
    by_hand: bool
    reason: str
    by: Any
    form_key: str
    tells: bool = True


def refund_invoice(
    *, invoice_id: int, amounts: credits.Wanted, payment_id: int, wish: Wish, now: datetime
) -> tuple[CreditNote, Refund | None]:
    """Credit gross ``amounts`` per VAT group or lines of an invoice, and send back what of it that payment had paid.

    ``wish.amount`` is not used: the refund is what the credit note leaves available, up to what the payment
    paid. Raises ``CreditRefused`` or ``RefundRefused``; the provider is asked after commit.
    """
    with transaction.atomic(durable=True):
        (invoice,) = lock(Invoice, invoice_id)
        (payment,) = lock(Payment, payment_id)
        note = credits.credit_locked(
            invoice=invoice,
            amounts=amounts,
            reason=wish.reason,
            by=wish.by,
            now=now,
            form_key=wish.form_key,
            tells=wish.tells,
        )
        amount = min(available_credit(note), paid_towards(payment, invoice), payment.refundable())
        refund = _standing(wish)
        if refund is None:
            _refuse_while_disputed(payment)
        if refund is None and amount > 0:
            refund = _kept(payment, RefundKind.CREDIT_NOTE, note, amount, wish, now)
        credits.book(credit_note=note, now=now)
        _book_if_by_hand(refund, now)
    return note, _asked(refund, now)


def refund_credit_note(*, credit_note: CreditNote, payment: Payment, wish: Wish, now: datetime) -> Refund:
    """Send back what a credit note still has available. Raises ``RefundRefused``."""
    with transaction.atomic(durable=True):
        lock(Invoice, credit_note.invoice_id)
        (payment,) = lock(Payment, payment.pk)
        most = min(available_credit(credit_note), paid_towards(payment, credit_note.invoice), payment.refundable())
        refund = _checked(payment, RefundKind.CREDIT_NOTE, credit_note, most, wish, now)
        if available_credit(credit_note) <= 0:
            alerts.settle_by_itself(kind="send_back", key=str(credit_note.pk), now=now)
        _book_if_by_hand(refund, now)
    return _asked(refund, now) or refund


def refund_overpayment(*, payment: Payment, wish: Wish, now: datetime) -> Refund:
    """Send back money that pays nothing; no credit note, since nothing was sold. Raises ``RefundRefused``."""
    with transaction.atomic(durable=True):
        (payment,) = lock(Payment, payment.pk)
        most = min(payment.unallocated(), payment.refundable())
        refund = _checked(payment, RefundKind.OVERPAYMENT, None, most, wish, now)
        if payment.unallocated() <= 0:
            alerts.settle_by_itself(kind="unallocated", key=str(payment.pk), now=now)
        _book_if_by_hand(refund, now)
    return _asked(refund, now) or refund


def _checked(
    payment: Payment, kind: RefundKind, note: CreditNote | None, most: int, wish: Wish, now: datetime
) -> Refund:
    standing = _standing(wish)
    if standing is not None:
        return standing
    if wish.amount <= 0:
        raise RefundRefused(_("Write an amount above zero."))
    _refuse_while_disputed(payment)
    if wish.amount > most:
        text = money.formatted(max(most, 0), payment.currency, payment.seller.language)
        raise RefundRefused(_("At most %(amount)s can go back.") % {"amount": text})
    return _kept(payment, kind, note, wish.amount, wish, now)


def _refuse_while_disputed(payment: Payment) -> None:
    """Who gets the money back from the bank and from us got it twice."""
    if is_disputed(payment):
        raise RefundRefused(
            _("This payment is disputed: nothing of it can go back before the customer's bank has decided.")
        )


def is_disputed(payment: Payment) -> bool:
    """Does a bank still have to decide about a payment?"""
    return payment.disputes.filter(state__in=UNDECIDED_DISPUTE_STATES, is_return=False).exists()


def _standing(wish: Wish) -> Refund | None:
    """The refund that this form has made already."""
    return Refund.objects.filter(idempotency_key=wish.form_key).first()


def _kept(
    payment: Payment, kind: RefundKind, note: CreditNote | None, amount: int, wish: Wish, now: datetime
) -> Refund:
    by_hand = wish.by_hand or payment.gateway == MANUAL
    refund = Refund.objects.create(
        payment=payment,
        kind=kind,
        credit_note=note,
        gateway=MANUAL if by_hand else payment.gateway,
        account="" if by_hand else payment.account,
        mode=payment.mode,
        amount=amount,
        currency=payment.currency,
        state=RefundState.SUCCEEDED if by_hand else RefundState.REQUESTED,
        settled_on=payment.seller.today(now) if by_hand else None,
        idempotency_key=wish.form_key,
        reason=wish.reason[:500],
        requested_at=now,
        requested_by=wish.by,
    )
    _note(refund, "refund", now, by=wish.by)
    if by_hand:
        signals.send_on_commit(signals.refund_succeeded, Refund, refund=refund)
    return refund


def _book_if_by_hand(refund: Refund | None, now: datetime) -> None:
    if refund is None or refund.gateway != MANUAL or refund.entries.exists():
        return
    ledger.book_refund(refund=refund, on=refund.settled_on or refund.payment.seller.today(now), now=now)


def _asked(refund: Refund | None, now: datetime) -> Refund | None:
    if refund is not None and refund.state == RefundState.REQUESTED:
        return ask_gateway(refund_id=refund.pk, now=now)
    return refund


def ask_gateway(*, refund_id: int, now: datetime) -> Refund:
    """Ask the provider for a refund of ours, outside any transaction; safe to repeat while its key lives.

    No answer leaves it ``unknown``: ``reconcile`` asks again, with the same key.
    """
    refund = Refund.objects.select_related("payment__attempt__site").get(pk=refund_id)
    if refund.state not in UNANSWERED or now - refund.requested_at > KEY_LIVES:
        return refund
    ports.failpoint("refund.before_asking")
    try:
        state = _gateway_of(refund).refund(_order(refund))
    except GatewayUnavailable as error:
        return move(refund_id, RefundState.UNKNOWN, str(error), now)
    except GatewayRefused as error:
        return move(refund_id, RefundState.FAILED, str(error), now)
    ports.failpoint("refund.after_asking")
    return apply_state(refund_id=refund_id, state=state, now=now)


def _gateway_of(refund: Refund) -> Any:
    attempt = refund.payment.attempt
    if attempt is None:
        raise RefundRefused(_("This payment did not come through a provider: send the money back by hand."))
    return registry.get(refund.gateway, attempt.site)


def _order(refund: Refund) -> RefundOrder:
    return RefundOrder(
        idempotency_key=refund.idempotency_key,
        payment_id=refund.payment.payment_id or "",
        amount=refund.amount,
        currency=refund.currency,
        reason=refund.reason,
    )


def apply_state(*, refund_id: int, state: notices.RefundState, now: datetime) -> Refund:
    """Apply what the provider says about a refund: any order, any number of times, same end."""
    return move(refund_id, RefundState(state.progress.value), state.failure, now, provider_id=state.id)


def move(refund_id: int, target: RefundState, failure: str, now: datetime, provider_id: str | None = None) -> Refund:
    """Apply what became of a refund; without an id of the provider's, only as long as its answer is awaited."""
    known = Refund.objects.select_related("credit_note").get(pk=refund_id)
    # Money may go back by a payment of an earlier invoice, whose credit had come to this one.
    paying = {*invoices_of(known.payment_id), *([known.credit_note.invoice_id] if known.credit_note else [])}
    with transaction.atomic(durable=True):
        lock_money(known.payment_id, sorted(paying))
        (refund,) = lock(Refund, refund_id)
        before = _before(refund, provider_id)
        refund.refund_id = refund.refund_id or provider_id
        moves = target in REFUND_MOVES[before] and (provider_id is not None or before in UNANSWERED)
        if moves:
            refund.state, refund.failure = target, failure[:500]
            if target is RefundState.SUCCEEDED:
                refund.settled_on = refund.payment.seller.today(now)
        refund.save()
        if moves:
            follow(refund, before, now)
    return refund


def _before(refund: Refund, provider_id: str | None) -> RefundState:
    """A refusal is taken back by a provider that names the refund after all: its first answer was lost."""
    made = refund.state == RefundState.FAILED and refund.refund_id is None and provider_id is not None
    return RefundState.UNKNOWN if made else RefundState(refund.state)


def invoices_of(payment_id: int) -> list[int]:
    """Which invoices a payment pays, asked before the transaction: its first statement is a write."""
    return list(Allocation.objects.filter(payment=payment_id).values_list("invoice_id", flat=True).distinct())


def lock_money(payment_id: int, invoice_ids: Sequence[int]) -> Payment:
    """Lock in the one order: invoices by id, then the payment."""
    lock(Invoice, *invoice_ids)
    (payment,) = lock(Payment, payment_id)
    return payment


def follow(refund: Refund, before: RefundState, now: datetime) -> None:
    """Book and tell what became of a refund, inside the transaction that moved it."""
    if refund.state == RefundState.SUCCEEDED:
        ledger.book_refund(refund=refund, on=refund.payment.seller.today(now), now=now)
        if before is RefundState.UNKNOWN:
            alerts.settle_by_itself(kind="refund_failed", key=str(refund.pk), now=now)
        _note(refund, "refund_done", now)
        signals.send_on_commit(signals.refund_succeeded, Refund, refund=refund)
    if refund.state == RefundState.FAILED:
        _come_home(refund, now)
        if before is RefundState.SUCCEEDED:
            ledger.book_refund(refund=refund, on=refund.payment.seller.today(now), now=now, returned=True)
        if refund.credit_note is not None:  # an invoice that was re-opened meanwhile is credited after all
            credits.apply_available(invoice=refund.credit_note.invoice, now=now)
        _show_failed(refund, now)
        _note(refund, "refund_failed", now)
        signals.send_on_commit(signals.refund_failed, Refund, refund=refund)


def _come_home(refund: Refund, now: datetime) -> None:
    """Give back to the invoices what a reversal had taken from them, unless they were paid or credited since."""
    for taken in refund.allocations.filter(amount__lt=0).select_related("invoice"):
        (share,), _left = allocation.fill(-taken.amount, [taken.invoice.balance().due])
        if share:
            Allocation.objects.create(
                payment=refund.payment, invoice=taken.invoice, refund=refund, amount=share, at=now
            )
            write_offs.follow(invoice=taken.invoice, now=now)


def _show_failed(refund: Refund, now: datetime) -> None:
    with override(refund.payment.seller.language):
        text = _("The refund of %(amount)s failed: %(why)s. The money is still yours to send back.") % {
            "amount": money.formatted(refund.amount, refund.currency, refund.payment.seller.language),
            "why": refund.failure or _("the provider gave no reason"),
        }
    alerts.raise_once(
        kind="refund_failed", key=str(refund.pk), text=text, now=now, refund=refund, payment=refund.payment
    )


def _note(refund: Refund, action: str, now: datetime, by: Any = None) -> None:
    """Write it into the history of the invoice it concerns."""
    invoice = refund.credit_note.invoice if refund.credit_note else None
    if invoice is None:
        row = refund.payment.allocations.select_related("invoice").first()
        invoice = row.invoice if row else None
    if invoice is not None:
        journal.note(invoice, action, now=now, by=by, data={"amount": refund.amount, "currency": refund.currency})
