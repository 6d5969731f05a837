"""The lists of quotes, disputes and reminders, and a customer's page with the balance, with few rows and with many.

Run: ``python tests/benchmarks/lists.py [rounds]``.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator

import _filling
import _pages
from django.db import connection, models
from django.urls import reverse

from tests import factories
from wagtail_payments.admin.places_of_books import list_url
from wagtail_payments.models import Customer, Dispute, Invoice, IssuedDocument, Payment, Quote, Reminder

FEW, MANY = 100, 5_000

_numbers = itertools.count(1)


def fill(count: int) -> None:
    """Add so many invoices, quotes, reminders, and almost half as many disputes; one customer has a tenth of all."""
    _filling.fill(count)
    first = Customer.objects.order_by("pk")[0]
    mine = list(Invoice.objects.order_by("-pk").values_list("pk", flat=True)[: count // 10])
    paid = list(Payment.objects.filter(allocations__invoice__in=mine).values_list("pk", flat=True))
    for model, keys in ((Invoice, mine), (Payment, paid)):  # past the guards of what is issued and booked
        models.QuerySet(model).filter(pk__in=keys).update(customer=first)
    _filling._write(list(_quotes(count)))
    _filling._write([_dispute(payment) for payment in Payment.objects.filter(disputes=None)])
    _filling._write([_reminder(invoice) for invoice in Invoice.objects.exclude(document=None).filter(reminders=None)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _quotes(count: int) -> Iterator[Quote]:
    """Nine of ten were sent, every third of them has expired."""
    seller, site = factories.seller_of_default_site(), factories.default_site()
    customers = list(Customer.objects.all())
    numbers = [next(_numbers) for _ in range(count)]
    documents = {number: _document(number) for number in numbers if number % 10}
    _filling._write(list(documents.values()))
    for number in numbers:
        document = documents.get(number)
        day = _filling.AT.date().replace(year=2020 if number % 3 == 0 else 2099)
        yield Quote(
            seller=seller,
            site=site,
            customer=customers[number % len(customers)],
            mode="test",
            currency="EUR",
            family=f"{number:032}",
            gross=_filling.GROSS,
            document=document,
            state="sent" if document else "draft",
            valid_until=day if document else None,
        )


def _document(number: int) -> IssuedDocument:
    return IssuedDocument(
        seller=factories.seller_of_default_site(),
        mode="test",
        kind="quote",
        series="quote",
        year=2026,
        sequence=number,
        number=f"TEST-D2026-{number:05}",
        issued_on=_filling.AT.date(),
        issued_at=_filling.AT,
        language="fr",
        currency="EUR",
        text="x" * 4000,  # as long as a real one
        sha256=f"{number:064}",
    )


def _dispute(payment: Payment) -> Dispute:
    return Dispute(
        payment=payment,
        gateway="stripe",
        mode="test",
        dispute_id=f"du_{payment.pk}",
        amount=50,
        currency="EUR",
        reason="fraudulent",
        state="needs_response",
        opened_at=_filling.AT,
    )


def _reminder(invoice: Invoice) -> Reminder:
    day = _filling.AT.date()
    return Reminder(invoice=invoice, due_on=day, planned_on=day, days=7, state="skipped", made_at=_filling.AT)


def views() -> dict[str, str]:
    quotes = reverse("wagtail_payments_quote:list")
    customer = Customer.objects.order_by("pk")[0]
    return {
        "quotes": quotes,
        "quotes, page 2": f"{quotes}?p=2",
        "quotes, expired": f"{quotes}?status=expired",
        "quotes, search": f"{quotes}?q=customer 7",
        "disputes": list_url(Dispute),
        "reminders": list_url(Reminder),
        "a customer's balance": reverse("wagtail_payments_customer:edit", args=[customer.pk]),
    }


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    _pages.compare("rows", FEW, MANY, fill=fill, urls=views, rounds=rounds)
