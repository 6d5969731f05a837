"""From an invoice or a quote as it stands to the document that is printed: the same for a preview and for the issue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from wagtail_payments.core import totals
from wagtail_payments.core.deposits import Part, Settlement
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.core.schedule import DoesNotAddUp
from wagtail_payments.core.snapshot import (
    Deducted,
    Document,
    Instalment,
    Kind,
    Line,
    Look,
    Party,
    PaymentTerms,
    Reference,
    VatRow,
)
from wagtail_payments.core.tax import EXEMPTION_REASONS, VatCategory
from wagtail_payments.core.totals import Totals, VatSubtotal
from wagtail_payments.printing.paper import Paper
from wagtail_payments.records.contracts import contract_of
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.deposits import settlement_of, totals_of
from wagtail_payments.records.drafts import Draft, DraftLine
from wagtail_payments.records.fields import Mode, private_storage
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.sellers import Seller


def document_of(
    *,
    invoice: Invoice,
    now: datetime,
    number: str = "",
    issued_on: date | None = None,
    prepaid: int = 0,
) -> Document:
    """Return what would be printed of this invoice now, saved or not; ``prepaid`` is in minor units.

    Raises ``DiscountTooLarge`` or ``MixedPriceBasis`` where its totals can't be added up.
    """
    on = issued_on or invoice.seller.today(now)
    added = totals_of(invoice)
    settled, left = _settled(invoice, added)
    due_on = invoice.due_date(on)
    return Document(
        kind=Kind.INVOICE,
        number=number,
        issued_on=issued_on.isoformat() if issued_on else "",
        due_on=due_on.isoformat() if due_on else "",
        supplied_on=invoice.supplied_on.isoformat() if invoice.supplied_on else "",
        lines=tuple(line_of(line, total) for line, total in zip(invoice.lines.all(), added.lines, strict=True)),
        prepaid=prepaid,
        due=left.gross - prepaid,
        payment=_payment_terms(invoice),
        terms=invoice.terms or invoice.seller.terms,
        mentions=_mentions(invoice, added, on),
        preceding=_preceding(invoice),
        instalments=_instalments(invoice, left.gross),
        variant=_variant(invoice, settled),
        deducted=_deducted(invoice, settled.deducted, on),
        agreed=_agreed(invoice),
        **words_of(invoice, left, on),
        **sums_of(left),
    )


def words_of(draft: Draft, added: Totals, on: date) -> dict[str, Any]:
    """Return what is printed alike of an invoice and of a quote, by the names of ``Document``."""
    seller, customer = draft.seller, draft.customer
    return {
        "mode": draft.mode,
        "language": draft.language,
        "currency": draft.currency,
        "seller": seller_party(seller),
        "customer": customer_party(customer),
        "title": draft.title,
        "order_reference": draft.order_reference,
        "nature": draft.nature,
        "delivery": customer.delivery,
        "vat": vat_rows(added.vat, seller, draft.language, on),
        "custom_fields": tuple((field["name"], field["value"]) for field in draft.custom_fields),
        "memo": draft.memo,
        "other_mentions": draft.other_mentions,
        "attachments": tuple(str(attachment) for attachment in draft.attachments.all()),
        "look": look_of(seller),
    }


def sums_of(added: Totals) -> dict[str, Any]:
    """Return the totals in minor units, by the names of ``Document``."""
    return {
        "lines_net": added.lines_net,
        "discount": added.discount,
        "net": added.net,
        "tax": added.tax,
        "gross": added.gross,
    }


def _preceding(invoice: Invoice) -> tuple[Reference, ...]:
    """CGI 289 I-5: what replaces an invoice cites it by number and date (BT-25, BT-26)."""
    original = invoice.corrects.document if invoice.corrects is not None else None
    return (Reference(original.number, original.issued_on.isoformat()),) if original is not None else ()


def _instalments(invoice: Invoice, total: int) -> tuple[Instalment, ...]:
    """The instalments as printed; none while those of a draft do not add up: the review says so."""
    try:
        parts = invoice.instalment_parts(total)
    except DoesNotAddUp:
        return ()
    return tuple(Instalment(part.due_on.isoformat(), part.amount) for part in parts)


def _settled(invoice: Invoice, added: Totals) -> tuple[Settlement, Totals]:
    """What is deducted, and the totals with what is then left to ask for."""
    settled = settlement_of(invoice, added)
    if not settled.deducted:
        return settled, added
    net, tax = sum(row.base for row in settled.rest), sum(row.tax for row in settled.rest)
    return settled, replace(added, vat=settled.rest, net=net, tax=tax, gross=net + tax)


def _agreed(invoice: Invoice) -> Reference | None:
    """The quote that an invoice is for, and when it was agreed to."""
    contract = contract_of(invoice)
    return Reference(contract.quote.number, contract.quote.agreement.on.isoformat()) if contract else None


def _variant(invoice: Invoice, settled: Settlement) -> str:
    """A final invoice that deducts nothing is an ordinary one."""
    if invoice.kind == InvoiceKind.STANDARD or (invoice.kind == InvoiceKind.FINAL and not settled.deducted):
        return ""
    return invoice.kind


def _deducted(final: Invoice, parts: Sequence[Part], on: date) -> tuple[Deducted, ...]:
    """CGI 289 I: the final invoice cites each earlier one by number and date, with its VAT per rate."""
    kept = Invoice.objects.select_related("document").in_bulk([part.key for part in parts]) if parts else {}
    return tuple(
        Deducted(
            number=kept[part.key].number,
            issued_on=kept[part.key].document.issued_on.isoformat(),
            gross=part.gross,
            vat=vat_rows(_of_something(part.rows), final.seller, final.language, on),
        )
        for part in parts
    )


def _of_something(rows: Sequence[VatSubtotal]) -> list[VatSubtotal]:
    return [row for row in rows if row.base or row.tax]


def paper_of(*, document: Document, pay_url: str = "", watermark: str | None = None) -> Paper:
    """Return a document with what its drawing needs: logo, link, and the watermark it must bear."""
    if watermark is None:
        usual = "proforma" if document.kind == Kind.PROFORMA else ""
        watermark = "test" if document.mode == Mode.TEST else usual if document.number else "draft"
    return Paper(document, pay_url=pay_url, watermark=watermark, logo=logo_bytes(document.look.logo))


def signed_paper_of(*, document: Document, signed: Sequence[str]) -> Paper:
    """Return what a customer has signed, with the sentences that stand where a hand would sign."""
    return replace(paper_of(document=document), signed=tuple(signed))


def logo_bytes(name: str) -> bytes:
    """Return the picture kept under that content-addressed name, or nothing where there is none."""
    storage = private_storage()
    if not name or not storage.exists(name):
        return b""
    with storage.open(name) as file:
        content: bytes = file.read()
    return content


def seller_party(seller: Seller) -> Party:
    """Return the seller as printed."""
    return Party(
        name=seller.name,
        address=seller.address,
        legal_form=seller.legal_form,
        capital=seller.capital,
        siren=seller.siren,
        siret=seller.siret,
        vat_number=seller.vat_number,
        registration=seller.registration,
        email=seller.email,
        phone=seller.phone,
        website=seller.website,
    )


def customer_party(customer: Customer) -> Party:
    """Return the customer as printed."""
    return Party(
        name=customer.name,
        address=customer.address,
        kind=customer.kind,
        contact=customer.contact_name,
        siren=customer.siren,
        vat_number=customer.vat_number,
        email=customer.email,
    )


def look_of(seller: Seller) -> Look:
    """Return how the seller's papers look."""
    return Look(seller.page_size, seller.colour, seller.logo.name or "")


def vat_rows(rows: Sequence[totals.VatSubtotal], seller: Seller, language: str, on: date) -> tuple[VatRow, ...]:
    """Return the VAT breakdown as printed, with the legal sentence of each exemption."""
    printed = []
    for row in rows:
        reason = EXEMPTION_REASONS.get(row.vat.reason)
        wording = seller.wording(reason.wording, language=language, on=on) if reason else ""
        printed.append(VatRow(row.vat.category, plain(row.vat.rate), row.base, row.tax, row.vat.reason, wording))
    return tuple(printed)


def line_of(line: DraftLine, total: totals.LineTotal, **choice: Any) -> Line:
    """Return a line as printed; ``choice`` holds what of it the customer may choose, on a quote."""
    return Line(
        description=line.description,
        quantity=plain(line.quantity),
        unit=line.unit,
        unit_price=plain(line.unit_price),
        price_includes_vat=line.price_includes_vat,
        discount=total.discount,
        discount_percent=plain(line.discount_percent) if line.discount_percent else "",
        amount=total.amount,
        net=total.net,
        vat_category=line.vat_category,
        vat_rate=plain(line.vat_rate),
        vat_reason=line.vat_reason,
        **choice,
    )


def plain(value: Decimal) -> str:
    """Write a decimal without trailing zeros and without an exponent."""
    return f"{value.normalize() + 0:f}"


def _payment_terms(invoice: Invoice) -> PaymentTerms:
    seller = invoice.seller
    transfer = "transfer" in invoice.methods
    return PaymentTerms(
        iban=seller.iban if transfer else "",
        bic=seller.bic if transfer else "",
        account_holder=(seller.account_holder or seller.name) if transfer else "",
        online=invoice.online_payment,
        methods=tuple(invoice.methods),
    )


def _mentions(invoice: Invoice, added: Totals, on: date) -> tuple[str, ...]:
    """The sentences that the law wants: C. com. L441-9 for businesses, C. conso. L214-1 and L616-1 for consumers."""
    seller, customer, language = invoice.seller, invoice.customer, invoice.language
    keys = [] if customer.is_consumer else ["early_payment", "late_payment", "recovery_costs"]
    if seller.vat_on_debits and any(row.vat.category is VatCategory.STANDARD for row in added.vat):
        keys.insert(0, "vat_on_debits")
    if invoice.kind == InvoiceKind.DEPOSIT and hasattr(invoice, "deposit") and invoice.deposit.term:
        keys.append(invoice.deposit.term)
    sentences = [seller.wording(key, language=language, on=on) for key in keys]
    if seller.insurance:
        sentences.append(seller.insurance)
    if seller.mediator and customer.is_consumer:
        sentences.append(seller.mediator)
    return tuple(sentences)
