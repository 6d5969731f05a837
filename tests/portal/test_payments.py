"""Paying: to the provider and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.portal.conftest import link_of, open_link, page_of, url
from wagtail_payments.actions import checkout, payments
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.mail.links import attempt_token
from wagtail_payments.portal.limits import PER_DOCUMENT
from wagtail_payments.portal.outcome import PAUSES
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Payment


def attempt_at(invoice: Invoice, state: str, clock: Any, **fields: Any) -> PaymentAttempt:
    values = {"created_at": clock(), "idempotency_key": "a" * 32}
    live = state in ("open", "processing", "created", "unknown")
    return factories.make_attempt(invoice, live=live, state=state, **values | fields)


def returned(browser: Client, attempt: PaymentAttempt, looked: str = "") -> Any:
    return browser.get(f"/payments/r/{attempt_token(attempt)}/", query_params={"looked": looked} if looked else {})


@pytest.fixture
def invoice(browser: Client, issued: Callable[..., Invoice]) -> Invoice:
    made = issued(language="en")
    open_link(browser, made)
    return made


def test_the_button_leads_to_the_provider_for_what_is_due_whatever_the_form_says(
    browser: Client, invoice: Invoice, sandbox: Any
) -> None:
    answer = browser.post(url("pay", invoice), {"amount": "1", "currency": "JPY", "invoice": "999", "id": "2"})
    attempt = PaymentAttempt.objects.get()
    assert (attempt.invoice, attempt.amount, attempt.currency) == (invoice, 144_000, "EUR")
    assert (answer.status_code, answer["Location"]) == (303, attempt.url)
    assert attempt.url.startswith("http")


def test_pressing_twice_leads_to_the_same_page(browser: Client, invoice: Invoice, sandbox: Any) -> None:
    first, second = (browser.post(url("pay", invoice)) for _time in range(2))
    assert first["Location"] == second["Location"]
    assert PaymentAttempt.objects.count() == 1


def test_paying_needs_our_own_form(issued: Callable[..., Invoice]) -> None:
    invoice, browser = issued(), Client(enforce_csrf_checks=True)
    open_link(browser, invoice)
    assert browser.post(url("pay", invoice)).status_code == 403


def test_a_receipt_can_not_be_paid(browser: Client, invoice: Invoice, clock: Any) -> None:
    payments.record(
        invoice=invoice, amount=100, method="cash", received_on=invoice.seller.today(clock()), reference="",
        by=None, now=clock(), form_key="k",
    )  # fmt: skip
    receipt = link_of(invoice.allocations.get().payment.receipt.document)
    open_link(browser, receipt.document)
    assert browser.post(url("pay", receipt)).status_code == 404


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (checkout.NothingToPay(), "Nothing is left to pay, so nothing was charged."),
        (checkout.PaymentUnderWay(None), "A payment is already under way."),
        (checkout.OnlinePaymentOff(), "This can't be paid online."),
        (GatewayUnavailable(), "The payment service does not answer just now."),
    ],
)
def test_what_went_wrong_is_said_on_the_page(
    browser: Client, invoice: Invoice, monkeypatch: pytest.MonkeyPatch, problem: Exception, said: str
) -> None:
    def refusing(**_options: Any) -> PaymentAttempt:
        raise problem

    monkeypatch.setattr(checkout, "start", refusing)
    answer = browser.post(url("pay", invoice), follow=True)
    assert answer.redirect_chain[0][1] == 303
    assert said in answer.content.decode().replace("&#x27;", "'")


def test_a_word_in_the_address_that_we_never_said_says_nothing(browser: Client, invoice: Invoice) -> None:
    page = browser.get(url("document", invoice) + "?said=<script>alert(1)</script>").content.decode()
    assert "wp-notice--late" not in page
    assert "alert(1)" not in page


def test_trying_cards_one_after_the_other_is_stopped(
    browser: Client, invoice: Invoice, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    monkeypatch.setattr(checkout, "start", lambda **_options: PaymentAttempt(url="https://pay.example/"))
    answers = [browser.post(url("pay", invoice)) for _time in range(PER_DOCUMENT + 1)]
    assert {answer["Location"] for answer in answers[:-1]} == {"https://pay.example/"}
    assert answers[-1]["Location"].endswith("?said=wait")
    clock.advance(hours=1)
    assert browser.post(url("pay", invoice))["Location"] == "https://pay.example/"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("succeeded", "Thank you, your payment has arrived"),
        ("processing", "Your bank may take up to 14 days; you need do nothing."),
        ("failed", "Nothing was charged. Your bank or card may have refused it."),
        ("expired", "The payment page was open for too long"),
    ],
)
def test_coming_back_says_how_the_payment_stands(
    browser: Client, invoice: Invoice, clock: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch, state: str, said: str
) -> None:
    monkeypatch.setattr(checkout, "refresh", lambda *, attempt, now: attempt)
    answer = returned(browser, attempt_at(invoice, state, clock))
    assert said in answer.content.decode()
    assert "€1,440.00" in answer.content.decode()
    assert "Refresh" not in answer.headers
    assert Payment.objects.count() == 0


def test_coming_back_with_invented_parameters_decides_nothing(
    browser: Client, invoice: Invoice, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "refresh", lambda *, attempt, now: attempt)
    attempt = attempt_at(invoice, "open", clock)
    forged = {"state": "succeeded", "payment_status": "paid", "session_id": "cs_test_1", "redirect_status": "succeeded"}
    browser.get(f"/payments/r/{attempt_token(attempt)}/", query_params=forged)
    attempt.refresh_from_db()
    assert attempt.state == "open"
    assert not Payment.objects.exists()


def test_waiting_looks_again_by_itself_a_few_times_and_then_stops(
    browser: Client, invoice: Invoice, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "refresh", lambda *, attempt, now: attempt)
    attempt = attempt_at(invoice, "open", clock)
    address, pauses = f"/payments/r/{attempt_token(attempt)}/", []
    answer = browser.get(address)
    while "Refresh" in answer.headers:
        seconds, _, following = answer.headers["Refresh"].partition("; url=")
        pauses.append(int(seconds))
        assert following.startswith(address)
        answer = browser.get(following)
    assert tuple(pauses) == PAUSES
    assert "You can close this page" in answer.content.decode()
    assert "Look again now" in answer.content.decode()


@pytest.mark.parametrize("looked", ["stopped", "99", "-1", "1e9", "²", "9" * 50])
def test_looking_again_can_be_stopped_and_never_goes_wild(
    browser: Client, invoice: Invoice, clock: Any, monkeypatch: pytest.MonkeyPatch, looked: str
) -> None:
    monkeypatch.setattr(checkout, "refresh", lambda *, attempt, now: attempt)
    answer = returned(browser, attempt_at(invoice, "open", clock), looked)
    assert answer.status_code == 200
    if looked in ("stopped", "99"):
        assert "Refresh" not in answer.headers


def test_the_provider_is_asked_when_its_message_is_late_but_not_at_every_reload(
    browser: Client, invoice: Invoice, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refresh(*, attempt: PaymentAttempt, now: Any) -> PaymentAttempt:
        asked.append(now)
        attempt.checked_at = now
        attempt.save()
        return attempt

    monkeypatch.setattr(checkout, "refresh", refresh)
    attempt = attempt_at(invoice, "open", clock)
    for seconds in (0, 1, 3):
        clock.advance(seconds=seconds)
        returned(browser, attempt)
    browser.head(f"/payments/r/{attempt_token(attempt)}/")
    assert len(asked) == 2


def test_a_provider_that_does_not_answer_is_no_error(
    browser: Client, invoice: Invoice, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_args: Any, **_options: Any) -> PaymentAttempt:
        raise GatewayUnavailable

    monkeypatch.setattr(registry, "get", failing)
    answer = returned(browser, attempt_at(invoice, "open", clock))
    assert answer.status_code == 200
    assert "We are waiting for your payment to be confirmed" in answer.content.decode()


def test_a_bank_app_in_another_browser_sees_the_payment_and_nothing_else(
    invoice: Invoice, clock: Any, issued: Callable[..., Invoice]
) -> None:
    elsewhere = Client()
    page = returned(elsewhere, attempt_at(invoice, "succeeded", clock)).content.decode()
    assert invoice.number in page
    for private in (invoice.customer.name, invoice.customer.email, invoice.seller.iban, link_of(invoice).public_id):
        assert private not in page
    assert elsewhere.get(url("document", invoice)).status_code == 404


def test_the_same_browser_finds_its_way_back(browser: Client, invoice: Invoice, clock: Any) -> None:
    page = returned(browser, attempt_at(invoice, "failed", clock)).content.decode()
    assert f'href="{url("document", invoice)}"' in page


def test_the_token_of_a_return_ends_and_opens_no_document(browser: Client, invoice: Invoice, clock: Any) -> None:
    attempt = attempt_at(invoice, "succeeded", clock)
    token = attempt_token(attempt)
    assert Client().get(f"/payments/l/{token}/").status_code == 404
    clock.advance(days=3)
    assert browser.get(f"/payments/r/{token}/").status_code == 404


def test_after_paying_the_page_says_so(browser: Client, issued: Callable[..., Invoice], clock: Any) -> None:
    invoice = issued(language="en")
    attempt_at(invoice, "processing", clock)
    assert "Your payment is being confirmed" in page_of(browser, invoice)
