"""Two drafts take the same deposit; one of them gets it, and it is deducted once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.races.crowd import Window, all_at_once
from wagtail_payments import ports
from wagtail_payments.actions import advances, credits, deposits, invoices
from wagtail_payments.core.tax import VatCategory, VatGroup
from wagtail_payments.models import CreditNote, Deposit, Invoice
from wagtail_payments.reports import verification

pytestmark = [pytest.mark.server]
TWENTY = VatGroup(VatCategory.STANDARD, Decimal(20), "")


@pytest.fixture
def deposit(transactional_db: None, clock: Any) -> Invoice:
    """A deposit that waits for an order."""
    factories.settle_site()
    usual = factories.make_invoice()
    names = ("seller", "site", "customer", "language", "currency")
    draft = Invoice(**{name: getattr(usual, name) for name in names}, due_days=0)
    asked = advances.ask(draft=draft, shares=[(TWENTY, 120_00)], by=None, now=ports.now(), form_key="one")
    return invoices.issue(invoice_id=asked.pk, by=None, now=ports.now())


def two_drafts_take(deposit: Invoice) -> list[Callable[[], Any]]:
    def take(key: int) -> int:
        advances.take(contract_id=key, deposit_id=deposit.pk, by=None, now=ports.now())
        return key

    drafts = [factories.make_invoice(customer=deposit.customer).pk for _draft in range(2)]
    return [lambda key=key: take(key) for key in drafts]


def test_one_of_two_drafts_gets_it(deposit: Invoice) -> None:
    with ports.use(everywhere=True, failpoint=Window(frozenset({"advances.held"}))):
        outcome = all_at_once(two_drafts_take(deposit))
    assert [type(error) for error in outcome.errors] == [deposits.DepositRefused]
    assert outcome.results == [Deposit.objects.get().contract_id]


def test_without_the_lock_both_believe_they_have_it(deposit: Invoice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advances, "lock", lambda model, *keys: list(model.objects.filter(pk__in=keys)))
    with ports.use(everywhere=True, failpoint=Window(frozenset({"advances.held"}), patience=30)):
        outcome = all_at_once(two_drafts_take(deposit))
    assert len(outcome.results) == 2, "without the lock both must have it, or the test above proves nothing"


def test_the_chain_stays_exact_while_it_is_credited_and_its_final_issued(deposit: Invoice) -> None:
    (group,) = credits.creditable(deposit)
    contract = factories.make_invoice(customer=deposit.customer, lines=[("Training", "1", "1000.00", "20")])
    advances.take(contract_id=contract.pk, deposit_id=deposit.pk, by=None, now=ports.now())
    deposits.decide(deposit_id=deposit.pk, if_unpaid="keep", by=None, now=ports.now())

    def credit() -> Any:
        ports.failpoint("race.credit")
        return credits.credit(
            invoice_id=deposit.pk, amounts={group.key: 60_00}, reason="Less", by=None, now=ports.now(), form_key="two"
        )

    with ports.use(everywhere=True, failpoint=Window(frozenset({"deductions.held", "race.credit"}))):
        outcome = all_at_once([lambda: invoices.issue(invoice_id=contract.pk, by=None, now=ports.now()), credit])
    assert all(isinstance(error, credits.CreditRefused) for error in outcome.errors), outcome.errors
    final = Invoice.objects.get(pk=contract.pk)
    assert deposit.gross - sum(note.gross for note in CreditNote.objects.all()) + final.gross == 1200_00
    assert list(verification.verify(seller=deposit.seller, mode=deposit.mode)) == []


def test_one_form_posted_eight_times_makes_one(deposit: Invoice) -> None:
    names = ("seller", "site", "customer", "language", "currency")

    def ask() -> Any:
        draft = Invoice(**{name: getattr(deposit, name) for name in names})
        return advances.ask(draft=draft, shares=[(TWENTY, 60_00)], by=None, now=ports.now(), form_key="eight")

    outcome = all_at_once([ask] * 8)
    assert outcome.errors == []
    assert len({draft.pk for draft in outcome.results}) == 1
    assert Deposit.objects.filter(form_key="eight").count() == 1
