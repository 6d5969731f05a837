"""Whether money is real or a test where something is issued."""

from __future__ import annotations

from wagtail.models import Site

from wagtail_payments.gateways import registry
from wagtail_payments.records.fields import Mode


def mode_of(site: Site) -> Mode:
    """Return whether what is issued on this site now is test or live: test as soon as a gateway has a test key."""
    gateways = registry.for_site(site).values()
    return Mode.TEST if any(not gateway.live for gateway in gateways) else Mode.LIVE
