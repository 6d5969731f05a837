"""Lists of invoices with the money of each, asked of the books; and what a person calls the answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_payments.core.lifecycle import UNDECIDED_DISPUTE_STATES, AttemptState, Status, Stored
from wagtail_payments.records.guards import FrozenQuerySet


def statuses() -> list[tuple[str, Any]]:
    """Return the computed statuses, in the words a person sees."""
    labels = {
        Status.DRAFT: _("Draft"),
        Status.SCHEDULED: _("Scheduled"),
        Status.OPEN: _("To be paid"),
        Status.OVERDUE: _("Overdue"),
        Status.PROCESSING: _("Payment under way"),
        Status.DISPUTED: pgettext_lazy("invoice", "Disputed"),
        Status.PARTLY_PAID: _("Partly paid"),
        Status.PAID: _("Paid"),
        Status.CREDITED: _("Credited"),
        Status.UNCOLLECTIBLE: _("Uncollectible"),
    }
    return [(value.value, label) for value, label in labels.items()]


class InvoiceQuerySet(FrozenQuerySet):
    """Invoices, with the money of each asked of the books."""

    def with_balance(self) -> InvoiceQuerySet:
        """Add what ``Balance`` holds, and ``due``, in minor units and in one query."""
        undecided = {"dispute__state__in": UNDECIDED_DISPUTE_STATES, "dispute__is_return": False}
        return self.annotate(
            disputed=-self._sum_of("allocations", **undecided),
            paid=self._sum_of("allocations"),
            credited=self._sum_of("credit_applications"),
            processing=self._sum_of("attempts", state=AttemptState.PROCESSING),
            taken_back=self._sum_of("credit_notes", column="gross"),
        ).annotate(due=F("gross") - F("paid") - F("credited"))

    def with_status(self, wanted: Status, today: date) -> InvoiceQuerySet:
        """Keep the invoices that have that status on that day; call ``with_balance`` first."""
        return self.filter(_status_condition(wanted, today))

    def _sum_of(self, relation: str, column: str = "amount", **conditions: Any) -> Coalesce:
        """What the rows that point to an invoice come to."""
        pointing = self.model._meta.get_field(relation)
        name = pointing.field.name
        rows = pointing.related_model._base_manager.filter(**{name: OuterRef("pk")}, **conditions).order_by()
        summed = rows.values(name).annotate(whole=Sum(column)).values("whole")
        return Coalesce(Subquery(summed), Value(0), output_field=models.BigIntegerField())


def _status_condition(wanted: Status, today: date) -> Q:
    """The same rules as ``core.lifecycle.status``, as a question to the database; a test holds them equal."""
    if wanted in (Status.DRAFT, Status.SCHEDULED, Status.UNCOLLECTIBLE):
        return Q(state=wanted.value)
    issued = Q(state=Stored.ISSUED)
    settled = Q(due__lte=0)
    credited = settled & Q(taken_back__gte=F("gross")) & ~Q(gross=0)
    processing = Q(processing__gte=F("due"))
    late = Q(due_on__lt=today)
    touched = ~Q(paid=0) | ~Q(credited=0)
    disputed = Q(disputed__gt=0)
    waiting = ~settled & ~processing & ~disputed
    return (
        issued
        & {
            Status.CREDITED: credited,
            Status.PAID: settled & ~credited,
            Status.PROCESSING: ~settled & processing,
            Status.DISPUTED: ~settled & ~processing & disputed,
            Status.OVERDUE: waiting & late,
            Status.PARTLY_PAID: waiting & ~late & touched,
            Status.OPEN: waiting & ~late & ~touched,
        }[wanted]
    )
