"""Giving up seats, and events called off: quoted first, refunded exactly once, resumable."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import cancel, register, start_paying, states
from wagtail_payments import ports
from wagtail_payments.actions import cancellations, events, reconcile, refunds, renditions
from wagtail_payments.actions.baskets import NotOnSale, Place
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import (
    Alert,
    Cancellation,
    CreditNote,
    Event,
    Invoice,
    Letter,
    Refund,
    Registration,
)


class Crash(BaseException):
    """The machine stops here."""


def crash_at(place: str, after: int = 0) -> Any:
    """Stop at a failpoint, once it was passed that many times."""
    passed = []

    def fail(name: str) -> None:
        if name == place:
            passed.append(name)
            if len(passed) > after:
                raise Crash

    return ports.use(everywhere=True, failpoint=fail)


def free_event(**fields: Any) -> Event:
    """Registrants may cancel free of charge until a week before, and pay half after that."""
    terms = {"cancellation": "fee", "cancellation_days": 7, "cancellation_fee": Decimal(50)}
    return factories.make_event(**terms | fields)


def confirmed(business: Business, event: Event, seats: int = 1, **fields: Any) -> Registration:
    """Somebody who has registered and paid."""
    registration = register(event, seats, **fields)
    business.sandbox.pay(start_paying(registration).session_id)
    business.deliver_webhooks()
    return Registration.objects.get(pk=registration.pk)


def status_of(business: Business, registration: Registration) -> Status:
    return business.status(Invoice.objects.get(registration=registration))


def test_in_time_all_of_it_comes_back_and_the_seat_is_free_at_once(business: Business) -> None:
    event = free_event(capacity=1)
    registration = confirmed(business, event)
    made = cancel(registration)
    assert (made.gross, made.fee, made.state) == (120_00, 0, "done")
    assert states(registration) == ["cancelled"]
    note = CreditNote.objects.get()
    assert made.credit_note == note
    assert note.gross == 120_00
    assert Refund.objects.get().amount == 120_00
    assert status_of(business, registration) is Status.CREDITED, "paid, and taken back as a whole"
    assert states(register(event, name="Paul Roux")) == ["held"]
    business.deliver_webhooks()
    business.run_clockwork()
    assert Letter.objects.get(kind="registration_cancelled").to == ["julie@example.org"]
    business.check_books()


def test_in_the_last_days_the_fee_is_kept(business: Business) -> None:
    event = free_event()
    registration = confirmed(business, event, 2)
    business.clock.advance(days=(event.starts_at - ports.now()).days - 2)
    made = cancel(registration, registration.seats.first())
    assert (made.gross, made.fee) == (120_00, 60_00)
    assert CreditNote.objects.get().gross == Refund.objects.get().amount == 60_00
    assert states(registration) == ["cancelled", "confirmed"]


def test_what_was_quoted_is_what_comes_back_or_nothing_is_done(business: Business) -> None:
    event = free_event()
    registration = confirmed(business, event)
    business.clock.advance(days=(event.starts_at - ports.now()).days - 2)
    with pytest.raises(cancellations.QuoteChanged) as changed:
        cancel(registration, back=120_00)
    assert changed.value.quote.back == 60_00
    assert states(registration) == ["confirmed"]
    assert not Cancellation.objects.exists()


def test_the_same_form_twice_is_one_cancellation(business: Business) -> None:
    registration = confirmed(business, free_event())
    seats = list(registration.seats.all())
    first = cancel(registration, *seats, form_key="one form", back=120_00)
    again = cancel(registration, *seats, form_key="one form", back=120_00)
    assert first == again
    assert Refund.objects.count() == CreditNote.objects.count() == 1
    with pytest.raises(cancellations.CancellationRefused):
        cancel(registration, *seats, form_key="another form", back=120_00)


def test_where_it_is_not_allowed_only_the_organiser_can(business: Business) -> None:
    registration = confirmed(business, factories.make_event())
    with pytest.raises(cancellations.CancellationRefused):
        cancel(registration)
    assert cancel(registration, by_organiser=True).state == "done"


def test_seats_with_different_vat_credit_each_its_own_rate(business: Business) -> None:
    event = free_event(ticket_types=False)
    course = factories.make_ticket_type(event, name="Course", price=Decimal("100.00"), most=5)
    lunch = factories.make_ticket_type(event, name="Lunch", price=Decimal("11.00"), vat_rate=Decimal(10), most=5)
    registration = confirmed(business, event, [Place(course.pk), Place(course.pk), Place(lunch.pk)])
    made = cancel(registration, registration.seats.get(ticket_type=lunch))
    assert made.credit_note is not None
    (row,) = made.credit_note.document.frozen.vat
    assert (row.rate, row.base + row.tax) == ("10", 11_00)


def test_unpaid_on_account_is_credited_and_nothing_goes_back(business: Business) -> None:
    registration = register(free_event(pays_later=True), pays_later=True)
    assert cancel(registration).state == "done"
    assert not Refund.objects.exists()
    assert status_of(business, registration) is Status.CREDITED


def test_free_seats_are_simply_given_up(business: Business) -> None:
    event = free_event(ticket_types=False)
    factories.make_ticket_type(event, price=0)
    registration = register(event)
    assert cancel(registration).state == "done"
    assert states(registration) == ["cancelled"]


def test_a_crash_between_seat_and_money_loses_neither(business: Business) -> None:
    registration = confirmed(business, free_event())
    with crash_at("refund.before_asking"), pytest.raises(Crash):
        cancel(registration)
    assert states(registration) == ["cancelled"]
    business.clock.advance(minutes=10)
    for _ in range(2):
        business.run_clockwork()
        business.deliver_webhooks()
    assert Cancellation.objects.get().state == "done"
    assert CreditNote.objects.count() == Refund.objects.count() == 1
    assert len(business.sandbox.objects("refund")) == 1
    business.check_books()


def test_a_cancellation_that_cannot_be_credited_is_shown_and_can_be_tried_again(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = confirmed(business, free_event())

    def refuse(**_: Any) -> Any:
        raise refunds.RefundRefused("The balance is too low.")

    with monkeypatch.context() as broken:
        broken.setattr(refunds, "refund_invoice", refuse)
        made = cancel(registration)
    assert (made.state, made.failure) == ("refused", "The balance is too low.")
    assert Alert.objects.get(settled_at=None).kind == "cancellation"
    assert cancellations.retry(cancellation_id=made.pk, now=ports.now()).state == "done"
    assert not Alert.objects.filter(settled_at=None).exists()


def test_an_event_called_off_sells_nothing_more_and_everybody_is_told(business: Business) -> None:
    event = factories.make_event(capacity=5)
    coming = confirmed(business, event)
    held = register(event, name="Paul Roux")
    late = start_paying(held)
    events.cancel(event_id=event.pk, reason="The teacher is ill.", by=None, now=ports.now())
    with pytest.raises(NotOnSale):
        register(event, name="Zoé Petit")
    business.sandbox.pay(late.session_id)
    business.deliver_webhooks()
    for _ in range(2):
        business.run_clockwork()
        business.deliver_webhooks()
    assert states(coming) == ["cancelled"]
    assert Letter.objects.filter(kind="registration_cancelled", to=["julie@example.org"]).count() == 1
    assert Letter.objects.filter(kind="seat_lost", to=["paul@example.org"]).count() == 1
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [120_00, 120_00]
    business.check_books()


def test_calling_off_a_hundred_registrations_is_resumed_after_every_crash(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Papers are not drawn here: that four hundred PDFs take their time proves nothing about the money."""
    monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)
    number = 100
    event = factories.make_event(capacity=number)
    people = [register(event, name=f"Person{place} Martin") for place in range(number)]
    for person in people:
        business.sandbox.pay(start_paying(person).session_id)
    business.deliver_webhooks()
    events.cancel(event_id=event.pk, reason="Flood", by=None, now=ports.now())
    for place, after in (
        ("event.registration_cancelled", 30),
        ("refund.before_asking", 20),
        ("refund.after_asking", 5),
    ):
        with crash_at(place, after), pytest.raises(Crash):
            events.cancel_registrations_due(now=ports.now(), most=number)
        cancellations.settle_due(now=ports.now())
    while events.cancel_registrations_due(now=ports.now()):
        pass
    business.clock.advance(minutes=10)
    reconcile.run(now=ports.now())
    business.deliver_webhooks()

    assert Refund.objects.filter(state="succeeded").count() == CreditNote.objects.count() == number
    assert Cancellation.objects.filter(state="done").count() == number
    assert len(business.sandbox.objects("refund")) == number
    assert all(states(person) == ["cancelled"] for person in people)
    assert Letter.objects.filter(kind="registration_cancelled").count() == number
    business.check_books()


def test_an_event_that_is_over_can_not_be_called_off(business: Business) -> None:
    event = factories.make_event()
    business.clock.advance(days=(event.ends_at - ports.now()).days + 1)
    with pytest.raises(events.EventRefused):
        events.cancel(event_id=event.pk, reason="", by=None, now=ports.now())


def test_calling_off_twice_keeps_the_first(business: Business) -> None:
    event = factories.make_event()
    first = events.cancel(event_id=event.pk, reason="Flood", by=None, now=ports.now())
    business.clock.advance(hours=1)
    again = events.cancel(event_id=event.pk, reason="Fire", by=None, now=ports.now())
    assert (again.cancelled_at, again.cancellation_reason) == (first.cancelled_at, "Flood")


def test_a_changed_time_is_told_to_all_who_come(business: Business) -> None:
    event = factories.make_event(pays_later=True)
    register(event, pays_later=True)
    register(event, name="Paul Roux")
    event.starts_at += timedelta(hours=1)
    event.save()
    assert events.announce_change(event_id=event.pk, by=None, now=ports.now()) == 1
    letter = Letter.objects.get(kind="event_changed")
    assert "SEQUENCE:1" in letter.calendar
