"""What can be done with one event: call it off, tell of a change, try a refund again."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

from wagtail_payments.actions import cancellations, events
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places import event_desk_url, event_list_url
from wagtail_payments.admin.record_verbs import Asking, RecordVerb
from wagtail_payments.records.events import Event
from wagtail_payments.records.registrations import Cancellation, with_sales

SEQUENCE = re.compile(r"[0-9]{1,9}")


class EventVerb(RecordVerb):
    """A page or a verb about one event."""

    model = Event
    header_icon = "calendar-alt"

    @property
    def event(self) -> Any:
        """The event, with its sales."""
        return self.record

    def records(self) -> Any:
        """Return the events to look in, with their sales."""
        return with_sales(Event.objects.all(), self.now).select_related("seller").prefetch_related("ticket_types")

    @property
    def desk_url(self) -> str:
        """Where the event is."""
        return event_desk_url(self.event.pk)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, the list, the event, this page."""
        return [
            *super().get_breadcrumbs_items(),
            {"url": event_list_url(), "label": _("Events")},
            {"url": self.desk_url, "label": str(self.event)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add the event."""
        return super().get_context_data(**options) | {"event": self.event, "currency": self.event.seller.currency}


class ReasonForm(forms.Form):
    """Why an event is called off, in words for those who wanted to come."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=AdminAutoHeightTextInput(attrs={"rows": 2}),
        help_text=_("Everybody who comes reads it in the e-mail."),
    )


def why_not_cancelled(event: Event, now: Any) -> str:
    """Return why an event can't be called off, or nothing."""
    if event.is_cancelled:
        return gettext("It is cancelled already.")
    return gettext("It is over.") if event.ends_at <= now else ""


class CancelEventView(EventVerb):
    """Call an event off: seats are no longer sold at once, and the clockwork tells and refunds everybody."""

    permissions = ("cancel_event",)
    page_title = _("Cancel the event")
    template_name = "wagtail_payments/admin/events/cancel.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask, with what it means."""
        why_not = why_not_cancelled(self.event, self.now)
        return self.refused(why_not) if why_not else self._shown(ReasonForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Do it; doing it twice is doing it once."""
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self._shown(form)
        try:
            events.cancel(event_id=pk, reason=form.cleaned_data["reason"], by=self.person, now=self.now)
        except events.EventRefused as error:
            return self.refused(error)
        return self.done(gettext("The event is cancelled. Everybody is told and refunded within the next minutes."))

    def _shown(self, form: ReasonForm) -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(form=form))


class AnnounceView(Asking, EventVerb):
    """Tell everybody who comes where and when it is now."""

    permissions = ("write_event",)
    page_title = _("Announce a change")
    button = _("Tell everybody")
    template_name = "wagtail_payments/admin/events/confirm.html"

    def led_away(self, request: HttpRequest) -> HttpResponseBase | None:
        """Nobody comes to a cancelled event, and to some nobody comes yet."""
        why_not = why_not_announced(self.event, self.now)
        return self.refused(why_not) if why_not else None

    def question(self) -> str:
        """Say how many letters go out."""
        number = events.coming_to(self.event).count()
        text = ngettext(
            "%(number)d registration gets an e-mail with time and place as they are now, and a new calendar file.",
            "%(number)d registrations get an e-mail with time and place as they are now, and a new calendar file.",
            number,
        )
        return text % {"number": number}

    def perform(self) -> HttpResponseBase:
        """Write the letters; a form that was sent before, or is old, writes none."""
        sent = self.request.POST.get("seen", "")
        seen = int(sent) if SEQUENCE.fullmatch(sent) else -1
        try:
            told = events.announce_change(event_id=self.event.pk, by=self.person, now=self.now, seen=seen)
        except events.EventRefused as error:
            return self.refused(error)
        text = ngettext("%(told)d registration is told.", "%(told)d registrations are told.", told)
        return self.done(text % {"told": told})


def why_not_announced(event: Any, now: Any) -> str:
    """Return why there is nobody to tell, or nothing; ``event`` was read ``with_sales``."""
    if event.is_cancelled:
        return gettext("It is cancelled: everybody has been told.")
    if event.ends_at <= now:
        return gettext("It is over.")
    return "" if event.sold else gettext("Nobody comes yet.")


class RetryView(EventVerb):
    """Try the money of one cancellation again, after somebody has looked."""

    http_method_names = ["post"]
    permissions = ("cancel_registration",)

    def post(self, request: HttpRequest, pk: int, cancellation_pk: int) -> HttpResponseBase:
        """Try, and say how it went."""
        owed = get_object_or_404(Cancellation, pk=cancellation_pk, registration__event=self.event)
        settled = cancellations.retry(cancellation_id=owed.pk, now=self.now)
        if settled.state == "refused":
            return self.refused(settled.failure)
        return self.done(gettext("%(name)s: done.") % {"name": owed.registration.name})


def may_retry(user: Any) -> bool:
    """May this user try refunds again?"""
    return allowed(user, "cancel_registration")
