"""What an event asks for at once and what later, as its organiser sets it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core.ticket_deposits import DepositTerms
from wagtail_payments.records import validators


class TakesDeposit(models.Model):
    """An event whose tickets may be paid in two parts."""

    deposit_percent = models.DecimalField(
        _("deposit, %"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[validators.percent],
        help_text=_("Paid when registering. Leave empty where the whole price is."),
    )
    balance_days = models.PositiveSmallIntegerField(
        _("balance due … days before"),
        null=True,
        blank=True,
        help_text=_("Asked for by itself, a week before it is due. Whoever registers after that day pays all at once."),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Check what only makes sense together."""
        super().clean()
        if self.deposit_percent is not None and not 0 < self.deposit_percent < 100:
            raise ValidationError({"deposit_percent": _("Write more than 0 and less than 100, or nothing.")})
        if self.deposit_percent is not None and self.balance_days is None:
            raise ValidationError({"balance_days": _("Say how many days before the event the balance is due.")})
        if self.deposit_percent is None and self.balance_days is not None:
            raise ValidationError({"deposit_percent": _("Say how much is paid at once, or empty the days too.")})

    @property
    def deposit_terms(self) -> DepositTerms | None:
        """What is asked for at once; None where it is the whole price."""
        if self.deposit_percent is None or self.balance_days is None:
            return None
        return DepositTerms(self.deposit_percent, self.balance_days)
