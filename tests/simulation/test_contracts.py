"""Orders in parts, paid in parts and put right, in any order: the parts stay the whole.

Not planted, since a constraint of the database stands behind the guard: a deposit deducted twice, a form sent twice.
Nor an invoice that is replaced twice: nothing is left of it to credit.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.simulation import invariants_contracts, verbs_contracts, verbs_disputes
from tests.simulation.machine import AMOUNT, SHARE, WHICH, YES, Planted, Sales, is_missed, live
from wagtail_payments.actions import deductions, instalments, replacing
from wagtail_payments.core import schedule
from wagtail_payments.records import deposits as deposit_rows

pytestmark = [pytest.mark.django_db]

LIVES, STEPS = 5, 30


class Orders(Sales):
    """Deposits, final invoices, instalments, corrections."""

    RULES = invariants_contracts.RULES

    @initialize(basket=WHICH, percent=SHARE)
    def first_order(self, basket: int, percent: int) -> None:
        self.order(0, basket, percent, by_amount=False)
        self.issue_in_parts(1, basket, percent, 3)

    @rule(customer=WHICH, basket=WHICH, percent=SHARE, by_amount=YES)
    def order(self, customer: int, basket: int, percent: int, by_amount: bool) -> None:
        contract = verbs_contracts.order(self.world, customer, basket)
        self.done(lambda: verbs_contracts.ask_deposit(self.world, contract, percent, by_amount=by_amount))

    @rule(which=WHICH, percent=SHARE, by_amount=YES)
    def another_deposit(self, which: int, percent: int, by_amount: bool) -> None:
        contract = verbs_contracts.draft(self.world, which)
        if contract is not None:
            self.done(lambda: verbs_contracts.ask_deposit(self.world, contract, percent, by_amount=by_amount))

    @rule(which=WHICH, cancels=YES)
    def decide(self, which: int, cancels: bool) -> None:
        self.done(lambda: verbs_contracts.decide(self.world, which, cancels=cancels))

    @rule(which=WHICH, basket=WHICH)
    def change_order(self, which: int, basket: int) -> None:
        contract = verbs_contracts.draft(self.world, which)
        if contract is not None:
            self.done(lambda: verbs_contracts.change_order(self.world, contract, basket))

    @rule(which=WHICH)
    def issue_order(self, which: int) -> None:
        contract = verbs_contracts.draft(self.world, which)
        if contract is not None:
            self.done(lambda: verbs_contracts.issue(self.world, contract))

    @rule(customer=WHICH, basket=WHICH, percent=SHARE, parts=st.integers(1, 4))
    def issue_in_parts(self, customer: int, basket: int, percent: int, parts: int) -> None:
        self.done(lambda: verbs_contracts.issue_in_parts(self.world, customer, basket, percent, parts))

    @rule(which=WHICH, amount=AMOUNT, offered=YES)
    def pay_chosen(self, which: int, amount: int, offered: bool) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: verbs_contracts.pay_chosen(self.world, invoice, amount, offered=offered))
            self.messages_come(twice=offered, seed=which)

    @rule(which=WHICH, anew=YES)
    def correct(self, which: int, anew: bool) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            verb = verbs_contracts.reissue if anew else verbs_contracts.correct
            self.done(lambda: verb(self.world, invoice))

    @rule(which=WHICH, line=WHICH, share=SHARE, by_quantity=YES)
    def credit_line(self, which: int, line: int, share: int, by_quantity: bool) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: verbs_contracts.credit_line(self.world, invoice, line, share, by_quantity=by_quantity))

    @rule(which=WHICH)
    def use_credit(self, which: int) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: verbs_disputes.use_credit(self.world, invoice))

    @rule(which=WHICH)
    def payment_is_disputed(self, which: int) -> None:
        payment = self.world.online_payment(which)
        if payment is not None:
            self.done(lambda: verbs_disputes.dispute(self.world, payment, inquiry=False))
            self.messages_come(twice=True, seed=which)


class Advances(Orders):
    """Besides, deposits that come before their order. What is planted is looked for without them: it is rare enough."""

    @rule(customer=WHICH, basket=WHICH, percent=SHARE)
    def deposit_before_an_order(self, customer: int, basket: int, percent: int) -> None:
        self.done(lambda: verbs_contracts.ask_advance(self.world, customer, basket, percent))

    @rule(which=WHICH, order=WHICH, lets_go=YES)
    def take_or_let_go(self, which: int, order: int, lets_go: bool) -> None:
        self.done(lambda: verbs_contracts.take_advance(self.world, which, order, lets_go=lets_go))


@pytest.mark.parametrize("lives", [Orders, Advances])
def test_whatever_happens_the_parts_are_the_whole(lives: type[Orders]) -> None:
    live(lives, LIVES, STEPS)


def _without_the_first(of: Any) -> Any:
    return lambda contract: of(contract)[1:]


PLANTED: dict[str, tuple[str, Planted]] = {
    "a deposit is forgotten": ("I14", [(deposit_rows, "asked_for", _without_the_first(deposit_rows.asked_for))]),
    "what is deducted is not kept": ("I14", [(deductions, "_keep", lambda final: None)]),
    "instalments are not fixed": ("I22", [(instalments, "fix", lambda *, invoice, total: None)]),
    "an instalment is filled before its turn": ("I22", [(schedule, "standings", lambda parts, covered, today: [])]),
    "any amount may be paid": ("I28|I1", [(instalments, "refusal", lambda *, invoice, amount, now: "")]),
    "what a corrective invoice replaces still stands": ("I2", [(replacing, "_taken_back", lambda *facts: None)]),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_guard_that_is_taken_away_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, planted = PLANTED[name]
    is_missed(Orders, planted, found, monkeypatch)
