"""What is done with invoices: issued once, sent, duplicated. A number is taken here and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from wagtail.models import Site

from wagtail_payments import ports, signals
from wagtail_payments.actions import (
    deductions,
    documents,
    instalments,
    journal,
    ledger,
    links,
    papers,
    renditions,
    replacing,
)
from wagtail_payments.actions.findings import Finding, review
from wagtail_payments.actions.modes import mode_of
from wagtail_payments.actions.numbers import ClockWentBack
from wagtail_payments.core.lifecycle import InvoiceKind, Stored
from wagtail_payments.core.numbering import Series
from wagtail_payments.mail import letters
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.deposits import to_pay
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice, InvoiceAttachment, InvoiceLine
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.payments import available_credit
from wagtail_payments.records.sellers import PaymentSettings, Seller

__all__ = [
    "ClockWentBack",
    "Finding",
    "InvoiceAlreadyIssued",
    "InvoiceNotIssued",
    "InvoiceNotReady",
    "copied",
    "duplicate",
    "issue",
    "issue_and_send",
    "issue_locked",
    "mode_of",
    "review",
    "seller_of",
    "send",
    "send_test",
    "store_totals",
]


class InvoiceAlreadyIssued(Exception):
    """The invoice has its number already."""

    def __str__(self) -> str:
        return _("This invoice has been issued already.")


class InvoiceNotIssued(Exception):
    """Only an issued invoice can be sent to a customer."""

    def __str__(self) -> str:
        return _("This invoice is still a draft. Issue it first, then send it.")


class InvoiceNotReady(Exception):
    """The review found errors; ``findings`` says which."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(" ".join(finding.message for finding in findings))
        self.findings = findings


def seller_of(site: Site) -> Seller | None:
    """Return the legal seller that a site sells for, if it was chosen."""
    seller: Seller | None = PaymentSettings.for_site(site).seller
    return seller


def store_totals(*, invoice: Invoice) -> None:
    """Keep a draft's totals beside it, so that lists need not add up; raises what adding up raises."""
    added = invoice.totals()
    invoice.net, invoice.tax, invoice.gross = added.net, added.tax, added.gross


def issue(*, invoice_id: int, by: Any, now: datetime) -> Invoice:
    """Give the draft its number and freeze it; the PDF is drawn right after.

    Raises ``Invoice.DoesNotExist``, ``InvoiceAlreadyIssued``, ``InvoiceNotReady`` or ``ClockWentBack``.
    """
    held = _to_hold(invoice_id)
    with transaction.atomic(durable=True):
        return _issue(invoice_id, held, by, now)


def issue_and_send(
    *, invoice_id: int, by: Any, now: datetime, to: Sequence[str], cc: Sequence[str], subject: str, text: str
) -> Invoice:
    """Issue the draft and write its letter in the same transaction: both happen, or neither."""
    held = _to_hold(invoice_id)
    with transaction.atomic(durable=True):
        invoice = _issue(invoice_id, held, by, now)
        send(invoice=invoice, by=by, now=now, to=to, cc=cc, subject=subject, text=text)
    return invoice


def _to_hold(invoice_id: int) -> set[int]:
    """The draft, and what is locked with it in the order of keys; asked before the transaction, which writes first."""
    return {*replacing.documents_of(invoice_id), *deductions.taken_before(invoice_id)}


def _issue(invoice_id: int, held: Collection[int], by: Any, now: datetime) -> Invoice:
    invoice = next(row for row in lock(Invoice, *held) if row.pk == invoice_id)
    if not deductions.taken_before(invoice_id) <= set(held):
        message = _("A deposit was added to this draft a moment ago: look at its review again.")
        raise InvoiceNotReady([Finding("error", "deposit_meanwhile", message, "deposits")])
    return issue_locked(invoice=invoice, by=by, now=now)


def issue_locked(*, invoice: Invoice, by: Any, now: datetime, prepaid: int = 0, draws: bool = True) -> Invoice:
    """Issue a draft inside a transaction that holds it; ``prepaid`` minor units were paid before, and are printed so.

    Without ``draws`` its PDF is left to the clockwork. Raises what ``issue`` raises.
    """
    if not invoice.is_draft:
        raise InvoiceAlreadyIssued
    is_final = invoice.kind == InvoiceKind.FINAL
    if is_final:
        deductions.hold(final=invoice)
    prefetch_related_objects([invoice], "lines", "attachments", "customer", "seller__wordings")
    errors = [finding for finding in review(invoice=invoice, now=now) if finding.level == "error"]
    if errors:
        raise InvoiceNotReady(errors)
    replaced = replacing.begin(invoice=invoice, by=by, now=now)
    if not prepaid and replaced is None:  # what was paid before stays what it was paid with, whatever the keys now
        invoice.mode = mode_of(invoice.site)
    notes = deductions.settle(final=invoice, by=by, now=now) if is_final else []
    document = _freeze(invoice, by, now, prepaid or _credit_for(invoice, replaced, notes))
    ports.failpoint("issue.frozen")
    links.make_for(document=document, site=invoice.site, now=now)
    if is_final:
        deductions.finish(final=invoice, notes=notes, now=now)
    ledger.book_issue(invoice=invoice, now=now)
    replacing.finish(invoice=invoice, replaced=replaced, by=by, now=now)
    journal.note(invoice, "issue", now=now, by=by, data={"number": document.number})
    if draws:
        renditions.draw_after_commit(document, now)
    signals.send_on_commit(signals.invoice_issued, Invoice, invoice=invoice)
    return invoice


def _credit_for(invoice: Invoice, replaced: replacing.Replaced | None, notes: Sequence[CreditNote]) -> int:
    """What of a draft is paid as it is issued, by credit of the invoice it replaces or of its deposits; minor units."""
    credit = (replaced.credit if replaced else 0) + sum(max(available_credit(note), 0) for note in notes)
    return min(credit, to_pay(invoice)) if credit else 0


def _freeze(invoice: Invoice, by: Any, now: datetime, prepaid: int) -> IssuedDocument:
    """Take the number and keep what is printed, word for word."""
    on = invoice.seller.today(now)
    request = documents.Issue(
        seller=invoice.seller,
        customer=invoice.customer,
        series=Series.INVOICE,
        mode=Mode(invoice.mode),
        issued_on=on,
        at=now,
        by=by,
    )
    document = documents.freeze(
        request,
        lambda number: papers.document_of(invoice=invoice, now=now, number=number, issued_on=on, prepaid=prepaid),
    )
    instalments.fix(invoice=invoice, total=document.gross)
    if invoice.kind == InvoiceKind.FINAL and not document.frozen.deducted:
        invoice.kind = InvoiceKind.STANDARD
    invoice.document, invoice.state, invoice.due_on = document, Stored.ISSUED, invoice.due_date(on)
    invoice.net, invoice.tax, invoice.gross = document.net, document.tax, document.gross
    invoice.save()
    return document


def send(
    *, invoice: Invoice, by: Any, now: datetime, to: Sequence[str], cc: Sequence[str], subject: str, text: str
) -> Letter:
    """Write the letter that brings an issued invoice to its customer; raises ``InvoiceNotIssued``."""
    if invoice.document is None:
        raise InvoiceNotIssued
    with transaction.atomic():
        link = links.open_link_for(document=invoice.document, site=invoice.site, now=now)
        letter = letters.invoice(
            document=invoice.document,
            link=link,
            customer=invoice.customer,
            to=to,
            cc=cc,
            subject=subject,
            text=text,
            by=by,
            now=now,
        )
        journal.note(invoice, "send", now=now, by=by, data={"to": list(to)})
    return letter


def send_test(*, invoice: Invoice, by: Any, now: datetime, subject: str, text: str) -> Letter:
    """Write the letter as the customer would get it, marked as a test, to the editor alone."""
    with transaction.atomic():
        letter = letters.test(invoice=invoice, to=by.email, subject=subject, text=text, by=by, now=now)
        journal.note(invoice, "send_test", now=now, by=by, data={"to": [by.email]})
    return letter


COPIED = (
    "seller", "site", "customer", "title", "language", "currency", "order_reference", "nature",
    "discount_percent", "discount_amount", "custom_fields", "memo", "other_mentions", "terms",
    "online_payment", "methods", "other_amount", "least_amount",
)  # fmt: skip
COPIED_LINE = (
    "sort_order", "item", "description", "quantity", "unit", "unit_price", "price_includes_vat",
    "discount_percent", "discount_amount", "vat_category", "vat_rate", "vat_reason",
)  # fmt: skip


def duplicate(*, invoice: Invoice, by: Any, now: datetime) -> Invoice:
    """Make a fresh draft alike: no number, no payments, today's terms."""
    with transaction.atomic():
        draft = copied(invoice=invoice, by=by)
        store_totals(invoice=draft)
        draft.save()
        journal.note(draft, "duplicate", now=now, by=by, data={"from": invoice.number or _("a draft")})
    return draft


def copied(*, invoice: Invoice, by: Any) -> Invoice:
    """Return a draft alike, not saved yet."""
    days = invoice.due_days if invoice.due_days is not None else invoice.seller.due_days
    draft = Invoice(**{name: getattr(invoice, name) for name in COPIED}, due_days=days, created_by=by)
    draft.lines.set(
        [InvoiceLine(**{name: getattr(line, name) for name in COPIED_LINE}) for line in invoice.lines.all()]
    )
    draft.attachments.set(
        [InvoiceAttachment(file=kept.file.name, name=kept.name) for kept in invoice.attachments.all()]
    )
    return draft
