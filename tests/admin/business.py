"""One record of every book, made by the same verbs as in real use, and many more of them where a list must be long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests import factories
from tests.stories import organiser
from wagtail_payments import ports
from wagtail_payments.actions import alerts, credits, invoices, payments, quotes, refunds
from wagtail_payments.actions.baskets import Place
from wagtail_payments.mail import letters
from wagtail_payments.mail import quotes as quote_letters
from wagtail_payments.models import (
    Alert,
    CreditNote,
    Dispute,
    Entry,
    EntryLine,
    Invoice,
    IssuedDocument,
    Letter,
    Payment,
    Quote,
    Refund,
    Reminder,
    WebhookDelivery,
)


@dataclass(frozen=True)
class Business:
    """A small business after one sale that was paid twice over and partly taken back."""

    invoice: Invoice
    draft: Invoice
    payment: Payment
    credit_note: CreditNote
    refund: Refund
    dispute: Dispute
    entry: Entry
    letter: Letter
    delivery: WebhookDelivery
    alert: Alert

    @property
    def receipt(self) -> IssuedDocument:
        """The paper that the customer got for the payment."""
        return self.payment.receipt.document


def open_business(now: datetime, **customer: Any) -> Business:
    """Issue and send an invoice, take 100.00 too much for it, credit and refund 120.00 of it by hand."""
    draft = factories.make_invoice(customer=factories.make_customer(**customer))
    invoice = _sent(draft, now)
    payment = record_payment(invoice, invoice.gross + 100_00, now)
    key = credits.creditable(invoice)[0].key
    wish = refunds.Wish(0, by_hand=True, reason="One hour less", by=None, form_key=ports.new_id())
    note, refund = refunds.refund_invoice(
        invoice_id=invoice.pk, amounts={key: 120_00}, payment_id=payment.pk, wish=wish, now=now
    )
    assert refund is not None
    return Business(
        invoice=invoice,
        draft=factories.make_invoice(customer=invoice.customer),
        payment=payment,
        credit_note=note,
        refund=refund,
        dispute=make_dispute(payment, now, state="won", amount=payment.amount),
        entry=Entry.objects.filter(kind="payment").latest("pk"),
        letter=Letter.objects.filter(kind="invoice").latest("pk"),
        delivery=make_delivery(now),
        alert=alerts.raise_once(kind="mismatch", key=ports.new_id(), text="Please look", now=now, invoice=invoice),
    )


def make_dispute(payment: Payment, now: datetime, **fields: Any) -> Dispute:
    """Keep a dispute as a provider would have told it."""
    values = {
        "gateway": "stripe",
        "mode": payment.mode,
        "dispute_id": f"du_{ports.new_id()}",
        "amount": 50,
        "reason": "fraudulent",
        "state": "needs_response",
        "evidence_due_by": now,
        "opened_at": now,
    }
    return Dispute.objects.create(payment=payment, **values | fields)


def _sent(draft: Invoice, now: datetime) -> Invoice:
    subject, text = letters.default_invoice_text(invoice=draft, language=draft.language)
    to = [draft.customer.email]
    return invoices.issue_and_send(invoice_id=draft.pk, by=None, now=now, to=to, cc=[], subject=subject, text=text)


def sent_quote(draft: Quote, now: datetime) -> Quote:
    """Send a quote."""
    subject, text = quote_letters.default_quote_text(quote=draft, language=draft.language)
    to = [draft.customer.email]
    return quotes.send(quote_id=draft.pk, by=None, now=now, to=to, cc=[], subject=subject, text=text)


def record_payment(invoice: Invoice, amount: int, now: datetime, **fields: Any) -> Payment:
    """Record a transfer."""
    values = {"method": "transfer", "received_on": invoice.seller.today(now), "reference": "VIR 1", "by": None}
    return payments.record(invoice=invoice, amount=amount, now=now, form_key=ports.new_id(), **values | fields)


def make_delivery(now: datetime, **fields: Any) -> WebhookDelivery:
    """Store a message as a provider would have sent it."""
    values = {
        "gateway": "stripe",
        "message_id": f"evt_{ports.new_id()}",
        "type": "checkout.session.completed",
        "body": '{"id": "evt_1", "note": "<script>alert(1)</script>"}',
        "sent_at": now,
        "received_at": now,
        "state": "refused",
        "outcome": "The amount differs",
    }
    return WebhookDelivery.objects.create(**values | fields)


def more_payments(business: Business, now: datetime, count: int) -> None:
    """Add payments of as many customers."""
    for number in range(count):
        customer = factories.make_customer(name=f"Customer {number}")
        facts = {"method": "transfer", "amount": 1000 + number, "currency": "EUR", "mode": business.payment.mode}
        seller = business.invoice.seller
        Payment.objects.create(
            seller=seller, customer=customer, received_on=seller.today(now), received_at=now, **facts
        )


def more_refunds(business: Business, now: datetime, count: int) -> None:
    """Add refunds, each of a payment of its own."""
    more_payments(business, now, count)
    for payment in Payment.objects.exclude(pk=business.payment.pk)[:count]:
        Refund.objects.create(
            payment=payment,
            kind="credit_note",
            credit_note=business.credit_note,
            gateway="manual",
            mode=payment.mode,
            amount=1,
            idempotency_key=ports.new_id(),
            requested_at=now,
        )


def more_disputes(business: Business, now: datetime, count: int) -> None:
    """Add disputes, each of a payment of its own."""
    more_payments(business, now, count)
    for payment in Payment.objects.exclude(pk=business.payment.pk)[:count]:
        make_dispute(payment, now)


def more_credit_notes(business: Business, now: datetime, count: int) -> None:
    """Add invoices with a credit note each."""
    for number in range(count):
        draft = factories.make_invoice(customer=factories.make_customer(name=f"Customer {number}"))
        invoice = invoices.issue(invoice_id=draft.pk, by=None, now=now)
        key = credits.creditable(invoice)[0].key
        credits.credit(
            invoice_id=invoice.pk, amounts={key: 100}, reason="Less", by=None, now=now, form_key=ports.new_id()
        )


def more_entries(business: Business, now: datetime, count: int) -> None:
    """Add entries of one line each; only what a list shows of them matters."""
    chain = business.entry.chain
    for _ in range(count):
        sealed = {"text": "{}", "previous_seal": "", "seal": "", "key_id": "k", "booked_once": ports.new_id()}
        entry = Entry.objects.create(
            chain=chain,
            sequence=1000 + Entry.objects.count(),
            kind="payment",
            on=now.date(),
            recorded_at=now,
            label="More",
            **sealed,
        )
        EntryLine.objects.create(entry=entry, account="512000", debit=100)


def more_letters(business: Business, now: datetime, count: int) -> None:
    """Add letters to as many customers, and those that as many registrations bring."""
    more_registrations(business, now, count)
    for number in range(count):
        Letter.objects.create(
            kind="invoice",
            seller=business.invoice.seller,
            customer=factories.make_customer(name=f"Customer {number}"),
            document=business.invoice.document,
            language="en",
            to=["a@example.org"],
            subject=f"Letter {number}",
            message_id=ports.new_id(),
            due_at=now,
            created_at=now,
        )


def more_deliveries(business: Business, now: datetime, count: int) -> None:
    """Add messages."""
    for _ in range(count):
        make_delivery(now)


def more_alerts(business: Business, now: datetime, count: int) -> None:
    """Add alerts about the same invoice."""
    for number in range(count):
        alerts.raise_once(
            kind="mismatch",
            key=ports.new_id(),
            text=f"Look {number}",
            now=now + timedelta(minutes=number),
            invoice=business.invoice,
        )


def more_registrations(business: Business, now: datetime, count: int) -> None:
    """Add registrations for a free event."""
    event = factories.make_event(capacity=None, ticket_types=False)
    ticket = factories.make_ticket_type(event, price=0)
    for _ in range(count):
        organiser.register(event, [Place(ticket.pk)])


def make_reminder(invoice: Invoice, now: datetime, **fields: Any) -> Reminder:
    """Make a reminder whose letter, if any, is written."""
    values: dict[str, Any] = {
        "due_on": invoice.due_on or now.date(),
        "planned_on": now.date(),
        "days": invoice.reminders.count(),
        "state": "written" if fields.get("letter") else "skipped",
        "reason": "" if fields.get("letter") else "muted",
        "made_at": now,
    }
    return Reminder.objects.create(invoice=invoice, **values | fields)


def more_reminders(business: Business, now: datetime, count: int) -> None:
    """Add reminders of invoices to customers of their own."""
    more_letters(business, now, count)
    for letter in Letter.objects.order_by("-pk")[:count]:
        draft = factories.make_invoice(customer=letter.customer)
        make_reminder(invoices.issue(invoice_id=draft.pk, by=None, now=now), now, letter=letter)


MORE: dict[str, Callable[[Business, datetime, int], None]] = {
    "creditnote": more_credit_notes,
    "payment": more_payments,
    "refund": more_refunds,
    "dispute": more_disputes,
    "entry": more_entries,
    "letter": more_letters,
    "webhookdelivery": more_deliveries,
    "alert": more_alerts,
    "registration": more_registrations,
    "reminder": more_reminders,
}
