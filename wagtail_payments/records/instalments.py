"""The instalments of an invoice: agreed by percent or amount while a draft, fixed to the cent when it is issued."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from wagtail_payments.core import money, schedule
from wagtail_payments.records import validators
from wagtail_payments.records.drafts import DraftPart, DraftPartQuerySet
from wagtail_payments.records.fields import MinorUnits
from wagtail_payments.records.invoices import Invoice


class InstalmentQuerySet(DraftPartQuerySet):
    """Instalments; however they are added, their invoice knows that it has some."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Create rows, and tell their invoices."""
        rows = super().bulk_create(objs, *args, **options)
        _tell_invoices({row.invoice_id for row in rows})
        return rows


class Instalment(DraftPart):
    """A part of an invoice with a day of its own: ``percent`` of the total, ``amount`` in currency units, or neither.

    Without either it is an equal share of what the others leave. Once issued, ``part`` is what it comes to and
    ``until`` what must be covered for it to be filled, both in minor units.
    """

    WHOLE = "invoice"

    invoice = ParentalKey(Invoice, on_delete=models.CASCADE, related_name="instalments")
    due_on = models.DateField(_("due on"))
    percent = models.DecimalField(
        _("percent of the total"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[validators.percent, validators.more_than_zero],
    )
    amount = models.DecimalField(
        _("or amount"),
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[validators.more_than_zero],
    )
    part = MinorUnits(default=0, editable=False)
    until = MinorUnits(default=0, editable=False)

    objects: ClassVar[Any] = InstalmentQuerySet.as_manager()

    class Meta(DraftPart.Meta):
        abstract = False
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent=None) | models.Q(amount=None), name="wagtail_payments_instalment_agreed_once"
            ),
        ]
        indexes = [models.Index(fields=["invoice", "due_on"], name="wp_instalment_due")]

    def __str__(self) -> str:
        return self.due_on.isoformat()

    def as_core(self, currency: str) -> schedule.Agreed:
        """Return what was agreed as plain data."""
        return schedule.Agreed(self.percent, None if self.amount is None else money.to_minor(self.amount, currency))

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and tell the invoice; raises if that was issued."""
        super().save(*args, **options)
        _tell_invoices({self.invoice_id})


def _tell_invoices(keys: set[int]) -> None:
    Invoice.objects.filter(pk__in=keys, in_parts=False).update(in_parts=True)


def read_at_once(invoices: Iterable[Invoice]) -> None:
    """Read the instalments of those that have some in one question; asks nothing where none has."""
    models.prefetch_related_objects([invoice for invoice in invoices if invoice.in_parts], "instalments")
