"""Letters to the seller: money came, money went back, a customer asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.mail import posts, writing
from wagtail_payments.mail.addresses import checked, one_line
from wagtail_payments.mail.placeholders import plain
from wagtail_payments.mail.wordings import notice_of
from wagtail_payments.mail.writing import Post, Words
from wagtail_payments.printing.amounts import Writer, method_name
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.payments import Payment, Refund
from wagtail_payments.records.registrations import Registration


def owner_paid(*, document: IssuedDocument, payment: Payment, now: datetime) -> Letter:
    """Tell the seller that money came, with a copy of the receipt, once."""
    seller = document.seller
    with translation.override(seller.language):
        writer = Writer(seller.language, payment.currency)
        said = {"amount": writer.money(payment.amount), "customer": _customer_of(document), "about": _about(document)}
        rows = [
            (_("Customer"), said["customer"]),
            (_("Amount"), said["amount"]),
            (_("Fee"), writer.money(payment.fee) if payment.fee else ""),
            (_("Paid by"), method_name(payment.method)),
            (_("Received on"), writer.date(payment.received_on.isoformat())),
            (_("Invoice"), said["about"]),
            (_("Pays nothing yet"), _unallocated(document, writer)),
            (_("Receipt"), document.number),
        ]
        words = Words(
            subject=_("%(customer)s has paid %(amount)s (%(about)s)") % said,
            paragraphs=[plain(_("You have received %(amount)s from %(customer)s.") % said)],
            facts=_filled(rows),
            notice=notice_of(document.mode),
        )
    once = f"owner_paid:{payment.pk}"
    return posts.to_seller("owner_paid", document, words, once=once, enclosed=[document], now=now)


def owner_refunded(*, document: IssuedDocument, refund: Refund, now: datetime) -> Letter:
    """Tell the seller that money went back, with a copy of the receipt, once."""
    seller = document.seller
    with translation.override(seller.language):
        writer = Writer(seller.language, refund.currency)
        said = {"amount": writer.money(refund.amount), "customer": _customer_of(document)}
        rows = [
            (_("Customer"), said["customer"]),
            (_("Amount"), said["amount"]),
            (_("For"), _about(document)),
            (_("Reason"), refund.reason),
            (_("Receipt"), document.number),
        ]
        words = Words(
            subject=_("%(amount)s went back to %(customer)s") % said,
            paragraphs=[plain(_("The refund of %(amount)s to %(customer)s is done.") % said)],
            facts=_filled(rows),
            notice=notice_of(document.mode),
        )
    once = f"owner_refunded:{refund.pk}"
    return posts.to_seller("owner_refunded", document, words, once=once, enclosed=[document], now=now)


def question(*, document: IssuedDocument, link: Link, text: str, from_email: str, now: datetime) -> Letter:
    """Bring a customer's question to the seller, whose answer goes to the customer.

    The customer's link does not stand in it. Raises ``AddressRefused`` for an address that is none.
    """
    post = Post(
        kind="question",
        seller=document.seller,
        language=document.seller.language,
        to=[document.seller.email],
        customer=document.customer,
        document=link.document,
    )
    about = About(document.number, _customer_of(document), gettext_lazy("Document"))
    return _asked(post, about, text, from_email, now)


def event_question(*, registration: Registration, text: str, from_email: str, now: datetime) -> Letter:
    """Bring a registrant's question to the organiser, whose answer goes to the registrant.

    Raises ``AddressRefused`` for an address that is none.
    """
    event = registration.event
    post = Post(
        kind="question",
        seller=event.seller,
        language=event.seller.language,
        to=[event.contact],
        registration=registration,
    )
    about = About(one_line(event.name), one_line(registration.name), gettext_lazy("Event"))
    return _asked(post, about, text, from_email, now)


@dataclass(frozen=True, slots=True)
class About:
    """What a question is about, by its number or name; who asks; and what the former is called in the table."""

    number: str
    customer: str
    label: Any


def _asked(post: Post, about: About, text: str, from_email: str, now: datetime) -> Letter:
    address = checked(from_email)
    with translation.override(post.language):
        said = {"number": about.number, "customer": about.customer, "address": address}
        words = Words(
            subject=_("Question about %(number)s from %(customer)s") % said,
            paragraphs=[
                plain(_("%(customer)s asks about %(number)s:") % said),
                *(plain(block) for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()),
            ],
            facts=[(str(about.label), about.number), (_("Answer to"), address)],
            notice=_("Simply reply to this e-mail: your answer goes to %(address)s.") % said,
        )
    return writing.write(replace(post, reply_to=address), words, now=now)


def _customer_of(document: IssuedDocument) -> str:
    return one_line(document.frozen.customer.name) or _("somebody unknown")


def _about(document: IssuedDocument) -> str:
    moved = document.frozen.moved
    return ", ".join(share.number for share in moved.shares) if moved and moved.shares else _("no invoice")


def _unallocated(document: IssuedDocument, writer: Writer) -> str:
    moved = document.frozen.moved
    return writer.money(moved.unallocated) if moved and moved.unallocated else ""


def _filled(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in rows if value]
