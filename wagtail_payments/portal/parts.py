"""An invoice that is paid in instalments, and one whose payment is planned, as its page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wagtail_payments.core import schedule
from wagtail_payments.core.schedule import PartState
from wagtail_payments.core.snapshot import Document
from wagtail_payments.printing.amounts import Writer

ICONS: dict[PartState, tuple[str, str]] = {
    PartState.PAID: ("done", "check"),
    PartState.PARTLY_PAID: ("calm", "calendar"),
    PartState.OVERDUE: ("late", "alert"),
    PartState.DUE: ("soon", "clock"),
    PartState.COMING: ("calm", "calendar"),
}


@dataclass(frozen=True, slots=True)
class PartRow:
    """An instalment as shown: its day, how it stands in words with tone and icon, and what it comes to."""

    day: str
    amount: str
    state: str
    tone: str
    icon: str

    @property
    def icon_template(self) -> str:
        """The template that draws the icon."""
        return f"wagtail_payments/elements/icons/{self.icon}.html"


def rows(standings: Sequence[schedule.Standing], writer: Writer) -> tuple[PartRow, ...]:
    """Return the instalments in words, in the active language."""
    return tuple(
        PartRow(writer.date(row.due_on.isoformat()), writer.money(row.amount), _state(row, writer), *ICONS[row.state])
        for row in standings
    )


def of_document(document: Document, today: date, writer: Writer) -> tuple[PartRow, ...]:
    """Return the instalments of a document of which nothing is paid yet."""
    parts = [schedule.Part(date.fromisoformat(row.due_on), row.amount) for row in document.instalments]
    return rows(schedule.standings(parts, 0, today), writer)


def _state(row: schedule.Standing, writer: Writer) -> str:
    if row.covered and row.left:
        said = {"amount": writer.money(row.left)}
        if row.state is PartState.OVERDUE:
            return _("overdue, %(amount)s left") % said
        return _("%(amount)s left to pay") % said
    return state_word(row.state)


def state_word(state: PartState) -> str:
    """Return how an instalment stands in a word or two."""
    return {
        PartState.PAID: pgettext("instalment", "paid"),
        PartState.PARTLY_PAID: pgettext("instalment", "partly paid"),
        PartState.OVERDUE: pgettext("instalment", "overdue"),
        PartState.DUE: pgettext("instalment", "due today"),
        PartState.COMING: pgettext("instalment", "to come"),
    }[state]
