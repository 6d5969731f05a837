"""The book of refunds."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.columns import AmountColumn, ModeColumn, exported, exported_amount
from wagtail_payments.admin.books.facts import Cell, Reader, Sheet, amount
from wagtail_payments.admin.books.filters import between, by_mode
from wagtail_payments.admin.places_of_books import book_url, paper_url
from wagtail_payments.core.lifecycle import RefundState
from wagtail_payments.records.payments import Refund


class RefundFilterSet(WagtailFilterSet):
    """By date, state, kind and mode."""

    requested = between("requested_at", _("Requested"))
    mode = by_mode()

    class Meta:
        model = Refund
        fields = ["state", "kind"]


class RefundBook(Book):
    """Refunds: how far each is, and what failed."""

    model = Refund
    base_url_path = "payments/refunds"
    menu_icon = "upload"
    menu_item_name = "payments-refunds"
    list_select_related = ("payment__customer", "credit_note__document")
    default_ordering = "-pk"
    filters = RefundFilterSet
    search_fields = ["payment__customer__name", "credit_note__document__number", "reason", "refund_id"]
    empty_text = _("No refund yet. A refund is made from an invoice, by the button “Refund” on its page.")
    columns = [
        TitleColumn("requested_at", label=_("Requested"), sort_key="requested_at", get_url=book_url),
        Column("customer", label=_("Customer"), accessor="payment.customer"),
        Column("kind", label=_("Kind"), accessor="get_kind_display"),
        Column("credit_note", label=_("Credit note"), accessor="credit_note.document.number"),
        AmountColumn("amount", label=_("Amount"), sort_key="amount"),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            sort_key="state",
            primary=lambda refund: refund.state == RefundState.SUCCEEDED,
        ),
        ModeColumn(),
    ]
    exports = [
        exported("requested_at", _("Requested")),
        exported("settled_on", _("Done on")),
        exported("customer", _("Customer"), "payment.customer.name"),
        exported("kind", _("Kind"), "get_kind_display"),
        exported("credit_note", _("Credit note"), "credit_note.document.number"),
        exported_amount("amount", _("Amount")),
        exported("currency", _("Currency")),
        exported("state", _("State"), "get_state_display"),
        exported("reason", _("Reason")),
        exported("failure", _("Failure")),
        exported("refund_id", _("Provider's reference")),
        exported("mode", _("Mode"), "get_mode_display"),
    ]

    def sheet(self, record: Refund, reader: Reader) -> Sheet:
        """Return what the page of a refund shows."""
        sheet = Sheet(amount(record.amount, record.currency), warning=_warning(record))
        sheet.add(_("State"), record.get_state_display(), tag=True)
        sheet.add(_("Kind"), record.get_kind_display())
        sheet.add(_("Payment"), reader.record(record.payment, _payment_words(record)))
        if record.credit_note:
            sheet.add(_("Credit note"), reader.record(record.credit_note))
        sheet.add(_("Reason"), record.reason)
        _add_journey(sheet, record)
        sheet.add(_("Mode"), record.get_mode_display(), tag=True)
        receipt = getattr(record, "receipt", None)
        if receipt is not None:
            sheet.papers.append(Cell(_("Open the refund receipt"), paper_url(receipt.document_id)))
        return sheet


def _add_journey(sheet: Sheet, refund: Refund) -> None:
    sheet.add(_("Requested"), refund.requested_at)
    sheet.add(_("Requested by"), str(refund.requested_by or ""))
    sheet.add(_("Done on"), refund.settled_on)
    sheet.add(_("Sent through"), _("By hand") if refund.gateway == "manual" else refund.gateway.title())
    sheet.add(_("Provider's reference"), refund.refund_id)


def _payment_words(refund: Refund) -> str:
    payment = refund.payment
    paid = amount(payment.amount, payment.currency)
    if payment.customer is None:
        return paid
    return gettext("%(amount)s from %(customer)s") % {"amount": paid, "customer": payment.customer}


def _warning(refund: Refund) -> str:
    if refund.state == RefundState.FAILED:
        told = refund.failure or gettext("The provider gave no reason.")
        return gettext("This refund failed, the money is still with you. %(reason)s") % {"reason": told}
    if refund.needs_a_look:
        return gettext("This refund was made at the provider and re-opened an invoice: please have a look.")
    return ""
