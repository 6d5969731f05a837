"""Form fields for numbers as people write them: with a decimal comma or point, with spaces, never lost on an error."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core import money

_SPACES = str.maketrans("", "", " \t\u00a0\u202f\u2009'\u2019")


def plain_number(text: str) -> str:
    """Return a typed number with a point and without the spaces between thousands."""
    return text.translate(_SPACES).replace(",", ".")


def decimal_mark() -> str:
    """Return how the current language writes decimals."""
    return "," if (get_language() or "en").startswith("fr") else "."


class DecimalInput(forms.TextInput):
    """A text box with the number keyboard on a phone; a number box would refuse the comma in some browsers."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "wp-number", **(attrs or {})})


class DecimalAnyMark(forms.DecimalField):
    """A decimal typed as "12,5", "12.5" or "1 240,50"."""

    widget = DecimalInput
    default_error_messages = {
        "invalid": _("Write a number, for example 12,5."),
    }

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Read the number; raises ``ValidationError`` in plain words."""
        if isinstance(value, str):
            value = plain_number(value)
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave out the number box's attributes: this is a text box."""
        return {}

    def prepare_value(self, value: Any) -> Any:
        """Show a stored number without trailing zeros and with the language's decimal mark."""
        if isinstance(value, Decimal):
            return shown_number(value)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare numbers, not their spelling."""
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except (ValidationError, InvalidOperation):
            return True


class AmountField(forms.CharField):
    """An amount of money in one currency, typed with comma or point; its value is minor units."""

    widget = DecimalInput
    default_error_messages = {
        "invalid": _("Write an amount, for example 120,50."),
        "too_small": _("Write an amount above zero."),
    }

    def __init__(self, *, currency: str, allow_zero: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.currency, self.allow_zero = currency, allow_zero

    def clean(self, value: Any) -> Any:
        """Return minor units, or None for an empty optional field."""
        text = super().clean(value)
        if text in self.empty_values:
            return 0 if self.allow_zero else None
        try:
            minor = money.parse(text, self.currency)
        except money.NotAnAmount as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if minor < 0 or (minor == 0 and not self.allow_zero):
            raise ValidationError(self.error_messages["too_small"], code="too_small")
        return minor

    def prepare_value(self, value: Any) -> Any:
        """Show minor units as an amount; what a person typed stays as typed."""
        if isinstance(value, int):
            return f"{money.to_major(value, self.currency):f}".replace(".", decimal_mark())
        return value


def shown_number(value: Decimal, *, at_least: int = 0) -> str:
    """Write a decimal without needless zeros, but with some decimals where asked, in the current language."""
    text = f"{value.normalize() + 0:f}"
    whole, _mark, decimals = text.partition(".")
    decimals = decimals.ljust(at_least, "0")
    return f"{whole}{decimal_mark()}{decimals}" if decimals else whole
