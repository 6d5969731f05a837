"""The quotes that belong to an event, on its desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wagtail_payments.admin.permissions import may_see
from wagtail_payments.admin.quote_words import tag_of_quote
from wagtail_payments.core.lifecycle import QuoteState
from wagtail_payments.records.events import Event
from wagtail_payments.records.quotes import Quote

MOST = 50


def quotes_of(event: Event, user: Any, now: datetime) -> list[dict[str, Any]] | None:
    """Return the quotes for an event with their status, newest first; None for who may see none."""
    if not may_see(user, Quote):
        return None
    today = event.seller.today(now)
    standing = event.quotes.exclude(state=QuoteState.SUPERSEDED).select_related("customer", "document")
    return [{"quote": quote, "tag": tag_of_quote(quote, today)} for quote in standing.defer("document__text")[:MOST]]
