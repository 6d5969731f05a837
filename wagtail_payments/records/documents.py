"""Issued documents: what took a number, frozen as text, and the files drawn from it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core import numbering, snapshot
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.fields import CurrencyCode, MinorUnits, Mode, private_storage
from wagtail_payments.records.guards import Frozen, IssuedIsFrozen
from wagtail_payments.records.sellers import Seller


def series_choices() -> list[tuple[str, Any]]:
    """Return the sequences of numbers."""
    return [
        (numbering.Series.INVOICE.value, _("Invoices")),
        (numbering.Series.CREDIT_NOTE.value, _("Credit notes")),
        (numbering.Series.RECEIPT.value, _("Receipts")),
        (numbering.Series.PROFORMA.value, _("Pro formas")),
    ]


def document_kinds() -> list[tuple[str, Any]]:
    """Return the kinds of issued document."""
    return [
        (snapshot.Kind.INVOICE.value, _("Invoice")),
        (snapshot.Kind.CREDIT_NOTE.value, _("Credit note")),
        (snapshot.Kind.RECEIPT.value, _("Receipt")),
        (snapshot.Kind.REFUND_RECEIPT.value, _("Refund receipt")),
        (snapshot.Kind.PROFORMA.value, _("Pro forma")),
    ]


class NumberSeries(models.Model):
    """The last number taken in a sequence of a seller and year; the row is the lock."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="series")
    mode = models.CharField(max_length=4, choices=Mode)
    series = models.CharField(max_length=20, choices=series_choices)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveBigIntegerField(default=0)
    last_on = models.DateField(null=True)  # dates of issue never run backwards inside a series
    lock_count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [
            models.UniqueConstraint(fields=["seller", "mode", "series", "year"], name="wagtail_payments_one_series")
        ]

    def __str__(self) -> str:
        return f"{self.seller} {self.series} {self.year}: {self.last}"


class IssuedDocument(Frozen):
    """An invoice, credit note or receipt as issued: its number, totals in minor units, and its frozen text."""

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"issued_by"})

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="documents")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="documents", null=True)
    mode = models.CharField(max_length=4, choices=Mode)
    kind = models.CharField(_("kind"), max_length=20, choices=document_kinds)
    series = models.CharField(max_length=20, choices=series_choices)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveBigIntegerField()
    number = models.CharField(_("number"), max_length=numbering.LONGEST, db_index=True)
    issued_on = models.DateField(_("issued on"), db_index=True)
    issued_at = models.DateTimeField(_("issued at"))
    language = models.CharField(max_length=10)
    currency = CurrencyCode()
    net = MinorUnits(default=0)
    tax = MinorUnits(default=0)
    gross = MinorUnits(default=0)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("issued document")
        verbose_name_plural = _("issued documents")
        ordering = ["-issued_at", "-pk"]
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "mode", "series", "year", "sequence"], name="wagtail_payments_number_taken_once"
            ),
            models.UniqueConstraint(fields=["seller", "number"], name="wagtail_payments_number_unique"),
        ]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def frozen(self) -> snapshot.Document:
        """What is printed, read back from the text."""
        return snapshot.from_text(self.text)

    @classmethod
    def frozen_error(cls) -> Exception:
        """Say that nothing changes an issued document."""
        return IssuedIsFrozen(gettext("An issued document can't be changed or deleted."))


class Rendition(Frozen):
    """A file drawn from an issued document, once: its bytes are kept and served for ever."""

    document = models.ForeignKey(IssuedDocument, on_delete=models.PROTECT, related_name="renditions")
    kind = models.CharField(max_length=10, default="pdf")
    revision = models.PositiveSmallIntegerField(default=1)
    file = models.FileField(upload_to="documents/%Y/%m", storage=private_storage, max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    substituted = models.CharField(max_length=200, blank=True)  # characters that no font had
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["document", "kind", "revision"], name="wagtail_payments_drawn_once")
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.kind} {self.revision}"
