"""What number comes next, shown beside the pattern it is made from."""

from __future__ import annotations

from datetime import datetime

from wagtail_payments.core import numbering
from wagtail_payments.records.documents import NumberSeries
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.sellers import Seller


def next_sequence(seller: Seller, series: numbering.Series, now: datetime) -> tuple[int, int]:
    """Return the year and the sequence that a real document issued now would take."""
    year = seller.today(now).year
    rows = NumberSeries.objects.filter(seller_id=seller.pk, mode=Mode.LIVE, series=series)
    lasts = dict(rows.values_list("year", "last"))
    if year in lasts:
        return year, lasts[year] + 1
    fresh = seller.first_invoice_number if series == numbering.Series.INVOICE and not lasts else 1
    return year, fresh


def next_number(seller: Seller, series: numbering.Series, now: datetime) -> str:
    """Return that number in words, or nothing while the pattern can't make one."""
    year, sequence = next_sequence(seller, series, now)
    try:
        numbering.check_pattern(seller.pattern(series))
        return numbering.number(seller.pattern(series), year=year, sequence=sequence)
    except numbering.BadPattern:
        return ""


def first_number_is_fixed(seller: Seller) -> bool:
    """Did a real invoice take a number already? Then the first one can't change any more."""
    return seller.pk is not None and seller.series.filter(series=numbering.Series.INVOICE, mode=Mode.LIVE).exists()
