"""Letters to the seller: money came, money went back, a customer asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.mail import writing
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
from wagtail_payments.records.sellers import Seller


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
    return _to_seller(seller, document, words, kind="owner_paid", once=f"owner_paid:{payment.pk}", now=now)


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
    return _to_seller(seller, document, words, kind="owner_refunded", once=f"owner_refunded:{refund.pk}", now=now)


def question(*, document: IssuedDocument, link: Link, text: str, from_email: str, now: datetime) -> Letter:
    """Bring a customer's question to the seller, whose answer goes to the customer.

    The customer's link does not stand in it. Raises ``AddressRefused`` for an address that is none.
    """
    seller, address = document.seller, checked(from_email)
    with translation.override(seller.language):
        said = {"number": document.number, "customer": _customer_of(document), "address": address}
        words = Words(
            subject=_("Question about %(number)s from %(customer)s") % said,
            paragraphs=[
                plain(_("%(customer)s asks about %(number)s:") % said),
                *(plain(block) for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()),
            ],
            facts=[(_("Document"), document.number), (_("Answer to"), address)],
            notice=_("Simply reply to this e-mail: your answer goes to %(address)s.") % said,
        )
    post = Post(
        kind="question",
        seller=seller,
        language=seller.language,
        to=[seller.email],
        reply_to=address,
        customer=document.customer,
        document=link.document,
    )
    return writing.write(post, words, now=now)


def event_question(*, registration: Registration, text: str, from_email: str, now: datetime) -> Letter:
    """Bring a registrant's question to the organiser, whose answer goes to the registrant.

    Raises ``AddressRefused`` for an address that is none.
    """
    event, address = registration.event, checked(from_email)
    with translation.override(event.seller.language):
        said = {"number": one_line(event.name), "customer": one_line(registration.name), "address": address}
        words = Words(
            subject=_("Question about %(number)s from %(customer)s") % said,
            paragraphs=[
                plain(_("%(customer)s asks about %(number)s:") % said),
                *(plain(block) for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()),
            ],
            facts=[(_("Event"), said["number"]), (_("Answer to"), address)],
            notice=_("Simply reply to this e-mail: your answer goes to %(address)s.") % said,
        )
    post = Post(
        kind="question",
        seller=event.seller,
        language=event.seller.language,
        to=[event.contact],
        reply_to=address,
        registration=registration,
    )
    return writing.write(post, words, now=now)


def _to_seller(
    seller: Seller, document: IssuedDocument, words: Words, *, kind: str, once: str, now: datetime
) -> Letter:
    customer = document.customer
    post = Post(
        kind=kind,
        seller=seller,
        language=seller.language,
        to=[seller.copy_to or seller.email],
        reply_to=customer.email if customer else "",
        customer=customer,
        document=document,
        enclosed=[document],
        once=once,
    )
    return writing.already_written(once) or writing.write(post, words, now=now)


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
