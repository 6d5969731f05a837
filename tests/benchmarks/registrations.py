"""Registrations placed per second for one hot event, and "sold out" answered, beside inserting one seat.

Placed: one transaction that locks the event, counts what is taken, writes registration, seat, draft invoice, link.
On a server also by four at once, each on a connection of its own, all for the same event.

Run: ``python tests/benchmarks/registrations.py [rounds]``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import _stage
from django.db import connection, transaction
from django.db.models import F

from tests import factories
from tests.stories.organiser import wish
from wagtail_payments import ports
from wagtail_payments.actions import registrations, seats
from wagtail_payments.models import Event, Registration, Seat
from wagtail_payments.sandbox.testing import TestClock

MARCH = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)  # before the events of the test data
EACH, SOLD, WORKERS = 50, 2000, 4
FLOOR = "floor: event locked, one seat inserted"


def placing(event: Event) -> Callable[[int], object]:
    """A buyer of their own for each piece."""
    wanted = iter([wish(event, name=f"Buyer{number} Martin") for number in range(10_000)])
    return lambda _piece: registrations.register(wish=next(wanted), now=ports.now())


def refusing(event: Event) -> Callable[[int], object]:
    """The event is full: the answer is no."""
    place = placing(event)

    def refused(piece: int) -> None:
        with suppress(seats.NotEnoughSeats):
            place(piece)

    return refused


def flooring(event: Event, registration: Registration) -> Callable[[int], object]:
    """Lock the event, insert one seat: what any program must do."""
    ticket_type = event.ticket_types.get()

    def insert(_piece: int) -> None:
        with transaction.atomic():
            Event.objects.filter(pk=event.pk).update(lock_count=F("lock_count") + 1)
            Seat.objects.create(
                registration=registration, event=event, ticket_type=ticket_type, state="held", hold_until=ports.now()
            )

    return insert


def sell(event: Event, number: int) -> None:
    """So many seats are sold already."""
    registration = registrations.register(wish=wish(event, name="Group Leader"), now=ports.now())
    ticket_type = event.ticket_types.get()
    Seat.objects.bulk_create(
        Seat(registration=registration, event=event, ticket_type=ticket_type, state="confirmed") for _ in range(number)
    )


def at_once(event: Event) -> float:
    """Four workers place registrations for the same event; return how many per second altogether."""
    wanted = [wish(event, name=f"Rush{number} Martin") for number in range(WORKERS * EACH)]

    def work(worker: int) -> None:
        for one in wanted[worker::WORKERS]:
            registrations.register(wish=one, now=ports.now())
        connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    return len(wanted) / (time.perf_counter() - began)


def compare(rounds: int) -> None:
    """Print placed registrations per second beside the floor, with few and with many seats sold."""
    fresh, grown = factories.make_event(capacity=None), factories.make_event(capacity=None)
    full = factories.make_event(capacity=1)
    sell(grown, SOLD)
    group = registrations.register(wish=wish(full), now=ports.now())
    contenders = {
        "placed, nothing sold yet": placing(fresh),
        f"placed, {SOLD} seats sold": placing(grown),
        "sold out": refusing(full),
        FLOOR: flooring(fresh, group),
    }
    _stage.show("registrations", _stage.best_of(contenders, rounds=rounds, each=EACH), FLOOR)
    if connection.vendor != "sqlite":
        print(f"  placed by {WORKERS} workers for one event{at_once(grown):19.1f}/s")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    _stage.show_machine()
    with _stage.database(), ports.use(everywhere=True, clock=TestClock(MARCH)):
        _stage.show_database()
        factories.settle_site()
        compare(rounds)


if __name__ == "__main__":
    main()
