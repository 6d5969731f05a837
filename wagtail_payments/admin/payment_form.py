"""Recording money that came outside of any gateway."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.number_fields import AmountField
from wagtail_payments.records.payments import payment_methods

METHODS = ("transfer", "cheque", "cash", "terminal")
# Code monétaire et financier, art. L112-6 and D112-3: cash from consumers and to professionals ends here.
MOST_CASH = {"EUR": 1_000_00}


def methods_by_hand() -> list[tuple[str, Any]]:
    """Return what an editor can record."""
    return [(code, label) for code, label in payment_methods() if code in METHODS]


class PaymentForm(forms.Form):
    """What came, how and when. What is unusual is said first, and accepted when it is confirmed."""

    method = forms.ChoiceField(label=_("How it came"), choices=methods_by_hand)
    received_on = forms.DateField(label=_("On which day"), widget=AdminDateInput)
    reference = forms.CharField(
        label=_("Reference"), max_length=200, required=False, help_text=_("Such as the cheque's number.")
    )
    understood = forms.BooleanField(label=_("Yes, that is right"), required=False, widget=forms.HiddenInput)
    form_key = forms.SlugField(max_length=64, widget=forms.HiddenInput)

    field_order = ("amount", "method", "received_on", "reference")

    def __init__(self, *args: Any, currency: str, due: int, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency, self.due, self.today = currency, due, today
        self.fields["amount"] = AmountField(
            currency=currency, label=_("Amount (%(currency)s)") % {"currency": currency}
        )
        self.order_fields(self.field_order)

    def clean_received_on(self) -> date:
        """Money is recorded on the day it arrives, not before."""
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise ValidationError(_("This date is in the future. Record the payment on the day it arrives."))
        return day

    def warnings(self) -> list[str]:
        """Return what a person should have seen before this is recorded."""
        amount, found = self.cleaned_data["amount"], []
        if amount > self.due:
            beyond = in_words(amount - max(self.due, 0), self.currency)
            found.append(
                gettext("This is %(amount)s more than is due. It is kept apart until you refund it.")
                % {"amount": beyond}
            )
        if self.cleaned_data["method"] == "cash" and amount > MOST_CASH.get(self.currency, amount):
            found.append(
                gettext("In France, a business may as a rule take no more than 1,000 € in cash for one purchase.")
            )
        return found

    def is_accepted(self) -> bool:
        """Is there nothing unusual, or was it confirmed?"""
        return bool(self.cleaned_data["understood"]) or not self.warnings()
