"""Writing to those who registered: whom, in which words, one letter to look at, then the button."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

from wagtail_payments import ports
from wagtail_payments.actions import audiences
from wagtail_payments.actions.audiences import Audience
from wagtail_payments.admin.compose_form import KnownPlaceholders
from wagtail_payments.admin.event_verbs import EventVerb
from wagtail_payments.core.lifecycle import SeatState
from wagtail_payments.mail import letters
from wagtail_payments.records.events import Event, Question, TicketType
from wagtail_payments.records.registrations import seat_states

WRITTEN_TO = frozenset({SeatState.CONFIRMED, SeatState.PENDING, SeatState.CANCELLED})


class MessageForm(KnownPlaceholders, forms.Form):
    """Whom, and in which words."""

    placeholders = letters.EVENT_PLACEHOLDERS
    subject_placeholders = letters.EVENT_SUBJECT_PLACEHOLDERS

    state = forms.ChoiceField(
        label=_("To whom"), choices=lambda: [row for row in seat_states() if row[0] in WRITTEN_TO], initial="confirmed"
    )
    ticket = forms.ModelChoiceField(
        TicketType.objects.none(), label=_("Ticket type"), required=False, empty_label=_("All")
    )
    question = forms.ModelChoiceField(
        Question.objects.none(), label=_("Who answered the question"), required=False, empty_label=_("Any")
    )
    answer = forms.CharField(
        label=_("with"),
        required=False,
        max_length=200,
        help_text=_("Part of the answer is enough; empty is any answer."),
    )
    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(label=_("Message"), widget=AdminAutoHeightTextInput(attrs={"rows": 10}), max_length=20_000)
    form_key = forms.SlugField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, event: Event, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["ticket"].queryset = event.ticket_types.all()  # type: ignore[attr-defined]
        self.fields["question"].queryset = event.questions.all()  # type: ignore[attr-defined]
        if not event.questions.exists():
            del self.fields["question"], self.fields["answer"]

    def audience(self) -> Audience:
        """Return whom it is for."""
        data = self.cleaned_data
        ticket = data["ticket"].pk if data.get("ticket") else None
        return Audience(SeatState(data["state"]), ticket, data.get("question"), data.get("answer") or "")


class WriteView(EventVerb):
    """A form, then the same form hidden behind the first letter, their number and a button."""

    permissions = ("write_event",)
    page_title = _("Write to attendees")
    template_name = "wagtail_payments/admin/events/write.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the form."""
        words = {"subject": "{{ event }}", "text": gettext("Hello {{ name }},\n\n\n\n{{ seller }}")}
        return self._shown(MessageForm(self.event, initial={"form_key": ports.new_id(), **words}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Check, show what will be sent, send."""
        form = MessageForm(self.event, request.POST)
        if not form.is_valid() or "back" in request.POST:
            return self._shown(form)
        audience = form.audience()
        first = next(audiences.addressed(event=self.event, audience=audience), None)
        if first is None:
            form.add_error(None, _("Nobody is like that: no letter would be sent."))
            return self._shown(form)
        if "confirmed" in request.POST:
            return self._sent(form, audience)
        words = {name: form.cleaned_data[name] for name in ("subject", "text")}
        number = audiences.recipients(event=self.event, audience=audience)
        preview = letters.render_event_message(registration=first[0], **words)
        return self._shown(form, sentence=_sentence(number), preview=preview.html, reader=first[0])

    def _sent(self, form: MessageForm, audience: Audience) -> HttpResponseBase:
        words = {name: form.cleaned_data[name] for name in ("subject", "text", "form_key")}
        written = audiences.write(event=self.event, audience=audience, by=self.person, now=self.now, **words)
        text = ngettext("%(number)d letter is on its way.", "%(number)d letters are on their way.", written)
        return self.done(text % {"number": written})

    def _shown(self, form: MessageForm, **more: Any) -> HttpResponseBase:
        context = self.get_context_data(form=form, placeholders=form.placeholders, **more)
        return self.render_to_response(context)


def _sentence(number: int) -> str:
    text = ngettext(
        "%(number)d person gets this e-mail. It can't be called back.",
        "%(number)d people get this e-mail, each with their own name. It can't be called back.",
        number,
    )
    return text % {"number": number}
