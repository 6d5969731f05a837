"""A balance is asked for once by two clockworks, and never for seats that are given up in that moment."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.races.crowd import all_at_once
from tests.races.test_seats import LONG, paid_registration, window
from tests.stories import organiser
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from wagtail_payments import ports
from wagtail_payments.actions import ticket_deposits
from wagtail_payments.models import Invoice, Letter, Registration


@pytest.fixture
def confirmed(business: Business) -> Registration:
    """The deposit is paid, and the balance is to be asked for now."""
    event = factories.make_event(deposit_percent=Decimal(30), balance_days=14)
    registration = paid_registration(business, event)
    business.run_clockwork()
    business.clock.advance(seconds=(datetime(2026, 5, 23, tzinfo=UTC) - business.clock()).total_seconds())
    return registration


def ask() -> int:
    return ticket_deposits.ask_due(now=ports.now())


def test_two_ask_at_once_and_it_is_asked_once(business: Business, confirmed: Registration) -> None:
    with window("balance.issued"):
        outcome = all_at_once([ask, ask])
    assert outcome.errors == []
    assert Letter.objects.filter(kind="balance").count() == 1
    assert Invoice.objects.filter(kind="final", document__isnull=False).count() == 1
    assert ask() == 0
    business.run_clockwork()
    business.check_books()


@pytest.mark.server
def test_two_ask_at_once_and_without_the_lock_both_begin(
    business: Business, confirmed: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the lock prevents: the second sees a draft as well. Only that its document is unique stops it then."""
    begun = []

    def read(model: type[Any], *keys: int) -> list[Any]:
        return list(model._base_manager.filter(pk__in=keys).order_by("pk"))

    def rewrite(contract: Invoice, registration: Registration) -> None:
        begun.append(contract.pk)
        ports.failpoint("balance.begun")

    monkeypatch.setattr(ticket_deposits, "lock", read)
    monkeypatch.setattr(ticket_deposits, "hold", lambda model, *keys: None)
    monkeypatch.setattr(ticket_deposits, "_rewrite", rewrite)
    with window("balance.begun", patience=LONG):
        all_at_once([ask, ask])
    assert len(begun) == 2


def test_given_up_while_it_is_asked_for(business: Business, confirmed: Registration) -> None:
    """Whichever comes first: all that was paid comes back, and nothing is left to pay."""
    with window("balance.issued", "cancel.before_commit"):
        outcome = all_at_once([ask, lambda: organiser.cancel(confirmed, back=None, by_organiser=True)])
    assert outcome.errors == []
    business.deliver_webhooks()
    business.run_clockwork()
    assert [refund["amount"] for refund in business.sandbox.objects("refund")] == [3600]
    final = Invoice.objects.filter(kind="final", document__isnull=False).first()
    assert final is None or final.balance().due == 0
    business.check_books()
