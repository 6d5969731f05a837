"""Disputes: told in any order and any number of times, the money ends where the bank has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from tests import factories
from tests.actions.test_refund_collisions import ANYWHERE
from wagtail_payments import ports
from wagtail_payments.actions import alerts, checkout, credits, disputes, receipts, refunds, reversals
from wagtail_payments.actions.settling import Mismatch
from wagtail_payments.core import notices
from wagtail_payments.core.lifecycle import DisputeState, RefundState, Status
from wagtail_payments.core.notices import RefundProgress
from wagtail_payments.models import Alert, Dispute, DisputedMoney, Entry, Invoice, Letter, Payment
from wagtail_payments.records import customer_credit
from wagtail_payments.reports import customer_balances, receipts_ledger, verification
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock

pytestmark = pytest.mark.django_db
Issued = Callable[..., Invoice]
Pay = Callable[..., Payment]


def told(progress: DisputeState, amount: int = 144000, **fields: object) -> notices.DisputeState:
    """What the provider says of a dispute of the payment."""
    values: dict[str, object] = {
        "id": "du_1",
        "amount": amount,
        "currency": "EUR",
        "progress": progress,
        "reason": "fraudulent",
        "created_at": ports.now(),
    }
    return notices.DisputeState(**values | fields)  # type: ignore[arg-type]


def tell(payment: Payment, progress: DisputeState, amount: int = 144000, **fields: object) -> Dispute:
    return disputes.observe(payment_id=payment.pk, state=told(progress, amount, **fields), now=ports.now())


def status(invoice: Invoice) -> Status:
    return Invoice.objects.get(pk=invoice.pk).status_on(invoice.seller.today(ports.now()))


def problems(invoice: Invoice) -> list[str]:
    return [f"{one.where}: {one.what}" for one in verification.verify(seller=invoice.seller, mode="test")]


@pytest.fixture
def paid(issued: Issued, sandbox: SandboxForTests) -> Payment:
    """An invoice of 1,440.00 EUR paid by card."""
    attempt = checkout.start(invoice=issued(), now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())
    return Payment.objects.get()


@pytest.fixture
def invoice(paid: Payment) -> Invoice:
    return paid.allocations.get().invoice


@pytest.fixture
def debited(issued: Issued, sandbox: SandboxForTests, clock: TestClock) -> Payment:
    """An invoice of 1,440.00 EUR paid by direct debit."""
    attempt = checkout.start(invoice=issued(), now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)
    sandbox.pay_by_sepa(attempt.session_id or "", "succeeded")
    clock.advance(days=6)
    sandbox.settle_due()
    checkout.refresh(attempt=attempt, now=ports.now())
    return Payment.objects.get()


def test_a_dispute_reopens_the_invoice_and_corrects_the_books(paid: Payment, invoice: Invoice) -> None:
    until = ports.now() + timedelta(days=7)
    dispute = tell(paid, DisputeState.NEEDS_RESPONSE, fee=2000, evidence_due_by=until)
    assert status(invoice) is Status.DISPUTED
    balance = invoice.balance()
    assert (balance.due, balance.disputed, balance.asked) == (144000, 144000, 0)
    assert (paid.unallocated(), paid.refundable()) == (0, 0)
    assert (factories.credit_for(invoice), list(customer_credit.payments_for(invoice))) == (0, [])
    assert (dispute.evidence_due_by, dispute.closed_at, dispute.is_return) == (until, None, False)
    entry = Entry.objects.latest("pk")
    assert entry.kind == "dispute"
    lines = {line.account: line.debit - line.credit for line in entry.lines.filter(debit__gt=0)}
    assert lines == {"411000": 144000, "627000": 2000}
    assert problems(invoice) == []


def test_a_receipt_given_late_tells_of_the_money_once(
    paid: Payment, invoice: Invoice, paid_by_transfer: Callable[..., Payment]
) -> None:
    """The bank took it and gave it back; the invoice has been paid otherwise, so it pays nothing now."""
    tell(paid, DisputeState.NEEDS_RESPONSE)
    paid_by_transfer(invoice)
    tell(paid, DisputeState.WON)
    assert paid.unallocated() == paid.amount
    moved = receipts.give(payment_id=paid.pk, now=ports.now()).document.frozen.moved
    assert moved is not None
    assert sum(share.amount for share in moved.shares) + moved.unallocated == paid.amount


def test_the_owner_is_told_until_when_to_answer_and_the_customer_is_not_written_to(
    paid: Payment, invoice: Invoice
) -> None:
    until = datetime.fromisoformat("2026-03-24T22:59:59+00:00")
    before = Letter.objects.count()
    tell(paid, DisputeState.NEEDS_RESPONSE, evidence_due_by=until)
    letter = Letter.objects.latest("pk")
    assert Letter.objects.count() == before + 1
    assert (letter.kind, letter.to) == ("owner_disputed", [invoice.seller.email])
    assert "24 mars 2026" in letter.text
    assert "https://dashboard.stripe.com/test/payments/pi_" in letter.text
    alert = Alert.objects.get(kind="dispute")
    assert "24 mars 2026" in alert.text
    assert (alert.payment_id, alert.invoice_id, alert.settled_at) == (paid.pk, invoice.pk, None)
    tell(paid, DisputeState.UNDER_REVIEW)
    assert Alert.objects.get(kind="dispute").settled_at is not None
    assert Letter.objects.count() == before + 1


def test_won_everything_is_as_before(paid: Payment, invoice: Invoice) -> None:
    tell(paid, DisputeState.NEEDS_RESPONSE, fee=2000)
    dispute = tell(paid, DisputeState.WON, fee=0)
    assert status(invoice) is Status.PAID
    assert (paid.unallocated(), paid.refundable()) == (0, 144000)
    assert dispute.closed_at is not None
    assert not Alert.objects.filter(settled_at=None).exists()
    assert Letter.objects.latest("pk").written_once == f"owner_disputed:{dispute.pk}:won"
    assert [(row.amount, row.fee) for row in dispute.moved.all()] == [(144000, 2000), (-144000, -2000)]
    assert problems(invoice) == []


def test_lost_the_invoice_is_open_and_can_be_paid_otherwise(
    paid: Payment, invoice: Invoice, paid_by_transfer: Pay
) -> None:
    tell(paid, DisputeState.NEEDS_RESPONSE)
    tell(paid, DisputeState.LOST)
    assert status(invoice) is Status.OPEN
    assert invoice.balance().asked == 144000
    assert Alert.objects.get(settled_at=None).kind == "dispute_lost"
    paid_by_transfer(invoice)
    assert status(invoice) is Status.PAID
    assert problems(invoice) == []


def test_won_after_it_was_paid_again_the_money_is_kept_and_shown(
    paid: Payment, invoice: Invoice, paid_by_transfer: Pay
) -> None:
    tell(paid, DisputeState.LOST)
    paid_by_transfer(invoice)
    tell(paid, DisputeState.WON)
    assert invoice.balance().due == 0
    assert paid.unallocated() == 144000
    assert Alert.objects.get(kind="unallocated", settled_at=None).payment == paid
    assert problems(invoice) == []


HISTORIES = [
    [DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW, DisputeState.WON],
    [DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW, DisputeState.LOST],
    [DisputeState.INQUIRY, DisputeState.INQUIRY_CLOSED],
    [DisputeState.INQUIRY, DisputeState.NEEDS_RESPONSE, DisputeState.LOST],
    [DisputeState.INQUIRY, DisputeState.PREVENTED],
]


@pytest.mark.parametrize("order", [order for history in HISTORIES for order in permutations(history)], ids="-".join)
def test_in_any_order_and_twice_the_end_is_the_same(
    paid: Payment, invoice: Invoice, order: tuple[DisputeState, ...]
) -> None:
    history = next(one for one in HISTORIES if set(one) == set(order))
    for progress in (*order, order[0]):
        tell(paid, progress)
    lost = history[-1] is DisputeState.LOST
    assert Dispute.objects.get().state == history[-1]
    assert invoice.balance().due == (144000 if lost else 0)
    assert sum(DisputedMoney.objects.values_list("amount", flat=True)) == (144000 if lost else 0)
    assert paid.unallocated() == 0
    assert problems(invoice) == []


def test_an_inquiry_moves_no_money_and_blocks_no_refund(paid: Payment, invoice: Invoice) -> None:
    tell(paid, DisputeState.INQUIRY)
    assert status(invoice) is Status.PAID
    assert not DisputedMoney.objects.exists()
    assert Alert.objects.get().kind == "dispute"
    amounts = {group.key: group.left for group in credits.creditable(invoice)}
    wish = refunds.Wish(0, by_hand=True, reason="Sorry", by=None, form_key="r")
    _note, refund = refunds.refund_invoice(
        invoice_id=invoice.pk, amounts=amounts, payment_id=paid.pk, wish=wish, now=ports.now()
    )
    assert refund is not None
    tell(paid, DisputeState.INQUIRY_CLOSED)
    assert not Alert.objects.filter(kind="dispute", settled_at=None).exists()
    assert problems(invoice) == []


def test_nothing_is_refunded_while_the_bank_decides(paid: Payment, invoice: Invoice) -> None:
    tell(paid, DisputeState.NEEDS_RESPONSE, 44000)
    amounts = {group.key: 1000 for group in credits.creditable(invoice)}
    wish = refunds.Wish(1000, by_hand=True, reason="Sorry", by=None, form_key="r")
    with pytest.raises(refunds.RefundRefused, match=r"disputed|contesté"):
        refunds.refund_invoice(invoice_id=invoice.pk, amounts=amounts, payment_id=paid.pk, wish=wish, now=ports.now())
    assert not invoice.credit_notes.exists(), "what is refused leaves nothing behind"
    tell(paid, DisputeState.LOST, 44000)
    _note, refund = refunds.refund_invoice(
        invoice_id=invoice.pk, amounts=dict.fromkeys(amounts, 60000), payment_id=paid.pk, wish=wish, now=ports.now()
    )
    assert refund is not None
    assert refund.amount == 16000, "what is still due of it is lowered first"
    assert problems(invoice) == []


def test_it_takes_what_pays_nothing_first(paid: Payment, invoice: Invoice, paid_by_transfer: Pay) -> None:
    """Half was credited after it had been paid: the rest of the payment pays."""
    now = ports.now()
    tell(paid, DisputeState.LOST, 44000)
    paid_by_transfer(invoice, 44000)
    tell(paid, DisputeState.WON, 44000)
    assert paid.unallocated() == 44000
    tell(paid, DisputeState.NEEDS_RESPONSE, 50000, id="du_2")
    assert (paid.unallocated(), invoice.balance().due) == (0, 6000)
    assert Alert.objects.get(kind="unallocated").settled_at is not None
    tell(paid, DisputeState.WON, 50000, id="du_2")
    assert (paid.unallocated(), invoice.balance().due) == (44000, 0)
    assert Alert.objects.get(kind="unallocated").settled_at is None, "it is there again"
    alerts.settle(alert=Alert.objects.get(kind="unallocated"), now=now)
    assert problems(invoice) == []


def test_more_than_was_paid_is_not_taken(paid: Payment, invoice: Invoice) -> None:
    """Rates change between payment and dispute: the books know what came."""
    tell(paid, DisputeState.NEEDS_RESPONSE, 150000)
    assert invoice.balance().due == 144000
    assert problems(invoice) == []


def test_a_smaller_claim_gives_the_difference_back(paid: Payment, invoice: Invoice) -> None:
    tell(paid, DisputeState.NEEDS_RESPONSE, 144000)
    tell(paid, DisputeState.NEEDS_RESPONSE, 100000)
    assert invoice.balance().due == 100000
    assert problems(invoice) == []


def test_what_was_credited_before_is_not_owed_again(paid: Payment, invoice: Invoice) -> None:
    amounts = {group.key: group.left for group in credits.creditable(invoice)}
    credits.credit(invoice_id=invoice.pk, amounts=amounts, reason="x", by=None, now=ports.now(), form_key="c")
    tell(paid, DisputeState.LOST)
    assert status(invoice) is Status.CREDITED
    assert problems(invoice) == []


def test_what_was_refunded_before_can_not_be_taken_again(paid: Payment, invoice: Invoice) -> None:
    now = ports.now()
    back = notices.RefundState("re_1", 100000, "EUR", RefundProgress.SUCCEEDED, now)
    reversals.observe(payment_id=paid.pk, state=back, now=now)
    tell(paid, DisputeState.LOST)
    assert sum(DisputedMoney.objects.values_list("amount", flat=True)) == 44000
    assert invoice.balance().due == 144000
    assert problems(invoice) == []


def test_a_refund_that_fails_during_the_dispute_leaves_its_money_to_the_bank(paid: Payment, invoice: Invoice) -> None:
    now = ports.now()
    pending = notices.RefundState("re_1", 100000, "EUR", RefundProgress.PENDING, now)
    refund = reversals.observe(payment_id=paid.pk, state=pending, now=now)
    tell(paid, DisputeState.NEEDS_RESPONSE)
    failed = notices.RefundState("re_1", 100000, "EUR", RefundProgress.FAILED, now)
    reversals.observe(payment_id=paid.pk, state=failed, now=now)
    refund.refresh_from_db()
    assert refund.state == RefundState.FAILED
    tell(paid, DisputeState.NEEDS_RESPONSE)
    assert invoice.balance().due == 144000
    assert problems(invoice) == []


def test_an_appeal_leaves_the_money_where_it_is(paid: Payment, invoice: Invoice) -> None:
    tell(paid, DisputeState.LOST)
    tell(paid, DisputeState.APPEALED)
    assert status(invoice) is Status.DISPUTED
    assert Dispute.objects.get().closed_at is None
    tell(paid, DisputeState.WON)
    assert status(invoice) is Status.PAID
    assert problems(invoice) == []


def test_what_does_not_fit_changes_nothing_and_is_shown(paid: Payment, invoice: Invoice) -> None:
    with pytest.raises(Mismatch):
        disputes.apply(payment=paid, state=told(DisputeState.LOST, currency="USD"), now=ports.now())
    assert not Dispute.objects.exists()
    assert Alert.objects.get().kind == "mismatch"
    assert status(invoice) is Status.PAID


def test_a_fee_told_later_is_booked_once(paid: Payment, invoice: Invoice) -> None:
    tell(paid, DisputeState.NEEDS_RESPONSE)
    for _again in range(2):
        tell(paid, DisputeState.NEEDS_RESPONSE, fee=2000)
    assert [(row.amount, row.fee) for row in DisputedMoney.objects.all()] == [(144000, 0), (0, 2000)]
    assert Entry.objects.latest("pk").kind == "dispute_fee"
    assert problems(invoice) == []


def test_a_returned_debit_is_asked_for_again_and_the_customer_is_told(debited: Payment) -> None:
    invoice = debited.allocations.get().invoice
    dispute = tell(debited, DisputeState.LOST, reason="insufficient_funds")
    assert dispute.is_return
    assert status(invoice) is Status.OPEN
    letter = Letter.objects.get(kind="payment_returned")
    assert letter.to == [invoice.customer.email]
    assert letter.link is not None
    assert "banque" in letter.subject
    assert Alert.objects.get(settled_at=None).kind == "returned"
    assert Letter.objects.filter(kind="owner_disputed").count() == 1
    tell(debited, DisputeState.LOST)
    assert Letter.objects.filter(kind="payment_returned").count() == 1
    assert problems(invoice) == []


def test_a_returned_debit_is_never_asked_about(debited: Payment) -> None:
    """Whatever state it is told in on its way: nothing can be said against it."""
    invoice = debited.allocations.get().invoice
    tell(debited, DisputeState.NEEDS_RESPONSE)
    assert status(invoice) is Status.OPEN
    tell(debited, DisputeState.LOST)
    assert Letter.objects.filter(kind="owner_disputed").count() == 1
    assert Letter.objects.filter(kind="payment_returned").count() == 1


def test_the_receipts_ledger_has_a_row_of_its_own_for_each_day(
    paid: Payment, invoice: Invoice, clock: TestClock
) -> None:
    first = paid.received_on
    clock.advance(days=10)
    tell(paid, DisputeState.NEEDS_RESPONSE, fee=2000)
    clock.advance(days=60)
    tell(paid, DisputeState.WON, fee=0)
    rows = list(receipts_ledger.rows(seller=invoice.seller, first=first, last=ports.now().date(), mode="test"))
    assert [row.amount for row in rows] == [144000, -144000, 144000]
    assert [row.on for row in rows] == [first, first + timedelta(days=10), first + timedelta(days=70)]
    assert {row.documents for row in rows} == {(invoice.number,)}
    assert {row.method for row in rows} == {"card"}
    week = first + timedelta(days=20)
    early = list(receipts_ledger.rows(seller=invoice.seller, first=first, last=week, mode="test"))
    assert sum(row.amount for row in early) == 0


def test_what_a_bank_holds_is_no_credit(paid: Payment, invoice: Invoice) -> None:
    assert factories.credit_for(invoice) == 0
    tell(paid, DisputeState.NEEDS_RESPONSE)
    assert factories.credit_for(invoice) == 0
    assert not customer_credit.payments_for(invoice).exists()
    (balance,) = customer_balances.of_customer(customer=invoice.customer, mode=invoice.mode)
    assert (balance.due, balance.credit) == (144000, 0)
