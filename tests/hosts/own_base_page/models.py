"""The base page of this site, and what it makes of our mixins: a few lines each."""

from __future__ import annotations

from django.db import models
from wagtail.models import AbstractPage

from wagtail_payments.pages.events import EventIndexPageMixin, EventPageMixin
from wagtail_payments.pages.invoices import InvoicePageMixin


class BasePage(AbstractPage):
    """Every page of this site has a footnote."""

    footnote = models.CharField(max_length=200, blank=True)


class OurInvoicePage(InvoicePageMixin, BasePage):
    """A page for an invoice."""

    content_panels = [*BasePage.content_panels, *InvoicePageMixin.payment_panels]


class OurEventPage(EventPageMixin, BasePage):
    """A page of an event."""

    content_panels = [*BasePage.content_panels, *EventPageMixin.payment_panels]


class OurEventIndexPage(EventIndexPageMixin, BasePage):
    """The page of all events."""

    content_panels = [*BasePage.content_panels, *EventIndexPageMixin.payment_panels]
