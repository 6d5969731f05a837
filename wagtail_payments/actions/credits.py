"""Credit notes: by amount per VAT group, never above what the invoice still holds, lowering what is due first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import signals
from wagtail_payments.actions import alerts, documents, journal, ledger, links, papers, renditions
from wagtail_payments.actions.numbers import ClockWentBack
from wagtail_payments.core import allocation, money
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.core.numbering import Series
from wagtail_payments.core.snapshot import Document, Kind, Line, Reference, VatRow
from wagtail_payments.core.totals import VatSubtotal
from wagtail_payments.mail import letters
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import CreditApplication, Refund, available_credit

PARTS = frozenset({InvoiceKind.DEPOSIT, InvoiceKind.INTERIM})
VatKey = tuple[str, str, str]  # category, rate in percent as printed, exemption reason


class CreditRefused(Exception):
    """The credit note can't be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Creditable:
    """What of one VAT group of an invoice can still be credited, gross minor units."""

    row: VatRow
    gross: int
    credited: int
    credited_tax: int

    @property
    def key(self) -> VatKey:
        """How the group is named."""
        return key_of(self.row)

    @property
    def left(self) -> int:
        """What is left to credit."""
        return self.gross - self.credited


def key_of(row: VatRow) -> VatKey:
    """Return how the VAT group of a printed row is named."""
    return (row.category, row.rate, row.reason)


def creditable(invoice: Invoice) -> list[Creditable]:
    """Return what can still be credited of each VAT group of an issued invoice."""
    before: dict[VatKey, tuple[int, int]] = {}
    for note in invoice.credit_notes.select_related("document"):
        for row in note.document.frozen.vat:
            gross, tax = before.get(key_of(row), (0, 0))
            before[key_of(row)] = (gross + row.base + row.tax, tax + row.tax)
    return [
        Creditable(row, row.base + row.tax, *before.get(key_of(row), (0, 0))) for row in _issued(invoice).frozen.vat
    ]


def credit(
    *,
    invoice_id: int,
    amounts: Mapping[VatKey, int],
    reason: str,
    by: Any,
    now: datetime,
    form_key: str,
    tells: bool = True,
) -> CreditNote:
    """Issue a credit note of gross ``amounts`` per VAT group; the same form twice makes one.

    Without ``tells`` the caller sends it with a letter of its own. Raises ``CreditRefused``.
    """
    with transaction.atomic(durable=True):
        (invoice,) = lock(Invoice, invoice_id)
        note = credit_locked(
            invoice=invoice, amounts=amounts, reason=reason, by=by, now=now, form_key=form_key, tells=tells
        )
        ledger.book_credit(credit_note=note, now=now)
        return note


def credit_locked(
    *,
    invoice: Invoice,
    amounts: Mapping[VatKey, int],
    reason: str,
    by: Any,
    now: datetime,
    form_key: str,
    tells: bool = True,
) -> CreditNote:
    """Issue the credit note inside a transaction that holds the invoice; the caller books it, last."""
    standing: CreditNote | None = CreditNote.objects.filter(form_key=form_key).first()
    if standing is not None:
        return standing
    if why := why_not(invoice, amounts):
        raise CreditRefused(why)
    return _credited(invoice, _rows(invoice, amounts), reason, by, now, form_key=form_key, tells=tells)


def credit_rows(*, invoice: Invoice, rows: Sequence[VatSubtotal], reason: str, by: Any, now: datetime) -> CreditNote:
    """Issue a credit note of exactly these VAT groups, inside a transaction that holds the invoice.

    For what is taken back of a deposit when its final invoice is issued; the caller books it, last.
    """
    printed = {group.key: group.row for group in creditable(invoice)}
    found = [(printed[(row.vat.category, f"{row.vat.rate:f}", row.vat.reason)], row) for row in rows]
    exact = [replace(group, base=row.base, tax=row.tax) for group, row in found]
    return _credited(invoice, exact, reason, by, now, form_key=None, tells=True)


def why_not(invoice: Invoice, keys: Iterable[VatKey] | None = None) -> str:
    """Say why an issued invoice can't be credited now, though something is left; nothing where it can.

    ``keys`` are the VAT groups that would be credited: only these matter then.
    """
    if invoice.kind not in PARTS or not hasattr(invoice, "deduction"):
        return ""
    final = invoice.deduction.invoice
    wanted = None if keys is None else set(keys)
    left = sum(group.left for group in creditable(final) if wanted is None or group.key in wanted)
    if left <= 0:
        return ""
    return _(
        "%(final)s has deducted this invoice. Credit %(final)s first (%(left)s are left on it): "
        "what goes beyond it can then be credited here."
    ) % {"final": final.number, "left": money.formatted(left, final.currency, final.language)}


def _credited(
    invoice: Invoice,
    rows: Sequence[VatRow],
    reason: str,
    by: Any,
    now: datetime,
    *,
    form_key: str | None,
    tells: bool,
) -> CreditNote:
    due = invoice.balance().due
    document = _freeze(invoice, rows, reason, by, now)
    note = CreditNote.objects.create(
        seller=invoice.seller,
        invoice=invoice,
        document=document,
        mode=invoice.mode,
        reason=reason[:500],
        currency=invoice.currency,
        net=document.net,
        tax=document.tax,
        gross=document.gross,
        form_key=form_key,
    )
    _lower_due(note, note.gross, due, now)
    _follow(invoice, note, by, now, tells=tells)
    return note


def apply_available(*, invoice: Invoice, now: datetime) -> None:
    """Let what credit notes still have available lower what is due again on their invoice.

    Inside a transaction that holds the invoice. Who was credited and then gets the money back owes nothing.
    """
    due = invoice.balance().due
    for note in invoice.credit_notes.order_by("pk"):
        if due > 0:
            due -= _lower_due(note, max(available_credit(note), 0), due, now)


def _rows(invoice: Invoice, amounts: Mapping[VatKey, int]) -> list[VatRow]:
    if invoice.is_draft:
        raise CreditRefused(_("Only an issued invoice can be credited; a draft is simply changed."))
    groups = {group.key: group for group in creditable(invoice)}
    if not any(amounts.values()) or any(amount < 0 for amount in amounts.values()):
        raise CreditRefused(_("Write an amount above zero."))
    if not set(amounts) <= set(groups):
        raise CreditRefused(_("The invoice has no such VAT rate."))
    for key, amount in amounts.items():
        if amount > groups[key].left:
            left = money.formatted(groups[key].left, invoice.currency, invoice.language)
            raise CreditRefused(
                _("At %(rate)s %% VAT, %(left)s can still be credited.") % {"rate": key[1], "left": left}
            )
    return [_row(group, amounts[group.key]) for group in groups.values() if amounts.get(group.key)]


def _row(group: Creditable, gross: int) -> VatRow:
    """The VAT inside is cumulated, so that several part credits end on the invoice's exact VAT."""
    (share,) = allocation.split_by_vat(gross, [(group.gross, group.row.tax)], [group.credited])
    return VatRow(group.row.category, group.row.rate, gross - share.tax, share.tax, group.row.reason, group.row.wording)


def _freeze(invoice: Invoice, rows: Sequence[VatRow], reason: str, by: Any, now: datetime) -> IssuedDocument:
    on = invoice.seller.today(now)
    request = documents.Issue(
        seller=invoice.seller,
        customer=invoice.customer,
        series=Series.CREDIT_NOTE,
        mode=Mode(invoice.mode),
        issued_on=on,
        at=now,
        by=by,
    )
    try:
        return documents.freeze(request, lambda number: _printed(invoice, rows, reason, number, on.isoformat()))
    except ClockWentBack as error:
        raise CreditRefused(str(error)) from error


def _printed(invoice: Invoice, rows: Sequence[VatRow], reason: str, number: str, on: str) -> Document:
    """CGI 289 I-5: it cites the invoice by number and date, with net and VAT per rate."""
    original = _issued(invoice).frozen
    net, tax = sum(row.base for row in rows), sum(row.tax for row in rows)
    return Document(
        kind=Kind.CREDIT_NOTE,
        mode=invoice.mode,
        language=invoice.language,
        currency=invoice.currency,
        seller=papers.seller_party(invoice.seller),
        customer=original.customer,
        number=number,
        issued_on=on,
        title=original.title,
        order_reference=original.order_reference,
        nature=original.nature,
        lines=tuple(_line(row, original.number, invoice.currency, invoice.language) for row in rows),
        vat=tuple(rows),
        lines_net=net,
        net=net,
        tax=tax,
        gross=net + tax,
        preceding=(Reference(original.number, original.issued_on),),
        variant=original.variant if original.variant == InvoiceKind.DEPOSIT else "",  # 503, else 381
        memo=reason,
        look=papers.look_of(invoice.seller),
    )


def _line(row: VatRow, number: str, currency: str, language: str) -> Line:
    with override(language):
        description = _("Credit on invoice %(number)s") % {"number": number}
    price: Decimal = money.to_major(row.base, currency)
    return Line(
        description=description,
        quantity="1",
        unit="",
        unit_price=f"{price:f}",
        price_includes_vat=False,
        discount=0,
        discount_percent="",
        amount=row.base,
        net=row.base,
        vat_category=row.category,
        vat_rate=row.rate,
        vat_reason=row.reason,
    )


def _lower_due(note: CreditNote, available: int, due: int, now: datetime) -> int:
    lowers, _left = allocation.credit_first(available, due)
    if lowers:
        CreditApplication.objects.create(credit_note=note, invoice=note.invoice, amount=lowers, at=now)
    if lowers == due:
        _settle_reversals(note.invoice, now)
    return lowers


def _settle_reversals(invoice: Invoice, now: datetime) -> None:
    """A refund made at the provider that had re-opened the invoice is now one with a credit note: it was looked at."""
    for refund in Refund.objects.filter(allocations__invoice=invoice, needs_a_look=True).distinct():
        Refund.objects.filter(pk=refund.pk).update(needs_a_look=False)
        alerts.settle_by_itself(kind="reversal", key=str(refund.pk), now=now)


def _follow(invoice: Invoice, note: CreditNote, by: Any, now: datetime, *, tells: bool) -> None:
    link = links.make_for(document=note.document, site=invoice.site, now=now)
    renditions.draw_after_commit(note.document, now)
    if tells:
        letters.credit_note(document=note.document, link=link, customer=invoice.customer, by=by, now=now)
    journal.note(invoice, "credit", now=now, by=by, data={"number": note.document.number, "amount": note.gross})
    signals.send_on_commit(signals.credit_note_issued, CreditNote, credit_note=note)


def _issued(invoice: Invoice) -> IssuedDocument:
    if invoice.document is None:
        raise CreditRefused(_("Only an issued invoice can be credited; a draft is simply changed."))
    return invoice.document
