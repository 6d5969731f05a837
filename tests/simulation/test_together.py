"""The same lives of money, in which customers also pay several invoices at once.

A machine of its own, beside that of money: the planted bugs over there are looked for in lives that must stay the
same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.simulation import verbs_together
from tests.simulation.invariants import Rules
from tests.simulation.invariants_together import RULES
from tests.simulation.machine import AMOUNT, WHICH, YES, Planted, is_missed, live
from tests.simulation.test_money import Money
from wagtail_payments.actions import claims, payments
from wagtail_payments.models import Allocation, AttemptShare

pytestmark = [pytest.mark.django_db]

LIVES, STEPS = 6, 30
NUMBER = st.integers(2, 4)


class Together(Money):
    """Money comes for several invoices at once, beside all that happens to money otherwise."""

    RULES: ClassVar[Rules] = RULES

    @rule(which=WHICH, number=NUMBER)
    def start_together(self, which: int, number: int) -> None:
        for basket in range(number - verbs_together.owed(self.world, which)):
            self.issue(which, basket)
        self.messages_come(twice=False, seed=which)
        self.done(lambda: verbs_together.start(self.world, which, number))

    @rule(which=WHICH, number=NUMBER, by_debit=YES, fails=YES)
    def pay_together(self, which: int, number: int, by_debit: bool, fails: bool) -> None:
        self.start_together(which, number)
        attempt = verbs_together.session(self.world, which)
        if attempt is not None:
            self.done(lambda: self.world.pay(attempt, by_debit=by_debit, fails=fails))
            self.messages_come(twice=fails, seed=which)

    @rule(which=WHICH, number=NUMBER, part=st.integers(1, 100))
    def one_is_paid_otherwise_meanwhile(self, which: int, number: int, part: int) -> None:
        self.start_together(which, number)
        attempt = verbs_together.session(self.world, which)
        if attempt is not None:
            invoice = attempt.shares.order_by("pk")[which % attempt.shares.count()].invoice
            amount = max(invoice.balance().due * part // 100, 1)
            self.done(lambda: self.world.transfer(invoice, amount))
            self.done(lambda: self.world.pay(attempt, by_debit=False, fails=False))
            self.messages_come(twice=True, seed=which)

    @rule(which=WHICH, amount=AMOUNT)
    def refund_at_the_provider(self, which: int, amount: int) -> None:
        """Who sends back by hand, and then the whole once more at the provider, has sent it twice: not looked for."""
        payment = self.world.online_payment(which)
        amount = min(amount, payment.refundable()) if payment is not None else 0
        if payment is not None and amount > 0:
            self.done(lambda: self.world.refund_at_the_provider(payment, amount))
            self.messages_come(twice=True, seed=which)


def test_whatever_is_paid_together_the_books_are_whole() -> None:
    live(Together, LIVES, STEPS)


def _given_twice(payment: Any, one: Any, share: int, due: int, now: Any) -> None:
    for _time in range(2):
        if share:
            Allocation.objects.create(payment=payment, invoice=one.invoice, amount=share, at=now)


class _BarsOnlyTheFirst:
    """Shares of which only the first keeps other tries from its invoice."""

    objects = AttemptShare.objects

    def __new__(cls, **fields: Any) -> Any:
        first = fields["invoice"].pk == fields["attempt"].invoice_id
        return AttemptShare(**fields | ({} if first else {"live_for": None}))


def _allocate_to_the_first(payment: Any, meant: Sequence[Any], amount: int, now: Any) -> tuple[int, Any]:
    Allocation.objects.create(payment=payment, invoice=meant[0].invoice, amount=amount, at=now)
    return 0, None


PLANTED: dict[str, tuple[str, Planted]] = {
    "what is paid is given to its invoice twice": ("I1|I3", [(payments, "_pay", _given_twice)]),
    "all that is paid together goes to the first": ("I1", [(payments, "_allocate", _allocate_to_the_first)]),
    "a try for several bars only its first invoice": ("I28", [(claims, "AttemptShare", _BarsOnlyTheFirst)]),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_guard_that_is_taken_away_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, planted = PLANTED[name]
    is_missed(Together, planted, found, monkeypatch)
