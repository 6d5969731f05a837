"""From words to a letter: laid out by templates as text and as HTML, and kept in the outbox.

A kept letter holds no token: where its link belongs stands ``{{ link }}`` until it is delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.template.loader import select_template
from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.mail import addresses, desks, outbox
from wagtail_payments.mail.envelopes import LINK_PLACE, new_message_id, place_of
from wagtail_payments.mail.placeholders import Paragraph, button_to
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.registrations import Registration
from wagtail_payments.records.sellers import Seller

FOLDER = "wagtail_payments/letters"
LONGEST_SUBJECT = 300

# What a value brings along and looks like our place for a link is kept apart from it by an invisible word joiner.
_LIKE_OURS, _NOT_OURS = "{{ link", "{\u2060{ link"


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the table of a letter about several documents; ``url`` is where ``button`` leads."""

    name: str
    value: str
    hint: str
    url: str
    button: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says. ``facts`` are pairs of label and value; ``notice`` stands on top, set apart.

    ``url`` is where ``button`` leads; a link that stands alone in a paragraph becomes that button there.
    """

    subject: str
    paragraphs: Sequence[Paragraph]
    facts: Sequence[tuple[str, str]] = ()
    button: str = ""
    url: str = ""
    notice: str = ""
    listed: Sequence[Listed] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """Who gets which kind of letter, about what; ``once`` names the occasion, so that it is written once.

    ``calendar`` is the text of an iCalendar file that goes with it. ``further`` are the links of the documents it
    lists, each with the mark that stands for it.
    """

    kind: str
    seller: Seller
    language: str
    to: Iterable[str]
    cc: Iterable[str] = ()
    reply_to: str = ""
    customer: Customer | None = None
    document: IssuedDocument | None = None
    link: Link | None = None
    further: Mapping[str, Link] = field(default_factory=dict)
    registration: Registration | None = None
    calendar: str = ""
    at_most_once: bool = False
    enclosed: Sequence[IssuedDocument] = field(default_factory=tuple)
    by: Any = None
    once: str | None = None


class LaidOut(NamedTuple):
    """A letter in both its forms."""

    html: str
    text: str


def place() -> str:
    """Return a mark for the link that no one can have typed; give it to ``write`` as ``mark``."""
    return f"link-{ports.new_id()}"


def already_written(once: str) -> Letter | None:
    """Return the letter of that occasion, if it was written."""
    return Letter.objects.filter(written_once=once).first()


def write(post: Post, words: Words, *, mark: str = "", now: datetime) -> Letter:
    """Keep a letter in the caller's transaction and have it delivered when that has committed."""
    words = _with_way_in(words, post)
    laid_out = lay_out(post.kind, words, seller=post.seller, language=post.language)
    to = addresses.distinct(post.to)
    letter = Letter.objects.create(
        kind=post.kind,
        seller=post.seller,
        customer=post.customer,
        document=post.document,
        link=post.link,
        registration=post.registration,
        calendar=post.calendar.replace("\x00", ""),
        at_most_once=post.at_most_once,
        language=post.language,
        to=to,
        cc=addresses.distinct(post.cc, but=to),
        reply_to=post.reply_to,
        subject=addresses.one_line(words.subject)[:LONGEST_SUBJECT],
        text=_with_places(laid_out.text, mark, post.further),
        html=_with_places(laid_out.html, mark, post.further),
        message_id=new_message_id(),
        due_at=now,
        created_at=now,
        created_by=post.by,
        written_once=post.once,
    )
    if post.enclosed:
        letter.enclosed.add(*post.enclosed)
    if post.further:
        letter.further_links.add(*post.further.values())
    outbox.enqueue(letter)
    return letter


def _with_way_in(words: Words, post: Post) -> Words:
    """A letter to the seller leads into the admin, unless it leads elsewhere."""
    is_to_seller = post.kind == "question" or post.kind.startswith("owner_")
    url = desks.address_of(post.document, post.registration) if is_to_seller and not words.url else ""
    if not url:
        return words
    with translation.override(post.language):
        button = _("Open it in the admin")
    return replace(words, paragraphs=[*words.paragraphs, button_to(url, button)], button=button, url=url)


def lay_out(kind: str, words: Words, *, seller: Seller, language: str) -> LaidOut:
    """Lay words out with ``letters/<kind>`` where the host has such a template, else with ``letters/letter``."""
    context = {
        "kind": kind,
        "words": words,
        "seller": seller,
        "language": language,
        "direction": "rtl" if translation.get_language_info(language)["bidi"] else "ltr",
        "button_stands_in_text": any(paragraph.is_button for paragraph in words.paragraphs),
        "link_stands_in_text": any(paragraph.has_link for paragraph in words.paragraphs),
    }
    with translation.override(language):
        html = _template(kind, "html").render(context)
        text = _template(kind, "txt").render(context)
    return LaidOut(html, _tidy(text))


def _template(kind: str, form: str) -> Any:
    return select_template([f"{FOLDER}/{kind}.{form}", f"{FOLDER}/letter.{form}"])


def _with_places(text: str, mark: str, further: Mapping[str, Link]) -> str:
    """Put the places for links where the marks stand, and only there."""
    kept = text.replace(_LIKE_OURS, _NOT_OURS).replace("\x00", "")
    for its_mark, link in further.items():
        kept = kept.replace(its_mark, place_of(link))
    return kept.replace(mark, LINK_PLACE) if mark else kept


def _tidy(text: str) -> str:
    """At most one blank line in a row, none at the ends."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept) + "\n"
