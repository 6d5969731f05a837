"""The words of letters and the steps of reminders in a real browser: what is typed is seen, wide and on a phone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_editor import editor as editor
from tests.browser.test_editor import visit as visit
from wagtail_payments import ports
from wagtail_payments.actions import invoices, reminder_series, renditions
from wagtail_payments.models import LetterWords, Seller

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Page]


@pytest.fixture
def seller(editor: Any) -> Seller:
    """A seller whose reminders have begun."""
    seller = factories.seller_of_default_site()
    reminder_series.begin(seller=seller, now=ports.now())
    return seller


def picture(page: Page, name: str) -> None:
    """Keep what it looks like, where a person asked for pictures."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def is_clean(page: Page) -> None:
    found = Axe().run(page, context="main")
    assert found.violations_count == 0, found.generate_report()


def fits(page: Page) -> None:
    """Nothing sticks out to the right, also not inside what scrolls."""
    right = (
        "Math.max(...[...document.querySelectorAll('main .wp-page *')].map((one) => one.getBoundingClientRect().right))"
    )
    assert page.evaluate(right) <= page.evaluate("innerWidth")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_letter_follows_as_one_types(size: Any, visit: Visit, seller: Seller) -> None:
    page = visit(size)
    page.goto(reverse("wagtail_payments_seller:words_edit", args=[seller.pk, "receipt", "fr"]))
    letter = page.frame_locator("iframe[name=wp-preview]").frame_locator("iframe")
    expect(letter.locator("body")).to_contain_text("Nous avons bien reçu votre paiement")
    page.get_by_label("Message").fill(
        "Bonjour {{ customer }},\n\nUn grand merci pour {{ amount }}.\n\n#LINK\n\n{{ oops }}"
    )
    expect(letter.locator("body")).to_contain_text("Un grand merci pour 240,00")
    expect(page.frame_locator("iframe[name=wp-preview]").get_by_role("alert")).to_contain_text("{{ oops }}")
    picture(page, f"letter-{size['width']}")
    fits(page)
    is_clean(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Nothing is known to put in the place of {{ oops }}")
    page.get_by_label("Message").fill("Bonjour {{ customer }}, merci.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Restore the default…")).to_be_visible()
    assert LetterWords.objects.get().text == "Bonjour {{ customer }}, merci."


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_of_steps_and_words_are_clean(size: Any, visit: Visit, seller: Seller) -> None:
    page = visit(size)
    for name in ("reminders", "words"):
        page.goto(reverse(f"wagtail_payments_seller:{name}", args=[seller.pk]))
        picture(page, f"{name}-{size['width']}")
        fits(page)
        is_clean(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_desk_and_a_reminder_by_hand(
    size: Any, visit: Visit, seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)
    invoice = invoices.issue(invoice_id=factories.make_invoice(due_days=1).pk, by=None, now=ports.now())
    page = visit(size)
    for name in ("desk", "remind", "mute"):
        page.goto(reverse(f"wagtail_payments_invoice:{name}", args=[invoice.pk]))
        picture(page, f"{name}-{size['width']}")
        fits(page)
        is_clean(page)
