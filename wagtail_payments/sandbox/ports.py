"""Where the outside world comes in: the time and the ids. Tests put their own here."""

import secrets
import string
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
Ids = Callable[[str], str]

_ALPHABET = string.ascii_letters + string.digits


def real_clock() -> datetime:
    """The current time, with its time zone."""
    return datetime.now(UTC)


def random_ids(prefix: str) -> str:
    """An id nobody can guess: ``pi_`` and 24 letters or digits."""
    return prefix + "_" + "".join(secrets.choice(_ALPHABET) for _ in range(24))


def counted_ids() -> Ids:
    """Ids that are the same in every run: ``pi_000001``, ``ch_000002``, ..."""
    count = 0

    def next_id(prefix: str) -> str:
        nonlocal count
        count += 1
        return f"{prefix}_{count:06d}"

    return next_id
