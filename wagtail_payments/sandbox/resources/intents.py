"""PaymentIntents: the try to get one amount, from the first card to the money."""

from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.resources.lookup import found, page, updated_metadata
from wagtail_payments.sandbox.world import World

KIND = "payment_intent"


def retrieve(world: World, params: Params, key: str) -> Json:
    """GET /v1/payment_intents/{id}"""
    return found(world, KIND, key, "intent")


def list_all(world: World, params: Params) -> Json:
    """GET /v1/payment_intents"""
    return page(world, KIND, params, "/v1/payment_intents", customer=params.get("customer"))


def update(world: World, params: Params, key: str) -> Json:
    """POST /v1/payment_intents/{id}: its description and metadata"""
    intent = found(world, KIND, key, "intent")
    description = params.get("description", intent["description"])
    world.change(intent, metadata=updated_metadata(intent, params), description=description)
    return intent
