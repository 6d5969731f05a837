"""Reminders: which step of a series is due for an invoice on a day; none twice, and none after a later one.

A step stands so many days from the due date, before it where negative. Days are the seller's local dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_STEPS = 10
FURTHEST_DAYS = 365  # from the due date, either way


class Tone(StrEnum):
    """How a reminder speaks."""

    NOTICE = "notice"  # it will be due soon
    POLITE = "polite"
    FIRM = "firm"


class Skipped(StrEnum):
    """Why a step was not sent."""

    PAID = "paid"
    PROCESSING = "processing"
    PROMISED = "promised"
    DISPUTED = "disputed"
    UNCOLLECTIBLE = "uncollectible"
    REVERSED = "reversed"  # money went back at the provider, and nobody has looked at it yet
    WITHDRAWN = "withdrawn"  # a consumer left the contract, and what was invoiced is not credited yet
    MUTED = "muted"
    BOUNCED = "bounced"
    NO_ADDRESS = "no_address"
    LATE = "late"  # the clock stood still, and a later step was due by then


@dataclass(frozen=True, slots=True)
class Step:
    """``days`` from the due date; ``key`` tells it from others of the same series, however its days are changed."""

    key: int
    days: int
    tone: Tone = Tone.POLITE


DEFAULT_STEPS: tuple[Step, ...] = (
    Step(0, -3, Tone.NOTICE),
    Step(0, 7, Tone.POLITE),
    Step(0, 21, Tone.FIRM),
)


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was dealt with, sent or not: its key, and how many days from the due date it stood then."""

    key: int | None
    days: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What is due: the step to send, and earlier ones whose day went by unnoticed."""

    step: Step
    late: tuple[Step, ...] = ()


def planned_on(step: Step, due_on: date) -> date:
    """Return the day of a step."""
    return due_on + timedelta(days=step.days)


def left(steps: Iterable[Step], done: Iterable[Done]) -> list[Step]:
    """Return what is still to come of a series, in the order of its days: nothing as early as what was dealt with."""
    dealt = list(done)
    keys = {row.key for row in dealt if row.key is not None}
    furthest = max((row.days for row in dealt), default=None)
    kept: dict[int, Step] = {}
    for step in steps:
        if step.key not in keys and (furthest is None or step.days > furthest):
            kept.setdefault(step.days, step)
    return [kept[days] for days in sorted(kept)]


def turn(steps: Iterable[Step], *, due_on: date, today: date, after: date, done: Iterable[Done]) -> Turn | None:
    """Return what is due today, or None.

    A step counts only if its day comes after the day ``after``: on which the invoice was issued, or on which
    reminders were switched on, whichever is later.
    """
    reached = [step for step in left(steps, done) if after < planned_on(step, due_on) <= today]
    return Turn(reached[-1], tuple(reached[:-1])) if reached else None


def upcoming(
    steps: Iterable[Step], *, due_on: date, today: date, after: date, done: Iterable[Done]
) -> tuple[Step, date] | None:
    """Return the step that is sent next if nothing changes, and its day: today where one is due already."""
    rows = list(done)
    due = turn(steps := list(steps), due_on=due_on, today=today, after=after, done=rows)
    if due:
        return due.step, today
    coming = [step for step in left(steps, rows) if planned_on(step, due_on) > max(today, after)]
    return (coming[0], planned_on(coming[0], due_on)) if coming else None


def by_lateness(steps: Sequence[Step], days_late: int) -> Step | None:
    """Return the step whose words fit that lateness, for a reminder by hand: the last one reached, else the first."""
    ordered = sorted(steps, key=lambda step: step.days)
    reached = [step for step in ordered if step.days <= days_late]
    return reached[-1] if reached else next(iter(ordered), None)
