"""Of tickets paid in two parts: what is said of the balance beforehand, and the letter that asks for it."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.mail import event_templates, writing
from wagtail_payments.mail.event_words import EventFacts, Rows, coming, filled, seat_rows
from wagtail_payments.mail.registrants import buyer, post_to, words_to
from wagtail_payments.mail.wordings import InvoiceFacts, link_to
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.registrations import Registration


def later(registration: Registration) -> str:
    """Say, in the active language, that a balance will be asked for; nothing where all is paid at once."""
    if not registration.deposit or registration.balance_on is None:
        return ""
    writer = Writer(registration.language, registration.currency)
    said = {
        "amount": writer.money(registration.gross - registration.deposit),
        "date": writer.date(registration.balance_on.isoformat()),
    }
    return _("The balance of %(amount)s is due by %(date)s. We write to you in time, with a link to pay it.") % said


def rows(registration: Registration) -> Rows:
    """Return the two parts of the price for the small table of a letter."""
    if not registration.deposit:
        return []
    writer = Writer(registration.language, registration.currency)
    balance = writer.money(registration.gross - registration.deposit)
    return [(_("Deposit"), writer.money(registration.deposit)), (_("Balance"), balance)]


def balance(*, registration: Registration, now: datetime) -> Letter | None:
    """Write the letter that asks for the balance, once, with its invoice and the link on which it is paid."""
    once, event, invoice = f"balance:{registration.pk}", registration.event, registration.balance
    standing = writing.already_written(once)
    if standing is not None or invoice is None or invoice.document is None:
        return standing
    reader, link, mark = buyer(registration), link_to(invoice.document), writing.place()
    with translation.override(registration.language):
        facts, owed = EventFacts(event, registration.language), InvoiceFacts(invoice)
        values = {"number": invoice.number, "amount": owed.writer.money(owed.due), "due_on": owed.due_on}
        words = words_to(
            reader,
            registration,
            event,
            template=event_templates.BALANCE,
            values=values,
            facts=filled([*facts.rows(), *seat_rows(coming(registration), registration.language), *_sums(owed)]),
            url=mark if link else "",
            button=owed.button(),
        )
    post = post_to(reader, registration, event, kind="balance", link=link, enclosed=[invoice.document], once=once)
    return writing.write(post, words, mark=mark, now=now)


def _sums(owed: InvoiceFacts) -> Rows:
    document: IssuedDocument | None = owed.invoice.document
    deducted = document.frozen.deducted if document else ()
    return [
        (_("Invoice"), owed.invoice.number),
        (_("Deposit deducted"), ", ".join(owed.writer.money(row.gross) for row in deducted)),
        (_("Still to pay"), owed.writer.money(owed.due)),
        (_("Due on"), owed.due_on),
    ]
