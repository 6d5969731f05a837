"""The books, the settings, the home page and the report in a real browser: readable by everyone, on a phone too."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.admin.business import Business, make_reminder, more_alerts, more_payments, open_business
from tests.browser.conftest import PHONE, signed_in
from wagtail_payments.admin.places_of_books import RECEIPTS_LEDGER, book_url, list_url
from wagtail_payments.models import Alert, Dispute, Payment, Reminder

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@pytest.fixture
def business(transactional_db: None, clock: Any, now: datetime, settings: Any) -> Business:
    """A business with something in each book."""
    settings.WAGTAIL_GRAVATAR_PROVIDER_URL = None
    settings.WAGTAIL_ENABLE_UPDATE_CHECK = False
    business = open_business(now)
    more_payments(business, now, 3)
    make_reminder(business.invoice, now, letter=business.letter)
    more_alerts(business, now, 3)
    return business


@pytest.fixture
def visit(chromium: Browser, live_server: Any, business: Business, client: Any) -> Iterator[Callable[..., Page]]:
    """Open a window of the admin in which the owner is signed in: ``visit(PHONE)``."""
    with signed_in(chromium, live_server.url, client, factories.make_superuser()) as open_window:
        yield open_window


def screens(business: Business) -> list[str]:
    records = [
        business.credit_note,
        business.payment,
        business.refund,
        business.dispute,
        Reminder.objects.get(),
        business.entry,
        business.letter,
        business.delivery,
        business.alert,
    ]
    ours = [reverse("wagtailadmin_home"), reverse(RECEIPTS_LEDGER), reverse("wagtail_payments_seller:index")]
    return [*ours, *(list_url(type(record)) for record in records), *(book_url(record) for record in records)]


def faults(page: Page) -> list[Any]:
    found = Axe().run(page, context="#main", options=WCAG).response["violations"]
    return [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found]


def test_every_screen_can_be_read_by_everyone(visit: Callable[..., Page], business: Business) -> None:
    page = visit()
    for url in screens(business):
        page.goto(url)
        assert faults(page) == [], url


def test_no_screen_is_wider_than_a_phone(visit: Callable[..., Page], business: Business) -> None:
    page = visit(PHONE)
    for url in [*screens(business), reverse("wagtail_payments_seller:edit", args=[business.invoice.seller_id])]:
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], url


def test_reminders_and_disputes_fit_a_phone_without_scrolling(visit: Callable[..., Page], business: Business) -> None:
    page = visit(PHONE)
    for model in (Reminder, Dispute):
        page.goto(list_url(model))
        assert page.locator("#listing-results tbody tr").count() >= 1
        assert page.evaluate("document.querySelector('.wp-scroll').scrollWidth") <= PHONE["width"], model
        expect(page.locator(".wp-scroll th").filter(has_text="State")).to_be_in_viewport()


def test_every_tab_of_the_settings_can_be_read_by_everyone(visit: Callable[..., Page], business: Business) -> None:
    page = visit()
    page.goto(reverse("wagtail_payments_seller:open"))
    tabs = page.get_by_role("tab")
    assert tabs.count() == 6
    for tab in tabs.all():
        tab.click()
        assert faults(page) == [], tab.inner_text()


def test_a_colour_and_the_next_number_are_shown_while_one_types(visit: Callable[..., Page], business: Business) -> None:
    page = visit()
    page.goto(reverse("wagtail_payments_seller:open"))
    page.get_by_role("tab", name="Numbers").click()
    page.locator("[name=invoice_pattern]").fill("INV-{year}-{number:06}")
    expect(page.get_by_text("→ INV-2026-000001")).to_be_visible()
    page.get_by_role("tab", name="Look").click()
    page.locator("[name=colour]").fill("#000000")
    expect(page.get_by_text("21.0 : 1 on white")).to_be_visible()
    page.locator("[name=colour]").fill("#0000")
    expect(page.get_by_text("21.0 : 1 on white")).not_to_be_visible()


def test_a_logo_is_uploaded_and_shown(visit: Callable[..., Page], business: Business) -> None:
    page = visit()
    page.goto(reverse("wagtail_payments_seller:open"))
    page.get_by_role("tab", name="Look").click()
    drawn = io.BytesIO()
    Image.new("RGB", (60, 30), "navy").save(drawn, "PNG")
    page.locator("input[name=logo]").set_input_files(
        [{"name": "logo.png", "mimeType": "image/png", "buffer": drawn.getvalue()}]
    )
    page.get_by_role("button", name="Save").click()
    page.get_by_role("tab", name="Look").click()
    shown = page.get_by_alt_text("The present picture")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalWidth") == 60


def test_a_list_is_searched_while_one_types(visit: Callable[..., Page], business: Business) -> None:
    page = visit()
    page.goto(list_url(Payment))
    expect(page.locator("#listing-results tbody tr")).to_have_count(4)
    page.get_by_role("searchbox").or_(page.locator("#id_q")).first.fill("librairie")
    expect(page.locator("#listing-results tbody tr")).to_have_count(1)
    expect(page.get_by_text("There is 1 match")).to_be_visible()


def test_an_alert_is_settled_without_javascript(visit: Callable[..., Page], business: Business) -> None:
    page = visit(java_script_enabled=False)
    page.goto(book_url(business.alert))
    page.get_by_role("button", name="Mark as settled").click()
    expect(page.get_by_text("It stays in the list of alerts").first).to_be_visible()
    assert Alert.objects.get(pk=business.alert.pk).settled_at is not None
