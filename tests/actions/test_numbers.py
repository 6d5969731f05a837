"""Numbers follow each other, year by year, and never run against the dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from tests import factories
from wagtail_payments.actions import numbers
from wagtail_payments.core.numbering import Series
from wagtail_payments.models import NumberSeries, Seller
from wagtail_payments.records.fields import Mode


@pytest.fixture
def seller(db: None) -> Seller:
    return factories.make_seller(first_invoice_number=57)


def take(seller: Seller, on: str, series: Series = Series.INVOICE, mode: Mode = Mode.LIVE) -> int:
    with transaction.atomic():
        day = date.fromisoformat(on)
        return numbers.take(seller=seller, series=series, mode=mode, issued_on=day).sequence


def test_the_sellers_first_number_counts_once_and_each_year_begins_anew(seller: Seller) -> None:
    days = ["2026-03-16", "2026-03-16", "2026-12-31", "2027-01-01", "2027-01-02"]
    assert [take(seller, day) for day in days] == [57, 58, 59, 1, 2]


def test_each_series_mode_and_seller_counts_for_itself(seller: Seller) -> None:
    take(seller, "2026-03-16")
    other = factories.make_seller()
    assert take(seller, "2026-03-16", Series.RECEIPT) == 1
    assert take(seller, "2026-03-16", mode=Mode.TEST) == 1
    assert take(other, "2026-03-16") == 1
    assert take(seller, "2026-03-16") == 58


@pytest.mark.parametrize("earlier", ["2027-01-09", "2026-12-31", "2025-06-01"])
def test_an_earlier_date_is_refused_in_any_year_and_takes_no_number(seller: Seller, earlier: str) -> None:
    take(seller, "2026-06-01")
    take(seller, "2027-01-10")
    before = state()
    with pytest.raises(numbers.ClockWentBack) as refused:
        take(seller, earlier)
    assert refused.value.args == (date(2027, 1, 10),)
    assert state() == before
    assert take(seller, "2027-01-10") == 2


def state() -> list[Any]:
    return list(NumberSeries.objects.order_by("year").values_list("year", "last", "last_on"))
