"""Balance transactions, refunds and disputes: what moves after a charge."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.world import World

_DAYS_TO_ANSWER_A_DISPUTE = 7


def new_balance_transaction(
    world: World, *, kind: str, category: str, amount: int, fee: int, source: Json, text: str | None
) -> Json:
    """One movement on the account's balance; ``amount`` is negative when money leaves."""
    return {
        "id": world.new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": world.timestamp() + int(timedelta(days=2).total_seconds()),
        "balance_type": "payments",
        "created": world.timestamp(),
        "currency": source["currency"],
        "description": text,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": _fee_details(fee, source["currency"]) if fee else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }


def _fee_details(fee: int, currency: str) -> list[Json]:
    words = "Stripe processing fees"
    detail = {"amount": fee, "application": None, "currency": currency}
    return [detail | {"description": words, "type": "stripe_fee"}]


def processing_fee(world: World, amount: int) -> int:
    """What a charge costs the merchant, in minor units, half a unit rounded up."""
    share = (Decimal(amount) * world.rules.fee_rate).quantize(Decimal(1), ROUND_HALF_UP)
    return min(int(share) + world.rules.fee_fixed, amount)


def new_refund(world: World, charge: Json, amount: int, *, status: str, reason: str | None) -> Json:
    """Money on its way back to the payer."""
    kind = charge["payment_method_details"]["type"]
    return {
        "id": world.new_id("pyr" if kind == "sepa_debit" else "re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": world.timestamp(),
        "currency": charge["currency"],
        "destination_details": _destination(kind),
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }


def _destination(kind: str) -> Json:
    if kind == "card":
        return {
            "type": "card",
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
        }
    return {"type": kind}  # Stripe tells no more of a bank debit


_EVIDENCE = """
    access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal
    customer_communication customer_email_address customer_name customer_purchase_ip customer_signature
    duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt
    refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation
    shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number
    uncategorized_file uncategorized_text
"""


def new_dispute(world: World, charge: Json, *, reason: str, inquiry: bool) -> Json:
    """A payer who asks the bank for the money back; an inquiry withdraws nothing yet."""
    due = world.timestamp() + int(timedelta(days=_DAYS_TO_ANSWER_A_DISPUTE).total_seconds())
    return {
        "id": world.new_id("du"),
        "object": "dispute",
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": world.timestamp(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(_EVIDENCE.split()) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": due,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "livemode": world.rules.livemode,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": _disputed_method(charge, inquiry=inquiry),
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


def _disputed_method(charge: Json, *, inquiry: bool) -> Json | None:
    details = charge["payment_method_details"]
    if details["type"] != "card":
        return None
    card = {
        "brand": details["card"]["brand"],
        "case_type": "inquiry" if inquiry else "chargeback",
        "network": details["card"]["network"],
        "network_reason_code": "10.4",
    }
    return {"type": "card", "card": card}
