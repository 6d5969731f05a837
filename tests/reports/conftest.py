"""Money that came and went, as plain rows and entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests import factories
from tests.admin.business import make_dispute
from tests.mail.conftest import issue, issued_document
from wagtail_payments.actions import ledger
from wagtail_payments.core.snapshot import MoneyMoved
from wagtail_payments.models import Dispute, DisputedMoney, Invoice, Payment, Receipt, Refund, Seller


@pytest.fixture
def seller(db: None) -> Seller:
    """The training business."""
    return factories.seller_of_default_site()


@pytest.fixture
def invoiced(seller: Seller) -> Callable[..., Invoice]:
    """Make an issued invoice: ``invoiced("F2026-0001", nature="goods")``."""

    def make(number: str, **fields: Any) -> Invoice:
        invoice = factories.make_invoice(seller=seller, **fields)
        issue(invoice, number, drawn=False)
        return invoice

    return make


def received(invoice: Invoice | None, on: date, amount: int, *, seller: Seller | None = None, **given: Any) -> Payment:
    """Keep money that came, book it, and let it pay the invoice where there is one."""
    owner = invoice.seller if invoice else seller
    values: dict[str, Any] = {"method": "transfer", "currency": "EUR", "mode": "live", "gateway": "manual"}
    payment = Payment(
        seller=owner,
        customer=invoice.customer if invoice else None,
        amount=amount,
        received_on=on,
        received_at=at(on),
        **values | given,
    )
    payment.save()
    ledger.book_payment(payment=payment, now=at(on))
    if invoice is not None:
        payment.allocations.create(invoice=invoice, amount=amount, at=at(on))
    return payment


def refunded(payment: Payment, on: date, amount: int, **given: Any) -> Refund:
    """Keep money that went back, and book it."""
    values: dict[str, Any] = {"gateway": "manual", "kind": "overpayment", "mode": payment.mode, "state": "succeeded"}
    refund = Refund.objects.create(
        payment=payment,
        amount=amount,
        currency=payment.currency,
        idempotency_key=f"key-{Refund.objects.count()}",
        requested_at=at(on),
        settled_on=on,
        **values | given,
    )
    ledger.book_refund(refund=refund, on=on, now=at(on))
    return refund


def taken(payment: Payment, on: date, amount: int) -> DisputedMoney:
    """Keep money that a bank took by a dispute, or (negative) gave back, and book it."""
    dispute = Dispute.objects.filter(payment=payment).first() or make_dispute(payment, at(on), amount=abs(amount))
    moved: DisputedMoney = DisputedMoney.objects.create(
        dispute=dispute, payment=payment, amount=amount, on=on, at=at(on)
    )
    ledger.book_disputed(moved=moved, now=at(on))
    return moved


def receipt(payment: Payment, invoice: Invoice, number: str) -> Receipt:
    """Give a receipt."""
    moved = MoneyMoved(payment.received_on.isoformat(), payment.method, "")
    document = issued_document(invoice, number, kind="receipt", gross=payment.amount, moved=moved)
    row = Receipt(document=document, payment=payment)
    row.save()
    return row


def at(day: date) -> datetime:
    """Noon of a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
