"""``expand[]``: ids in an answer replaced by the objects they name, to any allowed depth."""

from collections.abc import Sequence
from typing import Any

from wagtail_payments.sandbox.errors import invalid
from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.world import World

_DEEPEST = 4
_ALWAYS_NULL = ""
_ANY_SOURCE = "source"
_EXPANDABLE: dict[str, dict[str, str]] = {
    "checkout.session": {
        "customer": "customer",
        "invoice": _ALWAYS_NULL,
        "line_items": "line_items",
        "payment_intent": "payment_intent",
        "payment_link": _ALWAYS_NULL,
        "setup_intent": _ALWAYS_NULL,
        "subscription": _ALWAYS_NULL,
    },
    "payment_intent": {
        "customer": "customer",
        "latest_charge": "charge",
        "payment_method": "payment_method",
        "review": _ALWAYS_NULL,
    },
    "charge": {
        "balance_transaction": "balance_transaction",
        "customer": "customer",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "refunds": "refunds",
        "review": _ALWAYS_NULL,
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
    },
    "balance_transaction": {"source": _ANY_SOURCE},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payment_method": {"customer": "customer"},
    "price": {"product": "product"},
}


def expanded(world: World, value: Json, paths: Sequence[str]) -> Json:
    """A copy of an answer with the named properties expanded; the original stays as it is."""
    for path in paths:
        keys = path.split(".")
        if len([key for key in keys if key != "data"]) > _DEEPEST:
            text = f"You cannot expand more than {_DEEPEST} levels of a property. Property: {path}"
            raise invalid(text, "expand")
        value = _expand(world, value, keys, path)
    return value


def _expand(world: World, value: Any, keys: list[str], path: str) -> Any:
    if not keys or value is None:
        return value
    head, *rest = keys
    value = dict(value)
    if value.get("object") in ("list", "search_result") and head == "data":
        value["data"] = [_expand(world, member, rest, path) for member in value["data"]]
        return value
    kinds = _EXPANDABLE.get(value.get("object", ""), {})
    if head not in kinds:
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    member = value.get(head)
    loaded = member if isinstance(member, dict) else _loaded(world, kinds[head], value, member)
    value[head] = _expand(world, loaded, rest, path)
    return value


def _loaded(world: World, kind: str, holder: Json, key: str | None) -> Json | None:
    if kind == "line_items":
        kept = world.shelves.get(kind, holder["id"])
        return _short_list(kept["items"] if kept else [], f"/v1/checkout/sessions/{holder['id']}/line_items")
    if kind == "refunds":
        refunds = world.shelves.where("refund", charge=holder["id"])
        return _short_list(refunds[::-1], f"/v1/charges/{holder['id']}/refunds")
    if key is None or kind == _ALWAYS_NULL:
        return None
    sources = ("charge", "refund", "dispute") if kind == _ANY_SOURCE else (kind,)
    return next((found for source in sources if (found := world.shelves.get(source, key))), None)


def _short_list(data: list[Json], url: str) -> Json:
    return {"object": "list", "data": data[:10], "has_more": len(data) > 10, "url": url}
