"""One function for each kind of letter; each writes it in the caller's transaction.

Here stand the letters with an editor's own text; what confirms something to a customer stands in
``confirmations``, what goes to the seller in ``notes``; of events, what goes to whoever registered stands in
``registrations``, to whoever comes in ``attendees``, to the organiser in ``organisers``. All are offered here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import translation

from wagtail_payments.mail import drafted, posts, writing
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
from wagtail_payments.mail.wordings import InvoiceFacts, default_invoice_text
from wagtail_payments.mail.writing import LaidOut
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
    link: Link | None,
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
        words = InvoiceFacts(document.invoice).words(subject=subject, text=text, url=mark if link else "")
    post = replace(posts.to_customer("invoice", document, link, by=by), to=to, cc=cc, enclosed=[document])
    return writing.write(replace(post, customer=customer), words, mark=mark, now=now)


def test(*, invoice: Invoice, to: str, subject: str, text: str, by: Any, now: datetime) -> Letter:
    """Write an invoice's letter to the editor alone, marked as a test; a draft's link leads nowhere yet."""
    return drafted.test(invoice, InvoiceFacts, to=to, subject=subject, text=text, by=by, now=now)


def render_preview(*, invoice: Invoice, subject: str, text: str) -> LaidOut:
    """Return the letter as HTML and as text for the preview panel; its link leads nowhere.

    Raises what adding up the lines of a draft raises.
    """
    return drafted.preview("invoice", invoice, InvoiceFacts, subject=subject, text=text)
