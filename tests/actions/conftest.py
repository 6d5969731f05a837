"""Short ways to what most tests of the verbs begin with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import factories
from wagtail_payments import ports
from wagtail_payments.actions import invoices, payments
from wagtail_payments.models import Invoice, Payment


@pytest.fixture
def issued(db: None, now: datetime) -> Callable[..., Invoice]:
    """Make and issue an invoice: ``issued(lines=[...])``."""

    def issue(**fields: Any) -> Invoice:
        draft = factories.make_invoice(**fields)
        return invoices.issue(invoice_id=draft.pk, by=None, now=now)

    return issue


@pytest.fixture
def paid_by_transfer(now: datetime) -> Callable[..., Payment]:
    """Record a transfer for an invoice: of all that is due unless told otherwise."""

    def pay(invoice: Invoice, amount: int | None = None, **fields: Any) -> Payment:
        values = {
            "method": "transfer",
            "received_on": invoice.seller.today(now),
            "reference": "VIR",
            "by": None,
            "now": now,
            "form_key": ports.new_id(),
        }
        due = invoice.balance().due
        return payments.record(invoice=invoice, amount=due if amount is None else amount, **values | fields)

    return pay
