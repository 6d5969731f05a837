"""Deposits of tickets: worked out once, promised as a text, divided over seats to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.core.ticket_deposits import DepositTerms, Plan, shares

DAY, TODAY = date(2026, 6, 12), date(2026, 4, 1)
TERMS = DepositTerms(Decimal("30.00"), 14)


def test_the_rest_is_the_balance() -> None:
    assert TERMS.plan(12_000, DAY, TODAY) == Plan(3600, 8400, date(2026, 5, 29))


@pytest.mark.parametrize(("today", "divided"), [(date(2026, 5, 28), True), (DAY, False), (date(2026, 5, 29), False)])
def test_once_the_balance_is_due_all_is_paid_at_once(today: date, divided: bool) -> None:
    assert (TERMS.plan(12_000, DAY, today) is not None) == divided
    assert bool(TERMS.named(DAY, today)) == divided


@pytest.mark.parametrize("gross", [0, 1])
def test_what_is_too_small_is_not_divided(gross: int) -> None:
    assert TERMS.plan(gross, DAY, TODAY) is None


def test_another_promise_has_another_name() -> None:
    names = {
        TERMS.named(DAY, TODAY),
        DepositTerms(Decimal(40), 14).named(DAY, TODAY),
        DepositTerms(Decimal(30), 7).named(DAY, TODAY),
    }
    assert len(names) == 3
    assert TERMS.named(DAY, TODAY) == DepositTerms(Decimal(30), 14).named(DAY, TODAY)


SEATS = st.lists(st.tuples(st.integers(0, 50_000), st.sampled_from("ABC")), min_size=1, max_size=12)


@given(SEATS, st.integers(1, 99))
def test_shares_come_to_the_deposit_and_none_is_above_its_price(seats: list[tuple[int, str]], percent: int) -> None:
    prices, groups = [price for price, _group in seats], [group for _price, group in seats]
    plan = DepositTerms(Decimal(percent), 1).plan(sum(prices), DAY, TODAY)
    if plan is None:
        return
    found = shares(plan.deposit, prices, groups)
    assert sum(found) == plan.deposit
    assert all(0 <= share <= price for share, price in zip(found, prices, strict=True))
