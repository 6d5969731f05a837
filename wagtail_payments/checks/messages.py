"""How a mistake is told: id, sentence, hint, and where to read more."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Advice

DOCS = "docs/checks.md"


def docs_link(check_id: str) -> str:
    """Return where the documentation explains an id."""
    return f"{DOCS}#{check_id.lower().replace('.', '')}"


def error(number: int, message: str, hint: str, obj: Any = None) -> CheckMessage:
    """Make a message that stops the site from starting."""
    return _told(Error, f"wagtail_payments.E{number:03}", message, hint, obj)


def advice(number: int, message: str, hint: str, obj: Any = None) -> CheckMessage:
    """Make a message that only warns."""
    return _told(Advice, f"wagtail_payments.W{number:03}", message, hint, obj)


def _told(kind: type[Error | Advice], check_id: str, message: str, hint: str, obj: Any) -> CheckMessage:
    return kind(message, hint=f"{hint} See {docs_link(check_id)}", obj=obj, id=check_id)
