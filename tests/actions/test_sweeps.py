"""Sweeps: rows that fail each time hold up no others, however few may be tried in one beat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import factories
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import cancel, register, start_paying, states
from wagtail_payments import ports
from wagtail_payments.actions import (
    cancellations,
    checkout,
    events,
    receipts,
    reconcile,
    refunds,
    renditions,
    sweeps,
    unseated,
)
from wagtail_payments.core.lifecycle import AttemptState
from wagtail_payments.mail import letters
from wagtail_payments.models import (
    Cancellation,
    Customer,
    Event,
    Heartbeat,
    Invoice,
    Payment,
    PaymentAttempt,
    Receipt,
    Refund,
    Registration,
    Rendition,
)
from wagtail_payments.testing import SimulatedCrash, crash_at

pytestmark = pytest.mark.django_db
PEOPLE = ("Ada Roux", "Paul Durand")


def break_for(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, is_broken: Callable[..., bool]) -> None:
    """Let an action fail for some rows, each time, with something nobody has thought of."""
    works = getattr(where, name)

    def act(*args: Any, **options: Any) -> Any:
        if is_broken(*args, **options):
            raise LookupError("nobody has thought of this")
        return works(*args, **options)

    monkeypatch.setattr(where, name, act)


def paid_by_two(business: Business, event: Event) -> list[Registration]:
    """Two people have registered and paid."""
    coming = [register(event, name=name) for name in PEOPLE]
    for registration in coming:
        business.sandbox.pay(start_paying(registration).session_id or "")
    business.deliver_webhooks()
    return coming


def number_of(registration: Registration) -> str:
    """The number of its invoice."""
    return str(Invoice.objects.get(registration=registration).number)


class TestTurns:
    def names(self, most: int, now: datetime) -> str:
        return "".join(row.name for row in sweeps.turn("test", Customer.objects.all(), most=most, now=now))

    @pytest.fixture(autouse=True)
    def rows(self) -> None:
        for name in "ABCDE":
            factories.make_customer(name=name)

    def test_where_all_may_be_done_they_are_oldest_first_and_nothing_is_remembered(self, now: datetime) -> None:
        assert [self.names(5, now) for _beat in range(2)] == ["ABCDE", "ABCDE"]
        assert not Heartbeat.objects.exists()

    def test_otherwise_each_has_its_turn(self, now: datetime) -> None:
        assert [self.names(2, now) for _beat in range(4)] == ["AB", "CD", "EA", "BC"]

    def test_a_turn_goes_on_where_the_row_it_came_to_is_gone_and_takes_in_new_ones(self, now: datetime) -> None:
        assert self.names(3, now) == "ABC"
        Customer.objects.filter(name="C").delete()
        factories.make_customer(name="F")
        assert [self.names(3, now), self.names(3, now)] == ["DEF", "ABD"]

    def test_sweeps_of_different_names_do_not_mix(self, now: datetime) -> None:
        self.names(2, now)
        other = sweeps.turn("other", Customer.objects.all(), most=2, now=now)
        assert [row.name for row in other] == ["A", "B"]

    def test_one_that_fails_is_not_counted_and_the_others_are_done(self, now: datetime) -> None:
        done: list[str] = []

        def do(row: Customer) -> int:
            if row.name == "B":
                raise LookupError
            done.append(row.name)
            return 2

        assert sweeps.sweep("test", Customer.objects.all(), do, most=5, now=now) == 8
        assert "".join(done) == "ACDE"


class TestCancelledEvents:
    @pytest.fixture
    def called_off(self, business: Business) -> list[Registration]:
        """Two registrations on account for an event that was cancelled."""
        event = factories.make_event(pays_later=True)
        made = [register(event, name=name, pays_later=True) for name in PEOPLE]
        events.cancel(event_id=event.pk, reason="Storm", by=None, now=ports.now())
        return made

    def test_the_second_is_cancelled_though_the_first_never_can(
        self, called_off: list[Registration], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = called_off
        break_for(monkeypatch, cancellations, "cancel_locked", lambda registration, **_rest: registration == first)
        done = [events.cancel_registrations_due(now=ports.now(), most=1) for _beat in range(2)]
        assert (done, states(first), states(second)) == ([0, 1], ["confirmed"], ["cancelled"])

    def test_the_second_is_credited_though_the_first_never_can(
        self, called_off: list[Registration], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cancellations, "settle", lambda **_wish: None)
        events.cancel_registrations_due(now=ports.now())
        monkeypatch.undo()
        first, second = Cancellation.objects.order_by("pk")
        break_for(monkeypatch, cancellations, "settle", lambda cancellation_id, now: cancellation_id == first.pk)
        assert [cancellations.settle_due(now=ports.now(), most=1) for _beat in range(2)] == [0, 1]
        second.refresh_from_db()
        assert second.state == "done"

    def test_a_payment_page_that_can_not_be_closed_keeps_neither_the_next_nor_the_seats(
        self, business: Business, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        event = factories.make_event(pays_later=True)
        coming = register(event, pays_later=True)
        first, second = (start_paying(register(event, name=name)) for name in PEOPLE)
        events.cancel(event_id=event.pk, reason="Storm", by=None, now=ports.now())
        break_for(monkeypatch, checkout, "withdraw", lambda attempt, now: attempt == first)
        for _beat in range(2):
            events.cancel_registrations_due(now=ports.now(), most=1)
        second.refresh_from_db()
        assert (second.state, states(coming)) == (AttemptState.EXPIRED, ["cancelled"])


class TestOtherSweeps:
    def test_reminders(self, business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
        event = factories.make_event(pays_later=True, reminder_days=3)
        first = register(event, pays_later=True)
        register(event, pays_later=True, name="Paul Durand")
        break_for(monkeypatch, letters, "event_reminder", lambda registration, now: registration == first)
        business.clock.advance(days=(event.starts_at - ports.now()).days - 2)
        assert [events.remind_due(now=ports.now(), most=1) for _beat in range(2)] == [0, 1]

    def test_the_daily_list_of_the_next_organiser(self, business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
        planned = [factories.make_event(pays_later=True, notify="daily") for _event in range(2)]
        for event in planned:
            register(event, pays_later=True)
        break_for(monkeypatch, letters, "owner_registered", lambda event, **_rest: event == planned[0])
        business.clock.advance(days=1)
        assert events.tell_organisers_due(now=ports.now()) == 1
        assert Registration.objects.exclude(notified_at=None).get().event == planned[1]

    def test_receipts_of_payments_and_refunds(self, business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
        paid_by_two(business, factories.make_event())
        first, second = Payment.objects.order_by("pk")
        break_for(monkeypatch, receipts, "give", lambda payment_id, now: payment_id == first.pk)
        assert [receipts.give_missing(now=ports.now(), most=1) for _beat in range(2)] == [0, 1]
        monkeypatch.undo()
        receipts.give_missing(now=ports.now())
        for payment in (first, second):
            business.sandbox.dashboard_refund(payment.payment_id or "", 10_00)
        business.deliver_webhooks()
        mine = Refund.objects.order_by("pk")[0]
        break_for(monkeypatch, receipts, "give_refund", lambda refund_id, now: refund_id == mine.pk)
        assert [receipts.give_missing(now=ports.now(), most=1) for _beat in range(2)] == [0, 1]
        assert Receipt.objects.exclude(refund=None).get().refund != mine

    def test_drawings(self, business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)
        first, second = (register(factories.make_event(pays_later=True), pays_later=True) for _event in range(2))
        broken = number_of(first)
        break_for(monkeypatch, renditions, "draw", lambda document, now: document.number == broken)
        business.clock.advance(minutes=1)
        assert [renditions.draw_missing(now=ports.now(), most=1) for _beat in range(2)] == [0, 1]
        assert Rendition.objects.get().document.number == number_of(second)

    def test_money_without_a_seat(self, business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
        event = factories.make_event()
        for name in PEOPLE:
            business.sandbox.pay(start_paying(register(event, name=name)).session_id or "")
        Event.objects.update(capacity=0)
        business.clock.advance(hours=2)
        business.deliver_webhooks()
        first, second = Payment.objects.order_by("pk")
        break_for(monkeypatch, refunds, "refund_overpayment", lambda payment, **_rest: payment == first)
        assert [unseated.mend(now=ports.now(), most=1) for _beat in range(2)] == [0, 1]
        assert Refund.objects.get().payment == second


class TestReconciling:
    @pytest.fixture
    def open_tries(self, business: Business) -> list[PaymentAttempt]:
        """Two tries, of which the first is of a gateway that the settings no longer have."""
        event = factories.make_event()
        tries = [start_paying(register(event, name=name)) for name in PEOPLE]
        PaymentAttempt.objects.filter(pk=tries[0].pk).update(gateway="gone")
        return tries

    def test_a_try_that_can_not_be_asked_goes_to_the_end_of_the_line(
        self, business: Business, open_tries: list[PaymentAttempt], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reconcile, "MOST_ATTEMPTS", 1)
        business.sandbox.pay(open_tries[1].session_id or "")
        for _beat in range(2):
            business.clock.advance(minutes=3)
            reconcile.run(now=ports.now())
        assert Payment.objects.get().attempt == open_tries[1]

    def test_a_gateway_that_is_gone_is_no_provider_that_is_down(
        self, business: Business, open_tries: list[PaymentAttempt], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reconcile, "MOST_UNANSWERED", 1)
        business.sandbox.pay(open_tries[1].session_id or "")
        business.clock.advance(minutes=3)
        report = reconcile.run(now=ports.now())
        assert (report.healed, report.differences, report.unanswered) == (1, 1, 0)

    def test_a_refund_that_trips_us_does_not_hold_up_the_next(
        self, business: Business, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        coming = paid_by_two(business, factories.make_event())
        for registration in coming:
            with crash_at("refund.before_asking"), pytest.raises(SimulatedCrash):
                cancel(registration, by_organiser=True)
        first, second = Refund.objects.order_by("pk")
        break_for(monkeypatch, refunds, "ask_gateway", lambda refund_id, now: refund_id == first.pk)
        monkeypatch.setattr(reconcile, "MOST_REFUNDS", 1)
        for _beat in range(2):
            business.clock.advance(minutes=2)
            reconcile.run(now=ports.now())
        second.refresh_from_db()
        assert second.state == "succeeded"
