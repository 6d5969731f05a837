"""Discount codes: whether one may be used now, and what it takes off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from wagtail_payments.core.tickets import Sale, Window


class CodeProblem(StrEnum):
    """Why a code is not taken. A visitor is told no more than whether it works now."""

    NOT_YET = "not_yet"
    ENDED = "ended"
    USED_UP = "used_up"


ALWAYS = Window()


@dataclass(frozen=True, slots=True)
class Code:
    """A code's terms: percent or an amount in minor units (of the basket's price basis), and its limits."""

    percent: Decimal = Decimal(0)
    minor: int = 0
    window: Window = ALWAYS
    most: int | None = None

    def problem(self, now: datetime, used: int) -> CodeProblem | None:
        """Return why it can't be used now, ``used`` times after it was, or None."""
        sale = self.window.sale(now)
        if sale is Sale.NOT_YET:
            return CodeProblem.NOT_YET
        if sale is Sale.CLOSED:
            return CodeProblem.ENDED
        return CodeProblem.USED_UP if self.most is not None and used >= self.most else None

    def minor_of(self, basket: int) -> int:
        """Return what an amount takes off a basket of that many minor units: never more than all of it."""
        return min(self.minor, basket)


def canonical(typed: str) -> str:
    """Return a code as it is compared: without spaces, case does not count."""
    return "".join(typed.split()).upper()
