"""How many may still come: what an event, and each of its ticket types, has room for.

Every ticket needs room in all its quotas: the event's and its type's. A quota without a size never fills up. An
editor may lower a size below what is taken; then nothing is left, and the rest is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """A size in seats (None: without limit) and how many are taken: held, pending or confirmed."""

    size: int | None
    taken: int = 0

    @property
    def left(self) -> int | None:
        """How many seats can still be given, or None without limit."""
        return None if self.size is None else max(self.size - self.taken, 0)

    @property
    def over(self) -> int:
        """How many were given beyond the size, after it was lowered."""
        return 0 if self.size is None else max(self.taken - self.size, 0)


@dataclass(frozen=True, slots=True)
class Availability:
    """An event's quota and those of its ticket types, by the key of the type."""

    event: Quota
    types: Mapping[int, Quota]

    def left(self, ticket_type: int) -> int | None:
        """How many tickets of a type can still be sold: the narrowest of its quotas; None without limit."""
        sizes = [left for left in (self.event.left, self.types[ticket_type].left) if left is not None]
        return min(sizes, default=None)

    def shortage(self, wanted: Mapping[int, int]) -> Mapping[int, int]:
        """Return what is missing, by type: the most that can be had of each one that does not fit; empty if all fit."""
        short = {}
        for ticket_type, number in wanted.items():
            left = self.left(ticket_type)
            if left is not None and number > left:
                short[ticket_type] = left
        if not short and self.event.left is not None and sum(wanted.values()) > self.event.left:
            return {ticket_type: self.event.left for ticket_type, number in wanted.items() if number}
        return short
