"""Everything that stands on a document's page, formatted and decided; templates only lay it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from babel import lists
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from wagtail.models import Site

from wagtail_payments.actions import instalments
from wagtail_payments.core.lifecycle import Balance
from wagtail_payments.core.schedule import Offers
from wagtail_payments.core.snapshot import Document, Kind
from wagtail_payments.gateways import registry
from wagtail_payments.portal import access, credit, history, logos, parts, plan_form, situation, theme, transfer
from wagtail_payments.portal.pay_form import PayForm, has_choice
from wagtail_payments.portal.plan_form import PlanForm
from wagtail_payments.portal.situation import Facts, Situation
from wagtail_payments.printing.amounts import Writer, method_name, method_within
from wagtail_payments.printing.rows import TotalRow
from wagtail_payments.printing.sheet import Sheet, sheet
from wagtail_payments.records import contracts
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link
from wagtail_payments.records.revisions import RevisionAttachment
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
    form: PayForm | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Naming the day of the payment: the form, and where it goes; ``planned_on`` is the day that stands, in words."""

    form: PlanForm
    url: str
    withdraw_url: str
    planned_on: str


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
    credit: credit.Credit | None = None
    happened: tuple[history.Row, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    instalments: tuple[parts.PartRow, ...] = ()
    plan: Plan | None = None
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


def of_link(link: Link, now: datetime, *, pay: PayForm | None = None, plan: PlanForm | None = None) -> Shown:
    """Return the page of an issued document, in the active language; the forms are as they were sent, if they were."""
    if access.paper_of(link).kind == Kind.INVOICE:
        return _of_invoice(link, now, pay, plan)
    document = access.paper_of(link).frozen
    return _of_paper(link, document)


def of_draft(document: Document, seller: Seller, site_offers: Sequence[str]) -> Shown:
    """Return the page of something not issued: nothing on it can be pressed."""
    writer, printed = Writer(document.language, document.currency), sheet(document)
    balance = Balance(document.instalments[0].amount if document.instalments else document.gross)
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
        instalments=parts.of_document(document, date.min, writer),
        is_draft=True,
    )


def _of_invoice(link: Link, now: datetime, pay: PayForm | None, plan: PlanForm | None) -> Shown:
    paper = access.paper_of(link)
    document, today = paper.current, paper.seller.today(now)
    rows = credit.asked_with(paper, Invoice.objects.with_balance().annotate(is_left=contracts.is_left()))
    invoice = rows.get(document=link.document_id)
    writer, printed, balance = Writer(document.language, document.currency), sheet(document), invoice.balance()
    told, asked = history.of(invoice, link, writer), instalments.asked(invoice, today)
    if invoice.is_left and balance.asked:
        return _of_left(link, paper, document, told, balance)
    return Shown(
        sheet=printed,
        heading=document.title or printed.title,
        label=_label(balance, asked),
        amount=writer.money(_amount(balance, asked)),
        situation=situation.of(_facts(invoice, writer, told, today, asked)),
        theme_url=theme.url_of(paper.seller),
        logo_url=logos.url_of(document.look.logo),
        totals=_totals_now(printed, balance, writer),
        pay=_pay_now(link, invoice, document, writer, pay or _fresh_form(invoice, now)),
        credit=credit.of(invoice, link, writer),
        transfer=transfer.of(document, asked.asked if asked else balance.asked - balance.processing, writer),
        happened=told.rows,
        attachments=_attachments(invoice, link),
        instalments=parts.rows(instalments.standings(invoice, today), writer),
        plan=_plan(link, invoice, today, writer, plan),
        pdf_url=_url("pdf", link),
        question_url=_url("question", link),
    )


def _of_left(link: Link, paper: IssuedDocument, document: Document, told: history.History, balance: Balance) -> Shown:
    """An invoice of a contract that its customer has left: nothing is asked for, until the seller credits it."""
    writer, printed = Writer(document.language, document.currency), sheet(document)
    return Shown(
        sheet=printed,
        heading=document.title or printed.title,
        label=_("Total"),
        amount=writer.money(balance.total),
        situation=Situation("void", "back", _("You have withdrawn from this contract: there is nothing to pay.")),
        theme_url=theme.url_of(paper.seller),
        logo_url=logos.url_of(document.look.logo),
        totals=printed.totals,
        happened=told.rows,
        pdf_url=_url("pdf", link),
        question_url=_url("question", link),
    )


def _label(balance: Balance, asked: Offers | None) -> str:
    if asked is not None:
        return _("To pay now") if asked.now else _("Next payment")
    if not balance.asked:
        return pgettext("amount", "Disputed") if balance.disputed else _("Total")
    return _("Still to pay") if balance.asked != balance.total else _("To pay")


def _amount(balance: Balance, asked: Offers | None) -> int:
    """The largest figure on the page, minor units: what is asked for, what a bank holds, or what it came to."""
    return asked.asked if asked else balance.asked or balance.disputed or balance.total


def _fresh_form(invoice: Invoice, now: datetime) -> PayForm | None:
    return PayForm(invoice=invoice, now=now) if has_choice(invoice) else None


def _pay_now(link: Link, invoice: Invoice, document: Document, writer: Writer, form: PayForm | None) -> Pay | None:
    """The button. Where there is a choice, one payment is waited for before the next one is chosen."""
    balance = invoice.balance()
    waits = balance.processing > 0 if form is not None else balance.processing >= balance.asked
    offers = [] if waits else providers_of(link.site, document.mode)
    pay = _pay(document, balance, writer, offers, url=_url("pay", link))
    return pay if pay is None or form is None else replace(pay, form=form, label=_("Continue to the payment"))


def _plan(link: Link, invoice: Invoice, today: date, writer: Writer, sent: PlanForm | None) -> Plan | None:
    standing = invoice.planned_on if invoice.planned_on and invoice.planned_on >= today else None
    form = sent or plan_form.fresh(invoice, today, standing)
    words = writer.date(standing.isoformat()) if standing else ""
    return Plan(form, _url("plan", link), _url("plan_withdraw", link), words) if form is not None else None


def _facts(invoice: Invoice, writer: Writer, told: history.History, today: date, asked: Offers | None) -> Facts:
    return Facts(
        status=invoice.status_on(today),
        balance=invoice.balance(),
        writer=writer,
        today=today,
        due_on=invoice.next_due_on,
        settled_on=told.settled_on,
        credit_note=told.credit_note,
        taken_back=writer.money(told.taken_back) if told.taken_back else "",
        planned_on=invoice.planned_on,
        in_all=asked.everything if asked and asked.everything != asked.asked else 0,
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
        Kind.QUOTE: _("An offer: there is nothing to pay yet."),
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
    if not providers or by_hand_only or not document.payment.online or balance.asked <= 0:
        return None
    return button(writer.money(balance.asked), url, codes, providers, writer)


def button(amount: str, url: str, codes: Sequence[str], providers: Sequence[str], writer: Writer) -> Pay:
    """Return the button that pays an amount by these methods."""
    names = [method_name(code) for code in codes[:1]] + [method_within(code) for code in codes[1:]]
    return Pay(
        label=_("Pay %(amount)s") % {"amount": amount},
        url=url,
        methods=lists.format_list(names, style="or", locale=writer.locale),
        providers=lists.format_list(list(providers), style="or", locale=writer.locale),
        takes_days="sepa_debit" in codes,
    )


def _totals_now(printed: Sheet, balance: Balance, writer: Writer) -> tuple[TotalRow, ...]:
    """The totals as issued, then what was paid and credited since, then what is due now."""
    issued = [row for row in printed.totals if row.weight != "main"]
    until_total = issued[: next((n for n, row in enumerate(issued, 1) if row.weight == "strong"), len(issued))]
    moved = (
        (pgettext("amount", "Paid"), balance.paid),
        (pgettext("amount", "Credited"), balance.credited),
        (pgettext("amount", "Disputed"), balance.disputed),
    )
    since = [TotalRow(label, writer.money(-amount)) for label, amount in moved if amount]
    return (*until_total, *since, TotalRow(_("To pay"), writer.money(balance.asked), "main"))


def _attachments(invoice: Invoice, link: Link) -> tuple[Attachment, ...]:
    """What was attached when it was issued, and what revisions added since."""
    kept = [Attachment(str(file), _url("attachment", link, file.pk)) for file in invoice.attachments.all()]
    document = access.paper_of(link)
    if document.revision > 1:
        added = RevisionAttachment.objects.filter(revision__document=document)
        kept += [Attachment(str(file), _url("added", link, file.pk)) for file in added]
    return tuple(kept)


def _url(name: str, link: Link, *rest: int) -> str:
    return reverse(f"wagtail_payments:{name}", args=[link.public_id, *rest])
