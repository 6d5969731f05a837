"""Finding one object, or a page of a list, as Stripe answers."""

from collections.abc import Callable

from wagtail_payments.sandbox.errors import Refused, invalid, missing_object, missing_reference
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.world import World

_DEFAULT_LIMIT = 10
_LARGEST_LIMIT = 100
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


def found(world: World, kind: str, key: str, param: str = "id") -> Json:
    """The object a path names; refuses an unknown one with 404."""
    value = world.shelves.get(kind, key)
    if value is None:
        raise missing_object(kind, key, param)
    return value


def referenced(world: World, kind: str, key: str, param: str) -> Json:
    """The object a parameter names; refuses an unknown one with 400."""
    value = world.shelves.get(kind, key)
    if value is None:
        raise missing_reference(kind, key, param)
    return value


def page(world: World, kind: str, params: Params, url: str, **equal: str | None) -> Json:
    """One page of a kind, newest first; ``equal`` names fields and the values asked for."""
    wanted = {name: value for name, value in equal.items() if value is not None}
    matching = [
        value
        for value in world.shelves.newest_first(kind)
        if all(value.get(name) == text for name, text in wanted.items())
        and created_within(value["created"], params.get("created"))
    ]
    return page_of(matching, params, url)


def page_of(values: list[Json], params: Params, url: str) -> Json:
    """The part of a list that ``limit``, ``starting_after`` and ``ending_before`` ask for."""
    limit = _limit(params)
    if "ending_before" in params:
        before = values[: _position(values, params["ending_before"], "ending_before")]
        return _list(before[-limit:], url, has_more=len(before) > limit)
    if "starting_after" in params:
        values = values[_position(values, params["starting_after"], "starting_after") + 1 :]
    return _list(values[:limit], url, has_more=len(values) > limit)


def _list(data: list[Json], url: str, *, has_more: bool) -> Json:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _limit(params: Params) -> int:
    limit = int(params.get("limit", _DEFAULT_LIMIT))
    if 1 <= limit <= _LARGEST_LIMIT:
        return limit
    raise invalid(f"This value must be between 1 and {_LARGEST_LIMIT}.", "limit", "parameter_invalid_integer")


def _position(values: list[Json], key: str, param: str) -> int:
    for position, value in enumerate(values):
        if value["id"] == key:
            return position
    raise Refused(f"No such object: '{key}'", code="resource_missing", param=param)


def created_within(created: int, wanted: object) -> bool:
    """Whether a time fits the ``created`` filter: one second, or a range of them."""
    if wanted is None:
        return True
    if isinstance(wanted, dict):
        return all(_COMPARISONS[name](created, int(limit)) for name, limit in wanted.items())
    return created == int(str(wanted))


def updated_metadata(value: Json, params: Params) -> Json:
    """Metadata after an update: keys are merged, an empty value removes its key."""
    asked = params.get("metadata")
    if asked is None:
        return dict(value["metadata"])
    if asked == "":
        return {}
    merged = value["metadata"] | asked
    return {key: text for key, text in merged.items() if text != ""}
