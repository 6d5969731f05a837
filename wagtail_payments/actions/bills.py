"""What a registration owes, as the draft that every invoice begins with: it takes a number only when it is paid."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from wagtail_payments.actions import findings
from wagtail_payments.actions.baskets import Basket
from wagtail_payments.core import money
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.events import Event, TicketType
from wagtail_payments.records.invoices import Invoice, InvoiceLine
from wagtail_payments.records.registrations import Registration

ADDRESS = ("street", "extra", "postcode", "city", "country")


class NotReadyToSell(Exception):
    """The seller could not be invoiced for: what is missing in the settings, in words for the organiser."""


def draft(*, registration: Registration, basket: Basket, now: datetime) -> Invoice:
    """Write the draft of a registration that is not saved yet, inside the transaction that gives the seats.

    Raises ``NotReadyToSell``: nothing is sold that could not be invoiced.
    """
    _refuse_unready(registration.event, basket)
    event = registration.event
    paying = _paid_in_the_end(registration) if registration.deposit else paid_now(registration)
    invoice: Invoice = Invoice.objects.create(
        seller=event.seller,
        site=event.site,
        customer=_customer(registration),
        mode=registration.mode,
        title=event.said("name", registration.language)[:200],
        language=registration.language,
        currency=registration.currency,
        order_reference=registration.order_reference,
        nature="services",
        supplied_on=event.starts_at.astimezone(event.zone).date(),
        discount_percent=basket.discount.percent,
        discount_amount=money.to_major(basket.discount.minor, registration.currency),
        net=basket.totals.net,
        tax=basket.totals.tax,
        gross=basket.totals.gross,
        **paying,
    )
    InvoiceLine.objects.bulk_create(_lines(invoice, registration, basket))
    return invoice


def paid_now(registration: Registration) -> dict[str, Any]:
    """Return how and when the invoice that confirms the seats is paid."""
    seller = registration.event.seller
    if registration.pays_later:
        return {"due_days": seller.due_days}
    return {"due_days": 0, "online_payment": True, "methods": online(seller.methods)}


def _paid_in_the_end(registration: Registration) -> dict[str, Any]:
    """The whole order, of which a deposit is paid first; each way to pay is open for the rest."""
    return {"kind": InvoiceKind.FINAL, "due_on": registration.balance_on, "methods": registration.event.seller.methods}


def online(methods: list[str]) -> list[str]:
    """Return what of a seller's methods can be paid at once; none left means whatever the provider offers."""
    return [method for method in methods if method not in ("transfer", "cheque", "cash", "terminal")]


def vat_key(ticket_type: TicketType) -> tuple[str, str, str]:
    """Return how the VAT group of a ticket is named on its invoice: category, rate as printed, reason."""
    return (ticket_type.vat_category, f"{ticket_type.vat.rate:f}", ticket_type.vat_reason)


def _refuse_unready(event: Event, basket: Basket) -> None:
    charges = any(row.vat_category == "S" for row, _number, _price in basket.rows)
    wrong = [
        *findings.of_seller(seller=event.seller, charges_vat=charges),
        *findings.of_vat(seller=event.seller, groups=[row.vat for row, _number, _price in basket.rows]),
    ]
    problems = [finding.message for finding in wrong if finding.level == "error"]
    if problems:
        raise NotReadyToSell(" ".join(problems))


def _customer(registration: Registration) -> Customer:
    """Whoever registered before with the very same particulars is the same customer."""
    known: dict[str, Any] = {
        "kind": registration.kind,
        "name": registration.organisation or registration.name,
        "contact_name": registration.name if registration.organisation else "",
        "email": registration.email,
        "siren": registration.siren,
        "vat_number": registration.vat_number,
        **{name: getattr(registration, name) for name in ADDRESS},
    }
    standing = Customer.objects.filter(**known).order_by("pk").first()
    if standing is not None:
        return standing
    return Customer.objects.create(**known, phone=registration.phone, language=registration.language)


def day_in_words(registration: Registration) -> str:
    """Return the day of the event, on its own clock, in the language of a registration."""
    event = registration.event
    day = event.starts_at.astimezone(event.zone).date()
    return Writer(registration.language, registration.currency).date(day.isoformat())


def described(registration: Registration, ticket_type: TicketType) -> str:
    """Return how a ticket is called on an invoice."""
    title = registration.event.said("name", registration.language)[:200]
    return f"{ticket_type.said('name', registration.language)}\n{title}, {day_in_words(registration)}"


def _lines(invoice: Invoice, registration: Registration, basket: Basket) -> list[InvoiceLine]:
    return [
        InvoiceLine(
            invoice=invoice,
            sort_order=place,
            description=described(registration, row),
            quantity=Decimal(number),
            unit_price=price,
            price_includes_vat=row.price_includes_vat,
            vat_category=row.vat_category,
            vat_rate=row.vat_rate,
            vat_reason=row.vat_reason,
        )
        for place, (row, number, price) in enumerate(basket.rows)
    ]
