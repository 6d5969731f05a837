"""Tries to pay invoices through a gateway, and what of each is for which invoice. Amounts are minor units."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.models import Site

from wagtail_payments.core.lifecycle import AttemptState
from wagtail_payments.records.events import Event
from wagtail_payments.records.fields import CurrencyCode, MinorUnits, Mode, ProviderId
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payment_requests import PaymentRequest


def attempt_states() -> list[tuple[str, Any]]:
    """Return the states of a try to pay."""
    labels = {
        AttemptState.CREATED: _("Starting"),
        AttemptState.OPEN: pgettext_lazy("payment attempt", "Open"),
        AttemptState.PROCESSING: _("With the bank"),
        AttemptState.UNKNOWN: _("No answer yet"),
        AttemptState.SUCCEEDED: pgettext_lazy("payment attempt", "Paid"),
        AttemptState.FAILED: _("Failed"),
        AttemptState.EXPIRED: _("Expired"),
    }
    return [(state.value, label) for state, label in labels.items()]


class PaymentAttempt(models.Model):
    """A try to pay through a gateway; committed with its idempotency key before anyone is asked.

    ``invoice`` is the one it was begun for, the first of several; ``shares`` say what is for which invoice.
    ``payment_request`` is set where several are paid together. ``event`` is the one whose seats are paid for, if any:
    its row is locked before the invoice's. ``order`` is what was asked, word for word: asking again under the same
    key must ask the same.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="attempts")
    payment_request = models.ForeignKey(PaymentRequest, on_delete=models.PROTECT, null=True, related_name="attempts")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="attempts")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="payment_attempts")
    gateway = models.CharField(max_length=30)
    account = models.CharField(max_length=100, blank=True)
    mode = models.CharField(max_length=4, choices=Mode)
    amount = MinorUnits()
    currency = CurrencyCode()
    state = models.CharField(max_length=20, choices=attempt_states, default=AttemptState.CREATED)
    idempotency_key = models.CharField(max_length=64, unique=True)
    session_id = ProviderId(null=True)
    url = models.URLField(max_length=2000, blank=True)
    order = models.JSONField(default=dict)
    failure = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    lock_count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        ordering = ["-pk"]
        constraints = [
            # The id comes first, as it does for payments: a message names it, and finds its row by this index.
            models.UniqueConstraint(
                fields=["session_id", "gateway", "account"], name="wagtail_payments_session_known_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="wagtail_payments_attempt_above_zero"),
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="wp_attempt_state")]

    def __str__(self) -> str:
        return f"{self.invoice} {self.gateway} {self.state}"

    def invoice_keys(self) -> list[int]:
        """Return the keys of the invoices it is for, in the order in which rows are locked."""
        if self.payment_request_id is None:
            return [self.invoice_id]
        return list(self.shares.order_by("invoice_id").values_list("invoice_id", flat=True))

    def end(self) -> None:
        """Let its invoices be tried anew; inside the transaction that writes down that it can bring no more money."""
        self.shares.filter(live_for__isnull=False).update(live_for=None)


class AttemptShare(models.Model):
    """The part of a try to pay that is for one invoice. All parts together are what the try asks for.

    ``asked`` is what was asked of the invoice in all when the try began: once that is another amount, the try is
    outdated. ``live_for`` is the invoice while the try can still bring money, else NULL: unique, so an invoice has one
    live try, be it alone or together with others.
    """

    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="shares")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="attempt_shares")
    live_for = models.OneToOneField(Invoice, on_delete=models.PROTECT, null=True, related_name="live_share")
    amount = MinorUnits()
    asked = MinorUnits()

    class Meta:
        verbose_name = _("part of a payment attempt")
        verbose_name_plural = _("parts of payment attempts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "invoice"], name="wagtail_payments_one_share_each"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="wagtail_payments_share_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt} → {self.invoice}: {self.amount}"


def live_try_of(invoice: Invoice) -> PaymentAttempt | None:
    """Return the try that can still bring money for an invoice, alone or together with others."""
    rows = PaymentAttempt.objects.select_related("invoice", "site")
    found: PaymentAttempt | None = rows.filter(shares__live_for=invoice.pk).first()
    return found
