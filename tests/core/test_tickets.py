"""When a ticket is on sale, and what it costs then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from wagtail_payments.core.tickets import EarlyBird, Sale, Window, price_at, sale_of_event

NOW = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
LATER, BEFORE = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("window", "sale"),
    [
        (Window(), Sale.OPEN),
        (Window(opens_at=LATER), Sale.NOT_YET),
        (Window(opens_at=NOW), Sale.OPEN),
        (Window(closes_at=NOW), Sale.CLOSED),
        (Window(BEFORE, LATER), Sale.OPEN),
    ],
)
def test_a_window_opens_and_closes_at_its_very_moment(window: Window, sale: Sale) -> None:
    assert window.sale(NOW) is sale


def test_the_early_bird_ends_at_its_moment() -> None:
    early = EarlyBird(Decimal(80), NOW)
    assert price_at(Decimal(100), early, NOW - timedelta(seconds=1)) == 80
    assert price_at(Decimal(100), early, NOW) == 100
    assert price_at(Decimal(100), None, NOW) == 100


@pytest.mark.parametrize(
    ("window", "ends", "cancelled", "types", "sale"),
    [
        (Window(), LATER, False, [Sale.OPEN, Sale.SOLD_OUT], Sale.OPEN),
        (Window(), LATER, False, [Sale.CLOSED, Sale.SOLD_OUT], Sale.SOLD_OUT),
        (Window(), LATER, False, [Sale.CLOSED, Sale.NOT_YET], Sale.NOT_YET),
        (Window(), LATER, False, [Sale.CLOSED], Sale.CLOSED),
        (Window(), LATER, False, [], Sale.CLOSED),
        (Window(), NOW, False, [Sale.OPEN], Sale.CLOSED),
        (Window(opens_at=LATER), LATER, False, [Sale.OPEN], Sale.NOT_YET),
        (Window(opens_at=LATER), NOW, True, [Sale.OPEN], Sale.CANCELLED),
    ],
)
def test_what_a_visitor_finds(window: Window, ends: datetime, cancelled: bool, types: list[Sale], sale: Sale) -> None:
    assert sale_of_event(window, ends, cancelled, types, NOW) is sale
