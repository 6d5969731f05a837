"""What search engines read of an event: schema.org in JSON-LD, as a script element that no text can leave."""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from wagtail_payments.core import money
from wagtail_payments.core.tickets import Sale
from wagtail_payments.portal.events import BoxOffice

# As Django's json_script: nothing that HTML reads as a tag or an entity is left.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
AVAILABLE = {
    Sale.OPEN: "InStock",
    Sale.NOT_YET: "PreOrder",
    Sale.SOLD_OUT: "SoldOut",
    Sale.CLOSED: "OutOfStock",
    Sale.CANCELLED: "Discontinued",
}


def script(box: BoxOffice, url: str | None, picture: str) -> SafeString:
    """Return the script element for an event's page."""
    text = json.dumps(_event(box, url or "", picture), ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))


def _event(box: BoxOffice, url: str, picture: str) -> dict[str, Any]:
    event = box.event
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": box.name,
        "startDate": event.starts_at.astimezone(event.zone).isoformat(),
        "endDate": event.ends_at.astimezone(event.zone).isoformat(),
        "eventStatus": f"https://schema.org/{'EventCancelled' if event.is_cancelled else 'EventScheduled'}",
        "eventAttendanceMode": f"https://schema.org/{_attendance(box)}",
        "location": _locations(box, url),
        "organizer": {"@type": "Organization", "name": event.seller.name, "url": event.seller.website or url},
        "offers": [_offer(box, ticket, url) for ticket in box.tickets],
        "url": url,
    }
    return said | ({"image": [picture]} if picture else {})


def _attendance(box: BoxOffice) -> str:
    if not box.is_online:
        return "OfflineEventAttendanceMode"
    return "MixedEventAttendanceMode" if box.place else "OnlineEventAttendanceMode"


def _locations(box: BoxOffice, url: str) -> list[dict[str, Any]]:
    """The way in online is for those who registered: the page stands for it."""
    found: list[dict[str, Any]] = []
    if box.place or box.address:
        found.append({"@type": "Place", "name": box.place, "address": ", ".join(box.address) or box.place})
    if box.is_online:
        found.append({"@type": "VirtualLocation", "url": url})
    return found


def _offer(box: BoxOffice, ticket: Any, url: str) -> dict[str, Any]:
    sale, currency = ticket.sale if box.is_open else box.sale, box.event.seller.currency
    return {
        "@type": "Offer",
        "name": ticket.name,
        "price": f"{money.to_major(ticket.minor, currency):f}",
        "priceCurrency": currency,
        "availability": f"https://schema.org/{AVAILABLE[sale]}",
        "url": url,
    }
