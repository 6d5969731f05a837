"""One payment, told of by webhooks, return pages and reconciling at the same moment: counted once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.races.crowd import all_at_once
from tests.races.test_numbers import slow_read
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from wagtail_payments import ports
from wagtail_payments.actions import credits, payments, reconcile, refunds, settling
from wagtail_payments.gateways import registry
from wagtail_payments.models import Allocation, Entry, Payment, PaymentAttempt, Refund, WebhookDelivery

pytestmark = [pytest.mark.server]

COPIES = 32


def told_all_at_once(business: Business, attempt: PaymentAttempt) -> Any:
    """Thirty-two copies of the webhook, four customers who come back, four clockworks."""
    body, signature = next(
        (body, signature)
        for body, signature in business.sandbox.pending_webhooks()
        if b'"checkout.session.completed"' in body
    )
    jobs: list[Callable[[], Any]] = [lambda: business._post(body, signature)] * COPIES
    jobs += [lambda: business.attempt_refreshed(PaymentAttempt.objects.get(pk=attempt.pk))] * 4
    jobs += [lambda: reconcile.run(now=ports.now())] * 4
    return all_at_once(jobs)


def paid_attempt(business: Business) -> PaymentAttempt:
    invoice = business.send_invoice()
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id)
    return attempt


def test_told_forty_times_at_once_it_is_counted_once(business: Business) -> None:
    attempt = paid_attempt(business)
    outcome = told_all_at_once(business, attempt)
    assert outcome.errors == []
    assert [result for result in outcome.results if isinstance(result, int)] == [200] * COPIES
    assert WebhookDelivery.objects.get().copies == COPIES
    assert Payment.objects.count() == 1
    assert Allocation.objects.count() == 1
    assert Entry.objects.filter(kind="payment").count() == 1
    business.check_books()


def test_without_the_lock_telling_it_at_once_fails(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unique columns still keep the money right; but whoever comes second runs into them.

    Writing to the attempt holds others up too, as the invoice's lock does: both are taken away.
    """
    attempt = paid_attempt(business)
    monkeypatch.setattr(payments, "hold", slow_read)
    monkeypatch.setattr(settling, "move", lambda *_: True)
    state = read_back(business, attempt)
    outcome = all_at_once([lambda: payments.settle(attempt=attempt, state=state, now=ports.now())] * 8)
    assert outcome.errors, "without the lock they must collide, or the test above proves nothing"
    assert Payment.objects.count() == 1


def read_back(business: Business, attempt: PaymentAttempt) -> Any:
    """What the provider says of the attempt now."""
    return registry.get(attempt.gateway, attempt.site).read(attempt.session_id)


def test_one_refund_form_sent_eight_times_at_once_sends_the_money_once(business: Business) -> None:
    attempt = paid_attempt(business)
    payment = payments.settle(attempt=attempt, state=read_back(business, attempt), now=ports.now())
    assert payment is not None
    amounts = {group.key: 1000 for group in credits.creditable(attempt.invoice)}
    wish = refunds.Wish(0, by_hand=False, reason="Once", by=None, form_key="one form")
    outcome = all_at_once(
        [
            lambda: refunds.refund_invoice(
                invoice_id=attempt.invoice_id, amounts=amounts, payment_id=payment.pk, wish=wish, now=ports.now()
            )
        ]
        * 8
    )
    assert outcome.errors == []
    assert Refund.objects.count() == 1
    assert len(business.sandbox.objects("refund")) == 1
    business.check_books()
