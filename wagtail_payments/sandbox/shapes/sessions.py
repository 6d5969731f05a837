"""Checkout Sessions and their line items."""

from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.world import World

# Fields Stripe always answers and that nothing here fills.
_EMPTY = (
    "after_expiration", "allow_promotion_codes", "billing_address_collection", "client_secret",
    "collected_information", "consent", "consent_collection", "currency_conversion", "customer_account",
    "integration_identifier", "invoice", "managed_payments", "origin_context", "payment_link",
    "payment_method_configuration_details", "permissions", "recovered_from", "return_url",
    "saved_payment_method_options", "setup_intent", "shipping_address_collection", "shipping_cost",
    "submit_type", "subscription",
)  # fmt: skip
_CUSTOM_TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")


def new_session(world: World, key: str, *, amount: int, currency: str, expires_at: int) -> Json:
    """An open session for a payment; its creator fills in what was asked for."""
    return dict.fromkeys(_EMPTY) | {
        "id": key,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "allowed_payment_method_types": None,
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": None,
        "client_reference_id": None,
        "created": world.timestamp(),
        "currency": currency,
        "custom_fields": [],
        "custom_text": dict.fromkeys(_CUSTOM_TEXTS),
        "customer": None,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": None,
        "discounts": [],
        "excluded_payment_method_types": None,
        "expires_at": expires_at,
        "invoice_creation": {"enabled": False, "invoice_data": _no_invoice()},
        "livemode": world.rules.livemode,
        "locale": None,
        "metadata": {},
        "mode": "payment",
        "payment_intent": None,
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": [],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "success_url": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{world.rules.public_url}/pay/{key}",
        "wallet_options": None,
    }


def _no_invoice() -> Json:
    names = ("account_tax_ids", "custom_fields", "description", "footer", "issuer", "rendering_options")
    return dict.fromkeys(names) | {"metadata": {}}


def new_line_item(world: World, price: Json, description: str, quantity: int) -> Json:
    """One line of a session: a price so many times."""
    amount = price["unit_amount"] * quantity
    return {
        "id": world.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": description,
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def customer_details(*, email: str | None, name: str | None = None, country: str | None = None) -> Json:
    """Who pays, as far as the session knows."""
    address = {
        "city": None,
        "country": country,
        "line1": None,
        "line2": None,
        "postal_code": None,
        "state": None,
    }
    return {
        "address": address if name else None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [] if name else None,
    }
