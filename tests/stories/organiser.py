"""An organiser on the sandbox: people register, pay, do not pay, pay too late, and change their minds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wagtail_payments import ports
from wagtail_payments.actions import cancellations, registrations
from wagtail_payments.actions.baskets import Place
from wagtail_payments.actions.wishes import Buyer, Wish
from wagtail_payments.models import Cancellation, Event, PaymentAttempt, Registration, Seat

HOME = "http://localhost/"


def wish(event: Event, seats: int | Sequence[Place] = 1, *, name: str = "Julie Martin", **fields: Any) -> Wish:
    """What somebody types: ``seats`` of the first ticket type, or the places themselves."""
    if isinstance(seats, int):
        ticket_type = event.ticket_types.all()[0]
        seats = [Place(ticket_type.pk) for _ in range(seats)]
    email = f"{name.split()[0].lower()}@example.org"
    buyer = fields.pop("buyer", Buyer(name=name, email=email))
    values: dict[str, Any] = {"language": "fr", "form_key": ports.new_id()}
    return Wish(event_id=event.pk, places=seats, buyer=buyer, **values | fields)


def register(event: Event, seats: int | Sequence[Place] = 1, **fields: Any) -> Registration:
    """Somebody sends the form."""
    return registrations.register(wish=wish(event, seats, **fields), now=ports.now())


def start_paying(registration: Registration) -> PaymentAttempt:
    """Whereupon they are sent to the provider."""
    return registrations.start_paying(
        registration=Registration.objects.select_related("event", "invoice").get(pk=registration.pk),
        now=ports.now(),
        return_url=lambda attempt: HOME,
        cancel_url=HOME,
    )


def cancel(registration: Registration, *seats: Seat, by_organiser: bool = False, **fields: Any) -> Cancellation:
    """They give up all their seats, or these, for what is quoted."""
    chosen = list(seats) or list(registration.seats.filter(state="confirmed"))
    now = ports.now()
    quote = cancellations.quote(event=registration.event, seats=chosen, by_organiser=by_organiser, now=now)
    values: dict[str, Any] = {"back": quote.back, "reason": "", "by": None, "form_key": ports.new_id()}
    return cancellations.cancel(
        registration=registration,
        seat_ids=[seat.pk for seat in chosen],
        by_organiser=by_organiser,
        now=now,
        **values | fields,
    )


def states(registration: Registration) -> list[str]:
    """How the seats stand."""
    return sorted(registration.seats.values_list("state", flat=True))
