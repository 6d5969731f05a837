"""Who comes is changed later: the new one is invited, the former one is told, the buyer hears nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from tests import factories
from tests.mail.test_registrations import free_event, places, said
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import cancel, register, start_paying
from wagtail_payments import ports
from wagtail_payments.actions import events, registrations
from wagtail_payments.models import Event, Letter, Registration, Seat

pytestmark = pytest.mark.django_db(transaction=True)

PAUL, EVE = "paul@example.org", "eve@example.org"
GONE = "Your seat is no longer in your name: Atelier de reliure, June 12, 2026"
WELCOME = "You are registered: Atelier de reliure, June 12, 2026"


@pytest.fixture
def now() -> datetime:
    """A Monday morning in March, months before the event."""
    return datetime(2026, 3, 16, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _standing(clock: Any) -> None:
    """Every test here lives at one moment."""


@pytest.fixture
def coming() -> Registration:
    """Julie has registered herself and Paul, who has an address of his own."""
    event = free_event(language="en", cancellation="free_until")
    people = places(event, ("Julie Martin", ""), ("Paul Roux", PAUL))
    made = register(event, people, language="en")
    Letter.objects.exclude(link__isnull=False).delete()
    return made


def change(seat: Seat, email: str, name: str = "Eve Noir") -> None:
    registrations.change_attendee(seat=seat, name=name, email=email, answers={}, by=None, now=ports.now())


def told() -> list[tuple[str, str]]:
    """To whom a letter was written about a seat since, with its subject."""
    rows = Letter.objects.filter(link=None).exclude(kind__startswith="owner").order_by("pk")
    return [(letter.to[0], letter.subject) for letter in rows]


def appointment(letter: Letter) -> Any:
    return Calendar.from_ical(letter.calendar).events[0]


def seats_of(registration: Registration) -> list[Seat]:
    return list(registration.seats.order_by("pk"))


def test_who_is_put_on_a_seat_is_invited_and_who_was_on_it_loses_the_appointment(coming: Registration) -> None:
    change(seats_of(coming)[1], EVE)
    assert told() == [(PAUL, GONE), (EVE, WELCOME)]
    gone, welcome = Letter.objects.filter(link=None).exclude(kind__startswith="owner").order_by("pk")
    assert "Hello Paul Roux" in said(gone)
    assert "Attendees: Paul Roux" in said(gone)
    assert "METHOD:CANCEL" in gone.calendar
    assert "Hello Eve Noir" in said(welcome)
    assert "Julie Martin has registered you for “Atelier de reliure”." in said(welcome)
    assert "METHOD:PUBLISH" in welcome.calendar
    assert "Julie" not in appointment(welcome)["DESCRIPTION"]
    assert {letter.registration for letter in (gone, welcome)} == {coming}


def test_an_address_that_stays_hears_nothing_however_it_is_written(coming: Registration) -> None:
    change(seats_of(coming)[1], "Paul@Example.org", name="Paul R.")
    change(seats_of(coming)[1], PAUL)
    assert told() == []


def test_the_same_change_twice_is_told_once(coming: Registration) -> None:
    seat = seats_of(coming)[1]
    for _click in range(2):
        change(seat, EVE)
    assert told() == [(PAUL, GONE), (EVE, WELCOME)]


def test_the_buyer_hears_nothing_of_a_seat_that_becomes_theirs_or_is_given_away(coming: Registration) -> None:
    mine, his = seats_of(coming)
    change(mine, EVE)
    assert told() == [(EVE, WELCOME)]
    change(his, "JULIE@example.org", name="")
    assert told()[1:] == [(PAUL, GONE)]
    change(his, "")
    assert len(told()) == 2


def test_who_still_comes_on_another_seat_keeps_the_appointment_and_sees_both_seats(coming: Registration) -> None:
    first, second = seats_of(coming)
    change(first, PAUL, name="Paul's friend")
    assert told() == [(PAUL, WELCOME)]
    assert "Attendees: Paul's friend, Paul Roux" in said(Letter.objects.get(to=[PAUL]))
    change(second, EVE)
    assert told()[1:] == [(EVE, WELCOME)]


def test_who_gets_their_seat_back_has_an_appointment_again(coming: Registration, clock: Any) -> None:
    seat = seats_of(coming)[1]
    for email in (EVE, PAUL):
        clock.advance(minutes=1)
        change(seat, email)
    gone, back = (appointment(letter) for letter in Letter.objects.filter(to=[PAUL], link=None).order_by("pk"))
    assert gone["UID"] == back["UID"]
    assert (gone["SEQUENCE"], gone["DTSTAMP"].dt) < (back["SEQUENCE"], back["DTSTAMP"].dt)


def test_a_seat_that_was_given_up_can_not_be_changed_and_nobody_is_told(coming: Registration) -> None:
    seat = seats_of(coming)[1]
    cancel(coming, seat)
    before = told()
    with pytest.raises(registrations.SeatGone):
        change(seat, EVE)
    assert told() == before


@pytest.mark.parametrize("how", ["cancelled", "over"])
def test_of_an_event_that_is_cancelled_or_over_nobody_is_told(coming: Registration, how: str, clock: Any) -> None:
    if how == "cancelled":
        events.cancel(event_id=coming.event_id, reason="", by=None, now=ports.now())
    else:
        clock.now = coming.event.ends_at
    change(seats_of(coming)[1], EVE)
    assert told() == []


def test_until_the_event_ends_the_organiser_may_still_put_somebody_on_a_seat(coming: Registration, clock: Any) -> None:
    clock.now = coming.event.ends_at - timedelta(minutes=1)
    change(seats_of(coming)[1], EVE)
    assert told() == [(PAUL, GONE), (EVE, WELCOME)]


def test_before_it_is_confirmed_nothing_is_told_and_then_whoever_comes(business: Business) -> None:
    event = factories.make_event(language="en")
    registration = register(event, places(event, ("Julie Martin", ""), ("Paul Roux", PAUL)), language="en")
    attempt = start_paying(registration)
    change(seats_of(registration)[1], "zoe@example.org")
    business.sandbox.pay(attempt.session_id or "")
    business.deliver_webhooks()
    assert set(registration.seats.values_list("state", flat=True)) == {"confirmed"}
    change(seats_of(registration)[1], EVE)
    assert told() == []
    business.run_clockwork()
    assert told() == [(EVE, WELCOME)]


def test_every_other_letter_is_newer_than_a_withdrawal(coming: Registration, clock: Any) -> None:
    change(seats_of(coming)[1], EVE)
    change(seats_of(coming)[0], PAUL)
    clock.advance(minutes=1)
    events.announce_change(event_id=coming.event_id, by=None, now=ports.now())
    gone = Letter.objects.get(to=[PAUL], kind="registration_cancelled")
    changed = Letter.objects.get(to=[PAUL], kind="event_changed")
    assert appointment(gone)["SEQUENCE"] <= appointment(changed)["SEQUENCE"]
    assert Event.objects.get().calendar_sequence == 3
