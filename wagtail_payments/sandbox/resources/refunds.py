"""Refunds: never more than was paid and not yet given back."""

from wagtail_payments.sandbox.amounts import checked_amount, shown
from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.resources.lookup import (
    found,
    page,
    referenced,
    updated_metadata,
)
from wagtail_payments.sandbox.rules import RefundEnding
from wagtail_payments.sandbox.shapes.money import new_balance_transaction, new_refund
from wagtail_payments.sandbox.world import World, planned

KIND = "refund"


def create(world: World, params: Params) -> Json:
    """POST /v1/refunds"""
    charge = _charge_to_refund(world, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = left
    if "amount" in params:
        amount = checked_amount(params["amount"], "amount", least=1)
    _check_refundable(charge, amount, left)
    return _refund(world, charge, amount, params)


def retrieve(world: World, params: Params, key: str) -> Json:
    """GET /v1/refunds/{id}"""
    return found(world, KIND, key, "refund")


def list_all(world: World, params: Params) -> Json:
    """GET /v1/refunds"""
    names = ("charge", "payment_intent")
    return page(world, KIND, params, "/v1/refunds", **{name: params.get(name) for name in names})


def update(world: World, params: Params, key: str) -> Json:
    """POST /v1/refunds/{id}: its metadata"""
    refund = found(world, KIND, key, "refund")
    world.change(refund, metadata=updated_metadata(refund, params))
    return refund


def _charge_to_refund(world: World, params: Params) -> Json:
    if ("charge" in params) == ("payment_intent" in params):
        raise Refused(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
            param="payment_intent",
            executed=False,
        )
    if "charge" in params:
        return referenced(world, "charge", params["charge"], "charge")
    intent = referenced(world, "payment_intent", params["payment_intent"], "payment_intent")
    charge = world.shelves.get("charge", intent["latest_charge"] or "")
    if intent["status"] != "succeeded" or charge is None:
        raise Refused(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return charge


def _check_refundable(charge: Json, amount: int, left: int) -> None:
    key = charge["id"]
    if charge["status"] != "succeeded":
        raise Refused(f"Charge {key} has not succeeded; cannot issue a refund.", param="charge")
    if charge["disputed"]:
        raise Refused(f"Charge {key} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise Refused(f"Charge {key} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        currency = charge["currency"]
        raise Refused(
            f"Refund amount ({shown(amount, currency)}) is greater than unrefunded amount on charge "
            f"({shown(left, currency)})",
            param="amount",
        )


def _refund(world: World, charge: Json, amount: int, params: Params) -> Json:
    ending = world.rules.refund_ending
    status = "succeeded" if ending is RefundEnding.SUCCEEDED else "pending"
    refund = new_refund(world, charge, amount, status=status, reason=params.get("reason"))
    refund["metadata"] = dict(params.get("metadata", {}))
    world.put(refund)
    _book(world, refund)
    previous = _change_refunded(world, charge, amount)
    world.emit("charge.refunded", charge, previous)
    world.emit("refund.created", refund)
    if ending is not RefundEnding.SUCCEEDED:
        world.plan(world.rules.refund_delay, "refunds.finish", refund["id"], ending=ending.value)
    return refund


def _change_refunded(world: World, charge: Json, by: int) -> Json:
    refunded = charge["amount_refunded"] + by
    return world.change(charge, amount_refunded=refunded, refunded=refunded == charge["amount"])


def _book(world: World, refund: Json) -> None:
    entry = new_balance_transaction(
        world,
        kind="payment_refund" if refund["id"].startswith("pyr_") else "refund",
        category="refund",
        amount=-refund["amount"],
        fee=0,
        source=refund,
        text="REFUND",
    )
    world.change(refund, balance_transaction=world.put(entry)["id"])


@planned("refunds.finish")
def finish(world: World, key: str, details: Json) -> None:
    """A pending refund arrives at the payer's bank, or is sent back by it."""
    refund = found(world, KIND, key)
    if refund["status"] != "pending":
        return
    if details["ending"] == RefundEnding.FAILED:
        fail(world, refund)
    else:
        previous = world.change(refund, status="succeeded")
        world.emit("refund.updated", refund, previous)
        world.emit("charge.refund.updated", refund, previous)


def fail(world: World, refund: Json) -> None:
    """The bank sends the money back: it stands on the merchant's balance again."""
    entry = new_balance_transaction(
        world,
        kind="refund_failure",
        category="refund_failure",
        amount=refund["amount"],
        fee=0,
        source=refund,
        text="REFUND FAILURE",
    )
    previous = world.change(
        refund,
        status="failed",
        failure_reason="lost_or_stolen_card",
        failure_balance_transaction=world.put(entry)["id"],
    )
    charge = found(world, "charge", refund["charge"])
    before = _change_refunded(world, charge, -refund["amount"])
    world.emit("charge.updated", charge, before)
    world.emit("refund.updated", refund, previous)
    world.emit("charge.refund.updated", refund, previous)
    world.emit("refund.failed", refund)
