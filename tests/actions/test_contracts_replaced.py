"""The only invoice of a quote is put right: the new one takes its place, and what was agreed stays invoiced once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.actions.test_billing import agreed as agreed
from tests.actions.test_corrections import assert_whole, corrective, issue, reissued
from wagtail_payments.actions import billing, invoices, quotes
from wagtail_payments.actions.billing import BillingRefused
from wagtail_payments.models import Contract, Invoice, Payment, Quote

pytestmark = pytest.mark.django_db
Agreed = Callable[..., Quote]
Pay = Callable[..., Payment]
Replaced = Callable[[Invoice, datetime], Invoice]
BOTH = pytest.mark.parametrize("replaced", [reissued, corrective])


@pytest.fixture
def quote(agreed: Agreed) -> Quote:
    return agreed(plan=[])


@pytest.fixture
def first(quote: Quote, now: datetime) -> Invoice:
    """The whole of the quote, invoiced."""
    return issue(billing.bill(quote_id=quote.pk, by=None, now=now), now)


def refused(draft: Invoice, now: datetime) -> list[str]:
    with pytest.raises(invoices.InvoiceNotReady) as error:
        issue(draft, now)
    return [finding.code for finding in error.value.findings]


@BOTH
def test_the_new_one_takes_its_place(
    quote: Quote, first: Invoice, now: datetime, replaced: Replaced, paid_by_transfer: Pay
) -> None:
    paid_by_transfer(first)
    draft = replaced(first, now)
    with pytest.raises(BillingRefused):
        billing.bill(quote_id=quote.pk, by=None, now=now)
    new = issue(draft, now)
    assert Contract.objects.get().invoice == new
    assert new.document is not None
    assert new.document.frozen.agreed is not None
    assert new.document.frozen.agreed.number == quote.number
    (step,) = billing.standing(quote=quote).steps
    assert (step.invoice, step.state) == (new, "paid")
    standing = billing.standing(quote=quote)
    assert (standing.invoiced, standing.left) == (quote.agreement.gross, 0)
    with pytest.raises(BillingRefused, match=new.number):
        billing.bill(quote_id=quote.pk, by=None, now=now)
    assert billing.bill_at_signature(quote=quote, now=now) == new
    with pytest.raises(quotes.QuoteRefused):
        quotes.cancel(quote_id=quote.pk, reason="", by=None, now=now)
    assert_whole(new)


@BOTH
def test_neither_more_nor_other_than_was_agreed(first: Invoice, now: datetime, replaced: Replaced) -> None:
    draft = replaced(first, now)
    line = draft.lines.all()[0]
    line.unit_price += Decimal(10)
    line.save()
    assert "quote_differs" in refused(Invoice.objects.get(pk=draft.pk), now)
    assert Contract.objects.get().invoice == first


def test_nobody_else_is_invoiced_for_it(first: Invoice, now: datetime) -> None:
    draft = reissued(first, now)
    Invoice.objects.filter(pk=draft.pk).update(customer=factories.make_customer(name="Somebody else"))
    assert "quote_other" in refused(Invoice.objects.get(pk=draft.pk), now)


def test_what_the_quotes_customer_took_back_is_not_invoiced_anew(quote: Quote, first: Invoice, now: datetime) -> None:
    draft = reissued(first, now)
    Quote.objects.filter(pk=quote.pk).update(state="withdrawn")
    assert "quote" in refused(draft, now)


def test_by_what_rule_it_was_agreed_is_not_asked_again(quote: Quote, first: Invoice, now: datetime) -> None:
    """It was accepted by phone; the owner now wants quotes to be signed."""
    draft = reissued(first, now)
    type(quote.seller).objects.filter(pk=quote.seller_id).update(quote_rule="signed_only")
    assert issue(draft, now).number


def test_a_second_time_the_last_one_is_replaced(quote: Quote, first: Invoice, now: datetime) -> None:
    second = issue(reissued(first, now), now)
    third = issue(reissued(second, now), now)
    assert Contract.objects.get().invoice == third
    assert billing.standing(quote=quote).invoiced == quote.agreement.gross


def test_a_draft_that_is_deleted_leaves_everything_as_it_was(quote: Quote, first: Invoice, now: datetime) -> None:
    reissued(first, now).delete()
    assert Contract.objects.get().invoice == first
    with pytest.raises(BillingRefused):
        billing.bill(quote_id=quote.pk, by=None, now=now)


def test_an_ordinary_invoice_is_replaced_as_ever(issued: Any, now: datetime) -> None:
    assert issue(reissued(issued(), now), now).number
    assert not Contract.objects.exists()
