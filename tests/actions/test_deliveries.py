"""Stored messages: each made something of once, tried again while it must be, never lost and never done twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from wagtail_payments import ports
from wagtail_payments.actions import checkout, deliveries
from wagtail_payments.core.notices import Message
from wagtail_payments.models import Invoice, Payment, PaymentAttempt, WebhookDelivery
from wagtail_payments.sandbox.faults import ApiFault
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock
from wagtail_payments.testing import SimulatedCrash, crash_at

pytestmark = pytest.mark.django_db
Stored = Callable[..., WebhookDelivery]
ANYWHERE = "https://atelier.example/"


@pytest.fixture
def attempt(issued: Callable[..., Invoice], sandbox: SandboxForTests, now: datetime) -> PaymentAttempt:
    """A customer who has paid 1,440.00 EUR; nobody has told us yet."""
    invoice = issued()
    attempt = checkout.start(invoice=invoice, now=now, return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)
    sandbox.pay(attempt.session_id or "")
    return attempt


@pytest.fixture
def stored(attempt: PaymentAttempt, sandbox: SandboxForTests, now: datetime) -> Stored:
    """Store the message that says so, or another one, without making anything of it."""

    def store(kind: str = "checkout.session.completed", **changes: Any) -> WebhookDelivery:
        event = next(event for event in sandbox.objects("event") if event["type"] == kind) | changes
        about = event["data"]["object"]
        message = Message(
            gateway="stripe",
            account="",
            id=event["id"],
            type=event["type"],
            live=False,
            created_at=now,
            session_id=about["id"] if about["id"].startswith("cs_") else "",
            payment_id=about.get("payment_intent") or "",
        )
        return deliveries.store(message=message, body=json.dumps(event), hostname="localhost", now=now)

    return store


def process(delivery: WebhookDelivery) -> WebhookDelivery:
    return deliveries.process(delivery_id=delivery.pk, now=ports.now())


def test_a_message_is_stored_once_and_its_copies_are_counted(stored: Stored) -> None:
    assert stored() == stored() == stored()
    assert WebhookDelivery.objects.get().copies == 3


def test_the_same_id_from_another_account_is_another_message(stored: Stored, now: datetime) -> None:
    first = stored()
    message = Message("stripe", "acct_other", first.message_id, first.type, False, now)
    assert deliveries.store(message=message, body="{}", hostname="localhost", now=now) != first


def test_ids_that_differ_only_in_case_are_two_messages(now: datetime) -> None:
    for message_id in ("evt_a", "evt_A"):
        message = Message("stripe", "", message_id, "charge.updated", False, now)
        deliveries.store(message=message, body="{}", hostname="localhost", now=now)
    assert WebhookDelivery.objects.count() == 2


def test_a_message_that_is_done_is_not_done_again(stored: Stored, sandbox: SandboxForTests) -> None:
    done = process(stored())
    assert (done.state, done.tries, done.processed_at) == ("done", 1, ports.now())
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    assert process(done).tries == 1


def test_while_one_worker_is_at_it_another_keeps_away(stored: Stored, clock: TestClock) -> None:
    delivery = stored()
    with pytest.raises(SimulatedCrash), crash_at("delivery.leased"):
        process(delivery)
    assert process(delivery).state == "new"
    assert deliveries.process_due(now=ports.now()) == 0
    clock.advance(minutes=2)
    assert deliveries.process_due(now=ports.now()) == 1


@pytest.mark.parametrize(
    "place", ["delivery.leased", "delivery.read_back", "settle.before_commit", "receive.allocated"]
)
def test_dying_anywhere_loses_nothing_and_counts_nothing_twice(
    stored: Stored, clock: TestClock, place: str, attempt: PaymentAttempt
) -> None:
    delivery = stored()
    with pytest.raises(SimulatedCrash), crash_at(place):
        process(delivery)
    assert not Payment.objects.exists()
    clock.advance(minutes=3)
    assert process(delivery).state == "done"
    assert Payment.objects.get().attempt == attempt


def test_pauses_grow_while_the_provider_is_silent(stored: Stored, sandbox: SandboxForTests, clock: TestClock) -> None:
    delivery = stored()
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    pauses = []
    for _ in range(12):
        delivery = process(delivery)
        assert delivery.state == "new"
        assert delivery.leased_until is not None
        pauses.append(delivery.leased_until - ports.now())
        clock.advance(seconds=pauses[-1].total_seconds())
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(minutes=2), deliveries.LONGEST_WAIT)


def test_a_silent_provider_is_asked_once_for_a_whole_heap_of_messages(stored: Stored, sandbox: SandboxForTests) -> None:
    for number in range(5):
        stored(id=f"evt_{number}")
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    deliveries.process_due(now=ports.now())
    assert sorted(WebhookDelivery.objects.values_list("tries", flat=True)) == [0, 0, 0, 0, 1]


def test_a_fault_of_ours_keeps_the_message_for_another_try(
    stored: Stored, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = stored()
    with monkeypatch.context() as patched:
        patched.setattr("wagtail_payments.actions.payments.settle", lambda **_: 1 // 0)
        failed = process(delivery)
    assert (failed.state, failed.outcome) == ("failed", "ZeroDivisionError")
    clock.advance(minutes=2)
    assert process(delivery).state == "done"


def test_what_fails_for_ever_is_left_to_a_person_at_last(stored: Stored, attempt: PaymentAttempt) -> None:
    delivery = stored()
    WebhookDelivery.objects.filter(pk=delivery.pk).update(tries=deliveries.MOST_TRIES, state="failed")
    assert deliveries.process_due(now=ports.now()) == 0
    assert deliveries.process_again(delivery_id=delivery.pk, now=ports.now()).state == "done"


def test_a_person_may_have_a_refused_message_processed_again(stored: Stored, attempt: PaymentAttempt) -> None:
    PaymentAttempt.objects.filter(pk=attempt.pk).update(amount=1)
    refused = process(stored())
    assert refused.state == "refused"
    PaymentAttempt.objects.filter(pk=attempt.pk).update(amount=144000)
    assert process(refused).state == "refused"
    assert deliveries.process_again(delivery_id=refused.pk, now=ports.now()).state == "done"


def test_a_message_of_a_kind_that_changes_nothing_is_ignored_without_asking(
    stored: Stored, sandbox: SandboxForTests
) -> None:
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    assert process(stored("customer.created")).state == "ignored"


def test_a_provider_that_is_configured_no_more_keeps_its_messages_waiting(stored: Stored, settings: Any) -> None:
    delivery = stored()
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
    assert process(delivery).state == "new"


def test_a_fee_that_is_booked_later_is_taken_from_a_later_message(
    attempt: PaymentAttempt, stored: Stored, sandbox: SandboxForTests
) -> None:
    intent = sandbox.objects("payment_intent")[0]
    with sandbox.working() as world:
        charge = world.shelves.get("charge", intent["latest_charge"])
        assert charge is not None
        entry = charge["balance_transaction"]
        world.change(charge, balance_transaction=None)
    process(stored())
    assert Payment.objects.get().fee is None
    with sandbox.working() as world:
        world.change(charge, balance_transaction=entry)
    assert process(stored("charge.updated")).state == "done"
    assert Payment.objects.get().fee == 2185
