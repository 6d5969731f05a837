"""From an invoice as it stands to the document that is printed: the same for a preview and for the issue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from wagtail_payments.core import totals
from wagtail_payments.core.deposits import Part, Settlement
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.core.snapshot import (
    Deducted,
    Document,
    Kind,
    Line,
    Look,
    Party,
    PaymentTerms,
    VatRow,
)
from wagtail_payments.core.tax import EXEMPTION_REASONS, VatCategory
from wagtail_payments.core.totals import Totals, VatSubtotal
from wagtail_payments.printing.paper import Paper
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.deposits import settlement_of, totals_of
from wagtail_payments.records.fields import Mode, private_storage
from wagtail_payments.records.invoices import Invoice, InvoiceLine
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
    seller, customer = invoice.seller, invoice.customer
    on = issued_on or seller.today(now)
    added = totals_of(invoice)
    settled = settlement_of(invoice, added)
    left = _left(added, settled)
    due_on = invoice.due_date(on)
    return Document(
        kind=Kind.INVOICE,
        mode=invoice.mode,
        language=invoice.language,
        currency=invoice.currency,
        seller=seller_party(seller),
        customer=customer_party(customer),
        number=number,
        issued_on=issued_on.isoformat() if issued_on else "",
        due_on=due_on.isoformat() if due_on else "",
        supplied_on=invoice.supplied_on.isoformat() if invoice.supplied_on else "",
        title=invoice.title,
        order_reference=invoice.order_reference,
        nature=invoice.nature,
        delivery=customer.delivery,
        lines=tuple(_line(line, total) for line, total in zip(invoice.lines.all(), added.lines, strict=True)),
        vat=vat_rows(left.vat, seller, invoice.language, on),
        lines_net=added.lines_net,
        discount=added.discount,
        net=left.net,
        tax=left.tax,
        gross=left.gross,
        prepaid=prepaid,
        due=left.gross - prepaid,
        payment=_payment_terms(invoice),
        custom_fields=tuple((field["name"], field["value"]) for field in invoice.custom_fields),
        memo=invoice.memo,
        other_mentions=invoice.other_mentions,
        terms=invoice.terms or seller.terms,
        mentions=_mentions(invoice, added, on),
        attachments=tuple(str(attachment) for attachment in invoice.attachments.all()),
        look=look_of(seller),
        variant=_variant(invoice, settled),
        deducted=_deducted(invoice, settled.deducted, on),
    )


def _left(added: Totals, settled: Settlement) -> Totals:
    """The totals with what is left to ask for, where something was invoiced before."""
    if not settled.deducted:
        return added
    net, tax = sum(row.base for row in settled.rest), sum(row.tax for row in settled.rest)
    return replace(added, vat=settled.rest, net=net, tax=tax, gross=net + tax)


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
        printed.append(VatRow(row.vat.category, _plain(row.vat.rate), row.base, row.tax, row.vat.reason, wording))
    return tuple(printed)


def _line(line: InvoiceLine, total: totals.LineTotal) -> Line:
    return Line(
        description=line.description,
        quantity=_plain(line.quantity),
        unit=line.unit,
        unit_price=_plain(line.unit_price),
        price_includes_vat=line.price_includes_vat,
        discount=total.discount,
        discount_percent=_plain(line.discount_percent) if line.discount_percent else "",
        amount=total.amount,
        net=total.net,
        vat_category=line.vat_category,
        vat_rate=_plain(line.vat_rate),
        vat_reason=line.vat_reason,
    )


def _plain(value: Decimal) -> str:
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
