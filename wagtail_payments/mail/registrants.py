"""Who reads letters about a registration, and how one is put together for them.

The buyer's letters lead to the registration, where it can be cancelled. An attendee with an address of their own
gets letters too, without that link: it is the buyer's alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wagtail_payments.mail import templates
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.event_words import EventFacts, Rows
from wagtail_payments.mail.placeholders import Linked, Paragraph, Piece, Values
from wagtail_payments.mail.templates import Template
from wagtail_payments.mail.wordings import notice_of
from wagtail_payments.mail.writing import Post, Words
from wagtail_payments.records.events import Event
from wagtail_payments.records.links import Link
from wagtail_payments.records.registrations import Registration, Seat


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody a letter goes to: the buyer, number 0, or an attendee, whose number is that of their first seat."""

    name: str
    email: str
    number: int = 0

    @property
    def is_buyer(self) -> bool:
        """Do they have the link to the registration?"""
        return self.number == 0

    def has(self, seat: Seat) -> bool:
        """Is that seat theirs?"""
        return seat.email.casefold() == self.email.casefold()


def buyer(registration: Registration) -> Reader:
    """Return who registered."""
    return Reader(one_line(registration.name), registration.email)


def readers(registration: Registration, seats: Iterable[Seat]) -> list[Reader]:
    """Return each attendee with an address of their own; the buyer for those without; each address once."""
    found: dict[str, Reader] = {}
    paying = buyer(registration)
    for seat in seats:
        same = not seat.email or paying.has(seat)
        reader = paying if same else Reader(one_line(seat.attendee), seat.email, seat.pk)
        found.setdefault(reader.email.casefold(), reader)
    return list(found.values())


def link_of(registration: Registration) -> Link | None:
    """Return the link to the registration, if one was made."""
    return getattr(registration, "link", None)


def post_to(reader: Reader, registration: Registration, event: Event, **fields: Any) -> Post:
    """Return the envelope of a letter to a reader; the buyer's has the link where there is one."""
    invoice = registration.invoice
    return Post(
        seller=event.seller,
        language=registration.language,
        to=[reader.email],
        reply_to=event.contact,
        customer=invoice.customer if invoice else None,
        registration=registration,
        **fields,
    )


def words_to(
    reader: Reader,
    registration: Registration,
    event: Event,
    *,
    template: Template,
    values: Values,
    facts: Rows,
    url: str = "",
    button: str = "",
) -> Words:
    """Return a letter in the words in use, with its button (to the registration) where there is a link."""
    about = EventFacts(event, registration.language)
    known = {
        "name": reader.name,
        "event": about.name,
        "date": about.day,
        "when": about.when,
        "place": about.place,
        "seller": event.seller.name,
    }
    return templates.words(
        template,
        seller=event.seller,
        language=registration.language,
        values={**known, **values},
        linked=Linked(url, button or template.button()),
        facts=facts,
        notice=notice_about(registration),
    )


def notice_about(registration: Registration) -> str:
    """Return what stands on top where the money is not real; what costs nothing is real always."""
    return "" if registration.is_free else notice_of(registration.mode)


def join_online(event: Event) -> Paragraph | str:
    """Return where to join, or nothing."""
    if not event.online_url:
        return ""
    return Paragraph((Piece(_("Join online:") + " "), Piece(event.online_url, event.online_url)))
