"""Anything done in any order leaves the money whole; and where a guard is taken away, that is noticed.

Hypothesis plays the owner, the customers, the bank and the provider, over the real actions on a real database.
Not planted, since a constraint of the database stands behind the guard: a payment, refund or dispute of the provider
counted twice, two live tries for one invoice, an entry booked twice, a number given twice, an amount of nothing.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.simulation import invariants_receipts, verbs_disputes
from tests.simulation.machine import AMOUNT, SHARE, WHICH, YES, Planted, Sales, is_missed, live
from wagtail_payments.actions import applying, disputes, receipts, write_offs
from wagtail_payments.core import allocation
from wagtail_payments.core.snapshot import Share
from wagtail_payments.models import Allocation, CreditNote, Payment
from wagtail_payments.records.payments import with_money_left

pytestmark = [pytest.mark.django_db]

LIVES, STEPS = 6, 30


class Money(Sales):
    """Money comes, goes back, is taken back by banks, given up, and used elsewhere."""

    RULES = invariants_receipts.RULES

    @rule(which=WHICH)
    def start_paying(self, which: int) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: self.world.start(invoice))

    @rule(which=WHICH)
    def customer_comes_back(self, which: int) -> None:
        self.done(lambda: self.world.ask_provider(which))

    @rule(which=WHICH, share=SHARE, by_hand=YES)
    def refund_with_credit_note(self, which: int, share: int, by_hand: bool) -> None:
        payment = self.world.payment(which)
        if payment is not None:
            self.done(lambda: self.world.refund_invoice(payment, share, by_hand=by_hand))

    @rule(which=WHICH, amount=AMOUNT, all_of_it=YES, by_hand=YES)
    def refund_overpayment(self, which: int, amount: int, all_of_it: bool, by_hand: bool) -> None:
        payment = self.world.payment(which)
        if payment is not None:
            amount = payment.unallocated() if all_of_it else amount
            self.done(lambda: self.world.refund_overpayment(payment, amount, by_hand=by_hand))

    @rule(which=WHICH, note=WHICH, amount=AMOUNT, by_hand=YES)
    def refund_credit_note(self, which: int, note: int, amount: int, by_hand: bool) -> None:
        payment, row = self.world.payment(which), self.world.pick(CreditNote.objects.all(), note)
        if payment is not None and row is not None:
            self.done(lambda: self.world.refund_credit_note(row, payment, amount, by_hand=by_hand))

    @rule(which=WHICH, amount=AMOUNT)
    def refund_at_the_provider(self, which: int, amount: int) -> None:
        payment = self.world.online_payment(which)
        if payment is not None:
            self.done(lambda: self.world.refund_at_the_provider(payment, amount))
            self.messages_come(twice=True, seed=which)

    @rule(which=WHICH, inquiry=YES, told=YES)
    def payment_is_disputed(self, which: int, inquiry: bool, told: bool) -> None:
        payment = self.world.online_payment(which)
        if payment is not None:
            self.done(lambda: verbs_disputes.dispute(self.world, payment, inquiry=inquiry))
            self.told(which, told)

    @rule(which=WHICH, told=YES)
    def debit_is_returned(self, which: int, told: bool) -> None:
        payment = self.world.online_payment(which)
        if payment is not None:
            self.done(lambda: verbs_disputes.return_debit(self.world, payment))
            self.told(which, told)

    @rule(which=WHICH, how=st.sampled_from(["answer", "escalate", "won", "lost"]), told=YES)
    def dispute_goes_on(self, which: int, how: str, told: bool) -> None:
        self.done(lambda: verbs_disputes.go_on(self.world, which, how=how))
        self.told(which, told)

    @rule(which=WHICH)
    def write_off(self, which: int) -> None:
        invoice = self.world.owing(which) if which % 3 else self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: verbs_disputes.write_off(self.world, invoice))

    @rule(which=WHICH)
    def recover(self, which: int) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: verbs_disputes.recover(self.world, invoice))

    @rule(which=WHICH)
    def use_credit(self, which: int) -> None:
        invoice = self.world.owing(which)
        if invoice is not None:
            self.done(lambda: verbs_disputes.use_credit(self.world, invoice))

    @rule(which=WHICH, note=WHICH, whole=YES)
    def use_one(self, which: int, note: int, whole: bool) -> None:
        invoice = self.world.owing(which)
        payment = self.world.pick(with_money_left(Payment.objects.all()).filter(spare__gt=0), note)
        credit_note = self.world.pick(CreditNote.objects.all(), note)
        if whole and invoice is not None and credit_note is not None:
            self.done(lambda: verbs_disputes.use_credit_note(self.world, credit_note, invoice))
        elif invoice is not None and payment is not None:
            self.done(lambda: verbs_disputes.use_payment(self.world, payment, invoice))

    @rule(which=WHICH)
    def given_up_then_paid(self, which: int) -> None:
        invoice = self.world.owing(which)
        if invoice is not None:
            self.done(lambda: verbs_disputes.write_off(self.world, invoice))
            self.done(lambda: self.world.transfer(invoice, invoice.balance().due))

    @rule(which=WHICH, share=SHARE)
    def credited_and_used_elsewhere(self, which: int, share: int) -> None:
        self.credit(0, share)
        note = CreditNote.objects.order_by("-pk").first()
        invoice = self.world.owing(which)
        if note is not None and invoice is not None:
            self.done(lambda: verbs_disputes.use_credit_note(self.world, note, invoice))

    @rule(which=WHICH)
    def disputed_paid_again_and_won(self, which: int) -> None:
        payment = self.world.online_payment(which)
        paid = payment.allocations.first() if payment is not None else None
        if paid is not None:
            self.payment_is_disputed(which, inquiry=False, told=True)
            self.all_holds()
            self.done(lambda: self.world.transfer(paid.invoice, paid.invoice.balance().due))
            self.dispute_goes_on(which, how="won", told=True)

    def told(self, seed: int, told: bool) -> None:
        """The provider's messages come now, or with later ones."""
        if told:
            self.messages_come(twice=True, seed=seed)


def test_whatever_happens_the_books_are_whole() -> None:
    live(Money, LIVES, STEPS)


def _allocate_all(amount: int, due: list[int]) -> tuple[list[int], int]:
    return [amount for _one in due], 0


def _take_nothing_back(amount: int, unallocated: int, allocated: list[int]) -> tuple[int, list[int]]:
    return amount, [0 for _one in allocated]


def _no_limit(self: Any) -> int:
    return 10**9


def _all_of_it_again(rows: Any, moved: int) -> tuple[Share, ...]:
    """Each invoice on a receipt, with all that came for it so far instead of what this payment pays."""
    return tuple(
        Share(row.invoice.number, row.invoice.document.issued_on.isoformat(), row.invoice.gross)
        for row in rows.select_related("invoice__document")
    )


def _rounded_each(paid: int, gross: int, tax: int) -> int:
    return tax * paid // gross + paid % 2 if gross else 0


ACTIONS = "wagtail_payments.actions"
PLANTED: dict[str, tuple[str, Planted]] = {
    "a payment pays more than is due": ("I1", [(allocation, "fill", _allocate_all)]),
    "a refund at the provider re-opens nothing": ("I3", [(allocation, "take_back", _take_nothing_back)]),
    "more goes back than came": (
        "I[34]|constraint",
        [(Payment, "refundable", _no_limit), (Payment, "unallocated", _no_limit)],
    ),
    "a credit note lowers more than is due": ("I1", [(allocation, "credit_first", lambda total, due: (total, 0))]),
    "a payment is not booked": ("I1[38]", [(f"{ACTIONS}.ledger.book_payment", "", lambda **facts: None)]),
    "a credit note is not booked": ("I1[38]", [(f"{ACTIONS}.ledger.book_credit", "", lambda **facts: None)]),
    "a refund is not booked": ("I1[378]", [(f"{ACTIONS}.ledger.book_refund", "", lambda **facts: None)]),
    "a dispute is not booked": ("I1[378]", [(f"{ACTIONS}.ledger.book_disputed", "", lambda **facts: None)]),
    "a write-off is not booked": ("I1[38]", [(f"{ACTIONS}.ledger.book_write_off", "", lambda **facts: None)]),
    "more is credited than was invoiced": (
        "I2|constraint",
        [("wagtail_payments.core.creditable.Creditable.left", "", property(lambda self: 10**6))],
    ),
    "a receipt tells of more than came": ("I16, on receipts", [(receipts, "_shares", _all_of_it_again)]),
    "the VAT of parts does not end at that of the whole": ("I16", [(allocation, "_tax_up_to", _rounded_each)]),
    "what is processing is forgotten by the list": (
        "I6",
        [("wagtail_payments.records.balances._status_condition", "", lambda wanted, today: ~Q(pk=None))],
    ),
    # ``disputes._wanted`` takes no more than is left, whatever a bank says: the sandbox's banks never ask for more.
    "a dispute leaves its invoice paid": ("I3", [(disputes, "_take", lambda dispute, amount, now: [])]),
    "a dispute that is won pays more than is due": (
        "I1|I3",
        [(disputes, "_give_back", lambda dispute, amount, now: _pay_again(dispute, amount, now))],
    ),
    "who pays after all stays given up": (
        "I7, written off",
        [(write_offs, "follow", lambda *, invoice, now, is_paid=False: None)],
    ),
    "what is not due is given up": ("I7, written off|constraint", [(write_offs, "why_not", lambda *, invoice: "")]),
    "credit of one customer pays for another": ("I9", [(applying, "is_same_circle", lambda one, other: True)]),
    "more credit is used than there is": ("I5", [(applying, "available_credit", lambda note: 10**6)]),
}


def _pay_again(dispute: Any, amount: int, now: Any) -> list[Any]:
    for invoice, part in disputes._taken_from(dispute):
        Allocation.objects.create(payment=dispute.payment, invoice=invoice, dispute=dispute, amount=part, at=now)
    return []


@pytest.mark.parametrize("name", PLANTED)
def test_a_guard_that_is_taken_away_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, planted = PLANTED[name]
    is_missed(Money, planted, found, monkeypatch)
