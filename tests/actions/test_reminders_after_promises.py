"""A promise to pay pauses the reminders: when its day has passed unpaid, the latest one goes out, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.actions.test_reminders import Issued, by_hand, mute, on, pay, run, told
from tests.actions.test_reminders import _no_drawing as _no_drawing
from tests.actions.test_reminders import issued as issued
from wagtail_payments import ports
from wagtail_payments.actions import promises, reminder_letters, reminder_series
from wagtail_payments.mail import outbox
from wagtail_payments.models import Invoice, Letter, Reminder

pytestmark = pytest.mark.django_db(transaction=True)


def promise(invoice: Invoice, days: int) -> None:
    day = invoice.seller.today(ports.now()) + timedelta(days)
    promises.make(invoice_id=invoice.pk, planned_on=day, by=None, by_customer=False, now=ports.now())


def day_by_day(clock: Any, days: int) -> int:
    """The clockwork ends promises and reminds, day after day; return how many letters it wrote."""
    written = 0
    for _day in range(days):
        clock.advance(days=1)
        promises.settle_due(now=ports.now())
        written += run()
    return written


def test_after_a_broken_promise_the_step_that_it_had_stopped_goes_out_once(issued: Issued, clock: Any) -> None:
    invoice = issued()
    on(clock, 28)
    promise(invoice, 15)  # until day 43; the polite step stands on day 37
    assert day_by_day(clock, 15) == 0
    assert told() == [("-3", "sent"), ("7", "promised")]
    assert day_by_day(clock, 1) == 1
    assert told() == [("-3", "sent"), ("7", "sent")]
    assert day_by_day(clock, 6) == 0
    assert day_by_day(clock, 1) == 1
    assert [step for step, _what in told()] == ["-3", "7", "21"]


def test_of_two_that_it_had_stopped_only_the_latest_goes_out(issued: Issued, clock: Any) -> None:
    invoice = issued()
    on(clock, 28)
    promise(invoice, 26)  # until day 54; the firm step stands on day 51
    assert day_by_day(clock, 26) == 0
    assert told() == [("-3", "sent"), ("7", "promised"), ("21", "promised")]
    assert day_by_day(clock, 20) == 1
    assert told() == [("-3", "sent"), ("7", "promised"), ("21", "sent")]


def test_while_it_stands_nothing_is_counted_twice(issued: Issued, clock: Any) -> None:
    invoice = issued()
    on(clock, 28)
    promise(invoice, 15)
    on(clock, 10)
    rows = list(Reminder.objects.values())
    assert run() == 0
    assert list(Reminder.objects.values()) == rows


def test_one_that_is_taken_back_pauses_no_longer(issued: Issued, clock: Any) -> None:
    invoice = issued()
    on(clock, 28)
    promise(invoice, 15)
    on(clock, 10)
    promises.withdraw(invoice_id=invoice.pk, by=None, by_customer=False, now=ports.now())
    assert run() == 1


def test_one_in_the_place_of_another_pauses_on(issued: Issued, clock: Any) -> None:
    invoice = issued()
    on(clock, 28)
    promise(invoice, 12)
    on(clock, 10)
    promise(invoice, 12)
    assert day_by_day(clock, 12) == 0
    assert day_by_day(clock, 1) == 1
    assert told() == [("-3", "sent"), ("7", "promised"), ("21", "sent")]


def test_whoever_has_paid_by_then_is_left_alone(issued: Issued, clock: Any) -> None:
    invoice = issued()
    on(clock, 28)
    promise(invoice, 15)
    day_by_day(clock, 14)
    pay(invoice)
    assert day_by_day(clock, 30) == 0


def test_what_stands_in_the_way_otherwise_still_does(issued: Issued, clock: Any) -> None:
    invoice = issued()
    on(clock, 28)
    promise(invoice, 15)
    day_by_day(clock, 10)
    mute(invoice)
    assert day_by_day(clock, 10) == 0
    assert told() == [("-3", "sent"), ("7", "muted")]


def test_a_promise_between_writing_and_leaving_pauses_too(issued: Issued, clock: Any) -> None:
    invoice = issued()
    on(clock, 30)
    clock.advance(days=7)
    with outbox.left_to_the_clockwork():
        assert run() == 1
    promise(invoice, 5)
    letter = Letter.objects.filter(kind="reminder", state="queued").get()
    assert not reminder_letters.may_leave(letter.pk, lambda: True, ports.now())
    assert told()[-1] == ("7", "promised")
    assert day_by_day(clock, 6) == 1
    assert told()[-1] == ("7", "sent")


def test_by_hand_it_takes_the_place_of_the_paused_one(issued: Issued, clock: Any) -> None:
    invoice = issued()
    on(clock, 28)
    promise(invoice, 12)
    on(clock, 10)
    clock.advance(days=3)
    assert [group[0].pk for group in by_hand(invoice).groups] == [invoice.pk]
    assert told() == [("-3", "sent"), ("7", "sent")]
    assert day_by_day(clock, 5) == 0


def test_the_next_one_is_announced_for_the_day_after_the_promise(issued: Issued, clock: Any) -> None:
    invoice = issued()
    on(clock, 28)
    promise(invoice, 15)
    on(clock, 10)
    (fresh,) = reminder_letters.fresh([invoice.pk])
    series = reminder_series.series_of(fresh.seller)
    assert series is not None
    today = fresh.seller.today(ports.now())
    coming = series.upcoming(fresh, list(fresh.reminders.all()), today)
    assert coming is not None
    assert (coming[0].days, coming[1]) == (7, fresh.planned_on + timedelta(days=1))
