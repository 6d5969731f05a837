"""What becomes of a PaymentIntent once the payer has chosen a card or a bank account."""

from wagtail_payments.sandbox.errors import Refused, card_refused
from wagtail_payments.sandbox.instruments import GENERIC_DECLINE, Ending, Instrument
from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.resources import charges, disputes, payment_methods, sessions
from wagtail_payments.sandbox.resources.lookup import found
from wagtail_payments.sandbox.world import World, planned

SETTLE = "paying.settle"


def confirm(world: World, intent: Json, method: Json) -> None:
    """Try to pay: the intent then has succeeded, is processing, or requires_action.

    Raises ``Refused`` with the bank's reason when the payment is declined.
    """
    if payment_methods.instrument_of(world, method["id"]).challenge:
        _ask_for_challenge(world, intent, method)
    else:
        _take(world, intent, method, challenged=False)


def _ask_for_challenge(world: World, intent: Json, method: Json) -> None:
    action = {
        "type": "redirect_to_url",
        "redirect_to_url": {"return_url": None, "url": f"{world.rules.public_url}/challenge"},
    }
    world.change(intent, status="requires_action", next_action=action, payment_method=method["id"])
    world.emit("payment_intent.requires_action", intent)


def answer_challenge(world: World, intent: Json, *, passed: bool) -> None:
    """The payer's bank has asked who they are (3-D Secure); they proved it or not."""
    if intent["status"] != "requires_action":
        raise Refused("This payment is not waiting for a challenge.", code="payment_intent_unexpected_state")
    method = found(world, "payment_method", intent["payment_method"])
    world.change(intent, next_action=None)
    if passed:
        _take(world, intent, method, challenged=True)
        return
    refusal = card_refused(
        "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
        "payment_intent_authentication_failure",
    )
    _mark_failed(world, intent, refusal, method)
    raise refusal


def _take(world: World, intent: Json, method: Json, *, challenged: bool) -> None:
    instrument = payment_methods.instrument_of(world, method["id"])
    if instrument.ending is Ending.DECLINED:
        _decline(world, intent, method, instrument, challenged=challenged)
    elif instrument.kind == "sepa_debit":
        _wait_for_bank(world, intent, method, instrument)
    else:
        charge = charges.make(world, intent, method, instrument, status="succeeded", challenged=challenged)
        _succeed(world, intent, charge)


def _decline(world: World, intent: Json, method: Json, instrument: Instrument, *, challenged: bool) -> None:
    decline = instrument.decline or GENERIC_DECLINE
    charge = charges.make(world, intent, method, instrument, status="failed", challenged=challenged)
    outcome = charge["outcome"] | {"reason": decline.decline_code}
    world.change(charge, failure_code=decline.code, failure_message=decline.message, outcome=outcome)
    world.emit("charge.failed", charge)
    refusal = card_refused(decline.message, decline.code, decline_code=decline.decline_code, charge=charge["id"])
    _mark_failed(world, intent, refusal, method)
    raise refusal


def _mark_failed(world: World, intent: Json, refusal: Refused, method: Json) -> None:
    world.change(
        intent,
        status="requires_payment_method",
        payment_method=None,
        processing=None,
        last_payment_error=refusal.error | {"payment_method": method},
    )
    world.emit("payment_intent.payment_failed", intent)


def _succeed(world: World, intent: Json, charge: Json) -> None:
    world.emit("charge.succeeded", charge)
    world.change(intent, status="succeeded", amount_received=intent["amount"], last_payment_error=None)
    world.emit("payment_intent.succeeded", intent)
    charges.book_soon(world, charge)


def _wait_for_bank(world: World, intent: Json, method: Json, instrument: Instrument) -> None:
    charge = charges.make(world, intent, method, instrument, status="pending", challenged=False)
    world.emit("charge.pending", charge)
    world.change(intent, status="processing", last_payment_error=None)
    world.emit("payment_intent.processing", intent)
    world.plan(world.rules.sepa_delay, SETTLE, intent["id"])


def dispute_if_foretold(world: World, intent: Json) -> None:
    """Some test cards and accounts stand for a payer who disputes at once."""
    charge = found(world, "charge", intent["latest_charge"])
    instrument = payment_methods.instrument_of(world, charge["payment_method"])
    ending = instrument.ending
    if charge["status"] != "succeeded" or ending not in (Ending.DISPUTED, Ending.INQUIRED):
        return
    if instrument.kind == "sepa_debit":
        disputes.return_debit(world, charge, reason="debit_not_authorized")
    else:
        disputes.open_for(world, charge, inquiry=ending is Ending.INQUIRED)


@planned(SETTLE)
def settle(world: World, key: str, details: Json) -> None:
    """The bank's answer to a direct debit, as the account number foretold."""
    intent = found(world, "payment_intent", key)
    if intent["status"] != "processing":
        return
    charge = found(world, "charge", intent["latest_charge"])
    instrument = payment_methods.instrument_of(world, charge["payment_method"])
    settle_as(world, intent, paid=instrument.ending is not Ending.FAILS_LATER)
    dispute_if_foretold(world, intent)


def settle_as(world: World, intent: Json, *, paid: bool) -> None:
    """The bank's answer to a direct debit: paid or not. A debit is answered only once."""
    if intent["status"] != "processing":
        raise Refused("This payment is not waiting for a bank.")
    charge = found(world, "charge", intent["latest_charge"])
    session = sessions.session_of(world, intent["id"])
    if paid:
        world.change(charge, status="succeeded", paid=True)
        _succeed(world, intent, charge)
    else:
        _return_debit(world, intent, charge)
    if session and paid:
        world.change(session, payment_status="paid")
    if session:
        ending = "succeeded" if paid else "failed"
        world.emit(f"checkout.session.async_payment_{ending}", session)


def _return_debit(world: World, intent: Json, charge: Json) -> None:
    message = "The customer's account has insufficient funds to cover this payment."
    world.change(
        charge,
        status="failed",
        paid=False,
        captured=False,
        amount_captured=0,
        failure_code="insufficient_funds",
        failure_message=message,
    )
    world.emit("charge.failed", charge)
    refusal = card_refused(message, "insufficient_funds", charge=charge["id"])
    _mark_failed(world, intent, refusal, found(world, "payment_method", charge["payment_method"]))
