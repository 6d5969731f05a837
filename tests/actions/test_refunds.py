"""Refunds and credit notes: never more than there is, once each, booked when the money moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from wagtail_payments import ports
from wagtail_payments.actions import credits, receipts, refunds
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import Alert, CreditNote, Entry, Invoice, Letter, Payment, Receipt, Refund
from wagtail_payments.records.payments import available_credit

pytestmark = pytest.mark.django_db
Issued = Callable[..., Invoice]
Pay = Callable[..., Payment]
TWO_RATES = [("Training", "1", "100.00", "20"), ("Book", "1", "30.00", "5.5")]


def wish(amount: int = 0, **fields: Any) -> refunds.Wish:
    values: dict[str, Any] = {"by_hand": True, "reason": "Cancelled", "by": None, "form_key": ports.new_id()}
    return refunds.Wish(amount, **values | fields)


def all_of(invoice: Invoice) -> dict[credits.VatKey, int]:
    return {group.key: group.left for group in credits.creditable(invoice)}


def credit(invoice: Invoice, amounts: dict[credits.VatKey, int], now: datetime, **fields: Any) -> CreditNote:
    values: dict[str, Any] = {"reason": "Cancelled", "by": None, "form_key": ports.new_id()}
    return credits.credit(invoice_id=invoice.pk, amounts=amounts, now=now, **values | fields)


def test_a_full_credit_note_takes_back_the_invoice_rate_by_rate(issued: Issued, now: datetime) -> None:
    invoice = issued(lines=TWO_RATES)
    note = credit(invoice, all_of(invoice), now)
    printed = note.document.frozen
    assert note.document.number == "TEST-A2026-0001"
    assert (note.net, note.tax, note.gross) == (invoice.net, invoice.tax, invoice.gross)
    assert printed.preceding[0].number == invoice.number
    assert {(row.rate, row.base, row.tax) for row in printed.vat} == {("20", 10000, 2000), ("5.5", 3000, 165)}
    assert invoice.status_on(now.date()) is Status.CREDITED


def test_part_credits_end_on_the_exact_vat(issued: Issued, now: datetime) -> None:
    invoice = issued(lines=[("Session", "1", "33.33", "20")])
    (key,) = all_of(invoice)
    for amount in (1001, 999, invoice.gross - 2000):
        credit(invoice, {key: amount}, now)
    assert sum(note.tax for note in CreditNote.objects.all()) == invoice.tax
    assert sum(note.net for note in CreditNote.objects.all()) == invoice.net


def test_no_more_can_be_credited_than_is_left_at_that_rate(issued: Issued, now: datetime) -> None:
    invoice = issued(lines=TWO_RATES)
    key = ("E", "0", "VATEX-EU-132-1I")
    low = next(group for group in credits.creditable(invoice) if group.row.rate == "5.5")
    for amounts in ({low.key: low.left + 1}, {low.key: -1}, {low.key: 0}, {}, {key: 5}):
        with pytest.raises(credits.CreditRefused):
            credit(invoice, amounts, now)
    assert not CreditNote.objects.exists()


def test_the_same_form_twice_makes_one_credit_note(issued: Issued, now: datetime) -> None:
    invoice = issued()
    (key,) = all_of(invoice)
    first = credit(invoice, {key: 1000}, now, form_key="one form")
    assert credit(invoice, {key: 1000}, now, form_key="one form") == first
    assert Entry.objects.filter(kind="credit").count() == 1


def test_a_credit_note_lowers_what_is_due_before_anything_can_go_back(
    issued: Issued, paid_by_transfer: Pay, now: datetime
) -> None:
    invoice = issued()
    paid_by_transfer(invoice, invoice.gross - 3000)
    (key,) = all_of(invoice)
    note = credit(invoice, {key: 5000}, now)
    assert invoice.balance().due == 0
    assert available_credit(note) == 2000


def test_a_refund_by_hand_is_booked_at_once_with_its_credit_note(
    issued: Issued, paid_by_transfer: Pay, now: datetime
) -> None:
    invoice = issued()
    payment = paid_by_transfer(invoice)
    note, refund = refunds.refund_invoice(
        invoice_id=invoice.pk, amounts=all_of(invoice), payment_id=payment.pk, wish=wish(), now=now
    )
    assert refund is not None
    assert (refund.state, refund.amount) == ("succeeded", invoice.gross)
    assert available_credit(note) == 0
    assert invoice.balance().due == 0, "an invoice refunded with a credit note stays settled"
    assert [entry.kind for entry in Entry.objects.order_by("pk")] == ["issue", "payment", "credit", "refund"]
    receipts.give_missing(now=now)
    assert Receipt.objects.get(refund=refund).document.kind == "refund_receipt"
    assert Letter.objects.filter(kind="refund_receipt").count() == 1


def test_the_same_refund_form_twice_sends_the_money_once(issued: Issued, paid_by_transfer: Pay, now: datetime) -> None:
    invoice = issued()
    payment = paid_by_transfer(invoice)
    amounts = all_of(invoice)
    same = wish()
    for _ in range(2):
        refunds.refund_invoice(invoice_id=invoice.pk, amounts=amounts, payment_id=payment.pk, wish=same, now=now)
    assert Refund.objects.count() == CreditNote.objects.count() == 1
    assert Entry.objects.filter(kind="refund").count() == 1


def test_two_different_equal_part_refunds_both_happen(issued: Issued, paid_by_transfer: Pay, now: datetime) -> None:
    invoice = issued()
    payment = paid_by_transfer(invoice)
    (key,) = all_of(invoice)
    for _ in range(2):
        refunds.refund_invoice(invoice_id=invoice.pk, amounts={key: 1000}, payment_id=payment.pk, wish=wish(), now=now)
    assert payment.reserved() == 2000


def test_an_overpayment_goes_back_without_a_credit_note(issued: Issued, paid_by_transfer: Pay, now: datetime) -> None:
    invoice = issued()
    payment = paid_by_transfer(invoice, invoice.gross + 2500)
    with pytest.raises(refunds.RefundRefused):
        refunds.refund_overpayment(payment=payment, wish=wish(2501), now=now)
    refund = refunds.refund_overpayment(payment=payment, wish=wish(2500), now=now)
    assert refund.state == "succeeded"
    assert payment.unallocated() == 0
    assert Alert.objects.get(kind="unallocated").settled_at == now, "dealt with, so no longer shown"
    assert not CreditNote.objects.exists()
    with pytest.raises(refunds.RefundRefused):
        refunds.refund_overpayment(payment=payment, wish=wish(1), now=now)


def test_what_is_left_of_a_credit_note_can_go_back_later(issued: Issued, paid_by_transfer: Pay, now: datetime) -> None:
    invoice = issued()
    payment = paid_by_transfer(invoice)
    (key,) = all_of(invoice)
    note = credit(invoice, {key: 4000}, now)
    with pytest.raises(refunds.RefundRefused):
        refunds.refund_credit_note(credit_note=note, payment=payment, wish=wish(4001), now=now)
    refunds.refund_credit_note(credit_note=note, payment=payment, wish=wish(4000), now=now)
    assert available_credit(note) == 0
