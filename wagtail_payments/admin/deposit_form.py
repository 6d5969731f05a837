"""What an editor types to ask for a deposit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions.deposits import Wish
from wagtail_payments.admin.number_fields import AmountField, DecimalAnyMark
from wagtail_payments.records.deposits import Term

USUAL_PERCENT = Decimal(30)


class DepositForm(forms.Form):
    """A percentage or an amount, when it is due, and to a consumer what it is."""

    percent = DecimalAnyMark(
        label=_("Percent of the total, VAT included"),
        max_digits=7,
        decimal_places=4,
        min_value=0,
        max_value=100,
        required=False,
        initial=USUAL_PERCENT,
    )
    due_days = forms.IntegerField(
        label=_("Due in … days"), min_value=0, max_value=365, initial=0, help_text=_("0 means at once.")
    )
    form_key = forms.SlugField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, is_consumer: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount"] = AmountField(
            currency=currency,
            required=False,
            label=_("or an amount, VAT included"),
            help_text=_("Then leave the percentage empty."),
        )
        if is_consumer:
            self.fields["term"] = forms.ChoiceField(
                label=_("What it is for the customer"), choices=Term.choices, widget=forms.RadioSelect
            )
        self.order_fields(["percent", "amount", "due_days", "term"])

    def clean(self) -> dict[str, Any]:
        """Want one of the two."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and (not data.get("percent")) == (not data.get("amount")):
            raise ValidationError(_("Write either a percentage or an amount."))
        return data

    def wish(self) -> Wish:
        """Return the deposit as it was asked for."""
        data = self.cleaned_data
        return Wish(data["percent"] or None, data.get("amount"), data["due_days"], data.get("term", ""))
