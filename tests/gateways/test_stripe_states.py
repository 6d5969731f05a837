"""What Stripe's answers say, in our words: money, method, fee, refunds, and how far it all is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_type_hints

import pytest
import stripe

from wagtail_payments.core.lifecycle import DisputeState
from wagtail_payments.core.notices import Progress, RefundProgress
from wagtail_payments.gateways import stripe_disputes
from wagtail_payments.gateways.model import Order, RefundOrder
from wagtail_payments.gateways.stripe import StripeGateway
from wagtail_payments.sandbox.rules import RefundEnding
from wagtail_payments.sandbox.testing import SandboxForTests


def test_a_paid_session_tells_money_card_fee_and_net(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, now: datetime
) -> None:
    session_id = gateway.start(order).session_id
    sandbox.pay(session_id)
    state = gateway.read(session_id)
    assert state.progress is Progress.SUCCEEDED
    assert state.payment is not None
    assert (state.payment.amount, state.payment.currency) == (144000, "EUR")
    assert (state.payment.method, state.payment.card) == ("card", "Visa •••• 4242")
    assert state.payment.fee == 2185
    assert state.payment.net == 144000 - 2185
    assert state.payment.paid_at == now
    assert state.payment.refunds == ()


def test_a_fee_that_is_not_booked_yet_is_unknown(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests
) -> None:
    sandbox.rules.booking_delay = timedelta(hours=2)
    session_id = gateway.start(order).session_id
    sandbox.pay(session_id)
    payment = gateway.read(session_id).payment
    assert payment is not None
    assert payment.fee is None


def test_a_declined_card_leaves_the_session_open(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests
) -> None:
    session_id = gateway.start(order).session_id
    with pytest.raises(Exception, match="declined"):
        sandbox.pay(session_id, "declined")
    assert gateway.read(session_id).progress is Progress.OPEN


@pytest.mark.parametrize(("ending", "progress"), [("succeeded", Progress.SUCCEEDED), ("failed", Progress.FAILED)])
def test_a_debit_is_processing_until_the_bank_has_answered(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, clock: Any, ending: str, progress: Progress
) -> None:
    session_id = gateway.start(order).session_id
    sandbox.pay_by_sepa(session_id, ending)
    assert gateway.read(session_id).progress is Progress.PROCESSING
    clock.advance(days=6)
    state = gateway.read(session_id)
    assert state.progress is progress
    assert bool(state.failure) == (progress is Progress.FAILED)


def test_a_debit_counts_from_the_day_on_which_the_bank_paid(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, clock: Any, now: datetime
) -> None:
    session_id = gateway.start(order).session_id
    sandbox.pay_by_sepa(session_id, "succeeded")
    clock.advance(days=6)
    payment = gateway.read(session_id).payment
    assert payment is not None
    assert payment.paid_at == now + timedelta(days=5)


@pytest.mark.parametrize(
    ("ending", "progress"),
    [(RefundEnding.SUCCEEDED, RefundProgress.SUCCEEDED), (RefundEnding.PENDING, RefundProgress.PENDING)],
)
def test_a_refund_bears_our_key_and_is_made_once(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, ending: RefundEnding, progress: RefundProgress
) -> None:
    sandbox.rules.refund_ending = ending
    session_id = gateway.start(order).session_id
    intent = sandbox.pay(session_id)
    wish = RefundOrder("refund-key", intent["id"], 12000, "EUR", "One day less")
    made = gateway.refund(wish)
    assert made == gateway.refund(wish)
    assert (made.amount, made.currency, made.progress, made.our_key) == (12000, "EUR", progress, "refund-key")
    assert sandbox.objects("refund")[0]["metadata"]["reason"] == "One day less"
    assert gateway.read_refunds(intent["id"]) == (made,)


def test_a_refund_that_fails_says_why(gateway: StripeGateway, order: Order, sandbox: SandboxForTests) -> None:
    intent = sandbox.pay(gateway.start(order).session_id)
    made = gateway.refund(RefundOrder("refund-key", intent["id"], 12000, "EUR"))
    sandbox.fail_refund(made.id)
    (failed,) = gateway.read_refunds(intent["id"])
    assert failed.progress is RefundProgress.FAILED
    assert failed.failure == "lost_or_stolen_card"


def test_more_refunds_than_a_charge_lists_are_all_read(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests
) -> None:
    session_id = gateway.start(order).session_id
    intent = sandbox.pay(session_id)
    for _ in range(12):
        sandbox.dashboard_refund(intent["id"], 100)
    payment = gateway.read(session_id).payment
    assert payment is not None
    assert len(payment.refunds) == 12
    assert {refund.our_key for refund in payment.refunds} == {""}


def test_recent_sessions_and_refunds_can_be_looked_through(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, clock: Any, now: datetime
) -> None:
    paid = gateway.start(order).session_id
    intent = sandbox.pay(paid)
    refund = sandbox.dashboard_refund(intent["id"], 100)
    gateway.start(replace(order, idempotency_key="still open"))
    assert [state.session_id for state in gateway.made_since(now)] == [paid]
    assert [(payment, state.id) for payment, state in gateway.refunds_since(now)] == [(intent["id"], refund["id"])]
    clock.advance(days=3)
    assert list(gateway.made_since(datetime.fromtimestamp(clock().timestamp(), UTC))) == []


def test_a_dispute_tells_what_it_is_about_and_until_when_to_answer(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, now: datetime
) -> None:
    intent = sandbox.pay(gateway.start(order).session_id)
    dispute = sandbox.dispute(intent["id"])
    (told,) = gateway.read_disputes(intent["id"])
    assert (told.id, told.amount, told.currency) == (dispute["id"], 144000, "EUR")
    assert (told.progress, told.reason) == (DisputeState.NEEDS_RESPONSE, "fraudulent")
    assert told.evidence_due_by is not None
    assert told.evidence_due_by > now
    assert told.fee == 2000
    assert list(gateway.disputes_since(now)) == [(intent["id"], told)]


def test_a_dispute_is_told_through_all_its_states(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests
) -> None:
    intent = sandbox.pay(gateway.start(order).session_id)
    dispute = sandbox.dispute(intent["id"], inquiry=True)
    told = [gateway.read_disputes(intent["id"])[0]]
    for happens in (
        lambda: sandbox.escalate_dispute(dispute["id"]),
        lambda: sandbox.answer_dispute(dispute["id"]),
        lambda: sandbox.close_dispute(dispute["id"], won=True),
    ):
        happens()
        told += gateway.read_disputes(intent["id"])
    assert [one.progress.value for one in told] == ["inquiry", "needs_response", "under_review", "won"]
    assert [one.fee for one in told] == [None, 2000, 2000, 2000]


def test_a_returned_debit_is_a_dispute_that_is_lost_as_it_comes(
    gateway: StripeGateway, order: Order, sandbox: SandboxForTests, clock: Any
) -> None:
    session_id = gateway.start(order).session_id
    sandbox.pay_by_sepa(session_id)
    clock.advance(days=6)
    sandbox.settle_due()
    payment = gateway.read(session_id).payment
    assert payment is not None
    sandbox.return_debit(payment.id)
    (told,) = gateway.read_disputes(payment.id)
    assert (told.progress, told.reason) == (DisputeState.LOST, "insufficient_funds")
    assert told.evidence_due_by is None, "there is nothing to say against it"


def test_every_state_of_stripe_has_a_word_of_ours() -> None:
    hints = get_type_hints(stripe.Dispute, localns={"BalanceTransaction": Any, "Charge": Any, "PaymentIntent": Any})
    known, _open = get_args(hints["status"])
    assert set(get_args(known)) == set(stripe_disputes.STATES)


@pytest.mark.parametrize(
    ("live", "api_base", "page"),
    [
        (True, "", "https://dashboard.stripe.com/payments/pi_1"),
        (False, "", "https://dashboard.stripe.com/test/payments/pi_1"),
        (False, "http://localhost:8000/stripe/", "http://localhost:8000/stripe/"),
    ],
)
def test_a_dispute_is_answered_in_the_dashboard(live: bool, api_base: str, page: str) -> None:
    assert stripe_disputes.page_of("pi_1", live=live, api_base=api_base) == page
