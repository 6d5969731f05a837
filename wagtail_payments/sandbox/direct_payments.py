"""PaymentIntents that a program makes and confirms by itself, without the hosted page."""

from wagtail_payments.sandbox import paying
from wagtail_payments.sandbox.amounts import check_chargeable, checked_amount, checked_currency
from wagtail_payments.sandbox.errors import Refused, not_played
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.resources import payment_methods
from wagtail_payments.sandbox.resources.lookup import found, referenced
from wagtail_payments.sandbox.shapes.payments import new_intent
from wagtail_payments.sandbox.world import World

_KEPT = (
    "description",
    "metadata",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
)
_PLAYED = frozenset(
    (*_KEPT, "amount", "confirm", "currency", "customer", "expand", "mandate_data", "payment_method", "return_url")
)


def create(world: World, params: Params) -> Json:
    """POST /v1/payment_intents"""
    for name in params:
        if name not in _PLAYED:
            raise not_played(name)
    currency = checked_currency(params["currency"], "currency")
    amount = checked_amount(params["amount"], "amount", least=1)
    check_chargeable(amount, currency, "amount")
    if "customer" in params:
        referenced(world, "customer", params["customer"], "customer")
    methods = ["card", "sepa_debit"] if currency == "eur" else ["card"]
    intent = new_intent(world, amount=amount, currency=currency, methods=methods, customer=params.get("customer"))
    world.put(intent | {name: params[name] for name in _KEPT if name in params})
    kept = found(world, "payment_intent", intent["id"])
    world.emit("payment_intent.created", kept)
    return _confirmed(world, kept, params) if params.get("confirm") == "true" else kept


def confirm(world: World, params: Params, key: str) -> Json:
    """POST /v1/payment_intents/{id}/confirm"""
    intent = found(world, "payment_intent", key, "intent")
    if intent["status"] != "requires_payment_method":
        status = intent["status"]
        raise Refused(f"This PaymentIntent has a status of {status}.", code="payment_intent_unexpected_state")
    return _confirmed(world, intent, params)


def cancel(world: World, params: Params, key: str) -> Json:
    """POST /v1/payment_intents/{id}/cancel"""
    intent = found(world, "payment_intent", key, "intent")
    if intent["status"] in ("succeeded", "processing", "canceled"):
        status = intent["status"]
        text = f"You cannot cancel this PaymentIntent because it has a status of {status}."
        raise Refused(text, code="payment_intent_unexpected_state")
    if world.shelves.where("checkout.session", payment_intent=key):
        raise Refused("This PaymentIntent belongs to a Checkout Session: expire the session instead.")
    reason = params.get("cancellation_reason")
    world.change(intent, status="canceled", canceled_at=world.timestamp(), cancellation_reason=reason)
    world.emit("payment_intent.canceled", intent)
    return intent


def _confirmed(world: World, intent: Json, params: Params) -> Json:
    method_id = params.get("payment_method")
    if not method_id:
        raise Refused("You cannot confirm this PaymentIntent because it's missing a payment method.")
    paying.confirm(world, intent, payment_methods.stored(world, method_id))
    if intent["status"] == "succeeded":
        paying.dispute_if_foretold(world, intent)
    return intent
