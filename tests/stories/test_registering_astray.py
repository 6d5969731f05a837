"""Registering when things cross: clocks that differ, keys that change, money that comes twice or went back before."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import QuerySet

from tests import factories
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import HOME, cancel, register, start_paying, states
from tests.stories.test_cancelling import Crash, crash_at, free_event
from tests.stories.test_registering import invoice_of, paid
from wagtail_payments import ports
from wagtail_payments.actions import (
    bills,
    cancellations,
    checkout,
    credits,
    events,
    payments,
    refunds,
    registrations,
    unseated,
)
from wagtail_payments.actions.baskets import Place
from wagtail_payments.actions.wishes import Buyer
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.core.tax import VatRegime
from wagtail_payments.gateways import registry
from wagtail_payments.mail import letters
from wagtail_payments.models import (
    Alert,
    Cancellation,
    DiscountCode,
    Invoice,
    Letter,
    Payment,
    PaymentAttempt,
    Refund,
    Registration,
    Seat,
)
from wagtail_payments.records.registrations import taking


def without_street(event: Any) -> str:
    """The seller can't issue any more; returns the street to put back."""
    street, event.seller.street = event.seller.street, ""
    event.seller.save()
    return str(street)


def with_street(event: Any, street: str) -> None:
    event.seller.street = street
    event.seller.save()


def paid_twice(business: Business, registration: Registration) -> None:
    first = start_paying(registration)
    business.sandbox.pay(first.session_id)
    PaymentAttempt.objects.filter(pk=first.pk).update(state="expired")
    first.end()
    business.sandbox.pay(start_paying(registration).session_id)


def test_a_clock_that_is_behind_keeps_no_seat_that_was_sold_meanwhile(business: Business) -> None:
    event = factories.make_event(capacity=1)
    slow = register(event)
    attempt = paid(business, slow)
    state = registry.get(attempt.gateway, attempt.site).read(attempt.session_id)
    just_before = slow.seats.get().hold_until - timedelta(seconds=1)
    business.clock.advance(minutes=event.hold_minutes)
    register(event, name="Paul Roux")
    with pytest.raises(registrations.HoldEnded):
        registrations.extend_hold(registration=slow, now=just_before)
    payments.settle(attempt=attempt, state=state, now=just_before)
    assert Seat.objects.filter(taking(ports.now()), event=event).count() == 1
    assert Alert.objects.get(settled_at=None).kind == "seat_lost"


def test_whoever_comes_back_when_the_session_is_about_to_end_gets_more_time_once(business: Business) -> None:
    event = factories.make_event()
    registration = register(event)
    start_paying(registration)
    business.clock.advance(minutes=31)
    attempt = start_paying(registration)
    assert attempt.state == "open"
    assert Registration.objects.get().hold_extended, "no provider opens a session for the three minutes that are left"
    business.clock.advance(minutes=31)
    with pytest.raises(registrations.HoldEnded):
        start_paying(registration)


def test_paid_twice_before_it_could_be_invoiced_the_second_goes_back(business: Business) -> None:
    event = factories.make_event()
    registration = register(event)
    paid_twice(business, registration)
    street = without_street(event)
    business.deliver_webhooks()
    assert Payment.objects.count() == 2
    business.run_clockwork()
    with_street(event, street)
    business.clock.advance(minutes=5)
    for _ in range(3):
        business.run_clockwork()
        business.deliver_webhooks()
    assert business.status(invoice_of(registration)) is Status.PAID
    assert [payment.unallocated() for payment in Payment.objects.all()] == [0, 0]
    assert Refund.objects.get().amount == 120_00
    assert not Alert.objects.filter(settled_at=None).exists()
    letter = Letter.objects.get(kind="registered")
    assert [document.kind for document in letter.enclosed.order_by("pk")] == ["receipt", "invoice"]
    business.check_books()


def test_cancelled_before_it_could_be_invoiced_it_is_invoiced_and_credited_all_the_same(business: Business) -> None:
    event = free_event(cancellation_days=600)
    registration = register(event)
    paid(business, registration)
    street = without_street(event)
    business.deliver_webhooks()
    assert cancel(registration).state == "owed"
    with_street(event, street)
    business.clock.advance(minutes=5)
    for _ in range(3):
        business.run_clockwork()
        business.deliver_webhooks()
    assert Refund.objects.get().amount == 60_00, "the fee is kept"
    assert Cancellation.objects.get().state == "done"
    assert not Alert.objects.filter(settled_at=None).exists()
    business.check_books()


def test_money_that_went_back_before_it_could_be_invoiced_pays_nothing(business: Business) -> None:
    event = factories.make_event()
    registration = register(event)
    paid(business, registration)
    street = without_street(event)
    business.deliver_webhooks()
    business.sandbox.dashboard_refund(Payment.objects.get().payment_id or "")
    business.deliver_webhooks()
    assert Payment.objects.get().unallocated() == 0
    with_street(event, street)
    for _ in range(2):
        business.run_clockwork()
    assert Payment.objects.get().unallocated() == 0
    assert states(registration) == ["cancelled"]
    assert invoice_of(registration).is_draft
    assert not Alert.objects.filter(settled_at=None, kind="not_invoiced").exists()
    business.check_books()


def test_a_test_payment_is_never_invoiced_as_real_though_the_keys_have_changed(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = register(factories.make_event())
    paid(business, registration)
    monkeypatch.setattr("wagtail_payments.actions.invoices.mode_of", lambda site: "live")
    business.deliver_webhooks()
    assert invoice_of(registration).mode == Payment.objects.get().mode == "test"
    business.check_books()


def test_what_was_paid_by_hand_is_not_sent_back_by_nobody(business: Business) -> None:
    registration = register(free_event(pays_later=True), 2, pays_later=True)
    invoice = invoice_of(registration)
    day = {"received_on": invoice.seller.today(ports.now()), "reference": "VIR", "by": None, "now": ports.now()}
    payments.record(invoice=invoice, amount=100_00, method="transfer", form_key="one", **day)
    first, second = registration.seats.all()
    cancel(registration, first)
    assert not Alert.objects.filter(settled_at=None).exists(), "it was still due, and is due no more"
    assert cancel(registration, second).state == "done"
    assert not Refund.objects.exists(), "nobody has sent anything yet"
    alert = Alert.objects.get(settled_at=None)
    assert (alert.kind, alert.invoice) == ("send_back", invoice)
    assert "100,00" in alert.text
    business.run_clockwork()
    note = Cancellation.objects.latest("pk").credit_note
    assert note is not None
    by_hand = refunds.Wish(100_00, by_hand=True, reason="", by=None, form_key="by hand")
    refunds.refund_credit_note(credit_note=note, payment=Payment.objects.get(), wish=by_hand, now=ports.now())
    assert not Alert.objects.filter(settled_at=None).exists()
    business.check_books()


def test_what_was_paid_online_in_two_goes_back_on_both_ways(business: Business) -> None:
    """A part by transfer, the rest online: the provider sends its part back, and the editor is told of the other."""
    registration = register(free_event(pays_later=True), 2, pays_later=True)
    invoice = invoice_of(registration)
    day = {"received_on": invoice.seller.today(ports.now()), "reference": "VIR", "by": None, "now": ports.now()}
    payments.record(invoice=invoice, amount=100_00, method="transfer", form_key="one", **day)
    QuerySet(Invoice).filter(pk=invoice.pk).update(online_payment=True)
    attempt = checkout.start(
        invoice=invoice_of(registration), now=ports.now(), return_url=lambda attempt: HOME, cancel_url=HOME
    )
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PAID
    cancel(registration)
    assert Refund.objects.get().amount == 140_00
    assert Alert.objects.get(settled_at=None).kind == "send_back"
    business.deliver_webhooks()
    business.check_books()


def test_a_form_key_is_nobody_elses(business: Business) -> None:
    event, other = factories.make_event(), factories.make_event()
    julie = register(event, form_key="one")
    assert register(other, form_key="one").event == other
    assert register(event, form_key="one", name="Paul Roux") != julie
    assert register(event, form_key="one") == julie


def test_the_form_key_of_another_registration_cancels_nothing(business: Business) -> None:
    event = free_event(pays_later=True)
    julie, paul = (register(event, pays_later=True, name=name) for name in ("Julie Martin", "Paul Roux"))
    cancel(julie, form_key="one")
    with pytest.raises(cancellations.CancellationRefused):
        cancel(paul, form_key="one")
    assert states(paul) == ["confirmed"]


def test_prices_with_and_without_vat_together_are_each_their_own(business: Business) -> None:
    event = free_event(ticket_types=False)
    gross = factories.make_ticket_type(event, name="Gross", price=Decimal(120))
    net = factories.make_ticket_type(event, name="Net", price=Decimal(100), price_includes_vat=False)
    registration = register(event, [Place(gross.pk), Place(net.pk)])
    assert [seat.gross for seat in registration.seats.all()] == [120_00, 120_00]


def test_nothing_is_sold_that_could_not_be_invoiced(business: Business) -> None:
    event = factories.make_event()
    event.seller.vat_regime = VatRegime.FRANCHISE
    event.seller.save()
    with pytest.raises(bills.NotReadyToSell):
        register(event)
    assert not Registration.objects.exists()


def test_on_account_what_can_not_be_invoiced_is_refused_and_nothing_is_kept(business: Business) -> None:
    event = factories.make_event(pays_later=True)
    firm = Buyer(name="Julie Martin", email="julie@example.org", kind="business", organisation="Reliures SARL")
    with pytest.raises(bills.NotReadyToSell):
        register(event, pays_later=True, buyer=firm)
    assert not Registration.objects.exists()


def test_both_are_told_of_a_seat_that_was_lost_though_the_machine_stopped_between(business: Business) -> None:
    event = factories.make_event(capacity=1)
    late = register(event)
    paid(business, late)
    business.clock.advance(hours=2)
    register(event, name="Paul Roux")
    business.deliver_webhooks()
    with crash_at("refund.before_asking"), pytest.raises(Crash):
        unseated.mend(now=ports.now())
    for _ in range(2):
        business.run_clockwork()
    assert Letter.objects.filter(kind="seat_lost").count() == 1
    assert Letter.objects.filter(kind="owner_seat_lost").count() == 1
    assert Refund.objects.count() == 1


def test_the_daily_list_asks_nothing_of_events_without_news(business: Business, django_assert_num_queries: Any) -> None:
    event = factories.make_event(pays_later=True, notify="daily")
    register(event, pays_later=True)
    register(event, name="Paul Roux")  # never pays
    business.clock.advance(days=1)
    assert events.tell_organisers_due(now=ports.now()) == 1
    with django_assert_num_queries(1):
        assert events.tell_organisers_due(now=ports.now()) == 0


def test_an_event_called_off_while_a_bank_still_has_the_order(business: Business) -> None:
    event = factories.make_event()
    registration = register(event)
    attempt = start_paying(registration)
    business.sandbox.pay_by_sepa(attempt.session_id)
    business.deliver_webhooks()
    events.cancel(event_id=event.pk, reason="Ill", by=None, now=ports.now())
    business.run_clockwork()
    assert states(registration) == ["pending"]
    business.sandbox.settle(attempt.session_id, paid=True)
    business.clock.advance(days=3)
    for _ in range(2):
        business.deliver_webhooks()
        business.run_clockwork()
    assert states(registration) == ["cancelled"]
    assert Refund.objects.get().amount == 120_00
    assert not Letter.objects.filter(kind="registered").exists()
    assert not Alert.objects.filter(settled_at=None).exists()
    business.deliver_webhooks()
    business.check_books()


def test_nobody_can_pay_for_an_event_that_was_called_off(business: Business) -> None:
    event = factories.make_event()
    registration = register(event)
    attempt = start_paying(registration)
    events.cancel(event_id=event.pk, reason="Ill", by=None, now=ports.now())
    business.run_clockwork()
    assert PaymentAttempt.objects.get(pk=attempt.pk).state == "expired"
    with pytest.raises(registrations.HoldEnded):
        start_paying(registration)


def test_a_reminder_that_fails_does_not_hold_up_the_others(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    event = factories.make_event(pays_later=True, reminder_days=3)
    broken = register(event, pays_later=True)
    register(event, pays_later=True, name="Paul Roux")
    write = letters.event_reminder

    def fails(*, registration: Registration, now: Any) -> Any:
        assert registration != broken
        return write(registration=registration, now=now)

    monkeypatch.setattr(letters, "event_reminder", fails)
    business.clock.advance(days=(event.starts_at - ports.now()).days - 2)
    assert events.remind_due(now=ports.now()) == 1
    assert Registration.objects.get(pk=broken.pk).reminded_at is None


def test_refunded_in_the_dashboard_and_then_cancelled_nothing_goes_back_twice(business: Business) -> None:
    registration = register(free_event(), 2)
    paid(business, registration)
    business.deliver_webhooks()
    payment = Payment.objects.get()
    business.sandbox.dashboard_refund(payment.payment_id or "", 150_00)
    business.deliver_webhooks()
    assert Alert.objects.get(settled_at=None).kind == "reversal"
    assert states(registration) == ["confirmed", "confirmed"]
    for seat in registration.seats.all():
        cancel(registration, seat)
        business.deliver_webhooks()
    business.run_clockwork()
    assert sum(refund.amount for refund in Refund.objects.filter(state="succeeded")) == payment.amount
    assert not Alert.objects.filter(settled_at=None).exists()
    business.check_books()


@pytest.mark.parametrize("discount", [{}, {"percent": Decimal("33.33")}, {"amount": Decimal("17.77")}])
def test_seat_by_seat_everything_of_every_rate_comes_back_and_not_a_cent_more(
    business: Business, discount: dict[str, Decimal]
) -> None:
    event = free_event(ticket_types=False, cancellation_days=0, capacity=None)
    rates = ("20", "10", "5.50", "2.10")
    types = [
        factories.make_ticket_type(event, name=rate, price=Decimal("10.01"), vat_rate=Decimal(rate)) for rate in rates
    ]
    free = factories.make_ticket_type(event, name="Free", price=0, vat_rate=Decimal(10))
    if discount:
        DiscountCode.objects.create(event=event, code="LESS", **discount)
    places = [Place(row.pk) for row in types for _ in range(3)] + [Place(free.pk)]
    registration = register(event, places, code="LESS" if discount else "")
    paid(business, registration)
    business.deliver_webhooks()
    for seat in registration.seats.all():
        assert cancel(registration, seat).state == "done"
        business.deliver_webhooks()
    assert [group.left for group in credits.creditable(invoice_of(registration))] == [0] * len(rates)
    assert sum(refund.amount for refund in Refund.objects.filter(state="succeeded")) == registration.gross
    business.check_books()
