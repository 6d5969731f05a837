"""Promises to pay: the day that a customer named, kept for ever with how it ended."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagtail_payments.records.fields import MinorUnits
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.invoices import Invoice


def promise_ends() -> list[tuple[str, Any]]:
    """Return how a promise can end."""
    return [
        ("kept", _("Kept")),
        ("broken", _("Broken")),
        ("withdrawn", _("Withdrawn")),
        ("replaced", _("Replaced by another day")),
    ]


class Promise(Frozen):
    """The day on which a customer means to pay; nothing of it changes but that it ends.

    ``until`` is what must then be covered of the invoice, minor units. ``standing_for`` is the invoice while the
    promise stands, else NULL: unique, so one per invoice. ``made_by`` is an editor, or nobody: the customer.
    """

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"standing_for", "ended_at", "end", "made_by"})

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="promises")
    standing_for = models.OneToOneField(Invoice, on_delete=models.PROTECT, null=True, related_name="standing_promise")
    planned_on = models.DateField(_("planned on"))
    until = MinorUnits()
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by_customer = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(_("how it ended"), max_length=20, choices=promise_ends, blank=True)

    class Meta:
        verbose_name = _("promise to pay")
        verbose_name_plural = _("promises to pay")
        ordering = ["-pk"]
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False, standing_for=None) & ~Q(end="")),
                name="wagtail_payments_promise_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return self.planned_on.isoformat()
