"""Which cents pay which document, and how a payment divides over VAT rates. Minor units throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from wagtail_payments.core import money


@dataclass(frozen=True, slots=True)
class GroupShare:
    """The part of a payment that falls on one VAT group: gross part, and the VAT inside it."""

    gross: int
    tax: int


def fill(amount: int, dues: Sequence[int]) -> tuple[list[int], int]:
    """Pay ``dues`` in their order from ``amount``; return the share of each and what is left over."""
    shares = []
    for due in dues:
        share = min(amount, max(due, 0))
        shares.append(share)
        amount -= share
    return shares, amount


def split_by_vat(amount: int, groups: Sequence[tuple[int, int]], paid_before: Sequence[int]) -> list[GroupShare]:
    """Divide a payment over the VAT groups of an invoice.

    ``groups`` holds (gross, tax) of each group and ``paid_before`` the gross already paid on each.
    The parts follow the remaining gross by largest remainder; the VAT of a part is the rounded
    cumulated VAT minus what came before, so that a fully paid invoice ends on its exact VAT.
    """
    remaining = [gross - before for (gross, _), before in zip(groups, paid_before, strict=True)]
    if not 0 <= amount <= sum(remaining):
        raise ValueError("more than is left to pay")
    parts = money.spread(amount, remaining)
    shares = []
    for part, (gross, tax), before in zip(parts, groups, paid_before, strict=True):
        shares.append(GroupShare(part, _tax_up_to(before + part, gross, tax) - _tax_up_to(before, gross, tax)))
    return shares


def _tax_up_to(paid: int, gross: int, tax: int) -> int:
    return money.rounded(Decimal(tax) * paid / gross) if gross else 0


def credit_first(total: int, due: int) -> tuple[int, int]:
    """Divide a credit note: what lowers the invoice's due, and what stays available to refund or apply."""
    lowers = min(total, due)
    return lowers, total - lowers


def take_back(amount: int, unallocated: int, allocated: Sequence[int]) -> tuple[int, list[int]]:
    """Divide money that left: unallocated first, then allocations from the newest (the last) back.

    Returns what comes from the unallocated part, and what is taken from each allocation.
    Raises ``ValueError`` when there is less than that.
    """
    free = min(amount, unallocated)
    rest = amount - free
    taken = [0 for _ in allocated]
    for index in reversed(range(len(allocated))):
        taken[index] = min(rest, allocated[index])
        rest -= taken[index]
    if rest:
        raise ValueError("more than was received")
    return free, taken
