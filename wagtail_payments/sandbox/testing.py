"""For tests: a sandbox with a payer, a clock and a postman that do as they are told."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import stripe

from wagtail_payments.sandbox import checkout, paying
from wagtail_payments.sandbox.checkout import Payer
from wagtail_payments.sandbox.engine import Sandbox
from wagtail_payments.sandbox.instruments import (
    FAILING_IBAN,
    SUCCEEDING_IBAN,
    bank_account,
    card_by_number,
)
from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.ports import Clock, Ids, counted_ids
from wagtail_payments.sandbox.resources import disputes, refunds, sessions
from wagtail_payments.sandbox.resources.lookup import found
from wagtail_payments.sandbox.rules import Rules
from wagtail_payments.sandbox.spec import check_object
from wagtail_payments.sandbox.transport import Answer, SandboxHTTPClient
from wagtail_payments.sandbox.webhooks import Deliver, Endpoint, Letter
from wagtail_payments.sandbox.world import World

CARDS = {
    "success": "4242424242424242",
    "declined": "4000000000000002",
    "insufficient_funds": "4000000000009995",
    "challenge": "4000002500003155",
    "dispute": "4000000000000259",
}
IBANS = {"succeeded": SUCCEEDING_IBAN, "failed": FAILING_IBAN}
WEBHOOK_URL = "http://testserver/webhooks/stripe/"
WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105


class TestClock:
    """A clock that stands still until it is moved."""

    __test__ = False

    def __init__(self, start: datetime | None = None) -> None:
        self.now = start or datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """Move on: ``advance(days=5)``."""
        self.now += timedelta(**span)


class NotStripeShaped(AssertionError):
    """The sandbox made an object that Stripe's own types do not allow."""


class JudgedHTTPClient(SandboxHTTPClient):
    """Holds every good answer against the ``stripe`` package's types before the SDK sees it."""

    def request(self, *args: Any, **kwargs: Any) -> Answer:
        """One call; raises ``NotStripeShaped`` when the answer is none that Stripe could give."""
        body, status, headers = super().request(*args, **kwargs)
        if status == HTTPStatus.OK:
            _judge(json.loads(body))
        return body, status, headers


class SandboxForTests(Sandbox):
    """A sandbox with a payer and an owner at hand."""

    def client(self, key: str = "", max_network_retries: int = 0) -> stripe.StripeClient:
        """The real SDK, talking to this sandbox in this process."""
        key = key or f"sk_{self.rules.mode}_sandbox"
        return stripe.StripeClient(key, http_client=JudgedHTTPClient(self), max_network_retries=max_network_retries)

    def pay(self, session_id: str, card: str = "success", payer: Payer | None = None) -> Json:
        """Pay on the hosted page, with a card of ``CARDS`` or a number; answers the intent.

        A 3-D Secure card answers an intent that ``requires_action``; a refused one raises
        ``errors.Refused`` and leaves the session open.
        """
        with self.working() as world:
            instrument = card_by_number(CARDS.get(card, card))
            return checkout.confirm(world, session_id, instrument, payer)

    def pass_challenge(self, session_id: str) -> Json:
        """The payer proves who they are (3-D Secure)."""
        with self.working() as world:
            return checkout.answer_challenge(world, session_id, passed=True)

    def fail_challenge(self, session_id: str) -> None:
        """The payer does not prove who they are; raises ``errors.Refused`` as the page shows it."""
        with self.working() as world:
            checkout.answer_challenge(world, session_id, passed=False)

    def pay_by_sepa(self, session_id: str, outcome: str = "succeeded", payer: Payer | None = None) -> Json:
        """Pay by direct debit; the bank answers ``succeeded`` or ``failed`` days later."""
        with self.working() as world:
            instrument = bank_account(IBANS.get(outcome, outcome))
            return checkout.confirm(world, session_id, instrument, payer)

    def settle_due(self) -> None:
        """Let the banks answer all debits now, each as foretold."""
        with self.working() as world:
            for intent in world.shelves.where("payment_intent", status="processing"):
                world.carry_out(paying.SETTLE, intent["id"])

    def settle(self, session_id: str, *, paid: bool) -> None:
        """Let the bank answer one debit now, whatever was foretold."""
        with self.working() as world:
            session = found(world, sessions.KIND, session_id)
            paying.settle_as(world, found(world, "payment_intent", session["payment_intent"] or ""), paid=paid)

    def dashboard_refund(self, intent_id: str, amount: int | None = None) -> Json:
        """The owner refunds in Stripe's dashboard: all that is left, or ``amount`` minor units."""
        params = {"payment_intent": intent_id}
        if amount is not None:
            params["amount"] = str(amount)
        with self.working() as world:
            return refunds.create(world, params)

    def fail_refund(self, refund_id: str) -> None:
        """The payer's bank sends a refund back."""
        with self.working() as world:
            refunds.fail(world, found(world, refunds.KIND, refund_id))

    def dispute(self, intent_id: str, *, inquiry: bool = False) -> Json:
        """The payer disputes a payment with the bank, or (``inquiry``) the bank asks first."""
        with self.working() as world:
            return disputes.open_for(world, _charge_of(world, intent_id), inquiry=inquiry)

    def return_debit(self, intent_id: str) -> Json:
        """The bank returns a direct debit that was paid."""
        with self.working() as world:
            return disputes.return_debit(world, _charge_of(world, intent_id))

    def escalate_dispute(self, dispute_id: str) -> None:
        """The bank goes from asking to taking the money."""
        with self.working() as world:
            disputes.escalate(world, found(world, disputes.KIND, dispute_id))

    def answer_dispute(self, dispute_id: str) -> None:
        """The owner sends evidence."""
        with self.working() as world:
            disputes.answer(world, found(world, disputes.KIND, dispute_id))

    def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        """The bank decides a dispute."""
        with self.working() as world:
            disputes.close(world, found(world, disputes.KIND, dispute_id), won=won)

    def pending_webhooks(self) -> list[tuple[bytes, str]]:
        """What would be posted now: body and ``Stripe-Signature``, in order. Changes nothing."""
        return [(letter.body, letter.signature) for letter in self.pending_letters()]

    def pending_letters(self) -> list[Letter]:
        """The same with address and all headers; hand one to ``outbox.send`` to have it logged."""
        self.tick()
        return self.outbox.due()

    def deliver_all(self, to: Callable[[bytes, str], int]) -> int:
        """Post all that is due to ``to(body, signature) -> status``, and what that causes.

        A status outside 2xx is tried again later by the clock, as Stripe does. Answers how
        many were posted.
        """
        posted = 0
        while letters := self.pending_letters():
            for letter in letters:
                self.outbox.send(letter, lambda url, body, headers: to(body, headers["Stripe-Signature"]))
            posted += len(letters)
        return posted

    def event_types(self) -> list[str]:
        """The types of all events so far, oldest first."""
        return [event["type"] for event in self.objects("event")]


def make_sandbox(
    clock: Clock | None = None,
    ids: Ids | None = None,
    *,
    judged: bool = True,
    rules: Rules | None = None,
    deliver: Deliver | None = None,
    endpoint: Endpoint | None = None,
) -> SandboxForTests:
    """A sandbox that tells its events to one endpoint (``WEBHOOK_URL``, ``WEBHOOK_SECRET``).

    ``judged`` holds every event against the ``stripe`` package's types as it is made.
    """
    sandbox = SandboxForTests(
        clock or TestClock(),
        ids or counted_ids(),
        rules=rules,
        endpoints=[endpoint or Endpoint(WEBHOOK_URL, (WEBHOOK_SECRET,))],
        deliver=deliver,
    )
    if judged:
        with sandbox.working() as world:
            world.listeners.append(_judge)
    return sandbox


def _charge_of(world: World, intent_id: str) -> Json:
    charge: Json = world.shelves.where("charge", payment_intent=intent_id, status="succeeded")[0]
    return charge


def _judge(value: Json) -> None:
    if problems := check_object(value):
        name = value.get("type", value.get("object"))
        raise NotStripeShaped(f"{name}: " + "; ".join(map(str, problems)))
