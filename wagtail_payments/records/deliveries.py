"""Messages of gateways as they came, what became of them, and what needs a person's eye."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.disputes import Dispute
from wagtail_payments.records.fields import ProviderId
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Payment, Refund
from wagtail_payments.records.quotes import Quote
from wagtail_payments.records.registrations import Registration


def delivery_states() -> list[tuple[str, Any]]:
    """Return what became of a message."""
    return [
        ("new", _("Waiting")),
        ("done", _("Done")),
        ("ignored", _("Not for us")),
        ("refused", _("Does not fit: needs a look")),
        ("failed", _("Failed, will be tried again")),
    ]


class WebhookDelivery(models.Model):
    """A verified message, stored before anything is made of it; counted once however often it comes."""

    gateway = models.CharField(_("gateway"), max_length=30)
    account = models.CharField(max_length=100, blank=True)
    message_id = ProviderId(_("message"))
    type = models.CharField(_("type"), max_length=100)
    hostname = models.CharField(max_length=255, blank=True)
    live = models.BooleanField(default=False)
    session_id = ProviderId(blank=True, default="")
    payment_id = ProviderId(blank=True, default="")
    body = models.TextField()
    sent_at = models.DateTimeField(_("sent"))
    received_at = models.DateTimeField(_("received"), db_index=True)
    copies = models.PositiveIntegerField(_("received … times"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=delivery_states, default="new", db_index=True)
    outcome = models.CharField(_("outcome"), max_length=500, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-pk"]
        permissions = [("retry_webhookdelivery", _("Can process webhook deliveries again"))]
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "account", "message_id"], name="wagtail_payments_message_stored_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.message_id}"


def alert_kinds() -> list[tuple[str, Any]]:
    """Return what needs a person's eye."""
    return [
        ("mismatch", _("A provider's message does not fit our records")),
        ("unallocated", _("Money that pays nothing yet")),
        ("refund_failed", _("A refund failed")),
        ("dispute", _("A payment is disputed")),
        ("dispute_lost", _("A dispute was lost")),
        ("returned", _("A bank returned a debit")),
        ("reversal", _("A refund made at the provider re-opened an invoice")),
        ("rendition", _("A PDF could not be drawn as it should")),
        ("letter", _("A letter could not be sent")),
        ("unknown_session", _("A provider's session that we do not know")),
        ("seat_lost", _("Paid without a seat")),
        ("not_invoiced", _("Paid, but not invoiced")),
        ("cancellation", _("Cancellation not credited")),
        ("balance", _("Balance not asked for")),
        ("billing", _("Part of a quote to invoice")),
        ("send_back", _("Money to send back by hand")),
        ("not_ready", _("Event that can't be sold")),
        ("withdrawal", _("A customer has withdrawn from a contract")),
    ]


class Alert(models.Model):
    """Something an editor should look at; shown on the home page until someone says it is settled."""

    kind = models.CharField(max_length=20, choices=alert_kinds)
    text = models.CharField(max_length=500)
    raised_once = models.CharField(max_length=120, unique=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="alerts")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="alerts")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="alerts")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, null=True, related_name="alerts")
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, null=True, related_name="alerts")
    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.SET_NULL, null=True, related_name="alerts")
    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, null=True, related_name="alerts")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, null=True, related_name="alerts")
    raised_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-raised_at"]

    def __str__(self) -> str:
        return self.text


class Heartbeat(models.Model):
    """When the clockwork last ran, how reconciling ended, and how far each sweep came that could not do all."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    result = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.name} {self.at}"


class RateLimit(models.Model):
    """How often something was tried in a window of time; counted in the database, so right on many workers."""

    key = models.CharField(max_length=150)
    window = models.PositiveBigIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("rate limit")
        verbose_name_plural = _("rate limits")
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="wagtail_payments_one_window")]

    def __str__(self) -> str:
        return self.key
