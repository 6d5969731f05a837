"""The stripe package's own types as judge of requests and objects."""

import pytest

from wagtail_payments.sandbox.spec import check_object, check_request
from wagtail_payments.sandbox.spec.problems import Fault

SESSIONS = "/v1/checkout/sessions"


def request(**more):
    line = {"price_data": {"currency": "eur", "unit_amount": "2500", "product_data": {"name": "x"}}, "quantity": "1"}
    return {"mode": "payment", "line_items": [line], "success_url": "https://shop.example/", **more}


def found(problems):
    return [(problem.fault, problem.param) for problem in problems]


def test_a_good_request_has_no_problem():
    assert check_request("POST", SESSIONS, request(metadata={"invoice": "42"}, expires_at="1795000000")) == []


@pytest.mark.parametrize(
    ("wrong", "fault", "param"),
    [
        ({"mode": "paymnt"}, Fault.CHOICE, "mode"),
        ({"locale": "xx"}, Fault.CHOICE, "locale"),
        ({"ui_mode": "hosted"}, Fault.CHOICE, "ui_mode"),
        ({"payment_method_types": ["card"]}, Fault.UNKNOWN, "payment_method_types"),
        ({"line_items": "x"}, Fault.SHAPE, "line_items"),
        ({"line_items": [{"price_data": "x"}]}, Fault.SHAPE, "line_items[0][price_data]"),
        ({"line_items": [{"quantity": "1.5"}]}, Fault.TYPE, "line_items[0][quantity]"),
        ({"line_items": [{"quantty": "1"}]}, Fault.UNKNOWN, "line_items[0][quantty]"),
        ({"metadata": "x"}, Fault.SHAPE, "metadata"),
        ({"success_url": ""}, Fault.EMPTY, "success_url"),
        ({"allow_promotion_codes": "yes"}, Fault.TYPE, "allow_promotion_codes"),
        ({"idempotency_key": "k"}, Fault.UNKNOWN, "idempotency_key"),
    ],
)
def test_each_mistake_in_a_request_is_named_with_its_place(wrong, fault, param):
    assert found(check_request("POST", SESSIONS, request(**wrong))) == [(fault, param)]


def test_a_missing_nested_parameter_is_named():
    line = {"price_data": {"currency": "eur", "unit_amount": "1", "product_data": {}}}
    problems = check_request("POST", SESSIONS, request(line_items=[line]))
    assert found(problems) == [(Fault.MISSING, "line_items[0][price_data][product_data][name]")]


def test_an_unknown_path_is_named():
    assert found(check_request("GET", "/v1/eventss", {})) == [(Fault.PATH, "")]


def test_a_filter_may_be_a_number_or_a_range():
    assert check_request("GET", "/v1/events", {"created": "1"}) == []
    assert check_request("GET", "/v1/events", {"created": {"gte": "1"}}) == []
    assert found(check_request("GET", "/v1/events", {"created": {"from": "1"}})) == [(Fault.UNKNOWN, "created[from]")]


def test_searching_customers_is_not_retrieving_one_called_search():
    assert found(check_request("GET", "/v1/customers/search", {})) == [(Fault.MISSING, "query")]


def refund(**more):
    return {"id": "re_1", "object": "refund", "amount": 5, "created": 1, "currency": "eur", **more}


@pytest.mark.parametrize(
    ("wrong", "fault", "param"),
    [
        ({"amount": "5"}, Fault.TYPE, "amount"),
        ({"amount": True}, Fault.TYPE, "amount"),
        ({"amount": 5.0}, Fault.TYPE, "amount"),
        ({"reason": "because"}, Fault.CHOICE, "reason"),
        ({"nonsense": 1}, Fault.UNKNOWN, "nonsense"),
        ({"destination_details": {"card": {"typ": "x"}}}, Fault.UNKNOWN, "destination_details[card][typ]"),
        ({"metadata": {"a": 1}}, Fault.TYPE, "metadata[a]"),
    ],
)
def test_each_mistake_in_an_object_is_named_with_its_place(wrong, fault, param):
    assert (fault, param) in found(check_object(refund(**wrong)))


def test_a_missing_field_is_named():
    short = refund()
    del short["currency"]
    assert found(check_object(short)) == [(Fault.MISSING, "currency")]


def test_the_object_inside_an_event_is_judged_too():
    event = {
        "id": "evt_1",
        "object": "event",
        "api_version": None,
        "created": 1,
        "data": {"object": refund(nonsense=1)},
        "livemode": False,
        "pending_webhooks": 0,
        "request": None,
        "type": "refund.created",
    }
    assert found(check_object(event)) == [(Fault.UNKNOWN, "data[object][nonsense]")]
    assert (Fault.CHOICE, "type") in found(check_object(event | {"type": "refund.born"}))


def test_the_members_of_a_list_are_judged():
    answer = {"object": "list", "data": [refund(), refund(amount="x")], "has_more": False, "url": "/v1/refunds"}
    assert found(check_object(answer)) == [(Fault.TYPE, "data[1][amount]")]


@pytest.mark.parametrize("nothing", [None, [], "x", {}, {"object": "nonsense"}])
def test_what_is_no_object_of_stripe_is_a_problem(nothing):
    assert check_object(nothing)
