"""Credit and money left over, used for another invoice: nothing moves, once only, within one customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import factories
from tests.records import rows
from wagtail_payments import ports, signals
from wagtail_payments.actions import applying, correctable, credits, receipts, refunds
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import (
    Alert,
    Allocation,
    CreditApplication,
    CreditNote,
    Customer,
    Entry,
    Invoice,
    Letter,
    Payment,
    Receipt,
)
from wagtail_payments.records import customer_credit
from wagtail_payments.records.payments import available_credit
from wagtail_payments.reports import customer_balances, verification

pytestmark = pytest.mark.django_db
Issued = Callable[..., Invoice]
Pay = Callable[..., Payment]


@pytest.fixture
def customer(db: None) -> Customer:
    return factories.make_customer()


def credited(invoice: Invoice, amount: int, now: datetime) -> CreditNote:
    (group,) = credits.creditable(invoice)
    return credits.credit(
        invoice_id=invoice.pk, amounts={group.key: amount}, reason="Less", by=None, now=now, form_key=ports.new_id()
    )


def test_what_a_credit_note_left_pays_the_next_invoice(
    issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime, committing: Any
) -> None:
    first, second = issued(customer=customer), issued(customer=customer)
    paid_by_transfer(first)
    note = credited(first, 5000, now)
    entries = Entry.objects.count()
    assert applying.use_credit_note(credit_note=note, invoice_id=second.pk, by=None, now=now) == 5000
    assert second.balance().due == second.gross - 5000
    assert available_credit(note) == 0
    assert Entry.objects.count() == entries, "the customers' account holds both sides already"
    assert second.status_on(now.date()) is Status.PARTLY_PAID
    assert first.status_on(now.date()) is Status.PAID
    assert list(verification.verify(seller=first.seller, mode="test")) == []


def test_an_invoice_settled_by_credit_of_another_reads_paid_and_says_so_to_hosts(
    issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime, committing: Any
) -> None:
    first, second = issued(customer=customer), issued(customer=customer)
    paid_by_transfer(first)
    note = credited(first, first.gross, now)
    heard: list[Any] = []

    def hear(invoice: Invoice, payment: Any, **_: Any) -> None:
        heard.append((invoice.pk, payment))

    signals.invoice_paid.connect(hear)
    try:
        with committing():
            applying.use_credit_note(credit_note=note, invoice_id=second.pk, by=None, now=now)
    finally:
        signals.invoice_paid.disconnect(hear)
    assert heard == [(second.pk, None)]
    assert second.status_on(now.date()) is Status.PAID
    assert first.status_on(now.date()) is Status.CREDITED, "it was paid and taken back"


def test_an_overpayment_pays_the_next_invoice_and_its_alert_is_settled(
    issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime
) -> None:
    first, second = issued(customer=customer), issued(customer=customer)
    payment = paid_by_transfer(first, first.gross + second.gross)
    receipts.give_missing(now=now)
    letters, papers = Letter.objects.count(), Receipt.objects.count()
    assert applying.use_payment(payment=payment, invoice_id=second.pk, by=None, now=now) == second.gross
    assert payment.unallocated() == 0
    assert second.status_on(now.date()) is Status.PAID
    assert Alert.objects.get(kind="unallocated").settled_at == now
    receipts.give_missing(now=now)
    assert (Letter.objects.count(), Receipt.objects.count()) == (letters, papers), "one payment, one receipt"
    assert list(verification.verify(seller=first.seller, mode="test")) == []


def test_only_as_much_as_is_due_is_used_and_the_alert_stays(
    issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime
) -> None:
    first, second = issued(customer=customer), issued(customer=customer, lines=[("Small", "1", "10", "20")])
    payment = paid_by_transfer(first, first.gross + 5000)
    applying.use_payment(payment=payment, invoice_id=second.pk, by=None, now=now)
    assert payment.unallocated() == 5000 - second.gross
    assert Alert.objects.get(kind="unallocated").settled_at is None


def test_twice_is_once(issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime) -> None:
    first, second = issued(customer=customer), issued(customer=customer)
    payment = paid_by_transfer(first, first.gross + 700)
    note = credited(first, 5000, now)
    assert [applying.use_payment(payment=payment, invoice_id=second.pk, by=None, now=now) for _ in range(2)] == [700, 0]
    for expected in (5000, 0):
        assert applying.use_credit_note(credit_note=note, invoice_id=second.pk, by=None, now=now) == expected
    assert Allocation.objects.filter(invoice=second).count() == 1
    assert CreditApplication.objects.filter(invoice=second).count() == 1


def test_all_that_there_is_the_oldest_first(
    issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime
) -> None:
    first, second = issued(customer=customer), issued(customer=customer)
    payment = paid_by_transfer(first, first.gross + 700)
    notes = [credited(first, amount, now) for amount in (1000, 2000)]
    assert factories.credit_for(second) == 3700
    assert applying.use_all(invoice=second, by=None, now=now) == 3700
    assert [available_credit(note) for note in notes] == [0, 0]
    assert payment.unallocated() == 0
    assert factories.credit_for(second) == 0
    assert applying.use_all(invoice=second, by=None, now=now) == 0


def test_nobody_elses_credit(issued: Issued, paid_by_transfer: Pay, now: datetime) -> None:
    first, second = issued(), issued(customer=factories.make_customer(name="Somebody else"))
    payment = paid_by_transfer(first, first.gross + 700)
    note = credited(first, 5000, now)
    with pytest.raises(applying.ApplyRefused, match="same customer"):
        applying.use_credit_note(credit_note=note, invoice_id=second.pk, by=None, now=now)
    with pytest.raises(applying.ApplyRefused, match="same customer"):
        applying.use_payment(payment=payment, invoice_id=second.pk, by=None, now=now)
    assert factories.credit_for(second) == 0
    assert not list(customer_credit.credit_notes_for(second)) + list(customer_credit.payments_for(second))
    assert second.balance().due == second.gross


def test_another_mode_is_another_world(
    issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime
) -> None:
    first = issued(customer=customer)
    payment = paid_by_transfer(first, first.gross + 700)
    live = rows.make_issued(seller=first.seller, customer=customer, mode="live")
    with pytest.raises(applying.ApplyRefused):
        applying.use_payment(payment=payment, invoice_id=live.pk, by=None, now=now)


def test_a_draft_a_settled_invoice_and_one_with_a_payment_under_way_are_refused(
    issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime
) -> None:
    first, settled, moving = issued(customer=customer), issued(customer=customer), issued(customer=customer)
    payment = paid_by_transfer(first, first.gross + 700)
    paid_by_transfer(settled)
    rows.make_attempt(moving, moving.gross, state="processing")
    for invoice in (factories.make_invoice(customer=customer), settled, moving):
        with pytest.raises(applying.ApplyRefused):
            applying.use_payment(payment=payment, invoice_id=invoice.pk, by=None, now=now)
    assert payment.unallocated() == 700


def test_money_can_go_back_on_an_invoice_that_credit_had_paid(
    issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime
) -> None:
    first, second = issued(customer=customer), issued(customer=customer)
    payment = paid_by_transfer(first)
    applying.use_credit_note(credit_note=credited(first, first.gross, now), invoice_id=second.pk, by=None, now=now)
    assert customer_credit.paid_towards(payment, second) == second.gross
    assert list(customer_credit.payments_behind(second)) == [payment]
    wish = refunds.Wish(0, by_hand=True, reason="Cancelled", by=None, form_key="one")
    _note, refund = refunds.refund_invoice(
        invoice_id=second.pk, amounts=None, payment_id=payment.pk, wish=wish, now=now
    )
    assert refund is not None
    assert refund.amount == second.gross
    assert payment.refundable() == 0
    assert list(verification.verify(seller=first.seller, mode="test")) == []


def test_the_balance_of_a_customer(issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime) -> None:
    assert customer_balances.of_customer(customer=customer, mode="test") == []
    first, second = issued(customer=customer), issued(customer=customer)
    paid_by_transfer(first, first.gross + 700)
    credited(first, 5000, now)
    (standing,) = customer_balances.of_customer(customer=customer, mode="test")
    assert (standing.due, standing.unallocated, standing.available) == (second.gross, 700, 5000)
    assert standing.balance == second.gross - 5700
    applying.use_all(invoice=second, by=None, now=now)
    assert customer_balances.of_customer(customer=customer, mode="test")[0].balance == standing.balance
    assert customer_balances.of_customer(customer=customer) == [], "test money is not told with real money"
    applied = list(customer_credit.open_invoices(first))
    assert [invoice.pk for invoice in applied] == [second.pk]


def test_while_a_bank_decides_nothing_is_used_and_nothing_corrected(
    issued: Issued, paid_by_transfer: Pay, customer: Customer, now: datetime
) -> None:
    first, second = issued(customer=customer), issued(customer=customer)
    paid_by_transfer(first)
    paid_by_transfer(second)
    note = credited(first, 5000, now)
    rows.dispute(second, second.gross, "needs_response")
    with pytest.raises(applying.ApplyRefused, match="disputed"):
        applying.use_credit_note(credit_note=note, invoice_id=second.pk, by=None, now=now)
    assert "disputed" in correctable.why_not(second)
    assert available_credit(note) == 5000
