"""The page of an invoice whose payment the customer's bank took back: what is asked, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.portal.conftest import open_link, page_of, url
from tests.portal.test_documents import text_of
from wagtail_payments import ports
from wagtail_payments.actions import checkout, disputes
from wagtail_payments.core import notices
from wagtail_payments.core.lifecycle import DisputeState
from wagtail_payments.models import Invoice, Payment, PaymentAttempt
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock

Issued = Callable[..., Invoice]
ANYWHERE = "https://atelier.example/"


def start(invoice: Invoice) -> PaymentAttempt:
    return checkout.start(invoice=invoice, now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)


def tell(invoice: Invoice, progress: DisputeState, amount: int = 144000) -> None:
    payment = Payment.objects.get(attempt__invoice=invoice)
    state = notices.DisputeState("du_1", amount, "EUR", progress, "fraudulent", ports.now())
    disputes.observe(payment_id=payment.pk, state=state, now=ports.now())


@pytest.fixture
def paid(issued: Issued, sandbox: SandboxForTests) -> Invoice:
    """Paid by card."""
    invoice = issued(language="en")
    attempt = start(invoice)
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())
    return invoice


def test_while_the_bank_decides_the_page_says_so_and_asks_for_nothing(browser: Client, paid: Invoice) -> None:
    tell(paid, DisputeState.NEEDS_RESPONSE)
    page = page_of(browser, paid)
    said = text_of(page)
    assert "This payment is disputed" in said
    assert "Taken back by your bank on March 16, 2026" in said
    assert url("pay", paid) not in page
    assert "IBAN" not in said


def test_who_posts_all_the_same_is_led_to_no_provider(browser: Client, paid: Invoice, sandbox: SandboxForTests) -> None:
    open_link(browser, paid)
    tell(paid, DisputeState.NEEDS_RESPONSE)
    browser.post(url("pay", paid))
    assert len(sandbox.objects("checkout.session")) == 1


def test_once_lost_the_page_asks_again(browser: Client, paid: Invoice) -> None:
    tell(paid, DisputeState.LOST)
    page = page_of(browser, paid)
    assert url("pay", paid) in page
    assert "Your bank has taken €1,440.00 back." in text_of(page)


def test_once_won_it_is_paid_and_both_days_are_told(browser: Client, paid: Invoice, clock: TestClock) -> None:
    tell(paid, DisputeState.NEEDS_RESPONSE)
    clock.advance(days=3)
    tell(paid, DisputeState.WON)
    said = text_of(page_of(browser, paid))
    assert "Paid on March 16, 2026. Thank you!" in said
    assert "Given back by your bank on March 19, 2026" in said


def test_a_part_that_is_disputed_is_not_asked_for_with_the_rest(browser: Client, paid: Invoice) -> None:
    tell(paid, DisputeState.LOST, 40000)
    payment = Payment.objects.get()
    state = notices.DisputeState("du_2", 100000, "EUR", DisputeState.UNDER_REVIEW, "general", ports.now())
    disputes.observe(payment_id=payment.pk, state=state, now=ports.now())
    page = page_of(browser, paid)
    assert "Pay €400.00" in text_of(page)
    assert start(paid).amount == 40000


def test_a_page_without_a_dispute_asks_the_database_no_more(
    browser: Client, issued: Issued, paid: Invoice, django_assert_max_num_queries: Any
) -> None:
    open_link(browser, paid)
    address = url("document", paid)
    browser.get(address)
    with CaptureQueriesContext(connection) as undisputed:
        browser.get(address)
    assert not any('FROM "wagtail_payments_disputedmoney" INNER' in one["sql"] for one in undisputed.captured_queries)
    tell(paid, DisputeState.LOST)
    with django_assert_max_num_queries(len(undisputed) + 2):
        browser.get(address)
