"""Signed and paid in one journey: the invoice of what is due at once opens after the signature, once."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.actions.signers import PLAN, sent_quote
from tests.portal.conftest import link_of
from tests.portal.test_quotes import opened, press, sign_all
from wagtail_payments.models import Invoice, PaymentAttempt, Quote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


@pytest.fixture
def pays_on_signature(browser: Client, clock: Any) -> Quote:
    seller = factories.seller_of_default_site()
    seller.quote_rule = "pay_on_signature"
    seller.save()
    return opened(browser, sent_quote(clock(), language="en", plan=PLAN))


def test_the_signature_leads_to_the_deposit_and_the_deposit_to_the_provider(
    browser: Client, pays_on_signature: Quote
) -> None:
    answer = sign_all(browser, pays_on_signature)
    invoice = Invoice.objects.get(document__isnull=False)
    assert (invoice.kind, invoice.gross) == ("deposit", 43_200)
    address = f"/payments/d/{link_of(invoice.document).public_id}/"
    assert answer.status_code == 303
    assert answer["Location"].startswith(address)
    page = unescape(browser.get(answer["Location"]).content.decode())
    assert "It is signed, thank you." in page
    paying = browser.post(f"{address}pay/")
    assert paying.status_code == 303
    assert paying["Location"] == PaymentAttempt.objects.get().url
    assert PaymentAttempt.objects.get().amount == 43_200


def test_pressing_twice_asks_once(browser: Client, pays_on_signature: Quote) -> None:
    first, second = sign_all(browser, pays_on_signature), press(browser, pays_on_signature)
    assert Invoice.objects.filter(document__isnull=False).count() == 1
    assert {answer.status_code for answer in (first, second)} == {303}


def test_who_did_not_sign_here_does_not_see_the_invoice(browser: Client, pays_on_signature: Quote) -> None:
    address = sign_all(browser, pays_on_signature)["Location"]
    assert Client().get(address).status_code == 404


def test_where_it_can_not_be_invoiced_the_seller_is_told_and_the_quote_says_that_it_is_signed(
    browser: Client, pays_on_signature: Quote
) -> None:
    seller = factories.seller_of_default_site()
    seller.street = ""
    seller.save()
    answer = sign_all(browser, pays_on_signature)
    assert answer["Location"].endswith("said=signed")
    assert not Invoice.objects.filter(document__isnull=False).exists()
