"""Tickets that are paid in two parts: a deposit at once, and the balance some days before the event."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from wagtail_payments.core import money

# What is due on a day is asked for before it, so that whoever pays at once pays in time.
ASKED_BEFORE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Plan:
    """How an order is paid: ``deposit`` now and ``balance`` by ``due_on``, gross minor units."""

    deposit: int
    balance: int
    due_on: date


@dataclass(frozen=True, slots=True)
class DepositTerms:
    """What an organiser asks for at once, in percent, and how many days before the event the rest is due."""

    percent: Decimal
    days: int

    def due_on(self, starts_on: date) -> date:
        """Return when the balance of an event that begins on that day is due."""
        return starts_on - timedelta(days=self.days)

    def plan(self, gross: int, starts_on: date, today: date) -> Plan | None:
        """Return how an order of that price is paid; None where all is to be paid at once.

        That is once the balance is due, and where the price is too small to be divided.
        """
        due_on, deposit = self.due_on(starts_on), money.rounded(gross * self.percent / 100)
        if today >= due_on or not 0 < deposit < gross:
            return None
        return Plan(deposit, gross - deposit, due_on)

    def named(self, starts_on: date, today: date) -> str:
        """Return what is promised now as a text that changes with it; nothing where all is to be paid at once."""
        due_on = self.due_on(starts_on)
        return "" if today >= due_on else f"{self.percent.normalize():f}/{due_on.isoformat()}"


def shares(deposit: int, prices: Sequence[int], groups: Sequence[Hashable]) -> list[int]:
    """Divide a deposit over seats: first over their VAT groups, then within each, by largest remainder.

    No share is above its price, as long as the deposit is below their sum.
    """
    found = [0] * len(prices)
    kinds = list(dict.fromkeys(groups))
    places = {kind: [index for index, group in enumerate(groups) if group == kind] for kind in kinds}
    wholes = [sum(prices[index] for index in places[kind]) for kind in kinds]
    for kind, part in zip(kinds, money.spread(deposit, wholes), strict=True):
        indexes = places[kind]
        for index, share in zip(indexes, money.spread(part, [prices[i] for i in indexes]), strict=True):
            found[index] = share
    return found
