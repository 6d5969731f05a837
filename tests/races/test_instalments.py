"""Tabs that choose different amounts, and days that are planned, all at the same moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from wagtail.models import ModelLogEntry

from tests.races.crowd import Outcome, all_at_once
from tests.races.test_numbers import slow_read
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.test_in_instalments import send_in_three
from wagtail_payments import ports
from wagtail_payments.actions import checkout, promises
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.models import Invoice, Payment, Promise, Seller

pytestmark = [pytest.mark.server]

ANYWHERE = "https://atelier.example/"


def choose(invoice: Invoice, amount: int, covered: int = 0) -> object:
    return checkout.start(
        invoice=invoice,
        now=ports.now(),
        return_url=lambda _: ANYWHERE,
        cancel_url=ANYWHERE,
        choice=checkout.Choice(amount, covered),
    )


def plan(invoice: Invoice, days: int) -> Promise:
    day = invoice.seller.today(ports.now()) + timedelta(days)
    return promises.make(invoice_id=invoice.pk, planned_on=day, by=None, by_customer=True, now=ports.now())


def planned_at_once(business: Business) -> tuple[Invoice, Outcome]:
    invoice = send_in_three(business)
    Seller.objects.update(promise_days=20)
    return invoice, all_at_once([lambda days=days: plan(invoice, days) for days in range(1, 9)])  # type: ignore[misc]


def test_tabs_that_choose_different_amounts_leave_one_session_open(business: Business) -> None:
    invoice = send_in_three(business)
    amounts = [47995, invoice.gross] * 3
    outcome = all_at_once([lambda amount=amount: choose(invoice, amount) for amount in amounts])  # type: ignore[misc]
    assert all(isinstance(error, GatewayUnavailable) for error in outcome.errors), outcome.errors
    sessions = business.sandbox.objects("checkout.session")
    still_open = [session for session in sessions if session["status"] == "open"]
    assert len(still_open) <= 1
    for session in still_open:
        business.sandbox.pay(session["id"])
    business.deliver_webhooks()
    assert invoice.balance().due >= 0
    assert all(payment.unallocated() == 0 for payment in Payment.objects.all())
    business.check_books()


def test_of_days_planned_at_once_one_stands(business: Business) -> None:
    invoice, outcome = planned_at_once(business)
    assert outcome.errors == []
    assert Promise.objects.filter(standing_for=invoice).count() == 1
    assert Promise.objects.filter(end="replaced").count() == 7


def test_without_the_lock_planned_days_collide(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "hold", slow_read)
    invoice, outcome = planned_at_once(business)
    assert outcome.errors, "without the lock they must collide, or the test above proves nothing"
    assert Promise.objects.filter(standing_for=invoice).count() == 1


def test_a_broken_promise_is_written_down_once(business: Business) -> None:
    invoice = send_in_three(business)
    Seller.objects.update(promise_days=20)
    plan(invoice, 3)
    business.clock.advance(days=4)
    outcome = all_at_once([lambda: promises.settle_due(now=ports.now())] * 8)
    assert outcome.errors == []
    assert sum(outcome.results) == 1
    assert ModelLogEntry.objects.filter(action="wagtail_payments.promise_broken").count() == 1
