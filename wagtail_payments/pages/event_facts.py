"""What the form of an event's page shows of the record behind it; nothing there can be edited."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import Panel

from wagtail_payments import ports
from wagtail_payments.portal import visitors
from wagtail_payments.portal.events import BoxOffice
from wagtail_payments.records.events import Event
from wagtail_payments.records.registrations import with_sales

VIEW = "wagtail_payments.view_event"


class EventRecordPanel(Panel):
    """Date, place and seats of the event that the page presents, with the way to its editor."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("heading", gettext_lazy("The event"))
        super().__init__(**options)

    class BoundPanel(Panel.BoundPanel):
        """The panel on one page."""

        template_name = "wagtail_payments/pages/event_panel.html"

        def is_shown(self) -> bool:
            """Only for a page with an event, and for who may see events."""
            return bool(self.instance.event_id) and visitors.may(self.request, VIEW)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Read the record as it is now."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            now = ports.now()
            event: Event = with_sales(Event.objects.filter(pk=self.instance.event_id), now).get()
            box = BoxOffice(event, event.language, now)
            return context | {
                "event": event,
                "when": box.when,
                "seats": seats_words(event),
                "state": box.situation.sentence if box.situation else _("Registration is open"),
                "edit_url": AdminURLFinder(self.request.user).get_edit_url(event),
            }


def seats_words(event: Any) -> str:
    """Return how many seats are sold and left, or how many too many; ``event`` was read ``with_sales``."""
    sold = ngettext("%(sold)d seat sold", "%(sold)d seats sold", event.sold) % {"sold": event.sold}
    if event.capacity is None:
        return sold
    over = event.taken - event.capacity
    if over > 0:
        return f"{sold} · " + _("%(over)d over") % {"over": over}
    return f"{sold} · " + _("%(left)d left of %(capacity)d") % {"left": -over, "capacity": event.capacity}


class EventPageForm(WagtailAdminPageForm):
    """A draft may wait for its event; a page that goes live has one."""

    def clean(self) -> dict[str, Any]:
        """Refuse to publish what presents nothing."""
        cleaned: dict[str, Any] = super().clean()
        event = cleaned.get("event", self.instance.event)
        if event is None and self.data.get("action-publish"):
            field = "event" if "event" in self.fields else None
            self.add_error(field, ValidationError(_("Choose the event before you publish; a draft can wait for it.")))
        return cleaned
