"""Refunds that the provider reports: ours that were done, and those made in its dashboard, of which it tells us first.

The latter take what is unallocated first; the rest re-opens the invoice until an editor has looked.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports
from wagtail_payments.actions import alerts, credits, refunds
from wagtail_payments.core import allocation, money, notices
from wagtail_payments.core.lifecycle import RefundKind, RefundState
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Allocation, Payment, Refund


def observe(*, payment_id: int, state: notices.RefundState, now: datetime) -> Refund:
    """Take note of a refund that the provider reports on a payment, ours or one made in its dashboard."""
    for _round in range(refunds.ROUNDS):
        known = _known(payment_id, state)
        if known is not None:
            return refunds.apply_state(refund_id=known.pk, state=state, now=now)
        paying = refunds.invoices_of(payment_id)
        with transaction.atomic(durable=True):
            payment = refunds.lock_money(payment_id, paying)
            if _known(payment_id, state) is None and set(refunds.invoices_of(payment_id)) <= set(paying):
                return _from_dashboard(payment, state, now)
    raise RuntimeError("what the payment pays keeps changing")


def _known(payment_id: int, state: notices.RefundState) -> Refund | None:
    ours = Refund.objects.filter(payment=payment_id)
    by_id = ours.filter(refund_id=state.id).first()
    if by_id is not None or not state.our_key:
        return by_id
    return ours.filter(idempotency_key=state.our_key, refund_id=None).first()


def _from_dashboard(payment: Payment, state: notices.RefundState, now: datetime) -> Refund:
    """What is unallocated goes first; the rest re-opens the invoice until an editor has looked."""
    failed = state.progress is notices.RefundProgress.FAILED
    rows = paying_of(payment)
    allocated, free = [amount for _invoice, amount in rows], max(payment.unallocated(), 0)
    # What is held for a refund of ours that nobody confirmed may be what the provider sent back here.
    gone = 0 if failed else min(state.amount, free + sum(allocated))
    _free, taken = allocation.take_back(gone, free, allocated)
    reopens = any(taken)
    target = RefundState(state.progress.value)
    refund = Refund.objects.create(
        payment=payment,
        kind=RefundKind.REVERSAL if reopens else RefundKind.OVERPAYMENT,
        gateway=payment.gateway,
        account=payment.account,
        mode=payment.mode,
        amount=state.amount,
        currency=state.currency,
        state=target,
        idempotency_key=ports.new_id(),
        refund_id=state.id,
        failure=state.failure[:500],
        needs_a_look=reopens,
        requested_at=state.created_at,
        settled_on=payment.seller.today(now) if target is RefundState.SUCCEEDED else None,
    )
    _reopen(refund, [(invoice, part) for (invoice, _a), part in zip(rows, taken, strict=False) if part], now)
    refunds.follow(refund, RefundState.REQUESTED, now)
    return refund


def paying_of(payment: Payment) -> list[tuple[Invoice, int]]:
    """Return the invoices that a payment pays, with what of each; what goes back is taken from the last one first.

    What was refunded with a credit note, or is held for that, stands before all the rest: whoever got it back does
    not owe it again as long as the payment pays anything else.
    """
    rows: dict[int, tuple[Invoice, int]] = {}
    for row in payment.allocations.select_related("invoice").order_by("pk"):
        standing = rows.get(row.invoice_id, (row.invoice, 0))
        rows[row.invoice_id] = (row.invoice, standing[1] + row.amount)
    left = [(invoice, min(max(payment.allocated_to(invoice), 0), part)) for invoice, part in rows.values()]
    refunded = [(invoice, part - rest) for (invoice, part), (_invoice, rest) in zip(rows.values(), left, strict=True)]
    return [row for row in [*refunded, *left] if row[1] > 0]


def _reopen(refund: Refund, parts: list[tuple[Invoice, int]], now: datetime) -> None:
    """What a credit note covers is looked at already: it settles the alert again."""
    for invoice, part in parts:
        Allocation.objects.create(payment=refund.payment, invoice=invoice, refund=refund, amount=-part, at=now)
    if parts:
        _show(refund, parts, now)
    for invoice, _part in parts:
        credits.apply_available(invoice=invoice, now=now)


def _show(refund: Refund, parts: list[tuple[Invoice, int]], now: datetime) -> None:
    """One alert for all that is open again."""
    first, language = parts[0][0], refund.payment.seller.language
    with override(language):
        text = _(
            "A refund of %(amount)s was made at the payment provider. To be paid again: %(numbers)s. Have a look."
        ) % {
            "amount": money.formatted(sum(part for _invoice, part in parts), refund.currency, language),
            "numbers": ", ".join(dict.fromkeys(invoice.number for invoice, _part in parts)),
        }
    alerts.raise_once(kind="reversal", key=str(refund.pk), text=text, now=now, refund=refund, invoice=first)
