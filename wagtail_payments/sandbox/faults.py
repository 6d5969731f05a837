"""Ways in which a call to Stripe can go wrong without being wrong."""

import random
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum


class ApiFault(StrEnum):
    """What happens to a call instead of a plain answer."""

    TIMEOUT_BEFORE = "timeout_before"
    """The call never arrives; nothing is done."""
    TIMEOUT_AFTER = "timeout_after"
    """All is done, and the answer is lost on the way back."""
    SERVER_ERROR = "server_error"
    """500; as at Stripe the answer is kept under the idempotency key."""
    CONFLICT = "conflict"
    """409: another call holds the object or the key. Nothing is done."""
    RATE_LIMIT = "rate_limit"
    """429: too many calls. Nothing is done."""


class ConnectionLost(Exception):
    """The caller gets no answer."""


@dataclass(slots=True)
class Faults:
    """Which calls go wrong: the next ones by name, the others by chance. Off by default."""

    rates: dict[ApiFault, float] = field(default_factory=dict)
    chance: random.Random = field(default_factory=random.Random)
    _next: deque[tuple[ApiFault | None, str]] = field(default_factory=deque)

    def once(self, fault: ApiFault, path: str = "") -> None:
        """Let the next call whose path contains ``path`` go wrong."""
        self._next.append((fault, path))

    def strike(self, path: str) -> ApiFault | None:
        """What goes wrong with this call, if anything."""
        for planned in list(self._next):
            if planned[1] in path:
                self._next.remove(planned)
                return planned[0]
        for fault, rate in self.rates.items():
            if rate and self.chance.random() < rate:
                return fault
        return None
