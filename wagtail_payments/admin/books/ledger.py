"""The ledger: balanced entries, each sealed onto the one before."""

from __future__ import annotations

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn

from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.columns import AmountColumn, ModeColumn, exported, exported_amount
from wagtail_payments.admin.books.facts import Cell, Fact, Reader, Section, Sheet, amount_cell
from wagtail_payments.admin.books.filters import between, by_mode
from wagtail_payments.admin.places_of_books import book_url
from wagtail_payments.records.ledger import Entry, EntryLine


class EntryFilterSet(WagtailFilterSet):
    """By date, kind and mode."""

    on = between("on", _("Date"))
    mode = by_mode("chain__mode")

    class Meta:
        model = Entry
        fields = ["kind"]


class Ledger(Book):
    """Entries with their lines; nothing here can be changed by anyone."""

    model = Entry
    base_url_path = "payments/ledger"
    menu_icon = "list-ul"
    menu_label = _("Ledger")
    menu_item_name = "payments-ledger"
    list_select_related = ("chain__seller",)
    default_ordering = "-pk"
    filters = EntryFilterSet
    search_fields = ["label", "lines__account", "lines__customer__name"]
    empty_text = _("The ledger is empty. It fills by itself when invoices are issued and paid.")
    counted = _("entries")
    columns = [
        Column("sequence", label=_("No.")),
        Column("on", label=_("Date"), sort_key="on"),
        TitleColumn("label", label=_("Text"), get_url=book_url),
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
        AmountColumn("amount", label=_("Amount")),
        ModeColumn(),
    ]
    exports = [
        exported("seller", _("Seller"), "chain.seller.name"),
        exported("sequence", _("No.")),
        exported("on", _("Date")),
        exported("kind", _("Kind"), "get_kind_display"),
        exported("label", _("Text")),
        exported_amount("amount", _("Amount")),
        exported("currency", _("Currency")),
        exported("seal", _("Seal")),
        exported("mode", _("Mode"), "chain.get_mode_display"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        """Return entries with what each moves; an entry has one currency."""
        lines = EntryLine.objects.filter(entry=OuterRef("pk")).order_by()
        moved = lines.values("entry").annotate(whole=Sum("debit")).values("whole")
        entries = super().get_queryset(request)
        currency = Subquery(lines.values("currency")[:1])
        return entries.annotate(amount=Subquery(moved), currency=currency, mode=F("chain__mode"))

    def sheet(self, record: Entry, reader: Reader) -> Sheet:
        """Return what the page of an entry shows."""
        sheet = Sheet(f"{record.get_kind_display()} · {record.label}")
        sheet.add(_("No."), record.sequence)
        sheet.add(_("Date"), record.on)
        sheet.facts += _causes(record, reader)
        sheet.add(_("Seller"), record.chain.seller.name)
        sheet.add(_("Mode"), record.chain.get_mode_display(), tag=True)
        sheet.add(_("Recorded"), record.recorded_at)
        sheet.add(_("Seal"), record.seal)
        sheet.sections.append(_lines(record))
        return sheet


def _causes(entry: Entry, reader: Reader) -> list[Fact]:
    """What was booked, with links."""
    facts = []
    document = entry.document
    if document is not None and hasattr(document, "invoice"):
        facts.append(Fact(_("Invoice"), reader.invoice(document.invoice)))
    elif document is not None and hasattr(document, "credit_note"):
        facts.append(Fact(_("Credit note"), reader.record(document.credit_note)))
    if entry.payment is not None:
        facts.append(Fact(_("Payment"), reader.record(entry.payment)))
    if entry.refund is not None:
        facts.append(Fact(_("Refund"), reader.record(entry.refund)))
    return facts


def _lines(entry: Entry) -> Section:
    rows = [
        [
            Cell(line.account),
            Cell(line.customer or ""),
            amount_cell(line.debit or None, line.currency),
            amount_cell(line.credit or None, line.currency),
        ]
        for line in entry.lines.select_related("customer")
    ]
    titles = (_("Account"), _("Customer"), _("Debit"), pgettext_lazy("side of an entry", "Credit"))
    return Section(_("Lines"), titles, rows)
