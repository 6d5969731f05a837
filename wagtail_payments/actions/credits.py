"""Credit notes: by line or by VAT rate, never above what the invoice still holds, lowering what is due first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import signals
from wagtail_payments.actions import alerts, documents, journal, ledger, links, papers, renditions, write_offs
from wagtail_payments.actions.numbers import ClockWentBack
from wagtail_payments.core import allocation, crediting, money
from wagtail_payments.core.creditable import Creditable, Left, VatKey, key_of, what_is_left
from wagtail_payments.core.crediting import Credit, LineWish
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.core.numbering import Series
from wagtail_payments.core.snapshot import Document, Kind, Reference
from wagtail_payments.core.totals import VatSubtotal
from wagtail_payments.mail import letters
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import CreditApplication, Refund, available_credit

__all__ = [
    "CreditRefused",
    "Creditable",
    "LineWish",
    "VatKey",
    "Wanted",
    "apply_available",
    "book",
    "credit",
    "credit_locked",
    "creditable",
    "key_of",
    "left_of",
    "preview",
]

# Gross amounts per VAT group, or quantities and amounts of lines; None: all that is left.
Wanted = Mapping[VatKey, int] | Sequence[LineWish] | None
PARTS = frozenset({InvoiceKind.DEPOSIT, InvoiceKind.INTERIM})


class CreditRefused(Exception):
    """The credit note can't be made; the text says why."""


def creditable(invoice: Invoice) -> list[Creditable]:
    """Return what can still be credited of each VAT group of an issued invoice."""
    return list(left_of(invoice).groups)


def left_of(invoice: Invoice) -> Left:
    """Return what can still be credited of an issued invoice, by VAT group and by line."""
    notes = invoice.credit_notes.select_related("document")
    return what_is_left(_issued(invoice).frozen, [note.document.frozen for note in notes])


def credit(
    *,
    invoice_id: int,
    amounts: Wanted,
    reason: str,
    by: Any,
    now: datetime,
    form_key: str,
    tells: bool = True,
) -> CreditNote:
    """Issue a credit note: of gross ``amounts`` per VAT group, of lines, or (None) of all that is left.

    The same form twice makes one. Without ``tells`` the caller sends it with a letter of its own.
    Raises ``CreditRefused``.
    """
    with transaction.atomic(durable=True):
        (invoice,) = lock(Invoice, invoice_id)
        note = credit_locked(
            invoice=invoice, amounts=amounts, reason=reason, by=by, now=now, form_key=form_key, tells=tells
        )
        book(credit_note=note, now=now)
        return note


def book(*, credit_note: CreditNote, now: datetime) -> None:
    """Book a credit note, once, and what it leaves of a write-off: at the end, when no number is taken any more."""
    ledger.book_credit(credit_note=credit_note, now=now)
    write_offs.follow(invoice=credit_note.invoice, now=now)


def credit_locked(
    *,
    invoice: Invoice,
    amounts: Wanted,
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
    if why := why_not(invoice, amounts if isinstance(amounts, Mapping) else None):
        raise CreditRefused(why)
    return _issued_note(invoice, _credited(invoice, amounts), reason, by, now, form_key=form_key, tells=tells)


def credit_rows(*, invoice: Invoice, rows: Sequence[VatSubtotal], reason: str, by: Any, now: datetime) -> CreditNote:
    """Issue a credit note of exactly these VAT groups, inside a transaction that holds the invoice.

    For what is taken back of a deposit when its final invoice is issued; the caller books it, last.
    """
    exact = {(row.vat.category.value, f"{row.vat.rate:f}", row.vat.reason): (row.base, row.tax) for row in rows}
    credited = crediting.exactly(left_of(invoice), exact, _description(invoice))
    return _issued_note(invoice, credited, reason, by, now, form_key=None, tells=True)


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


def _issued_note(
    invoice: Invoice,
    credited: Credit,
    reason: str,
    by: Any,
    now: datetime,
    *,
    form_key: str | None,
    tells: bool,
) -> CreditNote:
    due = invoice.balance().due if not invoice.is_draft else 0
    document = _freeze(invoice, credited, reason, by, now)
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
    write_offs.follow(invoice=invoice, now=now)


def preview(*, invoice: Invoice, amounts: Wanted, reason: str, now: datetime) -> Document:
    """Return the credit note that would be printed, without a number. Raises ``CreditRefused``."""
    on = invoice.seller.today(now).isoformat()
    return _printed(invoice, _credited(invoice, amounts), reason, "", on)


def _credited(invoice: Invoice, wanted: Wanted) -> Credit:
    left, description = left_of(invoice), _description(invoice)
    try:
        if wanted is None:
            return crediting.everything(left, description)
        if isinstance(wanted, Mapping):
            return crediting.by_rate(left, wanted, description)
        return crediting.by_line(left, wanted)
    except crediting.CannotCredit as problem:
        raise CreditRefused(_sentence(problem, invoice)) from problem


def _description(invoice: Invoice) -> str:
    with override(invoice.language):
        return _("Credit on invoice %(number)s") % {"number": invoice.number}


def _sentence(problem: crediting.CannotCredit, invoice: Invoice) -> str:
    match problem:
        case crediting.TooMuch(group=group):
            left = money.formatted(group.left, invoice.currency, invoice.language)
            return _("At %(rate)s %% VAT, %(left)s can still be credited.") % {"rate": group.row.rate, "left": left}
        case crediting.TooMuchOfLine(line=line):
            left = money.formatted(line.left, invoice.currency, invoice.language)
            return _("Of line %(number)s, %(left)s can still be credited.") % {"number": line.number, "left": left}
        case crediting.NoSuchPart():
            return _("The invoice has no such VAT rate or line.")
        case _:
            return _("Write an amount above zero.")


def _freeze(invoice: Invoice, credited: Credit, reason: str, by: Any, now: datetime) -> IssuedDocument:
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
        return documents.freeze(request, lambda number: _printed(invoice, credited, reason, number, on.isoformat()))
    except ClockWentBack as error:
        raise CreditRefused(str(error)) from error


def _printed(invoice: Invoice, credited: Credit, reason: str, number: str, on: str) -> Document:
    """CGI 289 I-5: it cites the invoice by number and date, with net and VAT per rate."""
    original = _issued(invoice).frozen
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
        order_reference=_issued(invoice).current.order_reference,
        nature=original.nature,
        lines=credited.lines,
        vat=credited.vat,
        lines_net=credited.net,
        net=credited.net,
        tax=credited.tax,
        gross=credited.gross,
        preceding=(Reference(original.number, original.issued_on),),
        variant=original.variant if original.variant == InvoiceKind.DEPOSIT else "",  # 503, else 381
        memo=reason,
        look=papers.look_of(invoice.seller),
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
