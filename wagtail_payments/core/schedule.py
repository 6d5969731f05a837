"""Paying in instalments: what each comes to, which are filled, and what is due now. Minor units throughout."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from wagtail_payments.core import allocation, money

WHOLE = Decimal(100)


class DoesNotAddUp(ValueError):
    """The instalments are not the total; ``left`` is what they fall short of it, negative where they are too much."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class PartState(StrEnum):
    """How an instalment stands."""

    PAID = "paid"
    PARTLY_PAID = "partly_paid"  # and its day lies ahead
    OVERDUE = "overdue"
    DUE = "due"  # today
    COMING = "coming"


@dataclass(frozen=True, slots=True)
class Agreed:
    """An instalment as it was agreed: percent of the total, or an amount, or neither: an equal share of the rest."""

    percent: Decimal | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be paid by a day."""

    due_on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Standing:
    """An instalment with what is covered of it, by money or by credit."""

    due_on: date
    amount: int
    covered: int
    state: PartState

    @property
    def left(self) -> int:
        """What of it is still to pay."""
        return self.amount - self.covered


@dataclass(frozen=True, slots=True)
class Offers:
    """What a customer may choose to pay: the next instalment, all that is due by today, everything.

    ``next_on`` is the day of the next one, None where nothing is left.
    """

    next: int
    now: int
    everything: int
    next_on: date | None = None

    @property
    def amounts(self) -> frozenset[int]:
        """The amounts that may be asked for without an agreement on others."""
        return frozenset({self.next, self.now, self.everything} - {0})

    @property
    def asked(self) -> int:
        """What is asked for first: all that is due by today, else the next instalment."""
        return self.now or self.next


def amounts(total: int, rows: Sequence[Agreed]) -> list[int]:
    """Return what each instalment comes to, so that all together are exactly the total.

    Percentages are of the total; rows without anything share equally what the others leave. Cents that do not
    divide go to the largest remainder. Raises ``DoesNotAddUp``, also where an instalment would be nothing.
    """
    percents = [row.percent or Decimal(0) for row in rows]
    together = money.rounded(total * sum(percents, Decimal(0)) / WHOLE)
    of_percents = money.spread(together, [int(percent * 10_000) for percent in percents])
    found = [row.amount or share for row, share in zip(rows, of_percents, strict=True)]
    open_rows = [row.percent is None and row.amount is None for row in rows]
    left = total - sum(found)
    if left and any(open_rows) and left > 0:
        shares = money.spread(left, [int(is_open) for is_open in open_rows])
        found, left = [had + share for had, share in zip(found, shares, strict=True)], 0
    if left or min(found, default=1) <= 0:
        raise DoesNotAddUp(left)
    return found


def parts(total: int, rows: Sequence[tuple[date, Agreed]]) -> list[Part]:
    """Return what is to be paid by which day, all together exactly the total; nothing where nothing was agreed.

    Raises what ``amounts`` raises.
    """
    shares = amounts(total, [agreed for _day, agreed in rows]) if rows else []
    return [Part(day, share) for (day, _agreed), share in zip(rows, shares, strict=True)]


def monthly(first_on: date, number: int) -> list[date]:
    """Return the same day of as many months; the last day where a month is too short for it."""
    return [_months_later(first_on, months) for months in range(number)]


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    longest = calendar.monthrange(day.year + year, month + 1)[1]
    return date(day.year + year, month + 1, min(day.day, longest))


def standings(parts: Sequence[Part], covered: int, today: date) -> list[Standing]:
    """Fill the instalments in the order given with what is paid and credited; more than all of it is left out."""
    shares, _rest = allocation.fill(max(covered, 0), [part.amount for part in parts])
    return [
        Standing(part.due_on, part.amount, share, _state(part, share, today))
        for part, share in zip(parts, shares, strict=True)
    ]


def _state(part: Part, covered: int, today: date) -> PartState:
    if covered >= part.amount:
        return PartState.PAID
    if part.due_on <= today:
        return PartState.DUE if part.due_on == today else PartState.OVERDUE
    return PartState.PARTLY_PAID if covered else PartState.COMING


def offers(parts: Sequence[Part], covered: int, today: date) -> Offers:
    """Return what may be paid now."""
    left = [row for row in standings(parts, covered, today) if row.left]
    return Offers(
        next=left[0].left if left else 0,
        now=sum(row.left for row in left if row.due_on <= today),
        everything=sum(row.left for row in left),
        next_on=left[0].due_on if left else None,
    )


def reached_by(parts: Sequence[Part], covered: int, day: date) -> int:
    """Return what must be covered for nothing to be late after that day: at least the next instalment."""
    cumulated, until = 0, 0
    for part in parts:
        if part.due_on > day and until > covered:
            break
        cumulated += part.amount
        until = cumulated
    return until
