"""Events in the admin: one viewset for the list, the editor, the desk and the verbs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from wagtail_payments.admin import event_editor as editor
from wagtail_payments.admin import event_verbs as verbs
from wagtail_payments.admin.attendees import AttendeesView, PrintView
from wagtail_payments.admin.event_desk import EventDeskView
from wagtail_payments.admin.event_list import EventFilterSet, EventIndexView
from wagtail_payments.admin.event_message import WriteView
from wagtail_payments.admin.event_new_page import NewPageView
from wagtail_payments.admin.event_panels import event_edit_handler
from wagtail_payments.admin.places import EVENTS
from wagtail_payments.admin.snippets import DeskViewSet, GuardedChooserViewSet
from wagtail_payments.records.events import Event

TEMPLATES = "wagtail_payments/admin/events"


class EventChooserViewSet(GuardedChooserViewSet):
    """Choose the event that a page presents."""

    icon = "calendar-alt"
    choose_one_text = _("Choose an event")
    choose_another_text = _("Choose another event")
    edit_item_text = _("Open this event")


class EventViewSet(DeskViewSet):
    """Everything about events."""

    model = Event
    icon = "calendar-alt"
    menu_name = "payments-events"
    menu_label = _("Events")
    url_namespace = EVENTS
    url_prefix = "payments/events"
    chooser_viewset_class = EventChooserViewSet
    index_view_class = EventIndexView
    add_view_class = editor.EventCreateView
    edit_view_class = editor.EventEditView
    delete_view_class = editor.EventDeleteView
    create_template_name = f"{TEMPLATES}/create.html"
    edit_template_name = f"{TEMPLATES}/edit.html"
    index_results_template_name = f"{TEMPLATES}/index_results.html"
    filterset_class = EventFilterSet
    search_fields = ["name", "place"]
    ordering = "-starts_at"

    @cached_property
    def edit_handler(self) -> Any:
        """The panels of the editor."""
        return event_edit_handler()

    def get_urlpatterns(self) -> list[URLPattern]:
        """Wagtail's views, and ours."""
        return [*super().get_urlpatterns(), *verb_urls()]


def verb_urls() -> list[URLPattern]:
    """Return the verbs, each a view of its own."""
    return [
        path("desk/<int:pk>/", EventDeskView.as_view(), name="desk"),
        path("new-page/<int:pk>/", NewPageView.as_view(), name="new_page"),
        path("cancel/<int:pk>/", verbs.CancelEventView.as_view(), name="cancel"),
        path("announce/<int:pk>/", verbs.AnnounceView.as_view(), name="announce"),
        path("retry/<int:pk>/<int:cancellation_pk>/", verbs.RetryView.as_view(), name="retry"),
        path("attendees/<int:pk>/", AttendeesView.as_view(), name="attendees"),
        path("print/<int:pk>/", PrintView.as_view(), name="print"),
        path("write/<int:pk>/", WriteView.as_view(), name="write"),
    ]
