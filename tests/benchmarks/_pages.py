"""Pages of the admin with few rows and with many: the best time of each, its queries, and how they compare."""

from __future__ import annotations

import time
from collections.abc import Callable

import _stage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories

Measured = dict[str, tuple[float, int]]


def fetch(client: Client, url: str) -> float:
    began = time.perf_counter()
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return time.perf_counter() - began


def measure(client: Client, urls: dict[str, str], rounds: int) -> Measured:
    """The best time in seconds of each page, and its queries."""
    measured = {}
    for name, url in urls.items():
        fetch(client, url)
        best = min(fetch(client, url) for _ in range(rounds))
        with CaptureQueriesContext(connection) as asked:
            fetch(client, url)
        measured[name] = (best, len(asked))
    return measured


def compare(
    rows: str, few: int, many: int, *, fill: Callable[[int], None], urls: Callable[[], dict[str, str]], rounds: int
) -> None:
    """Measure all pages with few rows, fill up, measure them with many; print both and their ratio."""
    _stage.show_machine()
    with _stage.database():
        _stage.show_database()
        client = Client()
        client.force_login(factories.make_superuser())
        fill(few)
        before = measure(client, urls(), rounds)
        fill(many - few)
        after = measure(client, urls(), rounds)
    print(f"{'':<24}{few:>10,} {rows:<9} {many:>10,} {rows:<9}   ratio   queries")
    for name, (quick, asked) in before.items():
        slow, asked_more = after[name]
        figures = f"{quick * 1000:>17.0f} ms  {slow * 1000:>16.0f} ms {slow / quick:>8.1f}"
        print(f"  {name:<22}{figures}   {asked} / {asked_more}")
