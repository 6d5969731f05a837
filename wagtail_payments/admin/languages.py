"""The languages that documents can be written in, as a choice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

# The languages whose legal wordings and letters come with the package.
SHIPPED = (("fr", "Français"), ("en", "English"))


def document_languages() -> list[tuple[str, Any]]:
    """Return the shipped languages, then the host's own."""
    known = dict(SHIPPED)
    host = [(code, name) for code, name in settings.LANGUAGES if code in known]
    return host or list(SHIPPED)


def language_field(replaced: forms.Field) -> forms.ChoiceField:
    """Return a select of languages in the place of a text field."""
    return forms.ChoiceField(
        label=replaced.label or _("Language"),
        choices=document_languages,
        initial=replaced.initial,
        help_text=replaced.help_text,
        widget=forms.Select(choices=document_languages()),
    )
