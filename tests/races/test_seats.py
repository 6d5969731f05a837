"""The last seats, wanted by many at once: never oversold, never undersold; and without the lock, oversold."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from tests import factories
from tests.races.crowd import Outcome, Window, all_at_once, one_after_another
from tests.stories import organiser
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import register, start_paying, wish
from wagtail_payments import ports
from wagtail_payments.actions import cancellations, checkout, payments, registrations, seats
from wagtail_payments.gateways import registry
from wagtail_payments.models import Cancellation, Event, PaymentAttempt, Registration, Seat
from wagtail_payments.records.registrations import taking

BUYERS, SEATS = 200, 40
ROUNDS = 20 if os.environ.get("CI") == "true" else 2


# How long the first waits for the second: with the lock it never comes; without, it does, be the machine ever so slow.
SHORT, LONG = 0.5, 30.0


@contextmanager
def window(*places: str, patience: float = SHORT) -> Iterator[None]:
    with ports.use(everywhere=True, failpoint=Window(frozenset(places), patience)):
        yield


@pytest.fixture
def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the event's lock away everywhere; SQLite, which locks by itself, also loses its transaction."""

    def read(model: type[Any], *keys: int) -> list[Any]:
        return list(model._base_manager.filter(pk__in=keys).order_by("pk"))

    def hold(model: type[Any], *keys: int) -> None:
        return None

    for module in (registrations, cancellations):
        monkeypatch.setattr(module, "lock", read)
    for module in (registrations, payments):
        monkeypatch.setattr(module, "hold", hold)
    if connection.vendor == "sqlite":
        monkeypatch.setattr(registrations, "transaction", SimpleNamespace(atomic=lambda **_: nullcontext()))


def taken(event: Event) -> int:
    return Seat.objects.filter(taking(ports.now()), event=event).count()


def buyer(event: Event, number: int) -> Callable[[], Registration]:
    wanted = wish(event, name=f"Buyer{number} Martin")
    return lambda: registrations.register(wish=wanted, now=ports.now())


def refused(outcome: Outcome) -> int:
    assert all(isinstance(error, seats.NotEnoughSeats) for error in outcome.errors), outcome.errors
    return len(outcome.errors)


@pytest.mark.server
def test_two_hundred_buyers_for_forty_seats_get_exactly_forty_every_time(business: Business) -> None:
    for _ in range(ROUNDS):
        event = factories.make_event(capacity=SEATS)
        outcome = one_after_another([buyer(event, number) for number in range(BUYERS)])
        assert (len(outcome.results), refused(outcome)) == (SEATS, BUYERS - SEATS)
        assert taken(event) == SEATS


def test_two_want_the_last_seat(business: Business) -> None:
    event = factories.make_event(capacity=1)
    with window("register.counted"):
        outcome = all_at_once([buyer(event, number) for number in range(2)])
    assert (len(outcome.results), refused(outcome)) == (1, 1)
    assert taken(event) == 1


def test_two_want_the_last_seat_and_without_the_lock_both_get_it(business: Business, without_lock: None) -> None:
    event = factories.make_event(capacity=1)
    with window("register.counted", patience=LONG):
        outcome = all_at_once([buyer(event, number) for number in range(2)])
    assert outcome.errors == []
    assert taken(event) == 2


def late_payment(business: Business, event: Event) -> PaymentAttempt:
    """Paid at the provider, but the hold has ended before anyone told us."""
    attempt = start_paying(register(event))
    business.sandbox.pay(attempt.session_id)
    business.clock.advance(hours=2)
    return attempt


def told(attempt: PaymentAttempt) -> Callable[[], Any]:
    state = registry.get(attempt.gateway, attempt.site).read(attempt.session_id)
    return lambda: payments.settle(attempt=attempt, state=state, now=ports.now())


def late_against_buyer(business: Business, patience: float = SHORT) -> tuple[Event, Outcome]:
    event = factories.make_event(capacity=1)
    attempt = late_payment(business, event)
    seats.note_expired(now=ports.now())  # or both would write it down, and wait for each other by that alone
    with window("register.counted", "seats.counted_again", patience=patience):
        outcome = all_at_once([told(attempt), buyer(event, 1)])
    return event, outcome


def test_a_late_payment_and_a_buyer_want_the_same_seat(business: Business) -> None:
    event, outcome = late_against_buyer(business)
    assert refused(outcome) in (0, 1)
    assert taken(event) == 1
    business.run_clockwork()
    business.deliver_webhooks()
    business.check_books()


@pytest.mark.server
def test_a_late_payment_and_a_buyer_without_the_lock_both_get_it(business: Business, without_lock: None) -> None:
    event, outcome = late_against_buyer(business, LONG)
    assert outcome.errors == []
    assert taken(event) == 2


def test_a_hold_that_is_noted_as_ended_while_it_is_being_paid(business: Business) -> None:
    """Confirm against expire: whichever comes first, who has paid has the seat."""
    event = factories.make_event(capacity=1)
    attempt = late_payment(business, event)
    with window("seats.counted_again"):
        outcome = all_at_once([told(attempt), lambda: seats.note_expired(now=ports.now())])
    assert outcome.errors == []
    assert organiser.states(Registration.objects.get()) == ["confirmed"]


def paid_registration(business: Business, event: Event) -> Registration:
    registration = register(event)
    business.sandbox.pay(start_paying(registration).session_id)
    business.deliver_webhooks()
    return Registration.objects.select_related("event").get(pk=registration.pk)


def two_cancel(registration: Registration, patience: float = SHORT) -> Outcome:
    chosen = list(registration.seats.values_list("pk", flat=True))

    def giving_up(key: str) -> Callable[[], Any]:
        return lambda: cancellations.cancel(
            registration=registration,
            seat_ids=chosen,
            back=120_00,
            by_organiser=True,
            reason="",
            by=None,
            now=ports.now(),
            form_key=key,
        )

    with window("cancel.before_commit", patience=patience):
        return all_at_once([giving_up("one"), giving_up("two")])


def test_registrant_and_organiser_cancel_at_once_and_it_is_paid_back_once(business: Business) -> None:
    outcome = two_cancel(paid_registration(business, factories.make_event()))
    assert [type(error) for error in outcome.errors] == [cancellations.CancellationRefused]
    assert Cancellation.objects.count() == len(business.sandbox.objects("refund")) == 1
    business.deliver_webhooks()
    business.check_books()


@pytest.mark.server
def test_two_cancel_at_once_and_without_the_lock_both_are_promised_the_money(
    business: Business, without_lock: None
) -> None:
    two_cancel(paid_registration(business, factories.make_event()), LONG)
    assert Cancellation.objects.count() == 2


def test_a_seat_given_up_while_somebody_wants_it_is_neither_lost_nor_sold_twice(business: Business) -> None:
    event = factories.make_event(capacity=1)
    registration = paid_registration(business, event)
    with window("cancel.before_commit", "register.counted"):
        outcome = all_at_once([lambda: organiser.cancel(registration, by_organiser=True), buyer(event, 1)])
    assert refused(outcome) in (0, 1)
    assert taken(event) + refused(outcome) == 1
    assert taken(event) or register(event, name="Paul Roux")


def test_eight_tabs_pay_for_one_registration_in_one_session(business: Business) -> None:
    registration = register(factories.make_event())
    outcome = all_at_once([lambda: start_paying(registration)] * 8)
    assert all(isinstance(error, checkout.GatewayUnavailable) for error in outcome.errors), outcome.errors
    assert PaymentAttempt.objects.count() == 1
