"""The tables of a document: lines, VAT, totals, and what a receipt was for."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from wagtail_payments.core.snapshot import Document, Kind, Line
from wagtail_payments.printing.amounts import Writer


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns the lines need, and how those are headed whose prices are with or without VAT."""

    unit: bool
    discount: bool
    vat: bool
    price_heading: str
    amount_heading: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line; figures are without the currency, ``total`` is the amount with it."""

    description: str
    quantity: str
    unit: str
    unit_price: str
    price_note: str
    discount: str
    vat: str
    amount: str
    total: str


@dataclass(frozen=True, slots=True)
class VatLine:
    """A row of the VAT table, figures without the currency."""

    rate: str
    base: str
    tax: str


@dataclass(frozen=True, slots=True)
class DeductedRow:
    """One VAT rate of an invoice that is deducted, figures without the currency; number and date stand once."""

    document: str
    issued_on: str
    rate: str
    base: str
    tax: str
    gross: str


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A row of the totals; ``weight`` is "plain", "strong" or "main"."""

    label: str
    amount: str
    weight: str = "plain"


@dataclass(frozen=True, slots=True)
class ShareRow:
    """What part of a payment or refund was for which document."""

    document: str
    issued_on: str
    amount: str


def charges_vat(document: Document) -> bool:
    """Whether VAT is a matter of this document; else net and gross are one and no rate is shown."""
    return any(row.tax or row.category in ("S", "Z") for row in document.vat)


def _basis(document: Document) -> str:
    """How the lines are priced: "net", "gross", or "mixed"."""
    found = {line.price_includes_vat for line in document.lines}
    return "mixed" if len(found) > 1 else "gross" if True in found else "net"


def columns(document: Document) -> Columns:
    """Return which columns the lines need."""
    price, amount = _headings(document)
    return Columns(
        unit=any(line.unit for line in document.lines),
        discount=any(line.discount for line in document.lines),
        vat=charges_vat(document),
        price_heading=price,
        amount_heading=amount,
    )


def _headings(document: Document) -> tuple[str, str]:
    if not charges_vat(document):
        return _("Unit price"), _("Amount")
    return {
        "net": (_("Unit price excl. VAT"), _("Amount excl. VAT")),
        "gross": (_("Unit price incl. VAT"), _("Amount incl. VAT")),
        "mixed": (_("Unit price"), _("Amount excl. VAT")),
    }[_basis(document)]


def _line(row: Line, writer: Writer, *, mixed: bool) -> LineRow:
    """In a mixed table the amount is net, and the price says what it is."""
    amount = row.net if mixed else row.amount
    note = (_("incl. VAT") if row.price_includes_vat else _("excl. VAT")) if mixed else ""
    discount = writer.percent(row.discount_percent) if row.discount_percent else writer.figures(row.discount)
    return LineRow(
        description=row.description,
        quantity=writer.quantity(row.quantity),
        unit=row.unit,
        unit_price=writer.price(row.unit_price),
        price_note=note,
        discount=discount if row.discount else "",
        vat=writer.percent(row.vat_rate),
        amount=writer.figures(amount),
        total=writer.money(amount),
    )


def lines(document: Document, writer: Writer) -> tuple[LineRow, ...]:
    """Return the lines as printed."""
    mixed = charges_vat(document) and _basis(document) == "mixed"
    return tuple(_line(row, writer, mixed=mixed) for row in document.lines)


def vat(document: Document, writer: Writer) -> tuple[VatLine, ...]:
    """Return the VAT breakdown, one row per rate (BG-23)."""
    if not charges_vat(document):
        return ()
    return tuple(
        VatLine(writer.percent(row.rate), writer.figures(row.base), writer.figures(row.tax)) for row in document.vat
    )


def exemptions(document: Document) -> tuple[str, ...]:
    """Return the legal sentences for what bears no VAT, each once."""
    return tuple(dict.fromkeys(row.wording for row in document.vat if row.wording))


def totals(document: Document, writer: Writer) -> tuple[TotalRow, ...]:
    """Return the totals down to what is due, or to what the document is about."""
    if document.kind not in (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PROFORMA):
        return ()
    return (
        *_before(document, writer),
        *_whole(document, writer),
        *_sums(document, writer),
        *_after(document, writer),
    )


def _before(document: Document, writer: Writer) -> list[TotalRow]:
    """The sum of the lines and the discount on the whole, in the price basis of the lines."""
    if not document.discount:
        return []
    whole, left = document.lines_net, document.lines_net - document.discount
    if _basis(document) == "gross":
        whole = sum(row.amount for row in document.lines)
        left = document.gross + sum(one.gross for one in document.deducted)
    return [
        TotalRow(_("Sum of the lines"), writer.money(whole)),
        TotalRow(_("Discount"), writer.money(left - whole)),
    ]


def _whole(document: Document, writer: Writer) -> list[TotalRow]:
    """The order as a whole and what was invoiced of it before; the sums that follow are what is left."""
    if not document.deducted:
        return []
    before = sum(one.gross for one in document.deducted)
    label = _("Whole order incl. VAT") if charges_vat(document) else _("Whole order")
    return [
        TotalRow(label, writer.money(document.gross + before)),
        TotalRow(_("Already invoiced"), writer.money(-before)),
    ]


def deducted(document: Document, writer: Writer) -> tuple[DeductedRow, ...]:
    """Return what earlier invoices are deducted: one row per invoice and VAT rate."""
    return tuple(
        DeductedRow(
            document=one.number if not place else "",
            issued_on=writer.date(one.issued_on) if not place else "",
            rate=writer.percent(row.rate),
            base=writer.figures(row.base),
            tax=writer.figures(row.tax),
            gross=writer.figures(row.base + row.tax),
        )
        for one in document.deducted
        for place, row in enumerate(one.vat)
    )


def _sums(document: Document, writer: Writer) -> list[TotalRow]:
    if not charges_vat(document):
        return [TotalRow(_("Total"), writer.money(document.gross), "strong")]
    return [
        TotalRow(_("Total excl. VAT"), writer.money(document.net)),
        TotalRow(_("VAT"), writer.money(document.tax)),
        TotalRow(_("Total incl. VAT"), writer.money(document.gross), "strong"),
    ]


def _after(document: Document, writer: Writer) -> list[TotalRow]:
    if document.kind == Kind.PROFORMA:
        return []
    if document.kind == Kind.CREDIT_NOTE:
        return [TotalRow(_("Amount credited"), writer.money(document.gross), "main")]
    paid = [TotalRow(_("Already paid"), writer.money(-document.prepaid))] if document.prepaid else []
    return [*paid, TotalRow(_("Amount due"), writer.money(document.due), "main")]


def shares(document: Document, writer: Writer) -> tuple[ShareRow, ...]:
    """Return what a payment or refund was for; last, what stands for nothing yet."""
    moved = document.moved
    if moved is None:
        return ()
    found = [ShareRow(share.number, writer.date(share.issued_on), writer.money(share.amount)) for share in moved.shares]
    if moved.unallocated:
        found.append(ShareRow(_("Not yet set against an invoice"), "", writer.money(moved.unallocated)))
    return tuple(found)
