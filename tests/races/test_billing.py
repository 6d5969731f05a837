"""A quote is invoiced by several at once, or cancelled meanwhile: one contract, one draft of each part."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.admin.business import sent_quote
from tests.races.crowd import Window, all_at_once
from wagtail_payments import ports
from wagtail_payments.actions import agreements, billing, invoices, quotes
from wagtail_payments.actions.agreements import Word
from wagtail_payments.models import Contract, Deposit, Invoice, Quote

pytestmark = [pytest.mark.server]


@pytest.fixture
def quote(transactional_db: None, clock: Any) -> Quote:
    """Agreed by phone; half of it is asked for first."""
    factories.settle_site()
    plan = [("First", "50", None, "at_signature"), ("Rest", None, None, "on_milestone")]
    sent = sent_quote(factories.make_quote(plan=plan), ports.now())
    word = Word("phone", ports.now().date(), "Nadia", note="By phone")
    agreements.accept_by_word(quote_id=sent.pk, word=word, chosen={}, by=None, now=ports.now())
    return Quote.objects.get(pk=sent.pk)


def test_eight_clicks_make_one_draft_of_the_part(quote: Quote) -> None:
    now = ports.now()
    outcome = all_at_once([lambda: billing.bill(quote_id=quote.pk, step=0, by=None, now=now)] * 8)
    assert outcome.errors == []
    assert len({draft.pk for draft in outcome.results}) == 1
    assert (Contract.objects.count(), Deposit.objects.count(), Invoice.objects.count()) == (1, 1, 2)


def test_eight_payers_on_signature_get_one_invoice(quote: Quote) -> None:
    now = ports.now()
    outcome = all_at_once([lambda: billing.bill_at_signature(quote=Quote.objects.get(pk=quote.pk), now=now)] * 8)
    assert outcome.errors == []
    assert {invoice.pk for invoice in outcome.results} == {Invoice.objects.get(kind="deposit").pk}


def test_a_part_is_issued_or_the_quote_is_cancelled_never_both(quote: Quote) -> None:
    now = ports.now()
    draft = billing.bill(quote_id=quote.pk, step=0, by=None, now=now)
    jobs = [
        lambda: invoices.issue(invoice_id=draft.pk, by=None, now=now),
        lambda: quotes.cancel(quote_id=quote.pk, reason="", by=None, now=now),
    ]
    with ports.use(everywhere=True, failpoint=Window(frozenset({"issue.frozen", "contracts.held"}))):
        outcome = all_at_once(jobs)
    assert len(outcome.results) == len(outcome.errors) == 1
    assert isinstance(outcome.errors[0], (quotes.QuoteRefused, invoices.InvoiceNotReady)), outcome.errors
    quote.refresh_from_db()
    assert (quote.state == "cancelled") == Invoice.objects.get(pk=draft.pk).is_draft
