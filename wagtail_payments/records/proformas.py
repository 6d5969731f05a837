"""Pro formas: what an invoice would look like, numbered in a series of their own, never paid and never booked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.invoices import Invoice


class Proforma(Frozen):
    """A pro forma made from a draft, which may be deleted afterwards; the paper stays."""

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"invoice", "invoice_id"})

    document = models.OneToOneField(IssuedDocument, on_delete=models.PROTECT, related_name="proforma")
    invoice = models.ForeignKey(Invoice, on_delete=models.SET_NULL, null=True, related_name="proformas")

    class Meta:
        verbose_name = _("pro forma")
        verbose_name_plural = _("pro formas")
        ordering = ["-pk"]
        base_manager_name = "objects"

    def __str__(self) -> str:
        return str(self.document)
