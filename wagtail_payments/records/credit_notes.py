"""Credit notes: what takes back an issued invoice, wholly or in part."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import CurrencyCode, MinorUnits, Mode
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.sellers import Seller


class CreditNote(Frozen):
    """A credit note (381) on one invoice, issued at once; amounts are positive minor units."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="credit_notes")
    invoice = models.ForeignKey(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="credit_notes"
    )
    document = models.OneToOneField(IssuedDocument, on_delete=models.PROTECT, related_name="credit_note")
    mode = models.CharField(max_length=4, choices=Mode)
    reason = models.CharField(_("reason"), max_length=500)
    currency = CurrencyCode()
    net = MinorUnits(_("net"))
    tax = MinorUnits(_("VAT"))
    gross = MinorUnits(_("total"))
    form_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        ordering = ["-pk"]
        base_manager_name = "objects"
        permissions = [("export_creditnote", _("Can export credit notes"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(gross__gt=0), name="wagtail_payments_credit_above_zero")
        ]

    def __str__(self) -> str:
        return str(self.document)

    def vat_rows(self) -> list[dict[str, Any]]:
        """Return what it takes back per VAT group, from the frozen text."""
        return [
            {"category": row.category, "rate": row.rate, "reason": row.reason, "base": row.base, "tax": row.tax}
            for row in self.document.frozen.vat
        ]
