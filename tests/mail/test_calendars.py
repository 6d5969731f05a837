"""Calendar files, read back by a calendar library: exact in time, harmless in text, replaced and taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from tests import factories
from wagtail_payments.actions import registrations
from wagtail_payments.actions.baskets import Place
from wagtail_payments.actions.wishes import Buyer, Wish
from wagtail_payments.mail import calendars
from wagtail_payments.models import Event, Registration

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 16, 9, 30, tzinfo=UTC)


def register(now: datetime, **fields: Any) -> Registration:
    event = factories.make_event(ticket_types=False, **fields)
    ticket = factories.make_ticket_type(event, price=0)
    buyer = Buyer(name="Nadia Ferrand", email="nadia@librairie.example")
    places = [Place(ticket.pk, "Nadia Ferrand"), Place(ticket.pk, "Paul Ferrand")]
    return registrations.register(
        wish=Wish(event_id=event.pk, places=places, buyer=buyer, language="fr", form_key="form"), now=now
    )


def appointment(text: str) -> Any:
    calendar = Calendar.from_ical(text)
    (entry,) = calendar.events
    return entry


def invitation(registration: Registration, now: datetime) -> str:
    return calendars.invitation(registration=registration, event=registration.event, now=now)


def test_an_appointment_says_what_when_and_where(now: datetime) -> None:
    text = invitation(register(now), now)
    entry = appointment(text)
    assert Calendar.from_ical(text)["METHOD"] == "PUBLISH"
    assert entry["SUMMARY"] == "Atelier de reliure"
    assert entry["LOCATION"] == "Atelier Garonne, 12 rue des Filatiers, 31000 Toulouse"
    assert entry.start == datetime(2026, 6, 12, 9, 30, tzinfo=ZoneInfo("Europe/Paris"))
    assert entry.end == datetime(2026, 6, 12, 17, 0, tzinfo=ZoneInfo("Europe/Paris"))
    assert entry["STATUS"] == "CONFIRMED"
    assert entry["ORGANIZER"] == "mailto:bonjour@atelier.example"
    assert "2 × Standard" in entry["DESCRIPTION"]
    assert "Paul Ferrand" in entry["DESCRIPTION"]


def test_nobody_is_asked_to_accept_or_decline(now: datetime) -> None:
    assert "ATTENDEE" not in invitation(register(now), now)


@pytest.mark.parametrize(
    ("utc", "offset"),
    [
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 1),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), 2),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 2),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), 1),
    ],
)
def test_an_hour_near_the_change_of_clocks_is_the_right_one(now: datetime, utc: datetime, offset: int) -> None:
    registration = register(now, starts_at=utc, ends_at=utc + timedelta(hours=1))
    text = invitation(registration, now)
    assert appointment(text).start.astimezone(UTC) == utc
    assert appointment(text).start.utcoffset() == timedelta(hours=offset)
    assert "DTSTART;TZID=Europe/Paris:" in text


def test_the_zone_is_described_with_both_its_clocks(now: datetime) -> None:
    calendar: Any = Calendar.from_ical(invitation(register(now), now))
    (zone,) = calendar.timezones
    assert zone["TZID"] == "Europe/Paris"
    own = zone.to_tz()
    assert datetime(2026, 7, 1, tzinfo=own).utcoffset() == timedelta(hours=2)
    assert datetime(2026, 12, 1, tzinfo=own).utcoffset() == timedelta(hours=1)


def test_an_event_elsewhere_hangs_on_its_own_clock(now: datetime) -> None:
    entry = appointment(invitation(register(now, time_zone="America/Montreal"), now))
    assert entry.start.astimezone(UTC) == datetime(2026, 6, 12, 7, 30, tzinfo=UTC)
    assert str(entry.start.tzinfo) == "America/Montreal"


def test_nothing_floats(now: datetime) -> None:
    entry = appointment(invitation(register(now, time_zone="UTC"), now))
    for moment in (entry.start, entry.end, entry.stamp):
        assert moment.tzinfo is not None
    assert entry.start.utcoffset() == timedelta(0)


def test_a_name_can_not_add_lines_or_properties(now: datetime) -> None:
    name = "Bind; sew, glue\\n\x07 BEGIN:VALARM"
    registration = register(now, name=name, place="Here\x07\r\nATTENDEE:mailto:x@example.org", address="")
    text = invitation(registration, now)
    entry = appointment(text)
    assert entry["SUMMARY"] == "Bind; sew, glue\\n BEGIN:VALARM"
    assert entry["LOCATION"] == "Here ATTENDEE:mailto:x@example.org"
    assert "\x07" not in text
    assert "ATTENDEE" not in entry
    assert not entry.subcomponents


def test_long_lines_are_folded_and_come_back_whole(now: datetime) -> None:
    name = "Réunion ".strip() + "é" * 150
    text = invitation(register(now, name=name), now)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert appointment(text)["SUMMARY"] == name


def test_a_change_comes_with_a_higher_revision_of_the_same_appointment(now: datetime) -> None:
    registration = register(now)
    first = appointment(invitation(registration, now))
    Event.objects.update(calendar_sequence=3)
    later = Registration.objects.get(pk=registration.pk)
    second = appointment(invitation(later, now))
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 3)
    assert first["UID"] == second["UID"]


def test_a_withdrawal_ends_the_appointment_it_names(now: datetime) -> None:
    registration = register(now)
    first = appointment(invitation(registration, now))
    text = calendars.withdrawal(registration=registration, event=registration.event, now=now)
    assert calendars.method_of(text) == Calendar.from_ical(text)["METHOD"] == "CANCEL"
    assert appointment(text)["UID"] == first["UID"]
    assert appointment(text)["SEQUENCE"] > first["SEQUENCE"]
    assert appointment(text)["STATUS"] == "CANCELLED"


def test_two_registrations_are_two_appointments(now: datetime) -> None:
    registration = register(now)
    ticket = registration.event.ticket_types.get()
    buyer = Buyer(name="Julie Martin", email="julie@example.org")
    wish = Wish(event_id=registration.event_id, places=[Place(ticket.pk)], buyer=buyer, language="en", form_key="2")
    other = registrations.register(wish=wish, now=now)
    assert appointment(invitation(registration, now))["UID"] != appointment(invitation(other, now))["UID"]


def test_the_file_does_not_open_the_registration(now: datetime) -> None:
    registration = register(now)
    assert registration.public_id not in invitation(registration, now)


def test_only_who_is_registered_learns_the_link_to_join(now: datetime) -> None:
    secret = "https://meet.example/room?id=42"
    registration = register(now, online_url=secret, place="", address="")
    entry = appointment(invitation(registration, now))
    assert entry["URL"] == secret
    assert secret in entry["DESCRIPTION"]
    public = calendars.feed(events=[registration.event], name="Agenda", language="fr", url_of=lambda _event: "")
    assert "meet.example" not in public.replace("\r\n ", "")
    assert appointment(public)["LOCATION"] == "En ligne"


def test_the_public_calendar_lists_events_with_their_pages(now: datetime) -> None:
    first = factories.make_event()
    second = factories.make_event(
        name="Workshop", translations={"fr": {"name": "Atelier d’été"}}, language="en", cancelled_at=now
    )
    text = calendars.feed(
        events=[first, second],
        name="Agenda; de l’atelier",
        language="fr",
        url_of=lambda event: f"https://atelier.example/agenda/{event.pk}/",
    )
    calendar: Any = Calendar.from_ical(text)
    assert calendar.calendar_name == "Agenda; de l’atelier"
    assert "METHOD" not in calendar
    assert [entry["SUMMARY"] for entry in calendar.events] == ["Atelier de reliure", "Atelier d’été"]
    assert [entry["STATUS"] for entry in calendar.events] == ["CONFIRMED", "CANCELLED"]
    assert calendar.events[0]["URL"] == f"https://atelier.example/agenda/{first.pk}/"
    assert len(calendar.timezones) == 1


def test_the_same_events_give_the_same_bytes() -> None:
    event = factories.make_event()
    texts = {calendars.feed(events=[event], name="A", language="fr", url_of=lambda _event: "") for _ in range(2)}
    assert len(texts) == 1


def test_an_empty_public_calendar_is_a_calendar() -> None:
    text = calendars.feed(events=[], name="Agenda", language="fr", url_of=lambda _event: "")
    assert Calendar.from_ical(text).events == []
