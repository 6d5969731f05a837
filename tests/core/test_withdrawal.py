"""Until when a consumer may leave a contract; and whether a frozen document still adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.printing import samples
from wagtail_payments.core import withdrawal
from wagtail_payments.core.proofreading import adds_up


@pytest.mark.parametrize(
    ("signed", "until"),
    [
        (date(2026, 3, 16), date(2026, 3, 30)),
        (date(2026, 3, 14), date(2026, 3, 30)),  # a Saturday
        (date(2026, 3, 23), date(2026, 4, 7)),  # Easter Monday
        (date(2026, 4, 30), date(2026, 5, 15)),  # Ascension
        (date(2026, 12, 11), date(2026, 12, 28)),  # Christmas, a Friday
        (date(2026, 12, 18), date(2027, 1, 4)),  # New Year's Day, a Friday
    ],
)
def test_the_last_day_is_never_a_day_off(signed: date, until: date) -> None:
    assert withdrawal.last_day(signed) == until


def test_goods_are_given_the_time_of_their_delivery() -> None:
    assert withdrawal.last_day(date(2026, 3, 16), of_goods=True) == date(2026, 4, 29)


@pytest.mark.parametrize(
    ("year", "day"), [(2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2027, (3, 28)), (2038, (4, 25))]
)
def test_easter(year: int, day: tuple[int, int]) -> None:
    assert withdrawal.easter(year) == date(year, *day)


def test_a_changed_document_no_longer_adds_up() -> None:
    document = samples.document()
    assert adds_up(document)
    line = document.lines[0]
    assert not adds_up(replace(document, gross=document.gross + 1))
    assert not adds_up(replace(document, lines=(replace(line, quantity="99"), *document.lines[1:])))
    assert not adds_up(replace(document, lines=document.lines[1:]))
