"""How a status looks in the admin: its words, and a tag whose colour never stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy

from wagtail_payments.core.lifecycle import Status
from wagtail_payments.core.schedule import PartState
from wagtail_payments.records.invoices import Invoice, statuses

# Classes of payments.css; each has its own sign before the word.
TONES: dict[Status, str] = {
    Status.DRAFT: "quiet",
    Status.SCHEDULED: "quiet",
    Status.OPEN: "open",
    Status.OVERDUE: "late",
    Status.PLANNED: "moving",
    Status.PROCESSING: "moving",
    Status.DISPUTED: "late",
    Status.PARTLY_PAID: "open",
    Status.PAID: "done",
    Status.CREDITED: "quiet",
    Status.UNCOLLECTIBLE: "late",
}


@dataclass(frozen=True, slots=True)
class StatusTag:
    """A status as shown: words and tone; ``hint`` is what is told beside it, such as the day that was planned."""

    status: Any
    label: Any
    tone: str
    hint: str = ""


def tag_of(invoice: Invoice, today: date) -> StatusTag:
    """Return the tag of an invoice on that day."""
    status = invoice.status_on(today)
    hint = gettext("for %(day)s") % {"day": _planned_on(invoice)} if status is Status.PLANNED else ""
    return StatusTag(status, dict(statuses())[status.value], TONES[status], hint)


def _planned_on(invoice: Invoice) -> str:
    """The day that stands; lists have read it with the balance."""
    day = invoice.planned_on if hasattr(invoice, "planned_on") else invoice.standing_promise.planned_on
    return date_format(day, "DATE_FORMAT")


PARTS: dict[PartState, tuple[str, Any]] = {
    PartState.PAID: ("done", pgettext_lazy("instalment", "Paid")),
    PartState.PARTLY_PAID: ("open", pgettext_lazy("instalment", "Partly paid")),
    PartState.OVERDUE: ("late", pgettext_lazy("instalment", "Overdue")),
    PartState.DUE: ("open", pgettext_lazy("instalment", "Due today")),
    PartState.COMING: ("quiet", pgettext_lazy("instalment", "To come")),
}


def tag_of_part(state: PartState) -> StatusTag:
    """Return the tag of an instalment."""
    tone, label = PARTS[state]
    return StatusTag(state, label, tone)
