"""Our part of the admin's home page: sums at the top, then what needs a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.site_summary import SummaryItem
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.ui.components import Component
from wagtail.models import Site

from wagtail_payments import ports
from wagtail_payments.admin.books import alerts
from wagtail_payments.admin.books.facts import Reader
from wagtail_payments.admin.books.guards import may_read
from wagtail_payments.admin.event_words import days_of, free_words
from wagtail_payments.admin.home_money import HomeMoney
from wagtail_payments.admin.permissions import allowed, may_see
from wagtail_payments.admin.places import event_desk_url, invoice_list_url
from wagtail_payments.admin.places_of_books import RECEIPTS_LEDGER, list_url
from wagtail_payments.admin.readiness import Readiness, is_clockwork_late
from wagtail_payments.admin.selling_sites import current_site
from wagtail_payments.records.deliveries import Alert
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.events import Event
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.ledger import Entry
from wagtail_payments.records.payments import Payment
from wagtail_payments.records.registrations import with_sales

MOST_ALERTS = 5


def site_of(request: HttpRequest) -> Site | None:
    """Return the site whose money is shown: one that sells, else the one that is looked at."""
    return current_site(request) or Site.find_for_request(request)


class MoneyItem(SummaryItem):
    """One sum, leading to the list behind it."""

    template_name = "wagtail_payments/admin/home/sum.html"
    figure = ""
    icon = "doc-full"
    label: Any = ""

    def __init__(self, request: HttpRequest, money: HomeMoney) -> None:
        super().__init__(request)
        self.money = money

    def url(self) -> str:
        """Return where the sum leads."""
        return invoice_list_url()

    def is_shown(self) -> bool:
        """To who may see invoices, once someone sells."""
        return may_see(self.request.user, Invoice) and self.money.seller is not None

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Give the template what it draws."""
        return {
            "sum": self.money.in_words(self.figure),
            "label": self.label,
            "icon": self.icon,
            "url": self.url(),
            "is_test": self.money.mode == Mode.TEST,
        }


class DueItem(MoneyItem):
    """What customers owe; leads to the invoices with the most due first."""

    order = 310
    figure = "due"
    label = _("due")

    def url(self) -> str:
        """Return the list, sorted."""
        return f"{invoice_list_url()}?ordering=-due"


class OverdueItem(MoneyItem):
    """What they owe since before today; not there if nothing is."""

    order = 320
    figure = "overdue"
    icon = "warning"
    label = _("overdue")

    def url(self) -> str:
        """Return the list of what is overdue."""
        return f"{invoice_list_url()}?status=overdue"

    def is_shown(self) -> bool:
        """Only if something is overdue."""
        return super().is_shown() and self.money.is_any(self.figure)


class ReceivedItem(MoneyItem):
    """What came in this month, less what went back: the receipts ledger of the month."""

    order = 330
    figure = "kept"
    icon = "download"
    label = _("received this month")

    def url(self) -> str:
        """Return this month's receipts ledger; this month's payments for who may not read it."""
        book = reverse(RECEIPTS_LEDGER) if may_read(self.request.user, Entry) else list_url(Payment)
        return f"{book}?received_from={self.money.today.replace(day=1).isoformat()}"

    def is_shown(self) -> bool:
        """To who may read the book of payments, once someone sells."""
        return may_read(self.request.user, Payment) and self.money.seller is not None


class NextEventItem(SummaryItem):
    """What comes next, with how many come and how many still may."""

    order = 340
    template_name = "wagtail_payments/admin/home/next_event.html"

    @cached_property
    def event(self) -> Any:
        """The next event that stands, with its sales."""
        now = ports.now()
        return with_sales(Event.objects.filter(cancelled_at=None, ends_at__gte=now), now).order_by("starts_at").first()

    def is_shown(self) -> bool:
        """To who may see events, once one is planned."""
        return may_see(self.request.user, Event) and self.event is not None

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Give the template what it draws."""
        event = self.event
        free = free_words(event)
        return {"event": event, "when": days_of(event), "free": free, "url": event_desk_url(event.pk)}


class Panel(Component):
    """A panel of the home page that draws itself only when it has something to say."""

    class Media:
        css = {"all": [versioned_static("wagtail_payments/admin/home.css")]}

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def is_shown(self) -> bool:
        """Has it something to say to this user?"""
        raise NotImplementedError

    def render_html(self, parent_context: Mapping[str, Any] | None = None) -> str:
        """Draw it, or nothing."""
        return str(super().render_html(parent_context)) if self.is_shown() else ""


class ClockworkBanner(Panel):
    """Says in red that ``payments_run`` stands still although there is work for it."""

    order = 10
    template_name = "wagtail_payments/admin/home/clockwork.html"

    def is_shown(self) -> bool:
        """To who may see invoices, once anything was issued."""
        if not may_see(self.request.user, Invoice) or not is_clockwork_late(ports.now()):
            return False
        return IssuedDocument.objects.exists()


class AlertsPanel(Panel):
    """What needs a person's eye, until someone says it is settled."""

    order = 20
    template_name = "wagtail_payments/admin/home/alerts.html"

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._open: list[Alert] | None = None

    def open(self) -> list[Alert]:
        """Return the newest open alerts, one more than is shown."""
        if self._open is None:
            rows = Alert.objects.filter(settled_at=None).select_related(*alerts.ABOUT)
            self._open = list(rows[: MOST_ALERTS + 1])
        return self._open

    def is_shown(self) -> bool:
        """To who may read alerts, while one is open."""
        return may_read(self.request.user, Alert) and bool(self.open())

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Give the template each alert with its links and its button."""
        reader, may_settle = Reader(self.request.user), allowed(self.request.user, alerts.SETTLE)
        rows = [
            (alert, alerts.about(alert, reader), alerts.settle_verb(alert) if may_settle else None)
            for alert in self.open()[:MOST_ALERTS]
        ]
        return {
            "rows": rows,
            "more": len(self.open()) > MOST_ALERTS,
            "list_url": list_url(Alert),
            "next_url": reverse("wagtailadmin_home"),
            "csrf_token": get_token(self.request),
        }


class ReadyPanel(Panel):
    """What is still missing before the first customer can pay; gone when nothing is."""

    order = 30
    template_name = "wagtail_payments/admin/home/ready.html"

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.readiness = Readiness(site_of(request), ports.now())

    def is_shown(self) -> bool:
        """To who sets things up."""
        return allowed(self.request.user, "change_seller") and bool(self.readiness.missing)

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Give the template the steps."""
        steps = self.readiness.steps
        return {"steps": steps, "done": len(steps) - len(self.readiness.missing), "all": len(steps)}


def add_summary_items(request: HttpRequest, items: list[Any]) -> None:
    """Put the sums at the top of the home page."""
    money = HomeMoney(site_of(request), ports.now())
    items += [
        DueItem(request, money),
        OverdueItem(request, money),
        ReceivedItem(request, money),
        NextEventItem(request),
    ]


def add_panels(request: HttpRequest, panels: list[Any]) -> None:
    """Put our panels on the home page."""
    panels += [ClockworkBanner(request), AlertsPanel(request), ReadyPanel(request)]
