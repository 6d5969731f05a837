"""Disputes: a payer's bank asks about a payment, takes it back, gives it back or keeps it.

Whatever is told, in whatever order, the money is brought to where the provider says it is: what is unallocated is
taken first, then what pays invoices, newest first; what is given back pays what is due then, the rest is shown.
A returned direct debit is a dispute that is lost as it comes. Seats that were paid so stay: the organiser is told.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from wagtail_payments import ports, signals
from wagtail_payments.actions import (
    alerts,
    attempts,
    credits,
    dispute_news,
    journal,
    ledger,
    payments,
    refunds,
    reversals,
    write_offs,
)
from wagtail_payments.actions.settling import Mismatch
from wagtail_payments.core import allocation, notices
from wagtail_payments.core.lifecycle import (
    DISPUTE_MOVES,
    OPEN_DISPUTE_STATES,
    RETURNING_DISPUTE_STATES,
    TAKING_DISPUTE_STATES,
    DisputeState,
)
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import Gateway, UnknownGateway
from wagtail_payments.mail import outbox
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.disputes import Dispute, DisputedMoney
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Allocation, Payment

# Debits that a bank may return for weeks without asking anybody.
RETURNED_METHODS = frozenset({"sepa_debit"})


def look(*, gateway: Gateway, attempt: PaymentAttempt, now: datetime) -> list[Dispute]:
    """Ask the provider for the disputes of what a try brought, and apply them; outside any transaction.

    What does not fit changes nothing, is shown, and raises ``Mismatch``.
    """
    payment = Payment.objects.filter(attempt=attempt).first()
    if payment is None or not payment.payment_id:
        return []
    told = gateway.read_disputes(payment.payment_id)
    ports.failpoint("dispute.read_back")
    return [apply(payment=payment, state=state, now=now) for state in told]


def apply(*, payment: Payment, state: notices.DisputeState, now: datetime) -> Dispute:
    """Apply what the provider says of a dispute. What does not fit is shown, and raises ``Mismatch``."""
    try:
        return observe(payment_id=payment.pk, state=state, now=now)
    except Mismatch as problem:
        if payment.attempt is not None:
            attempts.show_mismatch(attempt=payment.attempt, what=str(problem), now=now)
        raise


def observe(*, payment_id: int, state: notices.DisputeState, now: datetime) -> Dispute:
    """Take note of a dispute as the provider tells it: any order, any number of times, same end.

    Raises ``Mismatch`` where it does not fit the payment.
    """
    for _round in range(refunds.ROUNDS):
        paying = refunds.invoices_of(payment_id)
        with outbox.left_to_the_clockwork(), transaction.atomic(durable=True):
            payment = refunds.lock_money(payment_id, paying)
            if set(refunds.invoices_of(payment_id)) <= set(paying):
                return _observed(payment, state, now)
    raise RuntimeError("what the payment pays keeps changing")


def is_news(*, payment: Payment, state: notices.DisputeState) -> bool:
    """Does the provider say something of a dispute that we do not know yet?"""
    known = Dispute.objects.filter(payment=payment, dispute_id=state.id).first()
    if known is None or state.progress != known.state:
        return known is None or state.progress in DISPUTE_MOVES[DisputeState(known.state)]
    fee = known.moved.aggregate(whole=Sum("fee"))["whole"] or 0
    kept = (known.amount, known.evidence_due_by, fee)
    return kept != (state.amount, state.evidence_due_by, fee if state.fee is None else state.fee)


def page_of(dispute: Dispute) -> str:
    """Return where a person answers it at the provider, or an empty text."""
    attempt = dispute.payment.attempt
    if attempt is None or not dispute.payment.payment_id:
        return ""
    try:
        return registry.get(dispute.gateway, attempt.site).dispute_page(dispute.payment.payment_id)
    except UnknownGateway:
        return ""


def _observed(payment: Payment, state: notices.DisputeState, now: datetime) -> Dispute:
    known = Dispute.objects.filter(gateway=payment.gateway, account=payment.account, dispute_id=state.id).first()
    _compare(payment, known, state)
    before = DisputeState(known.state) if known else None
    if known is not None and not _follows(DisputeState(known.state), state.progress):
        return known  # an old word, told late
    dispute = known or _made(payment, state)
    dispute.payment = payment
    _keep(dispute, state, now)
    touched = _move_money(dispute, state, now)
    if before is not state.progress:
        _announce(dispute, is_new=before is None)
        invoice = touched[0] if touched else _meant(payment)
        dispute_news.tell(dispute=dispute, invoice=invoice, url=page_of(dispute), now=now)
    return dispute


def _announce(dispute: Dispute, *, is_new: bool) -> None:
    if is_new:
        signals.send_on_commit(signals.dispute_opened, Dispute, dispute=dispute)
    if dispute.closed_at is not None:
        signals.send_on_commit(signals.dispute_closed, Dispute, dispute=dispute)


def _follows(before: DisputeState, told: DisputeState) -> bool:
    return told is before or told in DISPUTE_MOVES[before]


def _compare(payment: Payment, known: Dispute | None, state: notices.DisputeState) -> None:
    if known is not None and known.payment_id != payment.pk:
        raise Mismatch(f"dispute: {state.id} = {known.payment_id}")
    if state.currency != payment.currency:
        raise Mismatch(f"currency of the dispute: {payment.currency} ≠ {state.currency}")
    if state.amount <= 0:
        raise Mismatch(f"amount of the dispute: {state.amount}")


def _made(payment: Payment, state: notices.DisputeState) -> Dispute:
    return Dispute(
        payment=payment,
        gateway=payment.gateway,
        account=payment.account,
        mode=payment.mode,
        dispute_id=state.id,
        currency=state.currency,
        is_return=payment.method in RETURNED_METHODS,
        opened_at=state.created_at,
    )


def _keep(dispute: Dispute, state: notices.DisputeState, now: datetime) -> None:
    dispute.state, dispute.amount = state.progress, state.amount
    dispute.reason = state.reason[:50]
    dispute.evidence_due_by = state.evidence_due_by
    if state.progress in OPEN_DISPUTE_STATES:
        dispute.closed_at = None
    elif dispute.closed_at is None:
        dispute.closed_at = now
    dispute.save()


def _meant(payment: Payment) -> Invoice | None:
    """The invoice that the payment was for."""
    return payment.attempt.invoice if payment.attempt is not None else None


def _move_money(dispute: Dispute, state: notices.DisputeState, now: datetime) -> list[Invoice]:
    """Bring the money to where the provider says it is; return the invoices that it was taken from or given back to."""
    payment = dispute.payment
    sums = dispute.moved.aggregate(out=Sum("amount"), fee=Sum("fee"))
    out, booked_fee = sums["out"] or 0, sums["fee"] or 0
    change = _wanted(dispute, out) - out
    fee = 0 if state.fee is None else state.fee - booked_fee
    if not change and not fee:
        return []
    touched = _take(dispute, change, now) if change > 0 else []
    moved = DisputedMoney.objects.create(
        dispute=dispute, payment=payment, amount=change, fee=fee, on=payment.seller.today(now), at=now
    )
    if change < 0:
        touched = _give_back(dispute, -change, now)
    ports.failpoint("dispute.moved")
    ledger.book_disputed(moved=moved, now=now)
    return touched


def _wanted(dispute: Dispute, out: int) -> int:
    """How much of the payment the bank should have now: never more than is left of it."""
    state = DisputeState(dispute.state)
    if state in TAKING_DISPUTE_STATES:
        wanted: int = min(dispute.amount, out + max(dispute.payment.refundable(), 0))
        return wanted
    return 0 if state in RETURNING_DISPUTE_STATES else out


def _take(dispute: Dispute, amount: int, now: datetime) -> list[Invoice]:
    payment = dispute.payment
    rows = reversals.paying_of(payment)
    allocated, free = [part for _invoice, part in rows], max(payment.unallocated(), 0)
    _free, taken = allocation.take_back(min(amount, free + sum(allocated)), free, allocated)
    touched = [(invoice, part) for (invoice, _whole), part in zip(rows, taken, strict=True) if part]
    for invoice, part in touched:
        Allocation.objects.create(payment=payment, invoice=invoice, dispute=dispute, amount=-part, at=now)
        credits.apply_available(invoice=invoice, now=now)
        action = "debit_returned" if dispute.is_return else "disputed"
        journal.note(invoice, action, now=now, data={"amount": part, "currency": payment.currency})
    if payment.unallocated() - amount <= 0:
        alerts.settle_by_itself(kind="unallocated", key=str(payment.pk), now=now)
    return [invoice for invoice, _part in touched]


def _give_back(dispute: Dispute, amount: int, now: datetime) -> list[Invoice]:
    """Let it pay again what it had paid, as far as that is due; the rest is shown."""
    payment, touched = dispute.payment, []
    for invoice, part in _taken_from(dispute):
        (share,), _left = allocation.fill(min(part, amount), [invoice.balance().due])
        touched.append(invoice)
        if share:
            Allocation.objects.create(payment=payment, invoice=invoice, dispute=dispute, amount=share, at=now)
            amount -= share
            write_offs.follow(invoice=invoice, now=now)
        journal.note(invoice, "dispute_won", now=now, data={"amount": part, "currency": payment.currency})
    if amount:
        payments.show_unallocated(payment, touched[0] if touched else _meant(payment), amount, now, again=True)
    return touched


def _taken_from(dispute: Dispute) -> list[tuple[Invoice, int]]:
    """The invoices from which it still holds something, and how much of each."""
    held: dict[int, tuple[Invoice, int]] = {}
    for row in dispute.allocations.select_related("invoice__seller").order_by("pk"):
        standing = held.get(row.invoice_id, (row.invoice, 0))
        held[row.invoice_id] = (row.invoice, standing[1] - row.amount)
    return [(invoice, part) for invoice, part in held.values() if part > 0]
