"""The totals of a document: the equations of EN 16931 hold, whatever a person types."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.strategies import any_lines, currencies, discounts, gross_lines, net_lines, percents
from wagtail_payments.core import money, totals
from wagtail_payments.core.tax import VatCategory, VatGroup
from wagtail_payments.core.totals import Discount, LineInput, Totals

TWENTY = VatGroup(VatCategory.STANDARD, Decimal(20))
TEN = VatGroup(VatCategory.STANDARD, Decimal(10))


def line(price: str, quantity: str = "1", vat: VatGroup = TWENTY, **fields: object) -> LineInput:
    return LineInput(Decimal(quantity), Decimal(price), vat, **fields)  # type: ignore[arg-type]


def assert_standard(added: Totals) -> None:
    """EN 16931: BR-CO-10, 11, 13, 14, 15 and 17; the last within the tolerance of its schematron."""
    assert added.lines_net == sum(row.net for row in added.lines)
    assert added.net == added.lines_net - added.discount
    assert added.net == sum(row.base for row in added.vat)
    assert added.tax == sum(row.tax for row in added.vat)
    assert added.gross == added.net + added.tax
    for row in added.vat:
        assert abs(row.tax - money.rounded(row.base * row.vat.rate / 100)) <= 1


@given(any_lines, currencies, discounts)
def test_the_standards_equations_always_hold(lines: list[LineInput], currency: str, discount: Discount) -> None:
    assert_standard(totals.compute(lines, currency, discount))


@given(any_lines, currencies, discounts)
def test_nothing_is_ever_negative(lines: list[LineInput], currency: str, discount: Discount) -> None:
    added = totals.compute(lines, currency, discount)
    values = [added.lines_net, added.discount, added.net, added.tax, added.gross]
    values += [value for row in added.lines for value in (row.amount, row.discount, row.net)]
    values += [value for row in added.vat for value in (row.base, row.tax)]
    assert min(values) >= 0


@given(net_lines, currencies, discounts)
def test_vat_on_net_prices_is_rounded_once_per_rate(lines: list[LineInput], currency: str, discount: Discount) -> None:
    for row in totals.compute(lines, currency, discount).vat:
        assert row.tax == money.rounded(row.base * row.vat.rate / 100)


@given(gross_lines, currencies, st.data())
def test_prices_with_vat_come_to_the_cent(lines: list[LineInput], currency: str, data: st.DataObject) -> None:
    gross = sum(totals.line_amount(row, currency).amount for row in lines)
    minor = data.draw(st.integers(0, gross))
    assert totals.compute(lines, currency, Discount(minor=minor)).gross == gross - minor


@given(gross_lines, currencies, percents)
def test_a_percentage_off_prices_with_vat_comes_to_the_cent(
    lines: list[LineInput], currency: str, percent: Decimal
) -> None:
    gross = sum(totals.line_amount(row, currency).amount for row in lines)
    expected = gross - money.rounded(gross * percent / 100)
    assert totals.compute(lines, currency, Discount(percent)).gross == expected


@given(net_lines, currencies, st.data())
def test_a_discount_on_net_prices_is_taken_whole(lines: list[LineInput], currency: str, data: st.DataObject) -> None:
    net = sum(totals.line_amount(row, currency).amount for row in lines)
    minor = data.draw(st.integers(0, net))
    added = totals.compute(lines, currency, Discount(minor=minor))
    assert (added.discount, added.net) == (minor, net - minor)


@given(any_lines, currencies, discounts)
def test_each_vat_group_has_one_row_and_no_more(lines: list[LineInput], currency: str, discount: Discount) -> None:
    added = totals.compute(lines, currency, discount)
    assert sorted(row.vat for row in added.vat) == sorted({row.vat for row in lines})


@given(any_lines, currencies, discounts)
def test_the_order_of_lines_changes_no_total_by_more_than_a_cent_a_rate(
    lines: list[LineInput], currency: str, discount: Discount
) -> None:
    forward, backward = totals.compute(lines, currency, discount), totals.compute(lines[::-1], currency, discount)
    assert abs(forward.gross - backward.gross) <= 2 * len(forward.vat)
    if discount == Discount():
        assert forward.gross == backward.gross


def test_a_ticket_of_sixty_euros_costs_sixty_euros() -> None:
    added = totals.compute([line("60.00", price_includes_vat=True)], "EUR")
    assert (added.net, added.tax, added.gross) == (5000, 1000, 6000)


def test_a_gross_amount_that_no_net_reaches_is_kept() -> None:
    added = totals.compute([line("0.03", price_includes_vat=True)], "EUR")
    assert (added.net, added.tax, added.gross) == (3, 0, 3)


def test_vat_is_rounded_on_the_document_and_not_on_each_line() -> None:
    added = totals.compute([line("0.02")] * 10, "EUR")
    assert (added.net, added.tax) == (20, 4)


def test_a_percentage_on_a_line_is_rounded_before_it_is_taken() -> None:
    added = totals.compute([line("9.99", discount=Discount(Decimal("12.5")))], "EUR")
    assert (added.lines[0].discount, added.lines[0].amount) == (125, 874)


def test_a_discount_falls_on_the_rates_in_proportion() -> None:
    added = totals.compute([line("100"), line("50", vat=TEN)], "EUR", Discount(minor=1000))
    assert [(row.vat, row.base) for row in added.vat] == [(TWENTY, 9333), (TEN, 4667)]


def test_a_discount_by_amount_wants_one_kind_of_price() -> None:
    both = [line("100"), line("100", price_includes_vat=True)]
    with pytest.raises(totals.MixedPriceBasis):
        totals.compute(both, "EUR", Discount(minor=1))
    assert_standard(totals.compute(both, "EUR", Discount(Decimal(10))))


@pytest.mark.parametrize("discount", [Discount(minor=1001), Discount(Decimal(101)), Discount(minor=-1)])
def test_a_discount_larger_than_the_price_is_refused(discount: Discount) -> None:
    with pytest.raises(totals.DiscountTooLarge):
        totals.compute([line("10", discount=discount)], "EUR")
    with pytest.raises(totals.DiscountTooLarge):
        totals.compute([line("10")], "EUR", discount)


def test_everything_can_be_given_away() -> None:
    assert totals.compute([line("10")], "EUR", Discount(Decimal(100))).gross == 0


def test_a_document_without_lines_comes_to_nothing() -> None:
    assert totals.compute([], "EUR").gross == 0


def test_an_amount_that_no_column_holds_is_refused() -> None:
    with pytest.raises(totals.AmountTooLarge):
        totals.compute([line("999999999999.999999", "9999999999.9999")], "EUR")
    with pytest.raises(totals.AmountTooLarge):
        totals.compute([line("90000000000")] * 2, "EUR")


def test_currencies_without_cents_and_with_thousandths_are_exact() -> None:
    assert totals.compute([line("1234.5")], "JPY").gross == 1482  # 1235 and 247
    assert totals.compute([line("1.2345")], "TND").gross == 1482
