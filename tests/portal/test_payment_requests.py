"""The page of several invoices: what they come to, how each stands, one button; and coming back from the provider."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.pages.test_invoices import add_page
from tests.portal.conftest import new_browser, open_link
from wagtail_payments import ports
from wagtail_payments.actions import checkout, links, payment_requests, payments
from wagtail_payments.gateways import registry
from wagtail_payments.mail.links import attempt_token, token_of
from wagtail_payments.models import AttemptShare, Invoice, Link, Opening, Payment, PaymentAttempt

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture
def three(issued: Callable[..., Invoice]) -> list[Invoice]:
    customer = factories.make_customer(language="en")
    prices = ("100.00", "200.00", "300.00")
    return [issued(customer=customer, lines=[("Hours", "1", price, "20")]) for price in prices]


@pytest.fixture
def link(three: list[Invoice]) -> Link:
    return payment_requests.make(invoice_ids=[one.pk for one in three], by=None, now=ports.now())


def opened(browser: Client, link: Link) -> str:
    """Follow the link of the letter; return the page."""
    answer = browser.get(f"/payments/l/{token_of(link)}/", follow=True)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def plain(page: str) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).replace("\u00a0", " ").split())


def words(browser: Client, link: Link) -> str:
    return plain(opened(browser, link))


def press(browser: Client, link: Link, **data: Any) -> Any:
    return browser.post(f"/payments/t/{link.public_id}/pay/", data)


def transfer(invoice: Invoice, amount: int | None = None) -> Payment:
    return payments.record(
        invoice=invoice,
        amount=invoice.balance().due if amount is None else amount,
        method="transfer",
        received_on=invoice.seller.today(ports.now()),
        reference="VIR",
        by=None,
        now=ports.now(),
        form_key=ports.new_id(),
    )


def test_it_says_what_they_come_to_and_what_each_is(browser: Client, link: Link, three: list[Invoice]) -> None:
    page = words(browser, link)
    assert "To pay now, all together €720.00" in page
    assert "Pay €720.00" in page
    assert "This is a test: no real money moves" in page
    for invoice, amount in zip(three, ("€120.00", "€240.00", "€360.00"), strict=True):
        assert invoice.number in page
        assert amount in page
    assert Opening.objects.filter(link=link).count() == 1


def test_in_french(browser: Client, issued: Callable[..., Invoice]) -> None:
    customer = factories.make_customer()
    keys = [issued(customer=customer).pk for _ in range(2)]
    link = payment_requests.make(invoice_ids=keys, by=None, now=ports.now())
    page = words(browser, link)
    assert "À payer maintenant, en tout 2 880,00 €" in page.replace("\u202f", " ")
    assert "Vos factures" in page


def test_the_button_leads_to_the_provider_and_back(browser: Client, link: Link, sandbox: Any, clock: Any) -> None:
    opened(browser, link)
    answer = press(browser, link, seen="72000")
    attempt = PaymentAttempt.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, attempt.url)
    sandbox.pay(attempt.session_id)
    clock.advance(minutes=1)
    page = browser.get(f"/payments/r/{attempt_token(attempt)}/").content.decode()
    told = plain(page)
    assert "Thank you, your payment has arrived" in told
    assert "€720.00" in told
    assert all(share.invoice.number in told for share in AttemptShare.objects.all())
    assert f'href="/payments/t/{link.public_id}/"' in page
    assert "All of it is paid. Thank you!" in words(browser, link)


def test_when_all_is_paid_there_is_nothing_to_press(browser: Client, link: Link, three: list[Invoice]) -> None:
    for invoice in three:
        transfer(invoice)
    page = opened(browser, link)
    assert "All of it is paid. Thank you!" in plain(page)
    assert "<form" not in page
    assert "To pay now" not in page
    assert "said=paid" in press(browser, link)["Location"]
    assert not PaymentAttempt.objects.exists()


def test_what_is_paid_or_on_its_way_is_shown_and_left_out(
    browser: Client, link: Link, three: list[Invoice], clock: Any
) -> None:
    transfer(three[0])
    factories.make_attempt(three[1], live=True, state="processing", created_at=clock())
    page = words(browser, link)
    assert "To pay now, all together €360.00" in page
    assert "Paid. Thank you!" in page
    assert "Your payment is being confirmed" in page
    press(browser, link, seen="36000")
    assert PaymentAttempt.objects.get(payment_request__isnull=False).amount == 36000


def test_another_amount_than_the_page_said_is_not_charged(browser: Client, link: Link, three: list[Invoice]) -> None:
    opened(browser, link)
    transfer(three[0])
    answer = press(browser, link, seen="72000")
    assert "said=amount_changed" in answer["Location"]
    assert not PaymentAttempt.objects.exists()


@pytest.mark.parametrize("seen", ["", "x", "-1", "٣", "9" * 40, "1e3"])
def test_what_nobody_could_have_seen_is_no_server_error(browser: Client, link: Link, seen: str) -> None:
    opened(browser, link)
    assert press(browser, link, seen=seen).status_code == 303


def test_an_invoice_is_linked_only_where_it_was_opened_by_its_own_link(
    browser: Client, link: Link, three: list[Invoice]
) -> None:
    """The common link shows numbers and amounts; what an invoice says in full is behind its own."""
    page = opened(browser, link)
    assert "/payments/d/" not in page
    for invoice in three:
        own = invoice.document.links.get()
        assert browser.get(f"/payments/d/{own.public_id}/").status_code == 404
        assert browser.get(f"/payments/d/{own.public_id}/pdf/").status_code == 404
    open_link(browser, three[1])
    page = opened(browser, link)
    assert page.count("/payments/d/") == 1
    assert f"/payments/d/{three[1].document.links.get().public_id}/" in page


def test_the_link_of_one_invoice_opens_not_all(browser: Client, link: Link, three: list[Invoice]) -> None:
    open_link(browser, three[0])
    assert browser.get(f"/payments/t/{link.public_id}/").status_code == 404
    assert press(browser, link).status_code == 404
    assert not PaymentAttempt.objects.exists()


def test_revoked_renewed_and_never_opened_look_the_same(browser: Client, link: Link) -> None:
    path, stranger = f"/payments/t/{link.public_id}/", new_browser()
    opened(browser, link)
    never = stranger.get(path)
    links.renew(link=link, by=None, now=ports.now())
    renewed = browser.get(path)
    fresh = Link.objects.get(pk=link.pk)
    opened(browser, fresh)
    links.revoke(link=fresh, by=None, now=ports.now())
    revoked = browser.get(path)
    missing = browser.get("/payments/t/nothing/")
    assert {answer.status_code for answer in (never, renewed, revoked, missing)} == {404}
    assert len({answer.content for answer in (never, renewed, revoked, missing)}) == 1


def test_looking_changes_nothing_and_nothing_keeps_a_copy(browser: Client, link: Link) -> None:
    opened(browser, link)
    answer = browser.get(f"/payments/t/{link.public_id}/")
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["Content-Language"] == "en"
    assert browser.get(f"/payments/t/{link.public_id}/pay/").status_code == 405
    assert not PaymentAttempt.objects.exists()


def test_the_counter_shows_it_in_the_site_s_own_page(browser: Client, link: Link) -> None:
    counter = add_page()
    answer = browser.get(f"/payments/l/{token_of(link)}/")
    assert answer["Location"] == f"{counter.url}{link.public_id}/"
    page = plain(browser.get(answer["Location"]).content.decode())
    assert "Welcome." in page
    assert "Pay €720.00" in page
    assert new_browser().get(answer["Location"]).status_code == 404


def rows_of(browser: Client, invoice: Invoice) -> str:
    open_link(browser, invoice)
    page = browser.get(f"/payments/d/{invoice.document.links.get().public_id}/").content.decode()
    return plain(page[page.index("wp-happened") :])


def test_each_invoice_tells_its_own_part_of_what_was_paid_and_taken_back(
    browser: Client, link: Link, three: list[Invoice], sandbox: Any, clock: Any
) -> None:
    """One payment of 720, of which 400 went back: all of the third, 40 of the second."""
    opened(browser, link)
    press(browser, link)
    attempt = PaymentAttempt.objects.get()
    sandbox.pay(attempt.session_id)
    checkout.refresh(attempt=attempt, now=ports.now())
    sandbox.dashboard_refund(Payment.objects.get().payment_id, 40000)
    clock.advance(minutes=1)
    payments.settle(
        attempt=attempt,
        state=registry.get(attempt.gateway, attempt.site).read(PaymentAttempt.objects.get().session_id or ""),
        now=ports.now(),
    )
    first, second, third = (rows_of(browser, invoice) for invoice in three)
    assert "€120.00" in first
    assert "Refunded" not in first
    assert ("€240.00" in second, "-€40.00" in second) == (True, True)
    assert ("€360.00" in third, "-€360.00" in third) == (True, True)
    assert not any("720" in rows or "400" in rows for rows in (first, second, third))
