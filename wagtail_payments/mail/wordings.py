"""What an invoice's letter is made of: values of placeholders, facts, button, and the text an editor begins with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.placeholders import Linked, fill, fill_line
from wagtail_payments.mail.writing import Words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.deposits import to_pay
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.invoice_kinds import invoice_kinds
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link


def notice_of(mode: str) -> str:
    """Return what stands on top of every letter about test money, and nothing for real money."""
    return _("This is a test. The document is not a real one, and no money moves.") if mode == Mode.TEST else ""


def link_to(document: IssuedDocument) -> Link | None:
    """Return the customer's link to a document, if one was made."""
    return document.links.filter(purpose="customer").first()


@dataclass(frozen=True)
class InvoiceFacts:
    """An invoice in words, in the active language: issued, or a draft as it stands, saved or not."""

    invoice: Invoice

    @cached_property
    def writer(self) -> Writer:
        """Writes amounts and dates in the language of the invoice."""
        return Writer(self.invoice.language, self.invoice.currency)

    @cached_property
    def total(self) -> int:
        """The total in minor units; raises what adding up a draft raises."""
        return to_pay(self.invoice) if self.invoice.is_draft else self.invoice.gross

    @cached_property
    def due(self) -> int:
        """What is still to pay, in minor units."""
        return self.total if self.invoice.is_draft else max(self.invoice.balance().due, 0)

    @cached_property
    def due_on(self) -> str:
        """The date it is due, in words, or nothing."""
        due_on = self.invoice.due_date(self.invoice.seller.today(ports.now()))
        return self.writer.date(due_on.isoformat()) if due_on else ""

    @property
    def is_payable_online(self) -> bool:
        """Is there something to pay, and may it be paid on the page?"""
        return self.invoice.online_payment and self.due > 0

    def values(self) -> dict[str, str]:
        """Return what the placeholders stand for."""
        invoice = self.invoice
        return {
            "number": invoice.number or _("(number)"),
            "title": one_line(invoice.title),
            "amount": self.writer.money(self.total),
            "due": self.writer.money(self.due),
            "due_on": self.due_on,
            "customer": one_line(invoice.customer.contact_name or invoice.customer.name),
            "seller": one_line(invoice.seller.name),
        }

    def rows(self) -> list[tuple[str, str]]:
        """Return the facts that stand in the small table."""
        rows = [
            (_("Invoice"), self.invoice.number),
            (_("Subject"), self.invoice.title),
            (_("Total"), self.writer.money(self.total)),
            (_("Still to pay"), self.writer.money(self.due) if self.due != self.total else ""),
            (_("Due on"), self.due_on if self.due else ""),
        ]
        return [(label, value) for label, value in rows if value]

    def button(self) -> str:
        """Return what stands on the button."""
        if not self.is_payable_online:
            return _("See the invoice")
        return _("Pay %(amount)s") % {"amount": self.writer.money(self.due)}

    def linked(self, url: str) -> Linked:
        """Return what ``{{ link }}`` and ``#LINK`` stand for."""
        return Linked(url, _("Pay your invoice online") if self.is_payable_online else _("See your invoice online"))

    def words(self, *, subject: str, text: str, url: str, notice: str = "") -> Words:
        """Return the letter with an editor's subject and text."""
        values = self.values()
        return Words(
            subject=fill_line(subject, values),
            paragraphs=fill(text, values, self.linked(url)),
            facts=self.rows(),
            button=self.button(),
            url=url,
            notice=notice or (notice_of(self.invoice.mode) if self.invoice.number else ""),
        )


def default_invoice_text(*, invoice: Invoice, language: str) -> tuple[str, str]:
    """Return the subject and text that an editor begins with, placeholders not yet filled in."""
    with translation.override(language):
        facts = InvoiceFacts(invoice)
        paragraphs = [
            _("Hello {{ customer }},"),
            _opening(facts),
            _("You can read it and pay it online, without an account:")
            if facts.is_payable_online
            else _("You can also read it online:"),
            "#LINK",
            _("Do you have a question? Simply reply to this e-mail."),
            _("Kind regards") + "\n{{ seller }}",
        ]
        return _subject(facts), "\n\n".join(paragraphs)


def _opening(facts: InvoiceFacts) -> str:
    if not facts.due:
        return _("Here is your invoice {{ number }} of {{ amount }}, already paid. It is attached as a PDF.")
    if facts.due_on:
        return _("Here is your invoice {{ number }}: {{ due }} to pay by {{ due_on }}. It is attached as a PDF.")
    return _("Here is your invoice {{ number }}: {{ due }} to pay. It is attached as a PDF.")


def _subject(facts: InvoiceFacts) -> str:
    kind = facts.invoice.kind
    if kind == InvoiceKind.STANDARD:
        return _subject_of_invoice(facts)
    if not facts.due:
        rest = _("{{ number }} from {{ seller }}: nothing left to pay")
    elif facts.due_on:
        rest = _("{{ number }} from {{ seller }}: {{ due }} due {{ due_on }}")
    else:
        rest = _("{{ number }} from {{ seller }}: {{ due }}")
    return f"{dict(invoice_kinds())[kind]} {rest}"


def _subject_of_invoice(facts: InvoiceFacts) -> str:
    if not facts.due:
        return _("Invoice {{ number }} from {{ seller }}: {{ amount }}, paid")
    if facts.due_on:
        return _("Invoice {{ number }} from {{ seller }}: {{ due }} due {{ due_on }}")
    return _("Invoice {{ number }} from {{ seller }}: {{ due }}")
