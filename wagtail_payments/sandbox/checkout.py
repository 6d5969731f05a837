"""What the payer does on the hosted page: pay, pass a challenge, be declined, pay by debit."""

from dataclasses import dataclass

from wagtail_payments.sandbox import paying
from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.instruments import Ending, Instrument
from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.resources import customers, payment_methods, sessions
from wagtail_payments.sandbox.resources.lookup import found
from wagtail_payments.sandbox.shapes.payments import new_intent
from wagtail_payments.sandbox.shapes.sessions import customer_details
from wagtail_payments.sandbox.world import World

_PAYMENT_STATUS = {"succeeded": "paid", "processing": "unpaid"}


@dataclass(frozen=True, slots=True)
class Payer:
    """Who stands before the hosted page, as they type it."""

    email: str = "payer@example.com"
    name: str = "Jenny Rosen"


def open_session(world: World, key: str) -> Json:
    """The session a payer opens; refuses one that is paid or over."""
    session = found(world, sessions.KIND, key, "session")
    if session["status"] == "open":
        return session
    if session["status"] == "expired":
        raise Refused("This Checkout Session has expired.", code="checkout_session_expired")
    raise Refused("This Checkout Session has already been completed.", code="checkout_session_complete")


def confirm(world: World, key: str, instrument: Instrument, payer: Payer | None = None) -> Json:
    """Pay a session. Answers the PaymentIntent: succeeded, processing or requires_action.

    Raises ``Refused`` with the bank's reason when the payment is declined; the session
    then stays open for another try.
    """
    session = open_session(world, key)
    _check_offered(session, instrument)
    who = _payer(world, session, payer or Payer())
    details = payment_methods.billing_details({"email": who.email, "name": who.name})
    return confirm_with(world, session, payment_methods.make(world, instrument, details))


def confirm_with(world: World, session: Json, method: Json) -> Json:
    """Pay a session with a payment method that exists."""
    instrument = payment_methods.instrument_of(world, method["id"])
    _check_offered(session, instrument)
    intent = _intent(world, session)
    if instrument.ending is not Ending.DECLINED:
        _file_under_customer(world, session, intent, method)
    paying.confirm(world, intent, method)
    return _completed(world, session, intent)


def answer_challenge(world: World, key: str, *, passed: bool) -> Json:
    """The payer's bank has asked who they are (3-D Secure); they proved it or not."""
    session = open_session(world, key)
    intent = found(world, "payment_intent", session["payment_intent"] or "")
    paying.answer_challenge(world, intent, passed=passed)
    return _completed(world, session, intent)


def _check_offered(session: Json, instrument: Instrument) -> None:
    if instrument.kind not in session["payment_method_types"]:
        raise Refused(f"The payment method type {instrument.kind} is not offered in this session.")


def _payer(world: World, session: Json, payer: Payer) -> Payer:
    """Who pays, with the address the shop already gave."""
    known = session["customer_details"] or {}
    customer = world.shelves.get("customer", session["customer"] or "") or {}
    return Payer(known.get("email") or payer.email, customer.get("name") or payer.name)


def _intent(world: World, session: Json) -> Json:
    """The session's intent; the first confirmation makes it."""
    if session["payment_intent"]:
        return found(world, "payment_intent", session["payment_intent"])
    intent = new_intent(
        world,
        amount=session["amount_total"],
        currency=session["currency"],
        methods=session["payment_method_types"],
        customer=session["customer"],
    )
    wishes = world.shelves.get("intent_wishes", session["id"]) or {}
    intent |= {name: value for name, value in wishes.items() if name != "id"}
    world.put(intent)
    world.change(session, payment_intent=intent["id"])
    world.emit("payment_intent.created", intent)
    return intent


def _file_under_customer(world: World, session: Json, intent: Json, method: Json) -> None:
    if session["customer_creation"] == "always" and not session["customer"]:
        details = method["billing_details"]
        customer = customers.create(world, {"email": details["email"] or "", "name": details["name"] or ""})
        world.change(session, customer=customer["id"])
    if session["customer"]:
        world.change(intent, customer=session["customer"])
    if session["customer"] and intent["setup_future_usage"]:
        world.change(method, customer=session["customer"])


def _completed(world: World, session: Json, intent: Json) -> Json:
    """The session after a confirmation: complete, unless the payer's bank asks first."""
    if intent["status"] not in _PAYMENT_STATUS:
        return intent
    who = found(world, "payment_method", intent["payment_method"])["billing_details"]
    world.change(
        session,
        status="complete",
        payment_status=_PAYMENT_STATUS[intent["status"]],
        url=None,
        customer_details=customer_details(email=who["email"], name=who["name"], country=world.rules.country),
    )
    world.emit("checkout.session.completed", session)
    paying.dispute_if_foretold(world, intent)
    return intent
