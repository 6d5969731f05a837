"""Billing plans sum to the whole, to the cent, however they divide it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.core.plans import PlanTooLarge, PlanTooSmall, Share, TwoRests, divide

REST = Share()


def percent(text: str) -> Share:
    return Share(percent=Decimal(text))


@pytest.mark.parametrize(
    ("gross", "shares", "expected"),
    [
        (10000, [], ()),
        (10000, [percent("30"), percent("40"), REST], (3000, 4000, 3000)),
        (10001, [percent("50"), percent("50")], (5001, 5000)),
        (100, [percent("33.33"), percent("33.33"), percent("33.34")], (33, 34, 33)),
        (10000, [Share(minor=2500), REST], (2500, 7500)),
        (10000, [percent("100")], (10000,)),
        (0, [percent("30"), REST], (0, 0)),
    ],
)
def test_a_plan_divides_the_whole(gross: int, shares: list[Share], expected: tuple[int, ...]) -> None:
    assert divide(gross, shares) == expected


@given(st.integers(0, 10**10), st.lists(st.integers(1, 3000), min_size=1, max_size=8))
def test_parts_and_the_rest_are_the_whole(gross: int, hundredths: list[int]) -> None:
    shares = [Share(percent=Decimal(part) / 100 / len(hundredths)) for part in hundredths]
    amounts = divide(gross, [*shares, REST])
    assert sum(amounts) == gross
    assert min(amounts) >= 0


@pytest.mark.parametrize(
    ("shares", "problem"),
    [
        ([percent("60"), percent("60")], PlanTooLarge),
        ([Share(minor=10001)], PlanTooLarge),
        ([percent("30")], PlanTooSmall),
        ([REST, REST], TwoRests),
    ],
)
def test_what_does_not_fit_is_refused(shares: list[Share], problem: type[Exception]) -> None:
    with pytest.raises(problem):
        divide(10000, shares)
