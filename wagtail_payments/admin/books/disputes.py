"""The book of disputes."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from wagtail_payments.actions import disputes
from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.columns import AmountColumn, ModeColumn, exported, exported_amount
from wagtail_payments.admin.books.facts import Cell, Reader, Section, Sheet, amount, amount_cell
from wagtail_payments.admin.books.filters import between, by_mode
from wagtail_payments.admin.places_of_books import book_url
from wagtail_payments.core.lifecycle import DisputeState
from wagtail_payments.records.disputes import Dispute
from wagtail_payments.records.invoices import Invoice

TO_ANSWER = frozenset({DisputeState.INQUIRY, DisputeState.NEEDS_RESPONSE, DisputeState.APPEALED})


class DisputeFilterSet(WagtailFilterSet):
    """By date, state and mode, and whether it is a returned debit."""

    opened = between("opened_at", _("Opened"))
    mode = by_mode()

    class Meta:
        model = Dispute
        fields = ["state", "is_return"]


class DisputeBook(Book):
    """Disputes and returned debits: what is asked until when, and how they ended."""

    model = Dispute
    base_url_path = "payments/disputes"
    menu_icon = "warning"
    menu_item_name = "payments-disputes"
    list_select_related = ("payment__customer",)
    default_ordering = ("-opened_at", "-pk")
    filters = DisputeFilterSet
    search_fields = ["payment__customer__name", "dispute_id", "allocations__invoice__document__number"]
    empty_text = _("No dispute so far. They come from the payer’s bank, by way of the payment provider.")
    columns = [
        TitleColumn("opened_at", label=_("Opened"), sort_key="opened_at", get_url=book_url),
        Column("customer", label=_("Customer"), accessor="payment.customer"),
        Column("reason", label=_("Reason"), accessor="get_reason_display", classname="wp-wide"),
        AmountColumn("amount", label=_("Amount"), sort_key="amount"),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="state_in_words",
            sort_key="state",
            primary=lambda dispute: is_to_answer(dispute),
        ),
        Column(
            "evidence_due_by",
            label=_("Answer by"),
            accessor=lambda dispute: answer_by(dispute),
            classname="wp-wide",
        ),
        ModeColumn(classname="wp-wide"),
    ]
    exports = [
        exported("opened_at", _("Opened")),
        exported("closed_at", _("Closed")),
        exported("customer", _("Customer"), "payment.customer.name"),
        exported("reason", _("Reason"), "get_reason_display"),
        exported_amount("amount", _("Amount")),
        exported("currency", _("Currency")),
        exported("state", _("State"), "state_in_words"),
        exported("evidence_due_by", _("Answer by")),
        exported("dispute_id", _("Provider's reference")),
        exported("mode", _("Mode"), "get_mode_display"),
    ]

    def sheet(self, record: Dispute, reader: Reader) -> Sheet:
        """Return what the page of a dispute shows."""
        sheet = Sheet(amount(record.amount, record.currency), warning=_warning(record))
        sheet.add(_("State"), record.state_in_words, tag=True)
        sheet.add(_("Reason"), record.get_reason_display())
        sheet.add(_("Customer"), str(record.payment.customer or ""))
        sheet.add(_("Payment"), reader.record(record.payment))
        sheet.add(_("Opened"), record.opened_at)
        sheet.add(_("Answer by"), answer_by(record))
        sheet.add(_("Closed"), record.closed_at)
        sheet.add(_("Provider's reference"), record.dispute_id)
        sheet.add(_("Mode"), record.get_mode_display(), tag=True)
        sheet.sections += [_reopened(record, reader), _moved(record)]
        url = disputes.page_of(record)
        if url:
            sheet.papers.append(Cell(_("Open it at the payment provider"), url))
        return sheet


def is_to_answer(dispute: Dispute) -> bool:
    """Does the bank wait for the seller?"""
    return not dispute.is_return and dispute.state in TO_ANSWER


def answer_by(dispute: Dispute) -> object:
    """Return until when to answer, or nothing where there is nothing to answer."""
    return dispute.evidence_due_by if is_to_answer(dispute) else None


def _reopened(dispute: Dispute, reader: Reader) -> Section:
    invoices = Invoice.objects.filter(allocations__dispute=dispute).distinct().select_related("document", "customer")
    rows = [[reader.invoice(invoice)] for invoice in invoices]
    return Section(
        _("Invoices that it re-opened"),
        (_("Invoice"),),
        rows,
        _("The money paid nothing yet, so no invoice was re-opened."),
    )


def _moved(dispute: Dispute) -> Section:
    rows = [
        [Cell(row.on), amount_cell(-row.amount, dispute.currency), amount_cell(-row.fee, dispute.currency)]
        for row in dispute.moved.all()
    ]
    return Section(_("What it moved"), (_("On"), _("Amount"), _("Fee")), rows, _("No money has moved."))


def _warning(dispute: Dispute) -> str:
    if is_to_answer(dispute):
        return gettext("The bank waits for you: answer at the payment provider. Unanswered, the money is lost.")
    if dispute.is_undecided:
        return gettext("The bank has to decide. Nothing of the payment can be refunded before.")
    return ""
