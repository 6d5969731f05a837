"""The book of payments."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn

from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.columns import AmountColumn, ModeColumn, SpareColumn, exported, exported_amount
from wagtail_payments.admin.books.facts import Cell, Reader, Section, Sheet, amount, amount_cell
from wagtail_payments.admin.books.filters import between, by_mode
from wagtail_payments.admin.permissions import allowed, may_see
from wagtail_payments.admin.places import INVOICES
from wagtail_payments.admin.places_of_books import book_url, paper_url
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Payment, with_money_left


class PaymentFilterSet(WagtailFilterSet):
    """By date, method, mode, and whether something of it pays nothing yet."""

    received = between("received_on", _("Received"))
    spare = django_filters.ChoiceFilter(
        label=_("Pays nothing yet"),
        choices=[("yes", _("Some of it")), ("no", _("All is used"))],
        empty_label=_("All"),
        widget=forms.RadioSelect,
        method="by_spare",
    )
    mode = by_mode()

    class Meta:
        model = Payment
        fields = ["method"]

    def by_spare(self, payments: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep the payments with, or without, money that pays nothing yet."""
        return payments.filter(spare__gt=0) if value == "yes" else payments.filter(spare=0)


class PaymentBook(Book):
    """Payments: from whom, how, for what, with which fee."""

    model = Payment
    base_url_path = "payments/payments"
    menu_icon = "download"
    menu_item_name = "payments-payments"
    list_select_related = ("customer",)
    default_ordering = ("-received_at", "-pk")
    filters = PaymentFilterSet
    search_fields = ["customer__name", "reference", "payment_id", "allocations__invoice__document__number"]
    empty_text = _("No payment yet. Payments arrive by themselves, or are recorded on the page of an invoice.")
    columns = [
        TitleColumn("received_on", label=_("Received on"), sort_key="received_on", get_url=book_url),
        Column("customer", label=_("Customer"), sort_key="customer__name"),
        Column("method", label=_("Method"), accessor="get_method_display", sort_key="method"),
        Column("reference", label=_("Reference")),
        AmountColumn("amount", label=_("Amount"), sort_key="amount"),
        AmountColumn("fee", label=_("Fee")),
        SpareColumn("spare", label=_("Pays nothing yet")),
        ModeColumn(),
    ]
    exports = [
        exported("received_on", _("Received on")),
        exported("customer", _("Customer"), "customer.name"),
        exported("method", _("Method"), "get_method_display"),
        exported("reference", _("Reference")),
        exported_amount("amount", _("Amount")),
        exported_amount("fee", _("Fee")),
        exported_amount("provider_net", _("Net of fee")),
        exported_amount("spare", _("Pays nothing yet")),
        exported("currency", _("Currency")),
        exported("gateway", _("Came through")),
        exported("payment_id", _("Provider's reference")),
        exported("mode", _("Mode"), "get_mode_display"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        """Return payments with what is left of each."""
        return with_money_left(super().get_queryset(request))

    def sheet(self, record: Payment, reader: Reader) -> Sheet:
        """Return what the page of a payment shows."""
        currency, spare = record.currency, record.unallocated()
        sheet = Sheet(amount(record.amount, currency))
        _add_facts(sheet, record)
        if spare:
            sheet.add(_("Pays nothing yet"), amount(spare, currency))
            sheet.papers += _way_back(record, reader)
        sheet.sections += [_uses(record, reader), _refunds(record, reader), *_disputes(record, reader)]
        receipt = getattr(record, "receipt", None)
        if receipt is not None:
            sheet.papers.append(Cell(_("Open the receipt"), paper_url(receipt.document_id)))
        return sheet


def _add_facts(sheet: Sheet, payment: Payment) -> None:
    currency = payment.currency
    sheet.add(_("Customer"), str(payment.customer or ""))
    sheet.add(_("Received on"), payment.received_on)
    sheet.add(_("Method"), payment.get_method_display())
    sheet.add(_("Card"), payment.card)
    sheet.add(_("Fee"), amount(payment.fee, currency))
    sheet.add(_("Net of fee"), amount(payment.provider_net, currency))
    sheet.add(_("Reference"), payment.reference)
    sheet.add(_("Note"), payment.note)
    sheet.add(_("Came through"), "" if payment.gateway == "manual" else payment.gateway.title())
    sheet.add(_("Provider's reference"), payment.payment_id)
    sheet.add(_("Recorded by"), str(payment.recorded_by or ""))
    sheet.add(_("Mode"), payment.get_mode_display(), tag=True)


def _uses(payment: Payment, reader: Reader) -> Section:
    allocations = payment.allocations.select_related("invoice__document", "invoice__customer")
    rows = [
        [reader.invoice(use.invoice), amount_cell(use.amount, payment.currency), Cell(use.at)] for use in allocations
    ]
    empty = _("It pays nothing yet: the money is yours to refund, or to talk over with the customer.")
    return Section(_("What it pays"), (_("Invoice"), _("Amount"), _("On")), rows, empty)


def _way_back(payment: Payment, reader: Reader) -> list[Cell]:
    """Where the editor may refund what pays nothing: on the page of the invoice that the money was meant for."""
    invoice = Invoice.objects.filter(
        Q(allocations__payment=payment) | Q(attempts__payment=payment) | Q(alerts__payment=payment)
    ).first()
    if invoice is None or not allowed(reader.user, "make_refund") or not may_see(reader.user, Invoice):
        return []
    return [Cell(_("Refund what pays nothing"), reverse(f"{INVOICES}:overpayment", args=(invoice.pk, payment.pk)))]


def _refunds(payment: Payment, reader: Reader) -> Section:
    rows = [
        [
            reader.record(refund),
            Cell(refund.get_kind_display()),
            Cell(refund.get_state_display(), tag=True),
        ]
        for refund in payment.refunds.all()
    ]
    return Section(_("Refunds"), (_("Refund"), _("Kind"), _("State")), rows, _("Nothing has been refunded."))


def _disputes(payment: Payment, reader: Reader) -> list[Section]:
    """Rare: shown only where there is one."""
    rows = [
        [reader.record(dispute), Cell(dispute.get_reason_display()), Cell(dispute.state_in_words, tag=True)]
        for dispute in payment.disputes.all()
    ]
    return [Section(_("Disputes"), (_("Dispute"), _("Reason"), _("State")), rows)] if rows else []
