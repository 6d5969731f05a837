"""Money for which there is no seat goes back, and what is written about it is true, whatever the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import factories
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import register, start_paying
from tests.stories.test_registering_astray import paid_twice
from wagtail_payments import ports
from wagtail_payments.actions import events, registrations
from wagtail_payments.mail import links
from wagtail_payments.models import Event, Letter, Link, Refund, Registration

Before = Callable[[Event, Registration], Any]


def call_off(event: Event, _registration: Registration) -> None:
    events.cancel(event_id=event.pk, reason="The teacher is ill", by=None, now=ports.now())


def give_back(_event: Event, registration: Registration) -> None:
    registrations.give_back(registration=registration, now=ports.now())


def beats(business: Business, number: int = 3) -> None:
    for _ in range(number):
        business.deliver_webhooks()
        business.run_clockwork()
        business.clock.advance(minutes=1)


@pytest.mark.parametrize(
    ("before", "told", "organiser", "reason"),
    [
        (call_off, "the event is cancelled and does not take place", "est annulé", "L’événement est annulé"),
        (give_back, "after you had given the seats back", "après avoir rendu les places", "Les places avaient"),
    ],
)
def test_paid_in_the_moment_in_which_there_was_no_seat_any_more(
    business: Business, before: Before, told: str, organiser: str, reason: str
) -> None:
    event = factories.make_event()
    registration = register(event, language="en")
    attempt = start_paying(registration)
    business.sandbox.pay(attempt.session_id)
    before(event, registration)
    beats(business)
    refund = Refund.objects.get()
    assert (refund.amount, refund.state) == (120_00, "succeeded")
    assert reason in refund.reason
    letter, owner = Letter.objects.get(kind="seat_lost"), Letter.objects.get(kind="owner_seat_lost")
    assert told in letter.text
    assert organiser in owner.text
    for said in (letter.subject, letter.text, owner.subject, owner.text):
        assert "No seat left" not in said
        assert "taken meanwhile" not in said
        assert "plus de place" not in said
    assert ("The teacher is ill" in letter.text) == (before is call_off)
    business.check_books()


def test_the_second_of_two_payments_does_not_go_back_for_want_of_a_seat(business: Business) -> None:
    paid_twice(business, register(factories.make_event()))
    beats(business)
    assert Refund.objects.get().reason == "Payé deux fois"


def with_the_bank(business: Business) -> tuple[Event, Registration, Any]:
    event = factories.make_event()
    registration = register(event, language="en")
    attempt = start_paying(registration)
    business.sandbox.pay_by_sepa(attempt.session_id)
    business.deliver_webhooks()
    return event, registration, attempt


def test_a_bank_that_refuses_after_the_event_was_called_off_leads_nobody_back_to_it(business: Business) -> None:
    event, registration, attempt = with_the_bank(business)
    call_off(event, registration)
    business.run_clockwork()
    business.sandbox.settle(attempt.session_id, paid=False)
    beats(business)
    letter = Letter.objects.get(kind="payment_failed")
    assert "The event is cancelled and does not take place. Nothing is owed." in letter.text
    assert "The teacher is ill" in letter.text
    assert "register anew" not in letter.text


def test_a_bank_that_refuses_when_it_has_begun_leads_nobody_back_to_it(business: Business) -> None:
    event, _registration, attempt = with_the_bank(business)
    Event.objects.filter(pk=event.pk).update(starts_at=ports.now())
    business.sandbox.settle(attempt.session_id, paid=False)
    beats(business)
    assert "register anew" not in Letter.objects.get(kind="payment_failed").text


def test_whoever_waits_for_the_bank_reads_that_it_is_called_off(business: Business) -> None:
    event, registration, attempt = with_the_bank(business)
    call_off(event, registration)
    link = Link.objects.get(registration=registration)
    address = links.url_of(link).split("localhost")[-1]
    said = business.customer.get(address, follow=True).content.decode()
    assert "This event is cancelled" in said
    assert "The teacher is ill What your bank still carries out goes back to you by itself." in said
    assert "Your seats are kept" not in said
    business.sandbox.settle(attempt.session_id, paid=False)
    beats(business)
    said = business.customer.get(address, follow=True).content.decode()
    assert "This event is cancelled" in said
    assert "not paid in time" not in said
