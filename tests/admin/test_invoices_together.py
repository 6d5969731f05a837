"""Asking for several invoices together: by letter or by link, from the list and from the customer's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.admin.test_invoices_list import bulk
from wagtail_payments import ports
from wagtail_payments.actions import checkout, invoices, payment_requests
from wagtail_payments.core.lifecycle import AttemptState
from wagtail_payments.mail import links
from wagtail_payments.models import Invoice, Letter, Link, PaymentAttempt, PaymentRequest

pytestmark = pytest.mark.usefixtures("sandbox")
ASK = "ask_together"
HERE = "https://atelier.example/t/"


def issued(**fields: Any) -> Invoice:
    return invoices.issue(invoice_id=factories.make_invoice(**fields).pk, by=None, now=ports.now())


@pytest.fixture
def pair(db: None, clock: Any) -> list[Invoice]:
    customer = factories.make_customer(language="en")
    return [issued(customer=customer) for _ in range(2)]


def keys(invoices: list[Invoice]) -> list[int]:
    return [one.pk for one in invoices]


def place(name: str, invoice: Invoice) -> str:
    request = PaymentRequest.objects.get()
    return reverse(f"wagtail_payments_invoice:{name}", args=(invoice.pk, request.pk))


def test_the_letter_is_shown_first_and_sent_once(admin: Client, pair: list[Invoice]) -> None:
    page = admin.get(bulk(ASK, *keys(pair)))
    assert "Pay all together" in page.context["preview"]
    assert not PaymentRequest.objects.exists()
    data = {"form_key": page.context["form_key"]}
    for _ in range(2):
        assert admin.post(bulk(ASK, *keys(pair)), data).status_code == 302
    letter = Letter.objects.get(kind="payment_request")
    assert letter.to == [pair[0].customer.email]
    assert letter.link == Link.objects.get(payment_request__isnull=False)
    for invoice in pair:
        history = admin.get(reverse("wagtail_payments_invoice:history", args=(invoice.pk,))).content.decode()
        assert "Asked for together, sent to" in history


def test_only_the_link_is_made_and_shown_to_copy(admin: Client, pair: list[Invoice]) -> None:
    answer = admin.post(bulk(ASK, *keys(pair)), {"link": "1"})
    assert answer["Location"] == place("together", pair[0])
    page = admin.get(answer["Location"])
    assert links.url_of(Link.objects.select_related("site").get(payment_request__isnull=False)) in page.content.decode()
    assert not Letter.objects.exists()
    desk = admin.get(reverse("wagtail_payments_invoice:desk", args=(pair[1].pk,))).content.decode()
    assert f"{pair[0].number}, {pair[1].number}" in desk
    assert place("together", pair[1]) in desk


def test_why_they_can_not_be_asked_for_together_is_said_in_plain_words(admin: Client, pair: list[Invoice]) -> None:
    other = issued(customer=factories.make_consumer())
    page = admin.get(bulk(ASK, *keys([*pair, other])))
    assert "These invoices are for different customers" in page.content.decode()
    assert page.context["preview"] == ""
    answer = admin.post(bulk(ASK, *keys([*pair, other])), {"form_key": "form"}, follow=True)
    assert "These invoices are for different customers" in answer.content.decode()
    assert "at least two" in admin.get(bulk(ASK, pair[0].pk)).content.decode()
    assert not PaymentRequest.objects.exists()


@pytest.mark.parametrize("key", ["x", "999999", "-1", "1e9", "%00"])
def test_odd_ids_are_no_server_error(admin: Client, key: str) -> None:
    assert admin.get(bulk(ASK, key)).status_code == 200
    for data in ({"link": "1"}, {"form_key": "\x00"}):
        assert admin.post(bulk(ASK, key), data).status_code == 302


def test_who_may_only_see_can_not_ask(signed_in: Callable[..., Client], pair: list[Invoice]) -> None:
    browser = signed_in("view_invoice", "change_invoice", "view_customer", "change_customer")
    browser.get(bulk(ASK, *keys(pair)))
    browser.post(bulk(ASK, *keys(pair)), {"link": "1"})
    assert not PaymentRequest.objects.exists()
    customer = browser.get(reverse("wagtail_payments_customer:edit", args=(pair[0].customer_id,))).content.decode()
    assert "Ask for payment together" not in customer


def test_the_customer_s_page_leads_there_where_more_than_one_is_open(admin: Client, pair: list[Invoice]) -> None:
    address = reverse("wagtail_payments_customer:edit", args=(pair[0].customer_id,))
    page = admin.get(address).content.decode()
    (found,) = set(re.findall(r'href="([^"]*/ask_together/[^"]*)"', page))
    chosen = admin.get(unescape(found))
    assert [row["item"] for row in chosen.context["items"]] == pair
    assert not chosen.context["why_not"]
    alone = issued(customer=factories.make_consumer())
    address = reverse("wagtail_payments_customer:edit", args=(alone.customer_id,))
    assert "Ask for payment together" not in admin.get(address).content.decode()


def test_the_link_is_renewed_and_ended(admin: Client, pair: list[Invoice]) -> None:
    link = payment_requests.make(invoice_ids=keys(pair), by=None, now=ports.now())
    before = links.token_of(link)
    assert "stops working" in admin.get(place("together_renew", pair[0])).content.decode()
    admin.post(place("together_renew", pair[0]))
    assert links.read_token(before) is None
    assert "still opens it" in admin.get(place("together_revoke", pair[1])).content.decode()
    admin.post(place("together_revoke", pair[1]))
    link.refresh_from_db()
    assert link.revoked_at is not None
    assert "This link was ended" in admin.get(place("together", pair[0])).content.decode()
    assert pair[0].document.links.get().revoked_at is None
    for invoice in pair:
        history = admin.get(reverse("wagtail_payments_invoice:history", args=(invoice.pk,))).content.decode()
        assert history.count("renewed") >= 1


def test_another_invoice_has_nothing_to_do_with_it(admin: Client, pair: list[Invoice]) -> None:
    payment_requests.make(invoice_ids=keys(pair), by=None, now=ports.now())
    other = issued()
    for name in ("together", "together_renew", "together_revoke"):
        assert admin.get(place(name, other)).status_code == 404
        assert admin.post(place(name, other)).status_code in (404, 405)


def test_each_desk_shows_its_share_of_a_common_try_and_asks_about_it(
    admin: Client, pair: list[Invoice], sandbox: Any
) -> None:
    link = payment_requests.make(invoice_ids=keys(pair), by=None, now=ports.now())
    assert link.payment_request is not None
    attempt = checkout.start_together(
        request=link.payment_request, now=ports.now(), return_url=lambda _: HERE, cancel_url=HERE
    )
    for invoice in pair:
        desk = admin.get(reverse("wagtail_payments_invoice:desk", args=(invoice.pk,)))
        (row,) = desk.context["attempts"]
        assert (row["share"].amount, row["attempt"]) == (invoice.gross, attempt)
        assert "together with other invoices" in desk.content.decode()
    sandbox.pay(attempt.session_id)
    admin.post(reverse("wagtail_payments_invoice:refresh", args=(pair[1].pk, attempt.pk)))
    assert PaymentAttempt.objects.get().state == AttemptState.SUCCEEDED
    for invoice in pair:
        desk = admin.get(reverse("wagtail_payments_invoice:desk", args=(invoice.pk,)))
        (row,) = desk.context["payments"]
        assert row["here"] == invoice.gross
