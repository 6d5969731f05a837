"""The receipts ledger (livre de recettes) among Wagtail's reports: per period, with month and quarter totals."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets import Button
from wagtail.models import Site

from wagtail_payments import ports
from wagtail_payments.actions import invoices
from wagtail_payments.admin import exports
from wagtail_payments.admin.books.columns import AmountColumn
from wagtail_payments.admin.books.guards import BookPolicy, may_read
from wagtail_payments.admin.home import site_of
from wagtail_payments.admin.places_of_books import RECEIPTS_LEDGER
from wagtail_payments.admin.spreadsheets import SafeSpreadsheetMixin
from wagtail_payments.printing.amounts import method_name
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.ledger import Entry
from wagtail_payments.records.payments import Payment
from wagtail_payments.records.sellers import Seller
from wagtail_payments.reports import receipts_ledger, receipts_ledger_pdf


class PeriodFilterSet(WagtailFilterSet):
    """Which days, whose books, and real or test money."""

    received = django_filters.DateFromToRangeFilter(label=_("Period"), widget=DateRangePickerWidget)
    mode = django_filters.ChoiceFilter(
        label=_("Books"), choices=Mode.choices, empty_label=_("As the site takes money now"), widget=forms.RadioSelect
    )
    seller = django_filters.ModelChoiceFilter(
        label=_("Seller"),
        queryset=Seller.objects.order_by("name"),
        empty_label=_("Of this site"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Payment
        fields: list[str] = []


class ReceiptsLedgerView(SafeSpreadsheetMixin, ReportView):
    """Money as it came in, day by day. Fees are not deducted; what went back is a row of its own."""

    FORMATS = (exports.XLSX, exports.CSV, exports.PDF)
    any_permission_required = ["view"]
    page_title = _("Receipts ledger")
    header_icon = "table"
    index_url_name = RECEIPTS_LEDGER
    index_results_url_name = f"{RECEIPTS_LEDGER}_results"
    filterset_class = PeriodFilterSet
    list_export = ("on",)
    template_name = "wagtail_payments/admin/reports/receipts.html"
    results_template_name = "wagtail_payments/admin/reports/receipts_results.html"
    columns = [
        Column("on", label=_("Date")),
        Column("documents", label=_("Document"), accessor=lambda row: ", ".join(row.documents)),
        Column("receipt", label=_("Receipt")),
        Column("customer", label=_("Customer")),
        Column("nature", label=_("Nature"), accessor=lambda row: receipts_ledger.nature_name(row.nature)),
        Column("method", label=_("Method"), accessor=lambda row: method_name(row.method)),
        AmountColumn("amount", label=_("Amount")),
    ]

    @cached_property
    def permission_policy(self) -> BookPolicy:
        """Who may read the ledger may read this; who may export the one may export the other."""
        return BookPolicy(Entry)

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """What the reader asked for; nonsense counts as nothing."""
        filters = self.filters
        return dict(filters.form.cleaned_data) if filters is not None and filters.is_valid() else {}

    @cached_property
    def site(self) -> Site | None:
        """The site that decides where nothing was asked for."""
        return site_of(self.request)

    @cached_property
    def seller(self) -> Seller | None:
        """Whose books are shown."""
        of_site = None if self.site is None else invoices.seller_of(self.site)
        return self.chosen.get("seller") or of_site or Seller.objects.order_by("pk").first()

    @cached_property
    def mode(self) -> Mode:
        """Which books are shown: real or test money."""
        if self.chosen.get("mode"):
            return Mode(self.chosen["mode"])
        return Mode.LIVE if self.site is None else invoices.mode_of(self.site)

    @cached_property
    def today(self) -> date:
        """The day it is for the seller."""
        now = ports.now()
        return now.date() if self.seller is None else self.seller.today(now)

    @cached_property
    def period(self) -> tuple[date, date]:
        """The first and the last day; unless asked otherwise, the year so far."""
        asked = self.chosen.get("received")
        last = asked.stop.date() if asked and asked.stop else self.today
        first = asked.start.date() if asked and asked.start else last.replace(month=1, day=1)
        return first, last

    @cached_property
    def rows(self) -> list[receipts_ledger.Row]:
        """The whole ledger of the period."""
        if self.seller is None:
            return []
        first, last = self.period
        return list(receipts_ledger.rows(seller=self.seller, first=first, last=last, mode=self.mode))

    def get_filtered_queryset(self) -> list[receipts_ledger.Row]:
        """Return the rows; they are no rows of one table."""
        return self.rows

    def get_context_data(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Add the totals, and what the reader looks at."""
        context: dict[str, Any] = super().get_context_data(*args, **options)
        context["media"] += forms.Media(css={"all": [versioned_static("wagtail_payments/admin/books.css")]})
        return context | {
            "totals": receipts_ledger.totals(self.rows),
            "seller": self.seller,
            "first": self.period[0],
            "last": self.period[1],
            "is_test": self.mode == Mode.TEST,
        }

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        """Offer the PDF beside the spreadsheets."""
        buttons = list(super().header_more_buttons)
        if self.show_export_buttons:
            url = self.get_export_url(exports.PDF)
            buttons.append(Button(_("Download PDF"), url=url, icon_name="download", priority=80))
        return buttons

    def as_spreadsheet(self, queryset: Any, spreadsheet_format: str) -> HttpResponseBase:
        """Answer with the whole period as a file."""
        first, last = self.period
        name = f"{self.page_title} {first} {last}{' test' if self.mode == Mode.TEST else ''}"
        if spreadsheet_format == exports.PDF:
            return self._as_pdf(name)
        rows = (receipts_ledger.cells(row) for row in self.rows)
        return exports.file_response(spreadsheet_format, titles=receipts_ledger.titles(), rows=rows, name=name)

    def _as_pdf(self, name: str) -> HttpResponseBase:
        """Answer with the period on paper, or say why it can't be printed."""
        if self.seller is None:
            return redirect(RECEIPTS_LEDGER)
        first, last = self.period
        try:
            content = receipts_ledger_pdf.pdf_of(
                seller=self.seller, first=first, last=last, language=get_language() or "en", mode=self.mode
            )
        except receipts_ledger_pdf.PdfFailed as error:
            messages.error(self.request, str(error))
            return redirect(RECEIPTS_LEDGER)
        return exports.private(HttpResponse(content, content_type="application/pdf"), name, exports.PDF)


class LedgerMenuItem(MenuItem):
    """The line in the menu of reports, for who may read it."""

    def is_shown(self, request: HttpRequest) -> bool:
        """To who may read the ledger."""
        return may_read(request.user, Entry)


def report_menu_item() -> MenuItem:
    """Return the line in the menu of reports."""
    return LedgerMenuItem(
        _("Receipts ledger"), reverse(RECEIPTS_LEDGER), name="receipts-ledger", icon_name="table", order=700
    )


def report_paths() -> list[URLPattern]:
    """Return the URLs of the report."""
    return [
        path("reports/receipts-ledger/", ReceiptsLedgerView.as_view(), name=RECEIPTS_LEDGER),
        path(
            "reports/receipts-ledger/results/",
            ReceiptsLedgerView.as_view(results_only=True),
            name=f"{RECEIPTS_LEDGER}_results",
        ),
    ]
