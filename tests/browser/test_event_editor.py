"""An editor with a real browser plans an event: what every event needs is on top, the rest waits folded."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Permission
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from wagtail.models import GroupPagePermission

from tests import factories
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_editor import editor, visit
from tests.pages.events import add_index
from wagtail_payments.pages.models import EventPage
from wagtail_payments.records.events import Event

__all__ = ["editor", "visit"]

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


@pytest.fixture
def publisher(editor: Any) -> Any:
    """The editor, who may also add and publish pages."""
    home = factories.default_site().root_page
    for permission in Permission.objects.filter(codename__in=["add_page", "publish_page"]):
        GroupPagePermission.objects.create(group=editor.groups.get(), page=home, permission=permission)
    return editor


def looks_right(page: Page) -> None:
    """What is ours on a page of the admin can be read by everybody, and fits the window."""
    found = Axe().run(page, context=".wp-page")
    assert found.violations_count == 0, found.generate_report()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_event_is_planned_with_its_page_and_a_visitor_finds_the_form(
    visit: Callable[..., Page], publisher: Any, chromium: Browser, live_server: Any, size: Any
) -> None:
    add_index()
    page = visit(size)
    fill_in(page)
    expect(page.get_by_text("No page presents it yet")).to_be_visible()
    looks_right(page)
    page.locator(".messages").get_by_role("link", name="Make its page").click()
    expect(page.get_by_label("Our events")).to_be_checked()
    looks_right(page)
    page.get_by_role("button", name="Make the draft and open it").click()
    expect(page.get_by_text("This draft is the page of the event.")).to_be_visible()
    expect(page.locator('[name="title"]')).to_have_value("Bookbinding")
    page.get_by_role("navigation", name="Actions (footer)").get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("published").first).to_be_visible()
    assert EventPage.objects.get().live

    page.goto(reverse("wagtail_payments_event:desk", args=[Event.objects.get().pk]))
    looks_right(page)
    address = page.get_by_role("link", name="View live: Bookbinding").get_attribute("href")
    visitor = chromium.new_page(viewport=size, base_url=live_server.url)
    visitor.goto(str(address))
    expect(visitor.get_by_label("Your e-mail address")).to_be_visible()
    expect(visitor.get_by_role("button", name="Register and pay")).to_be_visible()
    visitor.close()
