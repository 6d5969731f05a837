"""What the payer fills in on the hosted page."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_payments.sandbox.checkout import Payer
from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.instruments import (
    FAILING_IBAN,
    SUCCEEDING_IBAN,
    Instrument,
    bank_account,
    card_by_number,
)
from wagtail_payments.sandbox.json_types import Json

OTHER_CARD = "other_card"
OTHER_IBAN = "other_iban"

_CARDS: list[tuple[str, Promise]] = [
    ("4242424242424242", _("The payment succeeds")),
    ("4000002500003155", _("The bank asks for 3-D Secure")),
    ("4000000000000002", _("The card is declined")),
    ("4000000000009995", _("The account has insufficient funds")),
    (OTHER_CARD, _("Another test card")),
]
_ACCOUNTS: list[tuple[str, Promise]] = [
    (SUCCEEDING_IBAN, _("The bank pays later")),
    (FAILING_IBAN, _("The bank refuses later")),
    (OTHER_IBAN, _("Another IBAN")),
]
# Nothing here is worth a French translation of a bank's every reason.
_REFUSALS: dict[str, Promise] = {
    "incorrect_number": _("This is no card number. Check the digits."),
    "invalid_bank_account_iban": _("This is no IBAN. Check the characters."),
    "insufficient_funds": _("Your account has insufficient funds. Try another card."),
    "test_mode_live_card": _("This is not a test card. Never type a real card here."),
    "expired_card": _("Your card has expired. Try another card."),
    "incorrect_cvc": _("The security code of your card is wrong. Try another card."),
    "generic_decline": _("Your card was declined. Try another card."),
    "lost_card": _("Your card was declined. Try another card."),
    "processing_error": _("The card could not be processed. Try again in a little while."),
    "payment_intent_authentication_failure": _(
        "Your bank could not confirm that it is you. Try again or use another card."
    ),
}


def in_words(refusal: Refused) -> Promise | str:
    """A bank's refusal as the payer reads it."""
    error = refusal.error
    known = _REFUSALS.get(error.get("decline_code", "")) or _REFUSALS.get(error.get("code", ""))
    return known or str(refusal)


def grouped(number: str) -> str:
    """A number in groups of four, easier to compare."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


class PayForm(forms.Form):
    """A choice of test cards and test bank accounts, and who pays."""

    method = forms.ChoiceField(widget=forms.RadioSelect, initial="4242424242424242")
    card_number = forms.CharField(required=False, max_length=30)
    iban = forms.CharField(required=False, max_length=50)
    email = forms.EmailField(required=False, max_length=512)
    name = forms.CharField(required=False, max_length=256)

    def __init__(self, session: Json, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = session["payment_method_types"]
        self.cards = _CARDS if "card" in offered else []
        self.accounts = _ACCOUNTS if "sepa_debit" in offered else []
        choices = [*self.cards, *self.accounts]
        field = self.fields["method"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        field.error_messages["required"] = _("Choose how to pay.")
        self.known_email = (session["customer_details"] or {}).get("email")
        self.fields["email"].required = not self.known_email
        self.fields["email"].error_messages["required"] = _("Type your e-mail address.")

    def clean(self) -> dict[str, Any]:
        """Find the card or the account, and say beside its field what is wrong with it."""
        data = super().clean() or {}
        method = data.get("method")
        if not method:
            return data
        field = {OTHER_CARD: "card_number", OTHER_IBAN: "iban"}.get(method, "method")
        number = data.get(field, "")
        try:
            is_account = method in dict(self.accounts)
            data["instrument"] = bank_account(number) if is_account else card_by_number(number)
        except Refused as refusal:
            self.add_error(field, str(in_words(refusal)))
        return data

    @property
    def instrument(self) -> Instrument:
        """What the payer chose."""
        chosen: Instrument = self.cleaned_data["instrument"]
        return chosen

    @property
    def payer(self) -> Payer:
        """Who the payer says they are."""
        data = self.cleaned_data
        return Payer(self.known_email or data["email"], data["name"] or Payer().name)

    def options(self, kinds: list[tuple[str, Promise]]) -> list[dict[str, Any]]:
        """The radio buttons of one kind, for the template."""
        chosen = self["method"].value()
        return [
            {
                "value": value,
                "number": "" if value in (OTHER_CARD, OTHER_IBAN) else grouped(value),
                "label": label,
                "chosen": value == chosen,
            }
            for value, label in kinds
        ]

    def card_options(self) -> list[dict[str, Any]]:
        """The test cards."""
        return self.options(self.cards)

    def account_options(self) -> list[dict[str, Any]]:
        """The test bank accounts."""
        return self.options(self.accounts)
