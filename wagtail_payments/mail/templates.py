"""The words of every letter to customers and registrants: the built-in ones, and the seller's own in their place.

A kind of letter registers itself by one call of ``register``. The built-in words stay in the code, where an upgrade
improves them; only what a seller has changed is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import translation

from wagtail_payments.mail.placeholders import (
    LINK,
    Linked,
    Values,
    asked_for,
    fill,
    fill_line,
    unknown_placeholders,
    without_link,
)
from wagtail_payments.mail.writing import Words
from wagtail_payments.records.reminders import ReminderStep
from wagtail_payments.records.sellers import Seller
from wagtail_payments.records.words import LetterWords

STEP = "reminder_step_"


class Said(NamedTuple):
    """Subject and text of a letter, placeholders not yet filled in."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of letter whose words an owner may change.

    ``built_in`` returns its words in the active language; ``button`` what stands on its button, where placeholders
    may stand too. ``facts`` names the placeholders that the small table shows in a preview, with their labels.
    ``kind`` is that of the letter, where it is not the key. ``needed`` names the placeholders without which the
    letter is not what it must be, such as what the law asks for: words that lack them get them added at their end.
    """

    key: str
    label: Any
    goes_out: Any
    placeholders: Mapping[str, Any]
    built_in: Callable[[], Said]
    button: Callable[[], str]
    facts: Sequence[tuple[Any, str]] = ()
    kind: str = ""
    step: ReminderStep | None = None
    needed: Sequence[str] = ()

    @property
    def letter_kind(self) -> str:
        """The kind of the letters that are written in these words; several templates may share one."""
        return self.kind or self.key

    @property
    def in_subject(self) -> dict[str, Any]:
        """The placeholders that may stand in a subject."""
        return {name: meaning for name, meaning in self.placeholders.items() if name not in (LINK, *self.needed)}

    def unknown(self, said: Said) -> tuple[list[str], list[str]]:
        """Return what means nothing in subject and text."""
        return (
            unknown_placeholders(said.subject, self.in_subject),
            unknown_placeholders(said.text, self.placeholders),
        )

    def missing(self, text: str) -> list[str]:
        """Return what the text has to ask for and does not, as it is typed."""
        return [MARKS[name] for name in self.needed if name not in asked_for(text)]


class Marks(dict[str, str]):
    """Puts a placeholder wherever a sentence asks for a value: ``_("Due on %(date)s") % MARKS``."""

    def __missing__(self, name: str) -> str:
        return f"{{{{ {name} }}}}"


MARKS = Marks()

_templates: dict[str, Template] = {}


def register(template: Template) -> Template:
    """Offer a kind of letter to the owner's pen."""
    _templates[template.key] = template
    return template


def registered_templates() -> list[Template]:
    """Return every kind of letter, in the order in which they were registered."""
    return list(_templates.values())


def find(key: str) -> Template | None:
    """Return the kind of letter of that key."""
    return _templates.get(key)


def joined(*paragraphs: str) -> str:
    """Return paragraphs as one text, without empty ones."""
    return "\n\n".join(filter(None, paragraphs))


def built_in(template: Template, language: str) -> Said:
    """Return the words that came with the package."""
    with translation.override(language):
        return template.built_in()


def own(seller: Seller, key: str, language: str) -> Said | None:
    """Return the seller's own words in that language, or in that language without its region."""
    if not seller.has_own_words:
        return None
    wanted = [language, language.split("-")[0]]
    rows = {row.language: row for row in LetterWords.objects.filter(seller=seller, key=key, language__in=wanted)}
    row = next((rows[code] for code in wanted if code in rows), None)
    return Said(row.subject, row.text) if row else None


def said(template: Template, *, seller: Seller, language: str) -> Said:
    """Return the words in use: the seller's own, else the built-in ones."""
    return own(seller, template.key, language) or built_in(template, language)


def words(
    template: Template,
    *,
    seller: Seller,
    language: str,
    values: Values,
    linked: Linked,
    facts: Sequence[tuple[str, str]] = (),
    notice: str = "",
    given: Said | None = None,
) -> Words:
    """Return a letter in the words in use, or in those ``given``, everything put in; in the active language.

    Without a link, the paragraphs that ask for it are left out.
    """
    subject, text = given or said(template, seller=seller, language=language)
    text = text if linked.url else without_link(text)
    return Words(
        subject=fill_line(subject, values),
        paragraphs=fill(joined(text, *template.missing(text)), values, linked),
        facts=facts,
        button=linked.sentence if linked.url else "",
        url=linked.url,
        notice=notice,
    )
