"""Charges: each single try to take money from a card or a bank account."""

from wagtail_payments.sandbox.instruments import Instrument
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.resources.lookup import found, page, updated_metadata
from wagtail_payments.sandbox.shapes.money import new_balance_transaction, processing_fee
from wagtail_payments.sandbox.shapes.payments import (
    bank_account_details,
    card_details,
    new_charge,
)
from wagtail_payments.sandbox.world import World, planned

KIND = "charge"


def retrieve(world: World, params: Params, key: str) -> Json:
    """GET /v1/charges/{id}"""
    return found(world, KIND, key, "charge")


def list_all(world: World, params: Params) -> Json:
    """GET /v1/charges"""
    names = ("payment_intent", "customer")
    return page(world, KIND, params, "/v1/charges", **{name: params.get(name) for name in names})


def update(world: World, params: Params, key: str) -> Json:
    """POST /v1/charges/{id}: its description and metadata"""
    charge = found(world, KIND, key, "charge")
    description = params.get("description", charge["description"])
    world.change(charge, metadata=updated_metadata(charge, params), description=description)
    return charge


def retrieve_balance_transaction(world: World, params: Params, key: str) -> Json:
    """GET /v1/balance_transactions/{id}"""
    return found(world, "balance_transaction", key)


def list_balance_transactions(world: World, params: Params) -> Json:
    """GET /v1/balance_transactions"""
    wanted = {name: params.get(name) for name in ("source", "type", "currency")}
    return page(world, "balance_transaction", params, "/v1/balance_transactions", **wanted)


def make(world: World, intent: Json, method: Json, instrument: Instrument, *, status: str, challenged: bool) -> Json:
    """A new charge of an intent, kept as its latest."""
    if instrument.kind == "sepa_debit":
        details = bank_account_details(world, instrument)
    else:
        details = card_details(world, intent, instrument, challenged=challenged)
    charge = world.put(new_charge(world, intent, method, details, status=status))
    world.change(intent, latest_charge=charge["id"], payment_method=method["id"])
    return charge


def book_soon(world: World, charge: Json) -> None:
    """Enter a charge into the balance, after the delay that real bookings have."""
    if world.rules.booking_delay:
        world.plan(world.rules.booking_delay, "charges.book", charge["id"])
    else:
        book(world, charge["id"], {})


@planned("charges.book")
def book(world: World, key: str, details: Json) -> None:
    """The charge's balance transaction, with the fee; the charge is told of it."""
    charge = found(world, KIND, key)
    kind = charge["payment_method_details"]["type"]
    entry = world.put(
        new_balance_transaction(
            world,
            kind="payment" if kind == "sepa_debit" else "charge",
            category="charge",
            amount=charge["amount"],
            fee=processing_fee(world, charge["amount"]),
            source=charge,
            text=charge["description"],
        )
    )
    previous = world.change(charge, balance_transaction=entry["id"])
    world.emit("charge.updated", charge, previous)
