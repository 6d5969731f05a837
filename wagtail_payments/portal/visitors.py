"""Who is there: a person, a member of staff, a machine that looks at links in e-mails."""

from __future__ import annotations

import re
from datetime import UTC as UTC
from ipaddress import ip_address

from django.http import HttpRequest

from wagtail_payments.actions.signing import Trace
from wagtail_payments.conf import settings

RECORDING = "wagtail_payments.record_payment"
# Mail filters, link previews and crawlers; what names itself otherwise is taken for a person.
SCANNERS = re.compile(
    r"bot\b|crawl|spider|slurp|preview|scan|monitor|fetch|headless|curl|wget|python|java/|okhttp|go-http-client"
    r"|barracuda|proofpoint|mimecast|safelinks|googleimageproxy|whatsapp/|facebookexternal|embedly|lighthouse",
    re.IGNORECASE,
)


def may(request: HttpRequest, permission: str) -> bool:
    """Is this somebody logged in who has that permission?"""
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_active and user.has_perm(permission))


def is_staff(request: HttpRequest) -> bool:
    """Is this somebody who may enter the admin? Their looking at a page is not a customer's."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return False
    return bool(user.is_staff or may(request, "wagtailadmin.access_admin"))


def may_speak(request: HttpRequest) -> bool:
    """May they act on an invoice? Staff see any by their permission, which does not let them speak for the customer."""
    return not is_staff(request) or may(request, RECORDING)


def is_person(request: HttpRequest) -> bool:
    """Does this look like the customer with a browser, and not like a scanner, a HEAD request or staff?"""
    agent = request.headers.get("User-Agent", "")
    wants = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    scans = not agent or bool(SCANNERS.search(agent)) or "prefetch" in wants
    return request.method == "GET" and not scans and not is_staff(request)


def address(request: HttpRequest) -> str:
    """Return the visitor's network address; forwarded headers count only behind the host's own proxies."""
    proxies = settings.TRUSTED_PROXIES
    direct: str = request.META.get("REMOTE_ADDR", "")
    if not proxies:
        return direct
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    return hops[-proxies] if len(hops) >= proxies else direct


def is_shared(address: str) -> bool:
    """Is this no visitor's own address, but that of a proxy or socket by which all of them come?"""
    try:
        return not ip_address(address).is_global
    except ValueError:
        return True


def trace_of(request: HttpRequest) -> Trace:
    """Return where a request comes from, to be kept with what was signed or declared."""
    return Trace(address(request), request.headers.get("User-Agent", ""))
