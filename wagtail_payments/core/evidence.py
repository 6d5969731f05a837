"""The evidence of an agreement: steps that each cover the one before, so that a change to any shows.

The first step covers the hash of the frozen quote, so that the chain can't be hung onto another one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a quote; ``at`` is UTC in ISO 8601 with microseconds, ``data`` canonical JSON."""

    number: int
    kind: str
    at: str
    ip: str
    agent: str
    data: str


def canonical(data: Mapping[str, object]) -> str:
    """Return what is known of a step as canonical JSON: integers, strings and lists of them, sorted keys."""
    return json.dumps(dict(data), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(previous: str, step: Step) -> str:
    """Return the SHA-256 of a step that follows ``previous``, in hexadecimal."""
    return hashlib.sha256(f"{previous}\n{canonical(asdict(step))}".encode()).hexdigest()


def broken_at(first: str, steps: Iterable[tuple[Step, str]]) -> int:
    """Return the number of the first step that does not fit (its own, or the one expected), 0 if all fit.

    ``first`` is what the first step follows: the hash of the frozen quote. Each step comes with its digest.
    """
    previous = first
    for expected, (step, kept) in enumerate(steps, start=1):
        if step.number != expected or not hmac.compare_digest(digest(previous, step), kept):
            return expected
        previous = kept
    return 0


def code_digest(key: bytes, subject: str, code: str) -> str:
    """Return what is kept of a one-time code: an HMAC-SHA256, since a plain hash of six digits is soon guessed."""
    return hmac.new(key, f"code:{subject}:{code}".encode(), hashlib.sha256).hexdigest()


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text as it was shown, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def bytes_digest(content: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
