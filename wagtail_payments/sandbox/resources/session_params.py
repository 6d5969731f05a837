"""What a new Checkout Session may be asked for, beyond what Stripe's types say."""

from datetime import timedelta

from wagtail_payments.sandbox.amounts import check_chargeable
from wagtail_payments.sandbox.errors import Refused, invalid, not_played
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.limits import (
    check_descriptor,
    check_email,
    check_only_one,
    check_url,
)
from wagtail_payments.sandbox.resources.catalogue import price_from
from wagtail_payments.sandbox.resources.lookup import referenced
from wagtail_payments.sandbox.shapes.sessions import new_line_item
from wagtail_payments.sandbox.world import World

SHORTEST = timedelta(minutes=30)
LONGEST = timedelta(hours=24)
_MOST_LINE_ITEMS = 100
# A program computes the time from its own clock, a moment before the call arrives.
_GRACE_SECONDS = 60

_PLAYED_NAMES = """
    allowed_payment_method_types billing_address_collection branding_settings cancel_url client_reference_id currency
    customer customer_creation customer_email excluded_payment_method_types expand expires_at integration_identifier
    line_items locale metadata mode payment_intent_data payment_method_configuration submit_type success_url ui_mode
"""
_PLAYED = frozenset(_PLAYED_NAMES.split())
# Features that may be named as long as they are off.
_OFF = {
    "adaptive_pricing": {"enabled": "false"},
    "allow_promotion_codes": "false",
    "automatic_tax": {"enabled": "false"},
    "invoice_creation": {"enabled": "false"},
    "phone_number_collection": {"enabled": "false"},
    "tax_id_collection": {"enabled": "false"},
}
_INTENT_KEPT = frozenset(
    (
        "description",
        "metadata",
        "receipt_email",
        "setup_future_usage",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
    )
)
_INTENT_PLAYED = _INTENT_KEPT | {"capture_method"}
_LINE_PLAYED = frozenset(("price", "price_data", "quantity", "metadata"))


def check_create(world: World, params: Params) -> None:
    """Refuse what Stripe refuses, and what this sandbox would have to ignore."""
    _check_played(params)
    check_only_one(params, "customer", "customer_email")
    check_only_one(params, "customer", "customer_creation")
    check_only_one(params, "allowed_payment_method_types", "excluded_payment_method_types")
    for name in ("mode", "line_items", "success_url"):
        if not params.get(name):
            raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
    for name in ("success_url", "cancel_url"):
        if name in params:
            check_url(params[name], name)
    if "customer" in params:
        referenced(world, "customer", params["customer"], "customer")
    if "customer_email" in params:
        check_email(params["customer_email"], "customer_email")
    _check_intent_data(params.get("payment_intent_data", {}))


def _check_played(params: Params) -> None:
    if params.get("mode", "payment") != "payment":
        raise not_played(f"mode={params['mode']}")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_played(f"ui_mode={params['ui_mode']}")
    for name, value in params.items():
        if name not in _PLAYED and _OFF.get(name) != value:
            raise not_played(name)


def _check_intent_data(data: Params) -> None:
    for name in data:
        if name not in _INTENT_PLAYED:
            raise not_played(f"payment_intent_data[{name}]")
    if data.get("capture_method", "automatic") == "manual":
        raise not_played("payment_intent_data[capture_method]=manual")
    if "receipt_email" in data:
        check_email(data["receipt_email"], "payment_intent_data[receipt_email]")
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        if name in data:
            check_descriptor(data[name], f"payment_intent_data[{name}]")


def wishes_for_intent(params: Params) -> Json:
    """What the PaymentIntent shall carry once the payer confirms."""
    data = params.get("payment_intent_data", {})
    return {name: data[name] for name in _INTENT_KEPT if name in data}


def expiry(world: World, params: Params) -> int:
    """When the session ends, in seconds since 1970: 30 minutes to 24 hours from now."""
    now = world.timestamp()
    if "expires_at" not in params:
        return now + int(LONGEST.total_seconds())
    wanted = int(params["expires_at"])
    if wanted < now + SHORTEST.total_seconds() - _GRACE_SECONDS:
        text = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise invalid(text, "expires_at")
    if wanted > now + LONGEST.total_seconds() + _GRACE_SECONDS:
        text = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise invalid(text, "expires_at")
    return wanted


def line_items(world: World, params: Params) -> list[Json]:
    """The session's lines, at least one, in one currency, worth charging."""
    asked = params["line_items"]
    if len(asked) > _MOST_LINE_ITEMS:
        raise invalid(f"You can have at most {_MOST_LINE_ITEMS} line items.", "line_items")
    items = [_line_item(world, line, f"line_items[{index}]") for index, line in enumerate(asked)]
    currencies = {item["currency"] for item in items}
    if params.get("currency"):
        currencies.add(params["currency"].lower())
    if len(currencies) > 1:
        text = "The prices of a Checkout Session must all be in one currency."
        raise Refused(text, param="line_items", executed=False)
    check_chargeable(sum(item["amount_total"] for item in items), currencies.pop(), "line_items")
    return items


def _line_item(world: World, line: Params, param: str) -> Json:
    for name in line:
        if name not in _LINE_PLAYED:
            raise not_played(f"{param}[{name}]")
    if ("price" in line) == ("price_data" in line):
        text = f"{param} needs exactly one of price and price_data."
        raise invalid(text, f"{param}[price_data]", "parameter_missing")
    quantity = int(line.get("quantity", 1))
    if quantity < 1:
        raise invalid("The quantity must be at least 1.", f"{param}[quantity]", "parameter_invalid_integer")
    if "price" in line:
        price = referenced(world, "price", line["price"], f"{param}[price]")
    else:
        price = price_from(world, line["price_data"], f"{param}[price_data]", active=False)
    product = world.shelves.get("product", price["product"])
    return new_line_item(world, price, product["name"] if product else "", quantity)


def payment_method_types(params: Params, currency: str) -> list[str]:
    """The methods offered: those the sandbox plays, narrowed as asked."""
    offered = ["card", "sepa_debit"] if currency == "eur" else ["card"]
    allowed = params.get("allowed_payment_method_types") or offered
    excluded = params.get("excluded_payment_method_types") or []
    kept = [kind for kind in offered if kind in allowed and kind not in excluded]
    if not kept:
        raise Refused(
            "No valid payment method types for this Checkout Session. Please ensure that you have "
            "activated payment methods compatible with your chosen currency and amount.",
            executed=False,
        )
    return kept
