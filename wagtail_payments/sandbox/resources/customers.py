"""Customers: who a payment is filed under."""

import re
from typing import Any

from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.limits import check_email
from wagtail_payments.sandbox.resources.lookup import found, page, page_of, updated_metadata
from wagtail_payments.sandbox.world import World

_PLAIN = ("description", "email", "name", "phone")
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_CLAUSE = re.compile(r"""\s*(email|name|phone|metadata\[['"][^'"]+['"]\])(:|~)['"]([^'"]*)['"]\s*""")


def create(world: World, params: Params) -> Json:
    """POST /v1/customers"""
    if params.get("email"):
        check_email(params["email"], "email")
    customer = world.put(new_customer(world) | _asked(params))
    world.emit("customer.created", customer)
    return customer


def retrieve(world: World, params: Params, key: str) -> Json:
    """GET /v1/customers/{id}"""
    return found(world, "customer", key)


def update(world: World, params: Params, key: str) -> Json:
    """POST /v1/customers/{id}"""
    customer = found(world, "customer", key)
    if params.get("email"):
        check_email(params["email"], "email")
    metadata = updated_metadata(customer, params)
    previous = world.change(customer, **_asked(params) | {"metadata": metadata})
    if previous:
        world.emit("customer.updated", customer, previous)
    return customer


def list_all(world: World, params: Params) -> Json:
    """GET /v1/customers; the e-mail address is compared as written, like Stripe does."""
    return page(world, "customer", params, "/v1/customers", email=params.get("email"))


def search(world: World, params: Params) -> Json:
    """GET /v1/customers/search, for queries like ``email:'a@b.c' AND metadata['k']:'v'``."""
    clauses = [_CLAUSE.fullmatch(part) for part in params["query"].split(" AND ")]
    if not all(clauses):
        raise Refused("We were unable to parse your search query.", param="query", executed=False)
    matching = [
        customer
        for customer in world.shelves.newest_first("customer")
        if all(_fits(customer, *clause.groups()) for clause in clauses if clause)
    ]
    window = {"limit": params["limit"]} if "limit" in params else {}
    answer = page_of(matching, window, "/v1/customers/search")
    return answer | {"object": "search_result", "next_page": None}


def _fits(customer: Json, field: str, comparison: str, wanted: str) -> bool:
    if field.startswith("metadata"):
        value = customer["metadata"].get(field[len("metadata['") : -len("']")])
    else:
        value = customer[field]
    if value is None:
        return False
    if comparison == "~":
        return wanted.lower() in str(value).lower()
    return wanted.lower() == str(value).lower()


def new_customer(world: World) -> Json:
    """A customer of whom nothing is known yet."""
    empty = (*_PLAIN, "address", "currency", "default_source", "discount", "shipping", "test_clock")
    settings = ("custom_fields", "default_payment_method", "footer", "rendering_options")
    return dict.fromkeys(empty) | {
        "id": world.new_id("cus"),
        "object": "customer",
        "balance": 0,
        "created": world.timestamp(),
        "delinquent": False,
        "invoice_prefix": world.ids("INV")[-8:].upper(),
        "invoice_settings": dict.fromkeys(settings),
        "livemode": world.rules.livemode,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }


def _asked(params: Params) -> Json:
    """The fields of a customer that a call sets; an empty value unsets."""
    asked: dict[str, Any] = {name: params[name] or None for name in _PLAIN if name in params}
    if "address" in params:
        asked["address"] = (
            {name: params["address"].get(name) or None for name in _ADDRESS} if params["address"] else None
        )
    for name in ("preferred_locales", "tax_exempt", "metadata"):
        if params.get(name):
            asked[name] = params[name]
    return asked
