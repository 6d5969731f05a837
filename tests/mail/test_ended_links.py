"""A link that was ended stands in no letter written afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests import factories
from tests.actions.signers import sent_quote
from wagtail_payments.actions import invoices, links, quote_questions, quotes, revisions
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.mail.letters import default_invoice_text
from wagtail_payments.models import Invoice, Letter, Link, Quote

pytestmark = pytest.mark.django_db


def end(now: datetime) -> None:
    links.revoke(link=Link.objects.get(), by=None, now=now)


def assert_leads_nowhere(letter: Letter) -> None:
    assert letter.link is None
    for said in (letter.text, letter.html):
        assert not [trace for trace in ("/l/", "{{", "link-", "#LINK", "online", "button") if trace in body_of(said)]


def body_of(said: str) -> str:
    return said.partition("<body")[2] or said


@pytest.fixture
def invoice(now: datetime) -> Invoice:
    """An issued invoice in English."""
    return invoices.issue(invoice_id=factories.make_invoice(language="en").pk, by=None, now=now)


def test_an_invoice_sent_again_asks_nobody_to_follow_it(invoice: Invoice, now: datetime) -> None:
    end(now)
    subject, text = default_invoice_text(invoice=invoice, language="en")
    words: dict[str, Any] = {"subject": subject, "text": text}
    letter = invoices.send(invoice=invoice, by=None, now=now, to=["nadia@example.org"], cc=[], **words)
    assert_leads_nowhere(letter)
    assert "Kind regards" in letter.text


def test_nor_does_a_revision(invoice: Invoice, now: datetime) -> None:
    end(now)
    notice = revisions.Notice(["nadia@example.org"])
    changes = revisions.Changes("PO 7", "", ())
    revisions.revise(invoice_id=invoice.pk, changes=changes, by=None, now=now, form_key="k", notice=notice)
    assert_leads_nowhere(Letter.objects.get(kind="invoice_revised"))


def test_a_quote_is_sent_again_only_once_it_has_a_link(now: datetime) -> None:
    quote = sent_quote(now, language="en")
    end(now)
    again = {"by": None, "to": ["x@y.example"], "cc": [], "subject": "Again", "text": "#LINK"}
    with pytest.raises(QuoteRefused, match="Make a new link"):
        quotes.send_again(quote_id=quote.pk, now=now, **again)
    links.renew(link=Link.objects.get(), by=None, now=now)
    assert quotes.send_again(quote_id=quote.pk, now=now, **again).link == Link.objects.get()


def test_an_answer_about_a_quote_has_none_either(now: datetime) -> None:
    quote: Quote = sent_quote(now, language="en")
    end(now)
    quote_questions.answer(quote_id=quote.pk, text="Tomorrow.", by=None, now=now)
    assert_leads_nowhere(Letter.objects.get(kind="quote_answer"))
