"""Thousands of invoices in every state, written as plain rows: quick to make, and just as heavy to read."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import _stage  # noqa: F401 - sets Django up
from django.db import connection, models, transaction

from tests import factories
from wagtail_payments.models import (
    Allocation,
    AttemptShare,
    Customer,
    Invoice,
    IssuedDocument,
    Payment,
    PaymentAttempt,
    Seller,
)

GROSS, NET, TAX = 144_000, 120_000, 24_000
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
CUSTOMERS_PER = 10

_numbers = itertools.count(1)


def fill(count: int) -> None:
    """Add invoices, ten or more: of ten, two drafts, three paid, one partly paid, one with the bank, three not paid."""
    with transaction.atomic():
        seller = factories.seller_of_default_site()
        customers = [
            factories.make_customer(name=f"Customer {number}") for number in range(max(1, count // CUSTOMERS_PER))
        ]
        numbers = [next(_numbers) for _ in range(count)]
        documents = {number: _document(seller, customers, number) for number in numbers if number % 10 > 1}
        _write(list(documents.values()))
        invoices = [_invoice(seller, customers, number, documents.get(number)) for number in numbers]
        _write(invoices)
        _write_payments(dict(zip(numbers, invoices, strict=True)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _write(rows: Sequence[models.Model]) -> None:
    if rows:
        models.QuerySet(type(rows[0])).bulk_create(rows, batch_size=500)


def _issued_on(number: int) -> date:
    """Ten a day, so that due dates lie on both sides of today."""
    return date.today() - timedelta(days=400) + timedelta(days=number % 400)  # noqa: DTZ011


def _document(seller: Seller, customers: Sequence[Customer], number: int) -> IssuedDocument:
    return IssuedDocument(
        seller=seller,
        customer=customers[number % len(customers)],
        mode="test",
        kind="invoice",
        series="invoice",
        year=2026,
        sequence=number,
        number=f"TEST-F2026-{number:05}",
        issued_on=_issued_on(number),
        issued_at=AT,
        language="fr",
        currency="EUR",
        net=NET,
        tax=TAX,
        gross=GROSS,
        text="x" * 4000,  # as long as a real one
        sha256=f"{number:064}",
    )


def _invoice(seller: Seller, customers: Sequence[Customer], number: int, document: IssuedDocument | None) -> Invoice:
    issued = {"document": document, "state": "issued", "due_on": _issued_on(number) + timedelta(days=30)}
    return Invoice(
        seller=seller,
        site=factories.default_site(),
        customer=customers[number % len(customers)],
        mode="test",
        title="Training",
        currency="EUR",
        net=NET,
        tax=TAX,
        gross=GROSS,
        **(issued if document else {"due_days": 30}),
    )


def _write_payments(invoices: dict[int, Invoice]) -> None:
    paid = {number: GROSS for number in invoices if number % 10 in (2, 3, 4)}
    paid |= {number: 1000 for number in invoices if number % 10 == 5}
    payments = [_payment(invoices[number], amount) for number, amount in paid.items()]
    _write(payments)
    allocations = [
        Allocation(payment=payment, invoice=invoices[number], amount=payment.amount, at=AT)
        for number, payment in zip(paid, payments, strict=True)
    ]
    _write(allocations)
    attempts = [_attempt(invoice) for number, invoice in invoices.items() if number % 10 == 6]
    _write(attempts)
    _write([_share(attempt) for attempt in attempts])


def _payment(invoice: Invoice, amount: int) -> Payment:
    facts: dict[str, Any] = {"seller": invoice.seller, "customer": invoice.customer, "mode": "test"}
    money = {"amount": amount, "currency": "EUR", "received_on": AT.date(), "received_at": AT}
    return Payment(method="transfer", **facts, **money)


def _attempt(invoice: Invoice) -> PaymentAttempt:
    return PaymentAttempt(
        invoice=invoice,
        site=invoice.site,
        gateway="stripe",
        mode="test",
        amount=GROSS,
        currency="EUR",
        state="processing",
        idempotency_key=f"key of {invoice.pk}",
        created_at=AT,
    )


def _share(attempt: PaymentAttempt) -> AttemptShare:
    amounts = {"amount": attempt.amount, "asked": attempt.amount}
    return AttemptShare(attempt=attempt, invoice=attempt.invoice, live_for=attempt.invoice, **amounts)
