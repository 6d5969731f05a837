"""Words that a record shows in several languages, where no page can hold them: names of tickets, questions."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Translated(models.Model):
    """A record whose texts are written in one language and may be given in others.

    ``translations`` holds ``{"fr": {"name": "…"}}``; what is not given there is shown as it was written.
    """

    translations = models.JSONField(_("in other languages"), default=dict, blank=True)

    class Meta:
        abstract = True

    def said(self, field: str, language: str) -> str:
        """Return that text in a language, or in that language without its region, or as it was written."""
        given: dict[str, Any] = self.translations
        for code in (language, language.split("-")[0]):
            text = given.get(code, {}).get(field)
            if text:
                return str(text)
        return str(getattr(self, field))
