"""Registrant and organiser change the answers of an order at once: neither takes the other's away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import factories
from tests.races.crowd import all_at_once
from tests.races.test_seats import LONG, SHORT, window
from tests.races.test_seats import without_lock as without_lock
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import register
from wagtail_payments import ports
from wagtail_payments.actions import registrations
from wagtail_payments.models import Registration


def both_change(registration: Registration, patience: float = SHORT) -> dict[str, Any]:
    """One answers the first question, the other the second, both having read what was kept before."""

    def changing(key: str) -> Callable[[], Any]:
        return lambda: registrations.change_answers(
            registration=registration, answers={key: "Yes"}, by=None, now=ports.now()
        )

    with window("answers.read", patience=patience):
        outcome = all_at_once([changing("one"), changing("two")])
    assert outcome.errors == []
    answers: dict[str, Any] = Registration.objects.get(pk=registration.pk).answers
    return answers


def test_two_change_different_answers_at_once_and_both_are_kept(business: Business) -> None:
    assert both_change(register(factories.make_event())) == {"one": "Yes", "two": "Yes"}


@pytest.mark.server
def test_without_the_lock_one_of_them_is_lost(business: Business, without_lock: None) -> None:
    assert len(both_change(register(factories.make_event()), LONG)) == 1
