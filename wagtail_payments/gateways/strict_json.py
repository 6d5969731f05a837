"""Reading JSON that anyone may have sent: an object, or a refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn


class NotUnderstood(ValueError):
    """What came is not what was agreed; the text says in what, in English, for logs and answers to machines."""


def read_object(body: bytes | str) -> dict[str, Any]:
    """Return the JSON object of a body; raises ``NotUnderstood`` for whatever else it is.

    Not UTF-8, not JSON, a list or a bare value, NaN and infinities, endless digits, nested without end.
    """
    try:
        text = body.decode() if isinstance(body, bytes) else body
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise NotUnderstood("nested too deep") from error
    except ValueError as error:
        raise NotUnderstood("not JSON") from error
    if not isinstance(value, dict):
        raise NotUnderstood("not a JSON object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise NotUnderstood(f"{name} is no JSON")


def text(source: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    """Return a text that matches the pattern as a whole; raises ``NotUnderstood``."""
    value = source.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise NotUnderstood(f"{name} is missing or malformed")
    return value


def number(source: Mapping[str, Any], name: str, *, below: int) -> int:
    """Return a whole number from 0 up to ``below``; raises ``NotUnderstood``."""
    value = source.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < below:
        raise NotUnderstood(f"{name} is missing or no number")
    return value


def flag(source: Mapping[str, Any], name: str) -> bool:
    """Return a truth value; raises ``NotUnderstood``."""
    value = source.get(name)
    if not isinstance(value, bool):
        raise NotUnderstood(f"{name} is missing or neither true nor false")
    return value


def part(source: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an object inside an object; raises ``NotUnderstood``."""
    value = source.get(name)
    if not isinstance(value, dict):
        raise NotUnderstood(f"{name} is missing or no object")
    return value
