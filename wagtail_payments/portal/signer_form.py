"""What somebody types who signs: who they are, the code, the words that stand for a signature."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from wagtail_payments.mail.addresses import AddressRefused, checked, one_line


class NameField(forms.CharField):
    """A person's name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Your name"),
            max_length=200,
            widget=forms.TextInput(attrs={"autocomplete": "name", "class": "wp-input"}),
            error_messages={
                "required": _("Write your name."),
                "max_length": _("This is too long: at most %(limit_value)d characters, please."),
            },
            **options,
        )

    def clean(self, value: Any) -> Any:
        """Refuse a name of which nothing can be seen."""
        name = super().clean(value)
        if not one_line(name):
            raise ValidationError(self.error_messages["required"])
        return name


class EmailField(forms.EmailField):
    """A plain e-mail address, such as a letter can safely be sent to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Your e-mail address"),
            max_length=254,
            widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "wp-input"}),
            error_messages={
                "required": _("Write your e-mail address."),
                "invalid": _("This is not an e-mail address. It looks like name@example.com."),
            },
            **options,
        )

    def clean(self, value: Any) -> Any:
        """Refuse what a mailbox may be called but a letter can't safely be sent to."""
        try:
            return checked(super().clean(value))
        except AddressRefused as error:
            raise ValidationError(self.error_messages["invalid"]) from error


class SignerForm(forms.Form):
    """Who signs."""

    name = NameField()
    role = forms.CharField(
        label=_("Your role"),
        help_text=_("Such as manager, or treasurer; empty if you sign for yourself."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title", "class": "wp-input"}),
    )
    email = EmailField(help_text=_("We send a code there, to be sure that it is you."))


class CodeForm(forms.Form):
    """The code from the letter."""

    code = forms.CharField(
        label=_("The code from the e-mail"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "wp-input", "spellcheck": "false"}
        ),
        error_messages={"required": _("Write the six digits from the e-mail.")},
    )


class WordsForm(forms.Form):
    """The words that stand for a signature."""

    typed = forms.CharField(
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "wp-input", "autocapitalize": "sentences"}),
    )

    def __init__(self, *args: Any, words: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["typed"].label = _("Write “%(words)s” here") % {"words": words}
