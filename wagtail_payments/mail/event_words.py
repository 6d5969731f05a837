"""An event and its registrations in words: what, when, where, who, for how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from django.utils.translation import gettext as _

from wagtail_payments.core.lifecycle import SeatState
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.printing.moments import Clock
from wagtail_payments.records.events import Event
from wagtail_payments.records.registrations import Registration, Seat

Rows = list[tuple[str, str]]


class NoSeat(Enum):
    """Why money that came for seats found none."""

    TAKEN = "taken"
    GIVEN_BACK = "given_back"
    CALLED_OFF = "called_off"


def why_no_seat(registration: Registration) -> NoSeat:
    """Return why there is no seat for what was paid."""
    if registration.event.is_cancelled:
        return NoSeat.CALLED_OFF
    kept = registration.seats.exclude(state=SeatState.CANCELLED)
    return NoSeat.TAKEN if kept.exists() else NoSeat.GIVEN_BACK


@dataclass(frozen=True)
class EventFacts:
    """An event in the words of a reader's language, which is active while they are asked for."""

    event: Event
    language: str

    @cached_property
    def name(self) -> str:
        """What it is called, in one line."""
        return one_line(self.event.said("name", self.language))

    @cached_property
    def day(self) -> str:
        """The day it begins, on its own clock."""
        begins = self.event.starts_at.astimezone(self.event.zone)
        return Writer(self.language, self.event.seller.currency).date(begins.date().isoformat())

    @cached_property
    def when(self) -> str:
        """From when to when, with the name of the clock."""
        clock = Clock(self.event.time_zone, self.language, says_zone=True)
        return clock.span(self.event.starts_at, self.event.ends_at)

    @cached_property
    def where(self) -> str:
        """The place and its address in one line, or nothing."""
        lines = [self.event.said("place", self.language), *self.event.said("address", self.language).splitlines()]
        return ", ".join(filter(None, map(one_line, lines)))

    @property
    def place(self) -> str:
        """Where it takes place: that it is online, where there is no place."""
        return self.where or (_("Online") if self.event.online_url else "")

    def rows(self) -> Rows:
        """Return what, when and where for the small table of a letter."""
        return filled([(_("Event"), self.name), (_("When"), self.when), (_("Where"), self.place)])


def filled(rows: Iterable[tuple[str, str]]) -> Rows:
    """Leave out what has no value."""
    return [(label, value) for label, value in rows if value]


def coming(registration: Registration) -> list[Seat]:
    """Return the confirmed seats, asked anew: what the caller has in hand may be from before the change."""
    return list(registration.seats.filter(state=SeatState.CONFIRMED).select_related("ticket_type"))


def tickets(seats: Sequence[Seat], language: str) -> str:
    """Return how many of which ticket: ``2 × Standard, 1 × Student``."""
    numbers = Counter(one_line(seat.ticket_type.said("name", language)) for seat in seats)
    return ", ".join(f"{number} × {name}" for name, number in numbers.items())


def names(seats: Iterable[Seat]) -> str:
    """Return the attendees that were named."""
    return ", ".join(filter(None, (one_line(seat.name) for seat in seats)))


def seat_rows(seats: Sequence[Seat], language: str) -> Rows:
    """Return tickets and attendees for the small table of a letter."""
    return filled([(_("Tickets"), tickets(seats, language)), (_("Attendees"), names(seats))])
