"""Checkout Sessions: made by the shop, paid on the hosted page, over after a while."""

from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.resources.lookup import found, page, page_of, updated_metadata
from wagtail_payments.sandbox.resources.session_params import (
    check_create,
    expiry,
    line_items,
    payment_method_types,
    wishes_for_intent,
)
from wagtail_payments.sandbox.shapes.sessions import customer_details, new_session
from wagtail_payments.sandbox.world import World, planned

KIND = "checkout.session"
_URL = "/v1/checkout/sessions"
_ECHOED = (
    "allowed_payment_method_types",
    "billing_address_collection",
    "branding_settings",
    "cancel_url",
    "client_reference_id",
    "customer",
    "customer_creation",
    "customer_email",
    "excluded_payment_method_types",
    "integration_identifier",
    "locale",
    "metadata",
    "submit_type",
    "success_url",
)


def create(world: World, params: Params) -> Json:
    """POST /v1/checkout/sessions"""
    check_create(world, params)
    items = line_items(world, params)
    amount = sum(item["amount_total"] for item in items)
    currency = items[0]["currency"]
    session = new_session(
        world,
        world.new_id("cs"),
        amount=amount,
        currency=currency,
        expires_at=expiry(world, params),
    )
    session |= {name: params[name] for name in _ECHOED if name in params}
    session["payment_method_types"] = payment_method_types(params, currency)
    session |= _who_pays(world, session, params)
    return _opened(world, session, items, params)


def _opened(world: World, session: Json, items: list[Json], params: Params) -> Json:
    key = session["id"]
    world.put(session)
    world.shelves.put("line_items", {"id": key, "items": items})
    world.shelves.put("intent_wishes", {"id": key, **wishes_for_intent(params)})
    world.plan_at(session["expires_at"], "sessions.expire", key)
    return session


def _who_pays(world: World, session: Json, params: Params) -> Json:
    configuration = params.get("payment_method_configuration")
    details = {"id": configuration, "parent": None} if configuration else None
    facts: Json = {"payment_method_configuration_details": details}
    customer = world.shelves.get("customer", session["customer"] or "")
    email = customer["email"] if customer else session["customer_email"]
    if customer:
        facts["customer_creation"] = None
    if email:
        facts["customer_details"] = customer_details(email=email)
    return facts


def retrieve(world: World, params: Params, key: str) -> Json:
    """GET /v1/checkout/sessions/{id}"""
    return found(world, KIND, key, "session")


def update(world: World, params: Params, key: str) -> Json:
    """POST /v1/checkout/sessions/{id}: its metadata"""
    session = retrieve(world, params, key)
    world.change(session, metadata=updated_metadata(session, params))
    return session


def list_all(world: World, params: Params) -> Json:
    """GET /v1/checkout/sessions"""
    names = ("payment_intent", "customer", "status")
    return page(world, KIND, params, _URL, **{name: params.get(name) for name in names})


def list_line_items(world: World, params: Params, key: str) -> Json:
    """GET /v1/checkout/sessions/{id}/line_items"""
    found(world, KIND, key, "session")
    kept = found(world, "line_items", key, "session")
    return page_of(kept["items"], params, f"{_URL}/{key}/line_items")


def expire(world: World, params: Params, key: str) -> Json:
    """POST /v1/checkout/sessions/{id}/expire"""
    session = found(world, KIND, key, "session")
    if session["status"] != "open":
        status = session["status"]
        raise Refused(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{status}`."
        )
    _end(world, session)
    return session


@planned("sessions.expire")
def expire_when_due(world: World, key: str, details: Json) -> None:
    """The time of a session is up; one that was paid or expired before is left alone."""
    session = world.shelves.get(KIND, key)
    if session and session["status"] == "open":
        _end(world, session)


def _end(world: World, session: Json) -> None:
    world.change(session, status="expired", url=None)
    intent = world.shelves.get("payment_intent", session["payment_intent"] or "")
    if intent:
        world.change(
            intent,
            status="canceled",
            canceled_at=world.timestamp(),
            cancellation_reason="automatic",
            next_action=None,
        )
        world.emit("payment_intent.canceled", intent)
    world.emit("checkout.session.expired", session)


def session_of(world: World, intent_id: str) -> Json | None:
    """The session an intent was made by."""
    return next(iter(world.shelves.where(KIND, payment_intent=intent_id)), None)
