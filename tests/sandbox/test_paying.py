"""The payer at work: cards, 3-D Secure and direct debits."""

from datetime import timedelta

import pytest

from wagtail_payments.sandbox.checkout import Payer
from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.rules import Rules
from wagtail_payments.sandbox.testing import make_sandbox

from .conftest import session_params


def test_a_card_pays_and_the_fee_can_be_read(open_session, client, sandbox):
    session = open_session(payment_intent_data={"metadata": {"invoice": "42"}, "description": "Invoice"})
    sandbox.pay(session.id, payer=Payer("marie@example.fr", "Marie"))
    expand = ["payment_intent.latest_charge.balance_transaction"]
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": expand})
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert (paid.customer_details.email, paid.customer_details.name) == ("marie@example.fr", "Marie")
    intent = paid.payment_intent
    assert (intent.status, intent.amount_received, intent.description) == ("succeeded", 2500, "Invoice")
    charge = intent.latest_charge
    assert charge.paid
    assert charge.metadata.to_dict() == {"invoice": "42"}
    booked = charge.balance_transaction
    assert (booked.amount, booked.fee, booked.net) == (2500, 63, 2437)
    assert booked.fee_details[0].type == "stripe_fee"
    assert sandbox.balance() == {"eur": 2500}
    assert sandbox.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("declined", "card_declined", "generic_decline"),
        ("insufficient_funds", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", "expired_card"),
        ("4111111111111111", "card_declined", "test_mode_live_card"),
    ],
)
def test_a_declined_card_leaves_the_session_open(open_session, client, sandbox, card, code, decline_code):
    session = open_session()
    with pytest.raises(Refused) as caught:
        sandbox.pay(session.id, card)
    assert (caught.value.error["code"], caught.value.error["decline_code"]) == (code, decline_code)
    tried = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (tried.status, tried.payment_status) == ("open", "unpaid")
    assert tried.payment_intent.status == "requires_payment_method"
    assert tried.payment_intent.last_payment_error.code == code
    assert sandbox.event_types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    assert sandbox.balance() == {}
    assert sandbox.pay(session.id)["id"] == tried.payment_intent.id


def test_a_card_number_with_a_wrong_digit_is_refused_before_anything_happens(open_session, sandbox):
    session = open_session()
    with pytest.raises(Refused) as caught:
        sandbox.pay(session.id, "4242424242424241")
    assert caught.value.error["code"] == "incorrect_number"
    assert sandbox.event_types() == []


def test_the_number_of_a_card_is_never_kept(open_session, sandbox):
    with pytest.raises(Refused):
        sandbox.pay(open_session().id, "4111111111111111")
    everything = repr(sandbox.objects("instrument")) + repr(sandbox.objects("payment_method"))
    assert "1111" in everything
    assert "4111111111111111" not in everything


def test_a_passed_challenge_pays(open_session, client, sandbox):
    session = open_session()
    assert sandbox.pay(session.id, "challenge")["status"] == "requires_action"
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert sandbox.pass_challenge(session.id)["status"] == "succeeded"
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_failed_challenge_leaves_the_session_open(open_session, client, sandbox):
    session = open_session()
    sandbox.pay(session.id, "challenge")
    with pytest.raises(Refused) as caught:
        sandbox.fail_challenge(session.id)
    assert caught.value.error["code"] == "payment_intent_authentication_failure"
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert sandbox.objects("charge") == []
    sandbox.pay(session.id)
    assert sandbox.balance() == {"eur": 2500}


def test_nobody_pays_twice_or_after_the_end(open_session, sandbox, clock):
    paid = open_session()
    sandbox.pay(paid.id)
    with pytest.raises(Refused, match="already been completed"):
        sandbox.pay(paid.id)
    late = open_session()
    clock.advance(days=2)
    with pytest.raises(Refused, match="expired"):
        sandbox.pay(late.id)
    assert sandbox.balance() == {"eur": 2500}


def test_a_debit_is_complete_but_unpaid_until_the_bank_answers(open_session, client, sandbox, clock):
    session = open_session()
    sandbox.pay_by_sepa(session.id)
    waiting = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    assert (waiting.payment_intent.latest_charge.status, waiting.payment_intent.latest_charge.paid) == (
        "pending",
        False,
    )
    assert sandbox.balance() == {}
    clock.advance(days=6)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert sandbox.event_types()[-1] == "checkout.session.async_payment_succeeded"
    assert sandbox.balance() == {"eur": 2500}


def test_a_debit_that_the_bank_refuses_stays_unpaid(open_session, client, sandbox, clock):
    session = open_session()
    sandbox.pay_by_sepa(session.id, "failed")
    clock.advance(days=6)
    failed = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert failed.payment_intent.status == "requires_payment_method"
    assert sandbox.event_types()[-3:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]
    assert sandbox.balance() == {}


def test_a_bank_answers_only_once(open_session, sandbox, clock):
    session = open_session()
    sandbox.pay_by_sepa(session.id, "failed")
    sandbox.settle(session.id, paid=True)
    before = sandbox.event_types()
    clock.advance(days=30)
    sandbox.tick()
    assert sandbox.event_types() == before
    with pytest.raises(Refused, match="not waiting"):
        sandbox.settle(session.id, paid=False)


def test_a_debit_where_only_cards_are_offered_is_refused(open_session, sandbox):
    session = open_session(allowed_payment_method_types=["card"])
    with pytest.raises(Refused, match="not offered"):
        sandbox.pay_by_sepa(session.id)


def test_an_iban_with_a_wrong_digit_is_refused(open_session, sandbox):
    with pytest.raises(Refused, match="IBAN"):
        sandbox.pay_by_sepa(open_session().id, "AT611904300234573202")


def test_a_customer_is_made_when_the_shop_asks_for_one(open_session, client, sandbox):
    session = open_session(customer_creation="always")
    sandbox.pay(session.id, payer=Payer("marie@example.fr", "Marie"))
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer", "payment_intent.latest_charge"]})
    assert (paid.customer.email, paid.customer.name) == ("marie@example.fr", "Marie")
    assert paid.payment_intent.latest_charge.customer == paid.customer.id


def test_a_known_customer_pays_under_their_own_address(open_session, client, sandbox):
    customer = client.v1.customers.create({"email": "paul@example.fr", "name": "Paul"})
    session = open_session(customer=customer.id)
    assert session.customer_details.email == "paul@example.fr"
    sandbox.pay(session.id)
    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert (paid.customer, paid.customer_details.name) == (customer.id, "Paul")


def test_a_booking_that_takes_time_leaves_the_balance_transaction_empty(clock):
    slow = make_sandbox(clock, rules=Rules(booking_delay=timedelta(seconds=30)))
    session = slow.client().v1.checkout.sessions.create(session_params())
    charge_id = slow.pay(session.id)["latest_charge"]
    assert slow.client().v1.charges.retrieve(charge_id).balance_transaction is None
    clock.advance(minutes=1)
    assert slow.client().v1.charges.retrieve(charge_id).balance_transaction
