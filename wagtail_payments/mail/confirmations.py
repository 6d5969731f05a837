"""Letters that confirm to a customer what happened: money came, money went back, a bill was lowered, a bank refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.core.snapshot import Document
from wagtail_payments.mail import of_several, posts, templates, vocabulary, writing
from wagtail_payments.mail.placeholders import Linked
from wagtail_payments.mail.registrations import unpaid
from wagtail_payments.mail.templates import MARKS, Marks, Said, Template
from wagtail_payments.mail.wordings import InvoiceFacts, link_to, notice_of
from wagtail_payments.mail.writing import Words
from wagtail_payments.printing.amounts import Writer, method_within
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.disputes import Dispute
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.payments import Payment, Refund


def receipt(*, document: IssuedDocument, payment: Payment, now: datetime) -> Letter | None:
    """Write the letter that brings the receipt of a payment, once; None where nobody's address is known."""
    link, mark = link_to(document), writing.place()
    with translation.override(document.language):
        writer = Writer(document.language, payment.currency)
        values = {
            "amount": writer.money(payment.amount),
            "date": writer.date(payment.received_on.isoformat()),
            "method": method_within(payment.method),
        }
        words = _about(document, RECEIPT, values, url=mark if link else "")
    return _to_customer(document, link, words, mark, kind="receipt", once=f"receipt:{payment.pk}", now=now)


def refund_receipt(*, document: IssuedDocument, refund: Refund, now: datetime) -> Letter | None:
    """Write the letter that says money went back, once; None where nobody's address is known."""
    link, mark = link_to(document), writing.place()
    with translation.override(document.language):
        amount = Writer(document.language, refund.currency).money(refund.amount)
        words = _about(
            document, REFUND_RECEIPT, {"amount": amount, "how": _went_back(refund, amount)}, url=mark if link else ""
        )
    return _to_customer(document, link, words, mark, kind="refund_receipt", once=f"refund_receipt:{refund.pk}", now=now)


def _went_back(refund: Refund, amount: str) -> str:
    if refund.gateway == "manual":
        return _("We have paid %(amount)s back to you.") % {"amount": amount}
    if refund.payment.card:
        text = _("We have sent %(amount)s back to your card (%(card)s). Your bank may take up to ten days to show it.")
        return text % {"amount": amount, "card": refund.payment.card}
    text = _("We have sent %(amount)s back the way you paid. Your bank may take up to ten days to show it.")
    return text % {"amount": amount}


def credit_note(*, document: IssuedDocument, link: Link, customer: Customer, by: Any, now: datetime) -> Letter | None:
    """Write the letter that brings a credit note, once; None where nobody's address is known."""
    mark = writing.place()
    note = document.credit_note
    with translation.override(document.language):
        values = {
            "invoice": note.invoice.number,
            "amount": Writer(document.language, note.currency).money(note.gross),
            "reason": _("Reason: %(reason)s") % {"reason": note.reason} if note.reason else "",
        }
        words = _about(document, CREDIT_NOTE, values, url=mark if link else "")
    return _to_customer(
        document, link, words, mark, kind="credit_note", once=f"credit_note:{document.pk}", by=by, now=now
    )


def payment_failed(*, attempt: PaymentAttempt, now: datetime) -> Letter | None:
    """Write to the customer that a bank did not carry out a payment, once; None where nobody's address is known."""
    if attempt.payment_request_id is not None:
        return of_several.payment_failed(attempt=attempt, now=now)
    if attempt.invoice.document is None:
        registration = getattr(attempt.invoice, "registration", None)
        return unpaid(registration=registration, attempt=attempt, now=now) if registration else None
    with translation.override(attempt.invoice.language):
        open_still = _("The invoice is still to be paid. You can try again, or pay in another way:")
    once = f"payment_failed:{attempt.pk}"
    return _not_paid(attempt.invoice, PAYMENT_FAILED, attempt.amount, open_still, once=once, now=now)


def payment_returned(*, dispute: Dispute, invoice: Invoice, now: datetime) -> Letter | None:
    """Write to the customer that the bank returned a debit, once; None where nobody's address is known."""
    with translation.override(invoice.language):
        open_still = _("The invoice is to be paid again. Please pay it in another way:")
    once = f"payment_returned:{dispute.pk}"
    return _not_paid(invoice, PAYMENT_RETURNED, dispute.amount, open_still, once=once, now=now)


def _not_paid(
    invoice: Invoice, template: Template, amount: int, open_still: str, *, once: str, now: datetime
) -> Letter | None:
    """Money that was under way, or had come, did not stay: ``open_still`` is said where the invoice is not paid."""
    document = invoice.document
    if document is None:
        return None
    link, mark = link_to(document), writing.place()
    with translation.override(document.language):
        facts = InvoiceFacts(invoice)
        otherwise = _("The invoice has been paid otherwise in the meantime. There is nothing to do.")
        values = {"amount": facts.writer.money(amount), "what_now": open_still if facts.due else otherwise}
        words = _about(document, template, values, url=mark if link else "", button=facts.button(), facts=facts.rows())
    return _to_customer(document, link, words, mark, kind=template.key, once=once, enclose=False, now=now)


def _receipt_words() -> Said:
    return _letter(
        _("Receipt %(number)s from %(seller)s: %(amount)s"),
        _("We have received your payment of %(amount)s (%(method)s, %(date)s). Thank you!"),
        _("Your receipt is attached. There is nothing more to do."),
    )


def _refund_words() -> Said:
    return _letter(
        _("Refund of %(amount)s from %(seller)s (%(number)s)"),
        "{{ how }}",
        _("The receipt of the refund is attached. There is nothing to do."),
    )


def _credit_note_words() -> Said:
    lowers = _("This credit note lowers invoice %(number)s by %(amount)s. It is attached as a PDF.")
    return _letter(
        _("Credit note %(number)s from %(seller)s: %(amount)s"),
        lowers % Marks(number="{{ invoice }}"),
        "{{ reason }}",
        _("Do you have a question? Simply reply to this e-mail."),
    )


def _failed_words() -> Said:
    return _letter(
        _("Your payment for invoice %(number)s did not go through"),
        _("Your bank did not carry out the payment of %(amount)s for invoice %(number)s."),
        "{{ what_now }}",
    )


def _returned_words() -> Said:
    return _letter(
        _("Your bank returned the payment of invoice %(number)s"),
        _("Your bank has returned the direct debit of %(amount)s for invoice %(number)s."),
        "{{ what_now }}",
    )


def _letter(subject: str, *texts: str) -> Said:
    """Greeting, sentences, the link and closing."""
    greeting = _("Hello %(name)s,") % {"name": "{{ customer }}"}
    closing = _("Kind regards") + "\n{{ seller }}"
    said = (text % MARKS for text in texts)
    return Said(subject % MARKS, templates.joined(greeting, *said, "#LINK", closing))


_FACTS = ((gettext_lazy("Number"), "number"), (gettext_lazy("Amount"), "amount"))
RECEIPT = templates.register(
    Template(
        "receipt",
        gettext_lazy("Receipt"),
        gettext_lazy("As soon as money has come, with the receipt."),
        vocabulary.RECEIPT,
        _receipt_words,
        lambda: _("See the receipt"),
        _FACTS,
    )
)
REFUND_RECEIPT = templates.register(
    Template(
        "refund_receipt",
        gettext_lazy("Refund receipt"),
        gettext_lazy("As soon as money has gone back, with the receipt of the refund."),
        vocabulary.REFUND,
        _refund_words,
        lambda: _("See the receipt"),
        _FACTS,
    )
)
CREDIT_NOTE = templates.register(
    Template(
        "credit_note",
        gettext_lazy("Credit note"),
        gettext_lazy("With a credit note."),
        vocabulary.CREDIT_NOTE,
        _credit_note_words,
        lambda: _("See the credit note"),
        _FACTS,
    )
)
PAYMENT_FAILED = templates.register(
    Template(
        "payment_failed",
        gettext_lazy("Payment that failed"),
        gettext_lazy("When a bank refuses a payment that was under way."),
        vocabulary.FAILED,
        _failed_words,
        lambda: _("See the invoice"),
        _FACTS,
    )
)


PAYMENT_RETURNED = templates.register(
    Template(
        "payment_returned",
        gettext_lazy("Payment that came back"),
        gettext_lazy("When a bank returns a direct debit that had been paid."),
        vocabulary.FAILED,
        _returned_words,
        lambda: _("See the invoice"),
        _FACTS,
    )
)


def _about(
    document: IssuedDocument,
    template: Template,
    values: dict[str, str],
    *,
    url: str,
    button: str = "",
    facts: Sequence[tuple[str, str]] = (),
) -> Words:
    """Words about an issued document, with facts and a button, in the active language."""
    printed = document.frozen
    known = {
        "number": printed.number,
        "seller": printed.seller.name,
        "customer": printed.customer.contact or printed.customer.name,
    }
    total = Writer(document.language, document.currency).money(printed.gross)
    return templates.words(
        template,
        seller=document.seller,
        language=document.language,
        values=known | values,
        linked=Linked(url, button or template.button()),
        facts=facts or _facts_of(printed, total),
        notice=notice_of(document.mode),
    )


def _facts_of(printed: Document, amount: str) -> list[tuple[str, str]]:
    about = [share.number for share in printed.moved.shares] if printed.moved else []
    about += [reference.number for reference in printed.preceding]
    rows = [
        (_("Number"), printed.number),
        (_("Amount"), amount),
        (_("For"), ", ".join(number for number in about if number)),
    ]
    return [(label, value) for label, value in rows if value]


def _to_customer(
    document: IssuedDocument,
    link: Link | None,
    words: Words,
    mark: str,
    *,
    kind: str,
    once: str,
    now: datetime,
    enclose: bool = True,
    by: Any = None,
) -> Letter | None:
    """Write to the customer of a document, once for the occasion; None where there is nobody to write to."""
    customer = document.customer
    if customer is None or not customer.email:
        return None
    post = posts.to_customer(kind, document, link, by=by, once=once)
    post = replace(post, enclosed=[document] if enclose else [])
    return writing.already_written(once) or writing.write(post, words, mark=mark if link else "", now=now)
