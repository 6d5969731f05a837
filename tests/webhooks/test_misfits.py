"""Messages that Stripe really signed, and that are not about our payment as our own row knows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import factories
from tests.conftest import WEBHOOK_URL
from tests.webhooks.test_settling import COMPLETED, deliver, deliver_all, letter_of, status
from tests.webhooks.test_settling import attempt as attempt
from wagtail_payments.actions import checkout, claims, invoices
from wagtail_payments.core.lifecycle import AttemptState, Status
from wagtail_payments.models import Alert, Payment, PaymentAttempt, WebhookDelivery
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock

pytestmark = pytest.mark.django_db
Post = Callable[..., Any]


def _object(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda event: event | {"data": {"object": event["data"]["object"] | values}}


MISFITS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "amount": _object(amount_total=100),
    "amount above": _object(amount_total=144001),
    "currency": _object(currency="usd"),
    "account": lambda event: event | {"account": "acct_elsewhere"},
    "mode": lambda event: event | {"livemode": True},
    "mark of another payment": _object(metadata={"wagtail_payments_key": "f" * 32}),
}


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("field", MISFITS)
def test_a_genuine_message_that_does_not_fit_pays_nothing_and_is_shown(
    attempt: PaymentAttempt, sandbox: SandboxForTests, post: Post, field: str, held: bool
) -> None:
    sandbox.pay(attempt.session_id or "")
    genuine = json.loads(letter_of(sandbox, COMPLETED).body)
    if not held:  # a session of ours that the provider does not know
        PaymentAttempt.objects.filter(pk=attempt.pk).update(session_id="cs_test_ours")
        genuine["data"]["object"]["id"] = "cs_test_ours"
    assert post(MISFITS[field](genuine)).status_code == 200
    assert not Payment.objects.exists()
    assert WebhookDelivery.objects.get().state == "refused"
    alert = Alert.objects.get(kind="mismatch")
    assert alert.attempt == attempt
    assert attempt.invoice.number in alert.text


def test_what_the_provider_holds_does_not_fit_our_row_either(
    attempt: PaymentAttempt, sandbox: SandboxForTests, post: Post
) -> None:
    """The message fits, but the session it names was paid with another amount."""
    sandbox.pay(attempt.session_id or "")
    genuine = json.loads(letter_of(sandbox, COMPLETED).body)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(amount=99900)
    post(_object(amount_total=99900)(genuine))
    assert not Payment.objects.exists()
    assert WebhookDelivery.objects.get().state == "refused"


def test_a_message_that_says_paid_about_an_unpaid_session_pays_nothing(
    attempt: PaymentAttempt, sandbox: SandboxForTests, post: Post, now: datetime
) -> None:
    session = sandbox.object("checkout.session", attempt.session_id or "")
    said = session | {"status": "complete", "payment_status": "paid", "payment_intent": "pi_1"}
    event = {"id": "evt_x", "object": "event", "type": COMPLETED, "livemode": False, "created": int(now.timestamp())}
    assert post(event | {"data": {"object": said}}).status_code == 200
    assert not Payment.objects.exists()
    assert status(attempt) is Status.OPEN


def foreign_session(sandbox: SandboxForTests, metadata: dict[str, str]) -> str:
    price = {"currency": "eur", "unit_amount": 144000, "product_data": {"name": "Shoes"}}
    made = sandbox.client().v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://elsewhere.example/",
            "client_reference_id": "F2026-0001",
            "metadata": metadata,
            "line_items": [{"quantity": 1, "price_data": price}],
        }
    )
    return made.id


def test_another_shop_on_the_same_account_is_none_of_our_business(
    attempt: PaymentAttempt, sandbox: SandboxForTests
) -> None:
    intent = sandbox.pay(foreign_session(sandbox, {"order": "7"}))
    sandbox.dashboard_refund(intent["id"], 100)
    deliver_all(sandbox)
    assert not Payment.objects.exists()
    assert not Alert.objects.exists()
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"ignored"}


@pytest.mark.parametrize("known", [True, False])
def test_a_session_that_bears_our_mark_pays_nothing_and_is_shown_once(
    attempt: PaymentAttempt, sandbox: SandboxForTests, known: bool
) -> None:
    metadata = {"wagtail_payments_key": attempt.idempotency_key if known else "f" * 32, "invoice": "F2026-0001"}
    session_id = foreign_session(sandbox, metadata)
    deliver_all(sandbox)
    assert not Alert.objects.exists()
    sandbox.pay(session_id)
    deliver_all(sandbox)
    assert not Payment.objects.exists()
    assert session_id in Alert.objects.get(kind="unknown_session").text
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.OPEN


def lost(attempt: PaymentAttempt, order: dict[str, Any]) -> None:
    """Our row as it stands when the answer never came."""
    PaymentAttempt.objects.filter(pk=attempt.pk).update(
        session_id=None, url="", expires_at=None, state=AttemptState.UNKNOWN, order=order
    )


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The order of the attempt, as it was kept."""
    kept: dict[str, Any] = {}
    original = claims.orders.order_of

    def keep(**values: Any) -> Any:
        made = original(**values)
        kept.update(made.as_json())
        return made

    monkeypatch.setattr(claims.orders, "order_of", keep)
    return kept


def test_a_message_about_a_session_whose_id_was_lost_is_not_lost(
    order: dict[str, Any], attempt: PaymentAttempt, sandbox: SandboxForTests
) -> None:
    sandbox.pay(attempt.session_id or "")
    lost(attempt, order)
    assert deliver(letter_of(sandbox, COMPLETED)) == 200
    assert WebhookDelivery.objects.get().state == "done"
    assert status(attempt) is Status.PAID


def test_a_stranger_s_session_is_not_adopted_by_a_try_that_lost_its_own(
    order: dict[str, Any], attempt: PaymentAttempt, sandbox: SandboxForTests
) -> None:
    """It bears the very same mark, is paid in full, and still is not ours: ours is found under its key."""
    sandbox.pay(foreign_session(sandbox, {"wagtail_payments_key": attempt.idempotency_key}))
    lost(attempt, order)
    deliver_all(sandbox)
    after = PaymentAttempt.objects.get()
    assert (after.session_id, after.state) == (attempt.session_id, AttemptState.OPEN)
    assert not Payment.objects.exists()
    assert Alert.objects.filter(kind="unknown_session").count() == 1


def test_the_session_of_another_attempt_is_not_taken_for_this_one(
    attempt: PaymentAttempt, sandbox: SandboxForTests, post: Post, now: datetime
) -> None:
    """A cheap invoice is paid; a message says so about the dear one."""
    draft = factories.make_invoice(lines=[("Badge", "1", "10.00", "20")])
    cheap = invoices.issue(invoice_id=draft.pk, by=None, now=now)
    other = checkout.start(invoice=cheap, now=now, return_url=lambda _: WEBHOOK_URL, cancel_url=WEBHOOK_URL)
    sandbox.pay(other.session_id or "")
    genuine = json.loads(letter_of(sandbox, COMPLETED).body)
    post(_object(id=attempt.session_id)(genuine))
    assert not Payment.objects.exists()
    assert WebhookDelivery.objects.get().state == "refused"
    deliver_all(sandbox)
    assert Payment.objects.get().attempt == other
    assert status(attempt) is Status.OPEN


def test_a_message_of_another_site_s_account_settles_nothing(
    attempt: PaymentAttempt, sandbox: SandboxForTests, clock: TestClock, settings: Any
) -> None:
    """The session id is ours, the account expected now is another one."""
    sandbox.pay(attempt.session_id or "")
    letter = letter_of(sandbox, COMPLETED)
    options = settings.WAGTAIL_PAYMENTS["GATEWAYS"]["stripe"] | {"ACCOUNT": "acct_new"}
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {"stripe": options}}
    deliver(letter)
    assert not Payment.objects.exists()
    assert Alert.objects.filter(kind="mismatch").exists()
