"""A final invoice is issued while its deposit is credited: whoever comes second sees what the first one did."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.races.crowd import Window, all_at_once
from wagtail_payments import ports
from wagtail_payments.actions import credits, deductions, deposits, invoices
from wagtail_payments.models import CreditNote, Deduction, Invoice
from wagtail_payments.reports import verification

pytestmark = [pytest.mark.server]


@pytest.fixture
def deposit(transactional_db: None, clock: Any) -> Invoice:
    """A deposit that nobody paid and that stays due, whatever comes."""
    factories.settle_site()
    now = ports.now()
    contract = factories.make_invoice(lines=[("Training", "1", "1000.00", "20")])
    draft = deposits.ask(contract_id=contract.pk, wish=deposits.Wish(percent=Decimal(30)), by=None, now=now)
    issued = invoices.issue(invoice_id=draft.pk, by=None, now=now)
    deposits.decide(deposit_id=issued.pk, if_unpaid="keep", by=None, now=now)
    return issued


def final_and_credit(deposit: Invoice, now: datetime) -> list[Callable[[], Any]]:
    (group,) = credits.creditable(deposit)

    def credit() -> Any:
        ports.failpoint("race.credit")
        return credits.credit(
            invoice_id=deposit.pk, amounts={group.key: 120_00}, reason="Less", by=None, now=now, form_key="one"
        )

    return [lambda: invoices.issue(invoice_id=deposit.deposit.contract_id, by=None, now=now), credit]


def what_was_invoiced(deposit: Invoice) -> int:
    """The deposit less its credit notes, and the final: what the order came to, if nothing slipped in."""
    final = Invoice.objects.get(pk=deposit.deposit.contract_id)
    return deposit.gross - sum(note.gross for note in CreditNote.objects.all()) + final.gross


def test_the_chain_stays_exact_whoever_is_first(deposit: Invoice) -> None:
    with ports.use(everywhere=True, failpoint=Window(frozenset({"deductions.held", "race.credit"}))):
        outcome = all_at_once(final_and_credit(deposit, ports.now()))
    assert all(isinstance(error, credits.CreditRefused) for error in outcome.errors), outcome.errors
    assert what_was_invoiced(deposit) == 1200_00
    assert list(verification.verify(seller=deposit.seller, mode=deposit.mode)) == []


def test_without_the_lock_a_credit_note_slips_in(deposit: Invoice, monkeypatch: pytest.MonkeyPatch) -> None:
    """The final has read the deposit and deducts it whole; meanwhile a part of it is credited."""
    monkeypatch.setattr(deductions, "lock", lambda model, *keys: list(model.objects.filter(pk__in=keys)))
    monkeypatch.setattr(deductions, "finish", slowly(deductions.finish))
    with ports.use(everywhere=True, failpoint=Window(frozenset({"issue.frozen", "race.credit"}), patience=30)):
        all_at_once(final_and_credit(deposit, ports.now()))
    assert what_was_invoiced(deposit) != 1200_00, "without the lock it must slip in, or the test above proves nothing"


def slowly(finish: Any) -> Any:
    """Give the other time to commit, as a slow disk would."""

    def later(**options: Any) -> None:
        time.sleep(2)
        finish(**options)

    return later


def test_eight_clicks_on_issue_deduct_once(deposit: Invoice) -> None:
    contract_id, now = deposit.deposit.contract_id, ports.now()
    outcome = all_at_once([lambda: invoices.issue(invoice_id=contract_id, by=None, now=now)] * 8)
    assert len(outcome.results) == 1
    assert all(isinstance(error, invoices.InvoiceAlreadyIssued) for error in outcome.errors)
    assert Deduction.objects.count() == 1


def test_eight_clicks_on_ask_make_one_deposit(deposit: Invoice) -> None:
    contract_id, now = deposit.deposit.contract_id, ports.now()
    wish = deposits.Wish(amount=100_00)
    jobs = [lambda: deposits.ask(contract_id=contract_id, wish=wish, by=None, now=now, form_key="one")] * 8
    outcome = all_at_once(jobs)
    assert outcome.errors == []
    assert len({draft.pk for draft in outcome.results}) == 1
