"""Which function answers which call."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wagtail_payments.sandbox import direct_payments, hosted_pages
from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.resources import (
    accounts,
    catalogue,
    charges,
    customers,
    disputes,
    events,
    intents,
    payment_methods,
    refunds,
    sessions,
)

Handler = Callable[..., Json]


@dataclass(frozen=True, slots=True)
class Route:
    """One call: ``public`` tells whether it is in Stripe's published API."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    public: bool


def _route(method: str, path: str, handler: Handler, *, public: bool = True) -> Route:
    return Route(method, re.compile(path.replace("{id}", "([^/]+)")), handler, public)


_SESSIONS = "/v1/checkout/sessions"
ROUTES = (
    _route("POST", _SESSIONS, sessions.create),
    _route("GET", _SESSIONS, sessions.list_all),
    _route("GET", _SESSIONS + "/{id}", sessions.retrieve),
    _route("POST", _SESSIONS + "/{id}", sessions.update),
    _route("POST", _SESSIONS + "/{id}/expire", sessions.expire),
    _route("GET", _SESSIONS + "/{id}/line_items", sessions.list_line_items),
    _route("GET", "/v1/payment_intents", intents.list_all),
    _route("GET", "/v1/payment_intents/{id}", intents.retrieve),
    _route("POST", "/v1/payment_intents", direct_payments.create),
    _route("POST", "/v1/payment_intents/{id}", intents.update),
    _route("POST", "/v1/payment_intents/{id}/confirm", direct_payments.confirm),
    _route("POST", "/v1/payment_intents/{id}/cancel", direct_payments.cancel),
    _route("GET", "/v1/charges", charges.list_all),
    _route("GET", "/v1/charges/{id}", charges.retrieve),
    _route("POST", "/v1/charges/{id}", charges.update),
    _route("GET", "/v1/balance_transactions", charges.list_balance_transactions),
    _route("GET", "/v1/balance_transactions/{id}", charges.retrieve_balance_transaction),
    _route("POST", "/v1/refunds", refunds.create),
    _route("GET", "/v1/refunds", refunds.list_all),
    _route("GET", "/v1/refunds/{id}", refunds.retrieve),
    _route("POST", "/v1/refunds/{id}", refunds.update),
    _route("GET", "/v1/disputes", disputes.list_all),
    _route("GET", "/v1/disputes/{id}", disputes.retrieve),
    _route("POST", "/v1/disputes/{id}/close", disputes.accept),
    _route("POST", "/v1/customers", customers.create),
    _route("GET", "/v1/customers", customers.list_all),
    _route("GET", "/v1/customers/search", customers.search),
    _route("GET", "/v1/customers/{id}", customers.retrieve),
    _route("POST", "/v1/customers/{id}", customers.update),
    _route("POST", "/v1/products", catalogue.create_product),
    _route("GET", "/v1/products", catalogue.list_products),
    _route("GET", "/v1/products/{id}", catalogue.retrieve_product),
    _route("POST", "/v1/prices", catalogue.create_price),
    _route("GET", "/v1/prices", catalogue.list_prices),
    _route("GET", "/v1/prices/{id}", catalogue.retrieve_price),
    _route("POST", "/v1/payment_methods", payment_methods.create),
    _route("GET", "/v1/payment_methods/{id}", payment_methods.retrieve),
    _route("GET", "/v1/events", events.list_all),
    _route("GET", "/v1/events/{id}", events.retrieve),
    _route("GET", "/v1/account", accounts.retrieve_current),
    _route("GET", "/v1/accounts/{id}", accounts.retrieve),
    _route("GET", "/v1/payment_pages/{id}", hosted_pages.retrieve, public=False),
    _route("POST", "/v1/payment_pages/{id}/confirm", hosted_pages.confirm, public=False),
)


def find_route(method: str, path: str) -> tuple[Route, tuple[Any, ...]] | None:
    """The route of a call and the ids in its path."""
    for route in ROUTES:
        if route.method == method and (match := route.pattern.fullmatch(path)):
            return route, match.groups()
    return None
