"""Documents to draw: one of each kind that a French training business would send."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from PIL import Image, ImageDraw

from wagtail_payments.core import totals, wordings
from wagtail_payments.core.snapshot import (
    Address,
    Document,
    Kind,
    Line,
    MoneyMoved,
    Party,
    PaymentTerms,
    Reference,
    Share,
    VatRow,
)
from wagtail_payments.core.tax import EXEMPTION_REASONS, VatCategory, VatGroup
from wagtail_payments.core.totals import Discount, LineInput

TOULOUSE = Address("12 rue des Filatiers", "", "31000", "Toulouse", "FR")
SELLER = Party(
    name="Atelier Garonne",
    address=TOULOUSE,
    legal_form="SARL",
    capital="10 000 €",
    siren="732829320",
    siret="73282932000074",
    vat_number="FR44732829320",
    registration="RCS Toulouse 732 829 320",
    email="bonjour@atelier-garonne.example",
    phone="05 61 00 00 00",
    website="https://atelier-garonne.example",
)
CUSTOMER = Party(
    name="Librairie des Carmes SAS",
    address=Address("3 place des Carmes", "Bâtiment B", "31000", "Toulouse", "FR"),
    contact="Claire Dubosc",
    siren="404833048",
    vat_number="FR83404833048",
    email="compta@librairie.example",
)
IBAN = "FR7630006000011234567890189"
TRANSFER = PaymentTerms(
    iban=IBAN, bic="AGRIFRPP", account_holder="Atelier Garonne", online=True, methods=("card", "sepa_debit", "transfer")
)
PAY_URL = "https://atelier-garonne.example/paiements/l/Zk3pV9xQm2Lr7TnYb0Hs4w"
TWENTY, REDUCED = VatGroup(VatCategory.STANDARD, Decimal(20)), VatGroup(VatCategory.STANDARD, Decimal("5.5"))


def exempt(reason: str) -> VatGroup:
    return VatGroup(EXEMPTION_REASONS[reason].category, Decimal(0), reason)


@dataclass(frozen=True)
class Item:
    description: str
    price: str
    quantity: str = "1"
    unit: str = ""
    vat: VatGroup = TWENTY
    gross: bool = False
    percent: str = ""

    @property
    def input(self) -> LineInput:
        discount = Discount(percent=Decimal(self.percent or 0))
        return LineInput(Decimal(self.quantity), Decimal(self.price), self.vat, self.gross, discount)


COURSE = (
    Item("Formation « Écrire pour le web »\nDeux jours, dans vos locaux, pour six personnes", "1240.5", "2", "jour"),
    Item("Support de cours imprimé", "24", "6", "pièce", REDUCED),
    Item("Accompagnement à distance après la formation", "72.5", "3.5", "heure", percent="10"),
)


def document(items: Sequence[Item] = COURSE, *, discount: Discount = totals.NO_DISCOUNT, **changes: Any) -> Document:
    """Return an issued French invoice of these items, with the totals that core makes of them."""
    facts: dict[str, Any] = {
        "kind": Kind.INVOICE,
        "mode": "live",
        "language": "fr",
        "currency": "EUR",
        "seller": SELLER,
        "customer": CUSTOMER,
        "number": "F2026-0042",
        "issued_on": "2026-11-15",
        "due_on": "2026-12-15",
        "supplied_on": "2026-11-12",
        "title": "Formation de novembre",
        "order_reference": "BC-2026-117",
        "nature": "services",
        "payment": TRANSFER,
        "prepaid": 0,
    } | changes
    added = totals.compute([item.input for item in items], facts["currency"], discount)
    rows = tuple(_vat_row(row, facts["language"]) for row in added.vat)
    facts |= {
        "lines": tuple(_line(item, total) for item, total in zip(items, added.lines, strict=True)),
        "vat": rows,
        "lines_net": added.lines_net,
        "discount": added.discount,
        "net": added.net,
        "tax": added.tax,
        "gross": added.gross,
        "due": added.gross - facts["prepaid"],
    }
    return Document(**{"mentions": _mentions(facts)} | facts)


def _mentions(facts: dict[str, Any]) -> tuple[str, ...]:
    if facts["customer"].kind == "consumer":
        return ("Médiateur de la consommation : CM2C, 49 rue de Ponthieu, 75008 Paris, cm2c.example",)
    keys = ("early_payment", "late_payment", "recovery_costs")
    return tuple(wording(key, facts["language"]) for key in keys)


def wording(key: str, language: str) -> str:
    return wordings.find(key, language=language, on=wordings.SINCE_EVER)


def _vat_row(row: totals.VatSubtotal, language: str) -> VatRow:
    reason = EXEMPTION_REASONS.get(row.vat.reason)
    sentence = wording(reason.wording, language) if reason else ""
    return VatRow(row.vat.category, f"{row.vat.rate:f}", row.base, row.tax, row.vat.reason, sentence)


def _line(item: Item, total: totals.LineTotal) -> Line:
    return Line(
        description=item.description,
        quantity=item.quantity,
        unit=item.unit,
        unit_price=item.price,
        price_includes_vat=item.gross,
        discount=total.discount,
        discount_percent=item.percent,
        amount=total.amount,
        net=total.net,
        vat_category=item.vat.category,
        vat_rate=f"{item.vat.rate:f}",
        vat_reason=item.vat.reason,
    )


def long_invoice(lines: int = 70) -> Document:
    items = [
        Item(f"Séance d’accompagnement n° {n}, atelier du mardi", "35.25", "1.5", "heure") for n in range(1, lines + 1)
    ]
    return document(items, number="F2026-0043")


def franchise() -> Document:
    seller = replace(SELLER, name="Jeanne Martin", legal_form="Entrepreneur individuel (EI)", capital="", vat_number="")
    items = [Item("Cours de chant, novembre", "45", "4", "heure", exempt("VATEX-FR-FRANCHISE"))]
    return document(items, seller=seller, number="F2026-0007", order_reference="", title="")


def belgian() -> Document:
    address = Address("Rue de la Loi 16", "", "1000", "Bruxelles", "BE")
    customer = Party("Éditions du Sablon SRL", address, vat_number="BE0202239951", email="factures@sablon.example")
    items = [Item("Formation à distance", "1800", "1", "forfait", exempt("VATEX-EU-AE"))]
    return document(items, customer=customer, number="F2026-0044")


def consumer() -> Document:
    customer = Party("Paul Lefèvre", Address("8 allée des Tilleuls", "", "33000", "Bordeaux", "FR"), kind="consumer")
    items = [
        Item("Stage de reliure, samedi 21 novembre", "89.9", "2", "place", gross=True),
        Item("Livre « Le papier et la main »", "19.9", "1", "", REDUCED, gross=True),
    ]
    return document(
        items, discount=Discount(percent=Decimal(5)), customer=customer, order_reference="", number="F2026-0045"
    )


def paid_at_issue() -> Document:
    invoice = document(number="F2026-0046")
    return replace(invoice, prepaid=invoice.gross, due=0)


def credit_note() -> Document:
    items = [Item("Avoir sur la facture F2026-0042", "1240.5")]
    return document(
        items,
        kind=Kind.CREDIT_NOTE,
        number="A2026-0003",
        due_on="",
        payment=PaymentTerms(),
        preceding=(Reference("F2026-0042", "2026-11-15"),),
        memo="Une journée annulée à la demande du client",
    )


def receipt() -> Document:
    shares = (Share("F2026-0042", "2026-11-15", 300_000), Share("F2026-0043", "2026-11-16", 45_000))
    moved = MoneyMoved("2026-11-20", "card", "pi_3Q2hT1", shares, 5_000, card="Visa 4242")
    return _of_money(Kind.RECEIPT, "R2026-0011", moved, 350_000)


def refund_receipt() -> Document:
    moved = MoneyMoved(
        "2026-11-25",
        "card",
        "re_3Q2hT1",
        (Share("A2026-0003", "2026-11-24", 148_860),),
        0,
        "Journée annulée",
        "Visa 4242",
    )
    return _of_money(Kind.REFUND_RECEIPT, "R2026-0012", moved, 148_860)


def _of_money(kind: Kind, number: str, moved: MoneyMoved, amount: int) -> Document:
    return Document(
        kind=kind,
        mode="live",
        language="fr",
        currency="EUR",
        seller=SELLER,
        customer=CUSTOMER,
        number=number,
        issued_on=moved.on,
        gross=amount,
        moved=moved,
    )


def logo_png() -> bytes:
    """Return a small mark: three waves in the seller's blue, on white."""
    picture = Image.new("RGB", (600, 180), "white")
    pen = ImageDraw.Draw(picture)
    for row in range(3):
        for column in range(5):
            left, top = column * 116 + 10, row * 50 + 10
            pen.arc((left, top, left + 116, top + 60), 180 * (column % 2), 180 * (column % 2) + 180, "#1f3a5f", 10)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()
