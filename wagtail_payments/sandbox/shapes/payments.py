"""PaymentIntents, their charges, and the payment methods they are paid with."""

from wagtail_payments.sandbox.instruments import Instrument
from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.world import World

_EMPTY_INTENT = (
    "application", "application_fee_amount", "canceled_at", "cancellation_reason", "customer",
    "customer_account", "description", "excluded_payment_method_types", "last_payment_error",
    "latest_charge", "next_action", "on_behalf_of", "payment_method",
    "payment_method_configuration_details", "processing", "receipt_email", "review",
    "setup_future_usage", "shipping", "source", "statement_descriptor", "statement_descriptor_suffix",
    "transfer_data", "transfer_group",
)  # fmt: skip
_EMPTY_CHARGE = (
    "application", "application_fee", "application_fee_amount", "balance_transaction",
    "failure_balance_transaction", "failure_code", "failure_message", "on_behalf_of",
    "receipt_number", "review", "source", "source_transfer", "transfer_data",
    "transfer_group",
)  # fmt: skip
_EXPIRY_YEARS_AHEAD = 4


def new_intent(world: World, *, amount: int, currency: str, methods: list[str], customer: str | None) -> Json:
    """A PaymentIntent that waits for a payment method."""
    key = world.new_id("pi")
    return dict.fromkeys(_EMPTY_INTENT) | {
        "id": key,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": None,
        "capture_method": "automatic_async",
        "client_secret": f"{key}_secret_{world.ids('s')}",
        "confirmation_method": "automatic",
        "created": world.timestamp(),
        "currency": currency,
        "customer": customer,
        "livemode": world.rules.livemode,
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": list(methods),
        "status": "requires_payment_method",
    }


def new_charge(world: World, intent: Json, method: Json, details: Json, *, status: str) -> Json:
    """One try to take the money of an intent; ``status`` succeeded, pending or failed."""
    key = world.new_id("py" if method["type"] == "sepa_debit" else "ch")
    failed = status == "failed"
    copied = ("amount", "currency", "customer", "description", "receipt_email", "shipping", "statement_descriptor")
    return (
        dict.fromkeys(_EMPTY_CHARGE)
        | {name: intent[name] for name in copied}
        | {
            "id": key,
            "object": "charge",
            "amount_captured": 0 if failed else intent["amount"],
            "amount_refunded": 0,
            "billing_details": method["billing_details"],
            "calculated_statement_descriptor": world.rules.merchant.upper()[:22],
            "captured": not failed,
            "created": world.timestamp(),
            "disputed": False,
            "fraud_details": {},
            "livemode": world.rules.livemode,
            "metadata": dict(intent["metadata"]),
            "outcome": _outcome(failed=failed),
            "paid": status == "succeeded",
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": {"type": method["type"], method["type"]: details},
            "receipt_url": f"{world.rules.public_url}/receipts/{key}",
            "refunded": False,
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": status,
        }
    )


def _outcome(*, failed: bool) -> Json:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": "05" if failed else None,
        "network_status": "declined_by_network" if failed else "approved_by_network",
        "reason": "generic_decline" if failed else None,
        "risk_level": "normal",
        "seller_message": "The bank declined the payment." if failed else "Payment complete.",
        "type": "issuer_declined" if failed else "authorized",
    }


def new_payment_method(world: World, instrument: Instrument, billing_details: Json) -> Json:
    """The card or bank account of a payment."""
    make = _sepa_debit if instrument.kind == "sepa_debit" else _card
    return {
        "id": world.new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing_details,
        instrument.kind: make(world, instrument),
        "created": world.timestamp(),
        "customer": None,
        "customer_account": None,
        "livemode": world.rules.livemode,
        "metadata": {},
        "type": instrument.kind,
    }


def _card(world: World, instrument: Instrument) -> Json:
    return _plastic(world, instrument) | {
        "display_brand": instrument.brand,
        "generated_from": None,
        "networks": {"available": [instrument.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
    }


def _plastic(world: World, instrument: Instrument) -> Json:
    """What a card says about itself in a method and in a charge."""
    checks = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}
    return {
        "brand": instrument.brand,
        "checks": checks,
        "country": world.rules.country,
        "exp_month": 12,
        "exp_year": world.now().year + _EXPIRY_YEARS_AHEAD,
        "fingerprint": f"card{instrument.last4}",
        "funding": "credit",
        "last4": instrument.last4,
        "regulated_status": "unregulated",
        "wallet": None,
    }


def _sepa_debit(world: World, instrument: Instrument) -> Json:
    return {
        "bank_code": "19043",
        "branch_code": "",
        "country": world.rules.country,
        "fingerprint": f"iban{instrument.last4}",
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": instrument.last4,
    }


def card_details(world: World, intent: Json, instrument: Instrument, *, challenged: bool) -> Json:
    """How a charge describes the card."""
    return _plastic(world, instrument) | {
        "amount_authorized": intent["amount"],
        "authorization_code": None,
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": instrument.brand,
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "three_d_secure": _authenticated() if challenged else None,
    }


def _authenticated() -> Json:
    empty = ("electronic_commerce_indicator", "exemption_indicator", "result_reason", "transaction_id")
    return dict.fromkeys(empty) | {
        "authentication_flow": "challenge",
        "result": "authenticated",
        "version": "2.2.0",
    }


def bank_account_details(world: World, instrument: Instrument) -> Json:
    """How a charge describes the bank account."""
    shown = _sepa_debit(world, instrument)
    del shown["generated_from"]
    return shown | {"expected_debit_date": None, "mandate": world.new_id("mandate")}
