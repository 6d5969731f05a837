"""What a registrant answered once for the whole order: to read, and to change while it is still time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse

from wagtail_payments.portal import questionnaire
from wagtail_payments.portal.events import BoxOffice
from wagtail_payments.portal.registration_form import Quiet
from wagtail_payments.portal.registration_shown import Standing
from wagtail_payments.records.registrations import Registration

PREFIX = "order"


class OrderForm(Quiet):
    """The questions that are asked once per order, as they are asked now."""

    def __init__(self, box: BoxOffice, *args: Any, **options: Any) -> None:
        super().__init__(*args, prefix=PREFIX, **options)
        self.questions = questionnaire.asked_now(box.event, of_each=False)
        self.fields |= questionnaire.fields_for(self.questions, box.language)

    @property
    def visible(self) -> list[forms.BoundField]:
        """The fields to fill in."""
        return list(self)

    @property
    def answers(self) -> dict[str, Any]:
        """What was answered, by the questions' keys."""
        return questionnaire.answers_of(self.cleaned_data, self.questions)


@dataclass(frozen=True, slots=True)
class OrderAnswers:
    """The answers in words, with their questions; ``form`` changes them, None where that is over."""

    rows: list[tuple[str, str]]
    form: OrderForm | None
    url: str

    @property
    def is_open(self) -> bool:
        """Does its form need another look?"""
        return self.form is not None and self.form.is_bound


def form_of(registration: Registration, box: BoxOffice, data: object = None) -> OrderForm:
    """Return the form that changes the answers of an order, filled in with what is known."""
    return OrderForm(box, data, initial=questionnaire.initial_of(registration.answers))


def answers_of(standing: Standing, sent: OrderForm | None = None) -> OrderAnswers | None:
    """Return what was answered and may be changed; ``sent`` is the form as it was sent. None where nothing is asked."""
    box, made = standing.box, standing.registration
    once = [row for row in box.event.questions.all() if not row.of_each]
    words = [(row.said("label", box.language), questionnaire.words_of(row, made.answers, box.clock)) for row in once]
    form = (sent or form_of(made, box)) if standing.may_change_answers else None
    shown = form if form is not None and form.visible else None
    rows = [(label, said) for label, said in words if said]
    if not rows and shown is None:
        return None
    return OrderAnswers(rows, shown, reverse("wagtail_payments:registration_answers", args=[standing.link.public_id]))
