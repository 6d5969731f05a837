"""A deposit that is asked for without an order, and the draft that deducts it later, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.actions.test_billing import PLAN
from tests.actions.test_billing import agreed as agreed
from tests.actions.test_deposits import asked, balance_of, check, code_of, credit
from wagtail_payments.actions import advances, billing, deductions, deposits, invoices
from wagtail_payments.actions.deposits import DepositRefused
from wagtail_payments.core.tax import VatCategory, VatGroup
from wagtail_payments.models import CreditNote, Customer, Deduction, Deposit, Invoice, Payment

pytestmark = pytest.mark.django_db
Pay = Callable[..., Payment]

TWENTY = VatGroup(VatCategory.STANDARD, Decimal(20), "")
BOOKS = VatGroup(VatCategory.STANDARD, Decimal("5.5"), "")


@pytest.fixture
def customer(db: None, clock: Any) -> Customer:
    return factories.make_customer()


def unsaved(customer: Customer, **fields: Any) -> Invoice:
    """What the form of an editor brings."""
    usual = factories.make_invoice(customer=customer)
    names = ("seller", "site", "customer", "language", "currency", "methods")
    values = {name: getattr(usual, name) for name in names} | {"title": "Kitchen, oak", "due_days": 0}
    usual.delete()
    return Invoice(**values | fields)


def advance(customer: Customer, now: datetime, *shares: tuple[VatGroup, int], key: str = "one", **more: Any) -> Invoice:
    """An issued deposit without an order."""
    wanted = list(shares) or [(TWENTY, 360_00)]
    draft = advances.ask(draft=unsaved(customer), shares=wanted, by=None, now=now, form_key=key, **more)
    return invoices.issue(invoice_id=draft.pk, by=None, now=now)


def order(customer: Customer, *lines: Any) -> Invoice:
    return factories.make_invoice(customer=customer, lines=lines or [("Kitchen", "1", "1000.00", "20")])


def take(contract: Invoice, deposit: Invoice, now: datetime) -> None:
    advances.take(contract_id=contract.pk, deposit_id=deposit.pk, by=None, now=now)


def final_of(contract: Invoice, now: datetime) -> Invoice:
    return invoices.issue(invoice_id=contract.pk, by=None, now=now)


def test_it_is_a_deposit_invoice_that_says_what_it_is_for_with_vat_at_the_rates_of_what_is_supplied(
    customer: Customer, now: datetime
) -> None:
    deposit = advance(customer, now, (TWENTY, 120_00), (BOOKS, 10_55))
    assert deposit.document is not None
    assert (deposit.kind, code_of(deposit.document), deposit.gross, deposit.tax) == ("deposit", "386", 130_55, 20_55)
    assert [line.description for line in deposit.lines.all()] == ["Acompte\nKitchen, oak"] * 2
    assert (balance_of("419100"), balance_of("445710"), balance_of("706000")) == (-110_00, -20_55, 0)
    check(deposit)


def test_the_same_form_twice_asks_once(customer: Customer, now: datetime) -> None:
    deposit = advance(customer, now)
    again = advances.ask(draft=unsaved(customer), shares=[(TWENTY, 1_00)], by=None, now=now, form_key="one")
    assert again == deposit
    assert Deposit.objects.count() == 1


@pytest.mark.parametrize("shares", [[], [(TWENTY, 0)], [(TWENTY, 100), (BOOKS, -1)]])
def test_nothing_is_no_deposit(customer: Customer, now: datetime, shares: Any) -> None:
    with pytest.raises(DepositRefused):
        advances.ask(draft=unsaved(customer), shares=shares, by=None, now=now, form_key="one")
    assert not Invoice.objects.exists()


def test_a_private_person_reads_what_it_is(now: datetime, clock: Any) -> None:
    deposit = advance(factories.make_consumer(), now, term="arrhes")
    assert deposit.document is not None
    assert any("arrhes" in sentence for sentence in deposit.document.frozen.mentions)


def test_a_later_draft_deducts_it_per_rate_to_the_cent(
    customer: Customer, now: datetime, paid_by_transfer: Pay
) -> None:
    deposit = advance(customer, now, (TWENTY, 360_00), (BOOKS, 10_00))
    paid_by_transfer(deposit)
    contract = order(customer, ("Kitchen", "1", "1000.00", "20"), ("Book", "3", "10.99", "5.5"))
    assert advances.waiting_for(contract) == [deposit]
    take(contract, deposit, now)
    assert advances.waiting_for(contract) == []
    final, whole = final_of(contract, now), contract.totals()
    assert final.document is not None
    assert [one.number for one in final.document.frozen.deducted] == [deposit.number]
    for row, whole_row in zip(final.document.frozen.vat, whole.vat, strict=True):
        (before,) = [part for one in final.document.frozen.deducted for part in one.vat if part.rate == row.rate]
        assert (row.base + before.base, row.tax + before.tax) == (whole_row.base, whole_row.tax)
    assert final.gross + deposit.gross == whole.gross
    assert (balance_of("419100"), balance_of("706000"), balance_of("445710")) == (0, -whole.net, -whole.tax)
    check(final)


def test_it_is_taken_once_and_the_same_click_twice_changes_nothing(
    customer: Customer, now: datetime, paid_by_transfer: Pay
) -> None:
    deposit = advance(customer, now)
    paid_by_transfer(deposit)
    first, second = order(customer), order(customer)
    take(first, deposit, now)
    take(first, deposit, now)
    assert advances.waiting_for(second) == []
    with pytest.raises(DepositRefused, match=deposit.number):
        take(second, deposit, now)
    final_of(first, now)
    final_of(second, now)
    assert Deduction.objects.get().deducted == deposit


def test_it_can_be_let_go_until_the_final_invoice_is_issued(
    customer: Customer, now: datetime, paid_by_transfer: Pay
) -> None:
    deposit = advance(customer, now)
    paid_by_transfer(deposit)
    first, second = order(customer), order(customer)
    take(first, deposit, now)
    for _click in range(2):
        advances.let_go(contract_id=first.pk, deposit_id=deposit.pk, by=None, now=now)
    take(second, deposit, now)
    assert final_of(first, now).gross == 1200_00
    assert final_of(second, now).gross == 840_00
    with pytest.raises(DepositRefused):
        advances.let_go(contract_id=second.pk, deposit_id=deposit.pk, by=None, now=now)
    check(deposit)


def test_one_that_was_let_go_in_that_moment_is_not_decided_about(
    customer: Customer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was decided for one draft would be done by the next that takes it."""
    deposit, contract = advance(customer, now), order(customer)
    take(contract, deposit, now)
    free = Deposit.objects.filter(invoice=deposit)
    locking = deposits.lock

    def late(*rows: Any) -> Any:
        monkeypatch.setattr(deposits, "lock", locking)
        free.update(contract=None)
        return locking(*rows)

    monkeypatch.setattr(deposits, "lock", late)
    with pytest.raises(DepositRefused, match="nothing to decide"):
        deposits.decide(deposit_id=deposit.pk, if_unpaid="cancel", by=None, now=now)
    assert free.get().if_unpaid == ""


def test_what_a_quote_agreed_on_and_a_draft_of_a_deposit_stay_where_they_are(now: datetime, clock: Any) -> None:
    contract = factories.make_invoice()
    draft = deposits.ask(contract_id=contract.pk, wish=deposits.Wish(amount=100_00), by=None, now=now)
    with pytest.raises(DepositRefused):
        advances.let_go(contract_id=contract.pk, deposit_id=draft.pk, by=None, now=now)
    assert Deposit.objects.get().contract == contract


def test_what_another_customer_paid_is_not_deducted(customer: Customer, now: datetime) -> None:
    deposit = advance(customer, now)
    other = order(factories.make_customer(name="Somebody else"))
    assert advances.waiting_for(other) == []
    with pytest.raises(DepositRefused, match=r"same customer|même client"):
        take(other, deposit, now)


def test_test_money_is_not_deducted_from_the_real_thing(
    customer: Customer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit, contract = advance(customer, now), order(customer)
    other = "live" if deposit.mode == "test" else "test"
    monkeypatch.setattr(advances, "mode_of", lambda _site: other)
    assert advances.waiting_for(contract) == []
    with pytest.raises(DepositRefused, match="test"):
        take(contract, deposit, now)


def test_only_what_was_issued_and_still_stands_is_deducted(customer: Customer, now: datetime) -> None:
    contract = order(customer)
    draft = advances.ask(draft=unsaved(customer), shares=[(TWENTY, 10_00)], by=None, now=now, form_key="two")
    gone = advance(customer, now)
    credit(gone, gone.gross, now)
    assert advances.waiting_for(contract) == []
    for deposit in (draft, gone, order(customer)):
        with pytest.raises(DepositRefused):
            take(contract, deposit, now)


def test_deposits_registrations_and_issued_invoices_take_none(customer: Customer, now: datetime) -> None:
    deposit = advance(customer, now)
    issued = final_of(order(customer), now)
    asking = advances.ask(draft=unsaved(customer), shares=[(TWENTY, 10_00)], by=None, now=now, form_key="two")
    for contract in (issued, asking):
        assert advances.waiting_for(contract) == []
        with pytest.raises(DepositRefused):
            take(contract, deposit, now)


def test_what_goes_beyond_the_order_is_credited(customer: Customer, now: datetime, paid_by_transfer: Pay) -> None:
    deposit = advance(customer, now, (TWENTY, 1500_00))
    paid_by_transfer(deposit)
    contract = order(customer)
    take(contract, deposit, now)
    final = final_of(contract, now)
    note = CreditNote.objects.get()
    assert (note.invoice, note.gross, final.gross) == (deposit, 300_00, 0)
    check(final)


def test_an_unpaid_one_must_be_decided_about(customer: Customer, now: datetime) -> None:
    deposit, contract = advance(customer, now), order(customer)
    with pytest.raises(DepositRefused):
        deposits.decide(deposit_id=deposit.pk, if_unpaid="keep", by=None, now=now)
    take(contract, deposit, now)
    with pytest.raises(invoices.InvoiceNotReady) as refused:
        final_of(contract, now)
    assert [finding.code for finding in refused.value.findings] == ["deposit_unpaid"]
    deposits.decide(deposit_id=deposit.pk, if_unpaid="keep", by=None, now=now)
    assert final_of(contract, now).gross == 840_00


def test_one_that_is_added_between_the_review_and_the_number_is_looked_at_first(
    customer: Customer, now: datetime, paid_by_transfer: Pay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is older than the draft, so it would have to be held before the draft."""
    deposit, contract = advance(customer, now), order(customer)
    paid_by_transfer(deposit)
    take(contract, deposit, now)
    monkeypatch.setattr(invoices, "_to_hold", lambda key: {key})
    with pytest.raises(invoices.InvoiceNotReady) as refused:
        final_of(contract, now)
    assert [finding.code for finding in refused.value.findings] == ["deposit_meanwhile"]
    assert deductions.taken_before(contract.pk) == {deposit.pk}


def test_the_whole_of_a_quote_without_a_plan_deducts_it_and_one_in_parts_does_not(
    now: datetime, agreed: Callable[..., Any], paid_by_transfer: Pay
) -> None:
    quote = agreed(plan=[])
    deposit = advance(quote.customer, now)
    paid_by_transfer(deposit)
    contract = billing.bill(quote_id=quote.pk, by=None, now=now)
    take(contract, deposit, now)
    standing = billing.standing(quote=quote)
    assert (standing.invoiced, standing.left) == (deposit.gross, standing.agreed - deposit.gross)
    final = final_of(contract, now)
    assert final.gross + deposit.gross == standing.agreed
    assert billing.standing(quote=quote).left == 0
    in_parts = agreed(plan=PLAN, customer=quote.customer)
    another = advance(quote.customer, now, key="two")
    billing.bill(quote_id=in_parts.pk, by=None, now=now)
    with pytest.raises(DepositRefused, match=r"parts|parties"):
        take(in_parts.contract.invoice, another, now)


def test_a_deposit_of_an_order_that_came_to_nothing_waits_for_the_next_one(
    customer: Customer, now: datetime, paid_by_transfer: Pay
) -> None:
    first = order(customer)
    deposit = asked(first, now)
    paid_by_transfer(deposit)
    advances.let_go(contract_id=first.pk, deposit_id=deposit.pk, by=None, now=now)
    Invoice.objects.get(pk=first.pk).delete()
    second = order(customer)
    take(second, deposit, now)
    assert final_of(second, now).gross == 840_00
