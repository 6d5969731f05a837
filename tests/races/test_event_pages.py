"""The button that makes the page of an event, pressed twice at the same moment: one page; and without the lock, not."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from tests import factories
from tests.races.crowd import Outcome, all_at_once
from tests.races.test_seats import LONG, SHORT, window
from wagtail_payments.actions import event_pages
from wagtail_payments.pages.models import EventPage

pytestmark = [pytest.mark.django_db(transaction=True)]


def two_clicks(patience: float) -> Outcome:
    event, person = factories.make_event(), factories.make_user()

    def click() -> event_pages.Begun:
        parent = factories.default_site().root_page
        return event_pages.begin(
            event_id=event.pk, parent=parent, page_type=EventPage, by=person, privacy=lambda page: {"type": "none"}
        )

    with window("event_page.looked", patience=patience):
        return all_at_once([click] * 2)


def test_two_clicks_make_one_page() -> None:
    outcome = two_clicks(SHORT)
    assert outcome.errors == []
    assert sorted(begun.is_new for begun in outcome.results) == [False, True]
    assert {begun.page.pk for begun in outcome.results} == {EventPage.objects.get().pk}


def test_two_clicks_without_the_lock_both_go_on_to_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_pages, "lock", _read)
    if connection.vendor == "sqlite":
        monkeypatch.setattr(event_pages, "transaction", SimpleNamespace(atomic=lambda **_: nullcontext()))
    outcome = two_clicks(LONG)
    assert not [begun for begun in outcome.results if not begun.is_new]


def _read(model: type[Any], *keys: int) -> list[Any]:
    return list(model._base_manager.filter(pk__in=keys))
