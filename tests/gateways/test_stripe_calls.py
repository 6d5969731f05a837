"""What we ask of Stripe, through its own SDK, and what we make of its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import stripe

from wagtail_payments import ports
from wagtail_payments.core.notices import Progress
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import GatewayRefused, GatewayUnavailable, Order, RefundOrder
from wagtail_payments.gateways.stripe import API_VERSION, StripeGateway
from wagtail_payments.sandbox.faults import ApiFault
from wagtail_payments.sandbox.forms import decoded
from wagtail_payments.sandbox.spec import check_request
from wagtail_payments.sandbox.testing import SandboxForTests
from wagtail_payments.sandbox.transport import SandboxHTTPClient

Call = tuple[str, str, Mapping[str, str], Any]


class Recorder(SandboxHTTPClient):
    """Keeps every call and holds it against the types of the stripe package."""

    def __init__(self, sandbox: SandboxForTests) -> None:
        super().__init__(sandbox)
        self.calls: list[Call] = []

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **options: Any) -> Any:
        path, _, query = url.removeprefix("https://api.stripe.com").partition("?")
        params = decoded(query, post_data or "")
        assert check_request(method, path, params) == []
        self.calls.append((method.upper(), path, headers, params))
        return super().request(method, url, headers, post_data, **options)


@pytest.fixture
def recorder(sandbox: SandboxForTests) -> Iterator[Recorder]:
    recorder = Recorder(sandbox)
    with ports.use(everywhere=True, transports={"stripe": recorder}):
        yield recorder


@pytest.fixture
def recorded(recorder: Recorder) -> StripeGateway:
    found = registry.of_hostname("stripe", "localhost")
    assert isinstance(found, StripeGateway)
    return found


def sessions(recorder: Recorder) -> list[Mapping[str, Any]]:
    return [params for method, path, _, params in recorder.calls if (method, path) == ("POST", "/v1/checkout/sessions")]


def test_every_call_is_what_the_sdk_of_stripe_says_it_may_be(
    recorded: StripeGateway, order: Order, sandbox: SandboxForTests, now: datetime
) -> None:
    state = recorded.start(order)
    recorded.find(order.idempotency_key, now)
    sandbox.pay(state.session_id)
    payment = recorded.read(state.session_id).payment
    assert payment is not None
    recorded.session_of(payment.id)
    recorded.refund(RefundOrder("refund-key", payment.id, 500, "EUR", "Too much"))
    recorded.read_refunds(payment.id)
    list(recorded.refunds_since(now))
    list(recorded.made_since(now))
    recorded.expire(recorded.start(replace(order, idempotency_key="other")).session_id)


def test_a_checkout_is_asked_for_with_all_that_the_owner_and_the_customer_need(
    recorded: StripeGateway, recorder: Recorder, order: Order, sandbox: SandboxForTests
) -> None:
    state = recorded.start(order)
    (params,) = sessions(recorder)
    ours = {"invoice": "F2026-0001", "wagtail_payments_key": order.idempotency_key}
    assert params["allowed_payment_method_types"] == ["card", "sepa_debit"]
    assert params["metadata"] == params["payment_intent_data"]["metadata"] == ours
    assert params["payment_intent_data"]["statement_descriptor_suffix"] == "ATELIER GARONNE"
    assert (params["locale"], params["client_reference_id"]) == ("fr", "F2026-0001")
    assert params["line_items"][0]["price_data"]["unit_amount"] == "144000"
    customer = sandbox.object("customer", params["customer"])
    assert (customer["name"], customer["email"]) == ("Librairie du Canal", "nadia@librairie.example")
    assert customer["metadata"] == ours
    assert state.progress is Progress.OPEN
    assert state.url
    assert state.expires_at == order.expires_at


def test_every_call_names_the_version_whose_words_we_read(
    recorded: StripeGateway, recorder: Recorder, order: Order
) -> None:
    recorded.start(order)
    assert {headers["Stripe-Version"] for _, _, headers, _ in recorder.calls} == {API_VERSION}
    assert stripe.api_version == API_VERSION  # a new SDK is a reason to read its changelog


def test_a_method_configuration_takes_the_place_of_the_methods(recorder: Recorder, order: Order, settings: Any) -> None:
    stripe_options = settings.WAGTAIL_PAYMENTS["GATEWAYS"]["stripe"] | {"PAYMENT_METHOD_CONFIGURATION": "pmc_1"}
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {"stripe": stripe_options}}
    registry.of_hostname("stripe", "localhost").start(order)
    (params,) = sessions(recorder)
    assert params["payment_method_configuration"] == "pmc_1"
    assert "allowed_payment_method_types" not in params


def test_without_a_choice_of_methods_stripe_chooses(recorded: StripeGateway, recorder: Recorder, order: Order) -> None:
    recorded.start(replace(order, methods=()))
    assert "allowed_payment_method_types" not in sessions(recorder)[0]


def test_the_same_order_sent_twice_is_one_session(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests
) -> None:
    first, second = gateway.start(order), gateway.start(order)
    assert first == second
    assert len(sandbox.objects("checkout.session")) == len(sandbox.objects("customer")) == 1


def test_an_order_that_was_kept_as_json_is_the_same_order(order: Order) -> None:
    assert Order.from_json(order.as_json()) == order


def test_a_lost_answer_is_asked_for_again_under_the_same_key(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests
) -> None:
    sandbox.faults.once(ApiFault.TIMEOUT_AFTER, "/v1/checkout/sessions")
    sandbox.faults.once(ApiFault.TIMEOUT_AFTER, "/v1/checkout/sessions")
    assert gateway.start(order).progress is Progress.OPEN
    assert len(sandbox.objects("checkout.session")) == 1


@pytest.mark.parametrize("fault", list(ApiFault))
def test_whatever_says_nothing_about_the_outcome_is_no_refusal(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, fault: ApiFault
) -> None:
    sandbox.faults.rates = {fault: 1.0}
    with pytest.raises(GatewayUnavailable):
        gateway.start(order)


def test_a_used_key_says_nothing_about_the_outcome(gateway: StripeGateway, order: Order) -> None:
    gateway.start(order)
    with pytest.raises(GatewayUnavailable):
        gateway.start(replace(order, amount=1))


def test_a_hurried_gateway_asks_only_once(sandbox: SandboxForTests, order: Order) -> None:
    sandbox.faults.once(ApiFault.TIMEOUT_BEFORE)
    with pytest.raises(GatewayUnavailable):
        registry.of_hostname("stripe", "localhost", hurried=True).start(order)


def test_what_stripe_refuses_is_refused_in_its_words(gateway: StripeGateway, order: Order) -> None:
    with pytest.raises(GatewayRefused, match=r"at least 0.50 EUR"):
        gateway.start(replace(order, amount=1))


@pytest.mark.usefixtures("sandbox")
def test_a_wrong_api_key_says_nothing_about_what_was_done_before(order: Order, settings: Any) -> None:
    settings.WAGTAIL_PAYMENTS = {"GATEWAYS": {"stripe": {"SECRET_KEY": "sk_live_of_somewhere_else"}}}
    with pytest.raises(GatewayUnavailable):
        registry.of_hostname("stripe", "localhost").start(order)


@pytest.mark.parametrize(
    "ornament",
    [{"customer_email": "nadia@librairie"}, {"statement_descriptor": "***"}, {"statement_descriptor": "A" * 23}],
)
def test_an_ornament_that_stripe_dislikes_does_not_stop_the_payment(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, ornament: dict[str, str]
) -> None:
    wish = replace(order, **ornament)  # type: ignore[arg-type]
    assert gateway.start(wish) == gateway.start(wish)
    assert len(sandbox.objects("checkout.session")) == 1


@pytest.mark.parametrize(("code", "amount"), [("ISK", 5000), ("UGX", 5000), ("MGA", 5000), ("TND", 5124)])
def test_amounts_that_stripe_counts_otherwise_are_refused_before_anyone_is_asked(
    recorded: StripeGateway, recorder: Recorder, order: Order, code: str, amount: int
) -> None:
    with pytest.raises(GatewayRefused):
        recorded.start(replace(order, currency=code, amount=amount, methods=()))
    assert recorder.calls == []


@pytest.mark.parametrize(("code", "amount"), [("JPY", 5000), ("TND", 5120), ("USD", 4999)])
def test_amounts_with_other_decimals_come_back_as_they_were(
    gateway: StripeGateway, order: Order, code: str, amount: int
) -> None:
    state = gateway.start(replace(order, currency=code, amount=amount, methods=("card",)))
    assert (state.amount, state.currency) == (amount, code)


def test_ending_a_session_says_how_it_stands_then(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests
) -> None:
    ended = gateway.start(order).session_id
    assert gateway.expire(ended).progress is Progress.EXPIRED
    assert gateway.expire(ended).progress is Progress.EXPIRED
    paid = gateway.start(replace(order, idempotency_key="paid")).session_id
    sandbox.pay(paid)
    assert gateway.expire(paid).progress is Progress.SUCCEEDED


def test_a_session_is_found_by_the_key_that_only_we_write(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, now: datetime
) -> None:
    made = gateway.start(order)
    gateway.start(replace(order, idempotency_key="another"))
    found = gateway.find(order.idempotency_key, now - timedelta(minutes=5))
    assert found is not None
    assert found.session_id == made.session_id
    assert gateway.find("nobody's", now) is None


def test_a_session_that_bears_the_key_a_second_time_makes_both_doubtful(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, now: datetime
) -> None:
    gateway.start(order)
    sandbox.client().v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://elsewhere.example/",
            "client_reference_id": order.reference,
            "metadata": {"wagtail_payments_key": order.idempotency_key},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {"currency": "eur", "unit_amount": 144000, "product_data": {"name": "Shoes"}},
                }
            ],
        }
    )
    assert gateway.find(order.idempotency_key, now) is None


def test_the_session_of_a_payment_is_told_by_stripe_and_not_by_metadata(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests
) -> None:
    session_id = gateway.start(order).session_id
    intent = sandbox.pay(session_id)
    assert gateway.session_of(intent["id"]) == session_id
    assert gateway.session_of("pi_unknown") == ""


def test_no_secret_shows_in_a_repr(gateway: StripeGateway) -> None:
    shown = repr(vars(gateway))
    assert "sk_test_sandbox" not in shown
    assert "whsec_" not in shown
