"""Our guard around Stripe's messages: what is refused before and after the SDK has checked the signature.

The SDK answers some inputs with errors that no handler expects, and takes in others that are of no use:
timestamps of next year, JSON that is no object, ids with NUL in them. None of that gets past here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wagtail_payments.core.notices import Message
from wagtail_payments.gateways import strict_json
from wagtail_payments.gateways import stripe_words as words
from wagtail_payments.gateways.model import MessageRefused
from wagtail_payments.gateways.strict_json import NotUnderstood
from wagtail_payments.gateways.stripe_states import Source, moment

HEADER = "Stripe-Signature"
LONGEST_HEADER = 2048
YEAR_9999 = 253_370_764_800

# (body, header, secret) -> is the signature right?
Verifier = Callable[[str, str, str], bool]

_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest body in bytes, and how many seconds the signed time may be away from now, either way."""

    most_bytes: int
    tolerance: int


def check(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime, limits: Limits) -> str:
    """Refuse what need not be verified at all; return the signature header. Raises ``MessageRefused``."""
    if not secrets:
        raise MessageRefused(503, "no webhook secret is configured")
    if len(body) > limits.most_bytes:
        raise MessageRefused(413, "too large")
    header = headers.get(HEADER) or ""
    if not header or not header.isascii() or len(header) > LONGEST_HEADER:
        raise MessageRefused(400, "the signature is missing or malformed")
    if abs(int(now.timestamp()) - _signed_at(header)) > limits.tolerance:
        raise MessageRefused(400, "signed too long ago, or in the future")
    return header


def _signed_at(header: str) -> int:
    """Exactly one time: with two, we and the SDK might look at different ones."""
    pairs = [item.partition("=") for item in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]):
        raise MessageRefused(400, "the signature is missing or malformed")
    return int(times[0])


def verified(body: bytes, header: str, secrets: Sequence[str], is_signed: Verifier) -> str:
    """Return the body as text if one of the secrets signed it; raises ``MessageRefused``."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise MessageRefused(400, "not UTF-8") from error
    if not any(is_signed(text, header, secret) for secret in secrets):
        raise MessageRefused(400, "the signature does not fit")
    return text


def understood(body: str, source: Source) -> Message:
    """Read a verified message; raises ``MessageRefused`` where it is not what Stripe sends."""
    try:
        return _message(strict_json.read_object(body), source)
    except NotUnderstood as error:
        raise MessageRefused(400, str(error)) from error


def _message(event: Mapping[str, Any], source: Source) -> Message:
    if event.get("object") != "event":
        raise NotUnderstood("no event")
    kind = strict_json.text(event, "type", words.EVENT_TYPE)
    about = strict_json.part(strict_json.part(event, "data"), "object")
    found = _about(words.CONCERNING[kind], about) if kind in words.CONCERNING else {}
    return Message(
        gateway=source.gateway,
        account=_account(event, source),
        id=strict_json.text(event, "id", words.EVENT_ID),
        type=kind,
        live=strict_json.flag(event, "livemode"),
        created_at=moment(strict_json.number(event, "created", below=YEAR_9999)),
        **found,
    )


def _account(event: Mapping[str, Any], source: Source) -> str:
    """A message about somebody else's account names that account; one about our own names none."""
    if event.get("account") is None:
        return source.account
    return strict_json.text(event, "account", words.ACCOUNT_ID)


def _about(kind: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """The ids of the object, and what the message says about it."""
    if about.get("object") != kind:
        raise NotUnderstood(f"the object is no {kind}")
    own_id = strict_json.text(about, "id", words.IDS[kind])
    said = _said(about, "amount_total" if kind == words.SESSION else "amount", kind)
    if kind == words.SESSION:
        return {"session_id": own_id, "our_key": _key(about), **said}
    dispute_id = {"dispute_id": own_id} if kind == words.DISPUTE else {}
    return {"payment_id": own_id if kind == words.INTENT else _intent(about), **dispute_id, **said}


def _said(about: Mapping[str, Any], name: str, kind: str) -> dict[str, Any]:
    """A refund's amount, and a dispute's, is its own, not the payment's: it is read back, not compared."""
    if kind in (words.REFUND, words.DISPUTE):
        return {}
    code = about.get("currency")
    if about.get(name) is None or not isinstance(code, str):
        return {}
    return {"amount": strict_json.number(about, name, below=2**53), "currency": code.upper()[:3]}


def _key(about: Mapping[str, Any]) -> str:
    metadata = about.get("metadata")
    value = metadata.get(words.KEY) if isinstance(metadata, dict) else None
    return value if isinstance(value, str) and value.isascii() and value.isprintable() else ""


def _intent(about: Mapping[str, Any]) -> str:
    """A charge or refund without a PaymentIntent was not made through us."""
    return strict_json.text(about, "payment_intent", words.IDS[words.INTENT]) if about.get("payment_intent") else ""
