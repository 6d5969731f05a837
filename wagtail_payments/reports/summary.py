"""The figures of the day: what is due, what is overdue, what came in this month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Sum

from wagtail_payments.core.lifecycle import RefundState, Status, Stored
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Payment, Refund
from wagtail_payments.records.sellers import Seller


@dataclass(slots=True)
class Figures:
    """The figures of one currency, minor units; ``overdue`` is a part of ``due``."""

    currency: str
    due: int = 0
    due_count: int = 0
    overdue: int = 0
    overdue_count: int = 0
    received: int = 0
    refunded: int = 0


def figures(*, seller: Seller, today: date, mode: str = Mode.LIVE) -> list[Figures]:
    """Return the figures per currency, the seller's own first; four queries.

    ``today`` is the seller's local date. ``received`` and ``refunded`` are of its month.
    """
    open_invoices = Invoice.objects.filter(seller=seller, mode=mode, state=Stored.ISSUED).with_balance()
    month = today.replace(day=1)
    payments = Payment.objects.filter(seller=seller, mode=mode, received_on__range=(month, today))
    refunds = Refund.objects.filter(
        payment__seller=seller, mode=mode, state=RefundState.SUCCEEDED, settled_on__range=(month, today)
    )
    found: dict[str, Figures] = {seller.currency: Figures(seller.currency)}
    _fill(found, _by_currency(open_invoices.filter(due__gt=0), "due"), "due", "due_count")
    late = open_invoices.with_status(Status.OVERDUE, today).with_overdue(today)
    _fill(found, _by_currency(late, "overdue"), "overdue", "overdue_count")
    _fill(found, _by_currency(payments, "amount"), "received")
    _fill(found, _by_currency(refunds, "amount"), "refunded")
    return sorted(found.values(), key=lambda figure: (figure.currency != seller.currency, figure.currency))


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
