"""The desk of an event: how it sells, what it brings in, what can be done now, and what happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.actions import baskets, cancellations, seats
from wagtail_payments.admin.desk_verbs import Verb
from wagtail_payments.admin.event_pages import EventPages
from wagtail_payments.admin.event_quotes import quotes_of
from wagtail_payments.admin.event_verbs import EventVerb, may_retry, why_not_announced, why_not_cancelled
from wagtail_payments.admin.event_words import free_words, hours_of, left_words, sale_tag
from wagtail_payments.admin.permissions import POLICIES, allowed, is_promised
from wagtail_payments.admin.places import event_url
from wagtail_payments.admin.timeline import logged
from wagtail_payments.core.capacity import Availability
from wagtail_payments.records.events import Event
from wagtail_payments.reports import event_takings


class EventDeskView(EventVerb):
    """Where an event opens."""

    page_title = gettext_lazy("Event")
    template_name = "wagtail_payments/admin/events/desk.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the event."""
        event = self.event
        available = seats.availability(event=event, now=self.now)
        sale = baskets.sale_of(event=event, available=available, now=self.now)
        pages = EventPages(event, request.user)
        new_page = _new_page(pages)
        verbs = list(self._verbs(new_page))
        context = self.get_context_data(
            tag=sale_tag(event, sale, is_over=event.ends_at <= self.now),
            when=hours_of(event),
            free=free_words(event),
            takings=event_takings.of_event(event=event, revenue=event.revenue),
            types=_types(event, available),
            pages=pages.shown(request),
            is_presented=any(page.live for page in pages.pages),
            new_page=new_page,
            verbs=[verb for verb in verbs if not verb.why_not],
            impossible=[verb for verb in verbs if verb.why_not],
            moments=sorted(logged(event), key=lambda moment: moment.at, reverse=True),
            progress=cancellations.progress(event=event) if event.is_cancelled else None,
            may_retry=may_retry(request.user),
            quotes=quotes_of(event, request.user, self.now),
        )
        return self.render_to_response(context)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """This is the event's own page."""
        return [*super().get_breadcrumbs_items()[:-2], {"url": "", "label": str(self.event)}]

    def _verbs(self, new_page: Verb) -> Iterator[Verb]:
        user, event, pk = self.request.user, self.event, self.event.pk
        if allowed(user, "change_event"):
            why_not = _("It was cancelled, so it can't be changed any more.") if event.is_cancelled else ""
            yield Verb(_("Edit"), event_url("edit", pk), "edit", why_not, is_primary=not new_page.is_primary)
        yield new_page
        if allowed(user, "view_registration"):
            yield Verb(_("Attendees"), event_url("attendees", pk), "group")
        if allowed(user, "write_event"):
            yield Verb(_("Write to attendees"), event_url("write", pk), "mail", self._nobody())
            yield Verb(_("Announce a change"), event_url("announce", pk), "date", why_not_announced(event, self.now))
        if allowed(user, "cancel_event"):
            why_not = why_not_cancelled(event, self.now)
            yield Verb(_("Cancel the event"), event_url("cancel", pk), "cross", why_not)
        if allowed(user, "delete_event"):
            yield Verb(_("Delete"), event_url("delete", pk), "bin", self._why_it_stays())

    def _nobody(self) -> str:
        return "" if self.event.registrations.exists() else _("Nobody has registered yet.")

    def _why_it_stays(self) -> str:
        if POLICIES[Event].user_has_permission_for_instance(self.person, "delete", self.event):
            return ""
        return _("Somebody has registered, or a page presents it.") if is_promised(self.event) else ""


def _new_page(pages: EventPages) -> Verb:
    """Making its page is what comes next as long as it has none."""
    label = _("Make another page") if pages.pages else _("Make its page")
    why_not = pages.why_not
    is_next = not pages.pages and not why_not
    return Verb(label, event_url("new_page", pages.event.pk), "doc-empty-inverse", why_not, is_primary=is_next)


def _types(event: Event, available: Availability) -> list[dict[str, Any]]:
    """Each ticket type with what of it is taken and left."""
    rows = []
    for ticket_type in event.ticket_types.all():
        quota = available.types[ticket_type.pk]
        rows.append(
            {
                "type": ticket_type,
                "taken": quota.taken,
                "left": left_words(quota.size, quota.taken),
                "size": quota.size,
            }
        )
    return rows
