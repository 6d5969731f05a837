"""What every benchmark stands on: Django, a database of its own, the machine's facts, rounds that alternate.

Import it first: it chooses PostgreSQL where one answers, else SQLite, and sets Django up.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[2]


def _postgresql_answers() -> bool:
    try:
        psycopg.connect(
            host=os.environ.get("PGHOST", "127.0.0.1"),
            port=os.environ.get("PGPORT", "5432"),
            user=os.environ.get("PGUSER", "postgres"),
            password=os.environ.get("PGPASSWORD", ""),
            dbname="postgres",
            connect_timeout=2,
        ).close()
    except psycopg.OperationalError:
        return False
    return True


sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("TEST_DATABASE", "postgresql" if _postgresql_answers() else "sqlite")

import django  # noqa: E402

django.setup()

import wagtail  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: E402

from tests import databases  # noqa: E402

Contender = Callable[[int], object]


@contextmanager
def database() -> Iterator[None]:
    """An empty database with all migrations, removed at the end."""
    setup_test_environment(debug=False)
    databases.take_copy()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, keepdb=True)
    databases.keep_copy()
    try:
        yield
    finally:
        databases.remove()
        teardown_test_environment()


def show_machine() -> None:
    """Print what the figures depend on."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"machine: {_processor()}, {os.cpu_count()} cores, {_memory()}; load before: {load}")
    print(f"software: {platform.platform()}, Python {platform.python_version()}, ", end="")
    print(f"Django {django.get_version()}, Wagtail {wagtail.__version__}")


def show_database() -> None:
    """Print which database answers."""
    version = ".".join(map(str, connection.get_database_version()))
    print(f"database: {connection.display_name} {version}")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0].split(":", 1)[1].strip() if names else platform.processor() or platform.machine()


def _memory() -> str:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{size / 2**30:.0f} GiB"


@dataclass(frozen=True, slots=True)
class Speed:
    """Pieces per second by the clock on the wall, and the processor time of this process that one piece took."""

    per_second: float
    own_ms: float


def best_of(contenders: dict[str, Contender], *, rounds: int, each: int) -> dict[str, Speed]:
    """Let each contender do ``each`` pieces of work per round, in turns; return its best of each figure.

    A contender is called with the number of the piece, which it never sees twice. They take turns, so that a busy
    machine slows all alike; the best round counts, since load can only add to it.
    """
    measured: dict[str, list[Speed]] = {name: [] for name in contenders}
    for turn in range(rounds):
        for name, work in contenders.items():
            measured[name].append(_round(work, range(turn * each, (turn + 1) * each)))
    return {
        name: Speed(max(speed.per_second for speed in speeds), min(speed.own_ms for speed in speeds))
        for name, speeds in measured.items()
    }


def _round(work: Contender, pieces: range) -> Speed:
    began, began_own = time.perf_counter(), time.process_time()
    for piece in pieces:
        work(piece)
    own, whole = time.process_time() - began_own, time.perf_counter() - began
    return Speed(len(pieces) / whole, own / len(pieces) * 1000)


def show(title: str, best: dict[str, Speed], floor: str) -> None:
    """Print each contender's figures, and how many times the floor's time it takes."""
    print(title)
    for name, speed in best.items():
        times = best[floor].per_second / speed.per_second
        compared = "" if name == floor else f"   {times:5.1f} times the floor's time"
        print(f"  {name:<40} {speed.per_second:8.1f}/s  {speed.own_ms:6.1f} ms of this process{compared}")
