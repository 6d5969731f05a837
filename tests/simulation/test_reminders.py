"""Reminders while everything else goes on: never one too many, and none twice.

Not planted, since a constraint of the database stands behind the guard: the same step twice, two promises at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.simulation import verbs_disputes, verbs_reminders
from tests.simulation.invariants import Books
from tests.simulation.machine import WHICH, YES, Planted, Sales, is_missed, live
from wagtail_payments.actions import obstacles, promises, reminder_letters, reminders
from wagtail_payments.mail import outbox
from wagtail_payments.models import Letter, Promise, Reminder

pytestmark = [pytest.mark.django_db]

LIVES, STEPS = 5, 40


def _once_each(books: Books) -> Iterator[str]:
    steps = Reminder.objects.filter(days__isnull=False).values_list("invoice", "due_on", "days")
    yield from (f"{step} {times} times" for step, times in Counter(steps).items() if times > 1)
    letters = Letter.objects.filter(kind="reminder", state="sent", tries__gt=1)
    yield from (f"letter {letter.pk} left {letter.tries} times" for letter in letters)


def _promises_within_bounds(books: Books) -> Iterator[str]:
    for promise in Promise.objects.select_related("invoice__seller"):
        if promise.planned_on <= promise.invoice.seller.today(promise.made_at):
            yield f"{promise} was planned for a day that had begun"


class Dunning(Sales):
    """Customers are reminded, promise, pay, and have their banks take it back."""

    RULES = {"I21": _once_each, "I21, promises": _promises_within_bounds}

    @rule(leave=YES)
    def remind(self, leave: bool) -> None:
        self.done(lambda: verbs_reminders.remind(self.world))
        if leave:
            self.letters_leave()

    @rule()
    def letters_leave(self) -> None:
        self.done(lambda: verbs_reminders.letters_leave(self.world))

    @rule(days=st.sampled_from([3, 7, 14, 27]), leave=YES)
    def days_go_by(self, days: int, leave: bool) -> None:
        self.clock.advance(days=days)
        self.remind(leave)

    @rule(which=WHICH, whose=st.sampled_from(["invoice", "customer", ""]))
    def mute(self, which: int, whose: str) -> None:
        invoice = self.world.owing(which)
        if invoice is not None:
            self.done(lambda: verbs_reminders.mute(self.world, invoice, whose))

    @rule(which=WHICH, days=st.integers(0, 60), by_customer=YES)
    def promise(self, which: int, days: int, by_customer: bool) -> None:
        invoice = self.world.owing(which)
        if invoice is not None:
            self.done(lambda: verbs_reminders.promise(self.world, invoice, days, by_customer=by_customer))

    @rule(which=WHICH, how=st.sampled_from(["mute", "promise", "transfer", "write_off"]))
    def all_changes_before_letters_leave(self, which: int, how: str) -> None:
        self.days_go_by(27, leave=False)
        if how == "mute":
            self.mute(which, "invoice")
        elif how == "promise":
            self.promise(which, 20, by_customer=False)
        elif how == "transfer":
            self.transfer(which, 1, exactly=True)
        else:
            self.write_off(which)
        self.letters_leave()

    @rule(which=WHICH)
    def take_back_promise(self, which: int) -> None:
        invoice = self.world.invoice(which)
        if invoice is not None:
            self.done(lambda: verbs_reminders.take_back(self.world, invoice))

    @rule()
    def end_promises(self) -> None:
        self.done(lambda: verbs_reminders.end_promises(self.world))

    @rule(which=WHICH)
    def payment_is_disputed(self, which: int) -> None:
        payment = self.world.online_payment(which)
        if payment is not None:
            self.done(lambda: verbs_disputes.dispute(self.world, payment, inquiry=False))
            self.messages_come(twice=True, seed=which)

    @rule(which=WHICH)
    def write_off(self, which: int) -> None:
        invoice = self.world.owing(which)
        if invoice is not None:
            self.done(lambda: verbs_disputes.write_off(self.world, invoice))


def test_whatever_happens_nobody_is_reminded_wrongly() -> None:
    live(Dunning, LIVES, STEPS)


def _nothing_in_the_way(*args: Any, **options: Any) -> None:
    return None


def _let_go(letter_id: int, claim: Any, now: Any) -> bool:
    return bool(claim())


PLANTED: dict[str, tuple[str, Planted]] = {
    "nobody asks again as letters leave": ("I21", [(reminder_letters, "_stopped", lambda rows, now: {})]),
    "nobody asks at all": (
        "I21",
        [(reminders, "obstacle", _nothing_in_the_way), (reminder_letters, "obstacle", _nothing_in_the_way)],
    ),
    "letters of reminders leave unguarded": ("I21", [(outbox, "_guards", {"reminder": _let_go})]),
    "the muted are reminded": ("I21", [(obstacles, "_muted", lambda invoices: frozenset())]),
    "any day may be promised": ("I21, promises", [(promises, "_refuse_outside", lambda day, allowed: None)]),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_guard_that_is_taken_away_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, planted = PLANTED[name]
    is_missed(Dunning, planted, found, monkeypatch)
