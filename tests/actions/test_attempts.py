"""Tries to pay whose answer was lost on the way: found again under their own key, and never opened twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import factories
from tests.actions.test_checkout import BACK, SESSIONS, open_sessions, start
from wagtail_payments import ports
from wagtail_payments.actions import attempts, checkout, orders, payments
from wagtail_payments.core.lifecycle import AttemptState
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.models import Invoice, PaymentAttempt
from wagtail_payments.sandbox.faults import ApiFault
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock
from wagtail_payments.testing import SimulatedCrash, crash_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
Issued = Callable[..., Invoice]


def lose_answers(sandbox: SandboxForTests, path: str = SESSIONS, calls: int = 3) -> None:
    """Let the call be carried out and its answer be lost, for as often as the SDK tries."""
    for _ in range(calls):
        sandbox.faults.once(ApiFault.TIMEOUT_AFTER, path)


def test_a_second_tab_while_the_first_is_asking_leads_to_the_same_session(
    issued: Issued, sandbox: SandboxForTests
) -> None:
    invoice = issued()
    with pytest.raises(SimulatedCrash), crash_at("checkout.before_asking"):
        start(invoice)
    second = start(invoice)
    first = PaymentAttempt.objects.get()
    gateway = registry.get("stripe", invoice.site)
    again = attempts.open_at(gateway=gateway, attempt=_with_order(first), now=ports.now())
    assert first == second == again
    assert again.session_id == second.session_id
    assert len(sandbox.objects("checkout.session")) == 1


def _with_order(attempt: PaymentAttempt) -> PaymentAttempt:
    """What the first tab still holds in its hands."""
    attempt.order = orders.order_of(
        shares=list(attempt.shares.all()),
        success_url=f"https://atelier.example/r/{attempt.pk}/",
        cancel_url=BACK,
        now=attempt.created_at,
    ).as_json()
    return attempt


@pytest.mark.parametrize("place", ["checkout.before_asking", "checkout.after_asking"])
def test_dying_around_the_call_leaves_one_session(issued: Issued, sandbox: SandboxForTests, place: str) -> None:
    invoice = issued()
    with pytest.raises(SimulatedCrash), crash_at(place):
        start(invoice)
    assert PaymentAttempt.objects.get().state == AttemptState.CREATED
    attempt = start(invoice)
    assert open_sessions(sandbox) == [attempt.session_id]


def test_dying_before_the_commit_leaves_nothing(issued: Issued, sandbox: SandboxForTests) -> None:
    invoice = issued()
    with pytest.raises(SimulatedCrash), crash_at("checkout.before_commit"):
        start(invoice)
    assert not PaymentAttempt.objects.exists()
    assert sandbox.objects("checkout.session") == []


def test_an_answer_that_is_lost_is_unknown_and_never_failed(issued: Issued, sandbox: SandboxForTests) -> None:
    invoice = issued()
    lose_answers(sandbox)
    with pytest.raises(GatewayUnavailable):
        start(invoice)
    attempt = PaymentAttempt.objects.get()
    assert (attempt.state, factories.is_live(attempt), attempt.session_id) == (AttemptState.UNKNOWN, True, None)
    assert start(invoice).session_id == sandbox.objects("checkout.session")[0]["id"]
    assert len(sandbox.objects("checkout.session")) == PaymentAttempt.objects.count() == 1


def test_a_customer_whose_data_changed_meanwhile_is_asked_for_under_the_same_order(
    issued: Issued, sandbox: SandboxForTests
) -> None:
    invoice = issued()
    lose_answers(sandbox)
    with pytest.raises(GatewayUnavailable):
        start(invoice)
    invoice.customer.name = "A new name"
    invoice.customer.save()
    assert start(invoice, cancel_url="https://elsewhere.example/").state == AttemptState.OPEN
    assert len(sandbox.objects("checkout.session")) == 1


def test_a_provider_that_is_down_can_be_tried_again(issued: Issued, sandbox: SandboxForTests) -> None:
    invoice = issued()
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            start(invoice)
    sandbox.faults.rates = {}
    assert start(invoice).state == AttemptState.OPEN
    assert PaymentAttempt.objects.count() == 1


def test_a_failure_that_is_kept_under_the_key_is_looked_into_and_then_tried_anew(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    """Stripe answers the same key with the same 500 for a day."""
    invoice = issued()
    sandbox.faults.once(ApiFault.SERVER_ERROR, SESSIONS)
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            start(invoice)
    clock.advance(minutes=6)
    attempt = start(invoice)
    assert [row.state for row in PaymentAttempt.objects.order_by("pk")] == [AttemptState.FAILED, AttemptState.OPEN]
    assert open_sessions(sandbox) == [attempt.session_id]


def test_a_key_of_yesterday_is_never_used_again(issued: Issued, sandbox: SandboxForTests, clock: TestClock) -> None:
    invoice = issued()
    lose_answers(sandbox)
    with pytest.raises(GatewayUnavailable):
        start(invoice)
    lost = PaymentAttempt.objects.get().idempotency_key
    clock.advance(hours=25)
    sandbox.deliver_all(lambda *_: 200)
    attempt = start(invoice)
    assert attempt.idempotency_key != lost
    assert [row.state for row in PaymentAttempt.objects.order_by("pk")] == [AttemptState.EXPIRED, AttemptState.OPEN]
    assert open_sessions(sandbox) == [attempt.session_id]


def test_a_session_that_never_was_is_not_waited_for(issued: Issued, sandbox: SandboxForTests, clock: TestClock) -> None:
    invoice = issued()
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    with pytest.raises(GatewayUnavailable):
        start(invoice)
    sandbox.faults.rates = {}
    clock.advance(hours=21)
    assert start(invoice).state == AttemptState.OPEN
    assert PaymentAttempt.objects.order_by("pk")[0].state == AttemptState.FAILED


def test_an_order_that_came_too_late_was_never_carried_out(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    """The provider refuses its expiry, so it surely holds nothing under the key: a new one may be used."""
    invoice = issued()
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    with pytest.raises(GatewayUnavailable):
        start(invoice)
    sandbox.faults.rates = {}
    clock.advance(minutes=45)
    attempt = start(invoice)
    assert [row.state for row in PaymentAttempt.objects.order_by("pk")] == [AttemptState.FAILED, AttemptState.OPEN]
    assert open_sessions(sandbox) == [attempt.session_id]


def test_a_session_that_bears_our_mark_is_not_taken_for_ours(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    """Somebody copies our metadata onto a session of theirs while our own session's id is lost."""
    invoice = issued()
    lose_answers(sandbox)
    with pytest.raises(GatewayUnavailable):
        start(invoice)
    ours = sandbox.objects("checkout.session")[0]
    theirs = forged(sandbox, ours["metadata"])
    assert start(invoice).session_id == ours["id"] != theirs


def forged(sandbox: SandboxForTests, metadata: dict[str, str], amount: int = 144000) -> str:
    price = {"currency": "eur", "unit_amount": amount, "product_data": {"name": "Shoes"}}
    made = sandbox.client().v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://elsewhere.example/",
            "metadata": metadata,
            "line_items": [{"quantity": 1, "price_data": price}],
        }
    )
    return made.id


def test_a_session_whose_answer_was_lost_can_be_withdrawn_too(issued: Issued, sandbox: SandboxForTests) -> None:
    """The editor credits the invoice at once: the session that nobody has seen must not stay payable."""
    invoice = issued()
    lose_answers(sandbox)
    with pytest.raises(GatewayUnavailable):
        start(invoice)
    attempt = PaymentAttempt.objects.get()
    assert checkout.withdraw(attempt=attempt, now=ports.now()).state == AttemptState.EXPIRED
    assert open_sessions(sandbox) == []


@pytest.mark.parametrize("other", [{"mode": "live"}, {"account": "acct_before"}])
def test_a_lost_try_of_other_keys_is_not_asked_for_with_these(
    issued: Issued, sandbox: SandboxForTests, other: dict[str, str]
) -> None:
    """The site went live, or to another account, meanwhile: its session would be opened anew, for other money."""
    invoice = issued()
    with pytest.raises(SimulatedCrash), crash_at("checkout.before_asking"):
        start(invoice)
    PaymentAttempt.objects.update(**other)
    attempt = attempts.fresh(PaymentAttempt.objects.get().pk)
    with pytest.raises(payments.Mismatch):
        attempts.look(gateway=registry.get("stripe", invoice.site), attempt=attempt, now=ports.now())
    assert sandbox.objects("checkout.session") == []


def test_a_session_that_the_provider_has_no_more_does_not_bar_the_invoice_for_ever(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    """The owner took another account: the old session is over, and nobody can be asked about it."""
    invoice = issued()
    PaymentAttempt.objects.filter(pk=start(invoice).pk).update(session_id="cs_test_of_another_account")
    with pytest.raises(checkout.OnlinePaymentOff):
        start(invoice)
    clock.advance(days=2)
    assert start(invoice).state == AttemptState.OPEN
    assert [row.state for row in PaymentAttempt.objects.order_by("pk")] == [AttemptState.EXPIRED, AttemptState.OPEN]
