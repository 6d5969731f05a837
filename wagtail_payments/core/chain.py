"""The keyed hash chain of the books: each entry's seal covers its content and the seal before it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

FIRST_SEAL = "0" * 64


def canonical(content: dict[str, Any]) -> str:
    """Return the canonical JSON text of an entry: integers and strings only, sorted keys."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def seal(key: bytes, previous: str, text: str) -> str:
    """Return the seal (HMAC-SHA256, hexadecimal) of an entry that follows ``previous``."""
    return hmac.new(key, f"{previous}\n{text}".encode(), hashlib.sha256).hexdigest()


def seals_agree(left: str, right: str) -> bool:
    """Compare two seals without telling by the time where they differ."""
    return hmac.compare_digest(left, right)


def head_seal(key: bytes, count: int, head: str) -> str:
    """Return the seal of a chain's end: how many entries it has, and the seal of the last."""
    return hmac.new(key, f"head\n{count}\n{head}".encode(), hashlib.sha256).hexdigest()
