from __future__ import annotations

import pytest
from django.utils import translation

from wagtail_payments.printing.amounts import Writer, grouped, method_name, method_within


def test_french_amounts_never_break_inside() -> None:
    writer = Writer("fr", "EUR")
    assert writer.money(124_050) == "1\u00a0240,50\u00a0€"
    assert writer.figures(124_050) == "1\u00a0240,50"
    assert writer.percent("5.5") == "5,5\u00a0%"


def test_a_unit_price_shows_the_decimals_it_has_but_at_least_the_currencys() -> None:
    assert Writer("fr", "EUR").price("12") == "12,00"
    assert Writer("fr", "EUR").price("0.012500") == "0,0125"
    assert Writer("en", "EUR").price("0.000001") == "0.000001"


@pytest.mark.parametrize(("currency", "figures"), [("EUR", "12.34"), ("JPY", "1,234"), ("TND", "1.234")])
def test_each_currency_has_its_own_decimals(currency: str, figures: str) -> None:
    assert Writer("en", currency).figures(1234) == figures


def test_quantities_lose_their_idle_zeros() -> None:
    assert Writer("fr", "EUR").quantity("1.5000") == "1,5"
    assert Writer("fr", "EUR").quantity("12") == "12"
    assert Writer("de", "EUR").quantity("1234.25") == "1.234,25"


def test_dates_and_countries_are_written_out_in_the_language() -> None:
    assert Writer("fr", "EUR").date("2026-12-15") == "15 décembre 2026"
    assert Writer("en-gb", "EUR").date("2026-12-15") == "15 December 2026"
    assert Writer("fr", "EUR").date("") == ""
    assert Writer("fr", "EUR").country("BE") == "Belgique"


def test_a_language_nobody_knows_is_written_as_english() -> None:
    assert Writer("tlh-xx", "EUR").money(100) == "€1.00"
    assert Writer("fr-xx", "EUR").money(100) == "1,00\u00a0€"


def test_identifiers_are_written_in_groups() -> None:
    assert grouped("FR7630006000011234567890189", 4) == "FR76 3000 6000 0112 3456 7890 189".replace(" ", "\u00a0")
    assert grouped("73282932000074", 3, 3, 3, 5) == "732 829 320 00074".replace(" ", "\u00a0")
    assert grouped("", 4) == ""


def test_ways_to_pay_have_names_and_unknown_ones_are_shown_as_they_are() -> None:
    with translation.override("en"):
        assert method_name("sepa_debit") == "SEPA direct debit"
        assert method_name("mobile_pay") == "Mobile pay"


def test_inside_a_sentence_words_are_small_and_names_are_not() -> None:
    with translation.override("fr"):
        assert method_within("sepa_debit") == "prélèvement SEPA"
        assert method_within("paypal") == "PayPal"
    with translation.override("en"):
        assert method_within("sepa_debit") == "SEPA direct debit"
        assert method_within("card") == "card"
