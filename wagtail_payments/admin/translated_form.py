"""Texts of a record in other languages, as plain inputs beside the text itself."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import global_settings, settings
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel
from wagtail.admin.widgets import AdminAutoHeightTextInput

from wagtail_payments.admin.languages import document_languages


def site_languages() -> dict[str, Any]:
    """Return the languages of the site's contents by code; those of our own texts where the host chose none."""
    chosen = getattr(settings, "WAGTAIL_CONTENT_LANGUAGES", None) or settings.LANGUAGES
    if chosen == global_settings.LANGUAGES:
        chosen = document_languages()
    return dict(chosen)


class TranslatedForm(forms.Form):
    """A part of a form of a ``Translated`` record; ``written_in`` is the language of the texts themselves."""

    translated: ClassVar[tuple[str, ...]] = ()
    said: forms.Form

    def offer_translations(self, written_in: str) -> None:
        """Make an empty or filled-in input for each text and each other language; none for a site of one language.

        They stand on a form of their own: what no panel of Wagtail's names, it would draw a second time.
        """
        given = self.instance.translations or {} if self.translated else {}  # type: ignore[attr-defined]
        self.said = forms.Form(self.data if self.is_bound else None, prefix=self.prefix)
        for code, language in site_languages().items():
            if code == written_in:
                continue
            for name in self.translated:
                self.said.fields[said_name(name, code)] = _twin(self.fields[name], language)
                self.said.initial[said_name(name, code)] = given.get(code, {}).get(name, "")

    def has_changed(self) -> bool:
        """Was anything typed, here or in another language?"""
        return super().has_changed() or self.said.has_changed()

    def is_valid(self) -> bool:
        """Is all of it right, the other languages too?"""
        return super().is_valid() and self.said.is_valid()

    @property
    def said_fields(self) -> list[forms.BoundField]:
        """The inputs for other languages."""
        return list(self.said)

    def translations(self) -> dict[str, dict[str, str]]:
        """Return what was typed, with what stands in languages that were not offered."""
        kept: dict[str, dict[str, str]] = {
            code: dict(texts)
            for code, texts in (self.instance.translations or {}).items()  # type: ignore[attr-defined]
        }
        for field in self.said_fields if self.said.is_valid() else ():
            _said, name, code = field.name.split("-", 2)
            kept.setdefault(code, {})[name] = self.said.cleaned_data.get(field.name) or ""
        cleaned = {code: {name: text for name, text in texts.items() if text} for code, texts in kept.items()}
        return {code: texts for code, texts in cleaned.items() if texts}


def said_name(name: str, code: str) -> str:
    """Return the name of the input for a text in a language."""
    return f"said-{name}-{code}"


def _twin(field: forms.Field, language: Any) -> forms.CharField:
    is_long = isinstance(field.widget, forms.Textarea)
    label = _("%(field)s, in %(language)s") % {"field": field.label, "language": language}
    return forms.CharField(
        label=label,
        required=False,
        max_length=getattr(field, "max_length", None),
        widget=AdminAutoHeightTextInput(attrs={"rows": 2}) if is_long else forms.TextInput(),
    )


class TranslationsPanel(Panel):
    """The inputs for other languages, folded; nothing where the site has one language."""

    class BoundPanel(Panel.BoundPanel):
        """The inputs of one form."""

        template_name = "wagtail_payments/admin/events/translations_panel.html"

        def is_shown(self) -> bool:
            """Only where there is another language."""
            return self.form is not None and bool(getattr(self.form, "said_fields", ()))

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Give the template the fields."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            fields = self.form.said_fields
            return context | {"fields": fields, "is_open": any(field.errors for field in fields)}
