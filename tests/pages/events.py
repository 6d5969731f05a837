"""Pages of events for tests, and what a visitor sends from them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from wagtail.models import Page

from tests import factories
from wagtail_payments.models import Event, Question
from wagtail_payments.pages.models import EventIndexPage, EventPage
from wagtail_payments.records.events import TicketType

BUYER = {"name": "Julie Martin", "email": "julie@example.org"}


def add_event_page(event: Event | None, parent: Page | None = None, **fields: Any) -> EventPage:
    """Publish a page that presents an event."""
    values: dict[str, Any] = {"title": "Bookbinding", "slug": "bookbinding", "introduction": "<p>By hand.</p>"}
    home = parent or factories.default_site().root_page
    page: EventPage = home.add_child(instance=EventPage(event=event, **values | fields))
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def add_index(**fields: Any) -> EventIndexPage:
    """Publish a page of all events."""
    values: dict[str, Any] = {"title": "Our events", "slug": "events"}
    page: EventIndexPage = factories.default_site().root_page.add_child(instance=EventIndexPage(**values | fields))
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def ask(event: Event, label: str, **fields: Any) -> Question:
    """Have the organiser ask something."""
    return Question.objects.create(event=event, label=label, **fields)


def ticket_of(event: Event) -> TicketType:
    """Return the first ticket type."""
    return event.ticket_types.all()[0]


def sent(event: Event, number: int = 1, *, blocks: bool = True, **more: Any) -> dict[str, Any]:
    """What a visitor sends who fills in the least: so many of the first ticket type, with their empty blocks."""
    ticket = ticket_of(event)
    price = {f"tickets-{ticket.pk}": str(number), f"seen-{ticket.pk}": f"{ticket.price:f}"}
    shown = {f"attendee-{ticket.pk}-{place}-shown": "1" for place in range(number if blocks else 0)}
    return BUYER | price | shown | {"form_key": "a" * 32} | more


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the form as it was shown."""
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', page)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def shown(browser: Client, page: Any) -> str:
    """Return the page as a visitor sees it."""
    answer = browser.get(page.url)
    assert answer.status_code == 200
    return answer.content.decode()
