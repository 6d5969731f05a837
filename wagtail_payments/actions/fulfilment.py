"""What follows when a registration is settled: its seats are confirmed, its invoice takes a number, people are told.

Each function runs inside a transaction that holds the event, and the invoice where there is one.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import signals
from wagtail_payments.actions import alerts, invoices, journal, seats
from wagtail_payments.core.lifecycle import AttemptState, SeatState
from wagtail_payments.mail import letters
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.events import Event
from wagtail_payments.records.guards import hold
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Payment
from wagtail_payments.records.registrations import Registration


def confirm_free(*, registration: Registration, now: datetime) -> None:
    """Confirm what costs nothing: no invoice, a letter at once."""
    _confirm(registration, registration.event, now)
    letters.registered(registration=registration, enclosed=(), now=now)


def confirm_on_account(*, registration: Registration, now: datetime) -> None:
    """Confirm what is paid later by transfer: the invoice is issued now and goes with the letter.

    Raises what ``invoices.issue_locked`` raises; then nothing is kept.
    """
    draft = _draft(registration)
    hold(Invoice, draft.pk)
    _confirm(registration, registration.event, now)
    invoice = invoices.issue_locked(invoice=draft, by=None, now=now)
    enclosed = [invoice.document] if invoice.document else []
    letters.registered(registration=registration, enclosed=enclosed, now=now)


def paid(*, invoice: Invoice, event: Event, payment: Payment, amount: int, now: datetime) -> bool:
    """Confirm the seats of a draft that has been paid, and give it its number; False where there is no room any more.

    ``amount`` is what there is of the payment, minor units. The letter goes with the receipt. Money for which there
    is no seat stays unallocated and is sent back by itself. What was confirmed and then cancelled before it could
    be invoiced is invoiced all the same: its cancellation says what comes back.
    """
    registration = _registration_of(invoice)
    has_seats = seats.keep(registration=registration, event=event, target=SeatState.CONFIRMED, now=now)
    if not has_seats and not registration.cancellations.exists():
        _lost(registration, payment, now)
        return False
    _confirm(registration, event, now)
    try:
        with transaction.atomic():
            invoices.issue_locked(invoice=invoice, by=None, now=now, prepaid=amount, draws=False)
    except (invoices.InvoiceNotReady, invoices.ClockWentBack) as problem:
        _not_invoiced(registration, payment, problem, now)
        return False
    return True


def withdrawn(*, invoice: Invoice, now: datetime) -> None:
    """Give up the seats of a draft whose money went back before it could be invoiced; nothing is owed for them."""
    registration = _registration_of(invoice)
    number = seats.move(registration.seats.all(), SeatState.CANCELLED)
    registration.cancellations.filter(state="owed").update(state="done")
    if number:
        journal.note(registration, "given_back", now=now, data={"seats": number})


def progressed(*, attempt: PaymentAttempt, event: Event, now: datetime) -> None:
    """Keep seats while the bank has the order; free them when it refuses. Nothing else moves them here."""
    if attempt.state not in (AttemptState.PROCESSING, AttemptState.FAILED):
        return
    registration = _registration_of(attempt.invoice)
    if attempt.state == AttemptState.PROCESSING:
        seats.keep(registration=registration, event=event, target=SeatState.PENDING, now=now)
    elif attempt.state == AttemptState.FAILED:
        seats.move([seat for seat in registration.seats.all() if seat.state == SeatState.PENDING], SeatState.EXPIRED)


def _registration_of(invoice: Invoice) -> Registration:
    rows = Registration.objects.select_related("event__seller").prefetch_related("seats")
    registration: Registration = rows.get(invoice=invoice)
    registration.invoice = invoice
    return registration


def _confirm(registration: Registration, event: Event, now: datetime) -> None:
    """Told once, however often it is confirmed."""
    seats.move(registration.seats.all(), SeatState.CONFIRMED)
    if registration.confirmed_at is not None:
        return
    registration.confirmed_at = now
    notified = now if event.notify == "at_once" else None
    Registration.objects.filter(pk=registration.pk).update(confirmed_at=now, notified_at=notified)
    journal.note(registration, "confirmed", now=now)
    if notified:
        letters.owner_registered(registrations=[registration], event=event, once=f"one:{registration.pk}", now=now)
    signals.send_on_commit(signals.registration_confirmed, Registration, registration=registration)


def _lost(registration: Registration, payment: Payment, now: datetime) -> None:
    with override(registration.event.seller.language):
        text = _(
            "%(name)s paid for %(event)s when the seats were gone. The money goes back by itself, and they are told."
        ) % {"name": registration.name, "event": registration.event}
    about = {"payment": payment, "registration": registration}
    alerts.raise_once(kind="seat_lost", key=str(payment.pk), text=text, now=now, **about)
    journal.note(registration, "seat_lost", now=now)


def _not_invoiced(registration: Registration, payment: Payment, problem: Exception, now: datetime) -> None:
    with override(registration.event.seller.language):
        text = _(
            "%(name)s paid for %(event)s, but the invoice can't be issued: %(why)s Mend it; it is tried again."
        ) % {
            "name": registration.name,
            "event": registration.event,
            "why": problem,
        }
    about = {"payment": payment, "registration": registration}
    alerts.raise_once(kind="not_invoiced", key=str(payment.pk), text=text, now=now, **about)


def _draft(registration: Registration) -> Invoice:
    if registration.invoice is None:
        raise Invoice.DoesNotExist
    return registration.invoice
