"""Which events are shown where: below a page, coming up or past, each once however many pages present it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings as django_settings
from django.http import HttpRequest
from django.utils import translation

from wagtail_payments.actions import seats
from wagtail_payments.core.capacity import Availability
from wagtail_payments.portal.events import BoxOffice
from wagtail_payments.records.page_types import event_page_types


@dataclass(frozen=True, slots=True)
class Listed:
    """Pages of events at a moment, with what there is room for in each event, by its key."""

    upcoming: list[Any]
    past: list[Any]
    available: Mapping[int, Availability]
    now: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in a list."""

    page: Any
    url: str
    box: BoxOffice


def language_of(page: Any) -> str:
    """Return the language a page speaks: its own where the site has several, else the one that is active."""
    if getattr(django_settings, "WAGTAIL_I18N_ENABLED", False):
        return str(page.locale.language_code)
    return str(translation.get_language() or django_settings.LANGUAGE_CODE)


def below(page: Any, now: datetime) -> Listed:
    """Return the live, public pages of events below a page."""
    return _listed((model.objects.descendant_of(page) for model in event_page_types()), now)


def of_site(root: Any, locale: Any, now: datetime) -> Listed:
    """Return the live, public pages of events of a whole site in one language."""
    kept = (model.objects.descendant_of(root, inclusive=True) for model in event_page_types())
    return _listed((pages.filter(locale=locale) for pages in kept), now)


def _listed(queries: Iterable[Any], now: datetime) -> Listed:
    found: dict[int, Any] = {}
    for pages in queries:
        shown = pages.live().public().filter(event__isnull=False)
        for page in shown.select_related("event__seller", "image").prefetch_related("event__ticket_types"):
            found.setdefault(page.event_id, page)
    rows = sorted(found.values(), key=lambda page: page.event.starts_at)
    upcoming = [page for page in rows if page.event.ends_at > now]
    past = [page for page in reversed(rows) if page.event.ends_at <= now]
    return Listed(upcoming, past, seats.availabilities(events=[page.event for page in upcoming], now=now), now)


def entry(page: Any, request: HttpRequest, listed: Listed) -> Entry:
    """Return what a list shows of an event."""
    box = BoxOffice(page.event, language_of(page), listed.now)
    if page.event_id in listed.available:
        box.available = listed.available[page.event_id]
    return Entry(page, page.get_url(request) or "", box)
