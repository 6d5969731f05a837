"""A sandbox, its clock, and the real SDK talking to it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from wagtail_payments.sandbox.testing import SandboxForTests, TestClock, make_sandbox

OpenSession = Callable[..., Any]


@pytest.fixture
def clock() -> TestClock:
    return TestClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))


@pytest.fixture
def sandbox(clock: TestClock) -> SandboxForTests:
    return make_sandbox(clock)


@pytest.fixture
def client(sandbox: SandboxForTests) -> stripe.StripeClient:
    return sandbox.client()


def session_params(**more: Any) -> dict[str, Any]:
    """What a shop asks for: 25.00 EUR."""
    product = {"name": "Invoice F2026-0042"}
    line = {"price_data": {"currency": "eur", "unit_amount": 2500, "product_data": product}, "quantity": 1}
    return {
        "mode": "payment",
        "line_items": [line],
        "success_url": "https://shop.example/thanks?cs={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/invoice",
        **more,
    }


@pytest.fixture
def open_session(client: stripe.StripeClient) -> OpenSession:
    def make(**more: Any) -> Any:
        return client.v1.checkout.sessions.create(session_params(**more))

    return make
