"""Letters to whoever comes: it has changed, it is soon, and what an organiser has to say.

Each attendee with an address of their own gets one, the buyer for all others; only the buyer's has the link to the
registration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.mail import calendars, event_templates, writing
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.event_words import EventFacts, coming, seat_rows
from wagtail_payments.mail.placeholders import Linked, fill, fill_line
from wagtail_payments.mail.registrants import (
    Reader,
    buyer,
    join_online,
    link_of,
    notice_about,
    post_to,
    readers,
    words_to,
)
from wagtail_payments.mail.templates import Template
from wagtail_payments.mail.writing import LaidOut, Words
from wagtail_payments.records.events import Event
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.registrations import Cancellation, Registration, Seat

EXAMPLE_URL = "https://…"


@dataclass(frozen=True, slots=True)
class _News:
    """What is told to each of them, and the occasion; their calendars gain the appointment or lose it.

    Without ``once`` it is told each time: whoever calls knows that it is new.
    """

    kind: str
    once: str | None
    template: Template
    values: Mapping[str, str] = field(default_factory=dict)
    withdraws: bool = False
    at_most_once: bool = False


def invited(*, registration: Registration, seats: Sequence[Seat], now: datetime) -> list[Letter]:
    """Tell those who were registered by somebody else, each once; without papers, which are the buyer's."""
    return _invited(registration, seats, now, once=f"invited:{registration.pk}")


def _invited(registration: Registration, seats: Sequence[Seat], now: datetime, *, once: str | None) -> list[Letter]:
    event = registration.event
    news = _News("registered", once, event_templates.INVITED, {"buyer": one_line(registration.name)})
    return _tell(registration, event, news, seats, now, but_buyer=True)


def uninvited(*, cancellation: Cancellation, now: datetime) -> list[Letter]:
    """Tell those whose seats were given up by somebody else, each once; their calendars lose the appointment."""
    registration, event = cancellation.registration, cancellation.registration.event
    with translation.override(registration.language):
        facts = EventFacts(event, registration.language)
        said = {"event": facts.name, "date": facts.day}
        reason = cancellation.reason if cancellation.by_organiser else ""
        values = {
            "what_ended": _("“%(event)s” on %(date)s is cancelled and does not take place. We are sorry.") % said
            if event.is_cancelled
            else _("Your registration for “%(event)s” (%(date)s) is cancelled.") % said,
            "reason": _("Reason: %(reason)s") % {"reason": reason} if reason else "",
            "who_still_comes": _("The attached file takes it out of your calendar."),
        }
    once = f"uninvited:{cancellation.pk}"
    news = _News("registration_cancelled", once, event_templates.UNINVITED, values, withdraws=True)
    still_come = {seat.email.casefold() for seat in coming(registration)}
    seats = cancellation.seats.select_related("ticket_type")
    given_up = [seat for seat in seats if seat.email.casefold() not in still_come]
    return _tell(registration, event, news, given_up, now, but_buyer=True)


def attendee_changed(*, former: Seat, seat: Seat, now: datetime) -> list[Letter]:
    """Tell whoever was put on a seat, and whoever was until now that it is no longer theirs; each time it happens.

    ``former`` is the seat as it was. Somebody who still comes on another seat keeps the appointment.
    """
    seats = coming(seat.registration)
    still_come = {row.email.casefold() for row in seats}
    left = [] if former.email.casefold() in still_come else _replaced(former, now)
    theirs = [row for row in seats if row.email.casefold() == seat.email.casefold()]
    return left + _invited(seat.registration, theirs, now, once=None)


def _replaced(former: Seat, now: datetime) -> list[Letter]:
    registration, event = former.registration, former.registration.event
    news = _News("registration_cancelled", None, event_templates.REPLACED, withdraws=True)
    return _tell(registration, event, news, [former], now, but_buyer=True)


def event_changed(*, registration: Registration, event: Event, now: datetime) -> list[Letter]:
    """Tell whoever comes where and when it takes place now, with a new calendar file; once per revision."""
    once = f"event_changed:{registration.pk}:{event.calendar_sequence}"
    news = _News("event_changed", once, event_templates.CHANGED)
    return _tell(registration, event, news, coming(registration), now)


def event_reminder(*, registration: Registration, now: datetime) -> list[Letter]:
    """Remind whoever comes; each letter is sent at most once."""
    event, once = registration.event, f"event_reminder:{registration.pk}"
    news = _News("event_reminder", once, event_templates.REMINDER, at_most_once=True)
    return _tell(registration, event, news, coming(registration), now)


def event_message(
    *,
    registration: Registration,
    subject: str,
    text: str,
    by: Any,
    now: datetime,
    seats: Sequence[Seat] | None = None,
    once: str = "",
) -> list[Letter]:
    """Write an organiser's own words to the attendees on ``seats``, else on all confirmed ones.

    Placeholders are ``placeholders.EVENT_PLACEHOLDERS``. A paragraph with the link is left out for whoever has none.
    With ``once`` (at most 50 characters) the same message to a registration twice is one.
    """
    event = registration.event
    letters = []
    for reader in readers(registration, coming(registration) if seats is None else seats):
        occasion = f"{once}:{registration.pk}:{reader.number}" if once else None
        standing = writing.already_written(occasion) if occasion else None
        if standing is None:
            link, mark = link_of(registration) if reader.is_buyer else None, writing.place()
            words = _message(registration, reader, subject, text, mark if link else "")
            post = post_to(reader, registration, event, kind="event_message", link=link, by=by, once=occasion)
            standing = writing.write(post, words, mark=mark if link else "", now=now)
        letters.append(standing)
    return letters


def render_event_message(*, registration: Registration, subject: str, text: str) -> LaidOut:
    """Return an organiser's message as the buyer would get it, for the preview; its link leads nowhere."""
    words = _message(registration, buyer(registration), subject, text, EXAMPLE_URL)
    return writing.lay_out("event_message", words, seller=registration.event.seller, language=registration.language)


def _message(registration: Registration, reader: Reader, subject: str, text: str, url: str) -> Words:
    event = registration.event
    with translation.override(registration.language):
        facts = EventFacts(event, registration.language)
        values = {
            "name": reader.name,
            "event": facts.name,
            "date": facts.day,
            "place": facts.place,
            "seller": one_line(event.seller.name),
        }
        linked = Linked(url or "link", _("Manage your registration"))
        paragraphs = fill(text, values, linked)
        return Words(
            subject=fill_line(subject, values),
            paragraphs=paragraphs if url else [part for part in paragraphs if not part.has_link],
            facts=facts.rows(),
            button=linked.sentence if url else "",
            url=url,
            notice=notice_about(registration),
        )


def _tell(
    registration: Registration,
    event: Event,
    news: _News,
    seats: Sequence[Seat],
    now: datetime,
    *,
    but_buyer: bool = False,
) -> list[Letter]:
    """Write the news to everybody on these seats, each with their own seats listed."""
    told = [reader for reader in readers(registration, seats) if not (but_buyer and reader.is_buyer)]
    return [_written(registration, event, news, reader, seats, now) for reader in told]


def _written(
    registration: Registration, event: Event, news: _News, reader: Reader, seats: Sequence[Seat], now: datetime
) -> Letter:
    once = f"{news.once}:{reader.number}" if news.once else None
    standing = writing.already_written(once) if once else None
    if standing is not None:
        return standing
    link, mark = link_of(registration) if reader.is_buyer else None, writing.place()
    url = mark if link else ""
    theirs = seats if reader.is_buyer else [seat for seat in seats if reader.has(seat)]
    with translation.override(registration.language):
        values = {**news.values, "join_online": "" if news.withdraws else join_online(event)}
        rows = [*EventFacts(event, registration.language).rows(), *seat_rows(theirs, registration.language)]
        words = words_to(reader, registration, event, template=news.template, values=values, facts=rows, url=url)
    post = post_to(
        reader,
        registration,
        event,
        kind=news.kind,
        link=link,
        calendar=_calendar(registration, event, theirs, now, withdraws=news.withdraws),
        at_most_once=news.at_most_once,
        once=once,
    )
    return writing.write(post, words, mark=url, now=now)


def _calendar(
    registration: Registration, event: Event, seats: Sequence[Seat], now: datetime, *, withdraws: bool
) -> str:
    if withdraws:
        return calendars.withdrawal(registration=registration, event=event, now=now)
    return calendars.invitation(registration=registration, event=event, now=now, seats=seats)
