"""To whom and in which words an invoice or a quote is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

from wagtail_payments.admin.text_fields import AddressesField
from wagtail_payments.mail import letters
from wagtail_payments.mail.placeholders import unknown_placeholders
from wagtail_payments.mail.quotes import QUOTE_PLACEHOLDERS, QUOTE_SUBJECT_PLACEHOLDERS


class KnownPlaceholders:
    """Part of a form for the words of a letter: what would be sent as it was typed is told before it is sent."""

    placeholders: ClassVar[Mapping[str, Any]]
    subject_placeholders: ClassVar[Mapping[str, Any]]
    cleaned_data: dict[str, Any]

    def clean_subject(self) -> str:
        """A subject is one line."""
        line = " ".join(self.cleaned_data["subject"].split())
        return known_only(line, unknown_placeholders(line, self.subject_placeholders))

    def clean_text(self) -> str:
        """Refuse placeholders that mean nothing."""
        text = self.cleaned_data["text"]
        return known_only(text, unknown_placeholders(text, self.placeholders))


class ComposeForm(KnownPlaceholders, forms.Form):
    """A letter about one document."""

    to = AddressesField(label=_("To"), help_text=_("Separate several addresses by a comma."))
    cc = AddressesField(label=_("Copy to"), required=False)
    subject = forms.CharField(label=_("Subject"), max_length=300)
    text = forms.CharField(label=_("Message"), widget=AdminAutoHeightTextInput(attrs={"rows": 12}), max_length=20_000)

    def __init__(self, *args: Any, is_test: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].required = not is_test

    def words(self) -> dict[str, Any]:
        """Return subject and text."""
        return {name: self.cleaned_data[name] for name in ("subject", "text")}

    def letter(self) -> dict[str, Any]:
        """Return the whole letter."""
        return {name: self.cleaned_data[name] for name in ("to", "cc", "subject", "text")}


class InvoiceComposeForm(ComposeForm):
    """The letter that brings an invoice."""

    placeholders = letters.PLACEHOLDERS
    subject_placeholders = letters.SUBJECT_PLACEHOLDERS


class QuoteComposeForm(ComposeForm):
    """The letter that brings a quote."""

    placeholders = QUOTE_PLACEHOLDERS
    subject_placeholders = QUOTE_SUBJECT_PLACEHOLDERS


def known_only(text: str, unknown: Sequence[str]) -> str:
    """Return the text; raises ``ValidationError`` where placeholders in it mean nothing."""
    if unknown:
        raise ValidationError(
            _("Nothing is known to put in the place of %(names)s. Correct the spelling or leave it out."),
            params={"names": ", ".join(unknown)},
        )
    return text
