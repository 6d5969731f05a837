"""For hosts that test their own site: the world under control, and what a payment gateway must keep to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from wagtail_payments import ports


class FrozenClock:
    """A clock that stands until it is moved; give it an aware datetime."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        """Return the moment it stands at."""
        return self.moment

    def advance(self, **by: float) -> None:
        """Move it on, by ``days=2`` or ``minutes=5``."""
        self.moment += timedelta(**by)


@contextmanager
def frozen_clock(start: datetime) -> Iterator[FrozenClock]:
    """Let the package see this clock and no other while the block runs, in every thread."""
    clock = FrozenClock(start)
    with ports.use(everywhere=True, clock=clock):
        yield clock


class SimulatedCrash(BaseException):
    """Stands for a process that dies: no ``except Exception`` catches it, transactions roll back."""


@contextmanager
def crash_at(name: str) -> Iterator[None]:
    """Die at the failpoint of that name, as a killed process would."""

    def failpoint(reached: str) -> None:
        if reached == name:
            raise SimulatedCrash(name)

    with ports.use(everywhere=True, failpoint=failpoint):
        yield
