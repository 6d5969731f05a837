"""Everything that stands on a document's page, formatted and decided; templates only lay it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel import lists
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from wagtail.models import Site

from wagtail_payments.core.lifecycle import Balance
from wagtail_payments.core.snapshot import Document, Kind
from wagtail_payments.gateways import registry
from wagtail_payments.portal import access, history, logos, situation, theme, transfer
from wagtail_payments.portal.situation import Facts, Situation
from wagtail_payments.printing.amounts import Writer, method_name, method_within
from wagtail_payments.printing.rows import TotalRow
from wagtail_payments.printing.sheet import Sheet, sheet
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link
from wagtail_payments.records.sellers import Seller

BY_HAND = frozenset({"transfer", "cheque", "cash", "terminal", "other"})
LONG_AMOUNT = 13  # characters that fit beside each other in the large size on a phone


@dataclass(frozen=True, slots=True)
class Pay:
    """The button: its words, where it posts to, and what is said under it. Without ``url`` it can't be pressed."""

    label: str
    url: str
    methods: str
    providers: str
    takes_days: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with the document."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A document's page. ``label`` and ``amount`` are the large thing; addresses are empty in a preview."""

    sheet: Sheet
    heading: str
    label: str
    amount: str
    situation: Situation
    theme_url: str
    logo_url: str
    totals: tuple[TotalRow, ...]
    pay: Pay | None = None
    transfer: transfer.Transfer | None = None
    happened: tuple[history.Row, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    pdf_url: str = ""
    question_url: str = ""
    is_draft: bool = False

    @property
    def amount_is_long(self) -> bool:
        """Must it be written smaller to fit a phone?"""
        return len(self.amount) > LONG_AMOUNT

    @property
    def receipts(self) -> list[history.Row]:
        """The receipts of what was paid, the newest first."""
        return [row for row in reversed(self.happened) if row.is_payment and row.paper]

    @property
    def name(self) -> str:
        """What the document is called: its kind and number."""
        return f"{self.sheet.title} {self.sheet.number}".strip()


def of_link(link: Link, now: datetime) -> Shown:
    """Return the page of an issued document, in the active language."""
    if access.paper_of(link).kind == Kind.INVOICE:
        return _of_invoice(link, now)
    document = access.paper_of(link).frozen
    return _of_paper(link, document)


def of_draft(document: Document, seller: Seller, site_offers: Sequence[str]) -> Shown:
    """Return the page of something not issued: nothing on it can be pressed."""
    writer, printed = Writer(document.language, document.currency), sheet(document)
    balance = Balance(document.gross)
    return Shown(
        sheet=printed,
        heading=document.title or printed.title,
        label=_("To pay"),
        amount=writer.money(document.due),
        situation=situation.draft(),
        theme_url=theme.url_of(seller),
        logo_url=logos.url_of(document.look.logo),
        totals=printed.totals,
        pay=_pay(document, balance, writer, site_offers, url=""),
        transfer=transfer.of(document, document.due, writer),
        attachments=tuple(Attachment(name, "") for name in document.attachments),
        is_draft=True,
    )


def _of_invoice(link: Link, now: datetime) -> Shown:
    document = access.paper_of(link).frozen
    invoice = Invoice.objects.with_balance().get(document=link.document_id)
    writer, printed, balance = Writer(document.language, document.currency), sheet(document), invoice.balance()
    told = history.of(invoice, link, writer)
    due = max(balance.due, 0)
    offers = [] if balance.processing >= due else providers_of(link.site, document.mode)
    return Shown(
        sheet=printed,
        heading=document.title or printed.title,
        label=_("Still to pay") if due and due != document.gross else _("To pay") if due else _("Total"),
        amount=writer.money(due or document.gross),
        situation=situation.of(_facts(link, invoice, writer, told, now)),
        theme_url=theme.url_of(access.paper_of(link).seller),
        logo_url=logos.url_of(document.look.logo),
        totals=_totals_now(printed, balance, writer),
        pay=_pay(document, balance, writer, offers, url=_url("pay", link)),
        transfer=transfer.of(document, due - balance.processing, writer),
        happened=told.rows,
        attachments=_attachments(invoice, link),
        pdf_url=_url("pdf", link),
        question_url=_url("question", link),
    )


def _facts(link: Link, invoice: Invoice, writer: Writer, told: history.History, now: datetime) -> Facts:
    today = access.paper_of(link).seller.today(now)
    return Facts(
        status=invoice.status_on(today),
        balance=invoice.balance(),
        writer=writer,
        today=today,
        due_on=invoice.due_on,
        settled_on=told.settled_on,
        credit_note=told.credit_note,
    )


def _of_paper(link: Link, document: Document) -> Shown:
    """A credit note or a receipt: something to read and keep."""
    printed = sheet(document)
    return Shown(
        sheet=printed,
        heading=document.title or printed.title,
        label=printed.main.label,
        amount=printed.main.value,
        situation=_situation_of_paper(document),
        theme_url=theme.url_of(access.paper_of(link).seller),
        logo_url=logos.url_of(document.look.logo),
        totals=printed.totals,
        pdf_url=_url("pdf", link),
        question_url=_url("question", link),
    )


def _situation_of_paper(document: Document) -> Situation:
    sentences = {
        Kind.CREDIT_NOTE: _("A credit in your favour: nothing to pay."),
        Kind.RECEIPT: _("Your payment has arrived. Thank you!"),
        Kind.REFUND_RECEIPT: _("This amount was sent back to you."),
        Kind.PROFORMA: _("Pro forma: this is not an invoice, nothing is to be paid on it."),
    }
    if document.kind == Kind.PROFORMA:
        return Situation("void", "pencil", sentences[Kind.PROFORMA])
    return Situation("done", "check", sentences[Kind(document.kind)])


def providers_of(site: Site, mode: str) -> list[str]:
    """Name who takes online payments of that mode for a site; empty where nobody does."""
    gateways = registry.for_site(site)
    return [slug.capitalize() for slug, gateway in gateways.items() if gateway.live == (mode == Mode.LIVE)]


def _pay(document: Document, balance: Balance, writer: Writer, providers: Sequence[str], *, url: str) -> Pay | None:
    codes = [code for code in document.payment.methods if code not in BY_HAND]
    by_hand_only = bool(document.payment.methods) and not codes
    if not providers or by_hand_only or not document.payment.online or balance.due <= 0:
        return None
    names = [method_name(code) for code in codes[:1]] + [method_within(code) for code in codes[1:]]
    return Pay(
        label=_("Pay %(amount)s") % {"amount": writer.money(balance.due)},
        url=url,
        methods=lists.format_list(names, style="or", locale=writer.locale),
        providers=lists.format_list(list(providers), style="or", locale=writer.locale),
        takes_days="sepa_debit" in codes,
    )


def _totals_now(printed: Sheet, balance: Balance, writer: Writer) -> tuple[TotalRow, ...]:
    """The totals as issued, then what was paid and credited since, then what is due now."""
    issued = [row for row in printed.totals if row.weight != "main"]
    until_total = issued[: next((n for n, row in enumerate(issued, 1) if row.weight == "strong"), len(issued))]
    moved = ((pgettext("amount", "Paid"), balance.paid), (pgettext("amount", "Credited"), balance.credited))
    since = [TotalRow(label, writer.money(-amount)) for label, amount in moved if amount]
    return (*until_total, *since, TotalRow(_("To pay"), writer.money(max(balance.due, 0)), "main"))


def _attachments(invoice: Invoice, link: Link) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(str(kept), reverse("wagtail_payments:attachment", args=[link.public_id, kept.pk]))
        for kept in invoice.attachments.all()
    )


def _url(name: str, link: Link) -> str:
    return reverse(f"wagtail_payments:{name}", args=[link.public_id])
