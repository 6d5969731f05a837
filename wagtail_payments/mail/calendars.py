"""iCalendar files (RFC 5545): one appointment for a registration, its end, and the public list of a site's events.

An appointment is published, not requested: a mail program that offered "accept" and "decline" would tell nobody,
and whoever declines there would believe to have cancelled (RFC 5546, 3.2.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime

from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, vCalAddress, vText
from icalendar import Event as Appointment

from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.event_words import EventFacts, coming, names, tickets
from wagtail_payments.records.events import Event
from wagtail_payments.records.registrations import Registration, Seat

PRODUCT = "-//wagtail-payments//Events//EN"

_METHOD = re.compile(r"^METHOD:([A-Z]+)\r?$", re.MULTILINE)


def invitation(*, registration: Registration, event: Event, now: datetime, seats: Sequence[Seat] | None = None) -> str:
    """Return the appointment of a registration, with the link to join online; a later one replaces it in calendars.

    ``seats`` are those it lists; all that are confirmed unless told.
    """
    language = registration.language
    with translation.override(language):
        entry = _entry(event, language, uid=_uid(registration), stamp=now, sequence=event.calendar_sequence)
        _address(entry, "organizer", event)
        entry.add("status", "CONFIRMED")
        entry.add("description", _description(event, language, coming(registration) if seats is None else seats))
        if event.online_url:
            entry.add("url", event.online_url)
    return _written([event], [entry], method="PUBLISH")


def withdrawal(*, registration: Registration, event: Event, now: datetime) -> str:
    """Return what takes the appointment out of calendars again; one revision above the last (RFC 5546, 2.1.4)."""
    with translation.override(registration.language):
        revision = event.calendar_sequence + 1
        entry = _entry(event, registration.language, uid=_uid(registration), stamp=now, sequence=revision)
        _address(entry, "organizer", event)
        entry.add("status", "CANCELLED")
    return _written([event], [entry], method="CANCEL")


def feed(*, events: Iterable[Event], name: str, language: str, url_of: Callable[[Event], str]) -> str:
    """Return the public calendar of events: what anybody may know, so never a link to join.

    ``url_of`` gives an event's page, or nothing. What was called off stays in it as cancelled.
    """
    shown = list(events)
    with translation.override(language):
        entries = [_public(event, language, url_of(event)) for event in shown]
    return _written(shown, entries, name=one_line(name))


def method_of(text: str) -> str:
    """Return the method of a file of ours."""
    found = _METHOD.search(text)
    return found[1] if found else "PUBLISH"


def _public(event: Event, language: str, url: str) -> Appointment:
    stamp = event.cancelled_at or event.created_at
    entry = _entry(event, language, uid=event.uid, stamp=stamp, sequence=event.calendar_sequence)
    entry.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    if url:
        entry.add("url", url)
    return entry


def _uid(registration: Registration) -> str:
    """Stays the same for ever and opens nothing."""
    return f"{registration.event.uid}-{registration.pk}"


def _entry(event: Event, language: str, *, uid: str, stamp: datetime, sequence: int) -> Appointment:
    facts = EventFacts(event, language)
    entry = Appointment()
    entry.add("uid", uid)
    entry.add("dtstamp", stamp.astimezone(UTC))
    entry.add("sequence", sequence)
    entry.add("dtstart", event.starts_at.astimezone(event.zone))
    entry.add("dtend", event.ends_at.astimezone(event.zone))
    entry.add("summary", facts.name)
    if facts.place:
        entry.add("location", facts.place)
    return entry


def _address(entry: Appointment, name: str, event: Event) -> None:
    address = vCalAddress(f"mailto:{event.contact}")
    address.params["cn"] = vText(one_line(event.seller.name))
    entry.add(name, address)


def _description(event: Event, language: str, seats: Sequence[Seat]) -> str:
    said = {"link": event.online_url, "tickets": tickets(seats, language), "names": names(seats)}
    lines = [
        _("Join online: %(link)s") % said if said["link"] else "",
        _("Tickets: %(tickets)s") % said if said["tickets"] else "",
        _("Attendees: %(names)s") % said if said["names"] else "",
        _("Questions: %(address)s") % {"address": event.contact},
    ]
    return "\n".join(filter(None, lines))


def _written(events: Sequence[Event], entries: Sequence[Appointment], *, method: str = "", name: str = "") -> str:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("name", name)  # RFC 7986
        calendar.add("x-wr-calname", name)  # what most programs read
    for entry in entries:
        calendar.add_component(entry)
    if events:  # each zone that is used is described, for the years that need it (RFC 5545, 3.2.19)
        years = [moment.year for event in events for moment in (event.starts_at, event.ends_at)]
        calendar.add_missing_timezones(date(min(years) - 1, 1, 1), date(max(years) + 2, 1, 1))
    return str(calendar.to_ical(), "utf-8")
