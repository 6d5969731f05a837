"""Anything done in any order leaves the books whole; and where a guard is taken away, that is noticed.

Hypothesis plays the owner, the customers, the bank and the provider, over the real actions on a real database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db.models import Q
from django.test import TestCase
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests import factories
from tests.simulation.invariants import Memory, broken, unproven
from tests.simulation.world import World
from wagtail_payments import ports
from wagtail_payments.actions import renditions
from wagtail_payments.core import allocation
from wagtail_payments.models import CreditNote, Payment
from wagtail_payments.sandbox.testing import TestClock, make_sandbox
from wagtail_payments.sandbox.transport import SandboxHTTPClient
from wagtail_payments.sandbox.webhooks import Endpoint

pytestmark = [pytest.mark.django_db]

LIVES, STEPS = 12, 25
WHICH = st.integers(0, 9)
SHARE = st.integers(1, 100)
AMOUNT = st.integers(1, 150_000)
YES = st.booleans()
URL, SECRET = "http://testserver/payments/webhooks/stripe/", "whsec_of_the_tests"


class Business(RuleBasedStateMachine):
    """One life of a business: everything in it is rolled back at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory()
        self.stack = ExitStack()
        atomics = TestCase._enter_atomics()  # type: ignore[attr-defined]
        self.stack.callback(TestCase._rollback_atomics, atomics)  # type: ignore[attr-defined]
        self.clock = TestClock(START["now"])
        sandbox = make_sandbox(clock=self.clock, endpoint=Endpoint(URL, (SECRET,)), judged=False)
        world = {"clock": self.clock, "transports": {"stripe": SandboxHTTPClient(sandbox)}}
        self.stack.enter_context(ports.use(everywhere=True, **world))
        factories.settle_site()
        customers = [factories.make_customer(), factories.make_consumer()]
        self.world = World(sandbox, self.clock, customers)

    def teardown(self) -> None:
        """Verify the whole books once more, then forget this life."""
        with self.stack:
            found = list(unproven())
            assert not found, "\n".join(found)

    def done(self, verb: Callable[[], Any]) -> None:
        """Do it, and what waits for the commit."""
        with TestCase.captureOnCommitCallbacks(execute=True):
            self.world.attempt(verb)

    @initialize(basket=WHICH)
    def first_invoice(self, basket: int) -> None:
        self.done(lambda: self.world.issue(0, basket))

    @rule(customer=WHICH, basket=WHICH)
    def issue(self, customer: int, basket: int) -> None:
        self.done(lambda: self.world.issue(customer, basket))

    @rule(which=WHICH, amount=AMOUNT, exactly=YES)
    def transfer(self, which: int, amount: int, exactly: bool) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            due = invoice.balance().due if exactly else 0
            self.done(lambda: self.world.transfer(invoice, due or amount))

    @rule(which=WHICH)
    def start_paying(self, which: int) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: self.world.start(invoice))

    @rule(which=WHICH, by_debit=YES, fails=YES)
    def pay_online(self, which: int, by_debit: bool, fails: bool) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: self.world.start(invoice))
        attempt = self.world.session(which)
        if attempt is not None:
            self.done(lambda: self.world.pay(attempt, by_debit=by_debit, fails=fails))
            self.messages_come(twice=fails, seed=which)

    @rule(twice=YES, seed=WHICH)
    def messages_come(self, twice: bool, seed: int) -> None:
        self.done(lambda: self.world.deliver(twice=twice, seed=seed))

    @rule()
    def bank_answers(self) -> None:
        self.done(self.world.bank_answers)

    @rule(which=WHICH)
    def customer_comes_back(self, which: int) -> None:
        self.done(lambda: self.world.ask_provider(which))

    @rule(days=st.sampled_from([0, 1, 31, 200]))
    def time_passes(self, days: int) -> None:
        self.clock.advance(days=days, minutes=7)
        self.done(self.world.reconcile)

    @rule(which=WHICH, share=SHARE)
    def credit(self, which: int, share: int) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: self.world.credit(invoice, share))

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

    @invariant()
    def all_holds(self) -> None:
        """After each step."""
        found = list(broken(self.world, self.memory))
        assert not found, "\n".join(found)


START: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _papers_are_drawn_elsewhere(monkeypatch: pytest.MonkeyPatch, now: Any) -> Iterator[None]:
    """Drawing a PDF moves no money and takes longer than all the rest."""
    START["now"] = now
    monkeypatch.setattr(renditions, "draw_after_commit", lambda *args, **kwargs: None)
    return


def live(lives: int = LIVES, steps: int = STEPS) -> None:
    """Play so many lives of so many steps, the same ones each time."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Business,
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_happens_the_books_are_whole() -> None:
    live()


def _allocate_all(amount: int, due: list[int]) -> tuple[list[int], int]:
    return [amount for _one in due], 0


def _take_nothing_back(amount: int, unallocated: int, allocated: list[int]) -> tuple[int, list[int]]:
    return amount, [0 for _one in allocated]


def _no_limit(self: Any) -> int:
    return 10**9


PLANTED: dict[str, list[tuple[Any, str, Any]]] = {
    "a payment pays more than is due": [(allocation, "fill", _allocate_all)],
    "a refund at the provider re-opens nothing": [(allocation, "take_back", _take_nothing_back)],
    "more goes back than came": [(Payment, "refundable", _no_limit), (Payment, "unallocated", _no_limit)],
    "a credit note lowers more than is due": [(allocation, "credit_first", lambda total, due: (total, 0))],
    "a payment is not booked": [("wagtail_payments.actions.ledger.book_payment", "", lambda **facts: None)],
    "a credit note is not booked": [("wagtail_payments.actions.ledger.book_credit", "", lambda **facts: None)],
    "a refund is not booked": [("wagtail_payments.actions.ledger.book_refund", "", lambda **facts: None)],
    "more is credited than was invoiced": [
        ("wagtail_payments.actions.credits.Creditable.left", "", property(lambda self: 10**6))
    ],
    "what is processing is forgotten by the list": [
        ("wagtail_payments.records.balances._status_condition", "", lambda wanted, today: ~Q(pk=None))
    ],
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_guard_that_is_taken_away_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for target, attribute, instead in PLANTED[name]:
        if attribute:
            monkeypatch.setattr(target, attribute, instead)
        else:
            monkeypatch.setattr(target, instead)
    with pytest.raises((AssertionError, Exception), match=r"I\d+|constraint|more than|Falsifying|negative") as caught:
        live(40, 30)
    assert not isinstance(caught.value, TypeError | AttributeError), caught.value
