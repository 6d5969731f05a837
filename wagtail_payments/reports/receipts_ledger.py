"""The receipts ledger (livre de recettes): money as it came in, day by day, with its totals.

French micro-enterprises must keep one (C. com. art. L123-28, CGI art. 50-0 and 102 ter): chronological, with date
of receipt, document, customer, nature, method and amount; cash apart. The amount is gross, fees are not deducted,
and money that went back, or that a bank took, is a row of its own on its own date.
"""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from wagtail_payments.core import money
from wagtail_payments.printing.amounts import method_name
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.ledger import Entry
from wagtail_payments.records.payments import Payment
from wagtail_payments.records.sellers import Seller, natures
from wagtail_payments.reports.spreadsheet import Cell

CASH = "cash"
RETURNING = ("refund", "refund_failed", "dispute", "dispute_won")


@dataclass(frozen=True, slots=True)
class Row:
    """Money that came in, or (negative) went back; ``amount`` in minor units.

    ``documents`` are the numbers of the invoices and credit notes it is about, ``receipt`` that of its receipt.
    """

    on: date
    documents: tuple[str, ...]
    receipt: str
    customer: str
    nature: str
    method: str
    amount: int
    currency: str

    @property
    def is_cash(self) -> bool:
        """Cash is kept apart."""
        return self.method == CASH

    @property
    def month(self) -> str:
        """The month as ``2026-03``."""
        return f"{self.on:%Y-%m}"

    @property
    def quarter(self) -> str:
        """The quarter as ``2026-Q1``."""
        return f"{self.on.year}-Q{(self.on.month + 2) // 3}"


@dataclass(slots=True)
class Total:
    """What came in within a month or quarter, less what went back, minor units of one currency."""

    period: str
    currency: str
    cash: int = 0
    other: int = 0
    by_nature: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def amount(self) -> int:
        """Cash and all else together."""
        return self.cash + self.other

    def add(self, row: Row) -> None:
        """Count a row."""
        if row.is_cash:
            self.cash += row.amount
        else:
            self.other += row.amount
        self.by_nature[row.nature] += row.amount


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of a period, per currency, in the order of time."""

    months: tuple[Total, ...]
    quarters: tuple[Total, ...]
    whole: tuple[Total, ...]


def rows(*, seller: Seller, first: date, last: date, mode: str = Mode.LIVE) -> Iterator[Row]:
    """Yield the ledger from the first day to the last, both included, in the order of time; two queries."""
    payments = Payment.objects.filter(seller=seller, mode=mode, received_on__range=(first, last))
    returns = Entry.objects.filter(chain__seller=seller, chain__mode=mode, kind__in=RETURNING, on__range=(first, last))
    yield from heapq.merge(_received(payments, seller), _returned(returns, seller), key=lambda row: row.on)


def totals(rows: Iterable[Row]) -> Totals:
    """Add rows up per month, per quarter and in all, each currency for itself."""
    months: dict[tuple[str, str], Total] = {}
    quarters: dict[tuple[str, str], Total] = {}
    whole: dict[tuple[str, str], Total] = {}
    for row in rows:
        for sums, period in ((months, row.month), (quarters, row.quarter), (whole, "")):
            key = (period, row.currency)
            sums.setdefault(key, Total(*key)).add(row)
    return Totals(*(tuple(sums[key] for key in sorted(sums)) for sums in (months, quarters, whole)))


def titles() -> list[str]:
    """Return the titles of the exported table, in the active language."""
    return [
        _("Date"),
        _("Document"),
        _("Receipt"),
        _("Customer"),
        _("Nature"),
        _("Method"),
        _("Amount in cash"),
        _("Other amount"),
        _("Currency"),
    ]


def cells(row: Row) -> list[Cell]:
    """Return a row of the exported table, amounts in currency units, in the active language."""
    amount = money.to_major(row.amount, row.currency)
    return [
        row.on,
        ", ".join(row.documents),
        row.receipt,
        row.customer,
        nature_name(row.nature),
        method_name(row.method),
        amount if row.is_cash else None,
        None if row.is_cash else amount,
        row.currency,
    ]


def nature_name(code: str) -> str:
    """Return what is sold, in words."""
    return str(dict(natures()).get(code, code))


def _received(payments: QuerySet[Any], seller: Seller) -> Iterator[Row]:
    """One row of the database per share of a payment; those of a payment stand together."""
    found = payments.order_by("received_on", "pk", "allocations__pk").values(
        "pk",
        "amount",
        "currency",
        "method",
        on=F("received_on"),
        name=F("customer__name"),
        receipt_number=F("receipt__document__number"),
        receipt_text=F("receipt__document__text"),
        number=F("allocations__invoice__document__number"),
        nature=F("allocations__invoice__nature"),
    )
    for _pk, group in groupby(found.iterator(), key=itemgetter("pk")):
        shares = list(group)
        yield _row(shares[0], seller, _each(shares, "number"), _each(shares, "nature"))


def _returned(entries: QuerySet[Any], seller: Seller) -> Iterator[Row]:
    """What went back as it was booked, and what came home or was won: nothing that was in the ledger leaves it."""
    found = entries.order_by("on", "pk", "refund__allocations__pk").values(
        "pk",
        "kind",
        "on",
        "refund__gateway",
        taken=F("disputed__amount"),
        refunded=F("refund__amount"),
        paid_by=F("payment__method"),
        currency=F("payment__currency"),
        name=F("payment__customer__name"),
        payment_text=F("payment__receipt__document__text"),
        receipt_number=F("refund__receipt__document__number"),
        receipt_text=F("refund__receipt__document__text"),
        note=F("refund__credit_note__document__number"),
        credited=F("refund__credit_note__invoice__document__number"),
        credited_nature=F("refund__credit_note__invoice__nature"),
        number=F("refund__allocations__invoice__document__number"),
        nature=F("refund__allocations__invoice__nature"),
        disputed_number=F("disputed__dispute__allocations__invoice__document__number"),
        disputed_nature=F("disputed__dispute__allocations__invoice__nature"),
        paid_number=F("payment__allocations__invoice__document__number"),
        paid_nature=F("payment__allocations__invoice__nature"),
    )
    for _pk, group in groupby(found.iterator(), key=itemgetter("pk")):
        facts, *_rest = shares = list(group)
        numbers = [facts["note"], facts["credited"], *_each(shares, "number"), *_each(shares, "disputed_number")]
        kinds = [facts["credited_nature"], *_each(shares, "nature"), *_each(shares, "disputed_nature")]
        if not any(numbers):  # an overpayment: what was paid too much for
            numbers, kinds = _each(shares, "paid_number"), _each(shares, "paid_nature")
        yield _row(facts | _moved(facts), seller, numbers, kinds)


def _moved(facts: dict[str, Any]) -> dict[str, Any]:
    """How much moved, and how: with its sign, as the ledger counts it."""
    if facts["taken"] is not None:
        return {"amount": -facts["taken"], "method": facts["paid_by"], "receipt_text": facts["payment_text"]}
    sign = 1 if facts["kind"] == "refund_failed" else -1
    return {"amount": sign * facts["refunded"], "method": _way_back(facts["refund__gateway"], facts["paid_by"])}


def _each(shares: Iterable[dict[str, Any]], name: str) -> list[str | None]:
    return [share[name] for share in shares]


def _way_back(gateway: str, paid_by: str) -> str:
    """A provider returns money the way it came; by hand it goes by transfer, and cash as cash."""
    return paid_by if gateway != "manual" or paid_by == CASH else "transfer"


def _row(facts: dict[str, Any], seller: Seller, numbers: Iterable[str | None], kinds: Iterable[str | None]) -> Row:
    sold = {kind for kind in kinds if kind}
    return Row(
        on=facts["on"],
        documents=tuple(dict.fromkeys(number for number in numbers if number)),
        receipt=facts["receipt_number"] or "",
        customer=_name(facts),
        nature=sold.pop() if len(sold) == 1 else "both" if sold else seller.nature,
        method=facts["method"],
        amount=facts["amount"],
        currency=facts["currency"],
    )


def _name(facts: dict[str, Any]) -> str:
    """The name on the receipt where there is one: a customer renamed later changes no ledger."""
    frozen = json.loads(facts["receipt_text"])["customer"]["name"] if facts["receipt_text"] else ""
    return frozen or facts["name"] or ""
