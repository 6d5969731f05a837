"""Lists of invoices with the money of each, asked of the books; and what a person calls the answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, Value, When
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
        Status.PLANNED: _("Planned"),
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
        """Add what ``Balance`` holds, and ``due``, in minor units and in one query.

        And ``next_due_on``, the day of the first instalment that is neither covered nor on its way, or of the whole;
        ``planned_on``, the day of the promise that stands, if what it is about is not paid yet.
        """
        undecided: dict[str, Any] = {"dispute__state__in": UNDECIDED_DISPUTE_STATES, "dispute__is_return": False}
        return self.annotate(
            disputed=-self._sum_of("allocations", **undecided),
            paid=self._sum_of("allocations"),
            credited=self._sum_of("credit_applications"),
            processing=self._sum_of("attempt_shares", attempt__state=AttemptState.PROCESSING),
            taken_back=self._sum_of("credit_notes", column="gross"),
        ).annotate(
            due=F("gross") - F("paid") - F("credited"),
            covered=F("paid") + F("credited") + F("processing"),
            next_due_on=Coalesce(self._first_beyond("instalments", "invoice", "due_on"), F("due_on")),
            planned_on=self._first_beyond("promises", "standing_for", "planned_on"),
        )

    def with_overdue(self, today: date) -> InvoiceQuerySet:
        """Add ``overdue``: what should have been covered by yesterday, minor units; call ``with_balance`` first."""
        lapsed = self._sum_of("instalments", column="part", due_on__lt=today)
        late = When(due_on__lt=today, then=F("due"))
        return self.annotate(lapsed=lapsed).annotate(
            overdue=Case(late, default=F("lapsed") - F("paid") - F("credited"))
        )

    def promised(self, today: date) -> InvoiceQuerySet:
        """Keep those for which a promise to pay stands on that day; call ``with_balance`` first."""
        return self.filter(planned_on__gte=today)

    def with_status(self, wanted: Status, today: date) -> InvoiceQuerySet:
        """Keep the invoices that have that status on that day; call ``with_balance`` first."""
        return self.filter(_status_condition(wanted, today))

    def _first_beyond(self, relation: str, pointing: str, day: str) -> Subquery:
        """The earliest day among the rows that point to an invoice and need more than what is covered."""
        model = self.model._meta.get_field(relation).related_model
        rows = model._base_manager.filter(**{pointing: OuterRef("pk")}, until__gt=OuterRef("covered"))
        return Subquery(rows.order_by(day).values(day)[:1])

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
    # Written out, since "not" of a comparison with nothing is neither true nor false in SQL.
    late, on_time = Q(next_due_on__lt=today), Q(next_due_on=None) | Q(next_due_on__gte=today)
    planned, free = Q(planned_on__gte=today), Q(planned_on=None) | Q(planned_on__lt=today)
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
            Status.PLANNED: waiting & planned,
            Status.OVERDUE: waiting & free & late,
            Status.PARTLY_PAID: waiting & free & on_time & touched,
            Status.OPEN: waiting & free & on_time & ~touched,
        }[wanted]
    )
