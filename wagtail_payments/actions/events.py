"""Events: called off with everybody told and refunded exactly once; changed with the calendars of all attendees."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.actions import cancellations, journal, registrations, sweeps
from wagtail_payments.core.lifecycle import AttemptState, SeatState
from wagtail_payments.mail import letters
from wagtail_payments.records.events import Event
from wagtail_payments.records.guards import lock
from wagtail_payments.records.registrations import Registration, Seat


class EventRefused(Exception):
    """That can't be done with this event; the text says why."""


def cancel(*, event_id: int, reason: str, by: Any, now: datetime) -> Event:
    """Call an event off: nothing more is sold from this moment; each registration is then told and refunded in turn.

    Doing it twice keeps the first. Raises ``EventRefused`` once the event is over.
    """
    with transaction.atomic(durable=True):
        (event,) = lock(Event, event_id)
        if event.is_cancelled:
            return event
        if event.ends_at <= now:
            raise EventRefused(_("This event is over."))
        event.cancelled_at, event.cancellation_reason = now, reason
        event.calendar_sequence += 1
        event.save(update_fields=["cancelled_at", "cancellation_reason", "calendar_sequence"])
        event.seats.filter(state=SeatState.HELD).update(state=SeatState.CANCELLED)
        journal.note(event, "event_cancelled", now=now, by=by, data={"reason": reason[:200]})
    return event


def cancel_registrations_due(*, now: datetime, most: int = 50) -> int:
    """Give up the seats of cancelled events, ``most`` registrations in a turn; return how many were done.

    What is left to do is what still has a confirmed seat: an interruption loses nothing and does nothing twice.
    """
    _end_sessions(now, most)
    waiting = Registration.objects.filter(event__cancelled_at__isnull=False, seats__state=SeatState.CONFIRMED)
    rows = waiting.select_related("event").distinct()
    return sweeps.sweep("cancelled_events", rows, lambda row: _cancel_registration(row, now), most=most, now=now)


def _end_sessions(now: datetime, most: int) -> None:
    """Nobody should pay for what does not take place; a payment that still comes is sent back."""
    gone = Registration.objects.filter(
        event__cancelled_at__isnull=False, invoice__document=None, invoice__live_share__attempt__state=AttemptState.OPEN
    )
    sweeps.sweep("sessions", gone, lambda row: _end_session(row, now), most=most, now=now)


def _end_session(registration: Registration, now: datetime) -> bool:
    registrations.end_session(registration=registration, now=now)
    return True


def _cancel_registration(registration: Registration, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        (event,) = lock(Event, registration.event_id)
        confirmed = Seat.objects.filter(registration=registration, state=SeatState.CONFIRMED)
        seat_ids = list(confirmed.values_list("pk", flat=True))
        if not seat_ids:
            return False
        made = cancellations.cancel_locked(
            event=event,
            registration=registration,
            seat_ids=seat_ids,
            back=None,
            by_organiser=True,
            reason=event.cancellation_reason,
            by=None,
            now=now,
            form_key=f"{cancellations.event_key(event)}{registration.pk}:{min(seat_ids)}",
        )
        ports.failpoint("event.registration_cancelled")
    cancellations.settle(cancellation_id=made.pk, now=now)
    registrations.end_session(registration=registration, now=now)
    return True


def announce_change(*, event_id: int, by: Any, now: datetime, seen: int | None = None) -> int:
    """Tell everybody who comes that time or place has changed, with a new calendar file; return how many were told.

    ``seen`` is the revision of the calendar that somebody looked at who asks for it: pressing twice tells once.
    Raises ``EventRefused`` where that is no longer the last one.
    """
    with transaction.atomic(durable=True):
        (event,) = lock(Event, event_id)
        if seen is not None and seen != event.calendar_sequence:
            raise EventRefused(_("A change was announced, or an attendee was changed meanwhile. Please look again."))
        Event.objects.filter(pk=event.pk).update(calendar_sequence=F("calendar_sequence") + 1)
        event.refresh_from_db()
        coming = list(coming_to(event))
        for registration in coming:
            letters.event_changed(registration=registration, event=event, now=now)
        journal.note(event, "event_changed", now=now, by=by, data={"told": len(coming)})
    return len(coming)


def coming_to(event: Event) -> Any:
    """Return the registrations of which somebody comes, with their seats."""
    return _coming(Q(event=event))


def _coming(which: Q) -> Any:
    rows = Registration.objects.filter(which, seats__state=SeatState.CONFIRMED).distinct()
    return rows.select_related("event__seller").prefetch_related("seats__ticket_type").order_by("pk")


def remind_due(*, now: datetime, most: int = 200) -> int:
    """Remind whoever comes, some days before, at most once; whoever registers after that needs no reminder."""
    planned = Event.objects.filter(cancelled_at=None, reminder_days__isnull=False, starts_at__gt=now)
    waiting = Q()
    for days in planned.order_by().values_list("reminder_days", flat=True).distinct():
        waiting |= _waiting(timedelta(days=days or 0), now)
    if not waiting:
        return 0
    rows = _coming(waiting).filter(reminded_at=None, event__cancelled_at=None)
    return sweeps.sweep("reminders", rows, lambda row: _remind(row, now), most=most, now=now)


def _waiting(before: timedelta, now: datetime) -> Q:
    """Who was confirmed before the moment at which all are reminded, where that has come."""
    soon = Q(event__starts_at__gt=now, event__starts_at__lte=now + before)
    return soon & Q(event__reminder_days=before.days, confirmed_at__lt=F("event__starts_at") - before)


def _remind(registration: Registration, now: datetime) -> int:
    with transaction.atomic():
        ours = Registration.objects.filter(pk=registration.pk, reminded_at=None).update(reminded_at=now)
        if ours:
            letters.event_reminder(registration=registration, now=now)
    return ours


DIGEST_HOUR = 7


def tell_organisers_due(*, now: datetime) -> int:
    """Send the daily list of new registrations, once a day from seven in the event's own morning on."""
    new = Registration.objects.filter(event=OuterRef("pk"), confirmed_at__isnull=False, notified_at=None)
    events = Event.objects.filter(Exists(new), notify="daily").select_related("seller")
    return sweeps.each("organisers", events, lambda event: _tell_organiser(event, now))


def _tell_organiser(event: Event, now: datetime) -> int:
    """What was confirmed before today began."""
    local = now.astimezone(event.zone)
    if local.hour < DIGEST_HOUR:
        return 0
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic(durable=True):
        lock(Event, event.pk)
        new = Registration.objects.filter(event=event, notified_at=None, confirmed_at__lt=midnight)
        rows = list(new.prefetch_related("seats__ticket_type").order_by("pk"))
        if not rows:
            return 0
        Registration.objects.filter(pk__in=[row.pk for row in rows]).update(notified_at=now)
        once = f"day:{event.pk}:{midnight.date().isoformat()}"
        letters.owner_registered(registrations=rows, event=event, once=once, now=now)
    return len(rows)
