"""One-time codes: derived from their row with our key, put into the letter at delivery, and stored nowhere."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC

from wagtail_payments.conf import settings
from wagtail_payments.core.evidence import code_digest
from wagtail_payments.records.agreements import SigningCode
from wagtail_payments.records.letters import Letter

KIND = "signing_code"
PLACE = "{{ code }}"
DIGITS = 6


def code_of(row: SigningCode) -> str:
    """Return the six digits of a code that was asked for."""
    at = row.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    claim = f"signing_code:{row.pk}:{row.quote_id}:{row.email}:{at}"
    proof = hmac.new(settings.LINK_KEYS[0].secret, claim.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(proof[:8]) % 10**DIGITS:0{DIGITS}}"


def digest_of(row: SigningCode, code: str) -> str:
    """Return what is kept of the code."""
    return code_digest(settings.LINK_KEYS[0].secret, _subject(row), code)


def is_right(row: SigningCode, typed: str) -> bool:
    """Is it the code that was sent? Asked with every key, so that one can be rotated meanwhile."""
    code = "".join(char for char in typed if char.isdigit())
    proofs = [code_digest(key.secret, _subject(row), code) for key in settings.LINK_KEYS]
    return any(hmac.compare_digest(row.digest, proof) for proof in proofs)


def once_of(row: SigningCode) -> str:
    """Name the occasion of the letter that brings the code."""
    return f"{KIND}:{row.pk}"


def put_in(letter: Letter, text: str) -> str:
    """Put the code into the text of the letter that brings it; every other letter stays as it is."""
    if letter.kind != KIND or PLACE not in text:
        return text
    row = SigningCode.objects.filter(pk=(letter.written_once or "").rpartition(":")[2] or 0).first()
    return text.replace(PLACE, code_of(row) if row else "")


def _subject(row: SigningCode) -> str:
    return f"{row.pk}:{row.quote_id}:{row.email}"
