"""An organiser's questions as fields of a form, made by Wagtail's own form builder, and answers as they are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from wagtail.contrib.forms.forms import FormBuilder

from wagtail_payments.printing.moments import Clock
from wagtail_payments.records.events import Event, Question
from wagtail_payments.records.registrations import answer_words


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in the visitor's language, in the words of the form builder."""

    clean_name: str
    field_type: str
    label: str
    help_text: str
    required: bool
    choices: str
    default_value: str


class NumberField(forms.DecimalField):
    """A number with a decimal comma or point."""

    def to_python(self, value: Any) -> Any:
        """Read it as it is typed."""
        if isinstance(value, str):
            value = "".join(value.split()).replace(",", ".")
        return super().to_python(value)


# Written out, an exponent of some typed characters would fill the memory.
LONGEST_NUMBER = 30


class MomentField(forms.DateTimeField):
    """A date and a time; an answer that was kept is shown again as it was typed, by the site's own clock."""

    def prepare_value(self, value: Any) -> Any:
        """Read what was kept: browsers leave a moment with an offset out."""
        try:
            kept = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:  # well written, but no such day
            kept = None
        return super().prepare_value(kept or value)


def asked_now(event: Event, *, of_each: bool) -> list[Question]:
    """Return what is still asked, of each attendee or once per order; answers to the rest stay as they were kept."""
    return [row for row in event.questions.all() if row.of_each == of_each and not row.is_withdrawn]


def fields_for(questions: Iterable[Question], language: str, name: str = "question-%s") -> dict[str, forms.Field]:
    """Return a field for each question, by the question's key within ``name``."""
    asked = [_asked(question, language, name) for question in questions]
    built: dict[str, forms.Field] = FormBuilder(asked).formfields
    return {row.clean_name: _dressed(built[row.clean_name], row) for row in asked}


def answers_of(cleaned: dict[str, Any], questions: Iterable[Question], name: str = "question-%s") -> dict[str, Any]:
    """Return what was answered, by the question's key, as JSON can hold it."""
    return {question.key: _plain(cleaned.get(name % question.key)) for question in questions}


def initial_of(answers: dict[str, Any], name: str = "question-%s") -> dict[str, Any]:
    """Return kept answers as a form shows them again."""
    return {name % key: value for key, value in answers.items()}


def words_of(question: Question, answers: dict[str, Any], clock: Clock) -> str:
    """Return what was answered to a question as it is read; nothing where nothing was."""
    kept = answers.get(question.key)
    if question.field_type == "date" and isinstance(kept, str) and kept:
        return clock.writer.date(kept)
    if question.field_type == "datetime" and isinstance(kept, str) and kept:
        moment = parse_datetime(kept)
        return clock.moment(moment) if moment is not None and moment.tzinfo else kept
    return answer_words(kept)


def _asked(question: Question, language: str, name: str) -> Asked:
    return Asked(
        clean_name=name % question.key,
        field_type=question.field_type,
        label=question.said("label", language),
        help_text=question.said("help_text", language),
        required=question.required,
        choices=question.said("choices", language),
        default_value=question.default_value,
    )


def _dressed(field: forms.Field, asked: Asked) -> forms.Field:
    """Give a field the look of the house and a sentence of its own for each thing that can be wrong."""
    kind, limits = _FIELDS.get(asked.field_type, (None, {}))
    if kind is not None:
        same = {name: getattr(field, name) for name in ("label", "help_text", "required", "initial")}
        field = kind(**same, **limits)
    widget = _WIDGETS.get(asked.field_type)
    if widget is not None:
        choices = getattr(field, "choices", ())
        field.widget = widget()
        if choices:
            field.choices = choices  # type: ignore[attr-defined]
        field.widget.is_required = field.required
    if isinstance(field, forms.ChoiceField) and asked.field_type == "dropdown":
        field.choices = [("", _("Please choose")), *field.choices]  # type: ignore[misc]
    if asked.field_type not in ("checkbox", "checkboxes", "multiselect", "radio"):
        field.widget.attrs["class"] = "wp-input"
    field.error_messages["required"] = _("Please answer “%(question)s”.") % {"question": asked.label}
    return field


_FIELDS: dict[str, Any] = {"number": (NumberField, {"max_digits": LONGEST_NUMBER}), "datetime": (MomentField, {})}

_WIDGETS: dict[str, Any] = {
    "number": lambda: forms.TextInput(attrs={"inputmode": "decimal"}),
    "date": lambda: forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    "datetime": lambda: forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    "multiline": lambda: forms.Textarea(attrs={"rows": 3}),
    "multiselect": forms.CheckboxSelectMultiple,
}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value
