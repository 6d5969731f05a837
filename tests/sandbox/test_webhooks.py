"""Webhooks: signed, repeated until they are taken, and wrong in every way a switch can make them."""

import json
from datetime import timedelta

import pytest
import stripe

from wagtail_payments.sandbox.testing import WEBHOOK_SECRET, make_sandbox
from wagtail_payments.sandbox.webhooks import Endpoint

from .conftest import session_params


@pytest.fixture
def paid(sandbox, open_session):
    sandbox.pay(open_session().id)
    return sandbox


def kinds(sandbox):
    return [json.loads(body)["type"] for body, _ in sandbox.pending_webhooks()]


def test_the_sdk_verifies_what_is_posted(paid):
    for body, signature in paid.pending_webhooks():
        event = stripe.Webhook.construct_event(body, signature, WEBHOOK_SECRET, tolerance=10**9)
        assert event.api_version == stripe.api_version
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", signature, WEBHOOK_SECRET, tolerance=10**9)


def test_while_a_secret_is_rolled_both_verify(clock):
    sandbox = make_sandbox(clock, endpoint=Endpoint("http://testserver/", ("whsec_old", "whsec_new")))
    sandbox.client().v1.customers.create({"email": "a@b.example"})
    [(body, signature)] = sandbox.pending_webhooks()
    for secret in ("whsec_old", "whsec_new"):
        assert stripe.WebhookSignature.verify_header(body, signature, secret)


def test_what_was_taken_is_not_posted_again(paid):
    assert paid.deliver_all(lambda body, signature: 200) == 5
    assert paid.pending_webhooks() == []
    assert all(event["pending_webhooks"] == 0 for event in paid.objects("event"))


def test_what_was_not_taken_is_posted_again_later_and_later_for_three_days(paid, clock):
    tries = []

    def refuse(body, signature):
        tries.append(clock())
        return 500

    paid.deliver_all(refuse)
    assert len(tries) == 5
    assert paid.pending_webhooks() == []
    clock.advance(seconds=10)
    assert len(paid.pending_webhooks()) == 5
    for _ in range(200):
        clock.advance(hours=1)
        paid.deliver_all(refuse)
    assert {delivery["state"] for delivery in paid.objects("delivery")} == {"given_up"}
    assert timedelta(days=2) < max(tries) - min(tries) < timedelta(days=4)
    assert len(paid.client().v1.events.list({"delivery_success": False}).data) == 5


def test_a_dead_endpoint_counts_as_a_failed_try(paid):
    def dead(url, body, headers):
        raise ConnectionRefusedError("nobody there")

    paid.outbox.deliver = dead
    assert paid.deliver_due() == 5
    assert paid.objects("delivery")[0]["attempts"][0]["trouble"] == "nobody there"


def test_every_event_can_arrive_twice(sandbox, client):
    sandbox.outbox.switches.twice = 1.0
    client.v1.customers.create({"email": "a@b.example"})
    bodies = [json.loads(body)["id"] for body, _ in sandbox.pending_webhooks()]
    assert len(bodies) == 2
    assert len(set(bodies)) == 1


def test_events_can_be_late(sandbox, client, clock):
    sandbox.outbox.switches.late = 1.0
    client.v1.customers.create({"email": "a@b.example"})
    assert sandbox.pending_webhooks() == []
    clock.advance(minutes=3)
    assert kinds(sandbox) == ["customer.created"]


def test_events_can_be_out_of_order(sandbox, open_session, clock):
    sandbox.outbox.switches.out_of_order = 1.0
    sandbox.pay(open_session().id)
    clock.advance(minutes=1)
    arrived = kinds(sandbox)
    happened = sandbox.event_types()
    assert sorted(arrived) == sorted(happened)
    assert arrived != happened


def test_events_can_be_lost_and_sent_again_by_hand(sandbox, client):
    sandbox.outbox.switches.lost = 1.0
    client.v1.customers.create({"email": "a@b.example"})
    assert sandbox.pending_webhooks() == []
    sandbox.outbox.resend(sandbox.objects("event")[0]["id"])
    assert kinds(sandbox) == ["customer.created"]


def test_an_endpoint_hears_only_what_it_asked_for(clock):
    endpoint = Endpoint("http://testserver/", ("whsec_x",), events=("checkout.session.*",))
    sandbox = make_sandbox(clock, endpoint=endpoint)
    sandbox.pay(sandbox.client().v1.checkout.sessions.create(session_params()).id)
    assert kinds(sandbox) == ["checkout.session.completed"]


def test_a_webhook_may_call_the_api_while_it_is_delivered(paid, client):
    def read_back(body, signature):
        event = json.loads(body)
        client.v1.events.retrieve(event["id"])
        return 200

    assert paid.deliver_all(read_back) == 5
