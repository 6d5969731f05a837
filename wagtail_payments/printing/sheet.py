"""A document in words: everything formatted, labelled and decided, for any template to lay out."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wagtail_payments.core.snapshot import Document, Kind
from wagtail_payments.printing import parties, quote_rows, rows
from wagtail_payments.printing.amounts import Writer, grouped, method_name
from wagtail_payments.printing.parties import Fact, PartyBlock
from wagtail_payments.printing.quote_rows import PlanRow
from wagtail_payments.printing.rows import (
    Columns,
    DeductedRow,
    InstalmentRow,
    LineRow,
    ShareRow,
    TotalRow,
    VatLine,
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where to transfer to, and with which reference; the IBAN is written in groups of four."""

    holder: str
    iban: str
    bic: str
    reference: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a template prints, in the document's language. Empty texts and tuples are not printed.

    ``main`` is the amount that matters (due, credited, received). ``is_settled``: an invoice that was
    already paid in full when it was issued. ``identity`` is the seller's legal identity, for the footer.
    """

    kind: str
    language: str
    is_rtl: bool
    is_test: bool
    title: str
    number: str
    subject: str
    band: tuple[Fact, ...]
    main: Fact
    is_settled: bool
    seller: PartyBlock
    customer: PartyBlock
    delivery: tuple[str, ...]
    details: tuple[Fact, ...]
    references: tuple[str, ...]
    columns: Columns
    lines: tuple[LineRow, ...]
    deducted: tuple[DeductedRow, ...]
    vat: tuple[VatLine, ...]
    exemptions: tuple[str, ...]
    totals: tuple[TotalRow, ...]
    shares: tuple[ShareRow, ...]
    instalments: tuple[InstalmentRow, ...]
    transfer: Transfer | None
    methods: tuple[str, ...]
    reason: str
    memo: str
    other_mentions: str
    terms: str
    mentions: tuple[str, ...]
    attachments: tuple[str, ...]
    identity: tuple[str, ...]
    plan: tuple[PlanRow, ...] = ()
    deposit: str = ""


def sheet(document: Document) -> Sheet:
    """Return the document in words, in its own language."""
    with translation.override(document.language):
        return _sheet(document, Writer(document.language, document.currency))


def _sheet(document: Document, writer: Writer) -> Sheet:
    is_credit = document.kind == Kind.CREDIT_NOTE
    return Sheet(
        kind=document.kind,
        language=document.language,
        is_rtl=translation.get_language_bidi(),
        is_test=document.mode == "test",
        title=title_of(document),
        number=document.number,
        subject=document.title,
        band=_band(document, writer),
        main=_main(document, writer),
        is_settled=_is_settled(document),
        seller=parties.block(document.seller, writer, home=""),
        customer=parties.block(document.customer, writer, home=document.seller.address.country),
        delivery=_delivery(document, writer),
        details=_details(document, writer),
        references=_references(document, writer),
        columns=rows.columns(document),
        lines=rows.lines(document, writer),
        deducted=rows.deducted(document, writer),
        vat=rows.vat(document, writer),
        exemptions=rows.exemptions(document),
        totals=rows.totals(document, writer),
        shares=rows.shares(document, writer),
        instalments=() if _is_settled(document) else rows.instalments(document, writer),
        transfer=_transfer(document),
        methods=tuple(method_name(code) for code in document.payment.methods),
        reason=document.memo if is_credit else document.moved.reason if document.moved else "",
        memo="" if is_credit else document.memo,
        other_mentions=document.other_mentions,
        terms=document.terms,
        mentions=document.mentions,
        attachments=document.attachments,
        identity=parties.identity(document.seller, writer),
        plan=quote_rows.plan(document, writer),
        deposit=quote_rows.deposit(document),
    )


def titles() -> dict[str, str]:
    """Return what each kind of document is called, in the active language."""
    return {
        Kind.INVOICE: _("Invoice"),
        Kind.CREDIT_NOTE: _("Credit note"),
        Kind.RECEIPT: _("Receipt"),
        Kind.REFUND_RECEIPT: _("Refund receipt"),
        Kind.QUOTE: _("Quote"),
        Kind.PROFORMA: _("Pro forma invoice"),
    }


def title_of(document: Document) -> str:
    """Return what a document is called, in the active language."""
    variants = {
        (Kind.INVOICE, "deposit"): _("Deposit invoice"),
        (Kind.INVOICE, "interim"): _("Interim invoice"),
        (Kind.INVOICE, "final"): _("Final invoice"),
        (Kind.INVOICE, "corrective"): _("Corrective invoice"),
        (Kind.CREDIT_NOTE, "deposit"): _("Credit note on a deposit"),
    }
    return variants.get((Kind(document.kind), document.variant)) or titles()[document.kind]


def _is_settled(document: Document) -> bool:
    before = document.prepaid or document.deducted
    return document.kind == Kind.INVOICE and document.due <= 0 and bool(before)


def _band(document: Document, writer: Writer) -> tuple[Fact, ...]:
    moved_on = writer.date(document.moved.on) if document.moved else ""
    due_on = writer.date(document.due_on)
    moved_label = _("Refunded on") if document.kind == Kind.REFUND_RECEIPT else _("Received on")
    return parties.filled(
        Fact(_number_label(document.kind), document.number or _not_yet(document)),
        Fact(_("Issued on"), writer.date(document.issued_on)),
        Fact(_("Valid until"), writer.date(document.valid_until)),
        Fact(_("Revision %(number)s") % {"number": document.revision}, writer.date(document.revised_on)),
        Fact(_("Due in full on") if document.instalments else _("Due on"), "" if _is_settled(document) else due_on),
        Fact(moved_label, moved_on),
    )


def _not_yet(document: Document) -> str:
    return _("given when sent") if document.kind == Kind.QUOTE else _("given when issued")


def _number_label(kind: str) -> str:
    labels = {
        Kind.INVOICE: _("Invoice number"),
        Kind.CREDIT_NOTE: _("Credit note number"),
        Kind.QUOTE: _("Quote number"),
        Kind.PROFORMA: _("Pro forma number"),
    }
    return labels.get(Kind(kind)) or _("Receipt number")


def _main(document: Document, writer: Writer) -> Fact:
    if document.kind == Kind.INVOICE:
        if _is_settled(document) and document.gross:
            return Fact(pgettext("amount", "Paid"), writer.money(document.gross))
        return Fact(_("Amount due"), writer.money(document.due))
    labels = {
        Kind.CREDIT_NOTE: _("Amount credited"),
        Kind.RECEIPT: _("Amount received"),
        Kind.REFUND_RECEIPT: _("Amount refunded"),
        Kind.QUOTE: _("Total"),
        Kind.PROFORMA: _("Total"),
    }
    return Fact(labels[Kind(document.kind)], writer.money(document.gross))


def _delivery(document: Document, writer: Writer) -> tuple[str, ...]:
    if document.delivery is None or document.delivery == document.customer.address:
        return ()
    return parties.address_lines(document.delivery, writer, home=document.seller.address.country)


def _details(document: Document, writer: Writer) -> tuple[Fact, ...]:
    natures = {"goods": _("Goods"), "services": _("Services"), "both": _("Goods and services")}
    return parties.filled(
        *parties.identifiers(document.customer, yours=True),
        Fact(_("Your order"), document.order_reference),
        Fact(_("Supplied on"), writer.date(document.supplied_on)),
        Fact(_("What is sold"), natures.get(document.nature, "")),
        *(Fact(label, value) for label, value in document.custom_fields),
        *_how_it_moved(document),
    )


def _how_it_moved(document: Document) -> tuple[Fact, ...]:
    moved = document.moved
    if moved is None:
        return ()
    method = method_name(moved.method)
    return (
        Fact(_("Payment method"), f"{method} ({moved.card})" if moved.card else method),
        Fact(_("Payment reference"), moved.reference),
    )


def _references(document: Document, writer: Writer) -> tuple[str, ...]:
    """CGI 289 I-5: a document that changes another one cites its number and date."""
    if document.version > 1:
        return (_("Version %(version)d: it replaces every earlier one.") % {"version": document.version},)
    sentence = _("Refers to invoice %(number)s of %(date)s")
    if document.kind == Kind.CREDIT_NOTE:
        sentence = _("Credit on invoice %(number)s of %(date)s")
    elif document.variant == "corrective":
        sentence = _("Corrects invoice %(number)s of %(date)s")
    cited = [sentence % {"number": one.number, "date": writer.date(one.issued_on)} for one in document.preceding]
    if document.agreed is not None:
        said = {"number": document.agreed.number, "date": writer.date(document.agreed.issued_on)}
        cited.append(_("Quote %(number)s, agreed on %(date)s") % said)
    return tuple(cited)


def _transfer(document: Document) -> Transfer | None:
    terms = document.payment
    if document.kind != Kind.INVOICE or not terms.iban or document.due <= 0:
        return None
    holder = terms.account_holder or document.seller.name
    return Transfer(holder, grouped(terms.iban, 4), terms.bic, document.number)
