"""Asking the seller."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.portal.conftest import new_browser, open_link, url
from wagtail_payments.portal import limits
from wagtail_payments.portal.limits import PER_ADDRESS, PER_DOCUMENT
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter

GOOD = {"question-email": "julie@example.org", "question-text": "Could you add\n\nour order number?"}


def ask(browser: Client, invoice: Invoice, **changes: str) -> Any:
    said = GOOD | {f"question-{name}": value for name, value in changes.items()}
    return browser.post(url("question", invoice), said)


@pytest.fixture
def invoice(browser: Client, issued: Callable[..., Invoice]) -> Invoice:
    made = issued(language="en")
    open_link(browser, made)
    return made


def test_a_question_goes_to_the_seller_who_answers_the_customer(browser: Client, invoice: Invoice) -> None:
    answer = ask(browser, invoice)
    assert answer.status_code == 303
    letter = Letter.objects.get(kind="question")
    assert (letter.to, letter.reply_to) == ([invoice.seller.email], "julie@example.org")
    assert "our order number?" in letter.text
    page = browser.get(answer["Location"]).content.decode()
    assert "Your question is on its way" in page
    assert 'role="status"' in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": ""}, "Write your e-mail address"),
        ({"email": "nobody"}, "This is not an e-mail address"),
        ({"email": '"a, b"@example.com'}, "This is not an e-mail address"),
        ({"email": "a@example.com\nBcc: b@example.com"}, "This is not an e-mail address"),
        ({"text": ""}, "Write your question."),
        ({"text": "x" * 4001}, "This is too long: at most 4000 characters"),
        ({"text": "NUL \x00 inside"}, "Null characters are not allowed"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    browser: Client, invoice: Invoice, changes: dict[str, str], said: str
) -> None:
    answer = ask(browser, invoice, **changes)
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert page.count(said) == 2  # in the summary, and at the field
    kept = GOOD | {f"question-{name}": value for name, value in changes.items()}
    assert kept["question-text"].split("\n")[0].replace("\x00", "") in page.replace("\x00", "")
    assert kept["question-email"].split("\n")[0] in page
    assert 'aria-invalid="true"' in page
    assert not Letter.objects.exists()


def test_a_machine_that_fills_in_everything_is_thanked_and_ignored(browser: Client, invoice: Invoice) -> None:
    assert ask(browser, invoice, website="https://spam.example").status_code == 303
    assert not Letter.objects.exists()


def test_asking_too_often_is_stopped_in_words_and_allowed_again_later(
    browser: Client, invoice: Invoice, clock: Any
) -> None:
    for _time in range(PER_DOCUMENT):
        assert ask(browser, invoice).status_code == 303
    answer = ask(browser, invoice)
    assert answer.status_code == 429
    assert "Wait an hour, please." in answer.content.decode()
    assert "our order number?" in answer.content.decode()
    clock.advance(hours=1)
    assert ask(browser, invoice).status_code == 303


def test_a_spoofed_address_does_not_escape_the_limit(issued: Callable[..., Invoice], clock: Any, settings: Any) -> None:
    answers = []
    for number in range(PER_ADDRESS // PER_DOCUMENT + 1):
        invoice, browser = issued(), new_browser()
        open_link(browser, invoice)
        for _time in range(PER_DOCUMENT):
            headers = {"x-forwarded-for": f"10.0.0.{number}"}
            answer = browser.post(url("question", invoice), GOOD, headers=headers, REMOTE_ADDR="93.184.216.34")
            answers.append(answer.status_code)
    assert answers[:PER_ADDRESS] == [303] * PER_ADDRESS
    assert set(answers[PER_ADDRESS:]) == {429}


@pytest.mark.parametrize("proxy", ["127.0.0.1", "10.0.0.5", "::1", ""])
def test_customers_behind_a_proxy_that_nobody_told_us_of_do_not_stop_each_other(
    issued: Callable[..., Invoice], clock: Any, proxy: str
) -> None:
    for _customer in range(PER_ADDRESS // PER_DOCUMENT + 1):
        invoice, browser = issued(), new_browser()
        open_link(browser, invoice)
        for _time in range(PER_DOCUMENT):
            assert browser.post(url("question", invoice), GOOD, REMOTE_ADDR=proxy).status_code == 303


def test_a_worker_whose_clock_is_ahead_does_no_harm(
    browser: Client, invoice: Invoice, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins the next hour and clears the last one away while we still count in that."""
    monkeypatch.setattr(limits, "_begin", lambda key, window: None)
    assert ask(browser, invoice).status_code == 303


def test_a_question_needs_our_own_form(invoice: Invoice) -> None:
    browser = Client(enforce_csrf_checks=True)
    open_link(browser, invoice)
    assert ask(browser, invoice).status_code == 403
    page = browser.get(url("document", invoice)).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert browser.post(url("question", invoice), GOOD | {"csrfmiddlewaretoken": token}).status_code == 303


def test_a_question_that_says_html_stays_text(browser: Client, invoice: Invoice) -> None:
    ask(browser, invoice, text="<script>alert(1)</script> {{ link }} #LINK")
    letter = Letter.objects.get()
    assert "<script>" not in letter.html
