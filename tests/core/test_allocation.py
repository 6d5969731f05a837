"""Which cents pay what: sums, bounds and ends of every chain of payments."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.core import allocation, money

CHAINS = 20_000
RATES = [Decimal(text) for text in ("20", "10", "5.5", "2.1", "8.5", "0")]

amounts = st.integers(0, 10**8)


def random_groups(chance: random.Random) -> list[tuple[int, int]]:
    groups = []
    for rate in chance.sample(RATES, chance.randint(1, 4)):
        base = chance.randint(0, 200_000)
        tax = money.rounded(base * rate / 100)
        groups.append((base + tax, tax))
    return groups


def test_every_chain_of_payments_ends_on_the_exact_vat_of_each_rate() -> None:
    chance = random.Random(20260316)  # noqa: S311
    for _ in range(CHAINS):
        groups = random_groups(chance)
        paid, taxed, left = [0] * len(groups), [0] * len(groups), sum(gross for gross, _ in groups)
        while left:
            amount = left if chance.random() < 0.3 else chance.randint(1, left)
            shares = allocation.split_by_vat(amount, groups, paid)
            assert sum(share.gross for share in shares) == amount
            assert all(0 <= share.tax <= share.gross for share in shares)
            paid = [before + share.gross for before, share in zip(paid, shares, strict=True)]
            taxed = [before + share.tax for before, share in zip(taxed, shares, strict=True)]
            assert all(part <= gross for part, (gross, _) in zip(paid, groups, strict=True))
            left -= amount
        assert paid == [gross for gross, _ in groups]
        assert taxed == [tax for _, tax in groups]


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 100)), min_size=1, max_size=4), st.data())
def test_the_vat_in_a_part_is_within_a_cent_of_its_rate(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    groups = [(gross, gross * share // 600) for gross, share in rows]
    paid = [data.draw(st.integers(0, gross)) for gross, _ in groups]
    left = sum(gross for gross, _ in groups) - sum(paid)
    shares = allocation.split_by_vat(data.draw(st.integers(0, left)), groups, paid)
    for share, (gross, tax) in zip(shares, groups, strict=True):
        assert abs(share.tax - Decimal(tax) * share.gross / gross) <= 1


def test_more_than_is_left_cannot_be_divided() -> None:
    with pytest.raises(ValueError, match="more than is left"):
        allocation.split_by_vat(101, [(120, 20)], [20])
    with pytest.raises(ValueError, match="more than is left"):
        allocation.split_by_vat(-1, [(120, 20)], [0])


@given(amounts, st.lists(st.integers(-1000, 10**6)))
def test_money_fills_what_is_due_in_order_and_the_rest_is_left_over(amount: int, dues: list[int]) -> None:
    shares, left = allocation.fill(amount, dues)
    assert sum(shares) + left == amount
    assert left >= 0
    assert all(0 <= share <= max(due, 0) for share, due in zip(shares, dues, strict=True))
    first_unfilled = next((i for i, (share, due) in enumerate(zip(shares, dues, strict=True)) if share < due), None)
    if first_unfilled is not None:
        assert left == 0
        assert not any(shares[first_unfilled + 1 :])


@given(amounts, amounts)
def test_a_credit_note_lowers_what_is_due_before_anything_goes_back(total: int, due: int) -> None:
    lowers, available = allocation.credit_first(total, due)
    assert lowers + available == total
    assert 0 <= lowers <= due
    assert available == 0 or lowers == due


@given(amounts, amounts, st.lists(amounts, max_size=6))
def test_money_that_left_is_taken_from_the_free_part_then_from_the_newest(
    amount: int, unallocated: int, allocated: list[int]
) -> None:
    if amount > unallocated + sum(allocated):
        with pytest.raises(ValueError, match="more than was received"):
            allocation.take_back(amount, unallocated, allocated)
        return
    free, taken = allocation.take_back(amount, unallocated, allocated)
    assert free + sum(taken) == amount
    assert free == min(amount, unallocated)
    assert all(0 <= part <= whole for part, whole in zip(taken, allocated, strict=True))
    touched = [index for index, part in enumerate(taken) if part]
    if touched:
        assert taken[touched[0] + 1 :] == allocated[touched[0] + 1 :]
