"""Disputes: payments that the payer's bank asks about or takes back, and the money that they moved."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_payments.core.lifecycle import UNDECIDED_DISPUTE_STATES, DisputeState
from wagtail_payments.records.fields import CurrencyCode, MinorUnits, Mode, ProviderId
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.payments import Payment


def dispute_states() -> list[tuple[str, Any]]:
    """Return the states of a dispute."""
    labels = {
        DisputeState.INQUIRY: _("The bank asks"),
        DisputeState.INQUIRY_CLOSED: _("Question closed"),
        DisputeState.NEEDS_RESPONSE: _("Needs your answer"),
        DisputeState.UNDER_REVIEW: _("The bank decides"),
        DisputeState.LOST: pgettext_lazy("dispute", "Lost"),
        DisputeState.APPEALED: pgettext_lazy("dispute", "Appealed"),
        DisputeState.WON: pgettext_lazy("dispute", "Won"),
        DisputeState.PREVENTED: _("Settled between the banks"),
    }
    return [(state.value, label) for state, label in labels.items()]


def dispute_reasons() -> list[tuple[str, Any]]:
    """Return why a payer's bank takes a payment back: the provider's codes."""
    return [
        ("bank_cannot_process", _("The bank could not carry it out")),
        ("check_returned", _("The cheque was returned")),
        ("credit_not_processed", _("A refund was promised and did not come")),
        ("customer_initiated", _("The customer had it returned")),
        ("debit_not_authorized", _("The customer says that the debit was not authorised")),
        ("duplicate", _("The customer says that it was paid twice")),
        ("fraudulent", _("The customer says that somebody else paid")),
        ("general", _("No reason given")),
        ("incorrect_account_details", _("Wrong account details")),
        ("insufficient_funds", _("Not enough money on the account")),
        ("noncompliant", _("Against the rules of the card network")),
        ("product_not_received", _("The customer says that nothing came")),
        ("product_unacceptable", _("The customer says that it was not as promised")),
        ("subscription_canceled", _("The customer says that it was cancelled")),
        ("unrecognized", _("The customer does not recognise it")),
    ]


class Dispute(models.Model):
    """A dispute as the provider tells it. What it took and gave back is in its rows of ``DisputedMoney``.

    ``amount`` is what it is about, which may be more than was left of the payment. ``is_return``: a direct debit that
    the bank returned, against which nothing can be said.
    """

    payment = models.ForeignKey(Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="disputes")
    gateway = models.CharField(_("came through"), max_length=30)
    account = models.CharField(max_length=100, blank=True)
    mode = models.CharField(max_length=4, choices=Mode)
    dispute_id = ProviderId()
    amount = MinorUnits(_("amount"))
    currency = CurrencyCode()
    reason = models.CharField(_("reason"), max_length=50, choices=dispute_reasons)
    state = models.CharField(_("state"), max_length=20, choices=dispute_states, db_index=True)
    is_return = models.BooleanField(_("returned debit"), default=False)
    evidence_due_by = models.DateTimeField(_("answer by"), null=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    lock_count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-opened_at", "-pk"]
        permissions = [("export_dispute", _("Can export disputes"))]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute_id", "gateway", "account"], name="wagtail_payments_dispute_counted_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="wagtail_payments_dispute_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.state}"

    @property
    def state_in_words(self) -> str:
        """How it stands: of a returned debit nothing is won or lost in a dispute."""
        of_returns = {
            DisputeState.LOST: _("Returned by the bank"),
            DisputeState.WON: _("Paid by the bank after all"),
        }
        label = of_returns.get(DisputeState(self.state)) if self.is_return else None
        return str(label or self.get_state_display())

    @property
    def is_undecided(self) -> bool:
        """Does the bank still have to decide? A returned debit is decided when it comes."""
        return not self.is_return and self.state in UNDECIDED_DISPUTE_STATES


class DisputedMoney(Frozen):
    """Money that a dispute took from a payment, or (negative) gave back; likewise the provider's fee for it."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="moved")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputed_money")
    amount = MinorUnits(default=0)
    fee = MinorUnits(default=0)
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("disputed money")
        verbose_name_plural = _("disputed money")
        ordering = ["pk"]
        base_manager_name = "objects"
        constraints = [models.CheckConstraint(condition=~Q(amount=0, fee=0), name="wagtail_payments_disputed_not_zero")]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.amount}"
