"""An organiser's questions as fields for whoever puts answers right; any of them may be left empty."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from wagtail.contrib.forms.forms import FormBuilder

from wagtail_payments.records.events import Question


class QuestionsForm(forms.Form):
    """A field for each of these questions, by its key."""

    def __init__(self, questions: Sequence[Question], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.questions = questions
        for question in self.questions:
            question.clean_name = question.key
            question.required = False
        self.fields |= {key: field for key, field in FormBuilder(self.questions).formfields.items() if key in self.keys}

    @property
    def keys(self) -> set[str]:
        """The keys of the questions."""
        return {question.key for question in self.questions}

    def answers(self) -> dict[str, Any]:
        """Return the answers by key, as JSON can hold them."""
        given = {key: self.cleaned_data.get(key) for key in self.keys}
        kept: dict[str, Any] = json.loads(json.dumps(given, cls=DjangoJSONEncoder))
        return {key: "" if value is None else value for key, value in kept.items()}
