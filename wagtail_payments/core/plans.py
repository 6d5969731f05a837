"""How a quote will be invoiced: parts by percent, by amount, or whatever is left, that sum to the total exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from wagtail_payments.core import money


class PlanProblem(ValueError):
    """This plan divides nothing; the subclass says why."""


class PlanTooLarge(PlanProblem):
    """The parts come to more than the whole."""


class PlanTooSmall(PlanProblem):
    """The parts come to less than the whole, and none of them is what is left."""


class TwoRests(PlanProblem):
    """More than one part is said to be what is left."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the whole: by percent, by gross minor units, or (neither) what the others leave."""

    percent: Decimal | None = None
    minor: int | None = None

    @property
    def is_rest(self) -> bool:
        """Is this part whatever is left?"""
        return self.percent is None and self.minor is None


def divide(gross: int, shares: Sequence[Share]) -> tuple[int, ...]:
    """Return the gross minor units of each part; they sum to ``gross``. No parts: the whole at once, so nothing.

    Percents are cumulated before they are rounded, so that 3 × 33.33 % and a rest never lose a cent.
    Raises ``PlanTooLarge``, ``PlanTooSmall`` or ``TwoRests``.
    """
    if not shares:
        return ()
    if sum(share.is_rest for share in shares) > 1:
        raise TwoRests
    amounts, cumulated = [], Decimal(0)
    for share in shares:
        before = money.rounded(gross * cumulated / 100)
        cumulated += share.percent or 0
        amounts.append(money.rounded(gross * cumulated / 100) - before + (share.minor or 0))
    return _with_rest(gross, shares, amounts)


def _with_rest(gross: int, shares: Sequence[Share], amounts: list[int]) -> tuple[int, ...]:
    left = gross - sum(amounts)
    if left < 0:
        raise PlanTooLarge
    if left and not any(share.is_rest for share in shares):
        raise PlanTooSmall
    return tuple(amount + (left if share.is_rest else 0) for share, amount in zip(shares, amounts, strict=True))


def last(amounts: Sequence[int], at_signature: Sequence[bool]) -> int:
    """Return which part is invoiced last: of those that come to something, the last one after the signature.

    Where all are due at signature, the last of them; 0 for a plan without parts.
    """
    worth = [number for number, amount in enumerate(amounts) if amount] or list(range(len(amounts)))
    later = [number for number in worth if not at_signature[number]]
    return (later or worth or [0])[-1]
