"""Value added tax as EN 16931 and French law name it: categories, exemption reasons, rates, regimes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class VatCategory(StrEnum):
    """UNCL 5305 codes; L and M (Canaries, Ceuta) are refused on French invoices."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUT_OF_SCOPE = "O"


class VatRegime(StrEnum):
    """How the seller stands towards VAT."""

    NORMAL = "normal"
    FRANCHISE = "franchise"  # CGI art. 293 B: no VAT may be shown


@dataclass(frozen=True, slots=True)
class ExemptionReason:
    """Why no VAT is charged: its VATEX code (BT-121), its category, and the wording key printed for it."""

    code: str
    category: VatCategory
    wording: str


# One row per reason a seller may choose; the wordings themselves are dated, see core/wordings.py.
EXEMPTION_REASONS: dict[str, ExemptionReason] = {
    reason.code: reason
    for reason in (
        ExemptionReason("VATEX-FR-FRANCHISE", VatCategory.EXEMPT, "franchise"),
        ExemptionReason("VATEX-EU-AE", VatCategory.REVERSE_CHARGE, "reverse_charge_eu"),
        ExemptionReason("VATEX-FR-AE", VatCategory.REVERSE_CHARGE, "reverse_charge_fr"),
        ExemptionReason("VATEX-EU-IC", VatCategory.INTRA_COMMUNITY, "intra_community"),
        ExemptionReason("VATEX-EU-G", VatCategory.EXPORT, "export"),
        ExemptionReason("VATEX-EU-132-1C", VatCategory.EXEMPT, "care"),
        ExemptionReason("VATEX-EU-132-1I", VatCategory.EXEMPT, "training"),
        ExemptionReason("VATEX-EU-O", VatCategory.OUT_OF_SCOPE, "out_of_scope"),
    )
}

# Rates that the French rules accept on an invoice (BR-FR-16), in percent.
FRENCH_RATES: frozenset[Decimal] = frozenset(
    Decimal(text)
    for text in ("0", "0.9", "1.05", "1.75", "2.1", "5.5", "7", "8.5", "9.2", "9.6", "10", "13", "19.6", "20", "20.6")
)


@dataclass(frozen=True, slots=True, order=True)
class VatGroup:
    """What VAT is summed over (BG-23): category, rate in percent, and exemption reason code or ''."""

    category: VatCategory
    rate: Decimal
    reason: str = ""


class VatProblem(StrEnum):
    """What can be wrong with a category, a rate and a reason together."""

    RATE_MISSING = "rate_missing"
    RATE_NOT_ALLOWED = "rate_not_allowed"
    RATE_MUST_BE_ZERO = "rate_must_be_zero"
    REASON_MISSING = "reason_missing"
    REASON_DOES_NOT_FIT = "reason_does_not_fit"
    FRANCHISE_CHARGES_NO_VAT = "franchise_charges_no_vat"
    OUT_OF_SCOPE_STANDS_ALONE = "out_of_scope_stands_alone"


def problems(group: VatGroup, *, seller_country: str, regime: VatRegime) -> list[VatProblem]:
    """Return what is wrong with a line's VAT, in the order a person would mend it (empty: nothing)."""
    found = []
    if group.category is VatCategory.STANDARD:
        if group.rate <= 0:
            found.append(VatProblem.RATE_MISSING)
        elif seller_country == "FR" and group.rate not in FRENCH_RATES:
            found.append(VatProblem.RATE_NOT_ALLOWED)
        if regime is VatRegime.FRANCHISE:
            found.append(VatProblem.FRANCHISE_CHARGES_NO_VAT)
    elif group.rate != 0:
        found.append(VatProblem.RATE_MUST_BE_ZERO)
    found += _reason_problems(group)
    return found


def _reason_problems(group: VatGroup) -> list[VatProblem]:
    if group.category in (VatCategory.STANDARD, VatCategory.ZERO):
        return [VatProblem.REASON_DOES_NOT_FIT] if group.reason else []
    if not group.reason:
        return [VatProblem.REASON_MISSING]
    reason = EXEMPTION_REASONS.get(group.reason)
    fits = reason is not None and reason.category is group.category
    return [] if fits else [VatProblem.REASON_DOES_NOT_FIT]
