"""Chains of deposits and a final invoice: exact to the cent, near the strict VAT, never negative."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal

import pytest

from wagtail_payments.core import deposits, money
from wagtail_payments.core.deposits import MoreThanLeft, Part, Rows, gross_of
from wagtail_payments.core.tax import VatCategory, VatGroup
from wagtail_payments.core.totals import VatSubtotal

CHAINS = 20_000
RATES = tuple(Decimal(text) for text in ("20", "10", "5.5", "2.1", "8.5"))


def group(rate: str | Decimal) -> VatGroup:
    return VatGroup(VatCategory.STANDARD, Decimal(rate))


NONE = VatGroup(VatCategory.EXEMPT, Decimal(0), "VATEX-EU-132-1I")
TWENTY = group("20")


def strict_tax(row: VatSubtotal) -> int:
    """What base times rate gives: the VAT of a row may differ from it by a cent or two."""
    return money.rounded(row.base * row.vat.rate / 100)


def net_row(vat: VatGroup, net: int) -> VatSubtotal:
    """A group of prices without VAT."""
    row = VatSubtotal(vat, net, 0)
    return VatSubtotal(vat, net, strict_tax(row))


def contract_of(chance: random.Random) -> tuple[VatSubtotal, ...]:
    groups = [*map(group, chance.sample(RATES, chance.randint(1, 3)))]
    if chance.random() < 0.2:
        groups.append(NONE)
    largest = chance.choice((500, 20_000, 1_000_000))
    rows = []
    for vat in groups:
        amount = chance.randint(1, largest)
        rows.append(net_row(vat, amount) if chance.random() < 0.6 else deposits.gross_exact(vat, amount))
    return tuple(rows)


def some_of(rows: Rows, chance: random.Random) -> tuple[VatSubtotal, ...]:
    """What a credit note takes back: the whole, or an amount."""
    return deposits._share(rows, gross_of(rows) if chance.random() < 0.4 else chance.randint(1, gross_of(rows)))


def chain_of(contract: Rows, chance: random.Random, *, is_hurt: bool) -> list[Part]:
    """Up to four deposits, by percent or by amount; where hurt, some are credited afterwards or not paid."""
    parts: list[Part] = []
    for key in range(chance.randint(1, 4)):
        left = gross_of(contract) - sum(part.gross for part in parts)
        amount = deposits.of_percent(contract, Decimal(chance.choice((10, 20, 30, 33, 50))))
        if chance.random() < 0.4:
            amount = chance.randint(1, max(left, 1))
        try:
            rows = deposits.part(contract, amount, [part.rows for part in parts])
        except MoreThanLeft:
            continue
        if is_hurt and chance.random() < 0.2:
            rows = deposits.minus(rows, some_of(rows, chance))
        unpaid = chance.choice((0, 0, gross_of(rows), gross_of(rows) // 3)) if is_hurt else 0
        parts.append(Part(key, rows, unpaid, cancels=chance.random() < 0.5))
    return parts


@pytest.mark.parametrize(("is_hurt", "furthest", "equal"), [(False, 1, 85), (True, 2, 78)])
def test_twenty_thousand_chains_are_exact_and_near_the_strict_vat(is_hurt: bool, furthest: int, equal: int) -> None:
    chance = random.Random(2026)  # noqa: S311
    distances = Counter[int]()
    for _number in range(CHAINS):
        contract = contract_of(chance)
        parts = chain_of(contract, chance, is_hurt=is_hurt)
        settled = deposits.settle(contract, parts)
        check_exact(contract, parts, settled)
        assert all(taken.is_unpaid for taken in settled.taken_back), "within the contract nothing is beyond it"
        distances.update(abs(row.tax - strict_tax(row)) for row in settled.rest)
    assert max(distances) <= furthest
    assert 100 * distances[0] / distances.total() > equal


def test_a_contract_that_was_lowered_afterwards_is_exact_as_well() -> None:
    chance = random.Random(2027)  # noqa: S311
    for _number in range(CHAINS // 4):
        contract = contract_of(chance)
        parts = chain_of(contract, chance, is_hurt=True)
        lowered = tuple(net_row(row.vat, row.base * chance.randint(0, 100) // 100) for row in contract)
        check_exact(lowered, parts, deposits.settle(lowered, parts))


def check_exact(contract: Rows, parts: list[Part], settled: deposits.Settlement) -> None:
    """Deposits, less what is taken back, and the rest come to the contract: net and VAT of each rate."""
    issued = deposits._sums(part.rows for part in parts)
    back = deposits._sums(taken.rows for taken in settled.taken_back)
    rest = {row.vat: row for row in settled.rest}
    nothing = VatSubtotal(TWENTY, 0, 0)
    for vat in {*issued, *(row.vat for row in contract)}:
        agreed = next((row for row in contract if row.vat == vat), nothing)
        one, other, left = issued.get(vat, nothing), back.get(vat, nothing), rest.get(vat, nothing)
        assert one.base - other.base + left.base == agreed.base
        assert one.tax - other.tax + left.tax == agreed.tax
    everything = [*settled.rest, *(row for taken in settled.taken_back for row in taken.rows)]
    everything += [row for part in settled.deducted for row in part.rows]
    assert all(row.base >= 0 and row.tax >= 0 for row in everything)
    taken_of = deposits._sums(taken.rows for taken in settled.taken_back)
    assert gross_of(taken_of.values()) <= sum(part.gross for part in parts)


def test_a_percentage_is_of_the_gross() -> None:
    contract = (net_row(TWENTY, 1000_00),)
    assert deposits.of_percent(contract, Decimal(30)) == 360_00
    assert deposits.part(contract, 360_00) == (VatSubtotal(TWENTY, 300_00, 60_00),)


def test_an_amount_is_spread_over_what_is_left_of_each_rate() -> None:
    contract = (net_row(TWENTY, 1000_00), net_row(group("10"), 1000_00))
    first = deposits.part(contract, 1150_00)
    assert [row.gross for row in first] == [600_00, 550_00]
    assert gross_of(deposits.part(contract, 1150_00, [first])) == 1150_00
    with pytest.raises(MoreThanLeft):
        deposits.part(contract, 1150_01, [first])
    with pytest.raises(MoreThanLeft):
        deposits.part(contract, 0)


def test_what_is_without_vat_stays_without() -> None:
    contract = (VatSubtotal(NONE, 900_00, 0),)
    assert deposits.part(contract, 300_00) == (VatSubtotal(NONE, 300_00, 0),)


def test_the_final_deducts_what_was_invoiced() -> None:
    contract = (net_row(TWENTY, 1000_00),)
    first = Part(1, deposits.part(contract, 360_00))
    settled = deposits.settle(contract, [first])
    assert settled.deducted == (first,)
    assert settled.rest == (VatSubtotal(TWENTY, 700_00, 140_00),)
    assert settled.taken_back == ()


def test_deposits_of_the_whole_leave_nothing() -> None:
    contract = (net_row(TWENTY, 1000_00),)
    settled = deposits.settle(contract, [Part(1, deposits.part(contract, 1200_00))])
    assert gross_of(settled.rest) == 0
    assert len(settled.rest) == 1


def test_an_unpaid_deposit_is_cancelled_and_not_deducted() -> None:
    contract = (net_row(TWENTY, 1000_00),)
    first = Part(1, deposits.part(contract, 360_00), unpaid=360_00, cancels=True)
    settled = deposits.settle(contract, [first])
    assert settled.deducted == ()
    assert [(taken.key, gross_of(taken.rows), taken.is_unpaid) for taken in settled.taken_back] == [(1, 360_00, True)]
    assert gross_of(settled.rest) == 1200_00


def test_an_unpaid_deposit_that_is_waited_for_is_deducted() -> None:
    contract = (net_row(TWENTY, 1000_00),)
    settled = deposits.settle(contract, [Part(1, deposits.part(contract, 360_00), unpaid=360_00)])
    assert gross_of(settled.rest) == 840_00


def test_of_a_partly_paid_deposit_the_unpaid_part_is_cancelled() -> None:
    contract = (net_row(TWENTY, 1000_00),)
    first = Part(1, deposits.part(contract, 360_00), unpaid=240_00, cancels=True)
    settled = deposits.settle(contract, [first])
    assert gross_of(settled.taken_back[0].rows) == 240_00
    assert gross_of(settled.rest) == 1080_00


def test_beyond_the_contract_the_newest_deposits_are_taken_back() -> None:
    agreed = (net_row(TWENTY, 1000_00),)
    first, second = deposits.part(agreed, 600_00), deposits.part(agreed, 400_00)
    lowered = (net_row(TWENTY, 500_00),)
    settled = deposits.settle(lowered, [Part(1, first), Part(2, second)])
    assert [(taken.key, gross_of(taken.rows)) for taken in settled.taken_back] == [(2, 400_00)]
    assert gross_of(settled.rest) == 0
    settled = deposits.settle((net_row(TWENTY, 400_00),), [Part(1, first), Part(2, second)])
    assert [(taken.key, gross_of(taken.rows)) for taken in settled.taken_back] == [(2, 400_00), (1, 120_00)]


def test_a_rate_that_left_the_contract_is_taken_back_though_the_whole_is_larger() -> None:
    first = Part(1, (VatSubtotal(TWENTY, 100_00, 20_00),))
    settled = deposits.settle((net_row(group("10"), 1000_00),), [first])
    assert [gross_of(taken.rows) for taken in settled.taken_back] == [120_00]
    assert gross_of(settled.rest) == 1100_00


def test_a_contract_written_anew_leaves_room_for_its_parts() -> None:
    """What was kept of a deposit was rounded with the rest of it, the contract for itself."""
    chance = random.Random(2026)  # noqa: S311
    moved = 0
    for _number in range(CHAINS):
        whole = chance.randint(2, 20_000)
        deposit = deposits.gross_exact(TWENTY, whole)
        given_back = deposits._share((deposit,), chance.randint(1, whole - 1))
        kept = deposits.minus((deposit,), given_back)
        anew = deposits.gross_exact(TWENTY, gross_of(kept))
        (row,) = deposits.yielding((anew,), [kept])
        assert row.gross == anew.gross
        assert abs(row.tax - anew.tax) <= 1
        assert deposits.settle((row,), [Part(1, kept)]).taken_back == ()
        moved += row != anew
    assert moved
