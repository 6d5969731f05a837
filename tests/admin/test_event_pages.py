"""The pages of an event: shown at its desk, and made from there below the pages where somebody may add them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail import hooks
from wagtail.models import GroupPagePermission, Locale, Page, PageViewRestriction

from tests import factories
from tests.admin.test_events import TICKET, event_form, place, standing, words
from tests.pages.events import add_event_page, add_index
from wagtail_payments.actions import events
from wagtail_payments.admin import event_pages
from wagtail_payments.admin.event_new_page import NewPageForm
from wagtail_payments.admin.event_pages import Place
from wagtail_payments.models import Event
from wagtail_payments.pages.models import EventIndexPage, EventPage, InvoicePage

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return factories.make_event(name="Bookbinding")


@pytest.fixture
def home(event: Event) -> Page:
    return event.site.root_page


@pytest.fixture
def writer(editor: Any, home: Page) -> Any:
    """The editor, who may add pages everywhere now."""
    return may(editor, home, "add_page", "publish_page")


def may(user: Any, page: Page, *codenames: str) -> Any:
    """Let somebody do that below a page."""
    group = Group.objects.create(name=f"{user} below {page.pk}: {codenames}")
    for permission in Permission.objects.filter(codename__in=codenames):
        GroupPagePermission.objects.create(group=group, page=page, permission=permission)
    user.groups.add(group)
    return user


def soup_of(answer: Any) -> BeautifulSoup:
    assert answer.status_code == 200, answer
    return BeautifulSoup(answer.content, "html.parser")


def desk(client: Client, event: Event) -> BeautifulSoup:
    return soup_of(client.get(place("desk", event.pk)))


def section(client: Client, event: Event) -> Any:
    """What the desk shows of the pages."""
    return desk(client, event).select_one('section[aria-labelledby="wp-its-pages"]')


def text(part: Any) -> str:
    return " ".join(part.get_text(" ").split())


def offered(client: Client, event: Event) -> dict[str, str]:
    """Where the page may stand, as the form offers it."""
    labels = soup_of(client.get(place("new_page", event.pk))).select("#id_parent label")
    return {label.select_one("input")["value"]: text(label) for label in labels}  # type: ignore[index,misc]


def ask(client: Client, event: Event, parent: Page) -> Any:
    return client.post(place("new_page", event.pk), {"parent": str(parent.pk)})


def editor_of(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


class TestTheDesk:
    def test_it_says_what_to_do_as_long_as_no_page_presents_it(self, admin: Client, event: Event, writer: Any) -> None:
        soup = desk(admin, event)
        assert "No page presents it yet, so nobody can find it and register." in text(soup)
        url = place("new_page", event.pk)
        (primary,) = soup.select("nav.wp-buttons a:not(.button-secondary)")
        assert (primary.get_text(strip=True), primary["href"]) == ("Make its page", url)
        assert section(admin, event).select_one("a")["href"] == url

    def test_it_says_why_who_may_not_add_pages_can_make_none(self, admin: Client, event: Event) -> None:
        soup = desk(admin, event)
        assert "You may not add pages where it could stand." in text(soup.select_one(".wp-impossible"))
        assert "No page presents it. You may not add pages where it could stand." in text(section(admin, event))
        assert place("new_page", event.pk) not in str(soup)

    def test_it_shows_the_pages_with_their_state_and_links(self, admin: Client, event: Event, writer: Any) -> None:
        live = add_event_page(event, title="The live one")
        live.title = "Renamed"
        live.save_revision()
        draft = add_event_page(event, title="The draft", slug="draft")
        draft.unpublish()
        rows = section(admin, event).select("li")
        may(writer, event.site.root_page, "change_page")
        linked = section(admin, event).select("li")
        assert [text(row) for row in rows] == ["Renamed Live + draft View live", "The draft Draft"]
        assert [row.select_one("a")["href"] for row in linked] == [editor_of(live), editor_of(draft)]
        assert linked[0].select("a")[-1]["href"] == live.url
        assert editor_of(live) not in str(rows)
        assert "None of them is live" not in text(section(admin, event))

    def test_it_says_that_drafts_alone_are_not_enough(self, admin: Client, event: Event) -> None:
        add_event_page(event).unpublish()
        assert "None of them is live: nobody can register before one is published." in text(section(admin, event))

    def test_it_names_the_language_only_where_there_are_several(
        self, admin: Client, event: Event, settings: Any
    ) -> None:
        add_event_page(event)
        assert "English" not in text(section(admin, event))
        settings.WAGTAIL_I18N_ENABLED = True
        assert "English" in text(section(admin, event))

    def test_pages_that_one_may_not_edit_are_named_and_not_linked(self, event: Event, home: Page) -> None:
        ours, theirs = add_index(), add_index(title="Theirs", slug="theirs")
        add_event_page(event, ours, title="Ours")
        add_event_page(event, theirs, title="Not ours")
        person = may(factories.make_user("view_event"), ours, "change_page")
        client = Client()
        client.force_login(person)
        linked = {
            text(row): bool(row.select(f'a[href^="{reverse("wagtailadmin_home")}"]')) for row in rows_of(client, event)
        }
        assert linked == {"Ours Live View live": True, "Not ours Live View live": False}

    def test_it_costs_the_same_however_many_pages_and_places_there_are(
        self, admin: Client, event: Event, writer: Any, settings: Any
    ) -> None:
        settings.WAGTAIL_I18N_ENABLED = True

        def cost() -> int:
            with CaptureQueriesContext(connection) as queries:
                desk(admin, event)
            return len(queries)

        add_event_page(event, add_index())
        cost()
        one = cost()
        for number in range(4):
            add_event_page(event, add_index(slug=f"index-{number}"), slug=f"page-{number}")
            add_event_page(event, slug=f"home-{number}").unpublish()
        assert cost() == one


def rows_of(client: Client, event: Event) -> Any:
    return section(client, event).select("li")


@pytest.mark.usefixtures("writer")
class TestMakingIt:
    def test_one_button_makes_the_draft_and_opens_its_editor(self, admin: Client, event: Event, home: Page) -> None:
        index = add_index()
        assert offered(admin, event) == {str(index.pk): "Our events · /events/"}
        asked = soup_of(admin.get(place("new_page", event.pk)))
        assert asked.select_one('[name="parent"]').has_attr("checked")  # type: ignore[union-attr]
        answer = ask(admin, event, index)
        page = EventPage.objects.child_of(index).get()
        assert (answer.status_code, answer["Location"]) == (302, editor_of(page))
        assert (page.title, page.live, page.event) == ("Bookbinding", False, event)
        opened = admin.get(answer["Location"])
        assert "This draft is the page of the event." in words(opened)
        assert "Make another page" in text(desk(admin, event))

    def test_sent_twice_the_form_makes_one_page(self, admin: Client, event: Event, home: Page) -> None:
        first, second = ask(admin, event, home), ask(admin, event, home)
        assert first["Location"] == second["Location"] == editor_of(EventPage.objects.get())

    def test_without_a_page_of_all_events_it_stands_below_the_home_page(
        self, admin: Client, event: Event, home: Page
    ) -> None:
        assert list(offered(admin, event)) == [str(home.pk)]

    def test_of_several_places_one_is_chosen_by_the_editor(
        self, admin: Client, event: Event, writer: Any, settings: Any
    ) -> None:
        settings.WAGTAIL_I18N_ENABLED = True
        may(writer, event.site.root_page.get_parent(), "add_page")
        index = add_index()
        french = index.copy_for_translation(Locale.objects.create(language_code="fr"), copy_parents=True)
        assert offered(admin, event) == {
            str(index.pk): "Our events · English · /events/",
            str(french.pk): "Our events · French · /events/",
        }
        asked = soup_of(admin.get(place("new_page", event.pk)))
        assert not asked.select('[name="parent"][checked]')
        unchosen = admin.post(place("new_page", event.pk), {})
        assert "This field is required" in words(unchosen)
        ask(admin, event, french)
        assert EventPage.objects.get().locale.language_code == "fr"
        assert list(offered(admin, event)) == [str(index.pk)]

    def test_where_one_stands_already_none_is_made(self, admin: Client, event: Event, home: Page) -> None:
        add_event_page(event)
        refused = "A page presents it already wherever one may stand."
        assert refused in text(desk(admin, event).select_one(".wp-impossible"))
        answer = admin.get(place("new_page", event.pk), follow=True)
        assert refused in words(answer)
        answer = ask(admin, event, home)
        assert answer["Location"] == place("desk", event.pk)  # a colleague's page, which one may not edit
        assert EventPage.objects.count() == 1

    def test_only_places_where_one_may_add_pages_are_offered(self, event: Event) -> None:
        ours, theirs = add_index(), add_index(title="Theirs", slug="theirs")
        client = Client()
        client.force_login(may(factories.make_user("view_event"), ours, "add_page"))
        assert list(offered(client, event)) == [str(ours.pk)]
        assert "Select a valid choice" in words(ask(client, event, theirs))
        assert not EventPage.objects.exists()
        ask(client, event, ours)
        assert client.get(editor_of(EventPage.objects.get())).status_code == 200

    def test_other_sites_of_the_host_are_not_offered(self, admin: Client, event: Event, home: Page) -> None:
        other = home.get_parent().add_child(instance=Page(title="Other", slug="other"))
        other.add_child(instance=EventIndexPage(title="Elsewhere", slug="elsewhere"))
        assert list(offered(admin, event)) == [str(home.pk)]

    def test_what_the_host_refuses_is_not_offered(
        self, admin: Client, event: Event, home: Page, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        index = add_index()

        def not_below_indexes(cls: Any, parent: Any) -> bool:
            return not isinstance(parent, EventIndexPage)

        with monkeypatch.context() as host:
            host.setattr(EventPage, "can_create_at", classmethod(not_below_indexes))
            assert list(offered(admin, event)) == [str(home.pk)]
            assert "Select a valid choice" in words(ask(admin, event, index))
        monkeypatch.setattr(EventPage, "is_creatable", False)
        assert "No page of the site takes it." in text(desk(admin, event).select_one(".wp-impossible"))

    def test_a_host_without_page_types_for_events_is_told(
        self, admin: Client, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(event_pages, "event_page_types", list)
        assert "This site has no page type for events." in text(section(admin, event))

    def test_a_cancelled_event_gets_none(self, admin: Client, event: Event, home: Page, now: datetime) -> None:
        events.cancel(event_id=event.pk, reason="Storm", by=None, now=now)
        assert "It was cancelled, so nobody can register any more." in text(section(admin, event))
        for answer in (admin.get(place("new_page", event.pk)), ask(admin, event, home)):
            assert answer["Location"] == place("desk", event.pk)
        assert not EventPage.objects.exists()

    def test_the_hooks_of_the_host_are_asked_before_and_after(self, admin: Client, event: Event, home: Page) -> None:
        seen: list[Any] = []

        def refuse(request: Any, parent: Any, page_type: Any) -> HttpResponse:
            seen.append((parent, page_type))
            return HttpResponse("Not on Mondays")

        with hooks.register_temporarily("before_create_page", refuse):
            assert ask(admin, event, home).content == b"Not on Mondays"
        assert seen == [(home, EventPage)]
        assert not EventPage.objects.exists()
        with hooks.register_temporarily("after_create_page", lambda request, page: HttpResponse(page.title)):
            assert ask(admin, event, home).content == b"Bookbinding"

    def test_it_is_kept_from_the_public_where_the_host_keeps_all_new_pages(
        self, admin: Client, event: Event, home: Page, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(EventPage, "get_default_privacy_setting", lambda page, request: {"type": "login"})
        ask(admin, event, home)
        assert PageViewRestriction.objects.get().page_id == EventPage.objects.get().pk

    def test_a_draft_that_can_not_be_made_is_left_to_the_page_explorer(
        self, admin: Client, event: Event, home: Page
    ) -> None:
        Event.objects.update(name="")
        answer = admin.post(place("new_page", event.pk), {"parent": str(home.pk)}, follow=True)
        assert "Add it in Pages instead." in words(answer)


class TestWhoMayNot:
    def test_who_may_see_events_and_add_no_page_is_led_back(self, event: Event, home: Page, signed_in: Any) -> None:
        client = signed_in("view_event")
        for answer in (client.get(place("new_page", event.pk)), ask(client, event, home)):
            assert answer["Location"] == place("desk", event.pk)
        assert "You may not add pages where it could stand." in words(client.get(place("desk", event.pk)))
        assert not EventPage.objects.exists()

    def test_who_may_change_pages_and_add_none_is_led_back(self, event: Event, home: Page) -> None:
        client = Client()
        client.force_login(may(factories.make_user("view_event"), home, "change_page", "publish_page"))
        assert ask(client, event, home)["Location"] == place("desk", event.pk)
        assert not EventPage.objects.exists()

    def test_who_may_add_pages_and_see_no_event_learns_nothing(self, event: Event, home: Page) -> None:
        client = Client()
        client.force_login(may(factories.make_user("view_invoice"), home, "add_page"))
        for answer in (client.get(place("new_page", event.pk)), ask(client, event, home)):
            assert answer["Location"] == reverse("wagtailadmin_home")
        assert not EventPage.objects.exists()


class TestAfterPlanning:
    def test_a_new_event_leads_on_to_its_page(self, admin: Client, writer: Any) -> None:
        answer = admin.post(place("add"), event_form(ticket_types=[TICKET]), follow=True)
        event = Event.objects.exclude(name="Bookbinding").get()
        link = soup_of(answer).select_one(f'.messages a[href="{place("new_page", event.pk)}"]')
        assert link is not None
        assert text(link) == "Make its page"

    def test_one_who_may_add_no_page_is_not_led_there(self, admin: Client, event: Event) -> None:
        answer = admin.post(place("add"), event_form(ticket_types=[TICKET]), follow=True)
        assert "Make its page" not in text(soup_of(answer).select_one(".messages"))

    def test_a_changed_event_does_not(self, admin: Client, event: Event, writer: Any) -> None:
        answer = admin.post(place("edit", event.pk), standing(event, name="Reliure"), follow=True)
        assert "Make its page" not in text(soup_of(answer).select_one(".messages"))


class TestSeveralPageTypes:
    """The form alone, with another page type in the place of a host's second one; ``tests/hosts`` has a real one."""

    @pytest.fixture
    def places(self, home: Page) -> list[Place]:
        return [Place(home, (EventPage,)), Place(add_index(), (EventPage, InvoicePage))]

    def form(self, places: list[Place], **data: Any) -> NewPageForm:
        return NewPageForm(places, RequestFactory().get("/"), data or None)

    def test_one_is_chosen(self, places: list[Place]) -> None:
        kinds = self.form(places).fields["page_type"].choices  # type: ignore[attr-defined]
        assert kinds == [("wagtail_payments.eventpage", "Event page"), ("wagtail_payments.invoicepage", "Invoice page")]
        form = self.form(places, parent=str(places[1].parent.pk), page_type="wagtail_payments.invoicepage")
        assert form.is_valid()
        assert (form.place, form.chosen_type) == (places[1], InvoicePage)

    def test_one_that_does_not_go_there_is_refused(self, places: list[Place]) -> None:
        form = self.form(places, parent=str(places[0].parent.pk), page_type="wagtail_payments.invoicepage")
        assert "Such a page can't stand there." in form.non_field_errors()[0]

    def test_the_only_one_is_not_asked_for(self, places: list[Place]) -> None:
        assert "page_type" not in self.form(places[:1]).fields
