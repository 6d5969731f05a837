"""Can money come in, only real money, and only ours?"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.checks import CheckMessage

from wagtail_payments.checks.messages import advice, error
from wagtail_payments.conf import settings

STRIPE = "stripe"
OPTIONS = {"SECRET_KEY", "WEBHOOK_SECRETS", "ACCOUNT", "PAYMENT_METHOD_CONFIGURATION", "API_BASE"}
LIVE = ("sk_live_", "rk_live_")
TEST = ("sk_test_", "rk_test_")
SANDBOX_APP = "wagtail_payments.sandbox"
SANDBOX_ALLOWED = "WAGTAIL_PAYMENTS_SANDBOX_ALLOW"
UNDELIVERED = ("console", "dummy", "locmem", "filebased")
SHORTEST, LONGEST = 30, 1440  # minutes that a payment provider keeps a session open

Options = Mapping[str, Any]


def _written() -> Iterator[tuple[str, str, Any]]:
    """Every gateway that the host wrote: where it stands, its slug, its options."""
    yield from _of("GATEWAYS", settings.GATEWAYS)
    for hostname, gateways in _items(settings.SITE_GATEWAYS):
        yield from _of(f'SITE_GATEWAYS["{hostname}"]', gateways)


def _of(place: str, gateways: Any) -> Iterator[tuple[str, str, Any]]:
    for slug, options in _items(gateways):
        yield f'{place}["{slug}"]', slug, options


def _items(given: Any) -> list[tuple[Any, Any]]:
    return list(given.items()) if isinstance(given, Mapping) else []


def _readable() -> Iterator[tuple[str, Options]]:
    """The gateways of Stripe whose options can be read at all."""
    for place, slug, options in _written():
        if slug == STRIPE and isinstance(options, Mapping):
            yield place, options


def _key(options: Options) -> str:
    return str(options.get("SECRET_KEY") or "").strip()


def shape() -> Iterator[CheckMessage]:
    """E010: gateways are not written as dictionaries, are unknown, or have options that do not exist."""
    for hostname, gateways in settings.SITE_GATEWAYS.items():
        if not isinstance(gateways, Mapping):
            yield error(10, f'SITE_GATEWAYS["{hostname}"] is no dictionary.', 'Write {"stripe": {"SECRET_KEY": …}}.')
    for place, slug, options in _written():
        if not isinstance(options, Mapping):
            yield error(10, f"{place} is no dictionary.", 'Write {"SECRET_KEY": …, "WEBHOOK_SECRETS": […]}.')
        elif slug != STRIPE and "MAKER" not in options:
            yield error(10, f"{place}: there is no such gateway.", "Use “stripe”, or name your own class under MAKER.")
        elif slug == STRIPE and "MAKER" not in options and set(options) - OPTIONS:
            unknown = ", ".join(sorted(map(str, set(options) - OPTIONS)))
            yield error(10, f"{place} has unknown options: {unknown}.", f"Known are: {', '.join(sorted(OPTIONS))}.")


def secret_keys() -> Iterator[CheckMessage]:
    """E011: a gateway without a key. E012: a key that can't be one."""
    for place, options in _readable():
        key = _key(options)
        if not key:
            yield error(
                11,
                f"{place} has no SECRET_KEY, so nobody can pay online.",
                "Set it from the environment, or leave the gateway out to take transfers only.",
            )
        elif not key.startswith(LIVE + TEST) or any(mark.isspace() for mark in key) or not key.isascii():
            yield error(
                12,
                f"The SECRET_KEY of {place} is no secret key of Stripe.",
                "It begins with sk_live_, rk_live_, sk_test_ or rk_test_; pk_… is the public one.",
            )


def webhook_secrets() -> Iterator[CheckMessage]:
    """E013: a blank secret, or none beside a live key. W014: none beside a test key. E015: not one of Stripe's."""
    hint = "Copy the signing secret of your webhook endpoint from Stripe's dashboard: WEBHOOK_SECRETS = [“whsec_…”]."
    for place, options in _readable():
        secrets = _secrets(options)
        if not all(secrets):
            yield error(13, f"A webhook secret of {place} is blank: anybody could say that they paid.", hint)
        elif not secrets and _key(options).startswith(LIVE):
            yield error(13, f"{place} has a live key and no WEBHOOK_SECRETS: payments would be seen late.", hint)
        elif not secrets:
            yield advice(14, f"{place} has no WEBHOOK_SECRETS: payments are seen only by payments_run.", hint)
        elif not all(secret.startswith("whsec_") for secret in secrets):
            yield error(15, f"A webhook secret of {place} is no signing secret of Stripe.", hint)


def _secrets(options: Options) -> list[str]:
    given = options.get("WEBHOOK_SECRETS")
    listed = given if isinstance(given, list | tuple) else [] if given is None else [given]
    return [str(secret if secret is not None else "").strip() for secret in listed]


def live_key_with_debug() -> Iterator[CheckMessage]:
    """E016: DEBUG shows settings and queries to visitors; real money does not stand beside it."""
    for place, options in _readable():
        if django_settings.DEBUG and _key(options).startswith(LIVE):
            hint = "Use a test key (sk_test_…) while developing, and DEBUG = False with real money."
            yield error(16, f"{place} has a live key while DEBUG is on.", hint)


def sandbox_in_production() -> Iterator[CheckMessage]:
    """E017: the sandbox would tell a real shop that it was paid."""
    if django_settings.DEBUG or getattr(django_settings, SANDBOX_ALLOWED, False):
        return
    hint = f"Take it out in production; set {SANDBOX_ALLOWED} = True only where tests run."
    if SANDBOX_APP in django_settings.INSTALLED_APPS:
        yield error(17, f"“{SANDBOX_APP}” is installed while DEBUG is off.", hint)
    for place, options in _readable():
        base = str(options.get("API_BASE") or "")
        if base and _is_near(base):
            yield error(17, f"The API_BASE of {place} is “{base}”: a sandbox and not Stripe.", hint)


def _is_near(address: str) -> bool:
    """Is it this machine, this network, or unencrypted?"""
    parts = urlsplit(address)
    if parts.scheme != "https":
        return True
    host = parts.hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


def checkout_minutes() -> Iterator[CheckMessage]:
    """E018: providers keep a session open from 30 minutes to 24 hours."""
    minutes = settings.CHECKOUT_MINUTES
    if not SHORTEST <= minutes <= LONGEST:
        hint = f"Set CHECKOUT_MINUTES to a whole number from {SHORTEST} to {LONGEST}."
        yield error(18, f"CHECKOUT_MINUTES is {minutes}: every payment would be refused.", hint)


def mail_that_goes_nowhere() -> Iterator[CheckMessage]:
    """E019: real money is taken, and the receipts stay on the server."""
    backend = _mail_backend()
    live = any(_key(options).startswith(LIVE) for _, options in _readable())
    if live and any(f".{name}." in backend for name in UNDELIVERED):
        hint = "Set up SMTP, or a mail service by django-anymail."
        yield error(19, f"A live key is set, but e-mail goes nowhere: “{backend}”.", hint)


def _mail_backend() -> str:
    """Django 6.1 has several mailers, before it there was one."""
    mailers = getattr(django_settings, "MAILERS", None)
    if mailers:
        return str(mailers.get("default", {}).get("BACKEND", ""))
    return str(getattr(django_settings, "EMAIL_BACKEND", ""))
