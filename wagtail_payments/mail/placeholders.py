"""Placeholders in editors' texts: a fixed dictionary of strings, put in once, never a template engine.

What a value brings along is text: it is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LINK = "link"

PLACEHOLDERS: dict[str, Any] = {
    LINK: _("the customer's link"),
    "number": _("the number of the invoice"),
    "title": _("the subject of the invoice"),
    "amount": _("the total"),
    "due": _("what is still to pay"),
    "instalment": _("what is to be paid next: an instalment, or all that is due"),
    "due_on": _("the date it is due"),
    "customer": _("the customer's name"),
    "seller": _("your name"),
}
# Other names that people try for the same thing.
SYNONYMS: dict[str, str] = {"amount_due": "due", "due_date": "due_on"}
SUBJECT_PLACEHOLDERS: dict[str, Any] = {name: meaning for name, meaning in PLACEHOLDERS.items() if name != LINK}
EVENT_PLACEHOLDERS: dict[str, Any] = {
    LINK: _("the link to the registration"),
    "name": _("the attendee's name"),
    "event": _("the name of the event"),
    "date": _("the day it begins"),
    "place": _("where it takes place"),
    "seller": _("your name"),
}
EVENT_SUBJECT_PLACEHOLDERS: dict[str, Any] = {
    name: meaning for name, meaning in EVENT_PLACEHOLDERS.items() if name != LINK
}

# {{ name }}; #LINK in any case, and anything that looks as if it was meant like it.
_PLACEHOLDER = re.compile(r"\{\{\s*(?P<name>[^{}\n]{0,60}?)\s*\}\}|(?<![\w&/#])#(?P<code>[A-Z]{3,20}|(?i:link|lien))\b")
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")  # the spaces inside an amount stay as they are
_CLOSING = ",.;:!?)"
_SENTENCES = re.compile(r"(?<=[.!?])[ \t]+|\n")
_WORDS = re.compile(r"[^\W\d_]{2}")
# Whoever is named may stay without a name: "Hello ," is "Hello,".
NAMES = frozenset({"customer", "name", "seller", "buyer"})
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a paragraph: plain text, or (with ``url``) text that leads somewhere."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph as a sequence of pieces; a link that stands alone in one becomes the button of a letter."""

    pieces: tuple[Piece, ...]

    @property
    def is_button(self) -> bool:
        """Does a link stand alone in it?"""
        links = [piece for piece in self.pieces if piece.url]
        return len(links) == 1 and not any(piece.text.strip() for piece in self.pieces if not piece.url)

    @property
    def has_link(self) -> bool:
        """Does a link stand in it?"""
        return any(piece.url for piece in self.pieces)

    @property
    def text(self) -> str:
        """The paragraph for a letter without HTML: addresses in full."""
        return "".join(_in_full(piece) for piece in self.pieces)


def _in_full(piece: Piece) -> str:
    if not piece.url or piece.text == piece.url:
        return piece.text
    return gettext("%(label)s: %(value)s") % {"label": piece.text, "value": piece.url}


@dataclass(frozen=True, slots=True)
class Linked:
    """Where the link of a letter leads, and the sentence that ``#LINK`` stands for."""

    url: str
    sentence: str


# What is put in: text, or a paragraph that has a link of its own.
Values = Mapping[str, str | Paragraph]


def plain(text: str) -> Paragraph:
    """Return a text as one paragraph, nothing put in."""
    return Paragraph((Piece(text),))


def button_to(url: str, label: str) -> Paragraph:
    """Return the paragraph that becomes a letter's button."""
    return Paragraph((Piece(label, url),))


def fill(text: str, values: Values, link: Linked) -> list[Paragraph]:
    """Return a text as paragraphs with every known placeholder put in; unknown ones stay as they are.

    A sentence that asks for something empty is left out, save a name and whatever has the link; so is a paragraph of
    which nothing is left.
    """
    said = (_without_empty_sentences(block, values) for block in _blocks(text))
    filled = (Paragraph(_closed_up(_pieces(block, values, link))) for block in said)
    return [paragraph for paragraph in filled if paragraph.pieces]


def without_link(text: str) -> str:
    """Return a text without the paragraphs that ask for the link, and those that lead to it with a colon."""
    kept: list[str] = []
    for block in _blocks(text):
        if LINK not in map(_name, _PLACEHOLDER.finditer(block)):
            kept.append(block)
        elif kept and kept[-1].rstrip().endswith(":"):
            kept.pop()
    return "\n\n".join(kept)


def _blocks(text: str) -> list[str]:
    typed = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return [block for block in _BLANK_LINES.split(typed) if block.strip()]


def _without_empty_sentences(block: str, values: Values) -> str:
    """Leave out "It is valid until {{ valid_until }}." where that is empty; what stands alone closes up by itself."""
    empty = {name for name, value in values.items() if value == ""} - NAMES
    kept, end = "", 0
    for found in [*_SENTENCES.finditer(block), None]:
        start, stop = found.span() if found else (len(block), len(block))
        sentence = block[end:start]
        asked = asked_for(sentence)
        if LINK in asked or not asked & empty or not _WORDS.search(_PLACEHOLDER.sub("", sentence)):
            kept += sentence + block[start:stop]
        end = stop
    return kept.strip()


def _closed_up(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Without what is empty, and without the gap that it leaves: "Hello ," is "Hello,"."""
    kept: list[Piece] = []
    gap = False
    for piece in pieces:
        if not piece.text:
            gap = True
            continue
        if gap and kept and piece.text[0] in _CLOSING and not kept[-1].url:
            kept[-1] = Piece(kept[-1].text.rstrip(" "))
        kept.append(piece)
        gap = False
    if kept and gap and not kept[-1].url:
        kept[-1] = Piece(kept[-1].text.rstrip())
    return tuple(kept) if any(piece.text.strip() for piece in kept) else ()


def fill_line(text: str, values: Values) -> str:
    """Return one line, such as a subject, with every known placeholder but the link put in."""

    def value(found: re.Match[str]) -> str:
        given = values.get(SYNONYMS.get(found["name"] or "", found["name"] or ""), found[0])
        return given if isinstance(given, str) else given.text

    return _SPACES.sub(" ", _PLACEHOLDER.sub(value, text)).strip()


def unknown_placeholders(text: str, known: Iterable[str] = tuple(PLACEHOLDERS)) -> list[str]:
    """Return what looks like a placeholder and means nothing, as it was typed, each once.

    For a subject, give ``SUBJECT_PLACEHOLDERS`` as ``known``.
    """
    names = frozenset(known)
    odd = [found[0] for found in _PLACEHOLDER.finditer(text) if _name(found) not in names]
    return list(dict.fromkeys(odd))


def asked_for(text: str) -> set[str]:
    """Return the names of what a text asks to be put in."""
    return {_name(found) for found in _PLACEHOLDER.finditer(text)}


def _name(found: re.Match[str]) -> str:
    if found["code"]:
        return LINK if found["code"].lower() == LINK else found[0]
    return SYNONYMS.get(found["name"], found["name"])


def _pieces(block: str, values: Values, link: Linked) -> Iterator[Piece]:
    for text, found in _split(block):
        if text:
            yield Piece(text)
        if found is not None:
            yield from _replacement(found, values, link)


def _replacement(found: re.Match[str], values: Values, link: Linked) -> tuple[Piece, ...]:
    name = _name(found)
    if name == LINK:
        return (Piece(link.sentence if found["code"] else link.url, link.url),)
    given = values.get(name, found[0])
    return (Piece(given),) if isinstance(given, str) else given.pieces


def _split(block: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    end = 0
    for found in _PLACEHOLDER.finditer(block):
        yield block[end : found.start()], found
        end = found.end()
    yield block[end:], None
