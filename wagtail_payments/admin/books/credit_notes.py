"""The book of credit notes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn

from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.columns import AmountColumn, ModeColumn, exported, exported_amount
from wagtail_payments.admin.books.facts import Cell, Reader, Section, Sheet, amount, amount_cell
from wagtail_payments.admin.books.filters import between, by_mode
from wagtail_payments.admin.places_of_books import book_url, paper_url
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.payments import available_credit


class CreditNoteFilterSet(WagtailFilterSet):
    """By date and mode."""

    issued = between("document__issued_on", _("Issued on"))
    mode = by_mode()

    class Meta:
        model = CreditNote
        fields: list[str] = []


class CreditNoteBook(Book):
    """Credit notes: what they take back, from which invoice, and where the money went."""

    model = CreditNote
    base_url_path = "payments/credit-notes"
    menu_icon = "redirect"
    menu_item_name = "payments-credit-notes"
    list_select_related = ("document", "document__customer", "invoice__document", "invoice__customer")
    default_ordering = "-pk"
    filters = CreditNoteFilterSet
    search_fields = ["document__number", "invoice__document__number", "document__customer__name", "reason"]
    empty_text = _("No credit note yet. A credit note is made from an invoice, by the button “Credit” on its page.")
    columns = [
        TitleColumn("number", label=_("Number"), accessor="document.number", get_url=book_url),
        Column("issued_on", label=_("Issued on"), accessor="document.issued_on", sort_key="document__issued_on"),
        Column("customer", label=_("Customer"), accessor="document.customer"),
        Column("invoice", label=_("Invoice"), accessor="invoice.number"),
        AmountColumn("gross", label=_("Total"), sort_key="gross"),
        ModeColumn(),
    ]
    exports = [
        exported("number", _("Number"), "document.number"),
        exported("issued_on", _("Issued on"), "document.issued_on"),
        exported("invoice", _("Invoice"), "invoice.number"),
        exported("customer", _("Customer"), "document.customer.name"),
        exported("reason", _("Reason")),
        exported_amount("net", _("Net")),
        exported_amount("tax", _("VAT")),
        exported_amount("gross", _("Total")),
        exported("currency", _("Currency")),
        exported("mode", _("Mode"), "get_mode_display"),
    ]

    def sheet(self, record: CreditNote, reader: Reader) -> Sheet:
        """Return what the page of a credit note shows."""
        document, currency = record.document, record.currency
        sheet = Sheet(document.number)
        sheet.add(_("Total"), amount(record.gross, currency))
        sheet.add(_("Net"), amount(record.net, currency))
        sheet.add(_("VAT"), amount(record.tax, currency))
        sheet.add(_("Invoice"), reader.invoice(record.invoice))
        sheet.add(_("Customer"), str(document.customer or ""))
        sheet.add(_("Issued on"), document.issued_on)
        sheet.add(_("Reason"), record.reason)
        sheet.add(_("Mode"), record.get_mode_display(), tag=True)
        sheet.add(_("Neither used nor refunded yet"), _left(record))
        sheet.papers.append(Cell(_("Open the PDF"), paper_url(document.pk)))
        sheet.sections += [_vat(record), _uses(record, reader), _refunds(record, reader)]
        return sheet


def _left(note: CreditNote) -> str:
    left = available_credit(note)
    return amount(left, note.currency) if left else ""


def _vat(note: CreditNote) -> Section:
    rows = [
        [
            Cell(gettext("VAT %(rate)s %%") % {"rate": row["rate"]}),
            amount_cell(row["base"], note.currency),
            amount_cell(row["tax"], note.currency),
        ]
        for row in note.vat_rows()
    ]
    return Section(_("By VAT rate"), (_("Rate"), _("Net"), _("VAT")), rows)


def _uses(note: CreditNote, reader: Reader) -> Section:
    rows: list[list[Any]] = [
        [reader.invoice(use.invoice), amount_cell(use.amount, note.currency), Cell(use.at)]
        for use in note.applications.select_related("invoice__document", "invoice__customer")
    ]
    empty = _("It lowers no invoice: the invoice had been paid.")
    return Section(_("What it lowers"), (_("Invoice"), _("Amount"), _("On")), rows, empty)


def _refunds(note: CreditNote, reader: Reader) -> Section:
    rows = [[reader.record(refund), Cell(refund.get_state_display(), tag=True)] for refund in note.refunds.all()]
    return Section(_("Refunds with it"), (_("Refund"), _("State")), rows, _("No money went back with it."))
