"""Stripe's words and ours: methods, states, languages, currencies, and what its messages are about."""

from __future__ import annotations

import re

from wagtail_payments.core import money
from wagtail_payments.core.notices import Progress, RefundProgress
from wagtail_payments.gateways.model import GatewayRefused

# What we write on Stripe's objects: the number, which the owner searches for, and the key of our attempt.
INVOICE = "invoice"
KEY = "wagtail_payments_key"
REASON = "reason"

# Our codes of methods that Stripe takes; the others (transfer, cheque, cash) never pass through it.
METHODS = frozenset({"card", "sepa_debit", "link", "paypal", "bancontact", "ideal", "klarna"})
# The bank answers days after the customer is done: the money is received when Stripe books it.
ANSWERED_LATER = frozenset(
    {"sepa_debit", "bacs_debit", "us_bank_account", "acss_debit", "au_becs_debit", "nz_bank_account"}
)

BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}

# A session that is complete but unpaid stands as its PaymentIntent stands.
UNPAID: dict[str, Progress] = {
    "processing": Progress.PROCESSING,
    "requires_action": Progress.PROCESSING,  # a voucher that the customer still has to pay
    "requires_capture": Progress.PROCESSING,
    "requires_confirmation": Progress.PROCESSING,
    "requires_payment_method": Progress.FAILED,
    "canceled": Progress.FAILED,
    "succeeded": Progress.SUCCEEDED,
}

REFUNDS: dict[str, RefundProgress] = {
    "pending": RefundProgress.PENDING,
    "requires_action": RefundProgress.PENDING,
    "succeeded": RefundProgress.SUCCEEDED,
    "failed": RefundProgress.FAILED,
    "canceled": RefundProgress.FAILED,
}

# The messages that can change our books, and the kind of object each carries.
SESSION, INTENT, CHARGE, REFUND, DISPUTE = "checkout.session", "payment_intent", "charge", "refund", "dispute"
CONCERNING: dict[str, str] = {
    "checkout.session.completed": SESSION,
    "checkout.session.async_payment_succeeded": SESSION,
    "checkout.session.async_payment_failed": SESSION,
    "checkout.session.expired": SESSION,
    "payment_intent.succeeded": INTENT,
    "charge.updated": CHARGE,
    "charge.refunded": CHARGE,
    "charge.refund.updated": REFUND,
    "charge.dispute.created": DISPUTE,
    "charge.dispute.updated": DISPUTE,
    "charge.dispute.closed": DISPUTE,
    "charge.dispute.funds_withdrawn": DISPUTE,
    "charge.dispute.funds_reinstated": DISPUTE,
    "refund.created": REFUND,
    "refund.updated": REFUND,
    "refund.failed": REFUND,
}

EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,200}")
EVENT_TYPE = re.compile(r"[a-z0-9_.]{1,100}")
ACCOUNT_ID = re.compile(r"acct_[A-Za-z0-9_]{1,90}")
IDS: dict[str, re.Pattern[str]] = {
    SESSION: re.compile(r"cs_[A-Za-z0-9_]{1,200}"),
    INTENT: re.compile(r"pi_[A-Za-z0-9_]{1,200}"),
    CHARGE: re.compile(r"(ch|py)_[A-Za-z0-9_]{1,200}"),
    REFUND: re.compile(r"(re|pyr)_[A-Za-z0-9_]{1,200}"),
    DISPUTE: re.compile(r"(dp|du|pdp)_[A-Za-z0-9_]{1,200}"),
}

LOCALES = frozenset(
    {
        "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hr", "hu", "id",
        "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th",
        "tr", "vi", "zh", "zh-HK", "zh-TW",
    }
)  # fmt: skip

# Stripe counts these in another unit than ISO 4217 does (docs.stripe.com/currencies, special cases): an amount
# of ours would be a hundred times too much or too little there.
COUNTED_OTHERWISE = frozenset({"ISK", "UGX", "MGA"})


def locale(language: str) -> str:
    """Return Stripe's name of a language such as ``fr`` or ``pt-br``; ``auto`` where it has none."""
    main, _, region = language.replace("_", "-").partition("-")
    exact = f"{main.lower()}-{region.upper()}" if region else main.lower()
    return next((name for name in (exact, main.lower()) if name in LOCALES), "auto")


def currency(code: str, amount: int) -> str:
    """Return Stripe's name of a currency; raises ``GatewayRefused`` where the amount can't be charged as it is."""
    if code in COUNTED_OTHERWISE:
        raise GatewayRefused(f"Stripe counts {code} in another unit: this currency can't be paid online.")
    if money.exponent(code) == 3 and amount % 10:
        raise GatewayRefused(f"In {code}, Stripe takes only amounts whose last decimal is 0.")
    return code.lower()


def methods(codes: tuple[str, ...]) -> list[str]:
    """Return what Stripe may offer of our methods, in our order."""
    return [code for code in codes if code in METHODS]


def card(brand: str | None, last4: str | None) -> str:
    """Return how a card is shown: brand and last four digits, never more."""
    name = BRANDS.get(brand or "", (brand or "").title())
    return f"{name} •••• {last4}".strip() if last4 else name
