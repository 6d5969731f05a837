"""Which base page the host's site is built on."""

from __future__ import annotations

from django.conf import settings

WAGTAILS_OWN = "wagtailcore.page"


def uses_wagtails_page() -> bool:
    """Is the site built on Wagtail's own ``Page``? Wagtail 8 lets a host replace it; older ones know no setting."""
    chosen: str = getattr(settings, "WAGTAIL_PAGE_MODEL", WAGTAILS_OWN)
    return chosen.lower() == WAGTAILS_OWN
