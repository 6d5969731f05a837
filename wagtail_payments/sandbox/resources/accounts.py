"""The merchant's own account."""

from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.resources.lookup import found
from wagtail_payments.sandbox.world import World

_PROFILE = (
    "annual_revenue", "estimated_worker_count", "mcc", "minority_owned_business_designation",
    "product_description", "support_address", "support_email", "support_phone", "support_url", "url",
)  # fmt: skip


def retrieve_current(world: World, params: Params) -> Json:
    """GET /v1/account"""
    kept = world.shelves.all("account")
    return kept[0] if kept else world.put(_account(world))


def retrieve(world: World, params: Params, key: str) -> Json:
    """GET /v1/accounts/{id}: there is only one"""
    retrieve_current(world, params)
    return found(world, "account", key, "account")


def _account(world: World) -> Json:
    rules = world.rules
    return {
        "id": world.new_id("acct"),
        "object": "account",
        "business_profile": dict.fromkeys(_PROFILE) | {"name": rules.merchant},
        "business_type": "company",
        "capabilities": {
            "card_payments": "active",
            "sepa_debit_payments": "active",
            "transfers": "active",
        },
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": rules.country,
        "created": world.timestamp(),
        "default_currency": rules.default_currency,
        "details_submitted": True,
        "email": rules.email,
        "metadata": {},
        "payouts_enabled": True,
        "settings": _settings(rules.merchant),
        "type": "standard",
    }


def _settings(merchant: str) -> Json:
    """The part of the settings that a shop reads: the names it is known by."""
    descriptors = ("statement_descriptor", "statement_descriptor_kana", "statement_descriptor_kanji")
    prefixes = ("statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji")
    empty = dict.fromkeys((*descriptors, *prefixes))
    return {
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
        "card_payments": {"statement_descriptor_prefix": None, **dict.fromkeys(prefixes)},
        "dashboard": {"display_name": merchant, "timezone": "Europe/Paris"},
        "payments": empty | {"statement_descriptor": merchant.upper()[:22]},
    }
