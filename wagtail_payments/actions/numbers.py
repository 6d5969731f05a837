"""Taking the next number of a series: gap-free, in order of dates, under the lock of the series' row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from wagtail_payments.core import numbering
from wagtail_payments.records.documents import NumberSeries
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.guards import make_locked
from wagtail_payments.records.sellers import Seller


class ClockWentBack(Exception):
    """A document of this series bears a later date, the argument; numbers and dates must run the same way."""

    def __str__(self) -> str:
        """Say it to an editor."""
        return _("The clock of this machine stands before the last date of issue. Correct it first.")


@dataclass(frozen=True, slots=True)
class Taken:
    """A number that is now taken, if the transaction commits."""

    series: str
    year: int
    sequence: int
    number: str


def take(*, seller: Seller, series: numbering.Series, mode: Mode, issued_on: date) -> Taken:
    """Take the next number inside the caller's transaction; a rollback gives it back.

    Raises ``ClockWentBack``. Call it after the locks on documents and payments, before the chain's.
    """
    rows = NumberSeries.objects.filter(seller=seller, mode=mode, series=series)
    if not _advance(rows, issued_on):
        _begin_year(seller, series, mode, issued_on.year)
        _advance(rows, issued_on)
    this_year = Q(year=issued_on.year)
    found = rows.aggregate(last=Max("last", filter=this_year), latest=Max("last_on"))
    if found["latest"] is not None and found["latest"] > issued_on:
        raise ClockWentBack(found["latest"])
    sequence: int = found["last"]
    text = numbering.number(seller.pattern(series), year=issued_on.year, sequence=sequence, test=mode == Mode.TEST)
    return Taken(series, issued_on.year, sequence, text)


def _advance(rows: QuerySet[NumberSeries], issued_on: date) -> int:
    """Lock the year's row by counting it up; 0 where there is none yet, or where it bears a later date."""
    in_order = Q(last_on=None) | Q(last_on__lte=issued_on)
    return rows.filter(in_order, year=issued_on.year).update(last=F("last") + 1, last_on=issued_on)


def _begin_year(seller: Seller, series: numbering.Series, mode: Mode, year: int) -> None:
    last = _before_first(seller, series, mode)
    row = NumberSeries(seller=seller, mode=mode, series=series, year=year, last=last)
    make_locked(row, "seller", "mode", "series", "year")


def _before_first(seller: Seller, series: numbering.Series, mode: Mode) -> int:
    """The seller's first number counts for its very first series of real invoices only."""
    if series != numbering.Series.INVOICE or mode != Mode.LIVE:
        return 0
    used = NumberSeries.objects.filter(seller=seller, mode=mode, series=series).exists()
    return 0 if used else seller.first_invoice_number - 1
