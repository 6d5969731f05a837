"""Registering: seats held while somebody pays, confirmed when the money is there, or at once where nothing is due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports
from wagtail_payments.actions import (
    alerts,
    baskets,
    bills,
    checkout,
    fulfilment,
    invoices,
    journal,
    links,
    seats,
    ticket_deposits,
    wishes,
)
from wagtail_payments.actions.baskets import Basket
from wagtail_payments.actions.payments import Mismatch
from wagtail_payments.actions.wishes import Buyer, Wish
from wagtail_payments.core.lifecycle import SeatState
from wagtail_payments.gateways.model import GatewayError
from wagtail_payments.mail import letters, outbox
from wagtail_payments.records.attempts import PaymentAttempt, live_try_of
from wagtail_payments.records.events import Event
from wagtail_payments.records.guards import hold, lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.registrations import Registration, Seat

logger = logging.getLogger(__name__)

# A provider opens no session shorter than half an hour.
SHORTEST_SESSION = timedelta(minutes=31)


class HoldEnded(Exception):
    """The seats are not held any more: the visitor begins again, if there still are some."""


def register(*, wish: Wish, now: datetime) -> Registration:
    """Give the seats: held where they are to be paid online, confirmed where they are free or paid by transfer.

    The same form twice is one registration. Raises ``BasketRefused`` (and its kinds), ``NotEnoughSeats``,
    ``bills.NotReadyToSell`` (which the organiser is told of) or ``Event.DoesNotExist``; then nothing is kept.
    """
    try:
        return _register(wish, now)
    except bills.NotReadyToSell as problem:
        _show_unready(wish.event_id, problem, now)
        raise


def _register(wish: Wish, now: datetime) -> Registration:
    with transaction.atomic(durable=True):
        hold(Event, wish.event_id)
        standing: Registration | None = Registration.objects.filter(form_key=wish.form_key).first()
        if standing is not None and _is_theirs(standing, wish):
            return standing
        registration = _placed(replace(wish, form_key=ports.new_id()) if standing else wish, now)
        ports.failpoint("register.before_commit")
    return registration


def _is_theirs(standing: Registration, wish: Wish) -> bool:
    """A form that somebody else has sent, from a page that was kept where it must not be, opens nothing of theirs."""
    return standing.event_id == wish.event_id and standing.email.lower() == wish.buyer.email.lower()


def _show_unready(event_id: int, problem: bills.NotReadyToSell, now: datetime) -> None:
    event = Event.objects.select_related("seller").get(pk=event_id)
    with override(event.seller.language):
        text = _("Nobody can register for %(event)s: %(why)s") % {"event": event, "why": problem}
    alerts.raise_once(kind="not_ready", key=str(event_id), text=text, now=now)


def _placed(wish: Wish, now: datetime) -> Registration:
    event = Event.objects.select_related("seller", "site").prefetch_related("ticket_types").get(pk=wish.event_id)
    seats.write_down_ended(event_id=event.pk, now=now)
    available = seats.availability(event=event, now=now)
    basket = baskets.fill(event=event, places=wish.places, code=wish.code, seen=wish.seen, available=available, now=now)
    ticket_deposits.refuse_changed(event=event, seen=wish.promised, now=now)
    wishes.refuse_changed_right(event=event, wish=wish)
    seats.refuse_shortage(available=available, wanted={row.pk: number for row, number, _price in basket.rows})
    ports.failpoint("register.counted")
    registration = _kept(event, wish, basket, now)
    _sit(registration, basket, now)
    if registration.is_free:
        fulfilment.confirm_free(registration=registration, now=now)
    elif registration.pays_later:
        _on_account(registration, now)
    return registration


def _on_account(registration: Registration, now: datetime) -> None:
    try:
        fulfilment.confirm_on_account(registration=registration, now=now)
    except (invoices.InvoiceNotReady, invoices.ClockWentBack) as problem:
        raise bills.NotReadyToSell(str(problem)) from problem


def _kept(event: Event, wish: Wish, basket: Basket, now: datetime) -> Registration:
    buyer = {name: getattr(wish.buyer, name) for name in Buyer.__dataclass_fields__}
    plan = ticket_deposits.plan_of(event=event, gross=basket.totals.gross, now=now)
    registration = Registration(
        **buyer,
        event=event,
        public_id=ports.new_id(),
        form_key=wish.form_key,
        language=wish.language,
        answers=dict(wish.answers),
        consents=list(wish.consents),
        discount_code=basket.code,
        discount=basket.code.code if basket.code else "",
        mode=invoices.mode_of(event.site),
        gross=basket.totals.gross,
        deposit=plan.deposit if plan else 0,
        balance_on=plan.due_on if plan else None,
        currency=event.seller.currency,
        pays_later=wish.pays_later and event.pays_later and basket.totals.gross > 0,
        no_withdrawal=event.no_withdrawal,
        begins_early=wish.begins_early,
        created_at=now,
    )
    if not registration.is_free:
        registration.invoice = bills.draft(registration=registration, basket=basket, now=now)
    if plan:
        registration.balance = registration.invoice
        registration.invoice = ticket_deposits.draft(registration=registration, basket=basket, now=now)
    registration.save(force_insert=True)
    links.make_for_registration(registration=registration, site=event.site, now=now)
    journal.note(registration, "register", now=now, data={"seats": len(basket.places)})
    return registration


def _sit(registration: Registration, basket: Basket, now: datetime) -> None:
    vat = {row.pk: bills.vat_key(row) for row, _number, _price in basket.rows}
    until = now + timedelta(minutes=registration.event.hold_minutes)
    deposits = ticket_deposits.seat_shares(basket=basket, deposit=registration.deposit)
    Seat.objects.bulk_create(
        Seat(
            registration=registration,
            event=registration.event,
            ticket_type_id=place.ticket_type,
            state=SeatState.HELD,
            hold_until=until,
            name=place.name,
            email=place.email,
            answers=dict(place.answers),
            gross=price,
            deposit=deposit,
            vat=list(vat[place.ticket_type]),
        )
        for place, price, deposit in zip(basket.places, basket.seat_prices, deposits, strict=True)
    )


def start_paying(
    *, registration: Registration, now: datetime, return_url: Callable[[PaymentAttempt], str], cancel_url: str
) -> PaymentAttempt:
    """Open the payment of held seats, or return the one that is open; it ends a little before their hold.

    Raises ``HoldEnded`` and what ``checkout.start`` raises.
    """
    until, invoice = seats.hold_until(list(registration.seats.all())), registration.invoice
    if until is None or until <= now or invoice is None:
        raise HoldEnded
    return checkout.start(
        invoice=invoice,
        now=now,
        return_url=return_url,
        cancel_url=cancel_url,
        seats_of=registration.event,
        until=_session_until(registration, invoice, until, now),
    )


def _session_until(registration: Registration, invoice: Invoice, until: datetime, now: datetime) -> datetime:
    """Return when a session that is opened now ends: with the hold, which is extended if that is too soon."""
    if until - seats.GRACE - now < SHORTEST_SESSION and not _is_open(invoice, now):
        until = extend_hold(registration=registration, now=now)
    return until - seats.GRACE


def _is_open(invoice: Invoice, now: datetime) -> bool:
    live = live_try_of(invoice)
    return live is not None and (live.expires_at is None or live.expires_at - now >= checkout.TIME_LEFT)


def extend_hold(*, registration: Registration, now: datetime) -> datetime:
    """Keep the seats for the whole time again, once; return until when. Raises ``HoldEnded``."""
    with transaction.atomic(durable=True):
        (event,) = lock(Event, registration.event_id)
        fresh = Registration.objects.get(pk=registration.pk)
        held = [seat for seat in fresh.seats.all() if seat.state == SeatState.HELD]
        if fresh.hold_extended or not held or not all(seats.takes_room(seat, now) for seat in held):
            raise HoldEnded
        until = now + timedelta(minutes=event.hold_minutes)
        fresh.seats.filter(pk__in=[seat.pk for seat in held]).update(hold_until=until)
        Registration.objects.filter(pk=fresh.pk).update(hold_extended=True)
        journal.note(fresh, "hold_extended", now=now)
    return until


def give_back(*, registration: Registration, now: datetime) -> int:
    """Free seats that are held, because the visitor no longer wants them; return how many.

    The payment session is ended too; if the provider can't be reached, a payment that still comes is refunded.
    """
    with transaction.atomic(durable=True):
        lock(Event, registration.event_id)
        held = registration.seats.filter(state=SeatState.HELD)
        number = held.update(state=SeatState.CANCELLED)
        if number:
            journal.note(registration, "given_back", now=now, data={"seats": number})
    end_session(registration=registration, now=now)
    return number


def end_session(*, registration: Registration, now: datetime) -> None:
    """End the live payment session of a registration, so that nobody pays for what is gone; best effort."""
    attempt = PaymentAttempt.objects.filter(shares__live_for__registration=registration).select_related("site").first()
    if attempt is None:
        return
    try:
        checkout.withdraw(attempt=attempt, now=now)
    except (GatewayError, Mismatch):
        logger.warning("The session of registration %s could not be ended", registration.pk)


def change_attendee(*, seat: Seat, name: str, email: str, answers: Mapping[str, Any], by: Any, now: datetime) -> Seat:
    """Write down who comes on a seat, and answers; what is not answered anew stays as it was kept.

    Attendees with an address of their own are told that a seat became theirs, or no longer is. Raises ``SeatGone``
    where the seat was given up.
    """
    with transaction.atomic(durable=True):
        (event,) = lock(Event, seat.event_id)
        fresh = Seat.objects.select_related("registration__invoice", "ticket_type").get(pk=seat.pk)
        if fresh.state in (SeatState.CANCELLED, SeatState.EXPIRED):
            raise SeatGone
        fresh.registration.event, former = event, copy(fresh)
        fresh.name, fresh.email, fresh.answers = name, email, {**fresh.answers, **answers}
        fresh.save(update_fields=["name", "email", "answers"])
        journal.note(fresh.registration, "attendee_changed", now=now, by=by)
        _tell_attendees(event, former, fresh, now)
    return fresh


def _tell_attendees(event: Event, former: Seat, seat: Seat, now: datetime) -> None:
    """Until the letter that confirms it has been written there is nothing to tell: it goes to all who come then."""
    over = event.is_cancelled or event.ends_at <= now
    same = former.email.casefold() == seat.email.casefold()
    if same or over or seat.state != SeatState.CONFIRMED or not letters.was_confirmed(registration=seat.registration):
        return
    # Who gets a seat back must get a newer appointment than the one that was withdrawn (RFC 5546, 2.1.5).
    event.calendar_sequence += 1
    event.save(update_fields=["calendar_sequence"])
    letters.attendee_changed(former=former, seat=seat, now=now)


def change_answers(*, registration: Registration, answers: Mapping[str, Any], by: Any, now: datetime) -> Registration:
    """Write down answers to what is asked once per order; what is not answered anew stays as it was kept.

    The same answers again are no change, and leave no trace. Raises ``SeatGone`` where no seat is left to answer for.
    """
    with transaction.atomic(durable=True):
        hold(Event, registration.event_id)
        fresh: Registration = Registration.objects.prefetch_related("seats").get(pk=registration.pk)
        if not any(seats.takes_room(seat, now) for seat in fresh.seats.all()):
            raise SeatGone
        ports.failpoint("answers.read")
        changed = {**fresh.answers, **answers}
        if changed != fresh.answers:
            fresh.answers = changed
            fresh.save(update_fields=["answers"])
            journal.note(fresh, "answers_changed", now=now, by=by)
    return fresh


def confirm_again(*, registration: Registration, by: Any, now: datetime) -> bool:
    """Send the letter that confirmed it once more, with the link as it is now; False while there is none to send."""
    confirming = Letter.objects.filter(registration=registration, kind="registered", link__isnull=False)
    letter = confirming.order_by("pk").first()
    if letter is None or not outbox.send_again(letter=letter, now=now):
        return False
    journal.note(registration, "letter_resent", now=now, by=by, data={"to": letter.to, "kind": letter.kind})
    return True


class SeatGone(Exception):
    """The seat was given up or its hold has ended, or no seat is left at all; there is nothing to change."""
