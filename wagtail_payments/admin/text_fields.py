"""Form fields for lists that people write as plain lines of text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

MOST_PAIRS = 20
MOST_ADDRESSES = 20


class PairsField(forms.CharField):
    """Names and values, one pair on each line as "Name: value"; its value is a list of dictionaries."""

    widget = AdminAutoHeightTextInput
    default_error_messages = {
        "pair": _(
            "Write each further field on a line of its own, as “Name: value”. This line has no colon: “%(line)s”"
        ),
        "many": _("At most %(most)d further fields fit on the document."),
    }

    def clean(self, value: Any) -> list[dict[str, str]]:
        """Return the pairs; raises ``ValidationError`` for a line without a colon."""
        lines = [line.strip() for line in (super().clean(value) or "").splitlines() if line.strip()]
        if len(lines) > MOST_PAIRS:
            raise ValidationError(self.error_messages["many"], params={"most": MOST_PAIRS})
        return [self._pair(line) for line in lines]

    def _pair(self, line: str) -> dict[str, str]:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise ValidationError(self.error_messages["pair"], params={"line": line[:60]})
        return {"name": name.strip(), "value": value.strip()}

    def prepare_value(self, value: Any) -> Any:
        """Show stored pairs as lines; what a person typed stays as typed."""
        if isinstance(value, list):
            return "\n".join(f"{pair['name']}: {pair['value']}" for pair in value)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the pairs."""
        try:
            return self.clean(data) != (initial or [])
        except ValidationError:
            return True


class AddressesField(forms.CharField):
    """E-mail addresses, separated by commas, semicolons or line breaks; its value is a list without doubles."""

    default_error_messages = {
        "address": _("“%(address)s” is not an e-mail address."),
        "many": _("At most %(most)d addresses."),
    }

    def clean(self, value: Any) -> list[str]:
        """Return the addresses; raises ``ValidationError`` naming the one that is wrong."""
        text = (super().clean(value) or "").replace(";", ",").replace("\n", ",")
        addresses = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        if len(addresses) > MOST_ADDRESSES:
            raise ValidationError(self.error_messages["many"], params={"most": MOST_ADDRESSES})
        for address in addresses:
            self._check(address)
        return addresses

    def _check(self, address: str) -> None:
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError(self.error_messages["address"], params={"address": address[:100]}) from error

    def prepare_value(self, value: Any) -> Any:
        """Show a list as one line."""
        return ", ".join(value) if isinstance(value, list) else value
