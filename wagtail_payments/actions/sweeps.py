"""Sweeps: what is due is taken in turns, so that rows which fail each time hold up no others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, QuerySet

from wagtail_payments.records.deliveries import Heartbeat

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Model)


def sweep(name: str, due: QuerySet[Row], do: Callable[[Row], int], *, most: int, now: datetime) -> int:
    """Do it for the rows whose turn it is; return how much was done, as ``do`` counts it."""
    return each(name, turn(name, due, most=most, now=now), do)


def each(name: str, rows: Iterable[Row], do: Callable[[Row], int]) -> int:
    """Do it for every row; one that fails is logged and stays due. Returns how much was done, as ``do`` counts it."""
    return sum(_done(name, row, do) for row in rows)


def _done(name: str, row: Row, do: Callable[[Row], int]) -> int:
    try:
        return do(row)
    except Exception:  # the others have their turn all the same, and this one again
        logger.exception("%s: %s %s failed", name, type(row).__name__, row.pk)
        return 0


def turn(name: str, due: QuerySet[Row], *, most: int, now: datetime) -> list[Row]:
    """Return the rows whose turn it is, oldest first, at most ``most``.

    Where more are due, the next turn goes on behind the last of this one, and from the end to the beginning. How far
    it came is kept in the database under ``name``, thus for all processes.
    """
    ordered = due.order_by("pk")
    oldest = list(ordered[: most + 1])
    if len(oldest) <= most:
        return oldest
    reached, _is_new = Heartbeat.objects.get_or_create(
        name=f"sweep:{name}", defaults={"at": now, "result": {"after": 0}}
    )
    behind = list(ordered.filter(pk__gt=reached.result["after"])[:most])
    rows = behind + oldest[: most - len(behind)]
    Heartbeat.objects.filter(pk=reached.pk).update(at=now, result={"after": rows[-1].pk})
    return rows
