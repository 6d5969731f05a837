"""A quote in a real browser: options chosen, signed on a phone, declined; by keyboard, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.actions.signers import PLAN, proven, sent_quote, sign, with_options
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_customer import assert_accessible, assert_no_sideways_scrolling
from tests.browser.test_customer import visit as visit
from tests.portal.conftest import link_of
from wagtail_payments.actions import quotes
from wagtail_payments.mail import codes
from wagtail_payments.mail.links import url_of
from wagtail_payments.models import Agreement, Quote, SigningCode

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TERMS = "1. Payment within 30 days.\n2. Travel is included."


@pytest.fixture
def quote(clock: Any, visit: Any) -> Quote:
    """A quote in English with an option, a quantity to choose, a plan and terms."""
    return with_options(clock(), language="en", title="Spring training", plan=PLAN, terms=TERMS)


def open_quote(page: Page, quote: Quote) -> None:
    page.goto(url_of(link_of(quote.paper)))


def check(page: Page) -> None:
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def fill_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Julie Martin")
    page.get_by_label("Your role").fill("Manager")
    page.get_by_label("Your e-mail address").fill("julie@example.org")


def last_code() -> str:
    return codes.code_of(SigningCode.objects.latest("pk"))


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["script", "no script"])
def test_signed_on_a_phone(visit: Callable[..., Page], quote: Quote, options: Any) -> None:
    page = visit(PHONE, **options)
    look = (lambda page: None) if options else check  # axe is a script itself
    open_quote(page, quote)
    button = page.get_by_role("link", name="Sign this quote").bounding_box()
    assert button is not None
    assert button["y"] + button["height"] <= PHONE["height"]
    assert button["height"] >= 44
    look(page)
    page.get_by_label("Quantity of “Training”").fill("3")
    page.get_by_label("Book").check()
    page.get_by_role("button", name="Update the total").click()
    expect(page.locator(".wp-due__amount")).to_have_text("€1,632.00")
    page.get_by_role("link", name="Sign this quote").click()
    expect(page.get_by_label("Book")).to_be_checked()
    look(page)
    fill_in(page)
    page.get_by_role("button", name="Send me the code").click()
    look(page)
    page.get_by_label("The code from the e-mail").fill("12")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("link", name="This code does not work")).to_be_visible()
    look(page)
    page.get_by_label("The code from the e-mail").fill(last_code())
    page.get_by_role("button", name="Go on").click()
    look(page)
    page.get_by_role("button", name="Sign this quote").click()
    expect(page.get_by_role("link", name="Write “Read and approved” to sign.")).to_be_visible()
    page.get_by_label("Write “Read and approved” here").fill("Read and approved")
    page.get_by_role("button", name="Sign this quote").click()
    expect(page.get_by_text("It is signed.")).to_be_visible()
    look(page)
    assert Agreement.objects.get().gross == 163200


def test_by_keyboard_alone(visit: Callable[..., Page], quote: Quote) -> None:
    page = visit(DESKTOP)
    open_quote(page, quote)
    press_on(page, "Sign this quote")
    page.wait_for_url("**/sign/")
    for words in ("Julie Martin", "Manager", "julie@example.org"):
        go_to_field(page)
        page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign/code/")
    go_to_field(page)
    page.keyboard.type(last_code())
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign/confirm/")
    go_to_field(page)
    page.keyboard.type("Read and approved")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is signed.")).to_be_visible()


def press_on(page: Page, words: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == words:
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")


def go_to_field(page: Page) -> None:
    """Go on to the next field for words: past ticks, quantities and links."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.wp-input:not(.wp-input--number)')"):
            page.keyboard.press("Control+A")
            return
    raise AssertionError("no field was reached")


def test_declined(visit: Callable[..., Page], quote: Quote) -> None:
    page = visit(PHONE)
    open_quote(page, quote)
    page.get_by_role("link", name="Decline").click()
    check(page)
    page.get_by_label("Your reason").fill("Too dear for us.")
    page.get_by_role("button", name="Decline this quote").click()
    expect(page.get_by_text("You have declined this quote")).to_be_visible()
    check(page)


@pytest.mark.parametrize("state", ["expired", "cancelled", "withdrawn"])
def test_every_end_is_a_designed_page(visit: Callable[..., Page], clock: Any, state: str) -> None:
    quote = sent_quote(clock(), language="en", customer=factories.make_consumer())
    page = visit(PHONE)
    if state == "expired":
        clock.advance(days=40)
    elif state == "cancelled":
        quotes.cancel(quote_id=quote.pk, reason="", by=None, now=clock())
    else:
        sign(quote, proven(quote, clock()), clock())
        open_quote(page, quote)
        check(page)
        page.get_by_role("link", name="Withdraw from the contract here").click()
        check(page)
        page.get_by_role("button", name="Read my statement").click()
        check(page)
        page.get_by_role("button", name="Confirm the withdrawal").click()
    open_quote(page, quote)
    check(page)
    expect(page.get_by_role("link", name="Sign this quote")).to_have_count(0)
