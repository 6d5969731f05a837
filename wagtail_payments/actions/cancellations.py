"""Giving up seats: quoted first, kept as a row that says what is owed, then credited and refunded exactly once.

The seats are free with the first commit. The money follows right after, or by the clockwork where that was
interrupted: the row stays "owed" until its credit note stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports, signals
from wagtail_payments.actions import alerts, cancellation_notes, checkout, credits, journal, refunds, sweeps
from wagtail_payments.core import cancellation
from wagtail_payments.core.cancellation import Policy, Quote, Terms
from wagtail_payments.core.lifecycle import SeatState
from wagtail_payments.mail import letters
from wagtail_payments.records.events import Event
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.registrations import Cancellation, Registration, Seat

WITHOUT_FEE = Terms(Policy.FEE, 0, Decimal(0))


class CancellationRefused(Exception):
    """These seats can't be given up; the text says why."""


class QuoteChanged(CancellationRefused):
    """What comes back is no longer what the visitor was shown; ``quote`` is what it is now."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(_("What comes back has changed meanwhile. Please look at it again."))
        self.quote = quote


def quote(*, event: Event, seats: Sequence[Seat], by_organiser: bool, now: datetime) -> Quote:
    """Return what giving up these seats now comes to; an organiser keeps no fee.

    Of seats whose balance was not asked for yet, no more than their deposits is at stake.
    """
    terms = WITHOUT_FEE if by_organiser else event.terms
    prices = [seat.gross for seat in seats]
    invoiced = [seat.deposit for seat in seats] if _owes_a_balance(seats) else None
    return cancellation.quote(prices, terms, event.starts_at, now, invoiced)


def _owes_a_balance(seats: Sequence[Seat]) -> bool:
    """Was a deposit asked for these seats of one order, and the rest not yet?"""
    if not any(seat.deposit for seat in seats):
        return False
    return bool(Invoice.objects.filter(balance_of=seats[0].registration_id, document=None).exists())


def cancel(
    *,
    registration: Registration,
    seat_ids: Sequence[int],
    back: int,
    by_organiser: bool,
    reason: str,
    by: Any,
    now: datetime,
    form_key: str,
) -> Cancellation:
    """Give up seats for what was quoted: ``back`` minor units. The same form twice is one cancellation.

    Raises ``CancellationRefused`` or ``QuoteChanged``; then nothing is changed. The money follows by itself.
    """
    with transaction.atomic(durable=True):
        (event,) = lock(Event, registration.event_id)
        standing: Cancellation | None = Cancellation.objects.filter(form_key=form_key).first()
        if standing is not None and standing.registration_id != registration.pk:
            raise CancellationRefused(_("This form was sent before. Please open it again."))
        if standing is None:
            standing = cancel_locked(
                event=event,
                registration=registration,
                seat_ids=seat_ids,
                back=back,
                by_organiser=by_organiser,
                reason=reason,
                by=by,
                now=now,
                form_key=form_key,
            )
        ports.failpoint("cancel.before_commit")
    return settle(cancellation_id=standing.pk, now=now)


def cancel_locked(
    *,
    event: Event,
    registration: Registration,
    seat_ids: Sequence[int],
    back: int | None,
    by_organiser: bool,
    reason: str,
    by: Any,
    now: datetime,
    form_key: str,
    withdraws: bool = False,
) -> Cancellation:
    """Give up seats inside a transaction that holds the event; without ``back`` whatever it comes to is taken.

    Who ``withdraws`` from the contract may do so whatever the organiser allows, and owes nothing.
    """
    given_up = list(registration.seats.filter(pk__in=seat_ids, state=SeatState.CONFIRMED))
    if not given_up or len(given_up) != len(set(seat_ids)):
        raise CancellationRefused(_("These seats are not confirmed (any more)."))
    whole = by_organiser or withdraws
    if not whole and not event.terms.allows(event.starts_at, now):
        raise CancellationRefused(_("Cancelling is no longer possible here. Please write to the organiser."))
    quoted = quote(event=event, seats=given_up, by_organiser=whole, now=now)
    if back is not None and quoted.back != back:
        raise QuoteChanged(quoted)
    made = Cancellation.objects.create(
        registration=registration,
        form_key=form_key,
        by_organiser=by_organiser,
        requested_by=by,
        reason=reason[:500],
        gross=quoted.gross,
        fee=quoted.fee,
        currency=registration.currency,
        state="owed" if quoted.back else "done",
        at=now,
    )
    Seat.objects.filter(pk__in=[seat.pk for seat in given_up]).update(state=SeatState.CANCELLED, cancellation=made)
    data = {"seats": len(given_up), "back": quoted.back, "currency": registration.currency}
    journal.note(registration, "registration_cancelled", now=now, by=by, data=data)
    if made.state == "done":
        letters.registration_cancelled(cancellation=made, now=now)
    signals.send_on_commit(signals.registration_cancelled, Registration, registration=registration, cancellation=made)
    return made


def settle(*, cancellation_id: int, now: datetime) -> Cancellation:
    """Credit what is owed and send back what of it was paid, once; what can't be done now is shown and kept.

    What was paid and could not be invoiced yet waits until it is.
    """
    owed = Cancellation.objects.select_related(
        "registration__invoice", "registration__balance", "registration__event__seller"
    ).get(pk=cancellation_id)
    invoice = owed.registration.invoice
    if owed.state == "done" or invoice is None or invoice.is_draft:
        return owed
    try:
        notes = cancellation_notes.credited_of_each(owed, invoice, now)
    except (credits.CreditRefused, refunds.RefundRefused) as problem:
        return _refused(owed, str(problem), now)
    with transaction.atomic():
        undone = Cancellation.objects.filter(pk=owed.pk).exclude(state="done")
        ours = undone.update(state="done", failure="", **notes)
        alerts.settle_by_itself(kind="cancellation", key=str(owed.pk), now=now)
        done = Cancellation.objects.select_related(
            "registration__event__seller", "credit_note__document", "balance_note__document", "balance_note__invoice"
        ).get(pk=owed.pk)
        if ours:
            letters.registration_cancelled(cancellation=done, now=now)
    if done.balance_note is not None:  # nobody should pay what is no longer due
        checkout.withdraw_outdated(invoice=done.balance_note.invoice, now=now)
    return done


def settle_due(*, now: datetime, most: int = 100) -> int:
    """Settle cancellations whose money is still owed, ``most`` in a turn; return how many are done."""
    owed = Cancellation.objects.filter(state="owed", registration__invoice__document__isnull=False)
    return sweeps.sweep("cancellations", owed, lambda row: _is_settled(row, now), most=most, now=now)


def _is_settled(owed: Cancellation, now: datetime) -> bool:
    return settle(cancellation_id=owed.pk, now=now).state == "done"


def retry(*, cancellation_id: int, now: datetime) -> Cancellation:
    """Try one again that was refused, after somebody has looked."""
    Cancellation.objects.filter(pk=cancellation_id, state="refused").update(state="owed")
    return settle(cancellation_id=cancellation_id, now=now)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the money of a cancelled event is: registrations in all, those done, and those that need a look."""

    whole: int
    done: int
    refused: Sequence[Cancellation]


def progress(*, event: Event) -> Progress:
    """Return how far telling and refunding everybody is."""
    made = Cancellation.objects.filter(registration__event=event, form_key__startswith=event_key(event))
    states = Counter(made.order_by().values_list("state", flat=True))
    waiting = event.registrations.filter(seats__state=SeatState.CONFIRMED).distinct().count()
    refused = made.filter(state="refused").select_related("registration").order_by("pk")
    return Progress(states.total() + waiting, states["done"], list(refused[:100]))


def event_key(event: Event) -> str:
    """Return what the keys of all cancellations begin with that come of calling off an event."""
    return f"event:{event.pk}:"


def _refused(owed: Cancellation, why: str, now: datetime) -> Cancellation:
    undone = Cancellation.objects.filter(pk=owed.pk).exclude(state="done")
    if not undone.update(state="refused", failure=why[:500]):  # somebody else has settled it meanwhile
        return Cancellation.objects.get(pk=owed.pk)
    with override(owed.registration.event.seller.language):
        text = _("The cancellation of %(name)s (%(event)s) can't be credited: %(why)s") % {
            "name": owed.registration.name,
            "event": owed.registration.event,
            "why": why,
        }
    about = {"invoice": owed.registration.invoice, "registration": owed.registration}
    alerts.raise_once(kind="cancellation", key=str(owed.pk), text=text, now=now, **about)
    return Cancellation.objects.get(pk=owed.pk)
