"""What an event brings in: how much of it was paid, and how much is still due."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, Sum

from wagtail_payments.core.lifecycle import SeatState
from wagtail_payments.records.events import Event
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.registrations import Seat


@dataclass(frozen=True, slots=True)
class Takings:
    """The revenue of an event, and what of it is still due: on invoices, and as balances not asked for yet.

    Gross minor units. ``paid`` is the rest: what was disputed or returned is due again.
    """

    revenue: int
    due: int

    @property
    def paid(self) -> int:
        """What was paid of it."""
        return self.revenue - self.due


def of_event(*, event: Event, revenue: int) -> Takings:
    """Return how much of the revenue is paid; two queries. ``revenue`` as ``with_sales`` tells it."""
    invoices = Invoice.objects.with_balance().filter(document__isnull=False)
    invoices = invoices.filter(Q(registration__event=event) | Q(balance_of__event=event), due__gt=0)
    asked = sum(invoices.values_list("due", flat=True))
    later = Seat.objects.filter(event=event, state=SeatState.CONFIRMED, registration__deposit__gt=0)
    later = later.filter(registration__balance__document=None)
    coming = later.aggregate(whole=Sum(F("gross") - F("deposit")))["whole"] or 0
    return Takings(revenue, asked + coming)
