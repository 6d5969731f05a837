"""Private answers are private."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.portal.conftest import link_of, open_link, url
from wagtail_payments.mail.links import attempt_token, token_of
from wagtail_payments.records.invoices import Invoice

PRIVATE = {
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.fixture
def answers(browser: Client, issued: Callable[..., Invoice], clock: Any) -> dict[str, Any]:
    """One answer of every kind."""
    invoice = issued()
    attempt = factories.make_attempt(
        invoice,
        state="succeeded",
        idempotency_key="a" * 32,
        created_at=clock(),
    )
    token = token_of(link_of(invoice))
    missing = browser.get("/payments/l/nothing/")
    return {
        "token": browser.get(f"/payments/l/{token}/"),
        "document": browser.get(url("document", invoice)),
        "pdf": browser.get(url("pdf", invoice)),
        "question": browser.post(url("question", invoice), {}),
        "return": browser.get(f"/payments/r/{attempt_token(attempt)}/"),
        "missing": missing,
    }


KINDS = ("token", "document", "pdf", "question", "return", "missing")


@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_is_cached_indexed_or_framed(answers: dict[str, Any], kind: str) -> None:
    headers = answers[kind].headers
    assert {name: headers.get(name) for name in PRIVATE} == PRIVATE
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Cookie" in headers["Vary"]
    assert not {"ETag", "Last-Modified", "Expires"} & set(headers)


def test_a_token_is_never_told_to_another_site(answers: dict[str, Any]) -> None:
    told = {kind: answer.headers["Referrer-Policy"] for kind, answer in answers.items()}
    assert {told["token"], told["return"], told["missing"]} == {"no-referrer"}
    assert {told["document"], told["question"]} == {"same-origin"}


def test_no_page_says_its_token(answers: dict[str, Any], issued: Callable[..., Invoice]) -> None:
    for kind in ("document", "question", "return"):
        assert "/l/" not in answers[kind].content.decode()


@pytest.mark.parametrize("kind", ["document", "question", "return", "missing"])
def test_pages_need_no_inline_script_or_style(answers: dict[str, Any], kind: str) -> None:
    """They pass ``default-src 'self'``: nothing inline, nothing from elsewhere."""
    page = answers[kind].content.decode()
    assert "style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert " on" + "click" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page


def test_a_policy_of_the_host_is_left_alone(browser: Client, issued: Callable[..., Invoice], settings: Any) -> None:
    """A policy in our header would replace the host's, which may be stricter."""
    settings.SECURE_CSP = {"default-src": ["'self'"]}
    invoice = issued()
    open_link(browser, invoice)
    answer = browser.get(url("document", invoice))
    assert "Content-Security-Policy" not in answer.headers
    assert answer.headers["X-Frame-Options"] == "DENY"
