"""An editor with a real browser plans an event: what every event needs is on top, the rest waits folded."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.test_editor import PHONE, chromium, editor, visit
from wagtail_payments.records.events import Event

__all__ = ["chromium", "editor", "visit"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fill_in(page: Page) -> None:
    page.goto(reverse("wagtail_payments_event:add"))
    page.locator('[name="name"]').fill("Bookbinding")
    page.locator('[name="starts_at"]').fill("2030-06-12 09:30")
    page.locator('[name="ends_at"]').fill("2030-06-12 17:00")
    page.locator('[name="place"]').fill("Atelier Garonne")
    page.locator('[name="capacity"]').fill("12")
    page.locator('[name="ticket_types-0-name"]').fill("Entry")
    page.locator('[name="ticket_types-0-price"]').fill("49,50")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_paid_event_is_planned_in_seven_fields(visit: Callable[..., Page]) -> None:
    page = visit()
    fill_in(page)
    expect(page.get_by_text("0 seats sold · free: 12")).to_be_visible()
    event = Event.objects.get()
    assert event.ticket_types.get().price == Decimal("49.50")
    assert event.starts_at.astimezone(event.zone).hour == 9


def test_on_a_phone_too_and_nothing_runs_out_of_the_window(visit: Callable[..., Page]) -> None:
    page = visit(PHONE)
    fill_in(page)
    expect(page.get_by_text("0 seats sold · free: 12")).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
