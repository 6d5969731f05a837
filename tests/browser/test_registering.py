"""Registering with a real browser: alone, for three, on a phone, by keyboard only, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.test_customer import (
    DESKTOP,
    PHONE,
    TINY,
    assert_accessible,
    assert_no_sideways_scrolling,
    visit,
)
from tests.browser.test_paying import shop
from tests.pages.events import add_event_page, add_index, ask
from tests.stories.conftest import Business, business
from wagtail_payments import ports
from wagtail_payments.actions import clockwork
from wagtail_payments.models import Consent, DiscountCode, Event, Registration, Seat

__all__ = ["business", "shop", "visit"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def event(shop: Business) -> Event:
    made = factories.make_event(name="Bookbinding", cancellation="free_until")
    add_event_page(made)
    return made


@pytest.fixture
def rich(event: Event) -> Event:
    """An event with all that a form can have."""
    factories.make_ticket_type(event, name="Student", price=60)
    ask(event, "How did you hear of us?", field_type="radio", choices="A friend\nThe press")
    ask(event, "Diet", of_each=True)
    Consent.objects.create(event=event, text="I agree to the terms.")
    DiscountCode.objects.create(event=event, code="FRIENDS", percent=10)
    Event.objects.update(pays_later=True)
    return event


def goes(page: Page, event: Event) -> None:
    page.goto(f"{event.site.root_url}/bookbinding/")


def fills_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Julie Martin")
    page.get_by_label("Your e-mail address").fill("julie@example.org")


def pays(page: Page, shop: Business) -> None:
    """Choose on the provider's page, come back, and look again a minute later."""
    page.get_by_role("radio", name="The payment succeeds").check()
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/payments/r/**")
    shop.clock.advance(minutes=1)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, you are registered")


@pytest.mark.parametrize("with_scripts", [True, False])
def test_alone_on_a_phone(shop: Business, visit: Callable[..., Page], event: Event, with_scripts: bool) -> None:
    page = visit(PHONE, java_script_enabled=with_scripts)
    goes(page, event)
    fills_in(page)
    page.get_by_role("button", name="Register and pay").click()
    page.wait_for_url("**/sandbox/pay/**")
    assert "wp-form" not in page.url, "the browser has carried the fragment of our form to the provider"
    pays(page, shop)
    clockwork.run_once(now=ports.now())
    page.get_by_role("link", name="See your registration").click()
    expect(page.get_by_text("You are registered: 1 seat")).to_be_visible()
    expect(page.get_by_role("link", name="Add to my calendar")).to_be_visible()
    if with_scripts:
        assert_accessible(page)
    shop.check_books()


def test_for_three_with_the_total_as_it_is_chosen(shop: Business, visit: Callable[..., Page], rich: Event) -> None:
    page = visit(PHONE)
    goes(page, rich)
    more = page.get_by_role("button", name="One more: Standard")
    more.click()
    more.click()
    page.get_by_role("button", name="One more: Student").click()
    expect(page.locator("[data-wp-total]")).to_contain_text("€300.00")
    expect(page.get_by_role("group", name="Attendee 3 · Student")).to_be_visible()
    fills_in(page)
    page.get_by_role("group", name="Attendee 1").get_by_role("button", name="It’s me").click()
    page.get_by_role("group", name="Attendee 2").get_by_label("Name").fill("Ana")
    page.get_by_role("group", name="Attendee 3").get_by_label("Diet").fill("Vegan")
    page.get_by_role("button", name="One less: Standard").click()
    page.get_by_role("button", name="One more: Standard").click()
    expect(page.get_by_role("group", name="Attendee 2").get_by_label("Name")).to_have_value("Ana")
    page.get_by_label("I agree to the terms.").check()
    assert_accessible(page)
    page.get_by_role("button", name="Register and pay").click()
    pays(page, shop)
    assert [seat.name for seat in Seat.objects.order_by("pk")] == ["Julie Martin", "Ana", ""]
    assert [list(seat.answers.values()) for seat in Seat.objects.order_by("pk")] == [[""], [""], ["Vegan"]]


def test_for_three_without_javascript(shop: Business, visit: Callable[..., Page], event: Event) -> None:
    page = visit(PHONE, java_script_enabled=False)
    goes(page, event)
    page.get_by_role("spinbutton", name="Standard").fill("3")
    fills_in(page)
    page.get_by_role("button", name="Register and pay").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_label("Your name")).to_have_value("Julie Martin")
    page.get_by_role("group", name="Attendee 2").get_by_label("Name").fill("Ana")
    page.get_by_role("button", name="Register and pay").click()
    pays(page, shop)
    assert Seat.objects.filter(state="confirmed").count() == 3


def test_by_keyboard_only(shop: Business, visit: Callable[..., Page], event: Event) -> None:
    page = visit()
    goes(page, event)

    def to(name: str) -> None:
        """Go forward with the Tab key until the thing of that name has the focus."""
        for _press in range(60):
            page.keyboard.press("Tab")
            active = page.evaluate(
                "(() => { const it = document.activeElement; const label = it.labels && it.labels[0];"
                " return [it.getAttribute('aria-label'), label && label.innerText, it.innerText].join('|') })()"
            )
            if name in active:
                return
        raise AssertionError(f"the Tab key does not reach {name}")

    to("One more: Standard")
    page.keyboard.press("Enter")
    to("Your name")
    page.keyboard.type("Julie Martin")
    to("Your e-mail address")
    page.keyboard.type("julie@example.org")
    to("It’s me")
    page.keyboard.press("Enter")
    to("Register and pay")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sandbox/**")
    assert Registration.objects.get().seats.count() == 2


def test_what_is_wrong_is_focused_and_nothing_is_lost(shop: Business, visit: Callable[..., Page], rich: Event) -> None:
    page = visit(PHONE)
    goes(page, rich)
    page.get_by_role("button", name="One more: Standard").click()
    page.get_by_label("Your name").fill("Julie Martin")
    page.get_by_role("button", name="Register and pay").click()
    expect(page.locator("#wp-errors")).to_be_focused()
    page.get_by_role("link", name="Write your e-mail address").click()
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    expect(page.get_by_label("Your name")).to_have_value("Julie Martin")
    assert_accessible(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE, TINY], ids=["desktop", "phone", "tiny"])
def test_it_is_clear_at_every_size(shop: Business, visit: Callable[..., Page], rich: Event, size: Any) -> None:
    index = add_index()
    add_event_page(rich, index, title="The same event", slug="same")
    page = visit(size)
    for address in (f"{rich.site.root_url}/bookbinding/", index.full_url):
        page.goto(address)
        assert_no_sideways_scrolling(page)
        assert_accessible(page)
        for target in page.locator(".wp-button, .wp-link--target, .wp-input, summary, .wp-choice__label").all():
            box = target.bounding_box()
            assert box is None or box["height"] >= 44, target.inner_text()


def test_the_registration_is_clear_while_it_is_held_and_when_it_is_cancelled(
    shop: Business, visit: Callable[..., Page], event: Event
) -> None:
    page = visit(PHONE)
    goes(page, event)
    fills_in(page)
    page.get_by_role("button", name="Register and pay").click()
    page.wait_for_url("**/sandbox/**")
    mine = f"{event.site.root_url}/payments/e/{Registration.objects.get().public_id}/"
    page.goto(mine)
    assert_accessible(page)
    page.get_by_role("button", name="I need more time").click()
    expect(page.get_by_text("Your seats are kept for longer.")).to_be_visible()
    page.get_by_role("button", name="Pay €120.00").click()
    pays(page, shop)
    page.goto(mine)
    page.get_by_role("link", name="Cancel seats").click()
    expect(page.get_by_text("€120.00 go back the way you paid.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Cancel these seats").click()
    expect(page.get_by_text("This registration is cancelled")).to_be_visible()
    assert_accessible(page)
    shop.check_books()


@pytest.mark.parametrize("with_scripts", [True, False])
def test_a_registration_is_left_in_two_steps(
    shop: Business, visit: Callable[..., Page], event: Event, with_scripts: bool
) -> None:
    Event.objects.update(no_withdrawal="")
    page = visit(PHONE, java_script_enabled=with_scripts)
    goes(page, event)
    expect(page.get_by_text("Private persons may withdraw within 14 days")).to_be_visible()
    fills_in(page)
    page.get_by_role("button", name="Register and pay").click()
    page.wait_for_url("**/sandbox/pay/**")
    pays(page, shop)
    page.get_by_role("link", name="See your registration").click()
    page.get_by_role("link", name="Withdraw from the contract here").click()
    for button in ("Read my statement", "Confirm the withdrawal"):
        if with_scripts:
            assert_accessible(page)
            assert_no_sideways_scrolling(page)
        page.get_by_role("button", name=button).click()
    expect(page.get_by_text("You have withdrawn from this registration")).to_be_visible()
    clockwork.run_once(now=ports.now())
    shop.check_books()
