"""Are the settings spelled right, and are the secrets that sign links and books their own?"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage

from wagtail_payments.checks.messages import advice, error
from wagtail_payments.conf import NAME, NAMES, settings

KINDS: dict[str, tuple[type, ...]] = {
    "GATEWAYS": (Mapping,),
    "SITE_GATEWAYS": (Mapping,),
    "BASE_TEMPLATE": (str,),
    "DOCUMENT_ROOT": (str, Path),
    "LINK_KEYS": (Mapping,),
    "LEDGER_KEYS": (Mapping,),
    "CHECKOUT_MINUTES": (int,),
    "GATEWAY_TIMEOUT": (int, float),
    "WEBHOOK_TOLERANCE": (int,),
    "WEBHOOK_MAX_BYTES": (int,),
    "PDF_FONTS": (list, tuple),
    "PDF_TIMEOUT": (int, float),
    "PDF_RECYCLE_AFTER": (int,),
    "SEAL": (Mapping,),
    "ATTACHMENT_MAX_BYTES": (int,),
    "TRUSTED_PROXIES": (int,),
    "HEARTBEAT_MINUTES": (int, float),
}
WORDS: dict[type, str] = {
    Mapping: "a dictionary",
    str: "a text",
    Path: "a path",
    int: "a whole number, 0 or more",
    float: "a number",
    list: "a list",
    tuple: "a tuple",
}
RINGS = ("LINK_KEYS", "LEDGER_KEYS")
SHORTEST_SECRET = 16


def unreadable() -> Iterator[CheckMessage]:
    """E040: the settings are no dictionary. E044: a setting is of another kind than its meaning needs."""
    if not isinstance(settings.given, Mapping):
        yield error(40, f"{NAME} is no dictionary.", f"Write {NAME} = {{…}} in your settings.")
        return
    for name, kinds in KINDS.items():
        if name in settings.given and not _is_a(settings.given[name], kinds):
            wanted = " or ".join(WORDS[kind] for kind in kinds)
            yield error(44, f"{name} is {_described(settings.given[name])}.", f"It needs {wanted}.")


def _described(value: Any) -> str:
    """Show a number, but name only the type of what may hold a secret."""
    return repr(value) if isinstance(value, int | float) else f"of type {type(value).__name__}"


def _is_a(value: Any, kinds: tuple[type, ...]) -> bool:
    if not isinstance(value, kinds):
        return False
    return not isinstance(value, int | float) or (not isinstance(value, bool) and value >= 0)


def names() -> Iterator[CheckMessage]:
    """E041: a setting that does not exist."""
    for name in settings.given:
        if name not in NAMES:
            near = difflib.get_close_matches(str(name), NAMES, n=1)
            hint = f"Did you mean “{near[0]}”?" if near else f"Known are: {', '.join(sorted(NAMES))}."
            yield error(41, f"{NAME} has no setting “{name}”.", hint)


def rings() -> Iterator[CheckMessage]:
    """E042: keys that are not named, or too short to keep anybody out."""
    for name in RINGS:
        if name not in settings.given:
            continue
        given: Mapping[Any, Any] = settings.given[name]
        if not all(_is_secret(secret) for secret in given.values()):
            yield error(
                42,
                f"{name} needs names and secrets of {SHORTEST_SECRET} characters or more.",
                f'Write {name} = {{"2026": "a long random text"}}, the current one first.',
            )


def _is_secret(secret: Any) -> bool:
    return isinstance(secret, str) and len(secret.strip()) >= SHORTEST_SECRET


def derived() -> Iterator[CheckMessage]:
    """W043: links and books hang on SECRET_KEY, which one changes for other reasons."""
    for name in RINGS:
        if not settings.given.get(name):
            yield advice(
                43,
                f"{name} is made from SECRET_KEY: changing that would end links or leave the books unproven.",
                f'Write {name} = {{"2026": "a long random text"}} in {NAME}, and keep it.',
            )
