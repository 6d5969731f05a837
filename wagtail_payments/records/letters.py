"""Letters: every e-mail of ours, written with the change it tells of, delivered after commit, never forgotten."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.records.customers import Customer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.links import Link
from wagtail_payments.records.registrations import Registration
from wagtail_payments.records.sellers import Seller


def letter_kinds() -> list[tuple[str, Any]]:
    """Return what we write to people about."""
    return [
        ("invoice", _("Invoice")),
        ("proforma", _("Pro forma")),
        ("receipt", _("Receipt")),
        ("refund_receipt", _("Refund receipt")),
        ("credit_note", _("Credit note")),
        ("invoice_revised", _("Invoice revised")),
        ("payment_request", _("Several invoices together")),
        ("reminder", _("Reminder to pay")),
        ("payment_failed", _("Payment that failed")),
        ("payment_returned", _("Payment that came back")),
        ("registered", _("Registration")),
        ("balance", _("Balance of a registration")),
        ("registration_cancelled", _("Registration cancelled")),
        ("seat_lost", _("Payment for a seat that was gone")),
        ("event_changed", _("Event changed")),
        ("event_reminder", _("Reminder of an event")),
        ("event_message", _("Message to attendees")),
        ("owner_registered", _("Copy to you: new registration")),
        ("owner_seat_lost", _("Copy to you: paid without a seat")),
        ("question", _("Question from a customer")),
        ("owner_paid", _("Copy to you: payment received")),
        ("owner_disputed", _("Copy to you: dispute")),
        ("owner_promised", _("Copy to you: payment planned")),
        ("owner_refunded", _("Copy to you: refund made")),
        ("quote", _("Quote")),
        ("quote_answer", _("Answer to a question about a quote")),
        ("owner_quote_accepted", _("Copy to you: quote accepted")),
        ("owner_quote_declined", _("Copy to you: quote declined")),
        ("owner_quote_question", _("Question about a quote")),
        ("signing_code", _("Code to sign a quote")),
        ("quote_signed", _("Signed quote")),
        ("owner_quote_signed", _("Copy to you: quote signed")),
        ("withdrawal", _("Withdrawal confirmed")),
        ("owner_withdrawal", _("Copy to you: customer withdrew")),
        ("test", _("Test to yourself")),
    ]


def letter_states() -> list[tuple[str, Any]]:
    """Return how far a letter is."""
    return [
        ("queued", _("Waiting")),
        ("sending", _("Being sent")),
        ("sent", _("Sent")),
        ("unknown", _("Perhaps not sent")),
        ("failed", _("Not sent")),
        ("withdrawn", _("Withdrawn")),  # before it was sent, there was a reason not to
    ]


def delivery_states() -> list[tuple[str, Any]]:
    """Return what the mail service reported last (the words of django-anymail's tracking events)."""
    return [
        ("", _("No report")),
        ("queued", _("Queued")),
        ("sent", _("On its way")),
        ("deferred", _("Delayed")),
        ("delivered", _("Delivered")),
        ("bounced", _("Bounced")),
        ("rejected", _("Refused")),
        ("failed", _("Failed")),
        ("complained", _("Marked as spam")),
    ]


class Letter(models.Model):
    """An e-mail as written. Its link stands in it as ``{{ link }}``: the token is put in at delivery.

    Where it lists several documents, the link of each stands there as ``{{ link 17 }}``, with the link's own key.
    """

    kind = models.CharField(_("kind"), max_length=30, choices=letter_kinds)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="letters")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="letters")
    document = models.ForeignKey(IssuedDocument, on_delete=models.PROTECT, null=True, related_name="letters")
    link = models.ForeignKey(Link, on_delete=models.PROTECT, null=True, related_name="letters")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, null=True, related_name="letters")
    further_links = models.ManyToManyField(Link, related_name="listed_in", blank=True)
    enclosed = models.ManyToManyField(IssuedDocument, related_name="enclosed_in", blank=True)
    language = models.CharField(max_length=10)
    to = models.JSONField(_("to"), default=list)
    cc = models.JSONField(_("copy to"), default=list)
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    calendar = models.TextField(blank=True)  # an iCalendar file that goes with it
    message_id = models.CharField(max_length=200, unique=True)
    at_most_once = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=10, choices=letter_states, default="queued", db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_index=True)
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.CharField(max_length=500, blank=True)
    provider_message_id = models.CharField(max_length=200, blank=True, db_index=True)
    delivery = models.CharField(_("delivery"), max_length=20, choices=delivery_states, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    written_once = models.CharField(max_length=80, null=True, unique=True)  # e.g. one receipt letter per payment

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-pk"]
        permissions = [("resend_letter", _("Can send letters again"))]

    def __str__(self) -> str:
        return self.subject


class DeliveryReport(Frozen):
    """What the mail service told us about one letter and one recipient."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="reports")
    event = models.CharField(max_length=20)
    recipient = models.CharField(max_length=254, blank=True)
    at = models.DateTimeField()
    detail = models.CharField(max_length=500, blank=True)
    event_id = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery report")
        verbose_name_plural = _("delivery reports")
        ordering = ["at", "pk"]
        base_manager_name = "objects"
        indexes = [models.Index(fields=["recipient"], name="wp_report_recipient")]

    def __str__(self) -> str:
        return f"{self.event} {self.recipient}"
