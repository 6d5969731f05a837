"""The list of invoices: what is due, by whom, since when, and what can be done about it."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, TitleColumn
from wagtail.admin.widgets.button import Button

from wagtail_payments import ports
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places import INVOICES, desk_url
from wagtail_payments.admin.record_list import Choice, RecordIndexView
from wagtail_payments.admin.registered_drafts import WAITING
from wagtail_payments.admin.selling_sites import today_here
from wagtail_payments.admin.spreadsheets import SafeSpreadsheetMixin
from wagtail_payments.admin.status_words import tag_of
from wagtail_payments.core import money
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.records.invoices import Invoice, InvoiceQuerySet, statuses

# Kept out of the filter: nothing makes a scheduled invoice yet.
FILTERED = [(value, label) for value, label in statuses() if value != Status.SCHEDULED]


class InvoiceFilterSet(WagtailFilterSet):
    """By computed status, by date of issue and by due date."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=FILTERED, method="with_status", empty_label=_("Any")
    )
    document__issued_on = django_filters.DateFromToRangeFilter(label=_("Issued"), widget=DateRangePickerWidget)
    due_on = django_filters.DateFromToRangeFilter(
        field_name="next_due_on", label=_("Due"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Invoice
        fields: list[str] = []

    def with_status(self, queryset: InvoiceQuerySet, name: str, value: str) -> InvoiceQuerySet:
        """Keep the invoices of a status, as of today."""
        return queryset.with_status(Status(value), today_here(self.request))


class StatusColumn(Column):
    """The computed status as a tag."""

    cell_template_name = "wagtail_payments/admin/invoices/status_cell.html"

    def get_value(self, instance: Invoice) -> Any:
        """Return the tag."""
        return tag_of(instance, instance.seller.today(ports.now()))


class MoneyColumn(Column):
    """An amount, right-aligned."""

    def get_value(self, instance: Invoice) -> str:
        """Return the amount in words, or nothing for what is not owed yet."""
        amount = super().get_value(instance)
        return in_words(amount, instance.currency) if amount is not None else ""


class DayColumn(Column):
    """A date as such: "10 hours ago" is no date of issue, and a due date lies ahead."""

    def get_value(self, instance: Invoice) -> str:
        """Return the date, short."""
        day = super().get_value(instance)
        return date_format(day, "DATE_FORMAT") if day else ""


class NumberTitleColumn(TitleColumn):
    """The number, or "Draft", with the subject below."""

    cell_template_name = "wagtail_payments/admin/invoices/title_cell.html"


def due_of(invoice: Invoice) -> int | None:
    """Return what is still to pay, or None for a draft."""
    return None if invoice.is_draft else max(invoice.due, 0)


class InvoiceIndexView(SafeSpreadsheetMixin, RecordIndexView):
    """The list; newest first."""

    add_item_label = _("Add invoice")
    list_export = ("number", "customer_name", "status", "issued_on", "due_on", "currency", "net", "tax", "gross", "due")

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Offer to ask for a deposit without an order, beside the spreadsheets."""
        buttons = list(super().header_more_buttons)
        if allowed(self.request.user, "add_invoice"):
            url = reverse(f"{INVOICES}:deposit_new")
            buttons.append(Button(_("Ask for a deposit"), url=url, icon_name="doc-full", priority=7))
        return buttons

    def get_base_queryset(self) -> QuerySet[Invoice]:
        """Everything a row needs, in one query."""
        seen = self.seen().exclude(WAITING)
        return seen.with_balance().select_related("customer", "document", "seller").defer("document__text")

    @cached_property
    def columns(self) -> list[Any]:
        """Number, customer, status, dates and money."""
        number = self._get_title_column_class(NumberTitleColumn)
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="snippet"),
            number(
                "number",
                label=_("Number"),
                accessor=lambda invoice: invoice.number or gettext("Draft"),
                get_url=lambda invoice: desk_url(invoice.pk),
                get_title_id=lambda invoice: f"snippet_{invoice.pk}_title",
                sort_key="document__number",
            ),
            Column("customer", label=_("Customer"), sort_key="customer__name", classname="wp-wide"),
            StatusColumn("status", label=_("Status")),
            DayColumn(
                "issued_on",
                label=_("Issued"),
                accessor="document.issued_on",
                sort_key="document__issued_on",
                classname="wp-wide",
            ),
            DayColumn("next_due_on", label=_("Due on"), sort_key="next_due_on", classname="wp-wide"),
            MoneyColumn("gross", label=_("Amount"), sort_key="gross", classname="wp-amount wp-wide"),
            MoneyColumn("due", label=_("Still due"), accessor=due_of, sort_key="due", classname="wp-amount"),
        ]

    def choices(self, record: Invoice) -> list[Choice]:
        """What can be done with one invoice."""
        user, draft = self.request.user, record.is_draft
        return [
            Choice(draft and allowed(user, "change_invoice"), _("Edit"), "edit", "edit"),
            Choice(not draft, _("Open"), "desk", "doc-full"),
            Choice(
                allowed(user, "issue_invoice"), _("Send…") if not draft else _("Issue and send…"), "compose", "mail"
            ),
            Choice(not draft, _("Download PDF"), "pdf", "download"),
            Choice(allowed(user, "add_invoice"), _("Duplicate"), "duplicate", "copy"),
            Choice(draft and allowed(user, "delete_invoice"), _("Delete"), "delete", "bin"),
        ]

    def get_context_data(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Add what the empty list says to do first."""
        context: dict[str, Any] = super().get_context_data(*args, **options)
        context["new_customer_url"] = reverse("wagtail_payments_customer:add")
        context["new_invoice_url"] = reverse(f"{INVOICES}:add")
        return context

    def to_row_dict(self, item: Invoice) -> dict[str, Any]:
        """One row of the spreadsheet; amounts as decimals in currency units."""
        return spreadsheet_row(item)

    def get_heading(self, queryset: Any, field: str) -> str:
        """Name the column."""
        return str(HEADINGS[field])


HEADINGS = {
    "number": _("Number"),
    "customer_name": _("Customer"),
    "status": _("Status"),
    "issued_on": _("Issued"),
    "due_on": _("Due on"),
    "currency": _("Currency"),
    "net": _("Net"),
    "tax": _("VAT"),
    "gross": _("Total"),
    "due": _("Still due"),
}


def spreadsheet_row(invoice: Invoice) -> dict[str, Any]:
    """Return an invoice, read with its balance, as a row; amounts are exact decimals."""
    document = invoice.document
    amounts = {"net": invoice.net, "tax": invoice.tax, "gross": invoice.gross, "due": due_of(invoice)}
    return {
        "number": invoice.number,
        "customer_name": invoice.customer.name,
        "status": str(tag_of(invoice, invoice.seller.today(ports.now())).label),
        "issued_on": document.issued_on if document is not None else None,
        "due_on": invoice.next_due_on,
        "currency": invoice.currency,
    } | {name: _units(amount, invoice.currency) for name, amount in amounts.items()}


def _units(minor: int | None, currency: str) -> Any:
    return None if minor is None else money.to_major(minor, currency)
