"""The page of an event: a draft like any that Wagtail makes itself, and one however often it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from wagtail.models import Locale, Page, PageLogEntry, PageSubscription
from wagtail.signals import init_new_page

from tests import factories
from tests.pages.events import add_event_page, add_index
from wagtail_payments.actions import event_pages, events
from wagtail_payments.actions.event_pages import Begun, PageRefused
from wagtail_payments.models import Event
from wagtail_payments.pages.models import EventIndexPage, EventPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return factories.make_event(name="Bookbinding")


@pytest.fixture
def index(db: None) -> EventIndexPage:
    factories.seller_of_default_site()
    return add_index()


@pytest.fixture
def person(db: None) -> Any:
    return factories.make_user()


def begin(event: Event, parent: Page, by: Any, **options: Any) -> Begun:
    values = {"page_type": EventPage, "privacy": lambda page: {"type": "none"}}
    return event_pages.begin(event_id=event.pk, parent=parent, by=by, **values | options)


@contextmanager
def new_pages_get(**values: Any) -> Iterator[None]:
    """A host that fills in new pages, by Wagtail's own signal."""

    def fill_in(sender: Any, page: Any, parent: Any, **_: Any) -> None:
        for name, value in values.items():
            setattr(page, name, value)

    init_new_page.connect(fill_in)
    try:
        yield
    finally:
        init_new_page.disconnect(fill_in)


def test_a_draft_with_the_name_of_the_event_is_made(event: Event, index: EventIndexPage, person: Any) -> None:
    begun = begin(event, index, person)
    page = EventPage.objects.child_of(index).get()
    assert begun == Begun(page, is_new=True)
    assert (page.title, page.slug, page.event, page.owner) == ("Bookbinding", "bookbinding", event, person)
    assert (page.live, page.has_unpublished_changes, page.locale) == (False, True, index.locale)
    assert page.get_latest_revision().user == person
    page.full_clean()


def test_it_is_written_down_as_wagtail_does(event: Event, index: EventIndexPage, person: Any) -> None:
    page = begin(event, index, person).page
    logged = PageLogEntry.objects.filter(page=page.pk, user=person).values_list("action", flat=True)
    assert set(logged) == {"wagtail.create", "wagtail.edit"}
    assert PageSubscription.objects.get(page=page).comment_notifications


def test_doing_it_twice_makes_one_page(event: Event, index: EventIndexPage, person: Any) -> None:
    first, second = begin(event, index, person), begin(event, index, person)
    assert second == Begun(first.page, is_new=False)
    assert EventPage.objects.count() == 1


def test_a_page_that_a_colleague_made_there_is_the_page(event: Event, index: EventIndexPage, person: Any) -> None:
    standing = add_event_page(event, index)
    assert begin(event, index, person) == Begun(standing, is_new=False)


def test_elsewhere_the_same_event_gets_another_page(event: Event, index: EventIndexPage, person: Any) -> None:
    add_event_page(event)
    assert begin(event, index, person).is_new


def test_a_slug_that_is_taken_gets_a_number(event: Event, index: EventIndexPage, person: Any) -> None:
    add_event_page(factories.make_event(), index, slug="bookbinding")
    assert begin(event, index, person).page.slug == "bookbinding-2"


def test_a_name_without_letters_has_a_slug_too(index: EventIndexPage, person: Any) -> None:
    event = factories.make_event(name="???")
    assert begin(event, index, person).page.slug == f"event-{event.pk}"


def test_it_speaks_the_language_of_the_page_above(event: Event, index: EventIndexPage, person: Any) -> None:
    french = index.copy_for_translation(Locale.objects.create(language_code="fr"), copy_parents=True)
    event.translations = {"fr": {"name": "Reliure"}}
    event.save()
    page = begin(event, french, person).page
    assert (page.title, page.locale.language_code) == ("Reliure", "fr")


def test_what_the_host_fills_into_new_pages_is_filled_in(event: Event, index: EventIndexPage, person: Any) -> None:
    with new_pages_get(introduction="<p>Welcome.</p>", slug="chosen"):
        page = begin(event, index, person).page
    assert (page.introduction, page.slug) == ("<p>Welcome.</p>", "chosen")


@pytest.mark.parametrize("kind", ["login", "password", "groups"])
def test_it_is_kept_as_the_host_keeps_new_pages(event: Event, index: EventIndexPage, person: Any, kind: str) -> None:
    group = person.groups.get()
    setting = {"type": kind, "password": "secret", "groups": [group]}
    page = begin(event, index, person, privacy=lambda page: setting).page
    restriction = page.get_view_restrictions().get()
    assert (restriction.restriction_type, restriction.password) == (kind, "secret")
    assert list(restriction.groups.all()) == [group]


def test_a_cancelled_event_gets_none(event: Event, index: EventIndexPage, person: Any, now: datetime) -> None:
    events.cancel(event_id=event.pk, reason="Storm", by=None, now=now)
    with pytest.raises(PageRefused, match="cancelled"):
        begin(event, index, person)
    assert not EventPage.objects.exists()


def test_none_is_made_where_such_a_page_may_not_stand(
    event: Event, index: EventIndexPage, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventPage, "max_count", 0)
    with pytest.raises(PageRefused, match="may not stand there"):
        begin(event, index, person)


@pytest.mark.parametrize("wanting", [{"title": ""}, {"introduction": None}])
def test_a_page_type_that_demands_more_is_left_to_wagtails_form(
    event: Event, index: EventIndexPage, person: Any, wanting: dict[str, Any]
) -> None:
    with new_pages_get(**wanting), pytest.raises(PageRefused, match="more than a name"):
        begin(event, index, person)
    assert not EventPage.objects.exists()
