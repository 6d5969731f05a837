"""Blocks for the stream fields of a host's own pages: coming events, a button to register, the way to an invoice."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.models import Locale, Site

from wagtail_payments import ports
from wagtail_payments.pages import programme
from wagtail_payments.portal import places, theme
from wagtail_payments.portal.events import BoxOffice, with_parts
from wagtail_payments.records.events import Event
from wagtail_payments.records.page_types import event_page_types

Context = dict[str, Any]


class UpcomingEventsBlock(blocks.StructBlock):
    """The next events of the site, in the page's language."""

    heading = blocks.CharBlock(label=_("heading"), required=False)
    most = blocks.IntegerBlock(label=_("how many at most"), min_value=1, max_value=50, default=3)

    class Meta:
        icon = "date"
        label = _("Upcoming events")
        template = "wagtail_payments/blocks/upcoming_events.html"

    def get_context(self, value: Any, parent_context: Any = None) -> Context:
        """Read what comes next; nothing without a request, since a site is needed."""
        context: Context = super().get_context(value, parent_context)
        request: Any = context.get("request")
        site = Site.find_for_request(request) if request is not None else None
        if site is None:
            return context | {"entries": []}
        listed = programme.of_site(site.root_page, _locale_of(context), ports.now())
        shown = listed.upcoming[: value["most"]]
        return context | {"entries": [programme.entry(page, request, listed) for page in shown]}


class EventPageBlock(blocks.PageChooserBlock):
    """Chooses the page of an event, of whatever type of the host."""

    @cached_property
    def target_models(self) -> list[Any]:
        """Every page type that presents an event."""
        return event_page_types()


class RegisterButtonBlock(blocks.StructBlock):
    """A button that leads to the form of an event; where nobody can register, it says why."""

    page = EventPageBlock(label=_("event"))
    label = blocks.CharBlock(label=_("words on the button"), required=False, max_length=60)

    class Meta:
        icon = "pick"
        label = _("Register button")
        template = "wagtail_payments/blocks/register_button.html"

    def get_context(self, value: Any, parent_context: Any = None) -> Context:
        """Ask how the event stands; a page that is gone or not live leaves no button."""
        context: Context = super().get_context(value, parent_context)
        page: Any = value["page"].specific if value.get("page") else None
        event = with_parts(Event.objects).filter(pk=getattr(page, "event_id", None)).first()
        if event is None or not page.live:
            return context | {"box": None}
        box = BoxOffice(event, programme.language_of(page), ports.now())
        url = page.get_url(context.get("request"))
        return context | {"box": box, "url": url, "theme_url": theme.url_of(event.seller)}


class PayInvoiceBlock(blocks.StructBlock):
    """The way to the page on which customers read and pay their invoices."""

    text = blocks.CharBlock(label=_("sentence"), required=False)
    label = blocks.CharBlock(label=_("words on the button"), required=False, max_length=60)

    class Meta:
        icon = "doc-full"
        label = _("Pay an invoice")
        template = "wagtail_payments/blocks/pay_invoice.html"

    def get_context(self, value: Any, parent_context: Any = None) -> Context:
        """Find the counter of the site and language; without one there is no button."""
        context: Context = super().get_context(value, parent_context)
        request = context.get("request")
        site = Site.find_for_request(request) if request is not None else None
        page = places.counter_of(site, _locale_of(context).language_code) if site is not None else None
        return context | {"url": page.get_url(request) if page is not None else ""}


def _locale_of(context: Context) -> Locale:
    """The language of the page on which the block stands."""
    page = context.get("page")
    return getattr(page, "locale", None) or Locale.get_active()
