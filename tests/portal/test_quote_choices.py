"""Quantities that a customer chooses: read as they are written in the language of the quote."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.actions.signers import sent_quote
from tests.portal.test_quotes import opened, sign_all, url
from wagtail_payments.models import Agreement, Quote

pytestmark = pytest.mark.django_db
WORDS = {"en": "Read and approved", "fr": "Bon pour accord", "de": "Read and approved"}


def many(browser: Client, clock: Any, language: str, quantity: str = "1500") -> Quote:
    line = factories.make_quote_line("Leaflets", quantity, "1", "20", least=1, most=5000)
    return opened(browser, sent_quote(clock(), lines=[line], language=language))


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize("quantity", ["1500", "1234.5"])
def test_thousands_left_as_they_stand_are_signed_as_they_stand(
    browser: Client, clock: Any, language: str, quantity: str
) -> None:
    quote = many(browser, clock, language, quantity)
    found = re.search(r'name="(q-\d+)" value="([^"]*)"', browser.get(url("sign", quote)).content.decode())
    assert found is not None
    sign_all(browser, quote, words=WORDS[language], **{"chosen": "1", found[1]: found[2]})
    assert Agreement.objects.get().frozen.lines[0].quantity == quantity


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("en", "1,500", "1500"),
        ("en", "1,500.5", "1500.5"),
        ("en", "2,5", "2.5"),
        ("fr", "1,500", "1.5"),
        ("fr", "1\u202f500,5", "1500.5"),
        ("de", "1.500", "1500"),
        ("de", "2,5", "2.5"),
    ],
)
def test_a_mark_stands_for_thousands_only_where_the_language_says_so(
    browser: Client, clock: Any, language: str, typed: str, meant: str
) -> None:
    quote = many(browser, clock, language)
    name = f"q-{quote.lines.get().pk}"
    sign_all(browser, quote, words=WORDS[language], **{"chosen": "1", name: typed})
    assert Agreement.objects.get().frozen.lines[0].quantity == meant
