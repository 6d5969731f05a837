"""How a status looks in the admin: its words, and a tag whose colour never stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from wagtail_payments.core.lifecycle import Status
from wagtail_payments.records.invoices import Invoice, statuses

# Classes of payments.css; each has its own sign before the word.
TONES: dict[Status, str] = {
    Status.DRAFT: "quiet",
    Status.SCHEDULED: "quiet",
    Status.OPEN: "open",
    Status.OVERDUE: "late",
    Status.PROCESSING: "moving",
    Status.DISPUTED: "late",
    Status.PARTLY_PAID: "open",
    Status.PAID: "done",
    Status.CREDITED: "quiet",
    Status.UNCOLLECTIBLE: "late",
}


@dataclass(frozen=True, slots=True)
class StatusTag:
    """A status as shown: words and tone."""

    status: Any
    label: Any
    tone: str


def tag_of(invoice: Invoice, today: date) -> StatusTag:
    """Return the tag of an invoice on that day."""
    status = invoice.status_on(today)
    return StatusTag(status, dict(statuses())[status.value], TONES[status])
