"""The two calls a browser makes from Stripe's hosted page, which Stripe's own CLI plays too.

They are no part of the published API; their answers hold what the CLI's scenarios read.
"""

from wagtail_payments.sandbox import checkout
from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.resources import payment_methods
from wagtail_payments.sandbox.resources.lookup import found
from wagtail_payments.sandbox.resources.sessions import KIND
from wagtail_payments.sandbox.world import World


def retrieve(world: World, params: Params, key: str) -> Json:
    """GET /v1/payment_pages/{cs}"""
    session = found(world, KIND, key, "session")
    names = ("amount_total", "currency", "livemode", "mode", "status", "payment_status")
    return {name: session[name] for name in names} | {
        "id": f"ppage_{key}",
        "object": "checkout.payment_page",
        "session_id": key,
    }


def confirm(world: World, params: Params, key: str) -> Json:
    """POST /v1/payment_pages/{cs}/confirm"""
    session = checkout.open_session(world, key)
    expected = params.get("expected_amount")
    if expected is not None and expected != str(session["amount_total"]):
        raise Refused("The expected amount differs from the amount due.", param="expected_amount")
    if not params.get("payment_method"):
        raise Refused("Missing required param: payment_method.", param="payment_method", executed=False)
    method = payment_methods.stored(world, params["payment_method"])
    intent = checkout.confirm_with(world, session, method)
    return retrieve(world, params, key) | {"payment_intent": intent}
