"""When a seller's customers are reminded: the steps of the series, and whether anything is sent at all."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import reminder_series
from wagtail_payments.actions.reminder_series import SeriesRefused, StepChoice
from wagtail_payments.admin.seller_verbs import SellerVerb, seller_url
from wagtail_payments.core.reminders import DEFAULT_STEPS, FURTHEST_DAYS, MOST_STEPS, Tone
from wagtail_payments.records.reminders import ReminderStep, tones


class SeriesForm(forms.Form):
    """What holds for all steps."""

    is_on = forms.BooleanField(
        label=_("Remind customers by itself"),
        required=False,
        help_text=_("What would have been sent while this was off is not made up for."),
    )
    one_letter = forms.BooleanField(
        label=_("One letter for several overdue invoices"),
        required=False,
        help_text=_("A customer with several overdue invoices gets one letter that lists them, each with its link."),
    )


class StepForm(forms.Form):
    """A step: how many days, before or after, and how it speaks."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=FURTHEST_DAYS)
    side = forms.ChoiceField(
        label=_("When"),
        choices=[("before", _("before the due date")), ("after", _("after the due date"))],
        initial="after",
    )
    tone = forms.ChoiceField(label=_("Tone"), choices=tones, initial=Tone.POLITE.value)
    is_on = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def choice(self) -> StepChoice:
        """Return the step as plain data."""
        data = self.cleaned_data
        days = -data["days"] if data["side"] == "before" else data["days"]
        return StepChoice(data["key"], days, Tone(data["tone"]), data["is_on"])


StepFormSet = forms.formset_factory(
    StepForm, extra=1, can_delete=True, max_num=MOST_STEPS, validate_max=True, absolute_max=MOST_STEPS + 5
)


class RemindersView(SellerVerb):
    """The steps, each with the way to its words."""

    page_title = _("Reminders")
    template_name = "wagtail_payments/admin/settings/reminders.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the series, or the usual one where none was begun yet."""
        series = reminder_series.series_of(self.seller)
        held = {"is_on": series.policy.is_on, "one_letter": series.policy.one_letter} if series else None
        form = SeriesForm(initial=held or {"is_on": True, "one_letter": True})
        return self._shown(form, StepFormSet(initial=self._steps(), prefix="steps"))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Keep the series."""
        form = SeriesForm(request.POST)
        steps = StepFormSet(request.POST, initial=self._steps(), prefix="steps")
        if not (form.is_valid() and steps.is_valid()):
            return self._shown(form, steps)
        kept = [one.choice() for one in steps if one.cleaned_data and not one.cleaned_data.get("DELETE")]
        try:
            reminder_series.settle(seller=self.seller, steps=kept, now=self.now, **form.cleaned_data)
        except SeriesRefused as error:
            form.add_error(None, str(error))
            return self._shown(form, steps)
        messages.success(request, gettext("The reminders are saved. They apply from today."))
        return redirect(seller_url("reminders", self.seller.pk))

    def _stored(self) -> list[ReminderStep]:
        return list(self.seller.reminder_steps.all())

    def _steps(self) -> list[dict[str, Any]]:
        rows = self._stored()
        if not rows and reminder_series.series_of(self.seller) is None:
            return [_typed(None, step.days, step.tone, True) for step in DEFAULT_STEPS]
        return [_typed(row.pk, row.days, row.tone, row.is_on) for row in rows]

    def _shown(self, form: SeriesForm, steps: Any) -> HttpResponseBase:
        words = {row.pk: seller_url("words_edit", self.seller.pk, f"reminder_step_{row.pk}", self.seller.language)
                 for row in self._stored()}  # fmt: skip
        rows = [{"form": one, "words_url": words.get(one["key"].value() or 0)} for one in steps]
        context = self.get_context_data(form=form, steps=steps, rows=rows, words_url=_words_url(self.seller.pk))
        return self.render_to_response(context)


def _typed(key: int | None, days: int, tone: str, is_on: bool) -> dict[str, Any]:
    return {"key": key, "days": abs(days), "side": "before" if days < 0 else "after", "tone": tone, "is_on": is_on}


def _words_url(pk: int) -> str:
    return seller_url("words", pk)
