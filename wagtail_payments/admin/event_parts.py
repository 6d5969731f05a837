"""What an event consists of, each on a form of its own: ticket types, discount codes, questions, consents."""

from __future__ import annotations

from datetime import tzinfo
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput

from wagtail_payments.admin.moment_field import MomentField, OnTheClock
from wagtail_payments.admin.number_fields import DecimalAnyMark
from wagtail_payments.admin.row_forms import RowsPanel
from wagtail_payments.admin.translated_form import TranslatedForm, TranslationsPanel
from wagtail_payments.admin.vat_choice import VatChoiceForm, usual_vat
from wagtail_payments.core.tax import EXEMPTION_REASONS, VatCategory
from wagtail_payments.records.customers import vat_categories, vat_reasons
from wagtail_payments.records.sellers import Seller

# Without those that need the customer's VAT number: a ticket is offered before anybody knows who buys it.
OFFERED = frozenset({VatCategory.STANDARD, VatCategory.ZERO, VatCategory.EXEMPT, VatCategory.OUT_OF_SCOPE})
WITH_CHOICES = frozenset({"checkboxes", "dropdown", "radio", "multiselect"})


class PartForm(OnTheClock, TranslatedForm, WagtailAdminModelForm):
    """A part of an event: in its time zone, with its texts in its languages."""

    def __init__(
        self,
        *args: Any,
        seller: Seller | None = None,
        zone: tzinfo | None = None,
        written_in: str = "",
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.set_clock(zone)
        self.offer_translations(written_in)
        if self.instance.pk is None and seller is not None:
            self.initial.update(self.usual(seller))

    def usual(self, seller: Seller) -> dict[str, Any]:
        """Return what a fresh one begins with."""
        return {}

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.translated:
            self.instance.translations = self.translations()


class TicketTypeForm(VatChoiceForm, PartForm):
    """A ticket type; the seller's usual VAT stands there already."""

    translated = ("name", "description")
    price = DecimalAnyMark(
        label=_("Price"), max_digits=14, decimal_places=3, required=False, help_text=_("Empty or 0 is free.")
    )
    early_price = DecimalAnyMark(label=_("Early-bird price"), max_digits=14, decimal_places=3, required=False)
    early_until = MomentField(label=_("Early bird until"), required=False)
    opens_at = MomentField(label=_("Sold from"), required=False)
    closes_at = MomentField(label=_("Sold until"), required=False)
    vat_category = forms.ChoiceField(
        label=_("VAT"), choices=lambda: [row for row in vat_categories() if row[0] in OFFERED]
    )
    vat_reason = forms.ChoiceField(
        label=_("Reason for no VAT"), required=False, choices=lambda: [row for row in vat_reasons() if _fits(row[0])]
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk is None:
            self.initial["price"] = None

    def usual(self, seller: Seller) -> dict[str, Any]:
        """Return the seller's usual VAT."""
        return {**usual_vat(seller), "price_includes_vat": seller.prices_include_vat}

    def clean_price(self) -> Decimal:
        """No price is free."""
        return self.cleaned_data["price"] or Decimal(0)


def _fits(code: str) -> bool:
    return not code or EXEMPTION_REASONS[code].category in OFFERED


class DiscountCodeForm(PartForm):
    """A discount code: a percentage or an amount."""

    percent = DecimalAnyMark(label=_("Percent off"), max_digits=5, decimal_places=2, required=False)
    amount = DecimalAnyMark(label=_("or amount off"), max_digits=14, decimal_places=3, required=False)
    opens_at = MomentField(label=_("From"), required=False)
    closes_at = MomentField(label=_("Until"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("percent", "amount"):
            self.initial[name] = self.initial.get(name) or None

    def clean_percent(self) -> Decimal:
        """Nothing is zero."""
        return self.cleaned_data["percent"] or Decimal(0)

    def clean_amount(self) -> Decimal:
        """Nothing is zero."""
        return self.cleaned_data["amount"] or Decimal(0)


class QuestionForm(PartForm):
    """A question; one with choices needs some."""

    translated = ("label", "help_text", "choices")
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=AdminAutoHeightTextInput(attrs={"rows": 2}),
        help_text=_("For boxes, lists and choices: one per line."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for choices where there must be some."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("field_type") in WITH_CHOICES and not data.get("choices"):
            self.add_error("choices", _("Write at least one choice."))
        return data


class ConsentForm(PartForm):
    """A sentence to agree to."""

    translated = ("text",)
    text = forms.CharField(label=_("Sentence"), widget=AdminAutoHeightTextInput(attrs={"rows": 2}))


class PartsPanel(RowsPanel):
    """Parts of an event, each on its form."""

    told = ("for_user", "seller", "zone", "written_in")

    @property
    def row_form(self) -> type[PartForm]:
        """The form of such a part."""
        return FORMS[self.relation_name]


FORMS: dict[str, type[PartForm]] = {
    "ticket_types": TicketTypeForm,
    "discount_codes": DiscountCodeForm,
    "questions": QuestionForm,
    "consents": ConsentForm,
}


def ticket_panels() -> list[Any]:
    """Return how a ticket type is laid out."""
    return [
        FieldRowPanel([FieldPanel("name"), FieldPanel("price"), FieldPanel("price_includes_vat")]),
        FieldRowPanel([FieldPanel("vat_category"), FieldPanel("vat_rate"), FieldPanel("vat_reason")]),
        FieldRowPanel([FieldPanel("early_price"), FieldPanel("early_until"), FieldPanel("quantity")]),
        FieldPanel("description"),
        FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at"), FieldPanel("least"), FieldPanel("most")]),
        FieldPanel("is_withdrawn"),
        TranslationsPanel(),
    ]


def code_panels() -> list[Any]:
    """Return how a discount code is laid out."""
    return [
        FieldRowPanel([FieldPanel("code"), FieldPanel("percent"), FieldPanel("amount")]),
        FieldRowPanel([FieldPanel("most"), FieldPanel("opens_at"), FieldPanel("closes_at")]),
    ]


def question_panels() -> list[Any]:
    """Return how a question is laid out."""
    return [
        FieldPanel("label"),
        FieldRowPanel([FieldPanel("field_type"), FieldPanel("of_each"), FieldPanel("required")]),
        FieldPanel("choices"),
        FieldRowPanel([FieldPanel("help_text"), FieldPanel("default_value")]),
        FieldPanel("is_withdrawn"),
        TranslationsPanel(),
    ]


def consent_panels() -> list[Any]:
    """Return how a consent is laid out."""
    return [FieldPanel("text"), FieldPanel("required"), TranslationsPanel()]
