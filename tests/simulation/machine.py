"""One life of a business, which Hypothesis lives: what all subjects share. Everything in it is rolled back at its end.

A planted bug is a guard that is taken away; ``found`` says which rule misses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test import TestCase
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests import factories
from tests.simulation import endings
from tests.simulation.invariants import Memory, Rules, broken, unproven
from tests.simulation.world import World
from wagtail_payments import ports
from wagtail_payments.mail import outbox
from wagtail_payments.sandbox.testing import TestClock, make_sandbox
from wagtail_payments.sandbox.transport import SandboxHTTPClient
from wagtail_payments.sandbox.webhooks import Endpoint

WHICH = st.integers(0, 9)
SHARE = st.integers(1, 100)
AMOUNT = st.integers(1, 150_000)
YES = st.booleans()
URL, SECRET = "http://testserver/payments/webhooks/stripe/", "whsec_of_the_tests"
START: dict[str, Any] = {}
Planted = list[tuple[Any, str, Any]]


class Business(RuleBasedStateMachine):
    """A life in which time passes; what happens in it is added by its subject."""

    RULES: ClassVar[Rules] = {}

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory()
        self.is_broken = False
        self.stack = ExitStack()
        atomics = TestCase._enter_atomics()  # type: ignore[attr-defined]
        self.stack.callback(TestCase._rollback_atomics, atomics)  # type: ignore[attr-defined]
        self.clock = TestClock(START["now"])
        sandbox = make_sandbox(clock=self.clock, endpoint=Endpoint(URL, (SECRET,)), judged=False)
        world = {"clock": self.clock, "transports": {"stripe": SandboxHTTPClient(sandbox)}}
        self.stack.enter_context(ports.use(everywhere=True, **world))
        self.stack.enter_context(outbox.left_to_the_clockwork())
        factories.settle_site(seller=factories.make_seller(promise_days=30))
        customers = [factories.make_customer(), factories.make_consumer()]
        self.world = World(sandbox, self.clock, customers)

    def teardown(self) -> None:
        """Ask the longest questions of a life that went well, then forget it."""
        with self.stack:
            if self.is_broken:
                return
            with TestCase.captureOnCommitCallbacks(execute=True):
                found = [*unproven(), *endings.broken(self.world)]
            assert not found, "\n".join(found)

    def done(self, verb: Callable[[], Any]) -> None:
        """Do it, and what waits for the commit."""
        with TestCase.captureOnCommitCallbacks(execute=True):
            self.world.attempt(verb)

    @rule(days=st.sampled_from([0, 1, 9, 31, 200]))
    def time_passes(self, days: int) -> None:
        self.clock.advance(days=days, minutes=7)
        self.done(self.world.reconcile)

    @invariant()
    def all_holds(self) -> None:
        """After each step."""
        found = list(broken(self.world, self.memory, self.RULES))
        self.is_broken = bool(found)
        assert not found, "\n".join(found)


class Sales(Business):
    """A life in which invoices are issued and paid. It begins when the first ones have been."""

    @initialize(basket=st.integers(0, 2), more=st.integers(0, 5000))
    def begin(self, basket: int, more: int) -> None:
        for customer in (0, 1, 0):
            self.done(lambda customer=customer: self.world.issue(customer, basket + customer))  # type: ignore[misc]
        self.pay_online(0, by_debit=False, fails=False)
        second = self.world.invoice(1)
        assert second is not None
        self.done(lambda: self.world.transfer(second, second.gross + more))

    @rule(customer=WHICH, basket=WHICH)
    def issue(self, customer: int, basket: int) -> None:
        self.done(lambda: self.world.issue(customer, basket))

    @rule(which=WHICH, amount=AMOUNT, exactly=YES)
    def transfer(self, which: int, amount: int, exactly: bool) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            due = invoice.balance().due if exactly else 0
            self.done(lambda: self.world.transfer(invoice, due or amount))

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

    @rule(which=WHICH, share=SHARE)
    def credit(self, which: int, share: int) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: self.world.credit(invoice, share))


def live(machine: type[Business], lives: int, steps: int) -> None:
    """Live so many lives of so many steps, the same ones each time, until the first that goes wrong."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            derandomize=True,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def is_missed(machine: type[Business], planted: Planted, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a guard away and see the rule of that pattern break; the same on every server, so seen on SQLite."""
    if connection.vendor != "sqlite":
        pytest.skip("what a planted bug breaks does not depend on the server")
    for target, attribute, instead in planted:
        if attribute:
            monkeypatch.setattr(target, attribute, instead)
        else:
            monkeypatch.setattr(target, instead)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is told below
        live(machine, 12, 20)
    assert re.search(found, str(caught.value)), repr(caught.value)
