"""Each refusal says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from wagtail_payments.records import validators as v

GOOD: list[tuple[Callable[..., None], object]] = [
    (v.siren, "732829320"),
    (v.siren, "732 829 320"),
    (v.siret, "73282932000074"),
    (v.vat_number, "FR44732829320"),
    (v.vat_number, "BE0428759497"),
    (v.vat_number, "EL094259216"),
    (v.vat_number, "CHE-107.787.577"),
    (v.iban, "FR76 3000 6000 0112 3456 7890 189"),
    (v.bic, "AGRIFRPP"),
    (v.bic, "AGRIFRPP882"),
    (v.colour, "#1f3a5f"),
    (v.colour, "#000000"),
    (v.time_zone, "Europe/Paris"),
    (v.currency, "EUR"),
    (v.number_pattern, "F{year}-{number:04}"),
    (v.statement_descriptor, "ATELIER GARONNE"),
    (v.email_list, ""),
    (v.email_list, "a@example.org\n\n b@example.org "),
    (v.percent, Decimal(0)),
    (v.percent, Decimal(100)),
    (v.not_negative, Decimal(0)),
    (v.more_than_zero, Decimal("0.0001")),
    (v.at_least_one, 1),
]

BAD: list[tuple[Callable[..., None], object, str]] = [
    (v.siren, "732829321", "SIREN “732829321” has a typing error"),
    (v.siren, "73282932", "SIREN “73282932” has the wrong number of characters"),
    (v.siren, "73282932A", "characters or an order that are not allowed"),
    (v.siret, "73282932000075", "SIRET “73282932000075” has a typing error"),
    (v.siret, "732829320", "wrong number of characters"),
    (v.vat_number, "44732829320", "begins with its country code, for example FR"),
    (v.vat_number, "FR00732829320", "VAT number “FR00732829320” has a typing error"),
    (v.vat_number, "BE0428759498", "typing error"),
    (v.vat_number, "FR123", "wrong number of characters"),
    (v.vat_number, "", "begins with its country code"),
    (v.iban, "FR7630006000011234567890188", "IBAN “FR7630006000011234567890188” has a typing error"),
    (v.iban, "ZZ7630006000011234567890189", "is not valid|does not exist|typing error"),
    (v.iban, "FR76", "IBAN “FR76”"),
    (v.bic, "AGRI", "BIC “AGRI” has the wrong number of characters"),
    (v.bic, "AGRIZZPP", "unknown country"),
    (v.colour, "blue", "# and six digits"),
    (v.colour, "#FFF", "# and six digits"),
    (v.colour, "#ffff00", "too pale to read on white (contrast 1.1, at least 4.5 is needed)"),
    (v.time_zone, "Paris", "“Paris” is not a time zone"),
    (v.currency, "euro", "“euro” is not a currency"),
    (v.currency, "eur", "“eur” is not a currency"),
    (v.number_pattern, "F{number}", "Write {year} and {number} once each"),
    (v.statement_descriptor, "Café", "without accents"),
    (v.statement_descriptor, "12345", "at least one letter"),
    (v.statement_descriptor, "A" * 23, "2 to 22"),
    (v.email_list, "a@example.org\nnobody", "valid email address"),
    (v.percent, Decimal("100.01"), "from 0 to 100"),
    (v.percent, Decimal(-1), "from 0 to 100"),
    (v.not_negative, Decimal(-1), "can't be negative"),
    (v.more_than_zero, Decimal(0), "above zero"),
    (v.at_least_one, 0, "1 or later"),
]


@pytest.mark.parametrize(("check", "value"), GOOD, ids=lambda part: getattr(part, "__name__", repr(part)))
def test_what_is_right_passes(check: Callable[..., None], value: object) -> None:
    check(value)


@pytest.mark.parametrize(("check", "value", "words"), BAD, ids=lambda part: getattr(part, "__name__", repr(part)[:20]))
def test_what_is_wrong_is_named(check: Callable[..., None], value: object, words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        check(value)
    said = " ".join(refusal.value.messages)
    assert words in said or re.search(words, said)


@pytest.mark.parametrize("check", [v.siren, v.siret, v.vat_number, v.iban, v.bic, v.colour, v.time_zone, v.currency])
@pytest.mark.parametrize("value", ["\x00", "é" * 50, "\u202e", "%s %(value)s", "'; DROP TABLE", "1" * 10_000, "🎻"])
def test_nothing_typed_makes_a_check_fall_over(check: Callable[..., None], value: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        check(value)
    assert refusal.value.messages
