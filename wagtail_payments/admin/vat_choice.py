"""Category, rate and reason of VAT on a form, checked together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import findings
from wagtail_payments.admin.number_fields import DecimalAnyMark
from wagtail_payments.core import tax
from wagtail_payments.core.tax import EXEMPTION_REASONS, VatCategory, VatProblem, VatRegime
from wagtail_payments.records.sellers import Seller

# Beside which field a problem is shown.
FIELD_OF: dict[VatProblem, str] = {
    VatProblem.RATE_MISSING: "vat_rate",
    VatProblem.RATE_NOT_ALLOWED: "vat_rate",
    VatProblem.RATE_MUST_BE_ZERO: "vat_rate",
    VatProblem.REASON_MISSING: "vat_reason",
    VatProblem.REASON_DOES_NOT_FIT: "vat_reason",
    VatProblem.FRANCHISE_CHARGES_NO_VAT: "vat_category",
    VatProblem.OUT_OF_SCOPE_STANDS_ALONE: "vat_category",
}


def only_reason(category: str) -> str:
    """Return the reason of a category that has just one, else an empty text."""
    codes = [code for code, reason in EXEMPTION_REASONS.items() if reason.category == category]
    return codes[0] if len(codes) == 1 else ""


def usual_vat(seller: Seller) -> dict[str, Any]:
    """Return what the seller charges as a rule, as initial values of a form."""
    if seller.vat_regime == VatRegime.FRANCHISE:
        return {"vat_category": VatCategory.EXEMPT, "vat_rate": Decimal(0), "vat_reason": "VATEX-FR-FRANCHISE"}
    return {"vat_category": VatCategory.STANDARD, "vat_rate": seller.vat_rate, "vat_reason": ""}


class VatChoiceForm(forms.Form):
    """A part of a form: a category without VAT needs no rate, and one with a single reason needs no choice."""

    vat_rate = DecimalAnyMark(label=_("VAT rate, %"), max_digits=5, decimal_places=2, required=False)

    def clean(self) -> dict[str, Any]:
        """Fill in what follows from the category."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        category = data.get("vat_category")
        if "vat_rate" in data and data["vat_rate"] is None:
            data["vat_rate"] = Decimal(0)
        if category and category != VatCategory.STANDARD and not data.get("vat_reason"):
            data["vat_reason"] = only_reason(category)
        return data


def tell_vat_problems(rows: Sequence[forms.BaseForm], seller: Seller) -> None:
    """Tell beside the field that is to blame what VAT on a row does not go with its seller, or with other rows."""
    known = [(position, row) for position, row in enumerate(rows, start=1) if "vat_category" not in row.errors]
    for position, row in known:
        vat = row.instance.vat  # type: ignore[attr-defined]
        found = tax.problems(vat, seller_country=seller.country, regime=VatRegime(seller.vat_regime))
        for problem in found[:1]:
            row.add_error(FIELD_OF[problem], findings.vat_sentence(problem) % {"position": position})
    categories = {row.instance.vat_category for row in rows}  # type: ignore[attr-defined]
    if VatCategory.OUT_OF_SCOPE in categories and len(categories) > 1:
        problem = VatProblem.OUT_OF_SCOPE_STANDS_ALONE
        rows[-1].add_error(FIELD_OF[problem], findings.vat_sentence(problem))
