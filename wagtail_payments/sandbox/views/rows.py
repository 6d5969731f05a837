"""What the dashboard's tables show."""

import json
from typing import Any

from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.shelves import Shelves

_MOST_ROWS = 200


def payments(shelves: Shelves) -> list[dict[str, Any]]:
    """Each PaymentIntent with its charge, refunds and dispute, newest first."""
    intents = list(shelves.newest_first("payment_intent"))[:_MOST_ROWS]
    return [_payment(shelves, intent) for intent in intents]


def _payment(shelves: Shelves, intent: Json) -> dict[str, Any]:
    charge = shelves.get("charge", intent["latest_charge"] or "")
    refunded = charge["amount_refunded"] if charge else 0
    return {
        "intent": intent,
        "charge": charge,
        "state": _state(intent, refunded),
        "session": next(iter(shelves.where("checkout.session", payment_intent=intent["id"])), None),
        "refunds": shelves.where("refund", payment_intent=intent["id"]),
        "dispute": next(iter(shelves.where("dispute", payment_intent=intent["id"])), None),
        "left": intent["amount"] - refunded if intent["status"] == "succeeded" else 0,
    }


def _state(intent: Json, refunded: int) -> str:
    if not refunded:
        return str(intent["status"])
    return "refunded" if refunded == intent["amount"] else "partly_refunded"


def sessions(shelves: Shelves) -> list[dict[str, Any]]:
    """Each Checkout Session, newest first, and whether a bank still owes its answer."""
    rows = list(shelves.newest_first("checkout.session"))[:_MOST_ROWS]
    return [{"session": session, "waits_for_bank": _waits_for_bank(shelves, session)} for session in rows]


def _waits_for_bank(shelves: Shelves, session: Json) -> bool:
    intent = shelves.get("payment_intent", session["payment_intent"] or "")
    return bool(intent and intent["status"] == "processing")


def customers(shelves: Shelves) -> list[Json]:
    """Customers, newest first."""
    return list(shelves.newest_first("customer"))[:_MOST_ROWS]


def events(shelves: Shelves) -> list[dict[str, Any]]:
    """Events with how far their webhooks got, newest first."""
    rows = list(shelves.newest_first("event"))[:_MOST_ROWS]
    return [{"event": event, "deliveries": shelves.where("delivery", event=event["id"])} for event in rows]


def event(shelves: Shelves, key: str) -> dict[str, Any] | None:
    """One event with its log and its text."""
    found = shelves.get("event", key)
    if found is None:
        return None
    text = json.dumps(found, indent=2, ensure_ascii=False)
    return {"event": found, "deliveries": shelves.where("delivery", event=key), "text": text}
