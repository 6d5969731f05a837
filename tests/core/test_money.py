"""Amounts: exact parts, one rounding rule, and what people type."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.core.strategies import currencies
from wagtail_payments.core import money

amounts = st.integers(-money.LARGEST, money.LARGEST)


@given(amounts, st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_parts_of_a_sum_always_come_to_the_sum(total: int, weights: list[int]) -> None:
    if not sum(weights):
        weights[0] = 1
    parts = money.spread(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Decimal(total) * weight / whole) < 1


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=10))
def test_no_part_is_larger_than_its_weight_when_there_is_enough(total: int, weights: list[int]) -> None:
    total = min(total, sum(weights))
    assert all(0 <= part <= weight for part, weight in zip(money.spread(total, weights), weights, strict=True))


def test_a_tie_goes_to_the_earlier_part() -> None:
    assert money.spread(100, [1, 1, 1]) == [34, 33, 33]
    assert money.spread(-100, [1, 1, 1]) == [-34, -33, -33]
    assert money.spread(-100, [-1, -1, -1]) == [-34, -33, -33]


def test_nothing_can_be_spread_over_nothing_but_nothing() -> None:
    assert money.spread(0, [0, 0]) == [0, 0]
    assert money.spread(0, []) == []
    with pytest.raises(ValueError, match="nothing to spread over"):
        money.spread(1, [0, 0])


def test_weights_of_both_signs_are_refused() -> None:
    with pytest.raises(ValueError, match="both signs"):
        money.spread(2, [5, -3])


@pytest.mark.parametrize(
    ("value", "whole"),
    [("0.5", 1), ("1.5", 2), ("2.5", 3), ("-0.5", -1), ("-2.5", -3), ("0.4999999999999999999999999999999", 0)],
)
def test_halves_are_rounded_away_from_zero(value: str, whole: int) -> None:
    assert money.rounded(Decimal(value)) == whole


def test_a_long_product_keeps_every_digit() -> None:
    left, right = Decimal("9999999999.9999"), Decimal("999999999999.999999")
    assert money.product(left, right) == Decimal("9999999999999899990000.0000000001")
    assert money.to_minor(Decimal("1000000000000.005"), "EUR") == 100_000_000_000_001


@pytest.mark.parametrize(("code", "decimals"), [("EUR", 2), ("JPY", 0), ("TND", 3), ("CHF", 2), ("XOF", 0)])
def test_each_currency_has_its_own_decimals(code: str, decimals: int) -> None:
    assert money.exponent(code) == decimals


@pytest.mark.parametrize("code", ["", "eur", "XXX", "XAU", "EURO", "UYW", "€"])
def test_what_cannot_be_charged_is_no_currency(code: str) -> None:
    with pytest.raises(money.UnknownCurrency):
        money.exponent(code)


@given(amounts, currencies)
def test_major_and_minor_units_are_the_same_amount(minor: int, currency: str) -> None:
    major = money.to_major(minor, currency)
    assert money.to_minor(major, currency) == minor
    assert -major.as_tuple().exponent == money.exponent(currency)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"), [("10.5", "JPY", "11"), ("10.505", "EUR", "10.51"), ("10.505", "TND", "10.505")]
)
def test_an_amount_has_the_decimals_of_its_currency(amount: str, currency: str, rounded: str) -> None:
    assert str(money.rounded_to(Decimal(amount), currency)) == rounded


@given(amounts, currencies, st.sampled_from([".", ","]))
@example(-5, "EUR", ",")
def test_what_is_typed_is_read_as_it_was_meant(minor: int, currency: str, mark: str) -> None:
    typed = f"{money.to_major(minor, currency):f}"
    assert money.parse(typed.replace(".", mark), currency) == minor


@given(amounts, currencies)
def test_what_is_printed_in_french_can_be_typed_again(minor: int, currency: str) -> None:
    printed = money.formatted(minor, currency, "fr")
    digits = "".join(mark for mark in printed if mark in "-,0123456789 \u00a0")
    assert money.parse(digits, currency) == minor


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1240,50", 124050),
        ("1 240,5", 124050),
        ("1\u202f240\u00a0", 124000),
        ("1’240.50", 124050),
        ("1'240.50", 124050),
        (",5", 50),
        ("5,", 500),
        ("+3", 300),
        ("-0,01", -1),
    ],
)
def test_people_write_amounts_in_many_ways(text: str, minor: int) -> None:
    assert money.parse(text, "EUR") == minor


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ",", "-", "+,", "abc", "12a", "1,2,3", "1.240,50", "1,240.50", "1.240", "0,001", "1e5", "1E999999999",
        "1_000", "NaN", "Infinity", "--1", "1-", "٣", "９", "0x10", "9" * 200, "1\x00", "1€",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(money.NotAnAmount):
        money.parse(text, "EUR")


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (124050, "EUR", "fr", "1 240,50 €"),
        (124050, "EUR", "en", "€1,240.50"),
        (124050, "EUR", "en-gb", "€1,240.50"),
        (-1, "EUR", "fr", "-0,01 €"),
        (0, "EUR", "fr", "0,00 €"),
        (1240, "JPY", "fr", "1 240 JPY"),
        (1240500, "TND", "fr", "1 240,500 TND"),
        (1240, "JPY", "en", "¥1,240"),
        (-1240500, "TND", "en", "-TND 1,240.500"),
        (124050, "CHF", "en", "CHF 1,240.50"),
    ],
)
def test_amounts_are_written_as_their_readers_write_them(minor: int, currency: str, language: str, text: str) -> None:
    assert money.formatted(minor, currency, language) == text.replace(" ", "\u00a0").replace(" ", "\u00a0")


@given(amounts, currencies, st.sampled_from(["fr", "en", "de", "nl-be", "pt-br"]))
def test_every_decimal_is_printed(minor: int, currency: str, language: str) -> None:
    digits = "".join(mark for mark in money.formatted(minor, currency, language) if mark in "0123456789")
    assert int(digits) == abs(minor)
