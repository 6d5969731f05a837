"""A consumer's right to withdraw from a contract made at a distance: until when, and where the law makes exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

DAYS = 14  # C. conso. L221-18
DELIVERY_DAYS = 30  # C. conso. L216-1: goods are delivered within 30 days, and only then the period begins


class Exemption(StrEnum):
    """Contracts from which a consumer can't withdraw, C. conso. L221-28."""

    DATED_LEISURE = "dated_leisure"  # 12°: lodging, transport, catering, leisure on a given date or period
    MADE_TO_MEASURE = "made_to_measure"  # 3°
    URGENT_REPAIR = "urgent_repair"  # 8°
    DIGITAL = "digital"  # 13°: digital content supplied at once, with the consumer's consent


def last_day(agreed_on: date, *, of_goods: bool = False) -> date:
    """Return the last day on which a consumer may withdraw; a period never ends on a day off (C. conso. L221-19).

    Of goods nobody here knows the day of delivery: the longest period that the law allows for it is added.
    """
    day = agreed_on + timedelta(days=DAYS + (DELIVERY_DAYS if of_goods else 0))
    while day.weekday() >= 5 or day in set(holidays(day.year)):
        day += timedelta(days=1)
    return day


def holidays(year: int) -> Iterator[date]:
    """Return the public holidays of a year in France: C. trav. L3133-1."""
    for month, day in ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)):
        yield date(year, month, day)
    for after in (1, 39, 50):  # Easter Monday, Ascension, Whit Monday
        yield easter(year) + timedelta(days=after)


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar."""
    golden, century = year % 19, year // 100
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = epact - epact // 28 * (1 - 29 // (epact + 1) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    shift = moon - weekday
    month = 3 + (shift + 40) // 44
    return date(year, month, shift + 28 - 31 * (month // 4))
