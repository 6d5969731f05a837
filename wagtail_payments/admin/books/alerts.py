"""What needs a person's eye: the open ones stand on the home page, all of them here."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn

from wagtail_payments import ports
from wagtail_payments.actions import alerts
from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.facts import Cell, Reader, Sheet, Verb
from wagtail_payments.admin.books.verbs import Said, verb_path
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places_of_books import book_url, verb_url
from wagtail_payments.records.deliveries import Alert

SETTLE = "change_alert"
ABOUT = (
    "invoice__document",
    "invoice__customer",
    "quote__document",
    "quote__customer",
    "registration__event",
    "payment",
    "refund",
    "dispute",
    "delivery",
)


class AlertFilterSet(WagtailFilterSet):
    """Open or settled, and of which kind."""

    open = django_filters.ChoiceFilter(
        label=_("Settled"),
        choices=[("no", _("Still open")), ("yes", _("Settled"))],
        empty_label=_("All"),
        widget=forms.RadioSelect,
        method="by_settled",
    )

    class Meta:
        model = Alert
        fields = ["kind"]

    def by_settled(self, rows: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        """Keep the open, or the settled."""
        return rows.filter(settled_at__isnull=value == "no")


class AlertBook(Book):
    """Alerts, newest first."""

    model = Alert
    base_url_path = "payments/alerts"
    menu_icon = "warning"
    verbs = frozenset({"change"})
    default_ordering = "-raised_at"
    filters = AlertFilterSet
    search_fields = ["text"]
    empty_text = _("Nothing needed your eye so far.")
    columns = [
        TitleColumn("text", label=_("What"), get_url=book_url),
        Column("kind", label=_("Kind"), accessor="get_kind_display"),
        Column("raised_at", label=_("Raised"), sort_key="raised_at"),
        Column("settled_at", label=_("Settled"), sort_key="settled_at"),
    ]

    def sheet(self, record: Alert, reader: Reader) -> Sheet:
        """Return what the page of an alert shows."""
        sheet = Sheet(str(record.get_kind_display()))
        sheet.add(_("What"), record.text)
        for label, cell in about(record, reader):
            sheet.add(label, cell)
        sheet.add(_("Raised"), record.raised_at)
        sheet.add(_("Settled"), record.settled_at)
        if record.settled_at is None and allowed(reader.user, SETTLE):
            sheet.verbs.append(settle_verb(record))
        return sheet

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        """Return the URLs of the book, and that of its button."""
        verb = verb_path(Alert, self.base_url_path, "settle", SETTLE, settle)
        return (*super().get_admin_urls_for_registration(), verb)


def settle(alert: Alert, request: HttpRequest) -> Said:
    """Take an alert off the home page."""
    alerts.settle(alert=alert, now=ports.now())
    return Said(gettext("Settled. It stays in the list of alerts."))


def about(alert: Alert, reader: Reader) -> list[tuple[object, Cell]]:
    """Return the records that an alert is about, with links."""
    found: list[tuple[object, Cell]] = []
    if alert.invoice is not None:
        found.append((_("Invoice"), reader.invoice(alert.invoice)))
    if alert.quote is not None:
        found.append((_("Quote"), reader.quote(alert.quote)))
    records: list[tuple[object, Model | None]] = [
        (_("Registration"), alert.registration),
        (_("Payment"), alert.payment),
        (_("Refund"), alert.refund),
        (_("Dispute"), alert.dispute),
        (_("Webhook delivery"), alert.delivery),
    ]
    return found + [(label, reader.record(record)) for label, record in records if record is not None]


def settle_verb(alert: Alert) -> Verb:
    """Return the button that settles an alert."""
    return Verb(
        _("Mark as settled"), verb_url(alert, "settle"), _("It leaves the home page and stays in the list of alerts.")
    )
