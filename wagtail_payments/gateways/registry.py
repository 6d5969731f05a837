"""Which gateways a site has: built from the settings each time, so that a changed key counts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.module_loading import import_string

from wagtail_payments import ports
from wagtail_payments.conf import settings
from wagtail_payments.gateways.model import Gateway, UnknownGateway
from wagtail_payments.gateways.stripe import StripeGateway

# Whoever is waiting for our answer (a provider's webhook) gives up sooner than a sweep would.
HURRIED_SECONDS = 4.0

Maker = Callable[..., Gateway]
MAKERS: dict[str, Maker] = {"stripe": StripeGateway.from_options}


def for_site(site: Any, *, hurried: bool = False) -> dict[str, Gateway]:
    """Return the gateways of a site that have a key, by slug; empty means payment by transfer only."""
    return for_hostname(site.hostname, hurried=hurried)


def for_hostname(hostname: str, *, hurried: bool = False) -> dict[str, Gateway]:
    """Return the gateways of the site with that host name, by slug.

    ``hurried`` ones try once and wait no longer than ``HURRIED_SECONDS``.
    """
    given = settings.gateways_for(hostname)
    made = {slug: _made(slug, options, hurried=hurried) for slug, options in given.items() if _has_key(options)}
    return {slug: gateway for slug, gateway in made.items() if gateway is not None}


def get(slug: str, site: Any, *, hurried: bool = False) -> Gateway:
    """Return one gateway of a site; raises ``UnknownGateway``."""
    return of_hostname(slug, site.hostname, hurried=hurried)


def of_hostname(slug: str, hostname: str, *, hurried: bool = False) -> Gateway:
    """Return one gateway of the site with that host name; raises ``UnknownGateway``."""
    found = for_hostname(hostname, hurried=hurried).get(slug)
    if found is None:
        raise UnknownGateway(slug)
    return found


def everywhere() -> Iterator[tuple[str, Gateway]]:
    """Yield every gateway once, with the host name whose own it is (empty for the one that sites share)."""
    for hostname in ("", *settings.SITE_GATEWAYS):
        for gateway in for_hostname(hostname).values():
            yield hostname, gateway


def _has_key(options: Mapping[str, Any]) -> bool:
    return bool(str(options.get("SECRET_KEY") or "").strip())


def _made(slug: str, options: Mapping[str, Any], *, hurried: bool) -> Gateway | None:
    """A gateway of the host's own names its class, or another callable, under ``MAKER``."""
    maker: Maker | None = import_string(options["MAKER"]) if "MAKER" in options else MAKERS.get(slug)
    if maker is None:
        return None
    timeout = min(settings.GATEWAY_TIMEOUT, HURRIED_SECONDS) if hurried else settings.GATEWAY_TIMEOUT
    return maker(slug=slug, options=options, timeout=timeout, hurried=hurried, transport=ports.transport(slug))
