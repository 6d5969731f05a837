"""The admin's list of invoices at 100 and at 10,000 invoices: time, queries, and how the one compares with the other.

Run: ``python tests/benchmarks/invoice_list.py [rounds]``.
"""

from __future__ import annotations

import sys
import time

import _filling
import _stage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories

FEW, MANY = 100, 10_000
VIEWS = {
    "first page": {},
    "page 3": {"p": "3"},
    "status: overdue": {"status": "overdue"},
    "status: partly paid": {"status": "partly_paid"},
    "sorted by what is due": {"ordering": "-due"},
    "search by name": {"q": "customer 7"},
}


def fetch(client: Client, query: dict[str, str]) -> float:
    began = time.perf_counter()
    answer = client.get(reverse("wagtail_payments_invoice:list"), query)
    assert answer.status_code == 200, answer.status_code
    return time.perf_counter() - began


def measure(client: Client, rounds: int) -> dict[str, tuple[float, int]]:
    """The best time in seconds of each view, and its queries."""
    measured = {}
    for name, query in VIEWS.items():
        fetch(client, query)
        best = min(fetch(client, query) for _ in range(rounds))
        with CaptureQueriesContext(connection) as asked:
            fetch(client, query)
        measured[name] = (best, len(asked))
    return measured


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    _stage.show_machine()
    with _stage.database():
        _stage.show_database()
        client = Client()
        client.force_login(factories.make_superuser())
        _filling.fill(FEW)
        few = measure(client, rounds)
        _filling.fill(MANY - FEW)
        many = measure(client, rounds)
    print(f"{'list of invoices':<24}{FEW:>10,} invoices  {MANY:>10,} invoices    ratio   queries")
    for name in VIEWS:
        (quick, asked), (slow, asked_more) = few[name], many[name]
        figures = f"{quick * 1000:>17.0f} ms  {slow * 1000:>16.0f} ms {slow / quick:>8.1f}"
        print(f"  {name:<22}{figures}   {asked} / {asked_more}")


if __name__ == "__main__":
    main()
