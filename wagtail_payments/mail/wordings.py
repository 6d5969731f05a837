"""What an invoice's letter is made of: values of placeholders, facts, button, and the text an editor begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments import ports
from wagtail_payments.core import schedule
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.core.schedule import DoesNotAddUp, Standing
from wagtail_payments.mail import templates
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.placeholders import PLACEHOLDERS, Linked, asked_for, fill, fill_line, without_link
from wagtail_payments.mail.templates import MARKS, Marks, Said, Template
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
    """Return the customer's link to a document, if one was made and not ended."""
    return document.links.filter(purpose="customer", revoked_at=None).first()


class DueIn(Enum):
    """How what is due on an invoice is asked for: its words differ."""

    NOTHING = "nothing"
    NO_DAY = "no day"
    ONE_DAY = "one day"
    PARTS = "parts"


@dataclass(frozen=True)
class InvoiceFacts:
    """An invoice in words, in the active language: issued, or a draft as it stands, saved or not.

    With ``today``, all instalments that are due by then are asked for at once.
    """

    invoice: Invoice
    today: date | None = None

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
        """The date it is due, in words, or nothing; where it is paid in instalments, that of the next one."""
        due_on = self.next_part.due_on if self.next_part else self._due_on()
        return self.writer.date(due_on.isoformat()) if due_on else ""

    def _due_on(self) -> date | None:
        return self.invoice.due_date(self.invoice.seller.today(ports.now()))

    @cached_property
    def next_part(self) -> Standing | None:
        """The instalment that is to be paid next, where there are some that fit; None where it is due on one day."""
        if not self.invoice.in_parts:
            return None
        try:
            parts = self.invoice.instalment_parts(self.total)
        except DoesNotAddUp:  # a draft: its review says so
            return None
        rows = schedule.standings(parts, self.total - self.due, date.max)
        return next((row for row in rows if row.left), None)

    @property
    def asked(self) -> int:
        """What is to be paid next, in minor units: an instalment, or all that is due."""
        if self.next_part is None or self.today is None:
            return self.next_part.left if self.next_part else self.due
        parts = self.invoice.instalment_parts(self.total)
        return schedule.offers(parts, self.total - self.due, self.today).asked

    @property
    def due_in(self) -> DueIn:
        """How what is due is asked for."""
        if not self.due:
            return DueIn.NOTHING
        if self.next_part and self.asked != self.due:
            return DueIn.PARTS
        return DueIn.ONE_DAY if self.due_on else DueIn.NO_DAY

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
            "instalment": self.writer.money(self.asked),
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
            (self._asked_as(), self.writer.money(self.asked) if self.next_part else ""),
            (_("Due on"), self.due_on if self.due else ""),
        ]
        return [(label, value) for label, value in rows if value]

    def _asked_as(self) -> str:
        is_one = self.next_part is not None and self.asked == self.next_part.left
        return _("Next instalment") if is_one else _("To pay now")

    def button(self) -> str:
        """Return what stands on the button."""
        if not self.is_payable_online:
            return _("See the invoice")
        return _("Pay %(amount)s") % {"amount": self.writer.money(self.asked)}

    def linked(self, url: str) -> Linked:
        """Return what ``{{ link }}`` and ``#LINK`` stand for."""
        return Linked(url, _("Pay your invoice online") if self.is_payable_online else _("See your invoice online"))

    def words(self, *, subject: str, text: str, url: str, notice: str = "") -> Words:
        """Return the letter with an editor's subject and text; without a link, nothing asks to follow it."""
        values = self.values()
        return Words(
            subject=fill_line(subject, values),
            paragraphs=fill(text if url else without_link(text), values, self.linked(url)),
            facts=self.rows(),
            button=self.button(),
            url=url,
            notice=notice or (notice_of(self.invoice.mode) if self.invoice.number else ""),
        )


def default_invoice_text(*, invoice: Invoice, language: str) -> tuple[str, str]:
    """Return the subject and text that an editor begins with, placeholders not yet filled in.

    They are the seller's own words where there are some for an invoice like this one; not where these name a day and
    there is none.
    """
    with translation.override(language):
        facts, kind = InvoiceFacts(invoice), InvoiceKind(invoice.kind)
        own = templates.own(invoice.seller, _template_of(kind, facts).key, language)
        if own is None or ("due_on" in asked_for(f"{own.subject}\n{own.text}") and not facts.due_on):
            return _words(facts.due_in, facts.is_payable_online, kind)
        return own


def _template_of(kind: InvoiceKind, facts: InvoiceFacts) -> Template:
    asked = Asked.ONLINE if facts.is_payable_online else Asked.OTHERWISE if facts.due else Asked.NOTHING
    return _BY_KIND.get(kind, _BY_KIND[InvoiceKind.STANDARD])[asked]


def _subject_of_kind(kind: InvoiceKind, due_in: DueIn) -> str:
    rest = {
        DueIn.NOTHING: _("{{ number }} from {{ seller }}: nothing left to pay"),
        DueIn.NO_DAY: _("{{ number }} from {{ seller }}: {{ due }}"),
    }.get(due_in, _("{{ number }} from {{ seller }}: {{ due }} due {{ due_on }}"))
    return f"{dict(invoice_kinds())[kind]} {rest}"


def _words(due_in: DueIn, is_online: bool, kind: InvoiceKind = InvoiceKind.STANDARD) -> Said:
    paragraphs = [
        _("Hello {{ customer }},"),
        _opening(due_in),
        _("You can read it and pay it online, without an account:") if is_online else _("You can also read it online:"),
        "#LINK",
        _("Do you have a question? Simply reply to this e-mail."),
        _("Kind regards") + "\n{{ seller }}",
    ]
    subject = _subject(due_in) if kind == InvoiceKind.STANDARD else _subject_of_kind(kind, due_in)
    return Said(subject, templates.joined(*paragraphs))


def _opening(due_in: DueIn) -> str:
    if due_in is DueIn.NOTHING:
        return _("Here is your invoice {{ number }} of {{ amount }}, already paid. It is attached as a PDF.")
    if due_in is DueIn.PARTS:
        return _(
            "Here is your invoice {{ number }}: {{ due }} to pay in instalments, the next of {{ instalment }} "
            "by {{ due_on }}. It is attached as a PDF."
        )
    if due_in is DueIn.ONE_DAY:
        return _("Here is your invoice {{ number }}: {{ due }} to pay by {{ due_on }}. It is attached as a PDF.")
    return _("Here is your invoice {{ number }}: {{ due }} to pay. It is attached as a PDF.")


def _subject(due_in: DueIn) -> str:
    if due_in is DueIn.NOTHING:
        return _("Invoice {{ number }} from {{ seller }}: {{ amount }}, paid")
    if due_in is DueIn.PARTS:
        return _("Invoice {{ number }} from {{ seller }}: {{ instalment }} due {{ due_on }}")
    if due_in is DueIn.ONE_DAY:
        return _("Invoice {{ number }} from {{ seller }}: {{ due }} due {{ due_on }}")
    return _("Invoice {{ number }} from {{ seller }}: {{ due }}")


FACTS = ((gettext_lazy("Invoice"), "number"), (gettext_lazy("Total"), "amount"), (gettext_lazy("Due on"), "due_on"))


class Asked(Enum):
    """How the money of an invoice is asked for: each has words of its own, which end the key of their template."""

    ONLINE = "_online"
    OTHERWISE = ""
    NOTHING = "_paid"


_GOES_OUT = {
    Asked.ONLINE: gettext_lazy(
        "With an invoice that can be paid on its page. An editor can change the words before sending."
    ),
    Asked.OTHERWISE: gettext_lazy(
        "With an invoice that can't be paid online. An editor can change the words before sending."
    ),
    Asked.NOTHING: gettext_lazy(
        "With an invoice of which nothing is due. An editor can change the words before sending."
    ),
}


def _register(kind: InvoiceKind, key: str, labels: dict[Asked, Any]) -> dict[Asked, Template]:
    """Offer the letters of a kind of invoice, one for each way of asking."""
    return {asked: templates.register(_template(kind, f"{key}{asked.value}", asked, labels[asked])) for asked in Asked}


def _template(kind: InvoiceKind, key: str, asked: Asked, label: Any) -> Template:
    is_online, due_in = asked is Asked.ONLINE, DueIn.NOTHING if asked is Asked.NOTHING else DueIn.ONE_DAY
    return Template(
        key,
        label,
        _GOES_OUT[asked],
        PLACEHOLDERS,
        lambda: _words(due_in, is_online, kind),
        lambda: _("Pay %(amount)s") % Marks(amount=MARKS["due"]) if is_online else _("See the invoice"),
        FACTS[:2] if asked is Asked.NOTHING else FACTS,
        "invoice",
    )


# Kinds that are not here are written to in the words of a standard invoice.
_BY_KIND = {
    InvoiceKind.STANDARD: _register(
        InvoiceKind.STANDARD,
        "invoice",
        {
            Asked.ONLINE: gettext_lazy("Invoice, to be paid online"),
            Asked.OTHERWISE: gettext_lazy("Invoice, to be paid otherwise"),
            Asked.NOTHING: gettext_lazy("Invoice, already paid"),
        },
    ),
    InvoiceKind.DEPOSIT: _register(
        InvoiceKind.DEPOSIT,
        "invoice_deposit",
        {
            Asked.ONLINE: gettext_lazy("Deposit invoice, to be paid online"),
            Asked.OTHERWISE: gettext_lazy("Deposit invoice, to be paid otherwise"),
            Asked.NOTHING: gettext_lazy("Deposit invoice, already paid"),
        },
    ),
    InvoiceKind.FINAL: _register(
        InvoiceKind.FINAL,
        "invoice_final",
        {
            Asked.ONLINE: gettext_lazy("Final invoice, to be paid online"),
            Asked.OTHERWISE: gettext_lazy("Final invoice, to be paid otherwise"),
            Asked.NOTHING: gettext_lazy("Final invoice, nothing left to pay"),
        },
    ),
}
