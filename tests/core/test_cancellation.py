"""What comes back to whoever cancels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.core.cancellation import Policy, Terms, quote

NOW = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
NEVER, FREE = Terms(), Terms(Policy.FREE_UNTIL, 7)
FEE = Terms(Policy.FEE, 7, Decimal(50))


@pytest.mark.parametrize(
    ("terms", "days", "allowed", "fee"),
    [
        (NEVER, 30, False, 0),
        (FREE, 8, True, 0),
        (FREE, 7, False, 0),
        (FEE, 8, True, 0),
        (FEE, 7, True, 5000),
        (FEE, 1, True, 5000),
        (FEE, 0, False, 5000),
    ],
)
def test_each_policy_on_its_last_days(terms: Terms, days: int, allowed: bool, fee: int) -> None:
    starts_at = NOW + timedelta(days=days)
    assert terms.allows(starts_at, NOW) is allowed
    assert terms.fee(10_000, starts_at, NOW) == fee


def test_until_when_it_is_free_is_told() -> None:
    assert FREE.free_until(NOW) == NOW - timedelta(days=7)
    assert NEVER.free_until(NOW) is None


@given(st.lists(st.integers(0, 10**7), max_size=8), st.decimals(0, 100, places=2))
def test_a_fee_is_never_more_than_the_price(prices: list[int], percent: Decimal) -> None:
    quoted = quote(prices, Terms(Policy.FEE, 7, percent), NOW + timedelta(days=1), NOW)
    assert 0 <= quoted.fee <= quoted.gross == sum(prices)
    assert quoted.back == quoted.gross - quoted.fee
