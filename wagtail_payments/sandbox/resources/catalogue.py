"""Products and prices: made in passing by a session, or by a program beforehand."""

from wagtail_payments.sandbox.amounts import checked_amount, checked_currency
from wagtail_payments.sandbox.errors import Refused, invalid, not_played
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.resources.lookup import found, page, referenced
from wagtail_payments.sandbox.world import World


def create_product(world: World, params: Params) -> Json:
    """POST /v1/products"""
    return _new_product(world, params, active=params.get("active") != "false")


def retrieve_product(world: World, params: Params, key: str) -> Json:
    """GET /v1/products/{id}"""
    return found(world, "product", key)


def list_products(world: World, params: Params) -> Json:
    """GET /v1/products"""
    return page(world, "product", params, "/v1/products")


def create_price(world: World, params: Params) -> Json:
    """POST /v1/prices"""
    return price_from(world, params, "", active=params.get("active") != "false")


def retrieve_price(world: World, params: Params, key: str) -> Json:
    """GET /v1/prices/{id}"""
    return found(world, "price", key)


def list_prices(world: World, params: Params) -> Json:
    """GET /v1/prices"""
    return page(world, "price", params, "/v1/prices", product=params.get("product"))


def price_from(world: World, params: Params, param: str, *, active: bool) -> Json:
    """A price from ``price_data`` or from the parameters of a price; the two look alike."""
    for name in ("recurring", "tiers", "currency_options", "custom_unit_amount", "transform_quantity"):
        if name in params:
            raise not_played(_within(param, name))
    if ("unit_amount" in params) == ("unit_amount_decimal" in params):
        text = "Exactly one of unit_amount and unit_amount_decimal is required."
        raise invalid(text, _within(param, "unit_amount"), "parameter_missing")
    currency = checked_currency(params["currency"], _within(param, "currency"))
    amount = _unit_amount(params, param)
    product = _product(world, params, param, active=active)
    return world.put(_price_shape(world, params, product, amount, currency, active=active))


def _within(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name


def _unit_amount(params: Params, param: str) -> int:
    text = params.get("unit_amount")
    if text is None:
        text = params["unit_amount_decimal"]
        if "." in text:
            raise not_played(_within(param, "unit_amount_decimal"))
    return checked_amount(text, _within(param, "unit_amount"), least=0)


def _product(world: World, params: Params, param: str, *, active: bool) -> Json:
    if "product" in params and "product_data" in params:
        raise Refused("You may only specify one of these parameters: product, product_data.", executed=False)
    if "product" in params:
        return referenced(world, "product", params["product"], _within(param, "product"))
    if "product_data" not in params:
        missing = _within(param, "product_data")
        raise invalid(f"Missing required param: {missing}.", missing, "parameter_missing")
    return _new_product(world, params["product_data"], active=active)


def _new_product(world: World, params: Params, *, active: bool) -> Json:
    return world.put(
        {
            "id": world.new_id("prod"),
            "object": "product",
            "active": active,
            "created": world.timestamp(),
            "default_price": None,
            "description": params.get("description"),
            "images": params.get("images", []),
            "livemode": world.rules.livemode,
            "marketing_features": [],
            "metadata": params.get("metadata", {}),
            "name": params["name"],
            "package_dimensions": None,
            "shippable": None,
            "statement_descriptor": None,
            "tax_code": params.get("tax_code"),
            "type": "service",
            "unit_label": params.get("unit_label"),
            "updated": world.timestamp(),
            "url": None,
        }
    )


def _price_shape(world: World, params: Params, product: Json, amount: int, currency: str, *, active: bool) -> Json:
    return {
        "id": world.new_id("price"),
        "object": "price",
        "active": active,
        "billing_scheme": "per_unit",
        "created": world.timestamp(),
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": world.rules.livemode,
        "lookup_key": None,
        "metadata": params.get("metadata", {}),
        "nickname": params.get("nickname"),
        "product": product["id"],
        "recurring": None,
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
