"""What a customer can type."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from wagtail_payments.mail.addresses import AddressRefused, checked

LONGEST_QUESTION = 4000


class QuestionForm(forms.Form):
    """A question to the seller. ``website`` is a trap: people don't see it, machines fill it in."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("The answer goes there."),
        max_length=254,
        error_messages={
            "required": _("Write your e-mail address, so that the answer finds you."),
            "invalid": _("This is not an e-mail address. It looks like name@example.com."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "wp-input"}),
    )
    text = forms.CharField(
        label=_("Your question"),
        max_length=LONGEST_QUESTION,
        error_messages={
            "required": _("Write your question."),
            "max_length": _("This is too long: at most %(limit_value)d characters, please."),
        },
        widget=forms.Textarea(attrs={"rows": 5, "class": "wp-input wp-input--tall"}),
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("prefix", "question")
        options.setdefault("use_required_attribute", True)
        super().__init__(*args, **options)

    def clean_email(self) -> str:
        """Refuse what a mailbox may be called but a letter can't safely be sent to."""
        try:
            return checked(self.cleaned_data["email"])
        except AddressRefused as error:
            raise ValidationError(self.fields["email"].error_messages["invalid"]) from error

    @property
    def is_trapped(self) -> bool:
        """Was it sent by a machine that fills in everything?"""
        return bool(self.cleaned_data.get("website"))
