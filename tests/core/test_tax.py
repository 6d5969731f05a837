"""VAT of a line: which category, rate and reason go together."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wagtail_payments.core.tax import EXEMPTION_REASONS, VatCategory, VatGroup, VatProblem, VatRegime, problems

P = VatProblem


def found(category: VatCategory, rate: str, reason: str = "", country: str = "FR", regime: str = "normal") -> list[P]:
    return problems(VatGroup(category, Decimal(rate), reason), seller_country=country, regime=VatRegime(regime))


@pytest.mark.parametrize(
    ("category", "rate", "reason", "expected"),
    [
        ("S", "20", "", []),
        ("S", "20.00", "", []),
        ("S", "5.5", "", []),
        ("S", "0", "", [P.RATE_MISSING]),
        ("S", "19", "", [P.RATE_NOT_ALLOWED]),
        ("S", "20", "VATEX-EU-AE", [P.REASON_DOES_NOT_FIT]),
        ("Z", "0", "", []),
        ("Z", "0", "VATEX-EU-G", [P.REASON_DOES_NOT_FIT]),
        ("E", "0", "VATEX-EU-132-1I", []),
        ("E", "0", "", [P.REASON_MISSING]),
        ("E", "20", "VATEX-EU-132-1I", [P.RATE_MUST_BE_ZERO]),
        ("E", "20", "", [P.RATE_MUST_BE_ZERO, P.REASON_MISSING]),
        ("AE", "0", "VATEX-EU-AE", []),
        ("AE", "0", "VATEX-FR-AE", []),
        ("AE", "0", "VATEX-EU-IC", [P.REASON_DOES_NOT_FIT]),
        ("K", "0", "VATEX-EU-IC", []),
        ("G", "0", "VATEX-EU-G", []),
        ("O", "0", "VATEX-EU-O", []),
        ("O", "0", "UNHEARD-OF", [P.REASON_DOES_NOT_FIT]),
    ],
)
def test_category_rate_and_reason_must_fit(category: str, rate: str, reason: str, expected: list[P]) -> None:
    assert found(VatCategory(category), rate, reason) == expected


def test_a_rate_of_another_country_is_its_own_affair() -> None:
    assert found(VatCategory.STANDARD, "21", country="BE") == []


def test_a_small_business_charges_no_vat() -> None:
    assert found(VatCategory.STANDARD, "20", regime="franchise") == [P.FRANCHISE_CHARGES_NO_VAT]
    assert found(VatCategory.EXEMPT, "0", "VATEX-FR-FRANCHISE", regime="franchise") == []


def test_every_reason_belongs_to_a_category_that_charges_nothing() -> None:
    for code, reason in EXEMPTION_REASONS.items():
        assert code == reason.code
        assert found(reason.category, "0", code) == []
