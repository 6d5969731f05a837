"""The page types as Django needs them. They stand aside where the host has its own base page.

Such a host writes the same few lines itself: ``class InvoicePage(InvoicePageMixin, BasePage): ...``.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from wagtail_payments.pages.events import EventIndexPageMixin, EventPageMixin
from wagtail_payments.pages.hosts import uses_wagtails_page
from wagtail_payments.pages.invoices import InvoicePageMixin

if uses_wagtails_page():

    class InvoicePage(InvoicePageMixin, Page):
        """The page on which customers read and pay invoices, in the site's own design."""

        template = "wagtail_payments/pages/invoice_page.html"
        content_panels = [*Page.content_panels, *InvoicePageMixin.payment_panels]

        class Meta:
            verbose_name = _("invoice page")
            verbose_name_plural = _("invoice pages")

    class EventPage(EventPageMixin, Page):
        """The page that presents an event and takes registrations."""

        template = "wagtail_payments/pages/event_page.html"
        content_panels = [*Page.content_panels, *EventPageMixin.payment_panels]

        class Meta:
            verbose_name = _("event page")
            verbose_name_plural = _("event pages")

    class EventIndexPage(EventIndexPageMixin, Page):
        """The page that lists events."""

        template = "wagtail_payments/pages/event_index_page.html"
        content_panels = [*Page.content_panels, *EventIndexPageMixin.payment_panels]

        class Meta:
            verbose_name = _("page of all events")
            verbose_name_plural = _("pages of all events")
