"""Refunds from two sides at once, and money that comes home when nobody waits for it any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import factories
from wagtail_payments import ports
from wagtail_payments.actions import applying, checkout, credits, disputes, receipts, reconcile, refunds, reversals
from wagtail_payments.core import notices
from wagtail_payments.core.lifecycle import DisputeState, RefundState
from wagtail_payments.core.notices import RefundProgress
from wagtail_payments.core.notices import RefundState as Told
from wagtail_payments.gateways.model import GatewayRefused, GatewayUnavailable
from wagtail_payments.models import Alert, Invoice, Payment, Refund
from wagtail_payments.portal import access, history
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.payments import available_credit
from wagtail_payments.reports import verification
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
Issued = Callable[..., Invoice]
Pay = Callable[..., Payment]
ANYWHERE = "https://atelier.example/"


def wish(amount: int = 0, **fields: Any) -> refunds.Wish:
    values: dict[str, Any] = {"by_hand": False, "reason": "Cancelled", "by": None, "form_key": ports.new_id()}
    return refunds.Wish(amount, **values | fields)


def all_of(invoice: Invoice) -> dict[credits.VatKey, int]:
    return {group.key: group.left for group in credits.creditable(invoice)}


def told(refund_id: str, amount: int, progress: RefundProgress, now: datetime, **fields: Any) -> Told:
    return Told(refund_id, amount, "EUR", progress, now, **fields)


def problems(invoice: Invoice) -> list[str]:
    return [f"{one.where}: {one.what}" for one in verification.verify(seller=invoice.seller, mode="test")]


@pytest.fixture
def paid(issued: Issued, sandbox: SandboxForTests) -> Payment:
    """An invoice paid by card, as we know too."""
    attempt = checkout.start(invoice=issued(), now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())
    return Payment.objects.get()


def test_a_reversal_that_comes_home_to_an_invoice_paid_again_is_kept_to_be_sent_back(
    paid: Payment, paid_by_transfer: Pay
) -> None:
    now = ports.now()
    invoice = paid.allocations.get().invoice
    state = told("re_dash", paid.amount, RefundProgress.SUCCEEDED, now)
    reversals.observe(payment_id=paid.pk, state=state, now=now)
    paid_by_transfer(invoice)
    reversals.observe(payment_id=paid.pk, state=told("re_dash", paid.amount, RefundProgress.FAILED, now), now=now)
    assert invoice.balance().due == 0
    assert paid.unallocated() == paid.amount
    assert problems(invoice) == []


def test_a_reversal_that_comes_home_to_an_invoice_credited_meanwhile_can_still_be_sent_back(paid: Payment) -> None:
    now = ports.now()
    invoice = paid.allocations.get().invoice
    reversals.observe(payment_id=paid.pk, state=told("re_dash", paid.amount, RefundProgress.SUCCEEDED, now), now=now)
    credits.credit(invoice_id=invoice.pk, amounts=all_of(invoice), reason="x", by=None, now=now, form_key="c")
    reversals.observe(payment_id=paid.pk, state=told("re_dash", paid.amount, RefundProgress.FAILED, now), now=now)
    assert invoice.balance().due == 0
    again = refunds.refund_overpayment(payment=paid, wish=wish(paid.amount, by_hand=True), now=now)
    assert again.state == RefundState.SUCCEEDED
    assert problems(invoice) == []


def test_a_payment_whose_refund_came_home_is_told_once(paid: Payment) -> None:
    now = ports.now()
    invoice = paid.allocations.get().invoice
    for progress in (RefundProgress.SUCCEEDED, RefundProgress.FAILED):
        reversals.observe(payment_id=paid.pk, state=told("re_dash", paid.amount, progress, now), now=now)
    receipt = receipts.give(payment_id=paid.pk, now=now)
    moved = receipt.document.frozen.moved
    assert moved is not None
    assert [share.amount for share in moved.shares] == [paid.amount]
    link, writer = access.link_of(receipt.document), Writer("en", "EUR")
    assert link is not None
    assert [row.amount for row in history.of(invoice, link, writer).rows] == [writer.money(paid.amount)]


def test_crediting_after_money_went_back_twice_refunds_nothing_more(paid: Payment) -> None:
    """By hand for a credit note, and all of it in the dashboard: the payment is less than nothing."""
    now = ports.now()
    invoice = paid.allocations.get().invoice
    (key,) = all_of(invoice)
    by_hand = wish(by_hand=True)
    refunds.refund_invoice(invoice_id=invoice.pk, amounts={key: 4000}, payment_id=paid.pk, wish=by_hand, now=now)
    reversals.observe(payment_id=paid.pk, state=told("re_dash", paid.amount, RefundProgress.SUCCEEDED, now), now=now)
    _note, refund = refunds.refund_invoice(
        invoice_id=invoice.pk, amounts={key: 6000}, payment_id=paid.pk, wish=wish(), now=now
    )
    assert refund is None


def test_a_dashboard_refund_of_everything_is_counted_while_ours_waits_for_its_answer(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock, monkeypatch: pytest.MonkeyPatch, paid_by_transfer: Pay
) -> None:
    invoice = issued()
    attempt = checkout.start(invoice=invoice, now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)
    paid_by_transfer(invoice, 3000)
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())
    payment = Payment.objects.get(gateway="stripe")

    class Silent:
        def refund(self, order: object) -> None:
            raise GatewayUnavailable("nobody there")

    with monkeypatch.context() as patch:
        patch.setattr(refunds.registry, "get", lambda *_a, **_k: Silent())
        ours = refunds.refund_overpayment(payment=payment, wish=wish(3000), now=ports.now())
    assert ours.state == RefundState.UNKNOWN
    sandbox.dashboard_refund(payment.payment_id or "")
    clock.advance(hours=21)
    reconcile.run(now=ports.now())
    assert Refund.objects.filter(payment=payment, state=RefundState.SUCCEEDED).get().amount == payment.amount
    assert invoice.balance().due == invoice.gross - 3000


def test_a_refund_that_seemed_refused_but_was_made_is_counted(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    now = ports.now()
    invoice = paid.allocations.get().invoice
    same = wish()

    class Refusing:
        def refund(self, order: object) -> None:
            raise GatewayRefused("no such payment")

    with monkeypatch.context() as patch:
        patch.setattr(refunds.registry, "get", lambda *_a, **_k: Refusing())
        _note, ours = refunds.refund_invoice(
            invoice_id=invoice.pk, amounts=all_of(invoice), payment_id=paid.pk, wish=same, now=now
        )
    assert ours is not None
    assert ours.state == RefundState.FAILED
    state = told("re_late", paid.amount, RefundProgress.SUCCEEDED, now, our_key=same.form_key)
    for _ in range(2):
        reversals.observe(payment_id=paid.pk, state=state, now=now)
    assert paid.refundable() == 0, "the money is gone, whatever the first answer was"
    assert Refund.objects.filter(state=RefundState.SUCCEEDED).count() == 1
    assert problems(invoice) == []


def test_a_refusal_that_comes_after_success_changes_nothing(paid: Payment) -> None:
    now = ports.now()
    invoice = paid.allocations.get().invoice
    _note, done = refunds.refund_invoice(
        invoice_id=invoice.pk, amounts=all_of(invoice), payment_id=paid.pk, wish=wish(), now=now
    )
    assert done is not None
    refunds.move(done.pk, RefundState.FAILED, "no such payment", now)
    done.refresh_from_db()
    assert done.state == RefundState.SUCCEEDED


def test_a_credited_invoice_does_not_open_again_when_its_money_goes_back_at_the_provider(paid: Payment) -> None:
    """First the credit note, then the refund in the dashboard: the customer owes nothing."""
    now = ports.now()
    invoice = paid.allocations.get().invoice
    note = credits.credit(invoice_id=invoice.pk, amounts=all_of(invoice), reason="x", by=None, now=now, form_key="c")
    refund = reversals.observe(
        payment_id=paid.pk, state=told("re_dash", paid.amount, RefundProgress.SUCCEEDED, now), now=now
    )
    refund.refresh_from_db()
    assert (invoice.balance().due, available_credit(note)) == (0, 0)
    assert not refund.needs_a_look
    assert not Alert.objects.filter(kind="reversal", settled_at=None).exists()
    assert problems(invoice) == []


def test_what_a_credit_note_does_not_cover_is_open_again(paid: Payment) -> None:
    now = ports.now()
    invoice = paid.allocations.get().invoice
    (key,) = all_of(invoice)
    credits.credit(invoice_id=invoice.pk, amounts={key: 4000}, reason="x", by=None, now=now, form_key="c")
    state = told("re_dash", paid.amount, RefundProgress.SUCCEEDED, now)
    refund = reversals.observe(payment_id=paid.pk, state=state, now=now)
    refund.refresh_from_db()
    assert invoice.balance().due == paid.amount - 4000
    assert refund.needs_a_look
    assert problems(invoice) == []


def test_a_refund_of_ours_that_was_never_made_leaves_its_credit_to_what_went_back_meanwhile(
    paid: Payment, sandbox: SandboxForTests, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer to ours, so the editor refunds in the dashboard: a day later ours is given up."""
    invoice = paid.allocations.get().invoice

    class Silent:
        def refund(self, order: object) -> None:
            raise GatewayUnavailable("nobody there")

    with monkeypatch.context() as patch:
        patch.setattr(refunds.registry, "get", lambda *_a, **_k: Silent())
        refunds.refund_invoice(
            invoice_id=invoice.pk, amounts=all_of(invoice), payment_id=paid.pk, wish=wish(), now=ports.now()
        )
    sandbox.dashboard_refund(paid.payment_id or "")
    clock.advance(hours=25)
    reconcile.run(now=ports.now())
    reconcile.run(now=ports.now())
    assert sorted(Refund.objects.values_list("state", flat=True)) == [RefundState.FAILED, RefundState.SUCCEEDED]
    assert invoice.balance().due == 0
    assert problems(invoice) == []


def test_a_bank_that_pays_after_the_credit_note_can_be_paid_back(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    invoice = issued()
    attempt = checkout.start(invoice=invoice, now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)
    sandbox.pay_by_sepa(attempt.session_id or "", "succeeded")
    checkout.refresh(attempt=attempt, now=ports.now())
    credits.credit(invoice_id=invoice.pk, amounts=all_of(invoice), reason="x", by=None, now=ports.now(), form_key="c")
    clock.advance(days=7)
    reconcile.run(now=ports.now())
    late = Payment.objects.get()
    assert late.unallocated() == late.amount
    refunds.refund_overpayment(payment=late, wish=wish(late.amount), now=ports.now())
    clock.advance(days=7)
    reconcile.run(now=ports.now())
    assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert not Alert.objects.filter(settled_at=None).exists()
    assert problems(invoice) == []


@pytest.mark.parametrize("by_a_bank", [True, False])
def test_what_was_credited_and_sent_back_is_not_owed_again_while_another_invoice_is_paid(
    issued: Issued, sandbox: SandboxForTests, paid_by_transfer: Pay, by_a_bank: bool
) -> None:
    """One payment stands behind two invoices; the newer one was credited, and its half went back."""
    now, customer = ports.now(), factories.make_customer()
    twice = issued(customer=customer)
    attempt = checkout.start(invoice=twice, now=now, return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)
    paid_by_transfer(twice)
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=now)
    payment = Payment.objects.get(gateway="stripe")
    older, newer = (issued(customer=customer, lines=[("Half a day", "1", "600.00", "20")]) for _ in range(2))
    for invoice in (older, newer):
        applying.use_payment(payment=payment, invoice_id=invoice.pk, by=None, now=now)
    refunds.refund_invoice(invoice_id=newer.pk, amounts=None, payment_id=payment.pk, wish=wish(), now=now)
    if by_a_bank:
        lost = notices.DisputeState("du_1", 144000, "EUR", DisputeState.LOST, "fraudulent", now)
        disputes.observe(payment_id=payment.pk, state=lost, now=now)
    else:
        sent = told("re_1", 72000, RefundProgress.SUCCEEDED, now)
        reversals.observe(payment_id=payment.pk, state=sent, now=now)
    assert (older.balance().due, newer.balance().due) == (72000, 0)
    assert problems(older) == []


def test_an_invoice_that_a_payment_pays_meanwhile_is_held_too(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the question what it pays and the locks, its money was used for another invoice."""
    invoice, asked = paid.allocations.get().invoice, refunds.invoices_of
    stale: list[list[int]] = [[]]
    monkeypatch.setattr(refunds, "invoices_of", lambda payment: stale.pop() if stale else asked(payment))
    before = Invoice.objects.values_list("lock_count", flat=True).get(pk=invoice.pk)
    reversals.observe(
        payment_id=paid.pk, state=told("re_1", 1000, RefundProgress.SUCCEEDED, ports.now()), now=ports.now()
    )
    assert Invoice.objects.values_list("lock_count", flat=True).get(pk=invoice.pk) > before
    assert invoice.balance().due == 1000


def test_an_invoice_that_is_open_again_by_two_of_its_parts_is_named_once(paid: Payment) -> None:
    now = ports.now()
    invoice = paid.allocations.get().invoice
    (key,) = all_of(invoice)
    by_hand = wish(by_hand=True)
    refunds.refund_invoice(invoice_id=invoice.pk, amounts={key: 4000}, payment_id=paid.pk, wish=by_hand, now=now)
    state = told("re_dash", paid.amount, RefundProgress.SUCCEEDED, now)
    refund = reversals.observe(payment_id=paid.pk, state=state, now=now)
    assert refund.allocations.count() == 2
    assert Alert.objects.get(kind="reversal").text.count(invoice.number) == 1
