"""The desk where a quote is signed: two windows, two people, and what changes between the steps."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.actions.signers import sent_quote
from tests.portal.test_quotes import WHO, last_code, opened, url
from wagtail_payments.models import Agreement, Quote, SigningCode

pytestmark = pytest.mark.django_db


@pytest.fixture
def quote(browser: Client, clock: Any) -> Quote:
    """A quote in English, whose link was opened in the browser."""
    return opened(browser, sent_quote(clock(), language="en"))


def last_page(browser: Client, quote: Quote, **who: str) -> dict[str, str]:
    """Go on to the last page as somebody; return what its form sends."""
    browser.post(url("sign", quote), WHO | who)
    browser.post(url("sign_code", quote), {"code": last_code()})
    found = re.search(r'name="shown" value="(\w+)"', browser.get(url("sign_confirm", quote)).content.decode())
    assert found is not None
    return {"shown": found[1], "typed": "Read and approved"}


@pytest.mark.parametrize("other", [{"name": "Bob"}, {"role": "Owner"}, {"email": "bob@example.org"}])
def test_a_window_in_which_somebody_else_was_named_signs_nothing(
    browser: Client, quote: Quote, other: dict[str, str]
) -> None:
    julies = last_page(browser, quote)
    last_page(browser, quote, **other)
    answer = browser.post(url("sign_confirm", quote), julies)
    assert answer.status_code == 409
    assert "Something has changed meanwhile" in answer.content.decode()
    assert not Agreement.objects.exists()


@pytest.mark.parametrize("unseen", ["\u200b", "\u202e \u2066", "\u00ad"])
def test_a_name_of_which_nothing_can_be_seen_is_none(browser: Client, quote: Quote, unseen: str) -> None:
    answer = browser.post(url("sign", quote), WHO | {"name": unseen})
    assert answer.status_code == 422
    assert "Write your name." in answer.content.decode()
    assert not SigningCode.objects.exists()


@pytest.mark.parametrize(
    ("name", "sent", "field"),
    [
        ("sign", {}, "name"),
        ("sign_code", {"code": ""}, "code"),
        ("sign_code", {"code": "1"}, "code"),
        ("sign_confirm", {"typed": "Yes"}, "typed"),
        ("decline", {"reason": "x" * 3000}, "reason"),
    ],
)
def test_what_is_wrong_is_announced_on_top_with_the_way_to_it(
    browser: Client, quote: Quote, name: str, sent: dict[str, str], field: str
) -> None:
    shown = last_page(browser, quote)
    said = browser.post(url(name, quote), shown | sent).content.decode()
    assert said.count('role="alert"') == 1
    assert f'<a class="wp-summary__link" href="#id_{field}">' in said
    assert f'id="id_{field}"' in said
    assert re.search(rf'aria-describedby="[^"]*id_{field}_error', said)


def test_a_seller_who_takes_another_name_changes_no_sentence_of_a_quote_that_was_sent(
    browser: Client, quote: Quote
) -> None:
    julies, before = last_page(browser, quote), quote.seller.name
    quote.seller.name = "Another Name"
    quote.seller.save()
    assert browser.post(url("sign_confirm", quote), julies).status_code == 303
    assert f"from {before} as shown" in Agreement.objects.get().consent
