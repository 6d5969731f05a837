"""Adding to the evidence of a quote: one step after the other, inside a transaction that holds the quote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wagtail_payments.core import evidence
from wagtail_payments.records.agreements import QuoteStep
from wagtail_payments.records.quotes import Quote


def add_step(
    *,
    quote: Quote,
    kind: str,
    now: datetime,
    data: Mapping[str, object] | None = None,
    ip: str = "",
    agent: str = "",
    by: Any = None,
) -> QuoteStep:
    """Keep that something happened to a sent quote, inside a transaction that holds it.

    ``data`` holds integers, strings and lists of them. Its hash covers the step before; that of the first, the quote.
    """
    last = QuoteStep.objects.filter(quote=quote).order_by("-number").first()
    step = QuoteStep(
        quote=quote,
        number=last.number + 1 if last else 1,
        kind=kind,
        at=now.astimezone(UTC),
        ip=ip[:45],
        agent=agent.replace("\x00", "")[:200],
        data=evidence.canonical({name: _storable(value) for name, value in (data or {}).items()}),
        by=by,
        previous=last.sha256 if last else quote.paper.sha256,
    )
    step.sha256 = evidence.digest(step.previous, step.as_core())
    step.save(force_insert=True)
    return step


def _storable(value: object) -> object:
    """PostgreSQL takes no NUL; what only looks like one, a backslash and letters, is text like any other."""
    return value.replace("\x00", "") if isinstance(value, str) else value


def broken_at(quote: Quote) -> int:
    """Return the number of the first step whose hash does not fit, 0 where all do."""
    steps = QuoteStep.objects.filter(quote=quote).order_by("number")
    return evidence.broken_at(quote.paper.sha256, [(step.as_core(), step.sha256) for step in steps])
