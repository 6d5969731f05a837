"""Eight tabs ask to pay the same invoice at the same moment: one try, one session, one page at the provider."""

from __future__ import annotations

import pytest

from tests.races.crowd import Outcome, all_at_once
from tests.races.test_numbers import slow_read
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from wagtail_payments import ports
from wagtail_payments.actions import checkout, claims
from wagtail_payments.models import Invoice, PaymentAttempt

pytestmark = [pytest.mark.server]

ANYWHERE = "https://atelier.example/"


def tabs(invoice: Invoice) -> Outcome:
    """Press "Pay" in eight tabs."""
    job = lambda: checkout.start(  # noqa: E731
        invoice=invoice, now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE
    )
    return all_at_once([job] * 8)


def test_eight_tabs_at_once_are_one_session(business: Business) -> None:
    outcome = tabs(business.send_invoice())
    assert outcome.errors == []
    assert len({attempt.url for attempt in outcome.results}) == 1
    assert len(business.sandbox.objects("checkout.session")) == PaymentAttempt.objects.count() == 1


def test_without_the_lock_tabs_collide(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unique column still keeps it at one try; but whoever comes second runs into it."""
    monkeypatch.setattr(claims, "hold", slow_read)
    outcome = tabs(business.send_invoice())
    assert outcome.errors, "without the lock they must collide, or the test above proves nothing"
    assert PaymentAttempt.objects.count() == 1
