"""Seats: counted, kept, given back. Every change is made by whoever holds the event (``lock(Event, …)``).

What is taken is asked in one statement over one table, so that a seat on its way from held to confirmed is never
missed, and never counted in two places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from wagtail_payments import ports
from wagtail_payments.core.capacity import Availability, Quota
from wagtail_payments.core.lifecycle import SEAT_MOVES, TAKING_SEAT_STATES, SeatState
from wagtail_payments.records.events import Event
from wagtail_payments.records.guards import hold
from wagtail_payments.records.registrations import Registration, Seat, taking

# A seat is kept a little longer than its payment session lives: whoever pays in the last moment has it.
GRACE = timedelta(minutes=1)


class NotEnoughSeats(Exception):
    """Fewer seats are left than were asked for; ``left`` says how many of each ticket type that is short."""

    def __init__(self, left: Mapping[int, int]) -> None:
        super().__init__(str(dict(left)))
        self.left = left


def availability(*, event: Event, now: datetime) -> Availability:
    """Return what an event has room for now; ``prefetch`` its ticket types to ask only once more."""
    return availabilities(events=[event], now=now)[event.pk]


def availabilities(*, events: Sequence[Event], now: datetime) -> dict[int, Availability]:
    """Return what each of these events has room for now, by its key, asked in one statement."""
    seats = Seat.objects.filter(taking(now), event__in=events).order_by()
    taken: dict[int, dict[int, int]] = {event.pk: {} for event in events}
    for event_id, ticket_type, number in seats.values_list("event", "ticket_type").annotate(number=Count("pk")):
        taken[event_id][ticket_type] = number
    return {event.pk: _availability(event, taken[event.pk]) for event in events}


def _availability(event: Event, taken: Mapping[int, int]) -> Availability:
    types = {row.pk: Quota(row.quantity, taken.get(row.pk, 0)) for row in event.ticket_types.all()}
    return Availability(Quota(event.capacity, sum(taken.values())), types)


def refuse_shortage(*, available: Availability, wanted: Mapping[int, int]) -> None:
    """Raise ``NotEnoughSeats`` unless there is room for all of these, by ticket type."""
    left = available.shortage(wanted)
    if left:
        raise NotEnoughSeats(left)


def keep(*, registration: Registration, event: Event, target: SeatState, now: datetime) -> bool:
    """Move the seats of a registration to pending or confirmed: all of those not given up, or none.

    A seat whose hold has ended is taken again if there is still room. False: there is no room, or nothing to keep.
    """
    seats = [seat for seat in registration.seats.all() if seat.state != SeatState.CANCELLED]
    moving = [seat for seat in seats if target in SEAT_MOVES[SeatState(seat.state)]]
    lapsed = Counter(seat.ticket_type_id for seat in moving if not takes_room(seat, now))
    if not seats or (lapsed and not _has_room(event, lapsed, now)):
        return False
    move(moving, target)
    return True


def _has_room(event: Event, wanted: Mapping[int, int], now: datetime) -> bool:
    write_down_ended(event_id=event.pk, now=now)
    room = not event.is_cancelled and not availability(event=event, now=now).shortage(wanted)
    ports.failpoint("seats.counted_again")
    return room


def takes_room(seat: Seat, now: datetime) -> bool:
    """Does the seat take room now? The same rule as ``records.registrations.taking``, for one row."""
    if seat.state == SeatState.HELD:
        return seat.hold_until is not None and seat.hold_until > now
    return seat.state in TAKING_SEAT_STATES


def move(seats: Iterable[Seat], target: SeatState) -> int:
    """Move seats where the table allows it; return how many moved."""
    moving = [seat for seat in seats if target in SEAT_MOVES[SeatState(seat.state)]]
    for seat in moving:
        seat.state = target
    keys = [seat.pk for seat in moving]
    return Seat.objects.filter(pk__in=keys).update(state=target) if keys else 0


def hold_until(seats: Sequence[Seat]) -> datetime | None:
    """Return when the hold of these seats ends, or None where nothing is held."""
    ends = [seat.hold_until for seat in seats if seat.state == SeatState.HELD and seat.hold_until is not None]
    return min(ends, default=None)


def note_expired(*, now: datetime) -> int:
    """Write down which holds have ended; they took no room any more. Returns how many."""
    ended = Seat.objects.filter(state=SeatState.HELD, hold_until__lte=now).order_by("event")
    return sum(_note_expired(event_id, now) for event_id in list(ended.values_list("event", flat=True).distinct()))


def _note_expired(event_id: int, now: datetime) -> int:
    with transaction.atomic(durable=True):
        hold(Event, event_id)
        return write_down_ended(event_id=event_id, now=now)


def write_down_ended(*, event_id: int, now: datetime) -> int:
    """Note which holds of an event have ended, before their seats are given to others; return how many.

    Whoever comes after, with a clock that is behind or that was read while waiting, must not find them held.
    """
    ended = Seat.objects.filter(event=event_id, state=SeatState.HELD, hold_until__lte=now).order_by()
    keys = list(ended.values_list("pk", flat=True))
    return Seat.objects.filter(pk__in=keys).update(state=SeatState.EXPIRED) if keys else 0
