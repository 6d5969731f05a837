"""When a ticket is sold, and at what price. Moments are aware; prices are in units of the currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Sale(StrEnum):
    """What a visitor finds: designed states, not errors."""

    OPEN = "open"
    NOT_YET = "not_yet"
    CLOSED = "closed"  # the window has passed, or the event has begun
    SOLD_OUT = "sold_out"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when something is sold; None has no bound."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None

    def sale(self, now: datetime) -> Sale:
        """Return how the window stands; it closes at its very moment."""
        if self.opens_at is not None and now < self.opens_at:
            return Sale.NOT_YET
        if self.closes_at is not None and now >= self.closes_at:
            return Sale.CLOSED
        return Sale.OPEN


@dataclass(frozen=True, slots=True)
class EarlyBird:
    """A lower price until a moment."""

    price: Decimal
    until: datetime


def price_at(price: Decimal, early: EarlyBird | None, now: datetime) -> Decimal:
    """Return what a ticket costs now."""
    return early.price if early is not None and now < early.until else price


def sale_of_event(window: Window, ends: datetime, cancelled: bool, types: Iterable[Sale], now: datetime) -> Sale:
    """Return what a visitor of the event finds; ``ends`` is when selling ends at the latest.

    A cancelled event is cancelled, whatever else; one that has begun is closed. Else the window of the event
    decides, then whether any ticket type is on sale: the best of what its types offer.
    """
    if cancelled:
        return Sale.CANCELLED
    if now >= ends:
        return Sale.CLOSED
    own = window.sale(now)
    if own is not Sale.OPEN:
        return own
    found = set(types)
    order = (Sale.OPEN, Sale.SOLD_OUT, Sale.NOT_YET)
    return next((sale for sale in order if sale in found), Sale.CLOSED)
