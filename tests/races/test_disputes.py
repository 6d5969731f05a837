"""A dispute told by many at once, and a payment that comes at the same moment: counted once, never too much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.races.crowd import all_at_once
from tests.races.test_numbers import slow_read
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.test_disputes import paid_invoice, transfer
from wagtail_payments import ports
from wagtail_payments.actions import disputes, reconcile, refunds
from wagtail_payments.core import notices
from wagtail_payments.core.lifecycle import DisputeState
from wagtail_payments.models import Dispute, DisputedMoney, Entry, Payment

pytestmark = [pytest.mark.server]


def told(progress: DisputeState) -> notices.DisputeState:
    return notices.DisputeState("du_1", 144000, "EUR", progress, "fraudulent", ports.now())


def test_told_by_messages_and_clockworks_at_once_it_takes_the_money_once(business: Business) -> None:
    invoice = paid_invoice(business)
    business.sandbox.dispute(Payment.objects.get().payment_id or "")
    posts = [lambda body=body, header=header: business._post(body, header) for body, header in pending(business)]
    jobs: list[Callable[[], Any]] = [*posts * 4, *[lambda: reconcile.run(now=ports.now())] * 4]
    outcome = all_at_once(jobs)
    assert outcome.errors == []
    assert Dispute.objects.count() == DisputedMoney.objects.count() == 1
    assert Entry.objects.filter(kind="dispute").count() == 1
    assert invoice.balance().disputed == 144000
    business.check_books()


def pending(business: Business) -> list[tuple[bytes, str]]:
    return [one for one in business.sandbox.pending_webhooks() if b"charge.dispute" in one[0]]


def test_won_while_it_is_paid_again_nothing_is_paid_twice(business: Business) -> None:
    invoice = paid_invoice(business)
    payment = Payment.objects.get()
    disputes.observe(payment_id=payment.pk, state=told(DisputeState.LOST), now=ports.now())
    won = lambda: disputes.observe(payment_id=payment.pk, state=told(DisputeState.WON), now=ports.now())  # noqa: E731
    outcome = all_at_once([won, won, lambda: transfer(invoice)])
    assert outcome.errors == [] or all("above zero" in str(error) for error in outcome.errors)
    assert invoice.balance().due == 0
    business.check_books()


def test_without_the_lock_a_dispute_told_at_once_collides(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unique columns still keep the money right; but whoever comes second runs into them."""
    paid_invoice(business)
    payment = Payment.objects.get()

    def unlocked(payment_id: int, invoice_ids: Any) -> Payment:
        slow_read(Payment, payment_id)
        return Payment.objects.get(pk=payment_id)

    monkeypatch.setattr(refunds, "lock_money", unlocked)
    tell = lambda: disputes.observe(payment_id=payment.pk, state=told(DisputeState.LOST), now=ports.now())  # noqa: E731
    outcome = all_at_once([tell] * 8)
    assert outcome.errors, "without the lock they must collide, or the test above proves nothing"
    assert Dispute.objects.count() == 1
