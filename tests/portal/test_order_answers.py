"""What a registrant answered once for the whole order: read on their page, and changed there until it begins."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from tests.pages.events import ask
from tests.portal.conftest import browser as browser
from tests.portal.conftest import new_browser
from tests.portal.test_registrations import Visitor, text_of, url
from tests.portal.test_registrations import event as event
from tests.portal.test_registrations import visitor as visitor
from wagtail_payments.actions import registrations
from wagtail_payments.models import Event, Letter, Question, Registration, Seat
from wagtail_payments.portal import limits

NOTE = "wagtail_payments.answers_changed"


def name_of(question: Question) -> str:
    return f"order-question-{question.key}"


def changes(visitor: Visitor, made: Registration, **answers: str) -> Any:
    """Send the form with an answer to each question, by its label."""
    named = {name_of(question): answers[question.label] for question in Question.objects.filter(label__in=answers)}
    return visitor.presses(made, "answers", **named)


def kept(made: Registration) -> dict[str, Any]:
    made.refresh_from_db()
    answers: dict[str, Any] = made.answers
    return answers


def notes() -> int:
    return int(ModelLogEntry.objects.filter(action=NOTE).count())


@pytest.fixture
def source(event: Event) -> Question:
    """The organiser asks once per order how somebody heard of it; an answer is needed."""
    return ask(event, "Source", required=True)


def test_it_is_read_and_changed_and_what_was_agreed_to_stays(visitor: Visitor, source: Question) -> None:
    made = visitor.registers(answers={source.key: "A friend"}, consents=["I come."], pays_later=False)
    assert "Source A friend Change your answers" in visitor.sees(made)
    said = text_of(changes(visitor, made, Source="The paper"))
    assert "Your change is kept." in said
    assert "Source The paper" in said
    assert kept(made) == {source.key: "The paper"}
    assert made.consents == ["I come."]
    assert made.seats.get().answers == {}


def test_the_same_again_leaves_one_note_and_no_letter(visitor: Visitor, source: Question) -> None:
    made = visitor.registers(answers={source.key: "A friend"})
    before = Letter.objects.count()
    for _click in range(2):
        assert "Your change is kept." in text_of(changes(visitor, made, Source="The paper"))
    assert (notes(), Letter.objects.count()) == (1, before)


def test_what_must_be_answered_is_asked_for_and_what_was_typed_stays(visitor: Visitor, event: Event) -> None:
    source, size = ask(event, "Source", required=True), ask(event, "Size")
    made = visitor.registers(answers={source.key: "A friend"})
    answer = changes(visitor, made, Source="", Size="<b>large</b>")
    assert answer.status_code == 422
    assert "Please answer “Source”." in text_of(answer)
    html = answer.content.decode()
    assert "&lt;b&gt;large" in html
    assert "<b>large" not in html
    assert '<details class="wp-fold wp-seat__fold" open>' in html
    assert kept(made) == {source.key: "A friend"}
    assert size.key in html


def test_what_was_typed_is_escaped_where_it_is_read(visitor: Visitor, source: Question) -> None:
    made = visitor.registers(answers={source.key: "<script>alert(1)</script>"})
    html = visitor.browser.get(url(made)).content.decode()
    assert "<script>alert(1)" not in html
    assert html.count("&lt;script&gt;alert(1)") == 2


def test_an_answer_to_what_is_no_longer_asked_is_read_and_kept(visitor: Visitor, event: Event) -> None:
    source, size = ask(event, "Source"), ask(event, "Size")
    made = visitor.registers(answers={source.key: "A friend", size.key: "M"})
    Question.objects.filter(pk=source.pk).update(is_withdrawn=True)
    changes(visitor, made, Source="Forged", Size="L")
    assert kept(made) == {source.key: "A friend", size.key: "L"}
    assert "Source A friend" in visitor.sees(made)


def test_answers_are_read_as_people_write_them(visitor: Visitor, event: Event) -> None:
    rows = {
        ask(event, "Born", field_type="date").key: "1990-03-01",
        ask(event, "When", field_type="datetime").key: "2026-05-01T09:30:00+02:00",
        ask(event, "Bus", field_type="checkbox").key: True,
        ask(event, "Meals", field_type="multiselect", choices="Lunch\nDinner").key: ["Lunch", "Dinner"],
    }
    said = visitor.sees(visitor.registers(answers=rows))
    assert "Born March 1, 1990" in said
    assert "When Friday, May 1, 2026 at 9:30" in said.replace("\u202f", " ")
    assert "Bus Yes" in said
    assert "Meals Lunch, Dinner" in said


def test_it_speaks_the_language_of_the_registration(visitor: Visitor, source: Question) -> None:
    made = visitor.registers(answers={source.key: "Un ami"}, language="fr")
    assert "Vos réponses" in visitor.sees(made)
    assert "Modifier vos réponses" in visitor.sees(made)
    assert "Répondez" in text_of(changes(visitor, made, Source=""))


class TestRefused:
    def no_longer(self, visitor: Visitor, made: Registration) -> None:
        said = visitor.sees(made)
        assert "Source A friend" in said
        assert "Change your answers" not in said
        assert "can no longer be changed" in text_of(changes(visitor, made, Source="The paper"))
        assert list(kept(made).values()) == ["A friend"]
        assert notes() == 0

    def test_once_it_has_begun(self, visitor: Visitor, source: Question, clock: Any) -> None:
        made = visitor.registers(answers={source.key: "A friend"})
        visitor.pays(made)
        Event.objects.update(starts_at=clock())
        self.no_longer(visitor, made)

    def test_when_it_was_called_off(self, visitor: Visitor, source: Question, clock: Any) -> None:
        made = visitor.registers(answers={source.key: "A friend"})
        Event.objects.update(cancelled_at=clock())
        self.no_longer(visitor, made)

    def test_when_no_seat_is_left(self, visitor: Visitor, source: Question) -> None:
        made = visitor.registers(answers={source.key: "A friend"})
        visitor.presses(made, "give-back")
        self.no_longer(visitor, made)

    def test_when_the_hold_has_ended(self, visitor: Visitor, source: Question, clock: Any) -> None:
        made = visitor.registers(answers={source.key: "A friend"})
        clock.advance(minutes=36)
        self.no_longer(visitor, made)
        with pytest.raises(registrations.SeatGone):
            registrations.change_answers(registration=made, answers={source.key: "X"}, by=None, now=clock())

    def test_when_the_seats_go_in_that_very_moment(
        self, visitor: Visitor, source: Question, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(**_options: Any) -> None:
            raise registrations.SeatGone

        made = visitor.registers(answers={source.key: "A friend"})
        monkeypatch.setattr(registrations, "change_answers", gone)
        assert "can no longer be changed" in text_of(changes(visitor, made, Source="The paper"))

    def test_where_nothing_is_asked(self, visitor: Visitor) -> None:
        made = visitor.registers()
        assert "Your answers" not in visitor.sees(made)
        assert "can no longer be changed" in text_of(visitor.presses(made, "answers"))

    def test_foreign_and_missing_look_alike_and_looking_changes_nothing(
        self, visitor: Visitor, source: Question
    ) -> None:
        made = visitor.registers(answers={source.key: "A friend"})
        sent = {name_of(source): "Forged"}
        foreign = new_browser().post(url(made, "answers"), sent)
        missing = visitor.browser.post(f"/payments/e/{'0' * 32}/answers/", sent)
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content
        assert visitor.browser.get(url(made, "answers"), sent).status_code == 405
        assert kept(made) == {source.key: "A friend"}

    def test_without_end(self, visitor: Visitor, source: Question, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "PER_ADDRESS", 1)
        made = visitor.registers(answers={source.key: "A friend"})
        assert "Your change is kept." in text_of(changes(visitor, made, Source="One"))
        assert "That was many tries in a short time." in text_of(changes(visitor, made, Source="Two"))
        assert kept(made) == {source.key: "One"}


def test_asking_once_per_order_costs_no_statement_more(visitor: Visitor, event: Event, browser: Client) -> None:
    made = visitor.registers()
    needed = []
    for label in ("", "Source", "Size"):
        if label:
            ask(event, label)
        with CaptureQueriesContext(connection) as statements:
            page = browser.get(url(made)).content.decode()
        needed.append(len(statements))
    assert re.search(r"order-question-\w+", page)
    assert needed[0] == needed[1] == needed[2], needed
    assert Seat.objects.count() == 1
