"""Messages as they arrive: signed bodies, posted to the real view."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import stripe
from django.test import Client

from tests.conftest import WEBHOOK_SECRET

Post = Callable[..., Any]
ADDRESS = "/payments/webhooks/stripe/"


def signature(body: str, at: datetime, secret: str = WEBHOOK_SECRET) -> str:
    """Sign as Stripe does."""
    return str(stripe.WebhookSignature.generate_signature_header(body, secret, int(at.timestamp())))


@pytest.fixture
def post(clock: Any) -> Post:
    """Post a message: ``post(event)`` signs it, ``post(body, header=…)`` sends what it is given.

    The client checks CSRF tokens as a browser's requests are checked, and does not hide errors as 500.
    """
    client = Client(enforce_csrf_checks=True)

    def send(body: Any, *, header: str | None = None, address: str = ADDRESS) -> Any:
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        given = signature(text, clock()) if header is None and isinstance(text, str) else header
        headers = {"Stripe-Signature": given} if given is not None else {}
        return client.post(address, text, content_type="application/json", headers=headers)

    return send


@pytest.fixture
def event(now: datetime) -> dict[str, Any]:
    """A message that changes nothing here."""
    return {
        "id": "evt_1",
        "object": "event",
        "type": "customer.created",
        "livemode": False,
        "created": int(now.timestamp()),
        "data": {"object": {"id": "cus_1", "object": "customer"}},
    }
