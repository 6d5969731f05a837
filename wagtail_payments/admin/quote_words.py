"""How the status of a quote looks in the admin."""

from __future__ import annotations

from datetime import date

from wagtail_payments.admin.status_words import StatusTag
from wagtail_payments.core.lifecycle import QuoteStatus
from wagtail_payments.records.quotes import Quote, quote_statuses

# Classes of payments.css; each has its own sign before the word.
TONES: dict[QuoteStatus, str] = {
    QuoteStatus.DRAFT: "quiet",
    QuoteStatus.SENT: "open",
    QuoteStatus.EXPIRED: "late",
    QuoteStatus.SIGNED: "done",
    QuoteStatus.ACCEPTED: "done",
    QuoteStatus.DECLINED: "late",
    QuoteStatus.SUPERSEDED: "quiet",
    QuoteStatus.CANCELLED: "quiet",
    QuoteStatus.WITHDRAWN: "late",
}


def tag_of_quote(quote: Quote, today: date) -> StatusTag:
    """Return the tag of a quote on that day."""
    status = quote.status_on(today)
    return StatusTag(status, dict(quote_statuses())[status.value], TONES[status])
