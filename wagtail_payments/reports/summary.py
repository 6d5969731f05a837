"""The figures of the day: what is due, what is overdue, what came in this month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, QuerySet, Sum, When

from wagtail_payments.core.lifecycle import Status, Stored
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.ledger import Entry
from wagtail_payments.records.payments import Payment
from wagtail_payments.records.sellers import Seller
from wagtail_payments.reports.receipts_ledger import RETURNING


@dataclass(slots=True)
class Figures:
    """The figures of one currency, minor units; ``overdue`` is a part of ``due``.

    ``returned`` is what went back, by refunds and to banks, less what of it came home again.
    """

    currency: str
    due: int = 0
    due_count: int = 0
    overdue: int = 0
    overdue_count: int = 0
    received: int = 0
    returned: int = 0

    @property
    def kept(self) -> int:
        """What came in less what went back: what the receipts ledger comes to."""
        return self.received - self.returned


def figures(*, seller: Seller, today: date, mode: str = Mode.LIVE) -> list[Figures]:
    """Return the figures per currency, the seller's own first; four queries.

    ``today`` is the seller's local date. ``received`` and ``returned`` are of its month.
    """
    open_invoices = Invoice.objects.filter(seller=seller, mode=mode, state=Stored.ISSUED).with_balance()
    month = today.replace(day=1)
    payments = Payment.objects.filter(seller=seller, mode=mode, received_on__range=(month, today))
    returns = Entry.objects.filter(
        chain__seller=seller, chain__mode=mode, kind__in=RETURNING, on__range=(month, today)
    ).annotate(currency=F("payment__currency"), back=_BACK)
    found: dict[str, Figures] = {seller.currency: Figures(seller.currency)}
    _fill(found, _by_currency(open_invoices.filter(due__gt=0), "due"), "due", "due_count")
    late = open_invoices.with_status(Status.OVERDUE, today).with_overdue(today)
    _fill(found, _by_currency(late, "overdue"), "overdue", "overdue_count")
    _fill(found, _by_currency(payments, "amount"), "received")
    _fill(found, _by_currency(returns, "back"), "returned")
    return sorted(found.values(), key=lambda figure: (figure.currency != seller.currency, figure.currency))


# As the receipts ledger counts it: what a bank gave back is negative already, a refund that failed came home.
_BACK = Case(
    When(disputed__isnull=False, then=F("disputed__amount")),
    When(kind="refund_failed", then=-F("refund__amount")),
    default=F("refund__amount"),
)


def _by_currency(rows: QuerySet[Any], column: str) -> Iterable[tuple[str, int, int]]:
    sums: Iterable[tuple[str, int, int]] = (
        rows.order_by().values_list("currency").annotate(whole=Sum(column), many=Count("pk"))
    )
    return sums


def _fill(found: dict[str, Figures], sums: Iterable[tuple[str, int, int]], *names: str) -> None:
    for currency, *values in sums:
        figure = found.setdefault(currency, Figures(currency))
        for name, value in zip(names, values, strict=False):
            setattr(figure, name, value)
