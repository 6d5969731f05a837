"""Who comes: read, taken away, printed, written to."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from tests import factories
from tests.admin.test_events import rows_of, words
from tests.stories.organiser import cancel, register
from wagtail_payments import ports
from wagtail_payments.actions import audiences
from wagtail_payments.actions.audiences import Audience
from wagtail_payments.actions.baskets import Place
from wagtail_payments.models import Event, Letter, Question, Registration, Seat

pytestmark = pytest.mark.django_db


def place(name: str, *args: int) -> str:
    return reverse(f"wagtail_payments_event:{name}", args=args)


@pytest.fixture
def event(clock: Any) -> Event:
    """A free evening with two ticket types and a question of each kind."""
    event = factories.make_event(ticket_types=False, capacity=100)
    for name in ("Seat", "Balcony"):
        factories.make_ticket_type(event, name=name, price=0)
    Question.objects.create(event=event, label="Diet?", of_each=True)
    Question.objects.create(
        event=event, label="How did you hear of us?", field_type="checkboxes", choices="Press\nFriends"
    )
    return event


def booked(event: Event, ticket: str, name: str, diet: str = "", **fields: Any) -> Registration:
    kind = event.ticket_types.get(name=ticket)
    asked, heard = event.questions.all()
    seat = Place(kind.pk, name=name, email=fields.pop("email", ""), answers={asked.key: diet})
    return register(event, [seat], name=name, answers={heard.key: ["Press", "Friends"]}, **fields)


def test_every_answer_has_a_column(admin: Client, event: Event) -> None:
    booked(event, "Seat", "Ada Roux", "Vegan")
    answer = admin.get(place("attendees", event.pk))
    titles = [cell.get_text(strip=True) for cell in BeautifulSoup(answer.content, "html.parser").select("thead th")]
    assert titles[-2:] == ["Diet?", "How did you hear of us?"]
    assert rows_of(answer) == ["Ada Roux ada@example.org Seat Confirmed Ada Roux Vegan Press, Friends"]


def test_what_is_no_longer_asked_keeps_its_column_in_lists_and_files_and_finds_who_answered(
    admin: Client, event: Event
) -> None:
    booked(event, "Seat", "Ada Roux", "Vegan")
    event.questions.update(is_withdrawn=True)
    diet, _heard = event.questions.all()
    for url in (place("attendees", event.pk), place("print", event.pk)):
        shown = words(admin.get(url))
        assert "Diet?" in shown
        assert "Vegan" in shown
    answer: Any = admin.get(f"{place('attendees', event.pk)}?export=csv")
    titles, row = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    assert row[titles.index("Diet?")] == "Vegan"
    assert "1 person gets this e-mail" in words(admin.post(place("write", event.pk), letter_form(question=diet.pk)))


def test_the_list_shows_who_comes_and_filters(admin: Client, event: Event) -> None:
    booked(event, "Seat", "Ada Roux")
    booked(event, "Balcony", "Paul Durand")
    cancel(booked(event, "Seat", "Zoe Blanc"), by_organiser=True)

    def found(query: str) -> list[str]:
        return [row.split(" ")[0] for row in rows_of(admin.get(f"{place('attendees', event.pk)}?{query}"))]

    assert found("") == ["Ada", "Paul"]
    assert found("state=all") == ["Ada", "Paul", "Zoe"]
    assert found("state=cancelled") == ["Zoe"]
    assert found(f"ticket={event.ticket_types.get(name='Balcony').pk}") == ["Paul"]
    assert found("q=durand") == ["Paul"]
    assert found("q=nobody") == []


def many(event: Event, number: int) -> None:
    order = booked(event, "Seat", "Ada Roux", "Vegan")
    seat = order.seats.get()
    rows = [
        Seat(registration=order, event=event, ticket_type=seat.ticket_type, state="confirmed", answers=seat.answers)
        for _ in range(number)
    ]
    Seat.objects.bulk_create(rows)


@pytest.mark.parametrize("query", ["", "export=csv", "export=xlsx", "print"])
def test_ten_thousand_would_cost_no_more_statements_than_ten(admin: Client, event: Event, query: str) -> None:
    url = place("print", event.pk) if query == "print" else f"{place('attendees', event.pk)}?{query}"

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = admin.get(url)
            assert answer.status_code == 200
            b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        return len(queries)

    many(event, 10)
    cost()
    few = cost()
    many(event, 400)
    assert cost() == few <= 15


def test_a_page_holds_a_hundred_and_leads_to_the_next(admin: Client, event: Event) -> None:
    many(event, 120)
    first = admin.get(place("attendees", event.pk))
    assert len(rows_of(first)) == 100
    assert "Page 1 of 2" in words(first)
    assert len(rows_of(admin.get(f"{place('attendees', event.pk)}?p=2"))) == 21


def test_files_hold_every_answer_and_no_formula(admin: Client, event: Event) -> None:
    booked(event, "Seat", "=cmd()", "+vegan", email="ada@example.org")
    url = place("attendees", event.pk)
    text = b"".join(admin.get(f"{url}?export=csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    head, row = csv.reader(io.StringIO(text))
    told = dict(zip(head, row, strict=True))
    assert (told["Attendee"], told["Diet?"]) == ("'=cmd()", "'+vegan")
    assert told["How did you hear of us?"] == "Press, Friends"
    content = b"".join(admin.get(f"{url}?export=xlsx").streaming_content)  # type: ignore[attr-defined]
    sheet = load_workbook(io.BytesIO(content)).active
    cell = sheet["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_files_are_for_who_may_export(signed_in: Callable[..., Client], event: Event) -> None:
    browser = signed_in("view_event", "view_registration")
    assert "Download as CSV" not in words(browser.get(place("attendees", event.pk)))
    answer = browser.get(f"{place('attendees', event.pk)}?export=csv")
    assert answer.status_code in (302, 403)
    assert not answer.headers.get("Content-Disposition")


def test_the_printed_list_has_everybody_and_a_box(admin: Client, event: Event) -> None:
    many(event, 120)
    soup = BeautifulSoup(admin.get(place("print", event.pk)).content, "html.parser")
    assert len(soup.select("tbody tr .box")) == 121


def letter_form(**fields: Any) -> dict[str, Any]:
    words = {"subject": "About {{ event }}", "text": "Hello {{ name }},\n\nbring a pen.\n\n{{ seller }}"}
    return (
        {"state": "confirmed", "ticket": "", "question": "", "answer": "", "form_key": ports.new_id()} | words | fields
    )


def written() -> Any:
    return Letter.objects.filter(kind="event_message")


def test_a_letter_is_shown_and_counted_before_it_is_sent_and_sent_once(admin: Client, event: Event) -> None:
    booked(event, "Seat", "Ada Roux")
    booked(event, "Balcony", "Paul Durand")
    url, form = place("write", event.pk), letter_form()
    assert admin.get(url).status_code == 200
    asked = admin.post(url, form)
    assert "2 people get this e-mail" in words(asked)
    frame = BeautifulSoup(asked.content, "html.parser").select_one("iframe[sandbox]")
    assert frame is not None
    assert "Hello Ada Roux" in frame["srcdoc"]
    assert "</html>" in frame["srcdoc"]
    assert not written().exists()
    for _click in range(2):
        assert admin.post(url, form | {"confirmed": "1"})["Location"] == place("desk", event.pk)
    assert sorted(letter.to[0] for letter in written()) == ["ada@example.org", "paul@example.org"]
    assert "Message to attendees in 2 letters" in words(admin.get(place("desk", event.pk)))


def test_only_those_are_written_to_who_are_meant(admin: Client, event: Event) -> None:
    booked(event, "Seat", "Ada Roux", "Vegan")
    booked(event, "Balcony", "Paul Durand", "Meat")
    cancel(booked(event, "Seat", "Zoe Blanc"), by_organiser=True)
    diet, heard = event.questions.all()

    def reached(**fields: Any) -> list[str]:
        written().delete()
        admin.post(place("write", event.pk), letter_form(**fields, confirmed="1"))
        return sorted(letter.to[0].split("@")[0] for letter in written())

    assert reached(ticket=event.ticket_types.get(name="Balcony").pk) == ["paul"]
    assert reached(question=diet.pk, answer="vegan") == ["ada"]
    assert reached(question=heard.pk, answer="press") == ["ada", "paul"]
    assert reached(state="cancelled") == ["zoe"]
    assert reached(question=diet.pk, answer="fish") == []


@pytest.mark.parametrize(("answer", "name"), [("yes", "Yves"), ("No", "Noa"), ("", "Yves"), ("perhaps", None)])
def test_whoever_ticked_a_box_or_did_not_is_found_by_what_the_list_shows(
    event: Event, answer: str, name: str | None
) -> None:
    bread = Question.objects.create(event=event, label="Lunch?", of_each=True, field_type="checkbox")
    for who, ticked in (("Yves", True), ("Noa", False)):
        register(event, [Place(event.ticket_types.all()[0].pk, who, answers={bread.key: ticked})], pays_later=True)
    meant = audiences.addressed(event=event, audience=Audience(question=bread, answer=answer))
    assert [seat.name for _registration, seats in meant for seat in seats] == ([name] if name else [])


def test_a_letter_that_was_interrupted_goes_on_where_it_was_left(event: Event, clock: Any) -> None:
    first, second = booked(event, "Seat", "Ada Roux"), booked(event, "Seat", "Paul Durand")
    wish = {"subject": "S", "text": "T", "by": None, "now": clock(), "form_key": "key"}
    audiences.write(event=event, audience=audiences.Audience(), **wish)
    written().filter(registration=second).delete()
    assert audiences.write(event=event, audience=audiences.Audience(), **wish) == 2
    assert [written().filter(registration=order).count() for order in (first, second)] == [1, 1]


def test_an_unknown_placeholder_is_told_before_anything_is_sent(admin: Client, event: Event) -> None:
    booked(event, "Seat", "Ada Roux")
    answer = admin.post(place("write", event.pk), letter_form(text="Hello {{ nmae }}", confirmed="1"))
    assert "{{ nmae }}" in words(answer)
    assert "Nothing is known to put in the place of" in words(answer)
    assert not written().exists()
