"""Writing to a part of those who registered: who it is, and one letter to each, whatever interrupts it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from wagtail_payments.actions import journal
from wagtail_payments.core.lifecycle import SeatState
from wagtail_payments.mail import letters
from wagtail_payments.records.events import Event, Question
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.registrations import Registration, Seat


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose seats are in that state, perhaps of one ticket type, perhaps with a certain answer to a question."""

    state: SeatState = SeatState.CONFIRMED
    ticket_type: int | None = None
    question: Question | None = None
    answer: str = ""

    def has(self, seat: Seat) -> bool:
        """Was the question answered so? Case does not count, and part of an answer is enough."""
        if self.question is None:
            return True
        given = (seat.answers if self.question.of_each else seat.registration.answers).get(self.question.key)
        texts = given if isinstance(given, list) else [given]
        wanted = self.answer.casefold()
        if not wanted:
            return any(texts)
        if isinstance(given, bool):  # a box, which lists show as "Yes" or "No"
            return wanted in (_("Yes") if given else _("No")).casefold()
        return any(wanted in str(text).casefold() for text in texts if text)


def addressed(*, event: Event, audience: Audience) -> Iterator[tuple[Registration, Sequence[Seat]]]:
    """Yield the registrations with those of their seats that are meant."""
    seats = Seat.objects.filter(event=event, state=audience.state)
    if audience.ticket_type is not None:
        seats = seats.filter(ticket_type=audience.ticket_type)
    rows = seats.select_related("registration__event__seller", "registration__invoice__customer", "ticket_type")
    meant = (seat for seat in rows.order_by("registration_id", "pk") if audience.has(seat))
    for _key, group in groupby(meant, key=lambda seat: seat.registration_id):
        found = list(group)
        yield found[0].registration, found


def recipients(*, event: Event, audience: Audience) -> int:
    """Return how many letters go out: one to each address of a registration."""
    return sum(len(letters.readers(order, seats)) for order, seats in addressed(event=event, audience=audience))


def write(*, event: Event, audience: Audience, subject: str, text: str, by: Any, now: datetime, form_key: str) -> int:
    """Write to them; return how many letters there are. The same form twice goes on where it was left."""
    is_new = not Letter.objects.filter(written_once__startswith=f"{form_key}:").exists()
    written = 0
    for registration, seats in addressed(event=event, audience=audience):
        try:
            with transaction.atomic():
                made = letters.event_message(
                    registration=registration, subject=subject, text=text, by=by, now=now, seats=seats, once=form_key
                )
        except IntegrityError:  # the same form, sent twice at once: the other one writes it
            made = []
        written += len(made)
    if is_new and written:
        journal.note(event, "event_message", now=now, by=by, data={"told": written})
    return written
