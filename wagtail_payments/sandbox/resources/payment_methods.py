"""Payment methods made through the API from a test token or an IBAN."""

from wagtail_payments.sandbox.errors import invalid, missing_reference, not_played
from wagtail_payments.sandbox.instruments import (
    Instrument,
    bank_account,
    card_by_number,
    card_by_token,
)
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.resources.lookup import found
from wagtail_payments.sandbox.shapes.payments import new_payment_method
from wagtail_payments.sandbox.world import World

KIND = "payment_method"
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def create(world: World, params: Params) -> Json:
    """POST /v1/payment_methods"""
    instrument = _instrument(params)
    return make(world, instrument, billing_details(params.get("billing_details", {})))


def retrieve(world: World, params: Params, key: str) -> Json:
    """GET /v1/payment_methods/{id}"""
    return found(world, KIND, key, "payment_method")


def make(world: World, instrument: Instrument, details: Json) -> Json:
    """A payment method, with how it will behave remembered beside it."""
    method = world.put(new_payment_method(world, instrument, details))
    world.shelves.put("instrument", {"id": method["id"], **instrument.to_json()})
    return method


def instrument_of(world: World, method_id: str) -> Instrument:
    """How a payment method behaves; also Stripe's ready-made ones, like ``pm_card_visa``."""
    fact = world.shelves.get("instrument", method_id)
    if fact is not None:
        return Instrument.from_json({key: value for key, value in fact.items() if key != "id"})
    card = card_by_token(method_id)
    if card is None:
        raise missing_reference("PaymentMethod", method_id, "payment_method")
    return card


def stored(world: World, method_id: str) -> Json:
    """The method with this id; one of Stripe's ready-made ones is first made."""
    kept = world.shelves.get(KIND, method_id)
    return kept or make(world, instrument_of(world, method_id), billing_details({}))


def billing_details(asked: Params) -> Json:
    """Billing details complete with what was not given."""
    address = {name: asked.get("address", {}).get(name) for name in _ADDRESS}
    plain = {name: asked.get(name) for name in ("email", "name", "phone", "tax_id")}
    return {"address": address, **plain}


def _instrument(params: Params) -> Instrument:
    kind = params.get("type")
    if kind == "sepa_debit":
        return bank_account(params.get("sepa_debit", {}).get("iban", ""))
    if kind != "card":
        raise not_played(f"type={kind}")
    card = params.get("card", {})
    if "token" not in card:
        return card_by_number(card.get("number", ""))
    found_card = card_by_token(card["token"])
    if found_card is None:
        raise invalid(f"No such token: '{card['token']}'", "card[token]", "resource_missing")
    return found_card
