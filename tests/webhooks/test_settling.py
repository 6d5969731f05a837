"""From a message to money in the books: in the request, with few statements, and only what fits."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.conftest import WEBHOOK_URL
from tests.webhooks.conftest import ADDRESS, signature
from wagtail_payments import ports
from wagtail_payments.actions import checkout, deliveries, invoices
from wagtail_payments.core.lifecycle import AttemptState, Status
from wagtail_payments.models import Alert, Invoice, Payment, PaymentAttempt, Refund, WebhookDelivery
from wagtail_payments.sandbox.faults import ApiFault
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock
from wagtail_payments.sandbox.webhooks import Letter

pytestmark = pytest.mark.django_db
Post = Callable[..., Any]
COMPLETED = "checkout.session.completed"


@pytest.fixture
def attempt(sandbox: SandboxForTests, now: datetime) -> PaymentAttempt:
    """A customer who is at Stripe's page to pay 1,440.00 EUR."""
    factories.settle_site()
    draft = factories.make_invoice()
    invoice = invoices.issue(invoice_id=draft.pk, by=None, now=now)
    return checkout.start(invoice=invoice, now=now, return_url=lambda _: WEBHOOK_URL, cancel_url=WEBHOOK_URL)


def deliver(letter: Letter) -> int:
    headers = {"Stripe-Signature": letter.signature}
    return Client().post(ADDRESS, letter.body, content_type="application/json", headers=headers).status_code


def deliver_all(sandbox: SandboxForTests) -> None:
    sandbox.deliver_all(
        lambda body, header: (
            Client()
            .post(ADDRESS, body, content_type="application/json", headers={"Stripe-Signature": header})
            .status_code
        )
    )


def letter_of(sandbox: SandboxForTests, kind: str) -> Letter:
    return next(letter for letter in sandbox.pending_letters() if json.loads(letter.body)["type"] == kind)


def statements(captured: Any) -> list[str]:
    """What was asked of the database, without the brackets around it."""
    brackets = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return [query["sql"] for query in captured if not query["sql"].startswith(brackets)]


def status(attempt: PaymentAttempt) -> Status:
    invoice = Invoice.objects.get(pk=attempt.invoice_id)
    return invoice.status_on(invoice.seller.today(ports.now()))


def test_a_message_settles_within_its_request_in_few_statements(
    attempt: PaymentAttempt, sandbox: SandboxForTests
) -> None:
    sandbox.pay(attempt.session_id or "")
    letter = letter_of(sandbox, COMPLETED)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert deliver(letter) == 200
    assert status(attempt) is Status.PAID
    made = statements(captured)
    assert len(made) <= 25, "\n".join(sql[:160] for sql in made)


def test_a_copy_of_a_settled_message_costs_next_to_nothing(attempt: PaymentAttempt, sandbox: SandboxForTests) -> None:
    sandbox.pay(attempt.session_id or "")
    letter = letter_of(sandbox, COMPLETED)
    deliver(letter)
    with CaptureQueriesContext(connection) as captured:
        assert deliver(letter) == 200
    assert len(statements(captured)) <= 4
    assert Payment.objects.count() == 1


def test_all_messages_of_a_payment_in_any_order_count_it_once(
    attempt: PaymentAttempt, sandbox: SandboxForTests
) -> None:
    sandbox.pay(attempt.session_id or "")
    for letter in reversed(sandbox.pending_letters()):
        assert deliver(letter) == deliver(letter) == 200
    assert Payment.objects.get().fee == 2185
    assert not WebhookDelivery.objects.filter(state__in=deliveries.WAITING).exists()
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"done", "ignored"}


def test_a_debit_is_under_way_until_the_bank_has_paid(
    attempt: PaymentAttempt, sandbox: SandboxForTests, clock: TestClock
) -> None:
    sandbox.pay_by_sepa(attempt.session_id or "", "succeeded")
    deliver_all(sandbox)
    assert status(attempt) is Status.PROCESSING
    clock.advance(days=6)
    deliver_all(sandbox)
    assert status(attempt) is Status.PAID


def test_a_debit_that_the_bank_returns_leaves_the_invoice_open(
    attempt: PaymentAttempt, sandbox: SandboxForTests, clock: TestClock
) -> None:
    sandbox.pay_by_sepa(attempt.session_id or "", "failed")
    deliver_all(sandbox)
    clock.advance(days=6)
    deliver_all(sandbox)
    attempt.refresh_from_db()
    assert (attempt.state, factories.is_live(attempt)) == (AttemptState.FAILED, False)
    assert "insufficient funds" in attempt.failure
    assert status(attempt) is Status.OPEN


def test_a_session_that_ended_frees_the_invoice(
    attempt: PaymentAttempt, sandbox: SandboxForTests, clock: TestClock
) -> None:
    clock.advance(hours=2)
    deliver_all(sandbox)
    attempt.refresh_from_db()
    assert (attempt.state, factories.is_live(attempt)) == (AttemptState.EXPIRED, False)


def test_a_declined_card_changes_nothing(attempt: PaymentAttempt, sandbox: SandboxForTests) -> None:
    with pytest.raises(Exception, match="declined"):
        sandbox.pay(attempt.session_id or "", "declined")
    deliver_all(sandbox)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.OPEN


@pytest.mark.parametrize("order", [1, -1])
def test_a_refund_from_the_dashboard_counts_even_before_its_payment(
    attempt: PaymentAttempt, sandbox: SandboxForTests, order: int
) -> None:
    intent = sandbox.pay(attempt.session_id or "")
    sandbox.dashboard_refund(intent["id"], 40000)
    for letter in sandbox.pending_letters()[::order]:
        assert deliver(letter) == 200
    refund = Refund.objects.get()
    assert (refund.amount, refund.kind, refund.state) == (40000, "reversal", "succeeded")
    assert attempt.invoice.balance().due == 40000


def test_a_refund_that_fails_days_later_is_shown(attempt: PaymentAttempt, sandbox: SandboxForTests) -> None:
    intent = sandbox.pay(attempt.session_id or "")
    refund = sandbox.dashboard_refund(intent["id"], 40000)
    deliver_all(sandbox)
    sandbox.fail_refund(refund["id"])
    deliver_all(sandbox)
    assert Refund.objects.get().state == "failed"
    assert Alert.objects.filter(kind="refund_failed").count() == 1
    assert attempt.invoice.balance().due == 0


def test_while_the_provider_is_silent_the_message_waits(
    attempt: PaymentAttempt, sandbox: SandboxForTests, clock: TestClock
) -> None:
    sandbox.pay(attempt.session_id or "")
    sandbox.faults.once(ApiFault.TIMEOUT_BEFORE, "/v1/checkout/sessions/")
    assert deliver(letter_of(sandbox, COMPLETED)) == 200
    waiting = WebhookDelivery.objects.get()
    assert (waiting.state, waiting.tries) == ("new", 1)
    assert deliveries.process_due(now=ports.now()) == 0
    clock.advance(minutes=3)
    assert deliveries.process_due(now=ports.now()) == 1
    assert status(attempt) is Status.PAID


# A message that Stripe really signed, and that is not about our payment as our row knows it.
def test_replayed_after_five_minutes_a_message_is_refused(
    attempt: PaymentAttempt, sandbox: SandboxForTests, clock: TestClock
) -> None:
    sandbox.pay(attempt.session_id or "")
    letter = letter_of(sandbox, COMPLETED)
    clock.advance(minutes=6)
    assert deliver(letter) == 400
    assert signature(letter.body.decode(), ports.now()) != letter.signature
