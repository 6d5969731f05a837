"""Tokens of links: derived from what a link is, stored nowhere, checked in constant time.

A token names its object and proves it with an HMAC over name, purpose and generation. The first of
``LINK_KEYS`` signs; all of them verify, so that a key can be rotated without ending the links it made.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from wagtail_payments import ports
from wagtail_payments.conf import Key, settings
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.links import Link

RETURN_HOURS = 48  # how long the page after paying shows how it went

_PROOF_BYTES = 24  # 192 bits
_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{32})")
_NOBODY = ("", "")


def token_of(link: Link) -> str:
    """Return what opens the document, registration or invoices of a link, as long as the link is of this generation."""
    return f"{link.public_id}.{_proof(settings.LINK_KEYS[0], _claim(link))}"


def url_of(link: Link) -> str:
    """Return the absolute address of a link, on its own site: never on the host name of a request."""
    return _absolute(link.site, reverse("wagtail_payments:link", args=[token_of(link)]))


def read_token(token: str, *, now: datetime | None = None) -> Link | None:
    """Return the link that a token opens now.

    None for malformed, unknown, revoked, expired and renewed alike: one query and one round of proofs each.
    """
    name, proof = _parts(token)
    rows = Link.objects.select_related("document", "registration__event__seller", "payment_request__seller", "site")
    link = rows.filter(public_id=name).first()
    proven = _is_proven(_claim(link or Link()), proof)
    if link is None or not proven or not _is_open(link, now or ports.now()):
        return None
    return link


def attempt_token(attempt: PaymentAttempt) -> str:
    """Return what shows the outcome of a try to pay, and nothing else, for two days."""
    return f"{attempt.idempotency_key}.{_proof(settings.LINK_KEYS[0], _attempt_claim(attempt))}"


def attempt_url(attempt: PaymentAttempt) -> str:
    """Return the absolute address that the provider sends the customer back to."""
    return _absolute(attempt.site, reverse("wagtail_payments:return", args=[attempt_token(attempt)]))


def read_attempt_token(token: str, *, now: datetime) -> PaymentAttempt | None:
    """Return the try to pay whose outcome a token may show now, else None."""
    name, proof = _parts(token)
    rows = PaymentAttempt.objects.select_related("invoice__seller", "invoice__registration__event", "site")
    attempt = rows.filter(idempotency_key=name).first()
    proven = _is_proven(_attempt_claim(attempt or PaymentAttempt()), proof)
    if attempt is None or not proven or now >= attempt.created_at + timedelta(hours=RETURN_HOURS):
        return None
    return attempt


def _absolute(site: Any, path: str) -> str:
    return f"{site.root_url}{path}"


def _parts(token: str) -> tuple[str, str]:
    found = _TOKEN.fullmatch(token)
    return (found[1], found[2]) if found else _NOBODY


def _is_open(link: Link, now: datetime) -> bool:
    return link.revoked_at is None and (link.expires_at is None or link.expires_at > now)


def _claim(link: Link) -> str:
    return f"link:{link.purpose}:{link.generation}:{link.public_id}"


def _attempt_claim(attempt: PaymentAttempt) -> str:
    return f"return:{attempt.idempotency_key}"


def _is_proven(claim: str, proof: str) -> bool:
    """Try every key, whichever fits: the time taken tells nothing."""
    keys: Sequence[Key] = settings.LINK_KEYS
    return sum([hmac.compare_digest(_proof(key, claim), proof) for key in keys]) > 0


def _proof(key: Key, claim: str) -> str:
    digest = hmac.new(key.secret, claim.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_PROOF_BYTES]).decode()
