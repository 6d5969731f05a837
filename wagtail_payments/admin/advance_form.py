"""What an editor types to ask a customer for a deposit without an order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm, registry

from wagtail_payments.actions import findings
from wagtail_payments.admin.number_fields import AmountField, DecimalAnyMark
from wagtail_payments.admin.selling_form import SellingForm
from wagtail_payments.admin.selling_sites import usual_terms
from wagtail_payments.admin.vat_choice import usual_vat
from wagtail_payments.core import tax
from wagtail_payments.core.tax import VatCategory, VatGroup, VatRegime
from wagtail_payments.records.deposits import Term
from wagtail_payments.records.invoices import Invoice

MOST_RATES = 3


class AdvanceForm(SellingForm, WagtailAdminModelForm):
    """Of whom, what for, how much at which VAT rate, when it is due, and to a private person what it is."""

    title = forms.CharField(
        label=_("What it is for"), max_length=200, help_text=_("For example “Kitchen, oak”. The customer reads it.")
    )
    due_days = forms.IntegerField(
        label=_("Due in … days"), min_value=0, max_value=365, initial=0, help_text=_("0 means at once.")
    )
    term = forms.ChoiceField(
        label=_("What it is for a private person"), choices=Term.choices, widget=forms.RadioSelect, required=False
    )
    form_key = forms.SlugField(max_length=64, widget=forms.HiddenInput)

    class Meta:
        model = Invoice
        fields = ("customer", "title", "due_days", "site")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        chooser = registry.get(Invoice._meta.get_field("customer"))["widget"]
        self.fields["customer"].widget = chooser() if isinstance(chooser, type) else chooser
        self.offer_sites()
        has_rates = self._usual()["vat_category"] == VatCategory.STANDARD
        self.places = range(1, (MOST_RATES if has_rates else 1) + 1)
        for place in self.places:
            self._offer_rate(place)
        names = [f"{name}_{place}" for place in self.places for name in ("amount", "rate")]
        self.order_fields(["customer", "site", "title", *names, "due_days", "term"])

    def _offer_rate(self, place: int) -> None:
        """One amount and its rate; the first is asked for."""
        is_first = place == 1
        self.fields[f"amount_{place}"] = AmountField(
            currency=self.instance.currency,
            required=is_first,
            label=_("Amount, VAT included") if is_first else _("and at another VAT rate"),
        )
        if self._usual()["vat_category"] == VatCategory.STANDARD:
            help_text = _("That of what will be supplied. Where no VAT is due, change the draft's line.")
            self.fields[f"rate_{place}"] = DecimalAnyMark(
                label=_("VAT rate, %"),
                max_digits=5,
                decimal_places=2,
                required=is_first,
                initial=self._usual()["vat_rate"] if is_first else None,
                help_text=help_text if is_first else "",
            )

    def above(self) -> list[BoundField]:
        """What is asked before the amounts."""
        return [self[name] for name in ("customer", "site", "title") if name in self.fields]

    def pairs(self) -> list[list[BoundField]]:
        """Each amount with its rate, where rates are asked for."""
        names = [[f"amount_{place}", f"rate_{place}"] for place in self.places]
        return [[self[name] for name in pair if name in self.fields] for pair in names]

    def below(self) -> list[BoundField]:
        """What is asked after the amounts."""
        return [self["due_days"], self["term"]]

    def _usual(self) -> dict[str, Any]:
        return usual_vat(self.instance.seller)

    def clean(self) -> dict[str, Any]:
        """Take the seller of the chosen site; want the sentence that the law wants for a private person."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        seller = self.take_seller()
        if seller is not None and seller.currency != self.instance.currency:
            self.add_error("site", _("Who sells there is paid in another currency: open its own site's admin."))
        elif seller is not None:
            for name, value in usual_terms(seller).items():
                setattr(self.instance, name, value)
        customer = data.get("customer")
        if customer is not None and customer.is_consumer and not data.get("term") and "term" not in self.errors:
            self.add_error("term", _("Say what it is: a private person is told in words."))
        for place in self.places:
            self._check_rate(place, data)
        return data

    def _check_rate(self, place: int, data: dict[str, Any]) -> None:
        name = f"rate_{place}"
        if name not in self.fields or not data.get(f"amount_{place}") or name in self.errors:
            return
        if data[name] is None:
            self.add_error(name, _("Write the VAT rate of this amount."))
            return
        seller = self.instance.seller
        found = tax.problems(
            self._group(data[name]), seller_country=seller.country, regime=VatRegime(seller.vat_regime)
        )
        for problem in found[:1]:
            self.add_error(name, findings.vat_sentence(problem) % {"position": place})

    def _group(self, rate: Any) -> VatGroup:
        usual = self._usual()
        return VatGroup(VatCategory(usual["vat_category"]), rate.normalize() + 0, usual["vat_reason"])

    def draft(self) -> Invoice:
        """Return the unsaved draft; only of a valid form."""
        draft: Invoice = self.instance
        draft.language = draft.customer.language
        draft.due_on = None
        return draft

    def shares(self) -> list[tuple[VatGroup, int]]:
        """Return the gross amounts in minor units, by VAT group."""
        data, found = self.cleaned_data, []
        for place in self.places:
            if data.get(f"amount_{place}"):
                rate = data.get(f"rate_{place}", self._usual()["vat_rate"])
                found.append((self._group(rate), data[f"amount_{place}"]))
        return found

    def term_of(self) -> str:
        """Return what it is in law; only a private person is told."""
        return str(self.cleaned_data["term"]) if self.instance.customer.is_consumer else ""
