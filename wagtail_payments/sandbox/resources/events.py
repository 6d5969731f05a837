"""Events: what happened in the last thirty days."""

from datetime import timedelta
from fnmatch import fnmatchcase

from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.limits import check_only_one
from wagtail_payments.sandbox.resources.lookup import created_within, found, page_of
from wagtail_payments.sandbox.world import World

KIND = "event"
_KEPT = timedelta(days=30)


def retrieve(world: World, params: Params, key: str) -> Json:
    """GET /v1/events/{id}"""
    return found(world, KIND, key)


def list_all(world: World, params: Params) -> Json:
    """GET /v1/events"""
    check_only_one(params, "type", "types")
    wanted = params.get("types") or [params.get("type", "*")]
    young = world.timestamp() - int(_KEPT.total_seconds())
    matching = [
        event
        for event in world.shelves.newest_first(KIND)
        if event["created"] >= young
        and created_within(event["created"], params.get("created"))
        and any(fnmatchcase(event["type"], pattern) for pattern in wanted)
        and _delivered_as_asked(world, event, params.get("delivery_success"))
    ]
    return page_of(matching, params, "/v1/events")


def _delivered_as_asked(world: World, event: Json, wanted: str | None) -> bool:
    """Whether all webhooks of an event got through, compared with what was asked for."""
    if wanted is None:
        return True
    deliveries = world.shelves.where("delivery", event=event["id"])
    delivered = all(delivery["state"] == "delivered" for delivery in deliveries)
    return delivered is (wanted == "true")
