"""Pages of events: the words around a record, and the form to register. What is sold stands on the record alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import RichTextField
from wagtail.images import get_image_model_string

from wagtail_payments import ports
from wagtail_payments.conf import settings
from wagtail_payments.mail import calendars
from wagtail_payments.pages import programme
from wagtail_payments.pages.body import BodyField, event_blocks
from wagtail_payments.pages.event_facts import VIEW, EventPageForm, EventRecordPanel
from wagtail_payments.pages.revisions import without_missing
from wagtail_payments.portal import registering
from wagtail_payments.portal.events import with_parts
from wagtail_payments.records.events import Event

RICH_TEXT = ["bold", "italic", "link", "ol", "ul"]
PAST_PER_PAGE = 10


class EventPageMixin(RoutablePageMixin, models.Model):
    """All that the page of an event does; mix it in before your own base page.

    Several pages, in several languages or copied, may present one event: they share its seats and prices.
    Override ``event_context`` to give your template more.
    """

    presents_payment_event = True

    event = models.ForeignKey(
        Event,
        verbose_name=_("event"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(app_label)s_%(class)s_set",
        help_text=_("Dates, prices and seats are kept there; nothing done to this page changes them."),
    )
    image = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("picture"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    introduction = RichTextField(_("introduction"), blank=True, features=RICH_TEXT)
    body = BodyField(event_blocks(), verbose_name=_("more about it"), blank=True)

    subpage_types: list[str] = []
    page_description = _("Presents one event and takes registrations for it.")
    base_form_class = EventPageForm
    payment_panels = [
        MultiFieldPanel([FieldPanel("event", permission=VIEW), EventRecordPanel()], heading=_("Event")),
        FieldPanel("image"),
        FieldPanel("introduction"),
        FieldPanel("body"),
    ]

    class Meta:
        abstract = True

    @path("")  # type: ignore[untyped-decorator]
    def show(self, request: HttpRequest) -> HttpResponse:
        """Show the event, or take a registration; a page that waits for its event shows its words."""
        if self.event_id is None:
            return registering.uncached(self._waiting(request))
        event = with_parts(Event.objects).get(pk=self.event_id)
        return registering.serve(request, event, self.language_of_visit, page=self)

    @path("calendar/", name="calendar")  # type: ignore[untyped-decorator]
    def calendar(self, request: HttpRequest) -> HttpResponse:
        """Answer the event for a visitor's calendar; the way in online is for who registers."""
        if self.event is None:
            raise Http404
        return feed_of(self, {self.event_id: self}, request)

    def _waiting(self, request: HttpRequest) -> HttpResponse:
        return TemplateResponse(request, self.get_template(request), self.event_context(request))

    @property
    def language_of_visit(self) -> str:
        """The language in which visitors are spoken to: the page's own, where the site has several."""
        return programme.language_of(self)

    def event_context(self, request: HttpRequest, **shown: Any) -> dict[str, Any]:
        """Return what the template gets: Wagtail's own context, the base template and what is shown."""
        context: dict[str, Any] = self.get_context(request)
        described = {
            "summary": self.summary,
            "picture_url": self.picture_url(request),
            "url": self.get_full_url(request),
            "calendar_url": self.get_url(request) + self.reverse_subpage("calendar"),
        }
        return context | {"base_template": settings.BASE_TEMPLATE, "described": described} | shown

    def get_template(self, request: HttpRequest, *args: Any, **options: Any) -> list[str]:
        """Return the page type's own template and, where it has none, ours."""
        return [self.template, "wagtail_payments/pages/event_page.html"]

    @property
    def summary(self) -> str:
        """One or two sentences for search engines and for who shares the page."""
        described = getattr(self, "search_description", "")  # a host's own base page may have none
        words = described or strip_tags(self.introduction.replace("</p>", " "))
        return " ".join(words.split())[:300]

    def picture_url(self, request: HttpRequest) -> str:
        """Return the absolute address of the picture as it is shared; nothing without one."""
        if self.image is None:
            return ""
        return str(request.build_absolute_uri(self.image.get_rendition("fill-1200x630").url))

    @classmethod
    def from_serializable_data(cls, data: Mapping[str, Any], *args: Any, **options: Any) -> Any:
        """Read a revision; the event it names may have been deleted since."""
        return super().from_serializable_data(without_missing(data, "event", Event), *args, **options)


class EventIndexPageMixin(RoutablePageMixin, models.Model):
    """The list of the events whose pages stand below it: upcoming and past, and a calendar to subscribe to."""

    lists_payment_events = True

    introduction = RichTextField(_("introduction"), blank=True, features=RICH_TEXT)

    page_description = _("Lists the events below it, with a calendar to subscribe to.")
    payment_panels = [FieldPanel("introduction")]

    class Meta:
        abstract = True

    @path("")  # type: ignore[untyped-decorator]
    def show(self, request: HttpRequest) -> HttpResponse:
        """Show what is coming and what is over."""
        with translation.override(programme.language_of(self)):
            listed = programme.below(self, ports.now())
            past = Paginator(listed.past, PAST_PER_PAGE).get_page(request.GET.get("past"))
            context = self.get_context(request) | {
                "base_template": settings.BASE_TEMPLATE,
                "upcoming": [programme.entry(page, request, listed) for page in listed.upcoming],
                "past": past,
                "past_entries": [programme.entry(page, request, listed) for page in past],
                "language": programme.language_of(self),
                "calendar_url": self.get_url(request) + self.reverse_subpage("calendar"),
            }
            response = TemplateResponse(request, self.get_template(request), context).render()
        return registering.uncached(response)

    @path("calendar/", name="calendar")  # type: ignore[untyped-decorator]
    def calendar(self, request: HttpRequest) -> HttpResponse:
        """Answer the events as a calendar that programs subscribe to; it holds nothing that only some may see."""
        listed = programme.below(self, ports.now())
        return feed_of(self, {page.event_id: page for page in (*listed.upcoming, *listed.past)}, request)

    def get_template(self, request: HttpRequest, *args: Any, **options: Any) -> list[str]:
        """Return the page type's own template and, where it has none, ours."""
        return [self.template, "wagtail_payments/pages/event_index_page.html"]


def feed_of(page: Any, pages: dict[Any, Any], request: HttpRequest) -> HttpResponse:
    """Answer a public calendar of events, by key, named like ``page``."""
    text = calendars.feed(
        events=[shown.event for shown in pages.values()],
        name=page.title,
        language=programme.language_of(page),
        url_of=lambda event: pages[event.pk].get_full_url(request) or "",
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="calendar.ics"'  # Wagtail's URLs know no dots
    response["Cache-Control"] = "public, max-age=900"
    return response
