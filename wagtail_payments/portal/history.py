"""What was paid, taken back and credited on an invoice, with the papers that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_payments.core.lifecycle import RefundState
from wagtail_payments.printing.amounts import Writer, method_name
from wagtail_payments.records.disputes import DisputedMoney
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link
from wagtail_payments.records.payments import CreditApplication, Payment, Refund

SHOWN_REFUNDS = (RefundState.PENDING, RefundState.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened, written for a person; ``paper`` is the number of the document that proves it."""

    on: date
    text: str
    note: str
    amount: str
    paper: str
    paper_url: str
    is_payment: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """What happened, oldest first, and the day the last money came in.

    ``taken_back`` is what the customer's bank took back for good, minor units.
    """

    rows: tuple[Row, ...] = ()
    settled_on: date | None = None
    credit_note: str = ""
    taken_back: int = 0


def of(invoice: Invoice, link: Link, writer: Writer) -> History:
    """Read the history from the books, in the active language."""
    teller = _Teller(link, writer)
    payments = list(_payments(invoice))
    notes = list(invoice.credit_notes.select_related("document"))
    rows = [teller.payment(payment) for payment in payments]
    rows += [teller.credit_note(note) for note in notes]
    rows += [teller.refund(refund, part) for refund, part in _refunded(payments, invoice)]
    disputed = _disputed(payments, invoice)
    rows += [teller.disputed(moved, part) for moved, part in disputed]
    if invoice.balance().credited > 0:
        rows += [teller.credit_used(row) for row in _carried(invoice)]
    return History(
        rows=tuple(sorted(rows, key=lambda row: row.on)),
        settled_on=max((payment.received_on for payment in payments), default=None),
        credit_note=notes[0].document.number if notes else "",
        taken_back=sum(part for moved, part in disputed if not moved.dispute.is_undecided),
    )


def papers(invoice: Invoice) -> QuerySet[IssuedDocument]:
    """Return the documents that whoever may see the invoice may see too: its credit notes and receipts."""
    notes = Q(credit_note__invoice=invoice)
    receipts = Q(receipt__payment__allocations__invoice=invoice)
    refunds = Q(receipt__refund__payment__allocations__invoice=invoice)
    carried = Q(credit_note__applications__invoice=invoice)
    return IssuedDocument.objects.filter(notes | receipts | refunds | carried).distinct()


def _carried(invoice: Invoice) -> Any:
    """What credit notes on other invoices of the customer lower this one by."""
    carried = CreditApplication.objects.filter(invoice=invoice).exclude(credit_note__invoice=invoice)
    return carried.select_related("credit_note__document").order_by("pk")


def _payments(invoice: Invoice) -> Any:
    shown = Refund.objects.filter(state__in=SHOWN_REFUNDS).select_related("receipt__document", "credit_note")
    kept: Any = Payment.objects.all()
    kept = kept.filter(allocations__invoice=invoice, allocations__refund=None, allocations__dispute=None)
    kept = kept.annotate(share=Sum("allocations__amount"), was_disputed=Exists(_moved(OuterRef("pk"))))
    return (
        kept.select_related("receipt__document")
        .prefetch_related(Prefetch("refunds", shown), "allocations")
        .order_by("pk")
    )


def _moved(payment: Any) -> QuerySet[DisputedMoney]:
    """What disputes took of payments, and gave back; fees are the seller's."""
    return DisputedMoney.objects.filter(payment=payment).exclude(amount=0)


def _disputed(payments: Sequence[Any], invoice: Invoice) -> list[tuple[DisputedMoney, int]]:
    """With what of it was taken from this invoice, or given back to it; asked for only where there is any."""
    paying = {payment.pk: payment for payment in payments if payment.was_disputed}
    if not paying:
        return []
    rows = DisputedMoney.objects.filter(payment__in=paying).exclude(amount=0).select_related("dispute")
    found = [(moved, _taken_here(moved, paying[moved.payment_id], invoice)) for moved in rows]
    return [(moved, part) for moved, part in found if part]


def _taken_here(moved: DisputedMoney, payment: Any, invoice: Invoice) -> int:
    part: int = moved.amount
    if _pays_others(payment, invoice):
        uses = _uses(payment, invoice)
        part = -sum(row.amount for row in uses if (row.dispute_id, row.at) == (moved.dispute_id, moved.at))
    return part


def _refunded(payments: Sequence[Any], invoice: Invoice) -> list[tuple[Refund, int]]:
    """What went back of payments, with what of it was this invoice's: one payment may be for several."""
    refunds = [(payment, refund) for payment in payments for refund in payment.refunds.all()]
    found = [(refund, _went_back_here(refund, payment, invoice)) for payment, refund in refunds]
    return [(refund, part) for refund, part in found if part]


def _went_back_here(refund: Refund, payment: Any, invoice: Invoice) -> int:
    part: int = refund.amount
    if not _pays_others(payment, invoice):
        return part
    if refund.credit_note is not None:
        return part if refund.credit_note.invoice_id == invoice.pk else 0
    back: list[int] = [row.amount for row in _uses(payment, invoice) if row.refund_id == refund.pk]
    return -sum(back)


def _uses(payment: Any, invoice: Invoice) -> list[Any]:
    return [row for row in payment.allocations.all() if row.invoice_id == invoice.pk]


def _pays_others(payment: Any, invoice: Invoice) -> bool:
    return any(row.invoice_id != invoice.pk for row in payment.allocations.all())


@dataclass(frozen=True, slots=True)
class _Teller:
    """Writes rows in the language of the document that ``link`` opens."""

    link: Link
    writer: Writer

    def payment(self, payment: Any) -> Row:
        how = " ".join(filter(None, [method_name(payment.method), payment.card]))
        row = self._row(payment.received_on, _("Paid on %(day)s"), how, payment.share, _receipt_of(payment))
        return replace(row, is_payment=True)

    def credit_note(self, note: Any) -> Row:
        paper = note.document
        return self._row(paper.issued_on, _("Credited on %(day)s"), note.reason, -note.gross, paper)

    def credit_used(self, application: Any) -> Row:
        paper = application.credit_note.document
        on = self.link.document.seller.today(application.at) if self.link.document else application.at.date()
        return self._row(on, _("Credit used on %(day)s"), "", application.amount, paper)

    def refund(self, refund: Any, amount: int) -> Row:
        done = refund.state == RefundState.SUCCEEDED
        sentence = _("Refunded on %(day)s") if done else _("Refund under way since %(day)s")
        on = refund.settled_on or refund.requested_at.date()
        return self._row(on, sentence, "", -amount, _receipt_of(refund))

    def disputed(self, moved: DisputedMoney, amount: int) -> Row:
        if moved.amount < 0:
            sentence = _("Given back by your bank on %(day)s")
        elif moved.dispute.is_return:
            sentence = _("Returned by your bank on %(day)s")
        else:
            sentence = _("Taken back by your bank on %(day)s")
        return self._row(moved.on, sentence, "", -amount, None)

    def _row(self, on: date, sentence: str, note: str, amount: int, paper: IssuedDocument | None) -> Row:
        url = reverse("wagtail_payments:paper", args=[self.link.public_id, paper.pk]) if paper else ""
        text = sentence % {"day": self.writer.date(on.isoformat())}
        return Row(on, text, note, self.writer.money(amount), paper.number if paper else "", url)


def _receipt_of(moved: Any) -> IssuedDocument | None:
    receipt = getattr(moved, "receipt", None)
    return receipt.document if receipt is not None else None
