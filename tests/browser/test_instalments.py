"""Paying an instalment in a browser: on a phone, by keyboard, without JavaScript; and planning the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_customer import assert_accessible, assert_no_sideways_scrolling, visit
from tests.browser.test_paying import shop
from tests.stories.conftest import Business, business
from tests.stories.test_in_instalments import send_in_three
from wagtail_payments import ports
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.mail import links
from wagtail_payments.models import Invoice, Link, Seller

__all__ = ["business", "shop", "visit"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def opened(page: Page, shop: Business, **fields: Any) -> Invoice:
    """Send an invoice in three instalments and open its link."""
    invoice = send_in_three(shop, **fields)
    Seller.objects.update(promise_days=14)
    page.goto(links.url_of(Link.objects.get(document=invoice.document)))
    return invoice


@pytest.mark.parametrize("with_scripts", [True, False])
def test_a_customer_pays_an_instalment_on_a_phone(
    shop: Business, visit: Callable[..., Page], with_scripts: bool
) -> None:
    page = visit(PHONE, java_script_enabled=with_scripts)
    invoice = opened(page, shop, other_amount=True)
    expect(page.get_by_role("radio", name="What is due now")).to_be_checked()
    expect(page.get_by_role("table", name="Instalments").get_by_role("row")).to_have_count(4)
    if with_scripts:
        assert_accessible(page)
    assert_no_sideways_scrolling(page)
    page.get_by_role("button", name="Continue to the payment").click()
    page.get_by_role("radio", name="The payment succeeds").check()
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/payments/r/**")
    shop.clock.advance(minutes=1)
    page.reload()
    assert shop.status(invoice) is Status.PARTLY_PAID
    assert invoice.balance().paid == 47995
    page.get_by_role("link", name="Back to the invoice").click()
    expect(page.get_by_text("Next payment")).to_be_visible()
    expect(page.get_by_role("radio", name="The next instalment: €480.03")).to_be_checked()


def test_another_amount_is_chosen_by_keyboard_and_what_is_wrong_is_kept(
    shop: Business, visit: Callable[..., Page]
) -> None:
    page = visit(DESKTOP)
    invoice = opened(page, shop, other_amount=True)
    page.get_by_label("Another amount, from").press_sequentially("99999")
    expect(page.get_by_role("radio", name="Another amount")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose an amount from")
    field = page.get_by_label("Another amount, from")
    expect(field).to_have_value("99999")
    expect(page.get_by_role("radio", name="Another amount")).to_be_checked()
    assert_accessible(page)
    field.fill("60,50")
    field.press("Enter")
    page.get_by_role("radio", name="The payment succeeds").check()
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/payments/r/**")
    shop.clock.advance(minutes=1)
    page.reload()
    assert invoice.balance().paid == 6050


def test_a_payment_is_planned_and_taken_back(shop: Business, visit: Callable[..., Page]) -> None:
    page = visit(PHONE)
    invoice = opened(page, shop)
    page.get_by_text("Plan the payment for later").click()
    day = invoice.seller.today(ports.now()) + timedelta(days=5)
    page.get_by_label("I will pay on").fill(day.isoformat())
    page.get_by_role("button", name="Note this day").click()
    expect(page.get_by_text("Payment planned for")).to_be_visible()
    assert_accessible(page)
    assert shop.status(invoice) is Status.PLANNED
    page.get_by_text("Change the planned day").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("The planned day is taken back.")).to_be_visible()
    assert shop.status(invoice) is Status.OPEN
