"""The books: balanced double entries, only ever added, each sealed onto the one before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core import chain
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import CurrencyCode, MinorUnits, Mode
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.payments import Payment, Refund
from wagtail_payments.records.sellers import Seller


class Chain(models.Model):
    """One chain of entries per legal seller and mode; count and head are kept apart, so a cut tail is seen."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="chains")
    mode = models.CharField(max_length=4, choices=Mode)
    count = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64)
    head_seal = models.CharField(max_length=64, blank=True)  # keyed, so that a cut tail can't be covered up
    key_id = models.CharField(max_length=64, blank=True)
    lock_count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("chain of entries")
        verbose_name_plural = _("chains of entries")
        constraints = [models.UniqueConstraint(fields=["seller", "mode"], name="wagtail_payments_one_chain")]

    def __str__(self) -> str:
        return f"{self.seller} {self.mode}: {self.count}"


def entry_kinds() -> list[tuple[str, Any]]:
    """Return what is booked."""
    return [
        ("issue", _("Invoice issued")),
        ("deduction", _("Deposits deducted")),
        ("credit", _("Credit note issued")),
        ("payment", _("Payment received")),
        ("fee", _("Payment fee")),
        ("refund", _("Refund")),
        ("refund_failed", _("Refund returned")),
    ]


class Entry(Frozen):
    """One balanced entry; ``text`` is its canonical content, ``seal`` covers it and the seal before."""

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="entries")
    sequence = models.PositiveBigIntegerField(_("no."))
    kind = models.CharField(_("kind"), max_length=20, choices=entry_kinds)
    on = models.DateField(_("date"), db_index=True)
    recorded_at = models.DateTimeField()
    document = models.ForeignKey(IssuedDocument, on_delete=models.PROTECT, null=True, related_name="entries")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="entries")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="entries")
    label = models.CharField(_("text"), max_length=300)
    text = models.TextField()
    previous_seal = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)
    key_id = models.CharField(max_length=64)
    booked_once = models.CharField(max_length=80, unique=True)  # what it books, so that nothing is booked twice

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering = ["-pk"]
        base_manager_name = "objects"
        permissions = [("export_entry", _("Can export the ledger"))]
        constraints = [
            models.UniqueConstraint(fields=["chain", "sequence"], name="wagtail_payments_entry_sequence"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.label}"


class EntryLine(Frozen):
    """Debit or credit of one account, in minor units."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(_("account"), max_length=20)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="entry_lines")
    debit = MinorUnits(_("debit"), default=0)
    credit = MinorUnits(_("credit"), default=0)
    currency = CurrencyCode()

    class Meta:
        verbose_name = _("entry line")
        verbose_name_plural = _("entry lines")
        ordering = ["pk"]
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0),
                name="wagtail_payments_line_one_side",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.debit} {self.credit}"


def canonical_entry(entry: Entry, lines: Iterable[EntryLine]) -> str:
    """Return the canonical text of an entry and its lines: what the seal covers."""
    return chain.canonical(
        {
            "chain": entry.chain_id,
            "sequence": entry.sequence,
            "kind": entry.kind,
            "on": entry.on.isoformat(),
            "recorded_at": entry.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "document": entry.document_id or 0,
            "sha256": entry.document.sha256 if entry.document else "",
            "payment": entry.payment_id or 0,
            "refund": entry.refund_id or 0,
            "label": entry.label,
            "once": entry.booked_once,
            "lines": [[line.account, line.customer_id or 0, line.debit, line.credit, line.currency] for line in lines],
        }
    )
