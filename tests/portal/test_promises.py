"""Planning a payment on the invoice's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.portal.conftest import link_of, open_link, page_of, url
from wagtail_payments import ports
from wagtail_payments.models import Invoice, Letter, Promise, Seller
from wagtail_payments.portal.limits import PER_DOCUMENT
from wagtail_payments.sandbox.testing import TestClock

pytestmark = pytest.mark.usefixtures("sandbox", "clock")


@pytest.fixture
def invoice(browser: Client, issued: Callable[..., Invoice]) -> Invoice:
    """Due in thirty days; ten more may be planned."""
    made = issued(language="en")
    Seller.objects.update(promise_days=10)
    open_link(browser, made)
    return made


def in_days(invoice: Invoice, days: int) -> date:
    return invoice.seller.today(ports.now()) + timedelta(days)


def plan(browser: Client, invoice: Invoice, day: object) -> Any:
    return browser.post(url("plan", invoice), {"plan-day": str(day)})


def take_back(browser: Client, invoice: Invoice) -> Any:
    return browser.post(f"/payments/d/{link_of(invoice).public_id}/plan/withdraw/")


def test_without_the_seller_s_leave_there_is_nothing_to_plan(browser: Client, invoice: Invoice) -> None:
    Seller.objects.update(promise_days=0)
    assert "Plan the payment" not in page_of(browser, invoice)
    assert plan(browser, invoice, in_days(invoice, 5))["Location"].endswith("said=plan_off")
    assert not Promise.objects.exists()


def test_a_single_day_that_is_left_is_said_as_such(browser: Client, invoice: Invoice, clock: TestClock) -> None:
    assert "is still possible" not in page_of(browser, invoice)
    clock.advance(days=39)
    assert "is still possible" in page_of(browser, invoice)


def test_a_day_is_named_shown_changed_and_taken_back(browser: Client, invoice: Invoice) -> None:
    assert "Plan the payment for later" in page_of(browser, invoice)
    assert plan(browser, invoice, in_days(invoice, 35))["Location"].endswith("said=planned")
    page = page_of(browser, invoice)
    assert "Payment planned for" in page
    assert "Change the planned day" in page
    assert f'value="{in_days(invoice, 35)}"' in page
    plan(browser, invoice, in_days(invoice, 36))
    assert Promise.objects.filter(standing_for=invoice).get().planned_on == in_days(invoice, 36)
    assert take_back(browser, invoice)["Location"].endswith("said=unplanned")
    assert "Payment planned for" not in page_of(browser, invoice)
    assert Letter.objects.filter(kind="owner_promised").count() == 3


def test_a_planned_invoice_can_still_be_paid(browser: Client, invoice: Invoice) -> None:
    plan(browser, invoice, in_days(invoice, 5))
    assert browser.post(url("pay", invoice)).status_code == 303


@pytest.mark.parametrize("day", ["", "soon", "2099-01-01", "1999-01-01", "<b>"])
def test_what_is_no_day_within_the_bounds_is_told_and_kept(browser: Client, invoice: Invoice, day: str) -> None:
    answer = plan(browser, invoice, day)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_plan-day_error"' in page
    assert '<details class="wp-fold" id="wp-plan" open>' in page
    assert not day or day == "<b>" or f'value="{day}"' in page
    assert "<b>" not in page
    assert not Promise.objects.exists()


def test_the_day_is_not_moved_endlessly(browser: Client, invoice: Invoice) -> None:
    for number in range(PER_DOCUMENT):
        assert plan(browser, invoice, in_days(invoice, 1 + number)).status_code == 303
    assert plan(browser, invoice, in_days(invoice, 20)).status_code == 429


def test_staff_who_only_see_invoices_do_not_speak_for_the_customer(client: Client, invoice: Invoice) -> None:
    client.force_login(factories.make_user("view_invoice"))
    assert plan(client, invoice, in_days(invoice, 5))["Location"].endswith("said=plan_off")
    assert not Promise.objects.exists()


def test_opening_the_page_plans_nothing(browser: Client, invoice: Invoice) -> None:
    assert browser.get(url("plan", invoice)).status_code == 405
    assert browser.get(f"/payments/d/{link_of(invoice).public_id}/plan/withdraw/").status_code == 405
