"""Valid rows for tests: a small French training business, its customers, and invoices to them.

Everything is made of plain rows; what the law or the books decide is left to the actions under test.
Whatever a test cares about, it names: ``make_customer(language="en")``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from wagtail.models import Collection, Locale, Page, Site

from wagtail_payments.core.tax import VatRegime
from wagtail_payments.models import (
    AttemptShare,
    CatalogueItem,
    Customer,
    Event,
    Invoice,
    InvoiceLine,
    Link,
    PaymentAttempt,
    PaymentRequest,
    PaymentSettings,
    PlanStep,
    Quote,
    QuoteLine,
    Seller,
    TicketType,
)
from wagtail_payments.records import customer_credit

_counter = itertools.count(1)
MOMENT = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)

Lines = Iterable["tuple[str, str, str, str] | InvoiceLine"]

ONE_DAY_OF_TRAINING: Lines = [("Training day", "1", "1200.00", "20")]


def default_site() -> Site:
    """Return the default site, made again with Wagtail's roots where a test has emptied the database."""
    Locale.objects.get_or_create(language_code="en")
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")
        home = Page.objects.filter(depth=2).first() or root.add_child(instance=Page(title="Home", slug="home"))
        site = Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    return site


def make_seller(**fields: Any) -> Seller:
    """Make a training business in Toulouse that charges VAT."""
    values: dict[str, Any] = {
        "name": "Atelier Garonne",
        "legal_form": "SARL",
        "capital": "5 000 €",
        "street": "12 rue des Filatiers",
        "postcode": "31000",
        "city": "Toulouse",
        "siren": "732829320",
        "siret": "73282932000074",
        "vat_number": "FR44732829320",
        "registration": "RCS Toulouse",
        "email": "bonjour@atelier.example",
        "phone": "+33 5 61 00 00 00",
        "iban": "FR7630006000011234567890189",
        "bic": "AGRIFRPP",
        "mediator": "Médiateur de la consommation : CM2C, 14 rue Saint Jean, 75017 Paris",
        "language": "fr",
    }
    return Seller.objects.create(**values | fields)


def make_small_seller(**fields: Any) -> Seller:
    """Make a sole trader without VAT (art. 293 B)."""
    values = {"name": "Camille Roche EI", "legal_form": "EI", "capital": "", "vat_number": "", "registration": ""}
    return make_seller(**values | {"vat_regime": VatRegime.FRANCHISE} | fields)


def settle_site(seller: Seller | None = None, site: Site | None = None) -> PaymentSettings:
    """Say that a site (the default one) sells for a seller (a new one)."""
    settings = PaymentSettings.for_site(site or default_site())
    settings.seller = seller or make_seller()
    settings.save()
    return settings


def seller_of_default_site() -> Seller:
    """Return the seller of the default site; one is made where there is none."""
    settings = PaymentSettings.for_site(default_site())
    return settings.seller or settle_site().seller


def make_customer(**fields: Any) -> Customer:
    """Make a French business."""
    values: dict[str, Any] = {
        "kind": "professional",
        "name": "Librairie du Canal",
        "contact_name": "Nadia Ferrand",
        "street": "3 quai de la Daurade",
        "postcode": "31000",
        "city": "Toulouse",
        "country": "FR",
        "email": "nadia@librairie.example",
        "siren": "404833048",
        "vat_number": "FR83404833048",
        "language": "fr",
    }
    return Customer.objects.create(**values | fields)


def make_consumer(**fields: Any) -> Customer:
    """Make a private person."""
    values: dict[str, Any] = {
        "kind": "consumer",
        "name": "Julie Martin",
        "contact_name": "",
        "email": "julie@example.org",
        "siren": "",
        "vat_number": "",
    }
    return make_customer(**values | fields)


def make_belgian(**fields: Any) -> Customer:
    """Make a Belgian business, which accounts for the VAT itself."""
    values: dict[str, Any] = {
        "name": "Boekhandel Schelde BV",
        "contact_name": "Pieter Claes",
        "street": "Kloosterstraat 8",
        "postcode": "2000",
        "city": "Antwerpen",
        "country": "BE",
        "email": "pieter@schelde.example",
        "siren": "",
        "vat_number": "BE0428759497",
        "language": "en",
    }
    return make_customer(**values | fields)


def make_public_body(**fields: Any) -> Customer:
    """Make a French public body."""
    values: dict[str, Any] = {
        "kind": "public_body",
        "name": "Mairie de Saint-Orens",
        "email": "compta@mairie.example",
        "siren": "130025265",
        "vat_number": "",
    }
    return make_customer(**values | fields)


def make_item(**fields: Any) -> CatalogueItem:
    """Make something that is sold again and again."""
    values: dict[str, Any] = {
        "name": "Training day",
        "description": "One day of training on your premises",
        "unit": "day",
        "unit_price": Decimal("1200.00"),
    }
    return CatalogueItem.objects.create(**values | fields)


def make_line(description: str, quantity: str, unit_price: str, rate: str, **fields: Any) -> InvoiceLine:
    """Make a line that is not saved yet; a rate of 0 means training exempt from VAT unless the fields say more."""
    exempt = {"vat_category": "E", "vat_reason": "VATEX-EU-132-1I"} if not Decimal(rate) else {}
    values = {"quantity": Decimal(quantity), "unit_price": Decimal(unit_price), "vat_rate": Decimal(rate)}
    return InvoiceLine(description=description, **values | exempt | fields)


def make_reverse_charge_line(description: str, quantity: str, unit_price: str, **fields: Any) -> InvoiceLine:
    """Make a line of services to a business in another EU country."""
    reverse = {"vat_category": "AE", "vat_reason": "VATEX-EU-AE"}
    return make_line(description, quantity, unit_price, "0", **reverse | fields)


def build_invoice(*, customer: Customer | None = None, lines: Lines = ONE_DAY_OF_TRAINING, **fields: Any) -> Invoice:
    """Build a draft with its lines, its totals added up, without saving it."""
    customer = customer or make_customer()
    values: dict[str, Any] = {"language": customer.language, "title": "Training"}
    if "due_on" not in fields:
        values["due_days"] = 30
    if "seller" not in fields:
        values["seller"] = seller_of_default_site()
    if "site" not in fields:
        values["site"] = default_site()
    invoice = Invoice(customer=customer, **values | fields)
    rows = [line if isinstance(line, InvoiceLine) else make_line(*line) for line in lines]
    for position, row in enumerate(rows):
        row.sort_order = position
    invoice.lines.set(rows)
    totals = invoice.totals()
    invoice.net, invoice.tax, invoice.gross = totals.net, totals.tax, totals.gross
    return invoice


def make_invoice(*, customer: Customer | None = None, lines: Lines = ONE_DAY_OF_TRAINING, **fields: Any) -> Invoice:
    """Make a draft: ``make_invoice(lines=[("Training", "2", "450.00", "20")], title="Spring")``.

    A line is (description, quantity, unit price, VAT rate) or an unsaved ``InvoiceLine``. Issue it by
    ``actions.invoices.issue``.
    """
    invoice = build_invoice(customer=customer, lines=lines, **fields)
    invoice.save()
    return invoice


def make_attempt(invoice: Invoice, *, live: bool = False, **fields: Any) -> PaymentAttempt:
    """Make a try to pay all of an invoice online; a live one bars another."""
    values: dict[str, Any] = {
        "site": invoice.site,
        "gateway": "stripe",
        "mode": "test",
        "amount": invoice.gross,
        "currency": invoice.currency,
        "idempotency_key": f"{next(_counter):032}",
    }
    attempt = PaymentAttempt.objects.create(invoice=invoice, **values | fields)
    amount, live_for = attempt.amount, invoice if live else None
    AttemptShare.objects.create(attempt=attempt, invoice=invoice, live_for=live_for, amount=amount, asked=amount)
    return attempt


def is_live(attempt: PaymentAttempt) -> bool:
    """Does a try bar others for its invoices, as the database has it?"""
    return AttemptShare.objects.filter(attempt=attempt.pk, live_for__isnull=False).exists()


def make_payment_request(*invoices: Invoice, **fields: Any) -> PaymentRequest:
    """Make a request to pay these invoices together, with its link; whether it makes sense is not asked."""
    first = invoices[0]
    key = f"{next(_counter):032}"
    values: dict[str, Any] = {"seller": first.seller, "customer": first.customer, "site": first.site}
    values |= {"mode": first.mode, "currency": first.currency, "language": first.language, "created_at": MOMENT}
    request = PaymentRequest.objects.create(public_id=key, of_these=key, **values | fields)
    request.invoices.set(invoices)
    Link.objects.create(payment_request=request, site=first.site, public_id=key, created_at=MOMENT)
    return request


def make_quote_line(description: str, quantity: str, unit_price: str, rate: str, **fields: Any) -> QuoteLine:
    """Make a line of a quote that is not saved yet; ``is_optional``, ``least`` and ``most`` as fields."""
    exempt = {"vat_category": "E", "vat_reason": "VATEX-EU-132-1I"} if not Decimal(rate) else {}
    values = {"quantity": Decimal(quantity), "unit_price": Decimal(unit_price), "vat_rate": Decimal(rate)}
    return QuoteLine(description=description, **values | exempt | fields)


def build_quote(
    *,
    customer: Customer | None = None,
    lines: Iterable[tuple[str, str, str, str] | QuoteLine] = (("Training day", "1", "1200.00", "20"),),
    plan: Iterable[tuple[str, str | None, str | None, str]] = (),
    **fields: Any,
) -> Quote:
    """Build the draft of a quote, valid for 30 days, without saving it.

    A part of the plan is (label, percent or None, amount with VAT or None, moment).
    """
    customer = customer or make_customer()
    values: dict[str, Any] = {"language": customer.language, "title": "Training"}
    if "valid_until" not in fields:
        values["valid_days"] = 30
    if "seller" not in fields:
        values["seller"] = seller_of_default_site()
    if "site" not in fields:
        values["site"] = default_site()
    quote = Quote(customer=customer, **values | fields)
    rows = [line if isinstance(line, QuoteLine) else make_quote_line(*line) for line in lines]
    for position, row in enumerate(rows):
        row.sort_order = position
    quote.lines.set(rows)
    quote.plan.set([_plan_step(position, *step) for position, step in enumerate(plan)])
    totals = quote.totals()
    quote.net, quote.tax, quote.gross = totals.net, totals.tax, totals.gross
    return quote


def _plan_step(position: int, label: str, percent: str | None, amount: str | None, moment: str) -> PlanStep:
    on = moment if moment[0].isdigit() else None
    return PlanStep(
        sort_order=position,
        label=label,
        percent=Decimal(percent) if percent else None,
        amount=Decimal(amount) if amount else None,
        moment="on_date" if on else moment,
        on=date.fromisoformat(on) if on else None,
    )


def make_quote(**fields: Any) -> Quote:
    """Make the draft of a quote: ``make_quote(plan=[("Deposit", "30", None, "at_signature"), ...])``.

    Send it by ``actions.quotes.send``.
    """
    quote = build_quote(**fields)
    quote.save()
    return quote


def make_ticket_type(event: Event, **fields: Any) -> TicketType:
    """Make a ticket of an event for 120.00 euros, 20 % VAT included, as the last of its tickets."""
    values: dict[str, Any] = {
        "name": "Standard",
        "price": Decimal("120.00"),
        "price_includes_vat": True,
        "vat_rate": Decimal(20),
        "sort_order": event.ticket_types.count(),
    }
    return TicketType.objects.create(event=event, **values | fields)


def make_event(**fields: Any) -> Event:
    """Make a bookbinding workshop in Toulouse on 12 June 2026 from 9:30 to 17:00: ten seats, one ticket type.

    ``make_event(ticket_types=False)`` has none yet. Registration is open, as of the fixture ``now``.
    """
    has_tickets = fields.pop("ticket_types", True)
    values: dict[str, Any] = {
        "name": "Atelier de reliure",
        "language": "fr",
        "starts_at": datetime(2026, 6, 12, 7, 30, tzinfo=UTC),
        "ends_at": datetime(2026, 6, 12, 15, 0, tzinfo=UTC),
        "time_zone": "Europe/Paris",
        "place": "Atelier Garonne",
        "address": "12 rue des Filatiers\n31000 Toulouse",
        "capacity": 10,
    }
    if "seller" not in fields:
        values["seller"] = seller_of_default_site()
    if "site" not in fields:
        values["site"] = default_site()
    event = Event.objects.create(**values | fields)
    if has_tickets:
        make_ticket_type(event)
    return event


def make_user(*permissions: str, **fields: Any) -> Any:
    """Make a user who may enter the admin and holds those permissions of ours, through a group.

    Permissions are code names such as ``issue_invoice``.
    """
    user = get_user_model().objects.create_user(**_identity("user") | {"password": "secret"} | fields)
    group = Group.objects.create(name=f"Group of {user.username}")
    group.permissions.set(_permissions(permissions))
    user.groups.add(group)
    return user


def make_editor(**fields: Any) -> Any:
    """Make a user who holds every permission of ours."""
    ours = Permission.objects.filter(content_type__app_label="wagtail_payments")
    return make_user(*ours.values_list("codename", flat=True), **fields)


def make_superuser(**fields: Any) -> Any:
    """Make a user who may do everything."""
    return get_user_model().objects.create_superuser(**_identity("boss") | {"password": "secret"} | fields)


def _identity(word: str) -> dict[str, str]:
    name = f"{word}-{next(_counter)}"
    return {"username": name, "email": f"{name}@atelier.example"}


def _permissions(codenames: Iterable[str]) -> list[Permission]:
    wanted = set(codenames)
    found = list(Permission.objects.filter(content_type__app_label="wagtail_payments", codename__in=wanted))
    missing = wanted - {permission.codename for permission in found}
    if missing:
        raise ValueError(f"no such permission: {sorted(missing)}")
    return [*found, *Permission.objects.filter(Q(codename="access_admin"))]


def credit_for(invoice: Invoice) -> int:
    """Return all that the customer has to pay an invoice with, as pages ask for it."""
    return customer_credit.total_of(customer_credit.with_credit(Invoice.objects.filter(pk=invoice.pk)).get())
