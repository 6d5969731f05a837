"""One function for each kind of letter; each writes it in the caller's transaction.

Here stand the letters with an editor's own text; what confirms something to a customer stands in
``confirmations``, what goes to the seller in ``notes``; of events, what goes to whoever registered stands in
``registrations``, to whoever comes in ``attendees``, to the organiser in ``organisers``. All are offered here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.mail import writing
from wagtail_payments.mail.attendees import (
    attendee_changed,
    event_changed,
    event_message,
    event_reminder,
    render_event_message,
)
from wagtail_payments.mail.confirmations import credit_note, payment_failed, payment_returned, receipt, refund_receipt
from wagtail_payments.mail.disputes import owner_disputed
from wagtail_payments.mail.notes import owner_paid, owner_refunded, question
from wagtail_payments.mail.of_several import payment_returned as payment_of_several_returned
from wagtail_payments.mail.organisers import owner_registered, owner_seat_lost
from wagtail_payments.mail.placeholders import (
    EVENT_PLACEHOLDERS,
    EVENT_SUBJECT_PLACEHOLDERS,
    PLACEHOLDERS,
    SUBJECT_PLACEHOLDERS,
    unknown_placeholders,
)
from wagtail_payments.mail.registrants import readers
from wagtail_payments.mail.registrations import registered, registration_cancelled, seat_lost, was_confirmed
from wagtail_payments.mail.revisions import changes_in_words, invoice_revised
from wagtail_payments.mail.ticket_deposits import balance
from wagtail_payments.mail.wordings import InvoiceFacts, default_invoice_text, link_to
from wagtail_payments.mail.writing import LaidOut, Post
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link

__all__ = [
    "EVENT_PLACEHOLDERS",
    "EVENT_SUBJECT_PLACEHOLDERS",
    "PLACEHOLDERS",
    "SUBJECT_PLACEHOLDERS",
    "attendee_changed",
    "balance",
    "changes_in_words",
    "credit_note",
    "default_invoice_text",
    "event_changed",
    "event_message",
    "event_reminder",
    "invoice",
    "invoice_revised",
    "owner_disputed",
    "owner_paid",
    "owner_refunded",
    "owner_registered",
    "owner_seat_lost",
    "payment_failed",
    "payment_of_several_returned",
    "payment_returned",
    "question",
    "readers",
    "receipt",
    "refund_receipt",
    "registered",
    "registration_cancelled",
    "render_event_message",
    "render_preview",
    "seat_lost",
    "test",
    "unknown_placeholders",
    "was_confirmed",
]


def invoice(
    *,
    document: IssuedDocument,
    link: Link,
    customer: Customer,
    to: Sequence[str],
    cc: Sequence[str],
    subject: str,
    text: str,
    by: Any,
    now: datetime,
) -> Letter:
    """Write the letter that brings an invoice, with the subject and text of an editor."""
    mark = writing.place()
    with translation.override(document.language):
        words = InvoiceFacts(document.invoice).words(subject=subject, text=text, url=mark)
    post = Post(
        kind="invoice",
        seller=document.seller,
        language=document.language,
        to=to,
        cc=cc,
        reply_to=document.seller.email,
        customer=customer,
        document=document,
        link=link,
        enclosed=[document],
        by=by,
    )
    return writing.write(post, words, mark=mark, now=now)


def test(*, invoice: Invoice, to: str, subject: str, text: str, by: Any, now: datetime) -> Letter:
    """Write an invoice's letter to the editor alone, marked as a test; a draft's link leads nowhere yet."""
    document = invoice.document
    link = link_to(document) if document else None
    mark = writing.place()
    with translation.override(invoice.language):
        notice = _("A test: only you got this letter. Your customer gets it without this line.")
        url = mark if link else example_url(invoice)
        words = InvoiceFacts(invoice).words(subject=_("Test:") + " " + subject, text=text, url=url, notice=notice)
    post = Post(
        kind="test",
        seller=invoice.seller,
        language=invoice.language,
        to=[to],
        reply_to=invoice.seller.email,
        customer=invoice.customer,
        document=document,
        link=link,
        enclosed=[document] if document else [],
        by=by,
    )
    return writing.write(post, words, mark=mark, now=now)


def render_preview(*, invoice: Invoice, subject: str, text: str) -> LaidOut:
    """Return the letter as HTML and as text for the preview panel; its link leads nowhere.

    Raises what adding up the lines of a draft raises.
    """
    with translation.override(invoice.language):
        words = InvoiceFacts(invoice).words(subject=subject, text=text, url=example_url(invoice))
    return writing.lay_out("invoice", words, seller=invoice.seller, language=invoice.language)


def example_url(invoice: Invoice) -> str:
    """Return what a customer's link looks like; this one opens nothing."""
    return f"{invoice.site.root_url}{reverse('wagtail_payments:link', args=['preview'])}"
