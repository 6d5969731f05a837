"""Our guard around the SDK's check of signatures: what is taken in, and with which answer the rest is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import stripe

from tests.gateways.conftest import SECRET
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import MessageRefused
from wagtail_payments.gateways.stripe import StripeGateway

Sign = Callable[..., Any]
Change = Callable[[dict[str, Any]], Any]


def refused(gateway: Any, body: bytes, headers: Any, now: datetime) -> int:
    with pytest.raises(MessageRefused) as refusal:
        gateway.read_message(body, headers, now)
    return refusal.value.status_code


def with_secrets(settings: Any, secrets: Any) -> Any:
    options = {"SECRET_KEY": "sk_test_x", "WEBHOOK_SECRETS": secrets}
    settings.WAGTAIL_PAYMENTS = {"GATEWAYS": {"stripe": options}}
    return registry.of_hostname("stripe", "localhost")


def test_a_signed_message_tells_what_it_is_about(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime
) -> None:
    message = gateway.read_message(*signed(event), now)
    assert (message.gateway, message.account, message.id) == ("stripe", "", "evt_1")
    assert (message.type, message.live, message.created_at) == ("checkout.session.completed", False, now)
    assert (message.session_id, message.payment_id) == ("cs_test_1", "")
    assert (message.amount, message.currency) == (144000, "EUR")
    assert message.our_key == "0123456789abcdef0123456789abcdef"


def test_a_stored_message_reads_the_same_again(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime
) -> None:
    assert gateway.reread(json.dumps(event)) == gateway.read_message(*signed(event), now)


@pytest.mark.parametrize(
    ("kind", "about", "payment_id", "amount"),
    [
        (
            "payment_intent.succeeded",
            {"object": "payment_intent", "id": "pi_1", "amount": 5, "currency": "eur"},
            "pi_1",
            5,
        ),
        ("charge.refunded", {"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}, "pi_1", None),
        ("charge.updated", {"object": "charge", "id": "py_1", "payment_intent": None}, "", None),
        ("refund.failed", {"object": "refund", "id": "re_1", "payment_intent": "pi_1", "amount": 7}, "pi_1", None),
        ("charge.refund.updated", {"object": "refund", "id": "pyr_1", "payment_intent": "pi_1"}, "pi_1", None),
        (
            "charge.dispute.created",
            {"object": "dispute", "id": "du_1", "payment_intent": "pi_1", "amount": 7, "currency": "eur"},
            "pi_1",
            None,
        ),
        ("customer.created", {"object": "customer", "id": "cus_1"}, "", None),
        ("something.quite.new", {}, "", None),
    ],
)
def test_each_message_names_the_payment_it_is_about(
    gateway: StripeGateway,
    event: dict[str, Any],
    signed: Sign,
    now: datetime,
    kind: str,
    about: Any,
    payment_id: str,
    amount: int | None,
) -> None:
    message = gateway.read_message(*signed(event | {"type": kind, "data": {"object": about}}), now)
    assert (message.session_id, message.payment_id, message.amount) == ("", payment_id, amount)
    assert message.dispute_id == (about["id"] if kind.startswith("charge.dispute") else "")


def test_a_message_about_another_account_names_it(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime
) -> None:
    assert gateway.read_message(*signed(event | {"account": "acct_other"}), now).account == "acct_other"


@pytest.mark.parametrize("secrets", [None, [], "", "   ", [""], ["  ", "\t"], [None]])
def test_without_a_secret_nothing_is_believed(
    settings: Any, event: dict[str, Any], signed: Sign, now: datetime, secrets: Any
) -> None:
    gateway = with_secrets(settings, secrets)
    assert refused(gateway, *signed(event, secret=""), now) == 503
    assert refused(gateway, *signed(event, secret="  "), now) == 503


def test_each_of_several_secrets_counts_and_a_blank_one_does_not(
    settings: Any, event: dict[str, Any], signed: Sign, now: datetime
) -> None:
    gateway = with_secrets(settings, ["", "whsec_new", " whsec_old "])
    assert gateway.read_message(*signed(event, secret="whsec_new"), now)
    assert gateway.read_message(*signed(event, secret="whsec_old"), now)
    assert refused(gateway, *signed(event, secret=""), now) == 400


def test_a_single_secret_written_as_text_is_one_secret_and_not_its_letters(
    settings: Any, event: dict[str, Any], signed: Sign, now: datetime
) -> None:
    gateway = with_secrets(settings, "whsec_one")
    assert gateway.read_message(*signed(event, secret="whsec_one"), now)
    assert refused(gateway, *signed(event, secret="w"), now) == 400


def test_a_header_signed_with_two_secrets_fits_either(
    settings: Any, event: dict[str, Any], signed: Sign, now: datetime
) -> None:
    body, first = signed(event, secret="whsec_a")
    _, second = signed(event, secret="whsec_b")
    both = {"Stripe-Signature": f"{first['Stripe-Signature']},{second['Stripe-Signature'].partition(',')[2]}"}
    for secret in ("whsec_a", "whsec_b"):
        assert with_secrets(settings, [secret]).read_message(body, both, now)


def _header(value: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    return lambda right: {"Stripe-Signature": value(right)}


HEADERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "absent": lambda right: {},
    "empty": _header(lambda right: ""),
    "blank": _header(lambda right: "   "),
    "not ASCII": _header(lambda right: right + "é"),
    "not ASCII signature": _header(lambda right: right.partition(",")[0] + ",v1=é"),
    "huge": _header(lambda right: right + ",v0=" + "a" * 1_000_000),
    "no time": _header(lambda right: right.partition(",")[2]),
    "no signature": _header(lambda right: right.partition(",")[0]),
    "only commas": _header(lambda right: ",,,,"),
    "no equals signs": _header(lambda right: "t1v1"),
    "time with a sign": _header(lambda right: right.replace("t=", "t=+")),
    "time with a space": _header(lambda right: right.replace("t=", "t= ")),
    "time is text": _header(lambda right: "t=now," + right.partition(",")[2]),
    "negative time": _header(lambda right: "t=-5," + right.partition(",")[2]),
    "endless time": _header(lambda right: "t=" + "9" * 1000 + "," + right.partition(",")[2]),
    "two times": _header(lambda right: right + ",t=1"),
    "other scheme": _header(lambda right: right.replace("v1=", "v0=")),
    "one digit changed": _header(lambda right: right[:-1] + ("0" if right[-1] != "0" else "1")),
    "cut": _header(lambda right: right[:-4]),
    "upper case": _header(lambda right: right.upper()),
    "with a line break": _header(lambda right: right + "\n"),
    "with NUL": _header(lambda right: right + "\0"),
    "of another time": _header(lambda right: "t=1," + right.partition(",")[2]),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_a_malformed_signature_is_refused(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime, kind: str
) -> None:
    body, headers = signed(event)
    assert gateway.read_message(body, headers, now)
    assert refused(gateway, body, HEADERS[kind](headers["Stripe-Signature"]), now) == 400


@pytest.mark.parametrize("seconds", [-86400, -301, 301, 3600, 365 * 86400])
def test_a_time_too_far_from_now_is_refused_either_way(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime, seconds: int
) -> None:
    assert refused(gateway, *signed(event, at=now + timedelta(seconds=seconds)), now) == 400


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_a_time_near_now_is_taken(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime, seconds: int
) -> None:
    assert gateway.read_message(*signed(event, at=now + timedelta(seconds=seconds)), now)


def test_a_body_too_large_is_refused_before_it_is_read(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime
) -> None:
    large = json.dumps(event) + " " * 600_000
    assert refused(gateway, *signed(large), now) == 413


def _with(**values: Any) -> Change:
    return lambda event: event | values


def _about(**values: Any) -> Change:
    return lambda event: event | {"data": {"object": event["data"]["object"] | values}}


def _without(name: str) -> Change:
    return lambda event: {key: value for key, value in event.items() if key != name}


BODIES: dict[str, Change] = {
    "null": lambda event: "null",
    "a list": lambda event: "[]",
    "a list of events": lambda event: json.dumps([event]),
    "a text": lambda event: '"event"',
    "a number": lambda event: "5",
    "true": lambda event: "true",
    "an empty object": lambda event: "{}",
    "nothing": lambda event: "",
    "no JSON": lambda event: "id=evt_1",
    "cut": lambda event: json.dumps(event)[:-3],
    "two objects": lambda event: json.dumps(event) * 2,
    "a byte order mark": lambda event: "\ufeff" + json.dumps(event),
    "nested without end": lambda event: "[" * 100_000 + "]" * 100_000,
    "nested objects without end": lambda event: '{"a":' * 20_000 + "1" + "}" * 20_000,
    "NaN": lambda event: json.dumps(event | {"created": float("nan")}),
    "infinity": lambda event: json.dumps(event | {"extra": float("inf")}),
    "endless digits": lambda event: json.dumps(event).replace("144000", "9" * 10_000),
    "raw NUL": lambda event: json.dumps(event).replace("evt_1", "evt_\0"),
    "no id": _without("id"),
    "id is a number": _with(id=5),
    "id is null": _with(id=None),
    "id with NUL": _with(id="evt_\0"),
    "id with a lone surrogate": _with(id="evt_\ud800"),
    "id with a letter that is not ASCII": _with(id="evt_é"),
    "id with a line break": _with(id="evt_1\n"),
    "id too long": _with(id="evt_" + "a" * 1000),
    "id of something else": _with(id="cs_1"),
    "no type": _without("type"),
    "type is a list": _with(type=["checkout.session.completed"]),
    "type with NUL": _with(type="checkout.\0"),
    "no data": _without("data"),
    "data is null": _with(data=None),
    "data is a list": _with(data=[]),
    "no object": _with(data={}),
    "object is a text": _with(data={"object": "cs_test_1"}),
    "object of another kind": _about(object="payment_intent"),
    "object without an id": _about(id=None),
    "object id with NUL": _about(id="cs_\0"),
    "object id with a path": _about(id="cs_1/../../account"),
    "object id of a payment": _about(id="pi_1"),
    "amount is a float": _about(amount_total=1440.5),
    "amount is a text": _about(amount_total="144000"),
    "amount below zero": _about(amount_total=-1),
    "amount is true": _about(amount_total=True),
    "amount without end": _about(amount_total=10**30),
    "no livemode": _without("livemode"),
    "livemode is a text": _with(livemode="false"),
    "livemode is null": _with(livemode=None),
    "no time": _without("created"),
    "time is a float": _with(created=1.5),
    "time after the year 9999": _with(created=10**15),
    "account is a number": _with(account=5),
    "account with NUL": _with(account="acct_\0"),
    "a thin event": _with(object="v2.core.event"),
    "another object": _with(object="charge"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_genuine_signature_under_nonsense_is_refused(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime, kind: str
) -> None:
    assert refused(gateway, *signed(BODIES[kind](event)), now) == 400


def test_a_body_that_is_not_utf_8_is_refused(gateway: StripeGateway, now: datetime) -> None:
    header = stripe.WebhookSignature.generate_signature_header("{}", SECRET, int(now.timestamp()))
    assert refused(gateway, b"\xff\xfe{}", {"Stripe-Signature": header}, now) == 400


def test_a_body_changed_after_signing_is_refused(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime
) -> None:
    body, headers = signed(event)
    assert refused(gateway, body.replace(b"144000", b"1"), headers, now) == 400


def test_whatever_breaks_inside_is_a_refusal_too(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> bool:
        raise TypeError("comparing strings with non-ASCII characters is not supported")

    monkeypatch.setattr(stripe.WebhookSignature, "verify_header", broken)
    assert refused(gateway, *signed(event), now) == 400


def test_what_a_person_wrote_on_a_session_is_no_key_of_ours(
    gateway: StripeGateway, event: dict[str, Any], signed: Sign, now: datetime
) -> None:
    for metadata in (None, {}, [], {"wagtail_payments_key": "\0"}, {"wagtail_payments_key": 5}):
        odd = _about(metadata=metadata)(event)
        assert gateway.read_message(*signed(odd), now).our_key == ""
