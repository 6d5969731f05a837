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
    _check_disputable(charge)
    dispute = new_dispute(world, charge, reason=reason, inquiry=inquiry)
    return _open(world, charge, dispute, withdraws=not inquiry)


def return_debit(world: World, charge: Json, *, reason: str = "insufficient_funds") -> Json:
    """The payer's bank returns a direct debit after it was paid: a dispute that is lost as it comes."""
    _check_disputable(charge)
    if charge["payment_method_details"]["type"] != "sepa_debit":
        raise Refused(f"Charge {charge['id']} is no direct debit: only those are returned.")
    dispute = new_dispute(world, charge, reason=reason, inquiry=False)
    dispute |= {"status": "lost", "evidence_details": dispute["evidence_details"] | {"due_by": 0}}
    _open(world, charge, dispute, withdraws=True)
    world.emit("charge.dispute.closed", dispute)
    return dispute


def _check_disputable(charge: Json) -> None:
    nothing_left = charge["amount_refunded"] >= charge["amount"]
    if charge["status"] != "succeeded" or charge["disputed"] or nothing_left:
        raise Refused(f"Charge {charge['id']} cannot be disputed.")


def _open(world: World, charge: Json, dispute: Json, *, withdraws: bool) -> Json:
    world.put(dispute)
    previous = world.change(charge, disputed=True)
    world.emit("charge.updated", charge, previous)
    world.emit("charge.dispute.created", dispute)
    if withdraws:
        _move(world, dispute, amount=-dispute["amount"], fee=_FEE)
        world.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def escalate(world: World, dispute: Json) -> None:
    """The bank goes from asking to taking the money."""
    if dispute["status"] != "warning_needs_response":
        raise Refused(f"The dispute {dispute['id']} is no open inquiry.")
    details = dispute["payment_method_details"]
    card = details["card"] | {"case_type": "chargeback"}
    previous = world.change(
        dispute,
        status="needs_response",
        is_charge_refundable=False,
        payment_method_details=details | {"card": card},
    )
    world.emit("charge.dispute.updated", dispute, previous)
    _move(world, dispute, amount=-dispute["amount"], fee=_FEE)
    world.emit("charge.dispute.funds_withdrawn", dispute)


def answer(world: World, dispute: Json) -> None:
    """The merchant sends evidence; the bank has to decide."""
    waiting = {"needs_response": "under_review", "warning_needs_response": "warning_under_review"}
    if dispute["status"] not in waiting:
        raise Refused(f"The dispute {dispute['id']} needs no response.")
    details = dispute["evidence_details"] | {
        "has_evidence": True,
        "submission_count": 1,
        "submission_method": "manual",
    }
    previous = world.change(dispute, status=waiting[dispute["status"]], evidence_details=details)
    world.emit("charge.dispute.updated", dispute, previous)


def close(world: World, dispute: Json, *, won: bool) -> Json:
    """The bank decides: won brings the money back, lost leaves it with the payer."""
    if dispute["status"] in _CLOSED:
        raise Refused(f"The dispute {dispute['id']} is already closed.")
    inquiry = dispute["status"].startswith("warning_")
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
