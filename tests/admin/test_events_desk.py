"""The list of events and the desk of one: what is sold, what can be done, and how far a cancellation is."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.actions.test_disputes import told
from tests.admin.business import record_payment
from tests.admin.test_events import place, rows_of, words
from tests.stories.organiser import cancel, register, start_paying
from wagtail_payments import ports
from wagtail_payments.actions import clockwork, credits, disputes, events
from wagtail_payments.actions.baskets import Place
from wagtail_payments.core.lifecycle import DisputeState
from wagtail_payments.models import Payment, Registration
from wagtail_payments.reports import event_takings
from wagtail_payments.sandbox.testing import SandboxForTests

pytestmark = pytest.mark.django_db


def test_the_list_says_what_is_sold_held_free_and_earned(admin: Client, clock: Any) -> None:
    event = factories.make_event(capacity=5)
    free = factories.make_ticket_type(event, name="Free", price=0)
    register(event, [Place(free.pk), Place(free.pk)])
    register(event, 1)
    (row,) = rows_of(admin.get(place("list")))
    assert "Atelier de reliure" in row
    assert "06/12/2026 9:30 a.m. 2 1 2 €0.00" in row


def test_a_fee_that_was_kept_is_earned_and_does_not_go_back_when_the_event_is_called_off(
    admin: Client, clock: Any
) -> None:
    event = factories.make_event(pays_later=True, cancellation="fee", cancellation_fee=50)
    gone = register(event, 1, pays_later=True)
    register(event, 1, pays_later=True, name="Paul Roux")
    clock.advance(days=(event.starts_at - clock()).days - 1)
    assert cancel(gone).fee == 60_00
    (row,) = rows_of(admin.get(place("list")))
    assert "€180.00" in row
    assert "€180.00" in words(admin.get(place("desk", event.pk)))
    assert "€120.00 are credited" in words(admin.get(place("cancel", event.pk)))


def test_the_list_costs_the_same_however_long_it_is(admin: Client, clock: Any) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(place("list")).status_code == 200
        return len(queries)

    register(factories.make_event())
    cost()
    one = cost()
    for _ in range(4):
        register(factories.make_event())
    assert cost() == one


def test_the_list_filters_and_searches(admin: Client, now: datetime, clock: Any) -> None:
    factories.make_event(name="Coming")
    over = {"starts_at": now - timedelta(days=3), "ends_at": now - timedelta(days=2)}
    factories.make_event(name="Done", **over)
    called_off = factories.make_event(name="Stormy")
    events.cancel(event_id=called_off.pk, reason="", by=None, now=now)

    def found(query: str) -> list[str]:
        listed = rows_of(admin.get(f"{place('list')}?{query}"))
        return sorted(name for name in ("Coming", "Done", "Stormy") if any(name in row for row in listed))

    assert found("when=upcoming") == ["Coming"]
    assert found("when=past") == ["Done"]
    assert found("when=cancelled") == ["Stormy"]
    assert found("q=Stor") == ["Stormy"]
    assert found("") == ["Coming", "Done", "Stormy"]


def test_the_empty_list_says_what_to_do_first(admin: Client) -> None:
    assert "Plan the first event" in words(admin.get(place("list")))


def test_the_desk_offers_what_is_possible_and_says_why_the_rest_is_not(admin: Client, clock: Any) -> None:
    event = factories.make_event()
    soup = BeautifulSoup(admin.get(place("desk", event.pk)).content, "html.parser")
    verbs = [link.get_text(strip=True) for link in soup.select("nav.wp-buttons a")]
    assert verbs == ["Edit", "Attendees", "Cancel the event", "Delete"]
    refused = soup.select_one(".wp-impossible").get_text(" ")  # type: ignore[union-attr]
    assert "Nobody has registered yet." in refused
    assert "Nobody comes yet." in refused


def test_cancelling_says_what_it_means_and_the_desk_how_far_it_is(
    admin: Client, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = factories.make_event()
    free = factories.make_ticket_type(event, price=0)
    for _ in range(3):
        register(event, [Place(free.pk)])
    asked = words(admin.get(place("cancel", event.pk)))
    assert "3 seats are given up" in asked
    admin.post(place("cancel", event.pk), {"reason": "Storm"})
    assert "0 of 3 registrations told and refunded" in words(admin.get(place("desk", event.pk)))
    events.cancel_registrations_due(now=clock())
    shown = words(admin.get(place("desk", event.pk)))
    assert "3 of 3 registrations told and refunded" in shown
    assert "Storm" in shown
    assert "It is cancelled already." in shown


def test_a_refund_that_failed_is_listed_and_tried_again(
    admin: Client, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = factories.make_event(pays_later=True)
    registration = register(event, 1, pays_later=True)
    events.cancel(event_id=event.pk, reason="Storm", by=None, now=clock())

    def refuse(**options: Any) -> None:
        raise credits.CreditRefused("The series is closed.")

    with monkeypatch.context() as broken:
        broken.setattr(credits, "credit", refuse)
        events.cancel_registrations_due(now=clock())
    shown = words(admin.get(place("desk", event.pk)))
    assert "One needs a look" in shown
    assert "The series is closed." in shown
    owed = registration.cancellations.get()
    admin.post(place("retry", event.pk, owed.pk))
    owed.refresh_from_db()
    assert owed.state == "done"
    assert "1 of 1 registrations told and refunded" in words(admin.get(place("desk", event.pk)))


def test_the_desk_says_what_of_the_revenue_is_paid_and_what_is_still_due(admin: Client, clock: Any) -> None:
    event = factories.make_event(pays_later=True)
    assert "still due" not in words(admin.get(place("desk", event.pk)))
    register(event, 2, pays_later=True)
    other = register(event, 1, pays_later=True, name="Paul Roux")
    invoice = Registration.objects.get(pk=other.pk).invoice
    assert invoice is not None
    record_payment(invoice, 50_00, clock())
    shown = words(admin.get(place("desk", event.pk)))
    assert "€360.00" in shown
    assert "€50.00 paid · €310.00 still due" in shown


def test_a_paid_deposit_is_not_the_whole_price(admin: Client, sandbox: SandboxForTests, clock: Any) -> None:
    """Neither while the balance is not asked for yet, nor once it is; nor when the bank has taken the money back."""
    event = factories.make_event(deposit_percent=Decimal(30), balance_days=14)
    registration = register(event)
    sandbox.pay(start_paying(registration).session_id or "")
    clockwork.run_once(now=ports.now())
    assert "€36.00 paid · €84.00 still due" in words(admin.get(place("desk", event.pk)))
    clock.advance(days=(event.starts_at - clock()).days - 20)
    clockwork.run_once(now=ports.now())
    assert Registration.objects.exclude(balance__document=None).exists()
    assert "€36.00 paid · €84.00 still due" in words(admin.get(place("desk", event.pk)))
    payment = Payment.objects.get()
    disputed = told(DisputeState.NEEDS_RESPONSE, 3600)
    disputes.observe(payment_id=payment.pk, state=disputed, now=ports.now())
    assert "€0.00 paid · €120.00 still due" in words(admin.get(place("desk", event.pk)))


def test_the_takings_of_an_event_cost_two_questions(admin: Client, clock: Any, django_assert_num_queries: Any) -> None:
    event = factories.make_event(pays_later=True)
    for number in range(3):
        register(event, 1, pays_later=True, name=f"Paul{number} Roux")
    with django_assert_num_queries(2):
        assert event_takings.of_event(event=event, revenue=360_00).due == 360_00
