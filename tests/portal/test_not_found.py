"""Foreign, ended and missing look the same, to the byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from tests import factories
from tests.portal.conftest import link_of, new_browser, open_link, renew, url
from tests.stories import organiser
from wagtail_payments import urls
from wagtail_payments.actions import links
from wagtail_payments.mail.links import token_of
from wagtail_payments.records.invoices import Invoice

SAME_HEADERS = ("Cache-Control", "Referrer-Policy", "X-Robots-Tag", "Vary", "X-Frame-Options", "Content-Language")

# Every address of the public side, what may be asked there, and what it says where there is nothing:
# a new address fails the test below until it has a row.
MATRIX: dict[str, tuple[str, str, int]] = {
    "link": ("/payments/l/{token}/", "GET HEAD", 404),
    "return": ("/payments/r/{token}/", "GET HEAD", 404),
    "document": ("/payments/d/{public_id}/", "GET HEAD", 404),
    "pdf": ("/payments/d/{public_id}/pdf/", "GET HEAD", 404),
    "paper": ("/payments/d/{public_id}/papers/1/", "GET HEAD", 404),
    "attachment": ("/payments/d/{public_id}/attachment/1/", "GET HEAD", 404),
    "added": ("/payments/d/{public_id}/added/1/", "GET HEAD", 404),
    "use_credit": ("/payments/d/{public_id}/credit/", "POST", 404),
    "pay": ("/payments/d/{public_id}/pay/", "POST", 404),
    "plan": ("/payments/d/{public_id}/plan/", "POST", 404),
    "plan_withdraw": ("/payments/d/{public_id}/plan/withdraw/", "POST", 404),
    "question": ("/payments/d/{public_id}/question/", "POST", 404),
    "sign": ("/payments/d/{public_id}/sign/", "GET HEAD POST", 404),
    "sign_code": ("/payments/d/{public_id}/sign/code/", "GET HEAD POST", 404),
    "sign_confirm": ("/payments/d/{public_id}/sign/confirm/", "GET HEAD POST", 404),
    "decline": ("/payments/d/{public_id}/decline/", "GET HEAD POST", 404),
    "withdraw": ("/payments/d/{public_id}/withdraw/", "GET HEAD POST", 404),
    "signed": ("/payments/d/{public_id}/signed/", "GET HEAD", 404),
    "evidence": ("/payments/d/{public_id}/evidence/", "GET HEAD", 404),
    "payment_request": ("/payments/t/{public_id}/", "GET HEAD", 404),
    "payment_request_pay": ("/payments/t/{public_id}/pay/", "POST", 404),
    "registration": ("/payments/e/{public_id}/", "GET HEAD", 404),
    "registration_pay": ("/payments/e/{public_id}/pay/", "POST", 404),
    "registration_answers": ("/payments/e/{public_id}/answers/", "POST", 404),
    "registration_balance": ("/payments/e/{public_id}/balance/", "POST", 404),
    "registration_more_time": ("/payments/e/{public_id}/more-time/", "POST", 404),
    "registration_give_back": ("/payments/e/{public_id}/give-back/", "POST", 404),
    "registration_seat": ("/payments/e/{public_id}/seats/1/", "POST", 404),
    "registration_paper": ("/payments/e/{public_id}/papers/1/", "GET HEAD", 404),
    "registration_calendar": ("/payments/e/{public_id}/event.ics", "GET HEAD", 404),
    "registration_cancel": ("/payments/e/{public_id}/cancel/", "GET HEAD POST", 404),
    "registration_withdraw": ("/payments/e/{public_id}/withdraw/", "GET HEAD POST", 404),
    "registration_question": ("/payments/e/{public_id}/question/", "POST", 404),
    "logo": ("/payments/logo/0123456789abcdef.png", "GET HEAD", 404),
    "theme": ("/payments/theme/112233-445566.css", "GET HEAD", 200),
}
ELSEWHERE = {"webhook"}  # has tests of its own
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def answers_alike(first: Any, second: Any) -> bool:
    same = [first.headers.get(name) == second.headers.get(name) for name in SAME_HEADERS]
    return (first.status_code, first.content) == (second.status_code, second.content) and all(same)


def test_every_address_has_a_row_in_the_matrix() -> None:
    named = {pattern.name for pattern in urls.urlpatterns}
    assert named == set(MATRIX) | (named & ELSEWHERE)
    assert get_resolver().reverse_dict


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", MATRIX)
def test_what_is_missing_or_foreign_looks_the_same(
    browser: Client, issued: Callable[..., Invoice], name: str, method: str
) -> None:
    pattern, allowed, status = MATRIX[name]
    registers = name.startswith("registration")
    foreign = organiser.register(factories.make_event()).link if registers else link_of(issued())
    known = {"public_id": foreign.public_id, "token": f"{foreign.public_id}.{'A' * 32}"}
    unknown = {"public_id": "0" * 32, "token": f"{'0' * 32}.{'A' * 32}"}
    expected = status if method in allowed.split() else 405
    there, nowhere = (browser.generic(method, pattern.format(**names)) for names in (known, unknown))
    assert there.status_code == nowhere.status_code == expected
    assert answers_alike(there, nowhere)


def test_every_reason_for_which_a_link_is_dead_gives_the_same_page(
    browser: Client, issued: Callable[..., Invoice], clock: Any
) -> None:
    renewed, revoked, expired, foreign = issued(), issued(), issued(), issued(language="en")
    tokens = [token_of(link_of(invoice)) for invoice in (renewed, revoked, expired)]
    renew(renewed, clock())
    links.revoke(link=link_of(revoked), by=None, now=clock())
    past = link_of(expired)
    past.expires_at = clock()
    past.save()
    dead = [browser.get(f"/payments/l/{token}/") for token in [*tokens, "nothing", "x" * 3000, "%00", "é"]]
    dead.append(browser.get(url("document", foreign)))
    assert {answer.status_code for answer in dead} == {404}
    assert all(answers_alike(dead[0], answer) for answer in dead)
    assert "ask the sender for a new link" in dead[0].content.decode()


def test_a_tampered_token_opens_nothing(browser: Client, issued: Callable[..., Invoice]) -> None:
    token = token_of(link_of(issued()))
    for position in (0, 31, 33, len(token) - 1):
        other = "A" if token[position] != "A" else "B"
        tampered = token[:position] + other + token[position + 1 :]
        assert browser.get(f"/payments/l/{tampered}/").status_code == 404


def test_a_lookup_that_fails_costs_the_same_queries_whatever_the_reason(
    browser: Client, issued: Callable[..., Invoice]
) -> None:
    foreign, missing = url("document", issued()), f"/payments/d/{'0' * 32}/"
    browser.get(missing)
    counts = []
    for address in (foreign, missing):
        with CaptureQueriesContext(connection) as asked:
            browser.get(address)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_wrong_question_about_a_foreign_document_says_nothing_about_it(
    browser: Client, issued: Callable[..., Invoice]
) -> None:
    foreign = issued()
    asked = browser.post(url("question", foreign), {"question-email": "no", "question-text": ""})
    assert asked.status_code == 404
    assert browser.post(url("pay", foreign), {"amount": "1"}).status_code == 404


def test_another_customers_visit_sees_nothing_of_mine(browser: Client, issued: Callable[..., Invoice]) -> None:
    mine = issued(customer=factories.make_consumer())
    stranger = new_browser()
    open_link(stranger, issued())
    for name in ("document", "pdf"):
        assert stranger.get(url(name, mine)).status_code == 404
