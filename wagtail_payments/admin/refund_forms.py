"""What is credited and what goes back: amounts per VAT rate, the payment, the way, the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

from wagtail_payments.actions.credits import Creditable, VatKey
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.number_fields import AmountField, decimal_mark
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


class CreditForm(ReasonForm):
    """Gross amounts per VAT rate; to begin with, all that is left."""

    def __init__(self, *args: Any, groups: Sequence[Creditable], currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.groups, self.currency = list(groups), currency
        for place, group in enumerate(self.groups):
            self.fields[f"amount_{place}"] = AmountField(
                currency=currency,
                allow_zero=True,
                required=False,
                initial=group.left,
                label=_group_label(group),
                help_text=_("At most %(left)s, VAT included.") % {"left": in_words(group.left, currency)},
            )
        self.order_fields([*(f"amount_{place}" for place in range(len(self.groups))), "payment", "by_hand", "reason"])

    def clean(self) -> dict[str, Any]:
        """Refuse nothing at all, and more than is left."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for place, group in enumerate(self.groups):
            amount = data.get(f"amount_{place}")
            if amount is not None and amount > group.left:
                self.add_error(f"amount_{place}", _("That is more than is left."))
        if not self.errors and not self.total():
            raise ValidationError(_("Write at least one amount."))
        return data

    def amounts(self) -> dict[VatKey, int]:
        """Return the amounts per VAT group, without zeros."""
        typed = {group.key: self.cleaned_data.get(f"amount_{place}") or 0 for place, group in enumerate(self.groups)}
        return {key: amount for key, amount in typed.items() if amount}

    def total(self) -> int:
        """Return what is credited in all."""
        return sum(self.amounts().values())


def _group_label(group: Creditable) -> str:
    if group.row.category == "S":
        return gettext("Amount at %(rate)s %% VAT") % {"rate": group.row.rate.replace(".", decimal_mark())}
    return gettext("Amount without VAT (%(why)s)") % {"why": group.row.wording or group.row.category}


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


class RefundForm(CreditForm):
    """A credit note, and the payment that goes back with it."""

    def __init__(self, *args: Any, payments: Sequence[Payment], **options: Any) -> None:
        super().__init__(*args, **options)
        self.payments = {str(payment.pk): payment for payment in payments}
        choices = [(key, payment_label(payment)) for key, payment in self.payments.items()]
        self.fields["payment"] = forms.ChoiceField(label=_("Which payment"), choices=choices, initial=choices[0][0])
        if len(choices) == 1:
            self.fields["payment"].widget = forms.HiddenInput()
        self.fields["way"] = WayField(payments)
        self.order_fields([*(name for name in self.fields if name.startswith("amount")), "payment", "way", "reason"])

    def payment(self) -> Payment:
        """Return the chosen payment."""
        return self.payments[self.cleaned_data["payment"]]

    def by_hand(self) -> bool:
        """Does the editor send the money?"""
        return bool(self.cleaned_data["way"] == "hand" or self.payment().gateway == MANUAL)


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
