"""Withdrawals: that a consumer left a contract made online, kept word for word."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.quotes import Quote
from wagtail_payments.records.registrations import Cancellation


class Withdrawal(Frozen):
    """A consumer's statement, as it was shown and confirmed; ``sha256`` is that of ``statement``.

    It ends a quote that was signed, or a registration: then its seats and its money follow as the cancellation's do.
    """

    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, null=True, related_name="withdrawal")
    cancellation = models.OneToOneField(Cancellation, on_delete=models.PROTECT, null=True, related_name="withdrawal")
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"))
    statement = models.TextField(_("statement"))
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(_("at"))
    ip = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ["-pk"]
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=Q(quote=None, cancellation__isnull=False) | Q(quote__isnull=False, cancellation=None),
                name="wagtail_payments_withdrawal_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.quote or self.cancellation}: {self.name}"
