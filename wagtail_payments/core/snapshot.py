"""The frozen document: everything that is printed on an invoice, credit note or receipt.

It is made at issue, kept as canonical JSON text of integers and strings only, and hashed; the page,
the PDF and the XML are drawn from it and from nothing else, so that they can be drawn again alike.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

FORMAT = 2  # 2: quotes, deposits and what is deducted, instalments, corrective invoices


class Kind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"
    REFUND_RECEIPT = "refund_receipt"
    QUOTE = "quote"
    PROFORMA = "proforma"


# UNCL 1001 type codes (BT-3) by kind and variant; quotes and receipts are no invoices and have none.
TYPE_CODES: dict[tuple[Kind, str], str] = {
    (Kind.INVOICE, ""): "380",
    (Kind.INVOICE, "interim"): "380",
    (Kind.INVOICE, "final"): "380",
    (Kind.INVOICE, "deposit"): "386",
    (Kind.INVOICE, "corrective"): "384",
    (Kind.CREDIT_NOTE, ""): "381",
    (Kind.CREDIT_NOTE, "deposit"): "503",
}


class UnknownFormat(ValueError):
    """The text was written by a newer version of this package."""


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; ``country`` is an ISO 3166 code."""

    street: str = ""
    extra: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or customer as printed; empty strings are not printed."""

    name: str
    address: Address
    kind: str = "professional"  # consumer, professional or public_body
    contact: str = ""
    legal_form: str = ""
    capital: str = ""
    siren: str = ""
    siret: str = ""
    vat_number: str = ""
    registration: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; quantity, unit_price (currency units) and vat_rate (percent) are decimals as text.

    The rest are minor units: ``amount`` and ``discount`` in the line's own price basis (gross when
    ``price_includes_vat``), ``net`` is BT-131.
    """

    description: str
    quantity: str
    unit: str
    unit_price: str
    price_includes_vat: bool
    discount: int
    discount_percent: str
    amount: int
    net: int
    vat_category: str
    vat_rate: str
    vat_reason: str = ""
    optional: bool = False  # on a quote: the customer chooses it, or not
    least: str = ""  # on a quote: the bounds within which the customer chooses the quantity
    most: str = ""


@dataclass(frozen=True, slots=True)
class VatRow:
    """One row of the VAT breakdown, minor units; ``wording`` is the legal sentence where no VAT is charged."""

    category: str
    rate: str
    base: int
    tax: int
    reason: str = ""
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Another document that this one is about: its number and ISO date of issue (BT-25, BT-26)."""

    number: str
    issued_on: str


@dataclass(frozen=True, slots=True)
class Deducted:
    """An invoice of a part of the contract, taken off the final one, per VAT rate; amounts less its credit notes.

    The totals of the final document are what is left after it; ``lines`` are those of the whole contract.
    """

    number: str
    issued_on: str
    gross: int
    vat: tuple[VatRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of what is due with an ISO date of its own, minor units."""

    due_on: str
    amount: int


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A part of a quote that will be invoiced: gross minor units, percent as text where agreed so, and when in words.

    ``moment`` is at_signature, on_date or on_milestone; ``on`` the ISO date of the second.
    """

    label: str
    amount: int
    percent: str = ""
    moment: str = "at_signature"
    on: str = ""


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """How the document can be paid; ``methods`` are codes such as card, sepa_debit, transfer."""

    iban: str = ""
    bic: str = ""
    account_holder: str = ""
    online: bool = False
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What part of a payment or refund concerns which document, in minor units."""

    number: str
    issued_on: str
    amount: int


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """What a receipt attests: an amount in minor units, its ISO date, its method code, and what it was for."""

    on: str
    method: str
    reference: str
    shares: tuple[Share, ...] = ()
    unallocated: int = 0
    reason: str = ""
    card: str = ""  # brand and last four digits


@dataclass(frozen=True, slots=True)
class Look:
    """How the seller's papers look: page size, colour as ``#rrggbb``, and the content-addressed name of the logo."""

    page_size: str = "A4"
    colour: str = "#1f3a5f"
    logo: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as printed. Dates are ISO, amounts minor units, ``mode`` is live or test.

    A draft has no number and no date of issue. ``prepaid`` is what was paid at issue (BT-113),
    ``due`` the amount due at issue (BT-115).
    """

    kind: str
    mode: str
    language: str
    currency: str
    seller: Party
    customer: Party
    number: str = ""
    issued_on: str = ""
    due_on: str = ""
    supplied_on: str = ""
    title: str = ""
    order_reference: str = ""
    nature: str = ""  # goods, services, both
    delivery: Address | None = None
    lines: tuple[Line, ...] = ()
    vat: tuple[VatRow, ...] = ()
    lines_net: int = 0
    discount: int = 0
    net: int = 0
    tax: int = 0
    gross: int = 0
    prepaid: int = 0
    due: int = 0
    preceding: tuple[Reference, ...] = ()
    payment: PaymentTerms = PaymentTerms()
    moved: MoneyMoved | None = None
    custom_fields: tuple[tuple[str, str], ...] = ()
    memo: str = ""
    other_mentions: str = ""
    terms: str = ""
    mentions: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    look: Look = Look()
    variant: str = ""  # of an invoice: deposit, interim, final or corrective; of a credit note: deposit
    deducted: tuple[Deducted, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    agreed: Reference | None = None  # the quote that was signed, and when
    valid_until: str = ""  # of a quote, ISO
    version: int = 0  # of a quote
    plan: tuple[PlanStep, ...] = ()  # of a quote: how it will be invoiced
    deposit_term: str = ""  # of a quote: acompte or arrhes, C. conso. L214-1
    format: int = FORMAT


ROWS: dict[str, type[Any]] = {
    "lines": Line,
    "vat": VatRow,
    "preceding": Reference,
    "instalments": Instalment,
    "plan": PlanStep,
}


def to_text(document: Document) -> str:
    """Return the canonical JSON text: sorted keys, no spaces, UTF-8 characters as they are."""
    return json.dumps(asdict(document), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(text: str) -> str:
    """Return the SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def from_text(text: str) -> Document:
    """Read a canonical text back; raises ``UnknownFormat`` for a text of a newer version."""
    data: dict[str, Any] = json.loads(text)
    if data["format"] > FORMAT:
        raise UnknownFormat(data["format"])
    for name, part in (("seller", Party), ("customer", Party)):
        data[name] = _party(part, data[name])
    data["delivery"] = Address(**data["delivery"]) if data["delivery"] else None
    for name, row in ROWS.items():
        data[name] = tuple(row(**values) for values in data.get(name, ()))
    data["deducted"] = tuple(_deducted(values) for values in data.get("deducted", ()))
    data["agreed"] = Reference(**data["agreed"]) if data.get("agreed") else None
    data["payment"] = PaymentTerms(**data["payment"] | {"methods": tuple(data["payment"]["methods"])})
    data["moved"] = _moved(data["moved"]) if data["moved"] else None
    data["custom_fields"] = tuple((name, value) for name, value in data["custom_fields"])
    data["look"] = Look(**data["look"])
    for name in ("mentions", "attachments"):
        data[name] = tuple(data[name])
    return Document(**{field.name: data[field.name] for field in fields(Document) if field.name in data})


def _deducted(values: dict[str, Any]) -> Deducted:
    return Deducted(**values | {"vat": tuple(VatRow(**row) for row in values["vat"])})


def _party(part: type[Party], values: dict[str, Any]) -> Party:
    return part(**values | {"address": Address(**values["address"])})


def _moved(values: dict[str, Any]) -> MoneyMoved:
    return MoneyMoved(**values | {"shares": tuple(Share(**share) for share in values["shares"])})
