"""Stripe as these tests meet it: the real gateway and SDK, an order, and a body signed as Stripe signs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
import stripe

from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import Order
from wagtail_payments.gateways.stripe import StripeGateway
from wagtail_payments.sandbox.testing import SandboxForTests

SECRET = "whsec_of_the_tests"


@pytest.fixture
def gateway(sandbox: SandboxForTests) -> StripeGateway:
    """The gateway of the default site, speaking to the sandbox."""
    found = registry.of_hostname("stripe", "localhost")
    assert isinstance(found, StripeGateway)
    return found


@pytest.fixture
def order(now: datetime) -> Order:
    """An order for 1,440.00 EUR."""
    return Order(
        idempotency_key="0123456789abcdef0123456789abcdef",
        amount=144000,
        currency="EUR",
        reference="F2026-0001",
        description="Invoice F2026-0001",
        customer_name="Librairie du Canal",
        customer_email="nadia@librairie.example",
        language="fr",
        methods=("card", "sepa_debit", "transfer"),
        success_url="https://atelier.example/r/token/",
        cancel_url="https://atelier.example/d/public/",
        expires_at=now + timedelta(minutes=60),
        statement_descriptor="ATELIER GARONNE",
    )


@pytest.fixture
def event(now: datetime) -> dict[str, Any]:
    """A message that is as it should be."""
    return {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "created": int(now.timestamp()),
        "data": {
            "object": {
                "id": "cs_test_1",
                "object": "checkout.session",
                "amount_total": 144000,
                "currency": "eur",
                "metadata": {"wagtail_payments_key": "0123456789abcdef0123456789abcdef"},
            }
        },
    }


@pytest.fixture
def signed(now: datetime) -> Callable[..., tuple[bytes, Mapping[str, str]]]:
    """Sign a body as Stripe does: ``signed(event, secret=…, at=…)`` gives body and headers."""

    def sign(body: Any, *, secret: str = SECRET, at: datetime | None = None) -> tuple[bytes, Mapping[str, str]]:
        text = body if isinstance(body, str) else json.dumps(body)
        moment = int((at or now).timestamp())
        header = stripe.WebhookSignature.generate_signature_header(text, secret, moment)
        return text.encode(), {"Stripe-Signature": header}

    return sign
