"""Healing: whatever was lost on the way, our books end as the provider's, and nobody is charged twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests import factories
from wagtail_payments import ports
from wagtail_payments.actions import checkout, credits, reconcile, refunds, wiping
from wagtail_payments.core.lifecycle import AttemptState, Status
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.models import Alert, Entry, Heartbeat, Invoice, Payment, PaymentAttempt, Refund
from wagtail_payments.sandbox.faults import ApiFault
from wagtail_payments.sandbox.rules import RefundEnding
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock
from wagtail_payments.testing import SimulatedCrash, crash_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
Issued = Callable[..., Invoice]
ANYWHERE = "https://atelier.example/"


def start(invoice: Invoice) -> PaymentAttempt:
    return checkout.start(invoice=invoice, now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)


def run() -> reconcile.Report:
    return reconcile.run(now=ports.now())


def status(invoice: Invoice) -> Status:
    return Invoice.objects.get(pk=invoice.pk).status_on(invoice.seller.today(ports.now()))


@pytest.fixture
def paid(issued: Issued, sandbox: SandboxForTests) -> Payment:
    """An invoice paid by card, as we know too."""
    attempt = start(issued())
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())
    return Payment.objects.get()


def test_a_payment_of_which_no_message_ever_came_is_found(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    invoice = issued()
    sandbox.pay(start(invoice).session_id or "")
    clock.advance(minutes=3)
    report = run()
    assert (report.healed, report.differences, report.unanswered) == (1, 0, 0)
    assert status(invoice) is Status.PAID
    clock.advance(minutes=20)
    assert run().healed == 0


def test_a_debit_of_which_no_message_ever_came_is_followed_to_its_end(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    invoice = issued()
    sandbox.pay_by_sepa(start(invoice).session_id or "", "succeeded")
    clock.advance(minutes=3)
    run()
    assert status(invoice) is Status.PROCESSING
    clock.advance(days=6)
    run()
    assert status(invoice) is Status.PAID


def test_a_session_that_ended_frees_its_invoice(issued: Issued, clock: TestClock) -> None:
    attempt = start(issued())
    clock.advance(hours=2)
    assert run().healed == 1
    attempt.refresh_from_db()
    assert (attempt.state, factories.is_live(attempt)) == (AttemptState.EXPIRED, False)


@pytest.mark.parametrize("place", ["checkout.before_asking", "checkout.after_asking"])
def test_a_try_that_died_is_brought_to_an_end(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock, place: str
) -> None:
    invoice = issued()
    with pytest.raises(SimulatedCrash), crash_at(place):
        start(invoice)
    clock.advance(minutes=2)
    assert run().healed == 1
    clock.advance(hours=3)
    run()
    assert PaymentAttempt.objects.get().state == AttemptState.EXPIRED
    assert [session["status"] for session in sandbox.objects("checkout.session")] == ["expired"]


def test_a_session_that_nobody_has_seen_does_not_stay_payable_for_a_paid_invoice(
    issued: Issued, paid_by_transfer: Callable[..., Payment], sandbox: SandboxForTests, clock: TestClock
) -> None:
    """Its answer was lost, and the customer paid by transfer meanwhile."""
    invoice = issued()
    for _ in range(3):
        sandbox.faults.once(ApiFault.TIMEOUT_AFTER, "/v1/checkout/sessions")
    with pytest.raises(GatewayUnavailable):
        start(invoice)
    paid_by_transfer(invoice)
    clock.advance(minutes=2)
    run()
    assert [session["status"] for session in sandbox.objects("checkout.session")] == ["expired"]
    assert not factories.is_live(PaymentAttempt.objects.get())


@pytest.mark.parametrize("how", ["transfer", "credit"])
def test_an_open_session_ends_when_another_amount_is_due(
    issued: Issued,
    paid_by_transfer: Callable[..., Payment],
    sandbox: SandboxForTests,
    clock: TestClock,
    how: str,
) -> None:
    invoice = issued()
    start(invoice)
    if how == "transfer":
        paid_by_transfer(invoice, 5000)
    else:
        amounts = {group.key: group.left for group in credits.creditable(invoice)}
        credits.credit(invoice_id=invoice.pk, amounts=amounts, reason="Off", by=None, now=ports.now(), form_key="a")
    clock.advance(minutes=3)
    run()
    assert [session["status"] for session in sandbox.objects("checkout.session")] == ["expired"]


def test_a_fee_that_was_not_known_is_booked(issued: Issued, sandbox: SandboxForTests, clock: TestClock) -> None:
    sandbox.rules.booking_delay = timedelta(hours=1)
    attempt = start(issued())
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())
    assert Payment.objects.get().fee is None
    clock.advance(hours=2)
    assert run().healed == 1
    assert Payment.objects.get().fee == 2185
    assert Entry.objects.filter(kind="fee").count() == 1
    clock.advance(hours=2)
    assert run().healed == 0


def test_a_refund_from_the_dashboard_of_which_no_message_came_is_found(
    paid: Payment, sandbox: SandboxForTests, clock: TestClock
) -> None:
    sandbox.dashboard_refund(paid.payment_id or "", 40000)
    clock.advance(minutes=20)
    assert run().healed == 1
    assert Refund.objects.get().amount == 40000
    clock.advance(minutes=20)
    assert run().healed == 0


def refund(payment: Payment, amount: int = 12000) -> Refund:
    invoice = payment.allocations.get().invoice
    wish = refunds.Wish(0, by_hand=False, reason="Part", by=None, form_key="refund-1")
    amounts = {credits.creditable(invoice)[0].key: amount}
    _note, made = refunds.refund_invoice(
        invoice_id=invoice.pk, amounts=amounts, payment_id=payment.pk, wish=wish, now=ports.now()
    )
    assert made is not None
    return made


def test_a_refund_whose_answer_was_lost_is_asked_for_under_the_same_key(
    paid: Payment, sandbox: SandboxForTests, clock: TestClock
) -> None:
    for _ in range(3):
        sandbox.faults.once(ApiFault.TIMEOUT_AFTER, "/v1/refunds")
    assert refund(paid).state == "unknown"
    clock.advance(minutes=2)
    assert run().healed == 1
    assert Refund.objects.get().state == "succeeded"
    assert len(sandbox.objects("refund")) == 1


def test_a_refund_that_died_before_anyone_was_asked_is_made(
    paid: Payment, sandbox: SandboxForTests, clock: TestClock
) -> None:
    with pytest.raises(SimulatedCrash), crash_at("refund.before_asking"):
        refund(paid)
    clock.advance(minutes=2)
    run()
    assert Refund.objects.get().state == "succeeded"
    assert len(sandbox.objects("refund")) == 1


def test_a_refund_whose_key_is_too_old_is_looked_for_and_never_made_again(
    paid: Payment, sandbox: SandboxForTests, clock: TestClock
) -> None:
    for _ in range(3):
        sandbox.faults.once(ApiFault.TIMEOUT_AFTER, "/v1/refunds")
    refund(paid)
    clock.advance(hours=30)
    run()
    assert Refund.objects.get().state == "succeeded"
    assert len(sandbox.objects("refund")) == 1


def test_a_refund_that_the_provider_does_not_know_is_shown_and_can_be_made_anew(
    paid: Payment, sandbox: SandboxForTests, clock: TestClock
) -> None:
    for _ in range(3):
        sandbox.faults.once(ApiFault.TIMEOUT_BEFORE, "/v1/refunds")
    never = refund(paid)
    clock.advance(hours=21)
    assert run().differences == 1
    assert paid.reserved() == never.amount, "a call that hung may still be on its way"
    clock.advance(hours=9)
    assert run().differences == 1
    assert sandbox.objects("refund") == []
    assert Alert.objects.get(kind="refund_failed").refund == never
    assert never.credit_note is not None
    wish = refunds.Wish(never.amount, by_hand=False, reason="Part", by=None, form_key="refund-2")
    again = refunds.refund_credit_note(credit_note=never.credit_note, payment=paid, wish=wish, now=ports.now())
    assert again.state == "succeeded"
    assert len(sandbox.objects("refund")) == 1


@pytest.mark.parametrize(("ending", "state"), [(RefundEnding.PENDING, "succeeded"), (RefundEnding.FAILED, "failed")])
def test_a_refund_under_way_is_followed_to_its_end(
    paid: Payment, sandbox: SandboxForTests, clock: TestClock, ending: RefundEnding, state: str
) -> None:
    sandbox.rules.refund_ending = ending
    assert refund(paid).state == "pending"
    clock.advance(days=3)
    run()
    assert Refund.objects.get().state == state


def test_a_paid_session_that_bears_our_mark_and_is_none_of_ours_is_shown(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    ours = start(issued())
    mark = {"wagtail_payments_key": ours.idempotency_key}
    theirs = sandbox.client().v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": ANYWHERE,
            "metadata": mark,
            "line_items": [
                {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 144000, "product_data": {"name": "x"}}}
            ],
        }
    )
    sandbox.pay(theirs.id)
    assert run().differences == 1
    clock.advance(minutes=20)
    run()
    assert theirs.id in Alert.objects.get(kind="unknown_session").text
    assert not Payment.objects.exists()


def test_a_row_that_a_restored_backup_has_forgotten_is_settled_again(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    """The backup was made while the session was open; what followed is gone from our side only."""
    invoice = issued()
    attempt = start(invoice)
    sandbox.pay(attempt.session_id or "")
    PaymentAttempt.objects.filter(pk=attempt.pk).update(state=AttemptState.EXPIRED)
    attempt.end()
    clock.advance(minutes=20)
    assert run().healed == 1
    assert status(invoice) is Status.PAID


def test_what_does_not_fit_is_counted_and_shown_and_pays_nothing(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    attempt = start(issued())
    sandbox.pay(attempt.session_id or "")
    PaymentAttempt.objects.filter(pk=attempt.pk).update(amount=5)
    clock.advance(minutes=3)
    assert run().differences >= 1
    assert Alert.objects.filter(kind="mismatch").count() == 1
    assert not Payment.objects.exists()


def test_a_provider_that_is_down_is_not_asked_a_hundred_times(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    for _ in range(5):
        start(issued())
    clock.advance(minutes=3)
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    report = run()
    assert report.unanswered == reconcile.MOST_UNANSWERED
    assert PaymentAttempt.objects.filter(checked_at=ports.now()).count() == 3


def test_a_young_try_is_asked_for_often_and_an_old_one_seldom(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    attempt = start(issued())
    sandbox.pay_by_sepa(attempt.session_id or "", "succeeded")
    asked = 0
    for _ in range(60):
        clock.advance(minutes=1)
        asked += run().checked
    assert 20 <= asked <= 40
    clock.advance(days=2)
    run()
    clock.advance(minutes=5)
    assert reconcile._due_attempts(ports.now()) == []


def test_test_money_that_was_wiped_is_not_money_that_nobody_knows(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    attempt = start(issued())
    sandbox.pay(attempt.session_id or "")
    clock.advance(minutes=1)
    wiping.wipe_test_money(now=ports.now())
    clock.advance(minutes=20)
    assert run().differences == 0
    assert not Alert.objects.exists()


def test_the_result_stands_where_the_admin_looks(now: datetime, settings: Any) -> None:
    run()
    beat = Heartbeat.objects.get(name="reconcile")
    assert beat.at == now
    assert set(beat.result) == {"checked", "healed", "differences", "unanswered"}


def test_without_a_provider_there_is_nothing_to_compare(settings: Any) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
    assert run() == reconcile.Report()
