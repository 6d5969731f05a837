"""Many at once, on connections of their own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

CONNECTIONS = 50


@dataclass
class Outcome:
    """What came of it: results and errors, in no order."""

    results: list[Any] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)


def all_at_once(jobs: Sequence[Callable[[], Any]]) -> Outcome:
    """Run every job in a thread of its own, begun at the same moment."""
    outcome, gate = Outcome(), threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> None:
        try:
            gate.wait()
            outcome.results.append(job())
        except BaseException as error:
            outcome.errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return outcome


def one_after_another(jobs: Sequence[Callable[[], Any]], connections: int = CONNECTIONS) -> Outcome:
    """Run many jobs on so many connections: as soon as one is done, the next begins."""
    outcome = Outcome()
    shares = [jobs[start::connections] for start in range(connections)]

    def work(share: Sequence[Callable[[], Any]]) -> None:
        for job in share:
            try:
                outcome.results.append(job())
            except Exception as error:
                outcome.errors.append(error)
        connection.close()

    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(work, shares))
    return outcome


@dataclass
class Window:
    """Opens the window between a question and what is done about the answer, at one failpoint.

    Whoever comes there waits for the other, but not for ever: with the lock the other never comes.
    """

    places: frozenset[str]
    patience: float = 0.5
    _gate: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))

    def __call__(self, name: str) -> None:
        if name in self.places:
            with contextlib.suppress(threading.BrokenBarrierError):
                self._gate.wait(self.patience)
