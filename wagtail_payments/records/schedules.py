"""How an invoice may be paid in parts: its options, and its instalments as plain data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core import money, schedule
from wagtail_payments.records import validators

if TYPE_CHECKING:
    from wagtail_payments.records.instalments import Instalment


class PaidInParts(models.Model):
    """What a document needs to be paid in parts; ``in_parts`` tells whether to look for instalments at all.

    ``least_amount`` is in currency units: the smallest amount that a customer may choose with ``other_amount``.
    """

    in_parts = models.BooleanField(default=False, editable=False)
    other_amount = models.BooleanField(_("the customer may pay another amount"), default=False)
    least_amount = models.DecimalField(
        _("but at least"),
        max_digits=14,
        decimal_places=3,
        default=Decimal(0),
        blank=True,
        validators=[validators.not_negative],
    )

    if TYPE_CHECKING:
        instalments: Any
        document_id: int | None
        due_on: date | None
        gross: int
        currency: str

    class Meta:
        abstract = True

    def agreed_rows(self) -> list[Instalment]:
        """The instalments as they were agreed, the earliest first; none where it is due on one day."""
        return sorted(self.instalments.all(), key=lambda row: (row.due_on, row.pk or 0)) if self.in_parts else []

    def last_instalment_on(self) -> date | None:
        """The day by which all of it is due, where it is paid in instalments."""
        rows = self.agreed_rows()
        return rows[-1].due_on if rows else None

    def instalment_parts(self, total: int) -> list[schedule.Part]:
        """The instalments of that total in minor units; none where it is due on one day.

        Raises ``DoesNotAddUp``: it can't once the invoice is issued.
        """
        rows = self.agreed_rows()
        if self.document_id is not None:
            return [schedule.Part(row.due_on, row.part) for row in rows]
        return schedule.parts(total, [(row.due_on, row.as_core(self.currency)) for row in rows])

    def parts(self) -> list[schedule.Part]:
        """What is to be paid by when, once it is issued: its instalments, or all of it on one day."""
        return self.instalment_parts(self.gross) or [schedule.Part(self.due_on or date.max, self.gross)]

    @property
    def least_minor(self) -> int:
        """The smallest amount that a customer may choose, minor units; providers take nothing below about one unit."""
        return money.to_minor(max(self.least_amount, Decimal(1)), self.currency)
