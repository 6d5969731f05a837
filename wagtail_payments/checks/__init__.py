"""Mistakes of configuration, each told at start with its own id, what to do, and where to read more.

``docs/checks.md`` has a section for each id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core import checks as django_checks
from django.core.checks import CheckMessage, Tags

from wagtail_payments.checks import gateways, installation, keeping, keys

TAG = "wagtail_payments"

ALWAYS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    keys.names,
    keys.rings,
    installation.apps,
    installation.postgres,
    installation.urls,
    installation.base_template,
    installation.sender,
    gateways.shape,
    gateways.secret_keys,
    gateways.webhook_secrets,
    gateways.live_key_with_debug,
    gateways.sandbox_in_production,
    gateways.checkout_minutes,
    gateways.mail_that_goes_nowhere,
    keeping.sqlite_mode,
    keeping.atomic_requests,
    keeping.public_documents,
    keeping.fonts,
    keeping.sealing,
)
BEFORE_DEPLOYMENT: tuple[Callable[[], Iterator[CheckMessage]], ...] = (keys.derived,)


def register() -> None:
    """Let Django run the checks; called once, when the app is ready."""
    django_checks.register(check_settings, TAG)
    django_checks.register(check_deployment, TAG, Tags.security, deploy=True)


def check_settings(app_configs: Sequence[Any] | None = None, **options: Any) -> list[CheckMessage]:
    """Run all checks; where the settings can't be read at all, only say that."""
    return list(keys.unreadable()) or [message for check in ALWAYS for message in check()]


def check_deployment(app_configs: Sequence[Any] | None = None, **options: Any) -> list[CheckMessage]:
    """Run the checks that matter on a server: ``manage.py check --deploy``."""
    return [] if list(keys.unreadable()) else [message for check in BEFORE_DEPLOYMENT for message in check()]
