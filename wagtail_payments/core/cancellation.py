"""What a registrant gets back who cancels: the organiser's policy, as arithmetic. Amounts are gross minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from wagtail_payments.core import money


class Policy(StrEnum):
    """What an organiser allows."""

    NEVER = "never"
    FREE_UNTIL = "free_until"  # all comes back until some days before, nothing is possible after
    FEE = "fee"  # possible until the event begins; a fee is kept inside the last days before


@dataclass(frozen=True, slots=True)
class Terms:
    """A policy with its numbers: ``days`` before the event, and the percentage kept as a fee."""

    policy: Policy = Policy.NEVER
    days: int = 0
    fee_percent: Decimal = Decimal(0)

    def allows(self, starts_at: datetime, now: datetime) -> bool:
        """May a registrant still cancel by themselves?"""
        if self.policy is Policy.NEVER or now >= starts_at:
            return False
        return self.policy is Policy.FEE or self.is_free(starts_at, now)

    def is_free(self, starts_at: datetime, now: datetime) -> bool:
        """Does all of it come back?"""
        return now < starts_at - timedelta(days=self.days)

    def free_until(self, starts_at: datetime) -> datetime | None:
        """Return until when all of it comes back, or None where nothing ever does."""
        return None if self.policy is Policy.NEVER else starts_at - timedelta(days=self.days)

    def fee(self, gross: int, starts_at: datetime, now: datetime) -> int:
        """Return what is kept of that price if it is cancelled now."""
        if self.policy is not Policy.FEE or self.is_free(starts_at, now):
            return 0
        return min(money.rounded(gross * self.fee_percent / 100), gross)


@dataclass(frozen=True, slots=True)
class Quote:
    """What cancelling some seats comes to: what was invoiced for them, what is kept, and what comes back of it."""

    gross: int
    fee: int

    @property
    def back(self) -> int:
        """What is credited: what was paid of it comes back, what was not is no longer due."""
        return self.gross - self.fee


def quote(
    prices: Sequence[int], terms: Terms, starts_at: datetime, now: datetime, invoiced: Sequence[int] | None = None
) -> Quote:
    """Return what cancelling seats of these prices now comes to; the fee is rounded once per seat.

    ``invoiced`` is what was asked for each so far, where that is less than its price: no fee is higher.
    """
    asked = prices if invoiced is None else invoiced
    fees = (min(terms.fee(price, starts_at, now), most) for price, most in zip(prices, asked, strict=True))
    return Quote(sum(asked), sum(fees))
