"""Reminders: what is due on a day, whatever the clock did, and never a step twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.core.reminders import Done, Step, by_lateness, left, turn, upcoming

DUE = date(2026, 4, 15)
ISSUED = date(2026, 3, 16)
STEPS = [Step(1, -3), Step(2, 7), Step(3, 21)]


def on(days: int, *, done: Iterable[Done] = (), after: date = ISSUED) -> tuple[int, list[int]] | None:
    """Which step is due so many days from the due date, and which are too late."""
    found = turn(STEPS, due_on=DUE, today=DUE + timedelta(days=days), after=after, done=done)
    return (found.step.key, [step.key for step in found.late]) if found else None


@pytest.mark.parametrize(
    ("days", "expected"), [(-4, None), (-3, (1, [])), (-1, (1, [])), (7, (2, [1])), (20, (2, [1])), (400, (3, [1, 2]))]
)
def test_only_the_latest_step_is_due(days: int, expected: tuple[int, list[int]] | None) -> None:
    assert on(days) == expected


def test_what_was_dealt_with_is_not_due_again_nor_is_anything_earlier() -> None:
    assert on(7, done=[Done(1, -3)]) == (2, [])
    assert on(7, done=[Done(2, 7)]) is None
    assert on(30, done=[Done(2, 7)]) == (3, [])
    assert on(400, done=[Done(3, 21)]) is None


def test_a_step_that_was_moved_to_a_later_day_is_not_sent_again() -> None:
    assert on(7, done=[Done(2, 4)]) is None
    assert on(21, done=[Done(2, 4)]) == (3, [])


def test_a_day_before_it_was_issued_does_not_count() -> None:
    assert on(0, after=DUE - timedelta(days=3)) is None
    assert on(7, after=DUE) == (2, [])


def test_two_steps_of_one_day_are_one() -> None:
    twins = [Step(1, 7), Step(2, 7)]
    found = turn(twins, due_on=DUE, today=DUE + timedelta(days=7), after=ISSUED, done=[])
    assert found is not None
    assert (found.step.key, found.late) == (1, ())
    assert left(twins, [Done(1, 7)]) == []


def test_what_comes_next() -> None:
    def comes(days: int, *done: Done) -> tuple[int, int] | None:
        today = DUE + timedelta(days=days)
        found = upcoming(iter(STEPS), due_on=DUE, today=today, after=ISSUED, done=iter(done))
        return (found[0].key, (found[1] - DUE).days) if found else None

    assert comes(-20) == (1, -3)
    assert comes(-3, Done(1, -3)) == (2, 7)
    assert comes(8, Done(1, -3)) == (2, 8)
    assert comes(8, Done(2, 7)) == (3, 21)
    assert comes(22, Done(3, 21)) is None


def test_words_by_hand_follow_from_how_late_it_is() -> None:
    found = [by_lateness(STEPS, days) for days in (-20, -3, 6, 7, 300)]
    assert [step.key for step in found if step] == [1, 1, 1, 2, 3]
    assert by_lateness([], 3) is None


series = st.lists(st.integers(-60, 120), min_size=1, max_size=10).map(
    lambda days: [Step(key, day) for key, day in enumerate(days, start=1)]
)


@given(series, st.lists(st.integers(-70, 200), min_size=1, max_size=40), st.integers(-90, 60))
def test_however_the_clock_runs_no_step_comes_twice_or_after_a_later_one(
    steps: list[Step], visits: list[int], after: int
) -> None:
    done: list[Done] = []
    sent: list[int] = []
    begins = DUE + timedelta(days=after)
    for day in sorted(visits):
        today = DUE + timedelta(days=day)
        found = turn(steps, due_on=DUE, today=today, after=begins, done=done)
        again = turn(steps, due_on=DUE, today=today, after=begins, done=done)
        assert found == again
        if found is None:
            continue
        assert found.step.days <= day
        assert found.step.days > after
        assert [step.days for step in found.late] == sorted({step.days for step in found.late})
        assert all(step.days < found.step.days for step in found.late)
        done += [Done(step.key, step.days) for step in (*found.late, found.step)]
        sent.append(found.step.days)
        assert turn(steps, due_on=DUE, today=today, after=begins, done=done) is None
    assert sent == sorted(set(sent))
    keys = [row.key for row in done]
    assert len(keys) == len(set(keys))


@given(series, st.integers(-70, 200), st.integers(-90, 60))
def test_a_clock_that_never_stands_still_sends_each_day_once(steps: list[Step], last: int, after: int) -> None:
    done: list[Done] = []
    for day in range(-70, last + 1):
        found = turn(steps, due_on=DUE, today=DUE + timedelta(days=day), after=DUE + timedelta(days=after), done=done)
        if found:
            assert found.late == ()
            assert found.step.days == day
            done.append(Done(found.step.key, day))
    assert {row.days for row in done} == {step.days for step in steps if after < step.days <= last}
