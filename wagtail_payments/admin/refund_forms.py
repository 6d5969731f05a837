"""What goes back: the amount, the payment, the way, the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.number_fields import AmountField
from wagtail_payments.admin.refund_words import MANUAL, target_of
from wagtail_payments.records.payments import Payment

LONGEST_REASON = 500


class ReasonForm(forms.Form):
    """Why, and the key that makes a double click one."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=AdminAutoHeightTextInput(attrs={"rows": 1}),
        help_text=_("Printed on the credit note or receipt, so written for the customer."),
    )
    form_key = forms.SlugField(max_length=64, widget=forms.HiddenInput)


def payment_label(payment: Payment) -> str:
    """Name a payment in a choice."""
    return gettext("%(amount)s on %(day)s, %(target)s") % {
        "amount": in_words(payment.amount, payment.currency),
        "day": payment.received_on.isoformat(),
        "target": target_of(payment),
    }


WAYS = [("provider", _("Through the provider it came by")), ("hand", _("By hand: I send it myself"))]


class WayField(forms.ChoiceField):
    """How money goes back; by hand only, for what was paid by hand."""

    def __init__(self, payments: Sequence[Payment]) -> None:
        online = any(payment.gateway != MANUAL for payment in payments)
        ways = WAYS if online else WAYS[1:]
        super().__init__(label=_("How it goes back"), choices=ways, initial=ways[0][0], widget=forms.RadioSelect)


class AmountBackForm(ReasonForm):
    """An amount of one payment that goes back, up to what is free."""

    def __init__(self, *args: Any, payment: Payment, most: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.paid_by, self.most = payment, most
        self.fields["amount"] = AmountField(
            currency=payment.currency,
            initial=most,
            label=_("Amount"),
            help_text=_("At most %(left)s.") % {"left": in_words(most, payment.currency)},
        )
        self.fields["way"] = WayField([payment])
        self.order_fields(["amount", "way", "reason"])

    def clean_amount(self) -> int:
        """Refuse more than is free."""
        amount: int = self.cleaned_data["amount"]
        if amount > self.most:
            raise ValidationError(_("That is more than is left."))
        return amount

    def payment(self) -> Payment:
        """Return the payment."""
        return self.paid_by

    def by_hand(self) -> bool:
        """Does the editor send the money?"""
        return bool(self.cleaned_data["way"] == "hand" or self.paid_by.gateway == MANUAL)
