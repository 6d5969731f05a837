"""From the form to the seat: paid, abandoned, too late, by debit, for nothing, on account."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import register, start_paying, states
from wagtail_payments import ports
from wagtail_payments.actions import bills, payments, registrations, seats, wiping
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import (
    Alert,
    Customer,
    Invoice,
    IssuedDocument,
    Letter,
    Payment,
    PaymentAttempt,
    Refund,
    Registration,
)


def paid(business: Business, registration: Registration, **how: Any) -> PaymentAttempt:
    """The visitor pays at the provider; its message has not arrived yet."""
    attempt = start_paying(registration)
    business.sandbox.pay(attempt.session_id, **how)
    return attempt


def invoice_of(registration: Registration) -> Invoice:
    return Invoice.objects.get(registration=registration)


def test_paid_it_is_confirmed_invoiced_and_told_in_one_letter(business: Business) -> None:
    event = factories.make_event(capacity=3)
    registration = register(event, 2)
    assert states(registration) == ["held", "held"]
    assert invoice_of(registration).is_draft
    attempt = paid(business, registration)
    assert attempt.amount == registration.gross == 240_00
    business.deliver_webhooks()

    assert states(registration) == ["confirmed", "confirmed"]
    invoice = invoice_of(registration)
    assert business.status(invoice) is Status.PAID
    assert invoice.document is not None
    assert invoice.document.frozen.prepaid == 240_00
    assert invoice.document.frozen.due == 0
    assert not Letter.objects.filter(kind="registered").exists(), "a webhook neither draws nor sends"

    business.clock.advance(minutes=1)
    business.run_clockwork()
    letter = Letter.objects.get(kind="registered")
    assert letter.state == "sent"
    assert [document.kind for document in letter.enclosed.order_by("pk")] == ["invoice", "receipt"]
    assert "BEGIN:VCALENDAR" in letter.calendar
    assert not Letter.objects.filter(kind="receipt").exists()
    business.check_books()


def test_an_abandoned_basket_takes_no_number_and_its_seats_are_sold_again_at_once(business: Business) -> None:
    event = factories.make_event(capacity=1)
    abandoned = register(event)
    with pytest.raises(seats.NotEnoughSeats):
        register(event, name="Paul Roux")
    business.clock.advance(minutes=event.hold_minutes)
    bought = register(event, name="Paul Roux")
    assert states(bought) == ["held"]
    assert states(abandoned) == ["expired"], "written down by whoever takes its room"
    paid(business, bought)
    business.deliver_webhooks()
    business.run_clockwork()
    assert states(abandoned) == ["expired"]
    assert list(IssuedDocument.objects.filter(kind="invoice").values_list("sequence", flat=True)) == [1]


def test_the_hold_and_the_payment_session_end_together(business: Business) -> None:
    registration = register(factories.make_event())
    attempt = start_paying(registration)
    until = registration.seats.get().hold_until
    assert until is not None
    assert attempt.expires_at is not None
    assert seats.GRACE <= until - attempt.expires_at < 2 * seats.GRACE


def test_a_late_payment_takes_a_seat_that_is_still_free(business: Business) -> None:
    event = factories.make_event(capacity=1)
    registration = register(event)
    paid(business, registration)
    business.clock.advance(hours=2)
    assert seats.note_expired(now=ports.now()) == 1
    assert states(registration) == ["expired"]
    business.deliver_webhooks()
    assert states(registration) == ["confirmed"]
    assert business.status(invoice_of(registration)) is Status.PAID


def test_a_late_payment_for_a_seat_that_is_gone_is_sent_back_within_one_beat_and_both_are_told(
    business: Business,
) -> None:
    event = factories.make_event(capacity=1)
    late = register(event)
    paid(business, late)
    business.clock.advance(hours=2)
    quick = register(event, name="Paul Roux")
    paid(business, quick)
    business.deliver_webhooks()
    assert (states(late), states(quick)) == (["expired"], ["confirmed"])
    assert Alert.objects.get(settled_at=None).kind == "seat_lost"
    assert invoice_of(late).is_draft

    business.run_clockwork()
    refund = Refund.objects.get()
    assert (refund.amount, refund.kind, refund.gateway) == (120_00, "overpayment", "stripe")
    assert Letter.objects.get(kind="seat_lost").to == ["julie@example.org"]
    assert Letter.objects.filter(kind="owner_seat_lost").exists()
    assert not Alert.objects.filter(settled_at=None).exists()
    business.deliver_webhooks()
    business.run_clockwork()
    assert Refund.objects.get().state == "succeeded"
    business.check_books()


def test_a_debit_keeps_the_seat_until_the_bank_answers(business: Business) -> None:
    event = factories.make_event(capacity=1)
    registration = register(event)
    attempt = start_paying(registration)
    business.sandbox.pay_by_sepa(attempt.session_id)
    business.deliver_webhooks()
    assert states(registration) == ["pending"]
    business.clock.advance(days=3)
    with pytest.raises(seats.NotEnoughSeats):
        register(event, name="Paul Roux")
    business.sandbox.settle(attempt.session_id, paid=True)
    business.deliver_webhooks()
    assert states(registration) == ["confirmed"]
    assert business.status(invoice_of(registration)) is Status.PAID


def test_a_debit_that_the_bank_refuses_gives_the_seat_back_with_a_letter(business: Business) -> None:
    event = factories.make_event(capacity=1)
    registration = register(event)
    attempt = start_paying(registration)
    business.sandbox.pay_by_sepa(attempt.session_id, outcome="failed")
    business.deliver_webhooks()
    business.clock.advance(days=7)
    business.sandbox.settle_due()
    business.deliver_webhooks()
    assert states(registration) == ["expired"]
    assert Letter.objects.filter(kind="payment_failed", to=["julie@example.org"]).exists()
    assert states(register(event, name="Paul Roux")) == ["held"]
    assert invoice_of(registration).is_draft


def test_what_costs_nothing_is_confirmed_at_once_without_an_invoice(business: Business) -> None:
    event = factories.make_event(ticket_types=False)
    factories.make_ticket_type(event, price=0)
    registration = register(event, 2)
    assert states(registration) == ["confirmed", "confirmed"]
    assert registration.invoice is None
    assert not Customer.objects.exists()
    business.run_clockwork()
    assert Letter.objects.get(kind="registered").state == "sent"


def test_on_account_the_seat_stands_and_the_invoice_is_sent_to_be_paid(business: Business) -> None:
    event = factories.make_event(pays_later=True)
    registration = register(event, pays_later=True)
    assert states(registration) == ["confirmed"]
    invoice = invoice_of(registration)
    assert business.status(invoice) is Status.OPEN
    business.run_clockwork()
    letter = Letter.objects.get(kind="registered")
    assert [document.kind for document in letter.enclosed.all()] == ["invoice"]
    day = {"received_on": invoice.seller.today(ports.now()), "form_key": "key"}
    payments.record(
        invoice=invoice, amount=invoice.gross, method="transfer", reference="", by=None, now=ports.now(), **day
    )
    business.run_clockwork()
    assert Letter.objects.filter(kind="receipt").exists(), "the confirmation was sent before"
    business.check_books()


def test_paying_later_is_not_for_events_that_do_not_allow_it(business: Business) -> None:
    assert states(register(factories.make_event(), pays_later=True)) == ["held"]


def test_the_same_form_twice_is_one_registration(business: Business) -> None:
    event = factories.make_event()
    first, second = (register(event, form_key="one form") for _ in range(2))
    assert first == second
    assert start_paying(first) == start_paying(second)
    assert Registration.objects.count() == 1


def test_paid_twice_the_second_payment_goes_back(business: Business) -> None:
    event = factories.make_event()
    registration = register(event)
    first = start_paying(registration)
    business.sandbox.pay(first.session_id)
    PaymentAttempt.objects.filter(pk=first.pk).update(state="expired")
    first.end()
    second = start_paying(registration)
    assert second != first
    business.sandbox.pay(second.session_id)
    business.deliver_webhooks()
    assert states(registration) == ["confirmed"]
    assert Payment.objects.count() == 2
    business.run_clockwork()
    assert Refund.objects.get().amount == 120_00
    assert business.status(invoice_of(registration)) is Status.PAID
    business.deliver_webhooks()
    business.check_books()


def test_what_could_not_be_invoiced_keeps_its_seat_and_is_invoiced_when_it_can(business: Business) -> None:
    event = factories.make_event()
    registration = register(event)
    paid(business, registration)
    street, event.seller.street = event.seller.street, ""
    event.seller.save()
    business.deliver_webhooks()
    assert states(registration) == ["confirmed"]
    assert invoice_of(registration).is_draft
    assert Payment.objects.get().unallocated() == 120_00
    assert Alert.objects.get(settled_at=None).kind == "not_invoiced"
    business.run_clockwork()
    assert not Refund.objects.exists(), "the seat stands: nothing goes back"

    event.seller.street = street
    event.seller.save()
    business.run_clockwork()
    assert business.status(invoice_of(registration)) is Status.PAID
    assert not Alert.objects.filter(settled_at=None).exists()
    business.check_books()


def test_nothing_is_sold_that_could_not_be_invoiced_and_the_organiser_is_told(business: Business) -> None:
    event = factories.make_event()
    event.seller.street = ""
    event.seller.save()
    for _ in range(2):
        with pytest.raises(bills.NotReadyToSell):
            register(event)
    assert not Registration.objects.exists()
    assert Alert.objects.get().kind == "not_ready"


def test_more_time_can_be_had_once(business: Business) -> None:
    event = factories.make_event()
    registration = register(event)
    business.clock.advance(minutes=30)
    until = registrations.extend_hold(registration=registration, now=ports.now())
    assert registration.seats.get().hold_until == until
    business.clock.advance(minutes=30)
    with pytest.raises(registrations.HoldEnded):
        registrations.extend_hold(registration=registration, now=ports.now())


def test_whoever_comes_back_late_pays_in_a_new_session_or_begins_again(business: Business) -> None:
    registration = register(factories.make_event())
    business.clock.advance(minutes=20)
    attempt = start_paying(registration)
    assert attempt.state == "open"
    assert Registration.objects.get().hold_extended
    business.clock.advance(minutes=40)
    with pytest.raises(registrations.HoldEnded):
        start_paying(registration)


def test_seats_given_back_are_free_and_their_session_is_ended(business: Business) -> None:
    event = factories.make_event(capacity=1)
    registration = register(event)
    attempt = start_paying(registration)
    assert registrations.give_back(registration=registration, now=ports.now()) == 1
    assert registrations.give_back(registration=registration, now=ports.now()) == 0
    assert PaymentAttempt.objects.get(pk=attempt.pk).state == "expired"
    assert states(register(event, name="Paul Roux")) == ["held"]
    with pytest.raises(registrations.HoldEnded):
        start_paying(registration)


def test_an_editor_may_lower_the_capacity_below_what_is_sold(business: Business) -> None:
    event = factories.make_event(pays_later=True, capacity=3)
    register(event, 3, pays_later=True)
    event.capacity = 1
    event.save()
    available = seats.availability(event=event, now=ports.now())
    assert available.event.over == 2
    with pytest.raises(seats.NotEnoughSeats):
        register(event, name="Paul Roux")


def test_the_organiser_is_told_at_once_or_in_the_morning(business: Business) -> None:
    at_once = factories.make_event(pays_later=True)
    daily = factories.make_event(pays_later=True, notify="daily")
    never = factories.make_event(pays_later=True, notify="never")
    for event in (at_once, daily, daily, never):
        register(event, pays_later=True, name=f"Julie {event.pk}")
    told = Letter.objects.filter(kind="owner_registered")
    assert told.count() == 1
    business.run_clockwork()
    assert told.count() == 1
    business.clock.advance(days=1)
    business.run_clockwork()
    business.run_clockwork()
    assert told.count() == 2


def test_whoever_comes_is_reminded_once(business: Business) -> None:
    event = factories.make_event(pays_later=True, reminder_days=3)
    register(event, pays_later=True)
    business.run_clockwork()
    assert not Letter.objects.filter(kind="event_reminder").exists()
    business.clock.advance(days=(event.starts_at - ports.now()).days - 2)
    for _ in range(2):
        business.run_clockwork()
    letter = Letter.objects.get(kind="event_reminder")
    assert letter.at_most_once
    register(event, pays_later=True, name="Paul Roux")
    business.run_clockwork()
    assert Letter.objects.filter(kind="event_reminder").count() == 1


def test_wiping_test_money_takes_test_registrations_along_and_frees_their_seats(business: Business) -> None:
    event = factories.make_event(capacity=2)
    paid(business, register(event))
    business.deliver_webhooks()
    business.run_clockwork()
    register(event, name="Paul Roux")
    wiping.wipe_test_money(now=ports.now())
    assert not Registration.objects.exists()
    assert not Invoice.objects.exists()
    assert seats.availability(event=event, now=ports.now()).event.left == 2
