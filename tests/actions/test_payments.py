"""Receiving: counted once, allocated as far as it is due, the rest kept and shown, booked, receipted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests import factories
from wagtail_payments.actions import payments, receipts
from wagtail_payments.core.lifecycle import AttemptState, Status
from wagtail_payments.core.notices import CheckoutState, PaymentState, Progress, RefundProgress, RefundState
from wagtail_payments.models import (
    Alert,
    Entry,
    Invoice,
    IssuedDocument,
    Letter,
    Payment,
    PaymentAttempt,
    Receipt,
    Refund,
)
from wagtail_payments.testing import SimulatedCrash, crash_at

pytestmark = pytest.mark.django_db
Issued = Callable[..., Invoice]
Pay = Callable[..., Payment]


def attempt_for(invoice: Invoice, now: datetime, **fields: Any) -> PaymentAttempt:
    values: dict[str, Any] = {
        "state": AttemptState.OPEN,
        "idempotency_key": "key-1",
        "session_id": "cs_test_1",
        "created_at": now,
    }
    return factories.make_attempt(invoice, live=True, **values | fields)


def state_of(attempt: PaymentAttempt, progress: Progress, now: datetime, **paid: Any) -> CheckoutState:
    payment = None
    if progress is Progress.SUCCEEDED:
        values = {"id": "pi_1", "amount": attempt.amount, "currency": "EUR", "method": "card", "paid_at": now}
        payment = PaymentState(**values | paid)
    return CheckoutState("stripe", "", False, "cs_test_1", progress, attempt.amount, "EUR", payment=payment)


def test_a_payment_that_arrives_twice_is_counted_once(issued: Issued, now: datetime) -> None:
    attempt = attempt_for(issued(), now)
    state = state_of(attempt, Progress.SUCCEEDED, now, fee=100, net=attempt.amount - 100)
    first = payments.settle(attempt=attempt, state=state, now=now)
    second = payments.settle(attempt=attempt, state=state, now=now)
    assert first == second
    assert Payment.objects.count() == 1
    assert [entry.kind for entry in Entry.objects.order_by("pk")] == ["issue", "payment", "fee"]
    assert attempt.invoice.status_on(now.date()) is Status.PAID


ORDERS = [
    [Progress.OPEN, Progress.PROCESSING, Progress.SUCCEEDED],
    [Progress.SUCCEEDED, Progress.PROCESSING, Progress.OPEN],
    [Progress.SUCCEEDED, Progress.EXPIRED, Progress.SUCCEEDED],
    [Progress.EXPIRED, Progress.SUCCEEDED, Progress.FAILED],
    [Progress.PROCESSING, Progress.FAILED, Progress.SUCCEEDED],
]


@pytest.mark.parametrize("order", ORDERS)
def test_any_order_of_messages_ends_paid_once(issued: Issued, now: datetime, order: list[Progress]) -> None:
    attempt = attempt_for(issued(), now)
    for progress in order:
        payments.settle(attempt=attempt, state=state_of(attempt, progress, now), now=now)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SUCCEEDED
    assert not attempt.shares.filter(live_for__isnull=False).exists()
    assert Payment.objects.count() == 1
    assert attempt.invoice.balance().due == 0


WRONG: list[dict[str, Any]] = [
    {"amount": 1},
    {"currency": "USD"},
    {"account": "acct_other"},
    {"live": True},
    {"session_id": "cs_test_other"},
    {"gateway": "mollie"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_genuine_message_that_does_not_fit_marks_nothing_paid(
    issued: Issued, now: datetime, wrong: dict[str, Any]
) -> None:
    attempt = attempt_for(issued(), now)
    state = replace(state_of(attempt, Progress.SUCCEEDED, now), **wrong)
    with pytest.raises(payments.Mismatch):
        payments.settle(attempt=attempt, state=state, now=now)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.OPEN
    assert not Payment.objects.exists()


def test_an_amount_paid_that_differs_from_the_session_marks_nothing_paid(issued: Issued, now: datetime) -> None:
    attempt = attempt_for(issued(), now)
    with pytest.raises(payments.Mismatch):
        payments.settle(attempt=attempt, state=state_of(attempt, Progress.SUCCEEDED, now, amount=1), now=now)
    assert not Payment.objects.exists()


def test_a_crash_while_settling_leaves_nothing_half_done(issued: Issued, now: datetime) -> None:
    attempt = attempt_for(issued(), now)
    state = state_of(attempt, Progress.SUCCEEDED, now)
    for place in ("receive.allocated", "settle.before_commit"):
        with crash_at(place), pytest.raises(SimulatedCrash):
            payments.settle(attempt=attempt, state=state, now=now)
        attempt.refresh_from_db()
        assert attempt.state == AttemptState.OPEN
        assert not Payment.objects.exists()
    assert payments.settle(attempt=attempt, state=state, now=now) is not None


def test_a_fee_told_later_is_booked_once(issued: Issued, now: datetime) -> None:
    attempt = attempt_for(issued(), now)
    payments.settle(attempt=attempt, state=state_of(attempt, Progress.SUCCEEDED, now), now=now)
    told = state_of(attempt, Progress.SUCCEEDED, now, fee=175, net=attempt.amount - 175)
    for _ in range(2):
        payment = payments.settle(attempt=attempt, state=told, now=now)
    assert payment is not None
    assert payment.fee == 175
    assert Entry.objects.filter(kind="fee").count() == 1


def test_processing_is_shown_and_not_paid(issued: Issued, now: datetime) -> None:
    attempt = attempt_for(issued(), now)
    payments.settle(attempt=attempt, state=state_of(attempt, Progress.PROCESSING, now), now=now)
    assert attempt.invoice.status_on(now.date()) is Status.PROCESSING


def test_a_debit_that_the_bank_refuses_reopens_the_invoice_and_tells_the_customer(
    issued: Issued, now: datetime
) -> None:
    attempt = attempt_for(issued(), now)
    for progress in (Progress.PROCESSING, Progress.FAILED, Progress.FAILED):
        payments.settle(attempt=attempt, state=state_of(attempt, progress, now), now=now)
    assert attempt.invoice.status_on(now.date()) is Status.OPEN
    assert Letter.objects.filter(kind="payment_failed").count() == 1


def test_a_transfer_pays_and_the_receipt_follows(issued: Issued, paid_by_transfer: Pay) -> None:
    invoice = issued()
    payment = paid_by_transfer(invoice)
    receipt = Receipt.objects.get(payment=payment)
    assert receipt.document.number == "TEST-R2026-0001"
    assert receipt.document.frozen.moved is not None
    assert receipt.document.frozen.moved.shares[0].number == invoice.number
    assert {letter.kind for letter in Letter.objects.all()} == {"receipt", "owner_paid"}


def test_the_same_form_twice_records_one_payment(issued: Issued, paid_by_transfer: Pay) -> None:
    invoice = issued()
    first = paid_by_transfer(invoice, invoice.gross, form_key="one form")
    second = paid_by_transfer(invoice, invoice.gross, form_key="one form")
    assert first == second
    assert Receipt.objects.count() == 1


def test_what_comes_beyond_what_is_due_stays_unallocated_and_is_shown(issued: Issued, paid_by_transfer: Pay) -> None:
    invoice = issued()
    payment = paid_by_transfer(invoice, invoice.gross + 2500)
    assert payment.unallocated() == 2500
    assert invoice.balance().due == 0
    assert Alert.objects.get().kind == "unallocated"


def test_a_part_pays_a_part(issued: Issued, paid_by_transfer: Pay, now: datetime) -> None:
    invoice = issued()
    paid_by_transfer(invoice, 10000)
    assert invoice.balance().due == invoice.gross - 10000
    assert invoice.status_on(now.date()) is Status.PARTLY_PAID


@pytest.mark.parametrize("amount", [0, -5])
def test_an_amount_that_is_none_is_refused(issued: Issued, paid_by_transfer: Pay, amount: int) -> None:
    with pytest.raises(payments.PaymentRefused):
        paid_by_transfer(issued(), amount)


def test_a_payment_from_tomorrow_is_refused(issued: Issued, paid_by_transfer: Pay, now: datetime) -> None:
    with pytest.raises(payments.PaymentRefused):
        paid_by_transfer(issued(), received_on=now.date() + timedelta(days=1))


def test_money_for_an_invoice_paid_meanwhile_is_kept(issued: Issued, paid_by_transfer: Pay, now: datetime) -> None:
    invoice = issued()
    attempt = attempt_for(invoice, now)
    paid_by_transfer(invoice)
    payment = payments.settle(attempt=attempt, state=state_of(attempt, Progress.SUCCEEDED, now), now=now)
    assert payment is not None
    assert payment.unallocated() == invoice.gross
    assert Alert.objects.filter(kind="unallocated", payment=payment).exists()


def test_receipts_owed_are_given_once_by_the_sweep(issued: Issued, now: datetime) -> None:
    attempt = attempt_for(issued(), now)
    payments.settle(attempt=attempt, state=state_of(attempt, Progress.SUCCEEDED, now), now=now)
    assert not Receipt.objects.exists(), "a message neither numbers nor writes"
    assert receipts.give_missing(now=now) == 1
    assert receipts.give_missing(now=now) == 0
    assert IssuedDocument.objects.filter(kind="receipt").count() == 1


def dashboard_refund(amount: int, now: datetime, progress: RefundProgress = RefundProgress.SUCCEEDED) -> RefundState:
    return RefundState("re_1", amount, "EUR", progress, now)


def test_a_refund_made_at_the_provider_reopens_the_invoice_once(issued: Issued, now: datetime) -> None:
    attempt = attempt_for(issued(), now)
    state = state_of(attempt, Progress.SUCCEEDED, now, refunds=(dashboard_refund(5000, now),))
    for _ in range(3):
        payments.settle(attempt=attempt, state=state, now=now)
    refund = Refund.objects.get()
    assert (refund.kind, refund.amount, refund.needs_a_look) == ("reversal", 5000, True)
    assert attempt.invoice.balance().due == 5000
    assert Alert.objects.get().kind == "reversal"
    assert Entry.objects.filter(kind="refund").count() == 1


def test_a_refund_at_the_provider_takes_what_is_unallocated_first(
    issued: Issued, paid_by_transfer: Pay, now: datetime
) -> None:
    invoice = issued()
    attempt = attempt_for(invoice, now)
    paid_by_transfer(invoice, 30000)
    paid = state_of(attempt, Progress.SUCCEEDED, now, refunds=(dashboard_refund(20000, now),))
    payment = payments.settle(attempt=attempt, state=paid, now=now)
    assert payment is not None
    assert Refund.objects.get().kind == "overpayment"
    assert payment.unallocated() == 10000
    assert invoice.balance().due == 0


def test_a_refund_at_the_provider_that_fails_gives_back_what_it_took(issued: Issued, now: datetime) -> None:
    attempt = attempt_for(issued(), now)
    for progress in (RefundProgress.SUCCEEDED, RefundProgress.FAILED):
        state = state_of(attempt, Progress.SUCCEEDED, now, refunds=(dashboard_refund(5000, now, progress),))
        payments.settle(attempt=attempt, state=state, now=now)
    assert attempt.invoice.balance().due == 0
    assert Alert.objects.filter(kind="refund_failed").exists()
    kinds = [entry.kind for entry in Entry.objects.order_by("pk")]
    assert kinds == ["issue", "payment", "refund", "refund_failed"]
