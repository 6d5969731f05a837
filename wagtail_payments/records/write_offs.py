"""Invoices that were given up: how much, why, and what of it was taken back."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagtail_payments.records.fields import MinorUnits
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.invoices import Invoice


class WriteOff(Frozen):
    """A part of what is due on an invoice that was given up as bad debt, or (negative) is counted on again."""

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"by"})

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="write_offs")
    amount = MinorUnits(_("amount"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        ordering = ["pk"]
        base_manager_name = "objects"
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="wagtail_payments_write_off_not_zero")]

    def __str__(self) -> str:
        return f"{self.invoice}: {self.amount}"
