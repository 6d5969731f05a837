"""The list of an event's attendees and its files, at 100 and at 10,000 seats: time, statements, and memory.

Memory is the most that Python held at once while a file was made and read, in a run of its own since measuring it is
slow. Run: ``python tests/benchmarks/attendees.py [rounds]``.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import _stage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.stories.organiser import wish
from wagtail_payments import ports
from wagtail_payments.actions import registrations
from wagtail_payments.models import Event, Question, Registration, Seat
from wagtail_payments.sandbox.testing import TestClock

MARCH = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
FEW, MANY, SEATS_OF_ONE = 100, 10_000, 2
VIEWS = {
    "first page": ("attendees", ""),
    "page 3, by name": ("attendees", "q=Buyer&p=3"),
    "CSV": ("attendees", "export=csv"),
    "XLSX": ("attendees", "export=xlsx"),
    "printed": ("print", ""),
}


def fill(number: int) -> Event:
    """An event with so many attendees, two to a registration, three questions answered by each."""
    event = factories.make_event(capacity=None)
    asked = [Question.objects.create(event=event, label=f"Question {place}?", of_each=True) for place in range(3)]
    example = registrations.register(wish=wish(event, name="Example Buyer"), now=ports.now())
    rows = Registration.objects.bulk_create(_like(example, place) for place in range(number // SEATS_OF_ONE))
    ticket_type = event.ticket_types.get()
    answers = {question.key: "Neither fish nor meat, please" for question in asked}
    Seat.objects.bulk_create(
        Seat(
            registration=row,
            event=event,
            ticket_type=ticket_type,
            state="confirmed",
            name=f"{row.name} {place}",
            email=f"guest{row.pk}.{place}@example.org",
            answers=answers,
        )
        for row in rows
        for place in range(SEATS_OF_ONE)
    )
    return event


def _like(example: Registration, place: int) -> Registration:
    kept = {field.attname: getattr(example, field.attname) for field in Registration._meta.concrete_fields}
    own = {"id": None, "invoice_id": None, "public_id": ports.new_id(), "form_key": ports.new_id()}
    return Registration(**kept | own | {"name": f"Buyer {place}", "email": f"buyer{place}@example.org"})


def fetch(client: Client, event: Event, view: str) -> int:
    """Read one view to its end; return how many bytes came."""
    name, query = VIEWS[view]
    answer: Any = client.get(f"{reverse(f'wagtail_payments_event:{name}', args=[event.pk])}?{query}")
    assert answer.status_code == 200, answer.status_code
    return sum(map(len, answer.streaming_content)) if answer.streaming else len(answer.content)


def seconds(client: Client, event: Event, view: str) -> float:
    began = time.perf_counter()
    fetch(client, event, view)
    return time.perf_counter() - began


def statements(client: Client, event: Event, view: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        fetch(client, event, view)
    return len(asked)


def megabytes(client: Client, event: Event, view: str) -> float:
    tracemalloc.start()
    fetch(client, event, view)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 2**20


def compare(client: Client, rounds: int) -> None:
    few, many = fill(FEW), fill(MANY)
    print(f"{'attendees':<18}{FEW:>9,} seats {MANY:>11,} seats    ratio   statements   memory at {MANY:,}")
    for view in VIEWS:
        seconds(client, few, view)
        quick = min(seconds(client, few, view) for _ in range(rounds))
        slow = min(seconds(client, many, view) for _ in range(rounds))
        asked = f"{statements(client, few, view)} / {statements(client, many, view)}"
        times = f"{quick * 1000:>12.0f} ms {slow * 1000:>14.0f} ms {slow / quick:>8.1f}"
        print(f"  {view:<16}{times}   {asked:>10}   {megabytes(client, many, view):>8.1f} MiB")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    _stage.show_machine()
    with _stage.database(), ports.use(everywhere=True, clock=TestClock(MARCH)):
        _stage.show_database()
        factories.settle_site()
        client = Client()
        client.force_login(factories.make_superuser())
        compare(client, rounds)


if __name__ == "__main__":
    main()
