"""Discount codes: when they work, and what they take off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wagtail_payments.core.discounts import Code, CodeProblem, canonical
from wagtail_payments.core.tickets import Window

NOW = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("code", "used", "problem"),
    [
        (Code(), 1000, None),
        (Code(most=2), 1, None),
        (Code(most=2), 2, CodeProblem.USED_UP),
        (Code(window=Window(opens_at=NOW + HOUR)), 0, CodeProblem.NOT_YET),
        (Code(window=Window(closes_at=NOW)), 0, CodeProblem.ENDED),
    ],
)
def test_limits_in_number_and_time(code: Code, used: int, problem: CodeProblem | None) -> None:
    assert code.problem(NOW, used) is problem


def test_an_amount_takes_off_all_of_a_small_basket_and_no_more() -> None:
    assert Code(minor=5000).minor_of(12_000) == 5000
    assert Code(minor=5000).minor_of(3000) == 3000


def test_neither_case_nor_spaces_count() -> None:
    assert canonical(" early bird ") == canonical("EARLYBIRD") == "EARLYBIRD"
