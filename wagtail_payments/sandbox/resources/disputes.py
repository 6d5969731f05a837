"""Disputes: the payer's bank takes the money back, for good or for a while."""

from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.resources.lookup import found, page
from wagtail_payments.sandbox.shapes.money import new_balance_transaction, new_dispute
from wagtail_payments.sandbox.world import World

KIND = "dispute"
_FEE = 2000
_CLOSED = frozenset(("won", "lost", "warning_closed"))


def retrieve(world: World, params: Params, key: str) -> Json:
    """GET /v1/disputes/{id}"""
    return found(world, KIND, key, "dispute")


def list_all(world: World, params: Params) -> Json:
    """GET /v1/disputes"""
    names = ("charge", "payment_intent")
    return page(world, KIND, params, "/v1/disputes", **{name: params.get(name) for name in names})


def accept(world: World, params: Params, key: str) -> Json:
    """POST /v1/disputes/{id}/close: the merchant gives in"""
    return close(world, found(world, KIND, key, "dispute"), won=False)


def open_for(world: World, charge: Json, *, reason: str = "fraudulent", inquiry: bool = False) -> Json:
    """The payer disputes a charge; unless it is an inquiry the money is withdrawn at once."""
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise Refused(f"Charge {charge['id']} cannot be disputed.")
    dispute = world.put(new_dispute(world, charge, reason=reason, inquiry=inquiry))
    previous = world.change(charge, disputed=True)
    world.emit("charge.updated", charge, previous)
    world.emit("charge.dispute.created", dispute)
    if not inquiry:
        _move(world, dispute, amount=-dispute["amount"], fee=_FEE)
        world.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(world: World, dispute: Json, *, won: bool) -> Json:
    """The bank decides: won brings the money back, lost leaves it with the payer."""
    if dispute["status"] in _CLOSED:
        raise Refused(f"The dispute {dispute['id']} is already closed.")
    inquiry = dispute["status"] == "warning_needs_response"
    ending = "warning_closed" if inquiry else "won" if won else "lost"
    previous = world.change(dispute, status=ending, is_charge_refundable=False)
    if ending == "won":
        _move(world, dispute, amount=dispute["amount"], fee=0)
        world.emit("charge.dispute.funds_reinstated", dispute)
    world.emit("charge.dispute.closed", dispute, previous)
    return dispute


def _move(world: World, dispute: Json, *, amount: int, fee: int) -> None:
    entry = new_balance_transaction(
        world,
        kind="adjustment",
        category="dispute" if amount < 0 else "dispute_reversal",
        amount=amount,
        fee=fee,
        source=dispute,
        text=f"Chargeback for {dispute['charge']}",
    )
    world.put(entry)
    world.change(dispute, balance_transactions=[*dispute["balance_transactions"], entry])
