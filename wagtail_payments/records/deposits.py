"""Deposits on a draft, and what a final invoice deducts: rows that are never changed once they are issued.

The contract is the draft whose lines are the whole; its parts are invoices of their own. A deposit may be asked for
before there is one: it waits until a draft of the same customer takes it. Nothing is added up here:
what is left and what is taken back is worked out by ``core.deposits`` from the rows as they stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core import deposits
from wagtail_payments.core.deposits import Part, Settlement
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.core.snapshot import VatRow
from wagtail_payments.core.tax import VatCategory, VatGroup
from wagtail_payments.core.totals import Totals, VatSubtotal
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.fields import MinorUnits
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.quotes import PlanStep

PART_KINDS = frozenset({InvoiceKind.DEPOSIT, InvoiceKind.INTERIM})  # deducted by the final invoice


class Unpaid(models.TextChoices):
    """What becomes of a deposit that is not paid when the final invoice is issued: asked, never guessed."""

    KEEP = "keep", _("It stays due, and is deducted")
    CANCEL = "cancel", _("It is cancelled by a credit note, and the final invoice asks for it")


class Term(models.TextChoices):
    """What a consumer's advance is, in law (C. conso. L214-1)."""

    ACOMPTE = "acompte", _("A part payment: both sides are bound (acompte)")
    ARRHES = "arrhes", _("Earnest money: either side may withdraw (arrhes)")


class Deposit(Frozen):
    """A deposit invoice and the draft it is for; ``amount`` is gross, in minor units, as it was asked for.

    ``step`` is the part of a quote's billing plan that it asks for, once; an interim invoice is such a row too.
    Without ``contract`` it waits for a draft that takes it. What was deducted in the end stands in ``Deduction``.
    """

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"if_unpaid", "contract"})

    invoice = models.OneToOneField(Invoice, on_delete=models.CASCADE, related_name="deposit")
    contract = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="deposits")
    percent = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    amount = MinorUnits()
    term = models.CharField(max_length=10, choices=Term, blank=True)
    if_unpaid = models.CharField(max_length=10, choices=Unpaid, blank=True)
    step = models.OneToOneField(PlanStep, on_delete=models.PROTECT, null=True, related_name="asked")
    form_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = _("deposit")
        verbose_name_plural = _("deposits")
        ordering = ["pk"]
        base_manager_name = "objects"
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="wagtail_payments_deposit_above_zero")]

    def __str__(self) -> str:
        return str(self.invoice)

    @classmethod
    def frozen_rows(cls) -> Q:
        """Deposits that were issued."""
        return Q(invoice__document__isnull=False)


class Deduction(Frozen):
    """What a final invoice deducts of an earlier one: per VAT group in ``text``, as canonical JSON.

    Every invoice is deducted once: ``deducted`` is unique.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="deductions")
    deducted = models.OneToOneField(Invoice, on_delete=models.PROTECT, related_name="deduction")
    net = MinorUnits()
    tax = MinorUnits()
    gross = MinorUnits()
    text = models.TextField()

    class Meta:
        verbose_name = _("deduction")
        verbose_name_plural = _("deductions")
        ordering = ["pk"]
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=Q(net__gte=0, tax__gte=0, gross__gt=0), name="wagtail_payments_deduction_above_zero"
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice} − {self.deducted}"


def text_of(rows: Iterable[VatSubtotal]) -> str:
    """Return VAT groups as canonical JSON: category, rate, reason, net and VAT."""
    plain = [[row.vat.category.value, f"{row.vat.rate:f}", row.vat.reason, row.base, row.tax] for row in rows]
    return json.dumps(plain, separators=(",", ":"))


def as_core(rows: Iterable[VatRow]) -> tuple[VatSubtotal, ...]:
    """Return the VAT breakdown of a frozen document as plain data."""
    return tuple(
        VatSubtotal(VatGroup(VatCategory(row.category), Decimal(row.rate), row.reason), row.base, row.tax)
        for row in rows
    )


def asked_for(contract: Invoice) -> list[Invoice]:
    """Return the deposits of a draft, issued or not, oldest first, with their money; three queries."""
    notes: Any = CreditNote.objects.select_related("document")
    rows = Invoice.objects.with_balance().filter(deposit__contract=contract)
    rows = rows.select_related("document", "deposit", "customer", "seller")
    return list(rows.prefetch_related(Prefetch("credit_notes", notes)).order_by("document_id", "pk"))


def waiting_of(*, customer_id: int, seller_id: int, currency: str, mode: str) -> list[Invoice]:
    """Return the issued deposits of a customer that no draft has taken, oldest first, with their money.

    Those that were credited wholly are nobody's any more.
    """
    notes: Any = CreditNote.objects.select_related("document")
    rows = Invoice.objects.with_balance().filter(
        customer=customer_id, seller=seller_id, currency=currency, mode=mode, deposit__contract=None
    )
    rows = rows.filter(kind=InvoiceKind.DEPOSIT, deposit__isnull=False, document__isnull=False)
    rows = rows.select_related("document", "deposit", "customer", "seller")
    found = rows.prefetch_related(Prefetch("credit_notes", notes)).order_by("document_id")
    return [invoice for invoice in found if part_of(invoice).gross > 0]


def part_of(invoice: Invoice) -> Part:
    """Return an issued invoice of a part as it stands: less its credit notes; with what is still due on it."""
    assert invoice.document is not None  # noqa: S101 - only issued ones are parts
    rows = as_core(invoice.document.frozen.vat)
    for note in invoice.credit_notes.all():
        rows = deposits.minus(rows, as_core(note.document.frozen.vat))
    choice = invoice.deposit.if_unpaid if hasattr(invoice, "deposit") else ""
    return Part(invoice.pk, rows, max(invoice.balance().due, 0), cancels=choice == Unpaid.CANCEL)


def issued_parts(contract: Invoice) -> list[Part]:
    """Return the parts of a draft that were invoiced, oldest first."""
    if contract.pk is None or contract.kind != InvoiceKind.FINAL:
        return []
    return [part_of(invoice) for invoice in asked_for(contract) if not invoice.is_draft]


def settlement_of(contract: Invoice, whole: Totals) -> Settlement:
    """Return how a draft ends: what its final invoice deducts and asks for; ``whole`` are the totals of its lines."""
    return deposits.settle(whole.vat, issued_parts(contract))


def totals_of(invoice: Invoice) -> Totals:
    """Add up the lines of a draft; those of a part so that the chain of its contract stays exact.

    The order of a registration follows its deposit instead: once seats were given up, it is written anew around what
    was kept. Raises what ``core.totals.compute`` raises.
    """
    added = invoice.totals()
    if invoice.kind in PART_KINDS and hasattr(invoice, "deposit"):
        contract = invoice.deposit.contract
        if contract is None:
            return added
        before = [part.rows for part in issued_parts(contract) if part.key != invoice.pk]
        rows = deposits.telescoped(contract.totals().vat, added.vat, before)
    elif invoice.kind == InvoiceKind.FINAL and hasattr(invoice, "balance_of"):
        rows = deposits.yielding(added.vat, [part.rows for part in issued_parts(invoice)])
    else:
        return added
    return deposits.with_rows(added, [line.vat for line in invoice.lines.all()], rows)


def to_pay(invoice: Invoice, added: Totals | None = None) -> int:
    """Return what a draft will ask for when it is issued, in minor units: its total, less its deposits.

    ``added`` is what its lines come to where they are not saved yet.
    """
    added = added or totals_of(invoice)
    return deposits.gross_of(settlement_of(invoice, added).rest) if added.vat else added.gross
