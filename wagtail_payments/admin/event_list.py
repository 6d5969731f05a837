"""The list of events: when, how many come, how many may still, and what it brings in."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn

from wagtail_payments import ports
from wagtail_payments.admin import styles
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.event_words import days_of, free_words
from wagtail_payments.admin.permissions import POLICIES, allowed
from wagtail_payments.admin.places import EVENTS, event_desk_url
from wagtail_payments.admin.record_list import Choice, RecordIndexView
from wagtail_payments.records.events import Event
from wagtail_payments.records.registrations import with_sales


class EventFilterSet(WagtailFilterSet):
    """What is coming, what is over, what was cancelled."""

    when = django_filters.ChoiceFilter(
        label=_("Events"),
        choices=[("upcoming", _("Upcoming")), ("past", _("Past")), ("cancelled", pgettext_lazy("event", "Cancelled"))],
        empty_label=_("All"),
        widget=forms.RadioSelect,
        method="as_of_now",
    )

    class Meta:
        model = Event
        fields: list[str] = []

    def as_of_now(self, events: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Keep what stands so now."""
        if value == "cancelled":
            return events.filter(cancelled_at__isnull=False)
        now, standing = ports.now(), events.filter(cancelled_at=None)
        return standing.filter(ends_at__gte=now) if value == "upcoming" else standing.filter(ends_at__lt=now)


class EventTitleColumn(TitleColumn):
    """The name, with the place below, and that it was cancelled."""

    cell_template_name = "wagtail_payments/admin/events/title_cell.html"


class EventIndexView(styles.StyledList, RecordIndexView):
    """The list; what begins last comes first."""

    add_item_label = _("Add event")

    def get_base_queryset(self) -> QuerySet[Event]:
        """Everything a row needs, in one query."""
        return with_sales(self.seen(), ports.now()).select_related("seller")

    @cached_property
    def columns(self) -> list[Any]:
        """Name, days, seats and money."""
        title = self._get_title_column_class(EventTitleColumn)
        return [
            title("name", label=_("Name"), get_url=lambda event: event_desk_url(event.pk), sort_key="name"),
            Column("starts_at", label=_("When"), accessor=days_of, sort_key="starts_at"),
            Column("sold", label=pgettext_lazy("seats", "Sold"), sort_key="sold", classname="wp-amount"),
            Column(
                "held",
                label=pgettext_lazy("seats", "Held"),
                accessor=lambda event: event.held + event.pending,
                classname="wp-amount wp-wide",
            ),
            Column("free", label=pgettext_lazy("seats", "Free"), accessor=free_words, classname="wp-amount"),
            Column(
                "revenue",
                label=_("Revenue"),
                accessor=lambda event: in_words(event.revenue, event.seller.currency),
                sort_key="revenue",
                classname="wp-amount wp-wide",
            ),
        ]

    def choices(self, record: Event) -> list[Choice]:
        """What can be done with one event."""
        user, policy = self.request.user, POLICIES[Event]
        cancels = allowed(user, "cancel_event") and not record.is_cancelled and record.ends_at > ports.now()
        return [
            Choice(True, _("Open"), "desk", "view"),
            Choice(policy.user_has_permission_for_instance(user, "change", record), _("Edit"), "edit", "edit"),
            Choice(allowed(user, "view_registration"), _("Attendees"), "attendees", "group"),
            Choice(allowed(user, "write_event"), _("Write to attendees"), "write", "mail"),
            Choice(cancels, _("Cancel the event"), "cancel", "cross"),
        ]

    def get_context_data(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Add what the empty list says to do first."""
        context: dict[str, Any] = super().get_context_data(*args, **options)
        return context | {"new_event_url": reverse(f"{EVENTS}:add")}
