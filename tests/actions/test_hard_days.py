"""Days on which one thing fails: it must stay the only one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests import factories
from wagtail_payments import ports, signals
from wagtail_payments.actions import checkout, receipts, reconcile, renditions
from wagtail_payments.core.lifecycle import AttemptState
from wagtail_payments.gateways.model import GatewayRefused
from wagtail_payments.models import Heartbeat, Invoice, NumberSeries, Payment, PaymentAttempt, Receipt, Rendition
from wagtail_payments.reports import verification
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
Issued = Callable[..., Invoice]
Pay = Callable[..., Payment]
ANYWHERE = "https://atelier.example/"


def start(invoice: Invoice) -> PaymentAttempt:
    return checkout.start(invoice=invoice, now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)


def test_books_stay_whole_when_the_accountant_changes_the_plan_of_accounts(
    issued: Issued, paid_by_transfer: Pay
) -> None:
    invoice = issued()
    paid_by_transfer(invoice, 1000)
    invoice.seller.receivables_account = "411100"
    invoice.seller.save()
    again = Invoice.objects.get(pk=invoice.pk)
    paid_by_transfer(again)
    assert list(verification.verify(seller=again.seller, mode="test")) == []


def test_one_receipt_that_cannot_be_given_does_not_hold_up_the_others(
    issued: Issued, sandbox: SandboxForTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        attempt = start(issued())
        sandbox.pay(attempt.session_id or "")
        checkout.refresh(attempt=attempt, now=ports.now())
    first, second = Payment.objects.order_by("pk")
    give = receipts.give

    def failing(*, payment_id: int, now: datetime) -> Receipt:
        if payment_id == first.pk:
            raise LookupError("a locale that nobody knows")
        return give(payment_id=payment_id, now=now)

    monkeypatch.setattr(receipts, "give", failing)
    assert receipts.give_missing(now=ports.now()) == 1
    assert Receipt.objects.get().payment == second


def test_one_try_that_cannot_be_compared_does_not_hold_up_the_others(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, plain = start(issued()), start(issued())
    sandbox.pay(plain.session_id or "")
    look = reconcile.attempts.look

    def failing(*, attempt: PaymentAttempt, **options: Any) -> PaymentAttempt:
        if attempt.pk == odd.pk:
            raise LookupError("a fault of ours")
        return look(attempt=attempt, **options)

    monkeypatch.setattr(reconcile.attempts, "look", failing)
    clock.advance(minutes=3)
    assert reconcile.run(now=ports.now()).differences == 1
    assert Payment.objects.get().attempt == plain
    assert Heartbeat.objects.filter(name=reconcile.HEARTBEAT).exists()


def test_a_refused_try_forgets_the_customers_name(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    invoice = issued()
    gateway = checkout.registry.for_site(invoice.site)["stripe"]

    def refuse(_order: object) -> None:
        raise GatewayRefused("not today")

    monkeypatch.setattr(gateway, "start", refuse)
    monkeypatch.setattr(checkout.registry, "for_site", lambda _site: {"stripe": gateway})
    with pytest.raises(checkout.OnlinePaymentOff):
        start(invoice)
    attempt = PaymentAttempt.objects.get()
    assert (attempt.state, factories.is_live(attempt), attempt.order) == (AttemptState.FAILED, False, {})


def test_a_payment_is_recorded_though_its_receipt_must_wait_for_the_clock(
    issued: Issued, paid_by_transfer: Pay, now: datetime
) -> None:
    """Just before midnight one worker gave a receipt of tomorrow."""
    invoice = issued()
    paid_by_transfer(invoice, 1000)
    NumberSeries.objects.filter(series="receipt").update(last_on=now.date() + timedelta(days=1))
    payment = paid_by_transfer(invoice, 2000)
    assert invoice.balance().paid == 3000
    assert not Receipt.objects.filter(payment=payment).exists()
    assert receipts.give_missing(now=now + timedelta(days=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_an_invoice_is_issued_and_told_though_the_store_of_files_is_full(
    issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any, **_options: Any) -> Rendition:
        raise OSError("no space left on device")

    heard: list[Any] = []
    monkeypatch.setattr(renditions, "_keep", full)

    def hear(**told: Any) -> None:
        heard.append(told["invoice"])

    signals.invoice_issued.connect(hear)
    try:
        invoice = issued()
    finally:
        signals.invoice_issued.disconnect(hear)
    assert heard == [invoice]
    assert renditions.draw_missing(now=ports.now() + timedelta(minutes=1)) == 0
