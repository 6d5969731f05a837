"""The only invoice of a quote is replaced while others invoice the quote, and the replacing one is clicked twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.admin.business import sent_quote
from tests.races.crowd import Outcome, Window, all_at_once
from wagtail_payments import ports
from wagtail_payments.actions import agreements, billing, corrections, credits, invoices
from wagtail_payments.actions.agreements import Word
from wagtail_payments.models import Contract, Invoice, Quote
from wagtail_payments.reports import verification

pytestmark = [pytest.mark.server]


@pytest.fixture
def quote(transactional_db: None, clock: Any) -> Quote:
    """Agreed by phone, invoiced whole."""
    factories.settle_site()
    sent = sent_quote(factories.make_quote(), ports.now())
    word = Word("phone", ports.now().date(), "Nadia", note="By phone")
    agreements.accept_by_word(quote_id=sent.pk, word=word, chosen={}, by=None, now=ports.now())
    whole = billing.bill(quote_id=sent.pk, by=None, now=ports.now())
    invoices.issue(invoice_id=whole.pk, by=None, now=ports.now())
    return Quote.objects.get(pk=sent.pk)


def invoiced(quote: Quote) -> int:
    """All that was invoiced to the customer, less what was taken back."""
    rows = Invoice.objects.filter(customer=quote.customer, document__isnull=False).with_balance()
    return sum(row.gross - row.balance().taken_back for row in rows)


FRIENDLY = {invoices.InvoiceAlreadyIssued, billing.BillingRefused}


def replaced_and_billed(quote: Quote) -> Outcome:
    """Four clicks issue the invoice that takes the place of the first, four would invoice the quote."""
    now, whole = ports.now(), quote.contract.invoice
    draft = corrections.reissue(invoice_id=whole.pk, reason="Address", by=None, now=now, form_key="one")
    jobs: list[Any] = [lambda: invoices.issue(invoice_id=draft.pk, by=None, now=now)] * 4
    jobs += [lambda: billing.bill(quote_id=quote.pk, by=None, now=now)] * 4
    with ports.use(everywhere=True, failpoint=Window(frozenset({"issue.frozen", "billing.held"}))):
        return all_at_once(jobs)


def test_it_is_invoiced_once_whoever_clicks_what(quote: Quote) -> None:
    outcome = replaced_and_billed(quote)
    (new,) = outcome.results
    assert {type(error) for error in outcome.errors} == FRIENDLY
    assert Contract.objects.get().invoice_id == new.pk
    assert invoiced(quote) == quote.agreement.gross
    assert list(verification.verify(seller=quote.seller, mode=quote.mode)) == []


def test_without_the_lock_the_clicks_collide(quote: Quote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoices, "lock", lambda model, *keys: list(model.objects.filter(pk__in=keys)))
    outcome = replaced_and_billed(quote)
    assert len(outcome.results) != 1 or {type(error) for error in outcome.errors} != FRIENDLY


def replaced_twice(quote: Quote) -> Any:
    now, key = ports.now(), quote.contract.invoice_id
    jobs = [
        lambda form=form: corrections.reissue(invoice_id=key, reason="Address", by=None, now=now, form_key=form)
        for form in ("one", "two")
    ]
    return all_at_once(jobs)


def test_two_clicks_make_one_draft_in_its_place(quote: Quote) -> None:
    outcome = replaced_twice(quote)
    assert all(isinstance(error, credits.CreditRefused | corrections.CorrectionRefused) for error in outcome.errors)
    assert len({draft.pk for draft in outcome.results}) == 1
    (draft,) = Invoice.objects.filter(document=None)
    invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())
    assert invoiced(quote) == quote.agreement.gross
