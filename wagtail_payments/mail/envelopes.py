"""A letter as an e-mail: addresses checked once more, the link put in, papers and attachments enclosed."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.core.mail import EmailMultiAlternatives
from django.utils.html import escape
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.mail import addresses, calendars, codes, links
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.drafts import DraftAttachment
from wagtail_payments.records.invoices import InvoiceAttachment
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.quotes import QuoteAttachment
from wagtail_payments.records.revisions import RevisionAttachment

LINK_PLACE = "{{ link }}"
_FURTHER_PLACE = re.compile(r"\{\{ link (\d{1,18}) \}\}")
WITH_SIGNED_COPY = frozenset({"quote_signed", "owner_quote_signed"})

# RFC 3834: what nobody wrote by hand says so, and gets no holiday notice in answer.
AUTOMATIC = frozenset(
    {
        "receipt",
        "refund_receipt",
        "payment_failed",
        "payment_returned",
        "owner_disputed",
        "reminder",
        "owner_paid",
        "owner_refunded",
        "registered",
        "balance",
        "registration_cancelled",
        "seat_lost",
        "event_changed",
        "event_reminder",
        "owner_registered",
        "owner_seat_lost",
        "owner_quote_accepted",
        "owner_quote_declined",
        "signing_code",
        "quote_signed",
        "owner_quote_signed",
        "withdrawal",
        "owner_withdrawal",
    }
)

_NOT_IN_FILE_NAMES = re.compile(r"[^\w.\- ()+,&’']+")


def place_of(link: Link) -> str:
    """Return what stands in a kept letter for the link of one of the documents it lists."""
    return f"{{{{ link {link.pk} }}}}"


class Unsendable(ValueError):
    """The letter can't be sent as it is, however often one tries; the message says why, for an editor."""


class Enclosure(NamedTuple):
    """A file that goes with a letter."""

    name: str
    content: bytes
    type: str


def new_message_id() -> str:
    """Return a Message-ID; a letter keeps its own however often it is tried."""
    return f"<{ports.new_id()}@{addresses.sender_domain()}>"


def message_of(letter: Letter) -> EmailMultiAlternatives:
    """Return the e-mail of a letter; raises ``Unsendable``, or ``OSError`` where a file can't be read."""
    url = links.url_of(letter.link) if letter.link else ""
    further = _further(letter)
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=codes.put_in(letter, _linked(letter.text, further).replace(LINK_PLACE, url)),
        from_email=addresses.named(letter.seller.name, _sender()),
        to=_recipients(letter),
        cc=[_checked(address) for address in letter.cc],
        reply_to=[_checked(letter.reply_to)] if letter.reply_to else None,
        headers=_headers(letter),
    )
    if letter.html:
        escaped = {key: escape(address) for key, address in further.items()}
        html = _linked(letter.html, escaped).replace(LINK_PLACE, escape(url))
        message.attach_alternative(codes.put_in(letter, html), "text/html")
    for enclosure in enclosures(letter):
        message.attach(enclosure.name, enclosure.content, enclosure.type)
    return message


def _further(letter: Letter) -> dict[str, str]:
    """The addresses of the documents it lists, by the keys of their links; asked only where it lists some."""
    if not _FURTHER_PLACE.search(letter.text):
        return {}
    return {str(link.pk): links.url_of(link) for link in letter.further_links.select_related("site")}


def _linked(text: str, urls: Mapping[str, str]) -> str:
    return _FURTHER_PLACE.sub(lambda found: urls.get(found[1], ""), text)


def enclosures(letter: Letter) -> list[Enclosure]:
    """Return what goes with the letter: stored PDFs, attachments, a calendar file; no two names alike."""
    named: dict[str, Enclosure] = {}
    for enclosure in _files(letter):
        name = _unused(enclosure.name, named)
        named[name.lower()] = enclosure._replace(name=name)
    return list(named.values())


def _files(letter: Letter) -> Iterator[Enclosure]:
    for document in letter.enclosed.order_by("pk"):
        yield _paper(document)
    if letter.document is not None:
        for kept in _attached(letter.kind, letter.document):
            yield _attachment(kept)
        if letter.kind in WITH_SIGNED_COPY:
            yield _paper(letter.document, kind="signed")
    if letter.calendar:
        # A mail program takes the file for an appointment only if the type repeats its method (RFC 6047, 2.4).
        method = calendars.method_of(letter.calendar)
        yield Enclosure("event.ics", letter.calendar.encode(), f"text/calendar; method={method}")


def _attached(kind: str, document: IssuedDocument) -> Iterator[DraftAttachment | RevisionAttachment]:
    """What the seller attached to the document that a letter brings."""
    if kind in ("invoice", "invoice_revised", "test"):
        yield from InvoiceAttachment.objects.filter(invoice__document=document)
        yield from RevisionAttachment.objects.filter(revision__document=document)
    if kind in ("quote", "test"):
        yield from QuoteAttachment.objects.filter(quote__document=document)


def _paper(document: IssuedDocument, kind: str = "pdf") -> Enclosure:
    """The newest paper of that kind."""
    revision = document.revision if kind == "pdf" else 1
    rendition = document.renditions.filter(kind=kind, revision=revision).first()
    if rendition is None:
        raise FileNotFoundError(document.number)
    with rendition.file.open("rb") as file:
        return Enclosure(file_name(f"{document.number}.pdf"), file.read(), "application/pdf")


def _attachment(kept: DraftAttachment | RevisionAttachment) -> Enclosure:
    stored = kept.file.name or ""
    ending = "." + stored.rpartition(".")[2] if "." in stored else ""
    name = str(kept) if str(kept).lower().endswith(ending.lower()) else str(kept) + ending
    with kept.file.open("rb") as file:
        return Enclosure(file_name(name), file.read(), mimetypes.guess_type(name)[0] or "application/octet-stream")


def file_name(text: str) -> str:
    """Return a name that every system takes: no slash, no control character, not hidden."""
    return _NOT_IN_FILE_NAMES.sub("-", addresses.one_line(text)).strip(" .")[-100:] or "file"


def _unused(name: str, taken: dict[str, Enclosure]) -> str:
    stem, dot, ending = name.rpartition(".")
    candidates = (f"{stem or ending} ({number}){dot}{ending if stem else ''}" for number in range(2, len(taken) + 3))
    return next(filter(lambda free: free.lower() not in taken, [name, *candidates]))


def _headers(letter: Letter) -> dict[str, str]:
    automatic = {"Auto-Submitted": "auto-generated"} if letter.kind in AUTOMATIC else {}
    return {"Message-ID": letter.message_id, **automatic}


def _sender() -> str:
    sender = addresses.sender()
    if not sender:
        raise Unsendable(_("The site has no sender address (DEFAULT_FROM_EMAIL)."))
    return sender


def _recipients(letter: Letter) -> list[str]:
    if not letter.to:
        raise Unsendable(_("There is no address to send it to."))
    return [_checked(address) for address in letter.to]


def _checked(address: object) -> str:
    try:
        return addresses.checked(str(address))
    except addresses.AddressRefused as error:
        raise Unsendable(_("“%(address)s” is not an e-mail address.") % {"address": address}) from error
