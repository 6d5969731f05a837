"""Instalments: they are exactly the total, are filled in their order, and say what is due now (I22)."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.core import money, schedule
from wagtail_payments.core.schedule import Agreed, DoesNotAddUp, Part, PartState

TODAY = date(2026, 3, 16)
totals = st.integers(1, 10**9)
parts_of = st.lists(st.tuples(st.integers(1, 90), st.integers(1, 10**7)), min_size=1, max_size=12).map(
    lambda rows: [
        Part(TODAY - timedelta(60) + timedelta(sum(days for days, _ in rows[: place + 1])), amount)
        for place, (_, amount) in enumerate(rows)
    ]
)


@given(totals, st.integers(1, 48), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_equal_months_are_the_total_and_differ_by_a_cent_at_most(total: int, number: int, first_on: date) -> None:
    rows = [(day, Agreed()) for day in schedule.monthly(first_on, number)]
    if total < number:
        with pytest.raises(DoesNotAddUp):
            schedule.parts(total, rows)
        return
    parts = schedule.parts(total, rows)
    assert sum(part.amount for part in parts) == total
    assert max(part.amount for part in parts) - min(part.amount for part in parts) <= 1
    days = [part.due_on for part in parts]
    assert days == sorted(set(days))
    months = [day.year * 12 + day.month - (first_on.year * 12 + first_on.month) for day in days]
    assert months == list(range(number))


@given(st.integers(100, 10**9), st.lists(st.integers(1, 9_999), min_size=2, max_size=6))
def test_percentages_of_the_whole_are_the_whole(total: int, weights: list[int]) -> None:
    hundredths = [10_000 * weight // sum(weights) for weight in weights]
    hundredths[-1] += 10_000 - sum(hundredths)
    rows = [Agreed(percent=Decimal(part) / 100) for part in hundredths]
    if 0 in money.spread(total, hundredths):  # some percentage of a small total is nothing
        with pytest.raises(DoesNotAddUp):
            schedule.amounts(total, rows)
        return
    found = schedule.amounts(total, rows)
    assert sum(found) == total
    for row, amount in zip(rows, found, strict=True):
        assert abs(amount - total * (row.percent or 0) / 100) < 1


def test_a_deposit_an_amount_and_the_rest_in_two() -> None:
    rows = [Agreed(percent=Decimal(30)), Agreed(amount=10000), Agreed(), Agreed()]
    assert schedule.amounts(100001, rows) == [30000, 10000, 30001, 30000]


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ([Agreed(amount=9000)], 1000),
        ([Agreed(amount=9000), Agreed(amount=2000)], -1000),
        ([Agreed(percent=Decimal(60)), Agreed(percent=Decimal(30))], 1000),
        ([Agreed(amount=10000), Agreed()], 0),
        ([Agreed(amount=12000), Agreed()], -2000),
    ],
)
def test_what_does_not_add_up_says_by_how_much(rows: list[Agreed], left: int) -> None:
    with pytest.raises(DoesNotAddUp) as told:
        schedule.amounts(10000, rows)
    assert told.value.left == left


def test_the_thirty_first_becomes_the_last_of_a_short_month() -> None:
    assert schedule.monthly(date(2026, 12, 31), 3) == [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)]


@given(parts_of, st.integers(-100, 10**8))
def test_instalments_are_filled_in_their_order(parts: list[Part], covered: int) -> None:
    rows = schedule.standings(parts, covered, TODAY)
    total = sum(part.amount for part in parts)
    assert sum(row.covered for row in rows) == min(max(covered, 0), total)
    for before, after in itertools.pairwise(rows):
        assert after.covered == 0 or before.left == 0
    for row in rows:
        assert 0 <= row.covered <= row.amount
        assert (row.state == PartState.PAID) == (row.left == 0)
        assert (row.state == PartState.OVERDUE) == (row.left > 0 and row.due_on < TODAY)
        assert (row.state == PartState.DUE) == (row.left > 0 and row.due_on == TODAY)


@given(parts_of, st.integers(0, 10**8))
def test_what_is_offered_never_is_more_than_is_due(parts: list[Part], covered: int) -> None:
    offers = schedule.offers(parts, covered, TODAY)
    due = max(sum(part.amount for part in parts) - covered, 0)
    assert offers.everything == due
    assert 0 <= offers.next <= due
    assert 0 <= offers.now <= due
    assert all(0 < amount <= due for amount in offers.amounts)
    assert (offers.next_on is None) == (due == 0)
    assert bool(offers.asked) == bool(due)


@given(parts_of, st.integers(0, 10**8), st.integers(0, 400))
def test_what_a_promise_must_reach_is_all_that_is_late_by_then(parts: list[Part], covered: int, days: int) -> None:
    day = TODAY + timedelta(days)
    until = schedule.reached_by(parts, covered, day)
    total = sum(part.amount for part in parts)
    assert until > covered or until == total
    if covered < total:
        after = schedule.standings(parts, until, day + timedelta(1))
        assert not [row for row in after if row.state == PartState.OVERDUE]


def test_one_day_for_all_is_one_part() -> None:
    offers = schedule.offers([Part(TODAY + timedelta(9), 5000)], 1000, TODAY)
    assert (offers.next, offers.now, offers.everything, offers.next_on) == (4000, 0, 4000, TODAY + timedelta(9))
    assert offers.amounts == {4000}
