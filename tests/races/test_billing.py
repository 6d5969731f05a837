"""A quote is invoiced by several at once, or cancelled meanwhile: one contract, one draft of each part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from tests import factories
from tests.admin.business import sent_quote
from tests.races.crowd import Window, all_at_once
from tests.races.test_numbers import slow_read
from wagtail_payments import ports
from wagtail_payments.actions import agreements, billing, contracts, invoices, quotes
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


def test_without_the_lock_the_clicks_collide(quote: Quote, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the constraint behind it keeps a second contract out, and that is no answer to an editor."""
    monkeypatch.setattr(billing, "lock", slow_read)
    now = ports.now()
    outcome = all_at_once([lambda: billing.bill(quote_id=quote.pk, step=0, by=None, now=now)] * 8)
    assert any(isinstance(error, IntegrityError) for error in outcome.errors), "the test above proves nothing"
    assert Contract.objects.count() == 1


def test_eight_payers_on_signature_get_one_invoice(quote: Quote) -> None:
    now = ports.now()
    outcome = all_at_once([lambda: billing.bill_at_signature(quote=Quote.objects.get(pk=quote.pk), now=now)] * 8)
    assert outcome.errors == []
    assert {invoice.pk for invoice in outcome.results} == {Invoice.objects.get(kind="deposit").pk}


def test_without_the_lock_payers_on_signature_collide(quote: Quote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(billing, "lock", slow_read)
    now = ports.now()
    outcome = all_at_once([lambda: billing.bill_at_signature(quote=Quote.objects.get(pk=quote.pk), now=now)] * 8)
    assert any(isinstance(error, IntegrityError) for error in outcome.errors), "the test above proves nothing"


def issue_and_cancel(quote: Quote, draft: Invoice) -> list[Callable[[], Any]]:
    now = ports.now()
    return [
        lambda: invoices.issue(invoice_id=draft.pk, by=None, now=now),
        lambda: quotes.cancel(quote_id=quote.pk, reason="", by=None, now=now),
    ]


def test_a_part_is_issued_or_the_quote_is_cancelled_never_both(quote: Quote) -> None:
    draft = billing.bill(quote_id=quote.pk, step=0, by=None, now=ports.now())
    with ports.use(everywhere=True, failpoint=Window(frozenset({"issue.frozen", "contracts.held"}))):
        outcome = all_at_once(issue_and_cancel(quote, draft))
    assert len(outcome.results) == len(outcome.errors) == 1
    assert isinstance(outcome.errors[0], (quotes.QuoteRefused, invoices.InvoiceNotReady)), outcome.errors
    quote.refresh_from_db()
    assert (quote.state == "cancelled") == Invoice.objects.get(pk=draft.pk).is_draft


def test_without_the_lock_a_part_of_a_cancelled_quote_is_issued(quote: Quote, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelling has seen a draft, and issuing has seen a quote that stands: both go on."""
    draft = billing.bill(quote_id=quote.pk, step=0, by=None, now=ports.now())
    monkeypatch.setattr(contracts, "lock", slow_read)
    places = frozenset({"issue.frozen", "contracts.held"})
    with ports.use(everywhere=True, failpoint=Window(places, patience=30)):
        outcome = all_at_once(issue_and_cancel(quote, draft))
    assert outcome.errors == []
    quote.refresh_from_db()
    assert quote.state == "cancelled"
    assert not Invoice.objects.get(pk=draft.pk).is_draft, (
        "without the lock both happen, or the test above proves nothing"
    )
