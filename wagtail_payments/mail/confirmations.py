"""Letters that confirm to a customer what happened: money came, money went back, a bill was lowered, a bank refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.core.snapshot import Document
from wagtail_payments.mail import writing
from wagtail_payments.mail.placeholders import button_to, plain
from wagtail_payments.mail.registrations import unpaid
from wagtail_payments.mail.wordings import InvoiceFacts, link_to, notice_of
from wagtail_payments.mail.writing import Post, Words
from wagtail_payments.printing.amounts import Writer, method_within
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.disputes import Dispute
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.payments import Payment, PaymentAttempt, Refund


def receipt(*, document: IssuedDocument, payment: Payment, now: datetime) -> Letter | None:
    """Write the letter that brings the receipt of a payment, once; None where nobody's address is known."""
    mark = writing.place()
    with translation.override(document.language):
        said = {
            "amount": Writer(document.language, payment.currency).money(payment.amount),
            "date": Writer(document.language, payment.currency).date(payment.received_on.isoformat()),
            "method": method_within(payment.method),
        }
        texts = [
            _("We have received your payment of %(amount)s (%(method)s, %(date)s). Thank you!") % said,
            _("Your receipt is attached. There is nothing more to do."),
        ]
        subject = _("Receipt %(number)s from %(seller)s: %(amount)s")
        words = _about(document, subject, texts, button=_("See the receipt"), url=mark)
    return _to_customer(document, words, mark, kind="receipt", once=f"receipt:{payment.pk}", now=now)


def refund_receipt(*, document: IssuedDocument, refund: Refund, now: datetime) -> Letter | None:
    """Write the letter that says money went back, once; None where nobody's address is known."""
    mark = writing.place()
    with translation.override(document.language):
        amount = Writer(document.language, refund.currency).money(refund.amount)
        texts = [_went_back(refund, amount), _("The receipt of the refund is attached. There is nothing to do.")]
        subject = _("Refund of %(amount)s from %(seller)s (%(number)s)")
        words = _about(document, subject, texts, button=_("See the receipt"), url=mark)
    return _to_customer(document, words, mark, kind="refund_receipt", once=f"refund_receipt:{refund.pk}", now=now)


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
        said = {"number": note.invoice.number, "amount": Writer(document.language, note.currency).money(note.gross)}
        texts = [
            _("This credit note lowers invoice %(number)s by %(amount)s. It is attached as a PDF.") % said,
            _("Reason: %(reason)s") % {"reason": note.reason} if note.reason else "",
            _("Do you have a question? Simply reply to this e-mail."),
        ]
        subject = _("Credit note %(number)s from %(seller)s: %(amount)s")
        words = _about(document, subject, texts, button=_("See the credit note"), url=mark)
    return _to_customer(document, words, mark, kind="credit_note", once=f"credit_note:{document.pk}", by=by, now=now)


def payment_failed(*, attempt: PaymentAttempt, now: datetime) -> Letter | None:
    """Write to the customer that a bank did not carry out a payment, once; None where nobody's address is known."""
    document = attempt.invoice.document
    if document is None:
        registration = getattr(attempt.invoice, "registration", None)
        return unpaid(registration=registration, attempt=attempt, now=now) if registration else None
    mark = writing.place()
    with translation.override(document.language):
        facts = InvoiceFacts(attempt.invoice)
        said = {"amount": facts.writer.money(attempt.amount), "number": document.number}
        texts = [
            _("Your bank did not carry out the payment of %(amount)s for invoice %(number)s.") % said,
            _("The invoice is still to be paid. You can try again, or pay in another way:")
            if facts.due
            else _("The invoice has been paid otherwise in the meantime. There is nothing to do."),
        ]
        subject = _("Your payment for invoice %(number)s did not go through")
        words = _about(document, subject, texts, button=facts.button(), url=mark, facts=facts.rows())
    once = f"payment_failed:{attempt.pk}"
    return _to_customer(document, words, mark, kind="payment_failed", once=once, enclose=False, now=now)


def payment_returned(*, dispute: Dispute, invoice: Invoice, now: datetime) -> Letter | None:
    """Write to the customer that the bank returned a debit, once; None where nobody's address is known."""
    document = invoice.document
    if document is None:
        return None
    mark = writing.place()
    with translation.override(document.language):
        facts = InvoiceFacts(invoice)
        said = {"amount": facts.writer.money(dispute.amount), "number": document.number}
        texts = [
            _("Your bank has returned the direct debit of %(amount)s for invoice %(number)s.") % said,
            _("The invoice is to be paid again. Please pay it in another way:")
            if facts.due
            else _("The invoice has been paid otherwise in the meantime. There is nothing to do."),
        ]
        subject = _("Your bank returned the payment of invoice %(number)s")
        words = _about(document, subject, texts, button=facts.button(), url=mark, facts=facts.rows())
    once = f"payment_returned:{dispute.pk}"
    return _to_customer(document, words, mark, kind="payment_returned", once=once, enclose=False, now=now)


def _about(
    document: IssuedDocument,
    subject: str,
    texts: Sequence[str],
    *,
    button: str,
    url: str,
    facts: Sequence[tuple[str, str]] = (),
) -> Words:
    """Words about an issued document: greeting, sentences, facts and a button, in the active language."""
    printed = document.frozen
    said = {
        "number": printed.number,
        "seller": printed.seller.name,
        "amount": Writer(document.language, document.currency).money(printed.gross),
    }
    name = printed.customer.contact or printed.customer.name
    greeting = _("Hello %(name)s,") % {"name": name} if name else _("Hello,")
    closing = _("Kind regards") + "\n" + printed.seller.name
    return Words(
        subject=subject % said,
        paragraphs=[*(plain(text) for text in (greeting, *texts) if text), button_to(url, button), plain(closing)],
        facts=facts or _facts_of(printed, said["amount"]),
        button=button,
        url=url,
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
    link = link_to(document)
    post = Post(
        kind=kind,
        seller=document.seller,
        language=document.language,
        to=[customer.email],
        cc=customer.cc,
        reply_to=document.seller.email,
        customer=customer,
        document=document,
        link=link,
        enclosed=[document] if enclose else [],
        by=by,
        once=once,
    )
    shown = words if link else _without_button(words)
    return writing.already_written(once) or writing.write(post, shown, mark=mark if link else "", now=now)


def _without_button(words: Words) -> Words:
    return replace(words, button="", url="", paragraphs=[part for part in words.paragraphs if not part.has_link])
