"""Forms about a quote that was sent: how the customer agreed or declined, an answer to a question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateInput

from wagtail_payments.actions.agreements import Word
from wagtail_payments.admin import attachment_form, kept_files
from wagtail_payments.admin.number_fields import DecimalAnyMark, shown_number
from wagtail_payments.records.agreements import agreement_ways
from wagtail_payments.records.quotes import Quote, QuoteLine


def ways_by_word() -> list[tuple[str, Any]]:
    """Return how a customer can agree without signing online."""
    return [(code, label) for code, label in agreement_ways() if code != "signed"]


class AcceptForm(forms.Form):
    """How, when and by whom the quote was accepted, what was chosen, and the proof of it."""

    how = forms.ChoiceField(label=_("How"), choices=ways_by_word)
    on = forms.DateField(label=_("On which day"), widget=AdminDateInput)
    name = forms.CharField(label=_("Who agreed"), max_length=200)
    role = forms.CharField(label=_("Role"), max_length=200, required=False)
    note = forms.CharField(
        label=_("Note"),
        max_length=5000,
        required=False,
        widget=AdminAutoHeightTextInput(attrs={"rows": 3}),
        help_text=_("What was said or written, so that it can be told later. A note or a file is needed."),
    )
    file = kept_files.KeptFileField(
        label=_("The signed paper"), required=False, max_length=150, help_text=_("A PDF or a picture of it.")
    )

    def __init__(self, *args: Any, quote: Quote, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today, self.lines = today, [line for line in quote.lines.all() if line.is_choosable]
        for line in self.lines:
            self._offer(line)

    def _offer(self, line: QuoteLine) -> None:
        name = line.description.splitlines()[0][:80] if line.description else ""
        least, most = line.bounds
        if line.is_optional:
            self.fields[f"take_{line.pk}"] = forms.BooleanField(label=_("With: %s") % name, required=False)
        if least != most:
            said = {"line": name, "least": shown_number(least), "most": shown_number(most)}
            self.fields[f"quantity_{line.pk}"] = DecimalAnyMark(
                label=_("How many: %(line)s (%(least)s to %(most)s)") % said,
                min_value=least,
                max_value=most,
                max_digits=14,
                decimal_places=4,
                initial=line.quantity,
            )

    def clean_on(self) -> date:
        """Nobody agrees tomorrow."""
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise ValidationError(_("This date is in the future."))
        return day

    def clean_file(self) -> Any:
        """Check kind and size, and give the file a harmless name."""
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            attachment_form.check(file)
        return file or None

    def clean(self) -> dict[str, Any]:
        """An acceptance nobody could prove is none."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not (data.get("note") or data.get("file") or "file" in self.errors):
            self.add_error("note", gettext("Write a note on how the customer agreed, or add the paper as a file."))
        return data

    def word(self) -> Word:
        """Return what was written down."""
        data = self.cleaned_data
        return Word(data["how"], data["on"], data["name"], data["role"], data["note"], data["file"])

    def chosen(self) -> dict[int, Decimal]:
        """Return the quantities by line; an option that was not taken is left out."""
        return dict(self._chosen())

    def _chosen(self) -> Iterator[tuple[int, Decimal]]:
        for line in self.lines:
            if not line.is_optional or self.cleaned_data.get(f"take_{line.pk}"):
                yield line.pk, self.cleaned_data.get(f"quantity_{line.pk}", line.quantity)


class ReasonedForm(forms.Form):
    """Why a quote was declined or taken back."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=AdminAutoHeightTextInput(attrs={"rows": 2})
    )


class AnswerForm(forms.Form):
    """The answer to a customer's question."""

    text = forms.CharField(
        label=_("Your answer"), max_length=10_000, widget=AdminAutoHeightTextInput(attrs={"rows": 4})
    )
