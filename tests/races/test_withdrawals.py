"""A registration is left once, whoever else gives its seats up in that moment; without the lock it is not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError

from tests import factories
from tests.actions.signers import HERE
from tests.races.crowd import Outcome, all_at_once
from tests.races.test_seats import LONG, paid_registration, window
from tests.stories import organiser
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from wagtail_payments import ports
from wagtail_payments.actions import cancellations, registration_withdrawals
from wagtail_payments.actions.withdrawals import WithdrawalRefused
from wagtail_payments.models import Cancellation, CreditNote, Letter, Refund, Registration, Withdrawal

PLACES = ("withdraw.before_commit", "cancel.before_commit")


@pytest.fixture
def paid(business: Business) -> Registration:
    """Registered for what may be left, and paid."""
    return paid_registration(business, factories.make_event(no_withdrawal=""))


@pytest.fixture
def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the event's lock away."""

    def read(model: type[Any], *keys: int) -> list[Any]:
        return list(model._base_manager.filter(pk__in=keys).order_by("pk"))

    for module in (registration_withdrawals, cancellations):
        monkeypatch.setattr(module, "lock", read)


def withdraw(registration: Registration) -> Withdrawal:
    who = {"name": "Julie Martin", "email": "julie@example.org"}
    return registration_withdrawals.withdraw(registration=registration, now=ports.now(), trace=HERE, **who)


def twice(paid: Registration, patience: float = 0.5) -> Outcome:
    with window(*PLACES, patience=patience):
        return all_at_once([lambda: withdraw(paid)] * 2)


def against_cancelling(paid: Registration, patience: float = 0.5) -> Outcome:
    with window(*PLACES, patience=patience):
        return all_at_once([lambda: withdraw(paid), lambda: organiser.cancel(paid, by_organiser=True)])


def check_once(business: Business) -> None:
    assert Cancellation.objects.count() == CreditNote.objects.count() == 1
    assert Refund.objects.get().amount == 120_00
    business.deliver_webhooks()
    business.run_clockwork()
    assert business.sandbox.balance().get("eur", 0) == 0
    business.check_books()


def test_twice_at_once_is_once(business: Business, paid: Registration) -> None:
    outcome = twice(paid)
    assert outcome.errors == []
    assert outcome.results[0] == outcome.results[1]
    assert Letter.objects.filter(kind="withdrawal").count() == 1
    check_once(business)


@pytest.mark.server
def test_twice_at_once_and_without_the_lock_both_begin(
    business: Business, paid: Registration, without_lock: None
) -> None:
    """What the lock prevents: only the key of the cancellation stops the second, with an error nobody understands."""
    outcome = twice(paid, LONG)
    assert [type(error) for error in outcome.errors] == [IntegrityError]
    assert Withdrawal.objects.count() == 1


def test_withdrawn_and_cancelled_at_once_pays_back_once(business: Business, paid: Registration) -> None:
    outcome = against_cancelling(paid)
    refused = (WithdrawalRefused, cancellations.CancellationRefused)
    assert len(outcome.results) == 1
    assert all(isinstance(error, refused) for error in outcome.errors), outcome.errors
    check_once(business)


@pytest.mark.server
def test_withdrawn_and_cancelled_at_once_and_without_the_lock_both_give_the_seat_up(
    business: Business, paid: Registration, without_lock: None
) -> None:
    against_cancelling(paid, LONG)
    assert Cancellation.objects.count() == 2
    assert sum(Cancellation.objects.values_list("gross", flat=True)) == 240_00, "of a seat of 120"
