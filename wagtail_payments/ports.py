"""Where the outside world comes in: clock, identifiers, transports, mailer, failpoints, previews.

Product code asks here and nowhere else, so that a test or a simulation can stand in for the world.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _random_id() -> str:
    return secrets.token_hex(16)


def _nothing(name: str) -> None:
    """In production a failpoint does nothing."""


def _send(message: EmailMultiAlternatives) -> None:
    message.send()


@dataclass(frozen=True)
class World:
    """Everything that is not decided by our own code."""

    clock: Callable[[], datetime] = _utc_now
    ids: Callable[[], str] = _random_id
    failpoint: Callable[[str], None] = _nothing
    mailer: Callable[[EmailMultiAlternatives], None] = _send
    transports: dict[str, Any] = field(default_factory=dict)


_REAL = World()
_world: ContextVar[World | None] = ContextVar("wagtail_payments_world", default=None)
_everywhere: list[World] = [_REAL]


def _current() -> World:
    return _world.get() or _everywhere[-1]


def now() -> datetime:
    """Return the present moment, in UTC."""
    return _current().clock()


def new_id() -> str:
    """Return 128 random bits in hexadecimal: for idempotency keys, links and message ids."""
    return _current().ids()


def failpoint(name: str) -> None:
    """Mark a place where a process may die; a simulation may raise here."""
    _current().failpoint(name)


def send(message: EmailMultiAlternatives) -> None:
    """Hand an e-mail to the host's mail backend; raises what the backend raises."""
    _current().mailer(message)


def transport(gateway: str) -> Any:
    """Return the HTTP client to use for a gateway, or None for its own."""
    return _current().transports.get(gateway)


@contextmanager
def use(*, everywhere: bool = False, **parts: Any) -> Iterator[World]:
    """Replace parts of the world while the block runs: in this context, or in all threads."""
    world = replace(_current(), **parts)
    if everywhere:
        _everywhere.append(world)
        try:
            yield world
        finally:
            _everywhere.remove(world)
        return
    token = _world.set(world)
    try:
        yield world
    finally:
        _world.reset(token)


Preview = Callable[[Any, HttpRequest, str], HttpResponse]
_previews: dict[type, Preview] = {}


def register_preview(model: type, preview: Preview) -> None:
    """Say who draws the previews of a record; called once, when the app is ready."""
    _previews[model] = preview


def preview(record: Any, request: HttpRequest, mode: str) -> HttpResponse:
    """Draw a preview of an unsaved or saved record."""
    return _previews[type(record)](record, request, mode)
