"""The whole way of a customer in a browser: the link, the provider's page, back, paid; with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.test_customer import PHONE, assert_accessible, visit
from tests.stories.conftest import Business, business
from wagtail_payments import ports
from wagtail_payments.actions import clockwork, payment_requests
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.mail import links
from wagtail_payments.models import Invoice, Link, Payment, Receipt
from wagtail_payments.sandbox import running

__all__ = ["business", "visit"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(business: Business, settings: Any, live_server: Any) -> Business:
    """The business, with the sandbox's own pages served beside the site."""
    settings.ROOT_URLCONF = "tests.browser.urls"
    business.sandbox.rules.public_url = f"{live_server.url}/sandbox"
    running.use(business.sandbox)
    return business


def opened(page: Page, shop: Business) -> Invoice:
    """Send an invoice and open its link."""
    invoice = shop.send_invoice(customer=factories.make_customer(language="en"), language="en")
    page.goto(links.url_of(Link.objects.get(document=invoice.document)))
    return invoice


def pay_with(page: Page, choice: str) -> None:
    """Press "Pay" on our page, choose on the provider's, press "Pay" there."""
    page.get_by_role("button", name="Pay").click()
    page.get_by_role("radio", name=choice).check()
    page.get_by_role("button", name="Pay").click()


@pytest.mark.parametrize("with_scripts", [True, False])
def test_a_customer_pays_by_card_on_a_phone(shop: Business, visit: Callable[..., Page], with_scripts: bool) -> None:
    page = visit(PHONE, java_script_enabled=with_scripts)
    invoice = opened(page, shop)
    pay_with(page, "The payment succeeds")
    shop.clock.advance(minutes=1)
    page.reload()
    expect(page.locator("main, body").first).to_contain_text("1,440.00")
    assert shop.status(invoice) is Status.PAID
    clockwork.run_once(now=ports.now())
    assert Receipt.objects.count() == 1
    page.get_by_role("link", name="Back to the invoice").click()
    expect(page.get_by_role("button", name="Pay")).to_have_count(0)
    if with_scripts:
        assert_accessible(page)
    shop.check_books()


def test_a_declined_card_leaves_the_customer_where_another_can_be_tried(
    shop: Business, visit: Callable[..., Page]
) -> None:
    page = visit(PHONE)
    invoice = opened(page, shop)
    pay_with(page, "The card is declined")
    expect(page.get_by_text("Your card was declined").first).to_be_visible()
    page.get_by_role("radio", name="The payment succeeds").check()
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/payments/r/**")
    shop.clock.advance(minutes=1)
    page.reload()
    assert shop.status(invoice) is Status.PAID
    assert Payment.objects.count() == 1


def test_a_debit_is_told_to_take_days(shop: Business, visit: Callable[..., Page]) -> None:
    page = visit(PHONE)
    invoice = opened(page, shop)
    pay_with(page, "The bank pays later")
    page.wait_for_url("**/payments/r/**")
    shop.clock.advance(minutes=1)
    page.reload()
    assert shop.status(invoice) is Status.PROCESSING
    expect(page.locator("main, body").first).to_contain_text("bank")


def test_several_invoices_are_paid_at_once_on_a_phone(shop: Business, visit: Callable[..., Page]) -> None:
    page = visit(PHONE, java_script_enabled=False)
    customer = factories.make_customer(language="en")
    three = [shop.send_invoice(customer=customer, language="en", title=title) for title in ("One", "Two", "Three")]
    link = payment_requests.make(invoice_ids=[one.pk for one in three], by=None, now=ports.now())
    page.goto(links.url_of(link))
    for invoice in three:
        expect(page.get_by_text(invoice.number)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    pay_with(page, "The payment succeeds")
    shop.clock.advance(minutes=1)
    page.reload()
    expect(page.locator("main, body").first).to_contain_text("4,320.00")
    assert {shop.status(invoice) for invoice in three} == {Status.PAID}
    page.get_by_role("link", name="Back to your invoices").click()
    expect(page.get_by_text("All of it is paid. Thank you!")).to_be_visible()
    expect(page.get_by_role("button", name="Pay")).to_have_count(0)
    shop.check_books()


def test_the_page_of_several_invoices_is_for_everybody(shop: Business, visit: Callable[..., Page]) -> None:
    page = visit(PHONE)
    customer = factories.make_customer(language="en")
    pair = [shop.send_invoice(customer=customer, language="en") for _ in range(2)]
    link = payment_requests.make(invoice_ids=[one.pk for one in pair], by=None, now=ports.now())
    page.goto(links.url_of(link))
    expect(page.get_by_role("button", name="Pay €2,880.00")).to_be_visible()
    assert_accessible(page)
