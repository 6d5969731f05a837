"""An agreed quote and the one invoice that is its whole: parts are asked for in advance, and deducted from it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core.lifecycle import InvoiceKind, QuoteState
from wagtail_payments.records.deposits import PART_KINDS
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.invoices import Invoice, InvoiceQuerySet
from wagtail_payments.records.quotes import Quote


class Contract(Frozen):
    """The draft with everything that was agreed: it becomes the last invoice, or the only one.

    ``asked_at`` is when somebody asked for that last part. A draft may be deleted as long as nothing was asked for in
    advance; the quote can then be invoiced afresh. An invoice that replaces the only one takes its place here.
    """

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"asked_at", "invoice"})

    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="contract")
    invoice = models.OneToOneField(Invoice, on_delete=models.CASCADE, related_name="contract")
    made_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["pk"]
        base_manager_name = "objects"

    def __str__(self) -> str:
        return str(self.quote)

    @classmethod
    def frozen_rows(cls) -> Q:
        """Contracts whose last invoice was issued."""
        return Q(invoice__document__isnull=False)


def is_left() -> Exists:
    """Return the question, over invoices, whether one is of a contract from which its consumer has withdrawn."""
    is_of_it = Q(contract__invoice=OuterRef("pk")) | Q(contract__invoice__deposits__invoice=OuterRef("pk"))
    return Exists(Quote.objects.filter(is_of_it, state=QuoteState.WITHDRAWN))


def invoices_of(quote: Quote) -> InvoiceQuerySet:
    """Return what was issued of the contract of a quote, oldest first, deposits that its draft has taken included."""
    is_of_it = Q(contract__quote=quote) | Q(deposit__contract__contract__quote=quote)
    return Invoice.objects.with_balance().filter(is_of_it, document__isnull=False).order_by("document_id")


def contract_of(invoice: Invoice) -> Contract | None:
    """Return the contract that a draft is the whole or a part of, or replaces the only invoice of, with its quote.

    None for all others; asks nothing for an ordinary invoice. Once it was issued, the only invoice of a quote is an
    ordinary one.
    """
    is_part = invoice.kind in PART_KINDS and hasattr(invoice, "deposit") and invoice.deposit.step_id is not None
    replaces = invoice.corrects_id if invoice.is_draft else None
    if invoice.pk is None or not (is_part or replaces or invoice.kind == InvoiceKind.FINAL):
        return None
    named: dict[str, Any] = {"invoice": replaces or invoice.pk}
    if invoice.kind in PART_KINDS:
        named = {"invoice__deposits__invoice": invoice}
    rows = Contract.objects.select_related("quote__document", "quote__seller", "quote__agreement", "invoice")
    found: Contract | None = rows.filter(**named).first()
    return found
