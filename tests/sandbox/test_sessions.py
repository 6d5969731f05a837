"""Checkout Sessions, asked for through the real SDK; every answer is judged by its types."""

import pytest
import stripe

from wagtail_payments.sandbox.rules import Rules
from wagtail_payments.sandbox.testing import make_sandbox

from .conftest import session_params

HALF_HOUR = 1800


def refusal(call):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call()
    return caught.value


def test_a_new_session_is_open_unpaid_and_complete_in_its_fields(open_session, clock):
    session = open_session(client_reference_id="F2026-0042", metadata={"invoice": "42"}, locale="fr")
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.amount_subtotal, session.currency) == (2500, 2500, "eur")
    assert session.payment_method_types == ["card", "sepa_debit"]
    assert session.url == f"http://127.0.0.1:8001/pay/{session.id}"
    assert session.client_reference_id == "F2026-0042"
    assert session.metadata.to_dict() == {"invoice": "42"}
    assert session.expires_at == int(clock().timestamp()) + 24 * 3600
    assert session.livemode is False
    assert session.customer_details is None


def test_a_session_ends_by_the_clock_and_says_so_at_its_own_time(open_session, client, sandbox, clock):
    session = open_session(expires_at=int(clock().timestamp()) + HALF_HOUR)
    clock.advance(minutes=29)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    clock.advance(days=3)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    event = sandbox.objects("event")[-1]
    assert (event["type"], event["created"]) == ("checkout.session.expired", session.expires_at)


def test_a_paid_session_does_not_expire(open_session, client, sandbox, clock):
    session = open_session()
    sandbox.pay(session.id)
    clock.advance(days=3)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"
    assert "checkout.session.expired" not in sandbox.event_types()


def test_only_an_open_session_can_be_expired(open_session, client, sandbox):
    session = open_session()
    assert client.v1.checkout.sessions.expire(session.id).status == "expired"
    assert "open" in refusal(lambda: client.v1.checkout.sessions.expire(session.id)).user_message
    paid = open_session()
    sandbox.pay(paid.id)
    assert refusal(lambda: client.v1.checkout.sessions.expire(paid.id)).http_status == 400


def test_expiring_a_session_cancels_its_payment_intent(open_session, client, sandbox):
    session = open_session()
    sandbox.pay(session.id, "challenge")
    expired = client.v1.checkout.sessions.expire(session.id)
    assert client.v1.payment_intents.retrieve(expired.payment_intent).status == "canceled"


def price(**more):
    return {"currency": "eur", "unit_amount": 2500, "product_data": {"name": "x"}, **more}


def line(**more):
    return {"line_items": [{"price_data": price(**more), "quantity": 1}]}


DATA = "line_items[0][price_data]"
NUMBER = "parameter_invalid_integer"
DESCRIPTOR = "payment_intent_data[statement_descriptor]"
COINS = "invalid_charge_amount_no_decimal_compatible"


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported", "payment_method_types"),
        ({"nonsense": 1}, "parameter_unknown", "nonsense"),
        ({"success_url": "nowhere"}, "url_invalid", "success_url"),
        ({"cancel_url": "javascript:alert(1)"}, "url_invalid", "cancel_url"),
        ({"line_items": []}, "parameter_missing", "line_items"),
        ({"line_items": [{"quantity": 1}]}, "parameter_missing", "line_items[0][price_data]"),
        ({"line_items": [{"price_data": price(), "quantity": 0}]}, NUMBER, "line_items[0][quantity]"),
        (line(unit_amount=-1), NUMBER, DATA + "[unit_amount]"),
        (line(unit_amount=25.5), NUMBER, DATA + "[unit_amount]"),
        (line(unit_amount=0), "amount_too_small", "line_items"),
        (line(unit_amount=49), "amount_too_small", "line_items"),
        (line(unit_amount=100_000_000), "amount_too_large", "line_items"),
        (line(currency="xyz"), None, DATA + "[currency]"),
        (line(currency="kwd", unit_amount=5001), COINS, "line_items"),
        ({"line_items": [{"price_data": price()}, {"price_data": price(currency="usd")}]}, None, "line_items"),
        ({"customer": "cus_nobody"}, "resource_missing", "customer"),
        ({"customer_email": "nobody"}, "email_invalid", "customer_email"),
        ({"metadata": {"k" * 41: "v"}}, None, "metadata"),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
        ({"payment_intent_data": {"statement_descriptor": "x" * 23}}, None, DESCRIPTOR),
        ({"payment_intent_data": {"statement_descriptor": "<ATELIER>"}}, None, DESCRIPTOR),
        ({"mode": "setup"}, "sandbox_not_played", "mode=setup"),
        ({"automatic_tax": {"enabled": True}}, "sandbox_not_played", "automatic_tax"),
    ],
)
def test_parameters_are_refused_as_stripe_refuses_them(open_session, sandbox, wrong, code, param):
    error = refusal(lambda: open_session(**wrong))
    assert (error.http_status, error.code, error.param) == (400, code, param)
    assert sandbox.objects("checkout.session") == []


@pytest.mark.parametrize(("seconds", "fits"), [(1700, False), (1800, True), (86400, True), (86500, False)])
def test_a_session_lives_between_half_an_hour_and_a_day(open_session, clock, seconds, fits):
    at = int(clock().timestamp()) + seconds
    if fits:
        assert open_session(expires_at=at).expires_at == at
    else:
        assert refusal(lambda: open_session(expires_at=at)).param == "expires_at"


def test_a_customer_and_an_email_exclude_each_other(open_session, client):
    customer = client.v1.customers.create({"email": "a@b.example"})
    error = refusal(lambda: open_session(customer=customer.id, customer_email="c@d.example"))
    assert error.param == "customer_email"


def test_methods_are_narrowed_as_asked(open_session):
    assert open_session(allowed_payment_method_types=["card"]).payment_method_types == ["card"]
    assert open_session(excluded_payment_method_types=["card"]).payment_method_types == ["sepa_debit"]
    dollars = [{"price_data": price(currency="usd"), "quantity": 1}]
    assert open_session(line_items=dollars).payment_method_types == ["card"]
    assert (
        "No valid payment method" in refusal(lambda: open_session(allowed_payment_method_types=["ideal"])).user_message
    )


def test_an_unknown_session_is_a_404(client):
    error = refusal(lambda: client.v1.checkout.sessions.retrieve("cs_nothing"))
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "session")


def test_line_items_can_be_listed(open_session, client):
    session = open_session(line_items=[{"price_data": price(), "quantity": 3}])
    items = client.v1.checkout.sessions.line_items.list(session.id).data
    assert [(item.quantity, item.amount_total, item.description) for item in items] == [(3, 7500, "x")]


def test_a_price_made_before_can_be_used(open_session, client):
    product = client.v1.products.create({"name": "Course"})
    kept = client.v1.prices.create({"product": product.id, "currency": "eur", "unit_amount": 900})
    assert open_session(line_items=[{"price": kept.id, "quantity": 2}]).amount_total == 1800


def test_a_sandbox_in_live_mode_says_so_everywhere():
    live = make_sandbox(rules=Rules(livemode=True))
    session = live.client().v1.checkout.sessions.create(session_params())
    assert session.id.startswith("cs_live_")
    assert session.livemode is True
    with pytest.raises(stripe.AuthenticationError):
        live.client("sk_test_x").v1.checkout.sessions.retrieve(session.id)
