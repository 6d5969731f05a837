"""Rows that the actions would make, made by hand: a test of the records needs no action."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from typing import Any

from tests import factories
from wagtail_payments.core import money, snapshot
from wagtail_payments.core.lifecycle import QuoteState, RefundKind, RefundState, Stored
from wagtail_payments.core.numbering import Series
from wagtail_payments.models import (
    Agreement,
    Allocation,
    AttemptShare,
    Chain,
    Contract,
    CreditApplication,
    CreditNote,
    Deduction,
    DeliveryReport,
    Deposit,
    Dispute,
    DisputedMoney,
    DocumentRevision,
    Entry,
    EntryLine,
    Instalment,
    Invoice,
    InvoiceAttachment,
    IssuedDocument,
    Letter,
    Link,
    Opening,
    Payment,
    PaymentAttempt,
    Proforma,
    Promise,
    Quote,
    QuoteAttachment,
    QuoteQuestion,
    QuoteStep,
    Receipt,
    Refund,
    Rendition,
    RevisionAttachment,
    Withdrawal,
    WriteOff,
)

AT = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
ON = date(2026, 3, 16)
_counter = itertools.count(1)


def make_document(invoice: Invoice | Quote, series: Series = Series.INVOICE, **fields: Any) -> IssuedDocument:
    """Make an issued document with the next free number."""
    sequence = next(_counter)
    printed = snapshot.Document(
        kind=snapshot.Kind.INVOICE,
        mode="live",
        language="fr",
        currency=invoice.currency,
        seller=snapshot.Party(invoice.seller.name, snapshot.Address()),
        customer=snapshot.Party(invoice.customer.name, snapshot.Address()),
        number=f"{series}-{sequence}",
        gross=invoice.gross,
    )
    text = snapshot.to_text(printed)
    values: dict[str, Any] = {
        "seller": invoice.seller,
        "customer": invoice.customer,
        "mode": "live",
        "kind": printed.kind,
        "series": series,
        "year": 2026,
        "sequence": sequence,
        "number": printed.number,
        "issued_on": ON,
        "issued_at": AT,
        "language": "fr",
        "currency": invoice.currency,
        "gross": invoice.gross,
        "text": text,
        "sha256": snapshot.digest(text),
    }
    return IssuedDocument.objects.create(**values | fields)


def make_issued(invoice: Invoice | None = None, **fields: Any) -> Invoice:
    """Make an issued invoice."""
    invoice = Invoice.objects.get(pk=(invoice or factories.make_invoice(**fields)).pk)
    invoice.document, invoice.state = make_document(invoice), Stored.ISSUED
    invoice.save()
    return Invoice.objects.get(pk=invoice.pk)


def make_instalments(invoice: Invoice, *parts: tuple[date, int]) -> None:
    """Give a draft instalments of so many minor units each, fixed as issuing fixes them."""
    until = 0
    for place, (due_on, part) in enumerate(parts):
        until += part
        amount = money.to_major(part, invoice.currency)
        Instalment.objects.create(
            invoice=invoice, sort_order=place, due_on=due_on, amount=amount, part=part, until=until
        )


def make_promise(invoice: Invoice, planned_on: date, until: int, **fields: Any) -> Promise:
    """Make a promise to pay that stands."""
    values: dict[str, Any] = {"invoice": invoice, "standing_for": invoice, "made_at": AT}
    return Promise.objects.create(planned_on=planned_on, until=until, **values | fields)


def make_payment(invoice: Invoice, amount: int = 1000, **fields: Any) -> Payment:
    """Make a transfer received for an invoice, paying nothing yet."""
    values: dict[str, Any] = {
        "seller": invoice.seller,
        "customer": invoice.customer,
        "mode": "live",
        "method": "transfer",
        "amount": amount,
        "received_on": ON,
        "received_at": AT,
    }
    return Payment.objects.create(**values | fields)


def allocate(payment: Payment, invoice: Invoice, amount: int) -> Allocation:
    """Let a payment pay an invoice."""
    return Allocation.objects.create(payment=payment, invoice=invoice, amount=amount, at=AT)


def dispute(invoice: Invoice, amount: int, state: str, *, is_return: bool = False) -> Dispute:
    """Let a dispute take back what paid an invoice."""
    payment = invoice.allocations.latest("pk").payment
    made = Dispute.objects.create(
        payment=payment,
        gateway="stripe",
        mode="live",
        dispute_id=f"du_{next(_counter)}",
        amount=amount,
        reason="general",
        state=state,
        is_return=is_return,
        opened_at=AT,
    )
    DisputedMoney.objects.create(dispute=made, payment=payment, amount=amount, on=ON, at=AT)
    Allocation.objects.create(payment=payment, invoice=invoice, dispute=made, amount=-amount, at=AT)
    return made


def make_refund(payment: Payment, amount: int = 100, **fields: Any) -> Refund:
    """Make a refund that was asked for."""
    values: dict[str, Any] = {
        "payment": payment,
        "kind": RefundKind.OVERPAYMENT,
        "gateway": "manual",
        "mode": "live",
        "amount": amount,
        "state": RefundState.REQUESTED,
        "idempotency_key": f"refund-{next(_counter)}",
        "requested_at": AT,
    }
    return Refund.objects.create(**values | fields)


def make_credit_note(invoice: Invoice, gross: int = 100, **fields: Any) -> CreditNote:
    """Make a credit note on an issued invoice, lowering nothing yet."""
    document = make_document(invoice, Series.CREDIT_NOTE)
    values: dict[str, Any] = {"net": gross, "tax": 0, "gross": gross, "reason": "A mistake", "mode": "live"}
    return CreditNote.objects.create(seller=invoice.seller, invoice=invoice, document=document, **values | fields)


def apply_credit(credit_note: CreditNote, invoice: Invoice, amount: int) -> CreditApplication:
    """Let a credit note lower an invoice."""
    return CreditApplication.objects.create(credit_note=credit_note, invoice=invoice, amount=amount, at=AT)


def make_attempt(invoice: Invoice, amount: int = 1000, **fields: Any) -> PaymentAttempt:
    """Make a try to pay an invoice online."""
    values: dict[str, Any] = {
        "invoice": invoice,
        "site": invoice.site,
        "gateway": "stripe",
        "mode": "live",
        "amount": amount,
        "idempotency_key": f"attempt-{next(_counter)}",
        "created_at": AT,
    }
    live_for = fields.pop("live_for", None)
    attempt = PaymentAttempt.objects.create(**values | fields)
    AttemptShare.objects.create(attempt=attempt, invoice=invoice, live_for=live_for, amount=amount, asked=amount)
    return attempt


def make_entry(invoice: Invoice) -> Entry:
    """Make a balanced entry of two lines."""
    chain, _ = Chain.objects.get_or_create(seller=invoice.seller, mode="live", defaults={"head": "0" * 64})
    sequence = next(_counter)
    entry = Entry.objects.create(
        chain=chain,
        sequence=sequence,
        kind="issue",
        on=ON,
        recorded_at=AT,
        label="Invoice",
        text="{}",
        previous_seal="0" * 64,
        seal="1" * 64,
        key_id="tests",
        booked_once=f"issue-{sequence}",
    )
    EntryLine.objects.create(entry=entry, account="411000", debit=100)
    EntryLine.objects.create(entry=entry, account="706000", credit=100)
    return entry


def make_link(document: IssuedDocument) -> Link:
    """Make the customer's link to a document."""
    site = factories.default_site()
    return Link.objects.create(document=document, site=site, public_id=f"{next(_counter):032}", created_at=AT)


def make_letter(document: IssuedDocument) -> Letter:
    """Make a letter about a document."""
    return Letter.objects.create(
        kind="invoice",
        seller=document.seller,
        document=document,
        language="fr",
        subject="Facture",
        text="Bonjour",
        message_id=f"<{next(_counter)}@tests>",
        due_at=AT,
        created_at=AT,
    )


def make_sent_quote(**fields: Any) -> Quote:
    """Make a quote that was sent, with an optional line, a plan and an attachment."""
    plan = [("Deposit", "30", None, "at_signature"), ("Balance", None, None, "on_milestone")]
    quote = factories.make_quote(plan=plan, **fields)
    QuoteAttachment.objects.create(quote=quote, file="attachments/offer.pdf", name="Offer")
    quote = Quote.objects.get(pk=quote.pk)
    quote.document = make_document(quote, Series.QUOTE, kind=snapshot.Kind.QUOTE)
    quote.state, quote.valid_until, quote.draft_slot, quote.live_slot = QuoteState.SENT, ON, None, quote.family
    quote.save()
    return Quote.objects.get(pk=quote.pk)


def make_agreement(quote: Quote, **fields: Any) -> Agreement:
    """Make an acceptance by phone."""
    values: dict[str, Any] = {"how": "phone", "at": AT, "on": ON, "name": "Nadia", "note": "She called."}
    sums = {"net": quote.net, "tax": quote.tax, "gross": quote.gross}
    return Agreement.objects.create(quote=quote, text="{}", sha256="0" * 64, **values | sums | fields)


def make_step(quote: Quote, number: int = 1) -> QuoteStep:
    """Make a step of the evidence."""
    values = {"kind": "sent", "at": AT, "previous": "0" * 64, "sha256": "1" * 64}
    return QuoteStep.objects.create(quote=quote, number=number, **values)


def make_all_frozen() -> dict[str, Any]:
    """Make one row of each record that is frozen from its first second, and of each part of an issued invoice."""
    item = factories.make_item()
    line = factories.make_line("Training", "1", "100", "20", item=item)
    invoice = factories.make_invoice(lines=[line])
    InvoiceAttachment.objects.create(invoice=invoice, file="attachments/programme.pdf", name="Programme")
    make_instalments(invoice, (ON, invoice.gross))
    invoice = make_issued(invoice)
    assert invoice.document is not None
    payment, credit_note, link = make_payment(invoice), make_credit_note(invoice), make_link(invoice.document)
    entry, letter = make_entry(invoice), make_letter(invoice.document)
    receipt = make_document(invoice, Series.RECEIPT)
    quote = make_sent_quote()
    revision = DocumentRevision.objects.create(document=invoice.document, revision=2, sha256="0" * 64, at=AT)
    return {
        "Quote": quote,
        "QuoteLine": quote.lines.get(),
        "QuoteAttachment": quote.attachments.get(),
        "PlanStep": quote.plan.first(),
        "QuoteStep": make_step(quote),
        "QuoteQuestion": QuoteQuestion.objects.create(quote=quote, text="When?", at=AT),
        "Agreement": make_agreement(quote),
        "Withdrawal": Withdrawal.objects.create(
            quote=quote, name="Julie", email="a@example.org", statement="I withdraw", at=AT
        ),
        "Contract": Contract.objects.create(quote=quote, invoice=invoice, made_at=AT),
        "Invoice": invoice,
        "InvoiceLine": invoice.lines.get(),
        "InvoiceAttachment": invoice.attachments.get(),
        "Instalment": invoice.instalments.get(),
        "Promise": make_promise(invoice, ON, invoice.gross),
        "IssuedDocument": invoice.document,
        "Rendition": Rendition.objects.create(
            document=invoice.document, file="documents/f.pdf", sha256="0" * 64, size=1, created_at=AT
        ),
        "Payment": payment,
        "Allocation": allocate(payment, invoice, 100),
        "DisputedMoney": dispute(invoice, 10, "lost").moved.get(),
        "WriteOff": WriteOff.objects.create(invoice=invoice, amount=10, reason="x", at=AT),
        "CreditNote": credit_note,
        "CreditApplication": apply_credit(credit_note, invoice, 50),
        "Receipt": Receipt.objects.create(document=receipt, payment=payment),
        "Entry": entry,
        "EntryLine": entry.lines.first(),
        "Opening": Opening.objects.create(link=link, generation=1, at=AT),
        "DeliveryReport": DeliveryReport.objects.create(letter=letter, event="delivered", at=AT),
        "DocumentRevision": revision,
        "RevisionAttachment": RevisionAttachment.objects.create(revision=revision, file="attachments/plan.pdf"),
        "Deposit": Deposit.objects.create(invoice=invoice, contract=invoice, amount=100),
        "Deduction": Deduction.objects.create(
            invoice=invoice, deducted=invoice, net=100, tax=20, gross=120, text='[["S","20","",100,20]]'
        ),
        "Proforma": Proforma.objects.create(invoice=invoice, document=make_document(invoice, Series.PROFORMA)),
    }
