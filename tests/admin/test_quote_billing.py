"""Invoicing a quote from its desk: a button for each part, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.admin.business import sent_quote
from wagtail_payments.actions import agreements, billing, invoices, quotes
from wagtail_payments.actions.agreements import Word
from wagtail_payments.models import Deposit, Invoice, Quote

PLAN = [("On signature", "30", None, "at_signature"), ("Balance", None, None, "on_milestone")]


@pytest.fixture
def quote(db: None, now: datetime) -> Quote:
    """Agreed by phone: 30 % first, then the rest."""
    sent = sent_quote(factories.make_quote(plan=PLAN), now)
    word = Word("phone", now.date(), "Nadia", note="By phone")
    agreements.accept_by_word(quote_id=sent.pk, word=word, chosen={}, by=None, now=now)
    return Quote.objects.get(pk=sent.pk)


def place(name: str, *args: int) -> str:
    return reverse(f"wagtail_payments_quote:{name}", args=args)


def rows(client: Client, quote: Quote) -> list[Any]:
    found: list[Any] = client.get(place("desk", quote.pk)).context["billing_rows"]
    return found


def test_each_part_has_its_button_or_says_why_not(admin: Client, quote: Quote) -> None:
    first, last = rows(admin, quote)
    assert (first.bill_url, first.why_not) == (place("bill", quote.pk, 0), "")
    assert last.bill_url == ""
    assert "On signature" in last.why_not
    page = admin.get(place("desk", quote.pk)).content.decode()
    assert place("bill", quote.pk, 0) in page
    assert "Still to invoice" in page


def test_a_click_asks_then_makes_the_draft_and_leads_to_its_review(admin: Client, quote: Quote, editor: Any) -> None:
    url = place("bill", quote.pk, 0)
    assert "432.00" in admin.get(url).content.decode().replace(",", ".")
    assert not Invoice.objects.exists()
    answer = admin.post(url)
    draft = Deposit.objects.get().invoice
    assert answer.url == reverse("wagtail_payments_invoice:review", args=[draft.pk])
    assert draft.created_by == editor
    assert admin.get(url).url == admin.post(url).url == answer.url
    assert Deposit.objects.count() == 1


def test_what_can_not_be_invoiced_says_why(admin: Client, quote: Quote, now: datetime) -> None:
    for step, sentence in [(1, "deducts the others"), (7, "no such part")]:
        for method in (admin.get, admin.post):
            answer = method(place("bill", quote.pk, step), follow=True)
            assert sentence in answer.content.decode()
    assert not Invoice.objects.exists()
    quotes.cancel(quote_id=quote.pk, reason="", by=None, now=now)
    page = admin.get(place("desk", quote.pk))
    assert [row.why_not for row in page.context["billing_rows"]] == [
        "This quote was cancelled: there is nothing to invoice."
    ] * 2
    assert any(verb.label == "Invoice what was agreed" for verb in page.context["impossible"])


def test_before_the_customer_agreed_the_desk_says_why_there_is_no_button(admin: Client, now: datetime) -> None:
    sent = sent_quote(factories.make_quote(plan=PLAN), now)
    page = admin.get(place("desk", sent.pk))
    assert "billing" not in page.context
    assert "only what was agreed can be invoiced" in page.content.decode()
    answer = admin.post(place("bill", sent.pk, 0), follow=True)
    assert "not agreed to this quote yet" in answer.content.decode()


def test_who_may_not_write_invoices_has_no_button(signed_in: Callable[..., Client], quote: Quote) -> None:
    first, _last = rows(signed_in("view_quote"), quote)
    assert (first.bill_url, first.why_not) == ("", "You may not write invoices.")


def test_the_invoices_lead_back_to_the_quote(admin: Client, quote: Quote, now: datetime) -> None:
    issued = []
    for step in (0, 1):
        draft = billing.bill(quote_id=quote.pk, step=step, by=None, now=now)
        Deposit.objects.update(if_unpaid="keep")
        issued.append(invoices.issue(invoice_id=draft.pk, by=None, now=now))
    for invoice in issued:
        page = admin.get(reverse("wagtail_payments_invoice:desk", args=[invoice.pk])).content.decode()
        assert place("desk", quote.pk) in page
        assert invoice.number in admin.get(place("desk", quote.pk)).content.decode()


def test_a_desk_asks_as_much_for_many_parts_as_for_few(admin: Client, now: datetime) -> None:
    def asked(parts: int) -> int:
        plan = [(f"Part {number}", "5", None, "on_milestone") for number in range(parts)]
        sent = sent_quote(factories.make_quote(plan=[*plan, ("Rest", None, None, "on_milestone")]), now)
        word = Word("phone", now.date(), "Nadia", note="By phone")
        agreements.accept_by_word(quote_id=sent.pk, word=word, chosen={}, by=None, now=now)
        for step in range(parts):
            draft = billing.bill(quote_id=sent.pk, step=step, by=None, now=now)
            invoices.issue(invoice_id=draft.pk, by=None, now=now)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            admin.get(place("desk", sent.pk))
        return len(queries)

    admin.get(place("list"))
    assert asked(2) == asked(5)
