"""How a customer stands: what is due, less money and credit notes not used yet; per currency, in minor units."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from wagtail_payments.records import customer_credit
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.invoices import Invoice


@dataclass(frozen=True, slots=True)
class Standing:
    """One currency: due on invoices, money that pays nothing yet, credit notes not used up."""

    currency: str
    due: int
    unallocated: int
    available: int

    @property
    def credit(self) -> int:
        """What the customer could pay with."""
        return self.unallocated + self.available

    @property
    def balance(self) -> int:
        """What is due once everything is used; negative: the seller owes the customer."""
        return self.due - self.credit


def of_customer(*, customer: Customer, mode: str = Mode.LIVE, **of: Any) -> list[Standing]:
    """Return how a customer stands, one row per currency in which there is anything; three queries.

    ``of`` narrows it down, such as ``seller=seller``.
    """
    invoices = Invoice.objects.with_balance().filter(customer=customer, document__isnull=False, mode=mode, **of)
    notes = customer_credit.credit_notes(invoice__customer=customer, mode=mode, **of)
    payments = customer_credit.payments(customer=customer, mode=mode, **of)
    due, free = _by_currency(invoices, "due"), _by_currency(payments, "free")
    left = _by_currency(notes, "available")
    found = [
        Standing(currency, due[currency], free[currency], left[currency])
        for currency in sorted(due.keys() | free.keys() | left.keys())
    ]
    return [row for row in found if row.due or row.credit]


def _by_currency(rows: Any, column: str) -> Counter[str]:
    """Added up here: databases differ in what they let be summed of a sum."""
    whole = Counter[str]()
    for currency, amount in rows.filter(**{f"{column}__gt": 0}).values_list("currency", column):
        whole[currency] += amount
    return whole
