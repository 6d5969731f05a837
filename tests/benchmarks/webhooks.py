"""Webhooks settled per second, through the view, beside the least that could be done with them.

Settled: verified, stored, the session read back through the SDK (the sandbox plays Stripe in this process), the money
allocated and booked, committed, answered. The floor: verified, and one row inserted.

Run: ``python tests/benchmarks/webhooks.py [rounds]``.
"""

from __future__ import annotations

import json
import sys

import _stage
import stripe
from django.test import Client
from django.urls import reverse
from wagtail.models import Site

from tests import factories
from tests.conftest import WEBHOOK_SECRET, WEBHOOK_URL
from wagtail_payments import ports
from wagtail_payments.actions import checkout, invoices, renditions
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import Gateway
from wagtail_payments.models import Payment, PaymentAttempt, WebhookDelivery
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock, make_sandbox
from wagtail_payments.sandbox.transport import SandboxHTTPClient
from wagtail_payments.sandbox.webhooks import Endpoint

EACH = 25
COMPLETED = b'"type": "checkout.session.completed"'


def paid_sessions(sandbox: SandboxForTests, count: int) -> list[tuple[bytes, str]]:
    """So many invoices paid at Stripe; return its messages about them, which nobody has seen yet."""
    customer = factories.make_customer()
    for _ in range(count):
        draft = factories.make_invoice(customer=customer)
        invoice = invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())
        attempt = checkout.start(
            invoice=invoice, now=ports.now(), return_url=lambda _: WEBHOOK_URL, cancel_url=WEBHOOK_URL
        )
        sandbox.pay(attempt.session_id or "")
    return [(body, header) for body, header in sandbox.pending_webhooks() if COMPLETED in body]


class Floor:
    """Verify the signature, insert one row: what any program that keeps its messages must do."""

    def __init__(self, gateway: Gateway, example: bytes) -> None:
        self.gateway, self.event = gateway, json.loads(example)

    def message(self, piece: int) -> tuple[str, dict[str, str]]:
        """A message of its own, signed."""
        body = json.dumps(self.event | {"id": f"evt_floor_{piece}"})
        at = int(ports.now().timestamp())
        return body, {"Stripe-Signature": stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, at)}

    def prepare(self, count: int) -> None:
        """Sign beforehand: that is the sender's work."""
        self.messages = [self.message(piece) for piece in range(count)]

    def __call__(self, piece: int) -> None:
        body, headers = self.messages[piece]
        message = self.gateway.read_message(body.encode(), headers, ports.now())
        WebhookDelivery.objects.create(
            gateway=message.gateway,
            account=message.account,
            message_id=message.id,
            type=message.type,
            body=body,
            sent_at=message.created_at,
            received_at=ports.now(),
        )


def compare(sandbox: SandboxForTests, rounds: int) -> None:
    """Print settled messages per second beside the floor, and beside reading back alone."""
    count = rounds * EACH
    messages = paid_sessions(sandbox, count)
    gateway = registry.get("stripe", Site.objects.get(is_default_site=True))
    sessions = list(PaymentAttempt.objects.values_list("session_id", flat=True))
    floor = Floor(gateway, messages[0][0])
    floor.prepare(count)
    client, url = Client(), reverse("wagtail_payments:webhook", args=["stripe"])

    def settle(piece: int) -> None:
        body, header = messages[piece]
        answer = client.post(url, body, content_type="application/json", headers={"Stripe-Signature": header})
        assert answer.status_code == 200, answer.content

    contenders = {
        "settled": settle,
        "floor: verified, one row inserted": floor,
        "reading back alone (SDK and sandbox)": lambda piece: gateway.read(sessions[piece] or ""),
    }
    best = _stage.best_of(contenders, rounds=rounds, each=EACH)
    assert Payment.objects.count() == count
    _stage.show(f"webhooks, {count} of them", best, "floor: verified, one row inserted")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    clock = TestClock()
    sandbox = make_sandbox(clock=clock, endpoint=Endpoint(WEBHOOK_URL, (WEBHOOK_SECRET,)))
    renditions.draw_after_commit = lambda document, now: None  # type: ignore[assignment]
    _stage.show_machine()
    with (
        _stage.database(),
        ports.use(everywhere=True, clock=clock, transports={"stripe": SandboxHTTPClient(sandbox)}),
    ):
        _stage.show_database()
        factories.settle_site()
        compare(sandbox, rounds)


if __name__ == "__main__":
    main()
