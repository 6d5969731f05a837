"""Making, changing and deleting events."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages as buttoned
from wagtail.snippets.views.snippets import CreateView, DeleteView, EditView

from wagtail_payments import ports
from wagtail_payments.actions import events, seats
from wagtail_payments.admin.drafts import SELLER_FORM
from wagtail_payments.admin.event_pages import EventPages
from wagtail_payments.admin.number_fields import shown_number
from wagtail_payments.admin.permissions import POLICIES, allowed, may_see
from wagtail_payments.admin.places import event_desk_url, event_url
from wagtail_payments.admin.selling_sites import fresh
from wagtail_payments.records.events import Event
from wagtail_payments.records.guards import lock

# What an action may write meanwhile: the form never does.
NOT_OF_THE_FORM = ("cancelled_at", "cancellation_reason", "calendar_sequence", "lock_count")
NOT_SAVED = gettext_lazy("The event could not be saved. Look at the fields in red.")


class _Planning:
    """Where one goes after a save, and what the form needs to know of the seller."""

    def get_success_url(self) -> str:
        """Return the desk of the event."""
        return event_desk_url(self.object.pk)  # type: ignore[attr-defined]

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add the usual rate of VAT."""
        context: dict[str, Any] = super().get_context_data(**options)  # type: ignore[misc]
        seller = self.form.instance.seller  # type: ignore[attr-defined]
        return context | {"usual_rate": shown_number(seller.vat_rate)}


class EventCreateView(_Planning, CreateView):
    """A new event, with what it takes from the seller."""

    success_message = gettext_lazy("The event has been saved.")
    error_message = NOT_SAVED

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Without a seller there is nobody to sell for: go and fill it in."""
        if self.user_has_permission("add") and fresh(Event, request).seller_id is None:
            messages.warning(request, _("First say who you are: tickets are sold in your name."))
            return redirect(SELLER_FORM)
        return super().dispatch(request, *args, **options)

    def get_initial_form_instance(self) -> Event:
        """Return a fresh event."""
        return fresh(Event, self.request)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form its seller for the answer too: Wagtail hands over nothing then."""
        kwargs: dict[str, Any] = super().get_form_kwargs()
        if kwargs.get("instance") is None or kwargs["instance"].seller_id is None:
            kwargs["instance"] = fresh(Event, self.request)
        return kwargs

    def get_success_buttons(self) -> list[Any]:
        """Lead on to its page: without one nobody can register."""
        if EventPages(self.object, self.request.user).why_not:
            return []
        return [buttoned.button(event_url("new_page", self.object.pk), _("Make its page"))]


class EventEditView(_Planning, EditView):
    """An event. A cancelled one is shown at its desk, with the reason why it can't be edited."""

    success_message = gettext_lazy("The event has been saved.")
    error_message = NOT_SAVED

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer for events that stand."""
        if may_see(request.user, Event) and self.user_has_permission("change"):
            event = get_object_or_404(Event, pk=self.object_pk)
            if event.is_cancelled:
                return _refused(request, event.pk)
        return super().dispatch(request, *args, **options)

    def save_instance(self) -> Event:
        """Save with the event locked, so that neither a sale nor a cancellation comes between."""
        (standing,) = lock(Event, self.object.pk)
        if standing.is_cancelled:
            raise PermissionDenied
        for name in NOT_OF_THE_FORM:
            setattr(self.form.instance, name, getattr(standing, name))
        return super().save_instance()

    def form_valid(self, form: forms.Form) -> HttpResponseBase:
        """Save; what was sold or called off in another window meanwhile stays as it is."""
        try:
            response = super().form_valid(form)
        except ProtectedError:
            form.add_error(None, _("A ticket type has been sold meanwhile, so it can't be deleted. Save again."))
            return self.form_invalid(form)
        except PermissionDenied:
            return _refused(self.request, self.object.pk)
        self._warn()
        return response

    def _warn(self) -> None:
        over = seats.availability(event=Event.objects.get(pk=self.object.pk), now=ports.now()).event.over
        if over:
            text = ngettext(
                "%(over)d seat over: more are taken than there are. Nothing more is sold.",
                "%(over)d seats over: more are taken than there are. Nothing more is sold.",
                over,
            )
            messages.warning(self.request, text % {"over": over})

    def get_success_buttons(self) -> list[Any]:
        """Offer to tell everybody, where time or place changed and somebody comes."""
        changed = self.form.changes_time_or_place and allowed(self.request.user, "write_event")
        if not changed or not events.coming_to(self.object).exists():
            return []
        return [buttoned.button(event_url("announce", self.object.pk), _("Tell everybody who comes"))]


def _refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    messages.info(request, _("This event was cancelled, so it can't be changed any more."))
    return redirect(event_desk_url(pk))


class EventDeleteView(DeleteView):
    """Delete an event that was planned by mistake."""

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Say why one with registrations or a page stays, or go on."""
        policy = POLICIES[Event]
        may = self.user_has_permission("delete")
        if may and not policy.user_has_permission_for_instance(request.user, "delete", self.object):
            messages.info(request, _("Somebody has registered, or a page presents it, so this event stays. Cancel it."))
            return redirect(event_desk_url(self.object.pk))
        return super().dispatch(request, *args, **options)
