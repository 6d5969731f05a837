"""Pages of events: words around a record; whatever happens to a page, no seat, price or registration changes."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.db.models import ProtectedError
from django.template import Context, Template
from django.test import Client, RequestFactory
from wagtail.images import get_image_model
from wagtail.models import Locale, Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests import factories
from tests.pages.events import add_event_page, add_index, sent, shown
from tests.portal.conftest import browser as browser
from wagtail_payments.models import Event, Invoice, Registration, Seat, TicketType
from wagtail_payments.pages.blocks import PayInvoiceBlock, RegisterButtonBlock, UpcomingEventsBlock
from wagtail_payments.pages.models import EventPage, InvoicePage

SOON = datetime(2026, 5, 30, 8, 0, tzinfo=UTC)


@pytest.fixture
def event(sandbox: Any, db: None) -> Event:
    return factories.make_event()


@pytest.fixture
def page(event: Event) -> EventPage:
    return add_event_page(event)


def picture() -> Any:
    """Keep a picture as an editor uploads it."""
    content = io.BytesIO()
    PIL.Image.new("RGB", (640, 480), "white").save(content, "PNG")
    file = ContentFile(content.getvalue(), "books.png")
    return get_image_model().objects.create(title="Books", file=file)


def records() -> list[Any]:
    """Everything that is kept of events but the counters of their locks."""
    events = Event.objects.values("pk", "capacity", "starts_at", "cancelled_at")
    return [
        list(rows)
        for rows in (events, TicketType.objects.values(), Registration.objects.values(), Seat.objects.values())
    ]


@pytest.fixture
def sold(browser: Client, page: EventPage, event: Event) -> list[Any]:
    """What is kept after somebody has taken a seat."""
    assert browser.post(page.url, sent(event)).status_code == 303
    return records()


@pytest.mark.usefixtures("sandbox")
class TestNoRecordChanges:
    def test_a_copy_shares_the_seats(self, browser: Client, page: EventPage, event: Event, sold: list[Any]) -> None:
        Event.objects.update(capacity=2)
        copied = page.copy(update_attrs={"slug": "copy"}).specific
        copied.save_revision().publish()
        assert records()[1:] == sold[1:]
        assert "1 seat left" in shown(browser, copied)
        browser.post(copied.url, sent(event, form_key="c" * 32))
        assert "Sold out" in shown(browser, page)

    def test_three_languages_have_one_capacity(
        self, browser: Client, page: EventPage, event: Event, sold: list[Any], settings: Any
    ) -> None:
        settings.WAGTAIL_I18N_ENABLED = True
        settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES
        french = Locale.objects.create(language_code="fr")
        page.copy_for_translation(french, copy_parents=True).save_revision().publish()
        translated = EventPage.objects.get(locale=french)
        translated.slug = "reliure"
        translated.save()
        translated.move(factories.default_site().root_page, "last-child")
        translated.refresh_from_db()
        assert records() == sold
        html = shown(browser, translated)
        assert "9 places disponibles" in html
        assert 'lang="fr"' in html
        browser.post(translated.url, sent(event, form_key="c" * 32))
        assert Registration.objects.first().language == "fr"
        assert "8 seats left" in shown(browser, page)

    def test_reverting_revives_nothing(self, page: EventPage, event: Event, sold: list[Any]) -> None:
        first = page.revisions.order_by("pk").first()
        page.title = "Later"
        page.save_revision().publish()
        assert first is not None
        first.publish()
        assert records() == sold

    def test_a_draft_of_the_page_charges_nobody(
        self, browser: Client, page: EventPage, event: Event, sold: list[Any]
    ) -> None:
        other = factories.make_event(name="Other", ticket_types=False)
        factories.make_ticket_type(other, price=Decimal("1.00"))
        page.event = other
        page.save_revision()
        browser.post(page.url, sent(event, form_key="c" * 32))
        assert list(Registration.objects.values_list("gross", flat=True)) == [12_000, 12_000]

    def test_unpublishing_keeps_what_was_sold(
        self, browser: Client, page: EventPage, event: Event, sold: list[Any]
    ) -> None:
        page.unpublish()
        assert browser.get(page.url).status_code == 404
        assert records() == sold
        mine = f"/payments/e/{Registration.objects.get().public_id}/"
        assert browser.get(mine).status_code == 200

    def test_deleting_keeps_what_was_sold(self, page: EventPage, sold: list[Any]) -> None:
        page.delete()
        assert records() == sold

    def test_a_revision_that_names_a_deleted_event_still_opens(self, page: EventPage) -> None:
        gone = factories.make_event(ticket_types=False)
        page.event = gone
        page.save_revision()
        page.refresh_from_db()
        gone.delete()
        assert page.get_latest_revision_as_object().event_id is None

    def test_an_event_with_a_page_is_kept(self, page: EventPage, event: Event) -> None:
        with pytest.raises(ProtectedError):
            event.delete()


class TestDesignedStates:
    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"opens_at": SOON}, "Registration is not open yet"),
            ({"opens_at": SOON}, "It opens on Saturday, May 30, 2026 at 10:00 AM."),
            ({"opens_at": SOON, "time_zone": "America/New_York"}, "at 4:00 AM (New York time)"),
            ({"closes_at": datetime(2026, 1, 1, tzinfo=UTC)}, "Registration is closed"),
            ({"capacity": 0}, "Sold out"),
            ({"cancelled_at": SOON, "cancellation_reason": "The teacher is ill."}, "The teacher is ill."),
            ({"starts_at": datetime(2026, 1, 1, tzinfo=UTC)}, "This event has begun"),
            (
                {"starts_at": datetime(2026, 1, 1, tzinfo=UTC), "ends_at": datetime(2026, 1, 2, tzinfo=UTC)},
                "This event is over",
            ),
        ],
    )
    def test_each_says_what_is_and_offers_no_form(
        self, browser: Client, page: EventPage, fields: dict[str, Any], said: str
    ) -> None:
        Event.objects.update(**fields)
        html = shown(browser, page).replace("\u202f", " ")
        assert said in html
        assert "data-wp-register" not in html

    def test_when_every_ticket_waits_it_says_which_is_first(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        event.ticket_types.update(opens_at=SOON)
        assert "It opens on Saturday, May 30, 2026" in shown(browser, page)

    def test_seats_left_are_shown_if_the_organiser_wants(self, browser: Client, page: EventPage, event: Event) -> None:
        assert "10 seats left" in shown(browser, page)
        Event.objects.update(shows_seats_left=False)
        assert "seats left" not in shown(browser, page)

    def test_the_online_link_is_not_for_visitors(self, browser: Client, page: EventPage) -> None:
        Event.objects.update(online_url="https://meet.example/secret")
        html = shown(browser, page)
        assert "secret" not in html
        assert "Online: you get the link with your confirmation." in html
        assert "secret" not in browser.get(f"{page.url}calendar/").content.decode()

    def test_a_page_that_waits_for_its_event_shows_its_words(self, browser: Client, db: None) -> None:
        html = shown(browser, add_event_page(None))
        assert "By hand." in html
        assert "Dates and prices are not known yet." in html

    def test_the_terms_of_cancelling_are_said(self, browser: Client, page: EventPage) -> None:
        Event.objects.update(cancellation="free_until", cancellation_days=7)
        assert "You may cancel free of charge until Friday, June 5, 2026" in shown(browser, page)


class TestHowItIsSent:
    def test_it_is_never_cached(self, browser: Client, page: EventPage, event: Event) -> None:
        for answer in (browser.get(page.url), browser.post(page.url, sent(event, name=""))):
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert "Cookie" in answer.headers["Vary"]

    def test_search_engines_read_what_it_is(self, browser: Client, page: EventPage, event: Event) -> None:
        found = re.search(r'<script type="application/ld\+json">(.*?)</script>', shown(browser, page), re.DOTALL)
        assert found is not None
        said = json.loads(found[1])
        assert (said["@type"], said["startDate"]) == ("Event", "2026-06-12T09:30:00+02:00")
        assert said["offers"][0]["availability"] == "https://schema.org/InStock"
        assert Decimal(said["offers"][0]["price"]) == 120
        assert said["location"][0]["name"] == "Atelier Garonne"

    def test_no_name_leaves_the_script(self, browser: Client, page: EventPage) -> None:
        name = "</script><script>alert(1)</script><!-- & \u2028"
        Event.objects.update(name=name, place=name)
        html = shown(browser, page)
        assert "<script>alert" not in html
        found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
        assert found is not None
        assert json.loads(found[1])["name"] == name

    def test_it_can_be_shared(self, browser: Client, page: EventPage) -> None:
        page.image = picture()
        page.save_revision().publish()
        html = shown(browser, page)
        assert '<meta property="og:title" content="Bookbinding">' in html
        assert '<meta property="og:description" content="By hand.">' in html
        assert '<meta property="og:image" content="http' in html

    def test_its_calendar_file_is_for_everybody(self, browser: Client, page: EventPage) -> None:
        assert f'href="{page.url}calendar/"' in shown(browser, page)
        answer = browser.get(f"{page.url}calendar/")
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert "SUMMARY:Atelier de reliure" in answer.content.decode()

    def test_a_preview_holds_nothing(self, browser: Client, page: EventPage, event: Event) -> None:
        request = RequestFactory().post("/", sent(event))
        request.is_preview = True  # type: ignore[attr-defined]
        html = page.serve_preview(request, "").content.decode()
        assert '<fieldset class="wp-plain" disabled>' in html
        assert "This is a preview" in html
        assert not Registration.objects.exists()

    def test_an_editors_preview_is_drawn(self, page: EventPage) -> None:
        answer = page.make_preview_request(preview_mode="")
        assert answer.status_code == 200
        assert '<fieldset class="wp-plain" disabled>' in answer.content.decode()

    def test_the_number_of_queries_does_not_grow(
        self, browser: Client, page: EventPage, event: Event, django_assert_num_queries: Any
    ) -> None:
        shown(browser, page)
        with django_assert_num_queries(11):
            shown(browser, page)
        for number in range(3):
            browser.post(page.url, sent(event, form_key=f"{number:032x}"))
            factories.make_ticket_type(event, name=f"Kind {number}")
        with django_assert_num_queries(11):
            shown(browser, page)


class TestTheIndex:
    def test_it_lists_what_comes_and_what_is_over(self, browser: Client, event: Event, clock: Any) -> None:
        index = add_index()
        add_event_page(event, index)
        past = factories.make_event(name="Past", starts_at=clock() - timedelta(2), ends_at=clock() - timedelta(1))
        add_event_page(past, index, title="Long ago", slug="past")
        answer = browser.get(index.url)
        upcoming, _, over = answer.content.decode().partition('id="wp-past"')
        assert ("Bookbinding" in upcoming, "Long ago" in upcoming, "Long ago" in over) == (True, False, True)
        assert answer.headers["Cache-Control"] == "private, no-store"

    def test_an_event_stands_once_and_a_draft_not_at_all(self, browser: Client, event: Event) -> None:
        index = add_index()
        add_event_page(event, index)
        add_event_page(event, index, title="The same", slug="same")
        add_event_page(factories.make_event(), index, title="Draft", slug="draft").unpublish()
        html = shown(browser, index)
        assert (html.count('class="wp-events__row'), "Draft" in html) == (1, False)

    def test_one_can_subscribe(self, browser: Client, event: Event) -> None:
        index = add_index()
        page = add_event_page(event, index)
        answer = browser.get(f"{index.url}calendar/")
        text = answer.content.decode().replace("\r\n ", "")
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert "DTSTART;TZID=Europe/Paris:20260612T093000" in text
        assert page.full_url in text

    def test_no_number_of_events_costs_more_statements(
        self, browser: Client, event: Event, django_assert_num_queries: Any
    ) -> None:
        index = add_index()
        add_event_page(event, index)
        shown(browser, index)
        with django_assert_num_queries(9):
            shown(browser, index)
        for number in range(3):
            add_event_page(factories.make_event(), index, title=f"No. {number}", slug=f"no-{number}")
        shown(browser, index)
        with django_assert_num_queries(9):
            shown(browser, index)


class TestTheForm:
    @pytest.fixture
    def editor(self, browser: Client) -> Client:
        browser.force_login(factories.make_superuser())
        return browser

    def data(self, event: Event | None, **more: Any) -> dict[str, Any]:
        words = {"title": "New", "slug": "new", "introduction": rich_text(""), "body": streamfield([])}
        return nested_form_data(words | {"event": str(event.pk) if event else "", "image": ""} | more)

    def test_a_draft_can_wait_for_its_event(self, editor: Client, db: None) -> None:
        home = factories.default_site().root_page
        url = f"/admin/pages/add/wagtail_payments/eventpage/{home.pk}/"
        assert editor.post(url, self.data(None)).status_code == 302
        answer = editor.post(url, self.data(None, slug="new-2", **{"action-publish": "1"}))
        assert "Choose the event before you publish" in answer.content.decode()
        assert EventPage.objects.get().live is False

    def test_it_shows_the_facts_of_the_record(self, editor: Client, page: EventPage, sold: list[Any]) -> None:
        Seat.objects.update(state="confirmed")
        html = editor.get(f"/admin/pages/{page.pk}/edit/").content.decode()
        assert "1 seat sold" in html
        assert "9 left of 10" in html

    def test_more_sold_than_there_are_is_said(self, editor: Client, page: EventPage, sold: list[Any]) -> None:
        Seat.objects.update(state="confirmed")
        Event.objects.update(capacity=0)
        assert "1 over" in editor.get(f"/admin/pages/{page.pk}/edit/").content.decode()


class TestBlocksForHosts:
    def drawn(self, block: Any, value: dict[str, Any]) -> str:
        context = {"request": RequestFactory().get("/"), "page": factories.default_site().root_page}
        template = Template("{% load wagtailcore_tags %}{% include_block value %}")
        bound = block.to_python(value)
        bound.block = block
        return template.render(Context(context | {"value": bound}))

    def test_upcoming_events(self, page: EventPage) -> None:
        html = self.drawn(UpcomingEventsBlock(), {"heading": "Soon", "most": 1})
        assert ("Soon" in html, "Bookbinding" in html, "10 seats left" in html) == (True, True, True)

    def test_a_button_to_register_or_the_reason_why_not(self, page: EventPage) -> None:
        value = {"page": page.pk, "label": ""}
        assert f'href="{page.url}#wp-form"' in self.drawn(RegisterButtonBlock(), value)
        Event.objects.update(capacity=0)
        html = self.drawn(RegisterButtonBlock(), value)
        assert ("Sold out" in html, "#wp-form" in html) == (True, False)
        page.unpublish()
        assert "Sold out" not in self.drawn(RegisterButtonBlock(), value)

    def test_the_way_to_an_invoice(self, db: None) -> None:
        value = {"text": "", "label": "To the till"}
        assert "To the till" not in self.drawn(PayInvoiceBlock(), value)
        home = factories.default_site().root_page
        counter = home.add_child(instance=InvoicePage(title="Invoices", slug="invoices"))
        assert f'href="{counter.url}"' in self.drawn(PayInvoiceBlock(), value)


def test_the_blocks_of_the_body_are_drawn(browser: Client, event: Event) -> None:
    image = picture()
    body = [
        {"type": "heading", "value": "What we do"},
        {"type": "text", "value": "<p>Sew.</p>"},
        {"type": "picture", "value": {"image": image.pk, "caption": "A book"}},
        {"type": "programme", "value": {"heading": "", "items": [{"time": "9:30", "title": "Coffee", "text": ""}]}},
        {"type": "people", "value": {"heading": "", "people": [{"name": "Ana", "role": "Binder", "text": ""}]}},
        {"type": "answers", "value": {"heading": "", "items": [{"question": "Lunch?", "answer": "<p>Yes.</p>"}]}},
    ]
    html = shown(browser, add_event_page(event, body=json.dumps(body)))
    for words in ("What we do", "Sew.", "A book", "Coffee", "Binder", "Lunch?", "Yes."):
        assert words in html


def test_a_page_tree_without_events_is_no_trouble(browser: Client, db: None) -> None:
    assert Page.objects.exists()
    assert "No event is announced just now." in shown(browser, add_index())
    assert not Invoice.objects.exists()
