"""Reminders: what a seller has decided, what was planned and sent, and where none may go out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core.reminders import Skipped, Step, Tone
from wagtail_payments.records.balances import statuses
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.sellers import Seller


def tones() -> list[tuple[str, Any]]:
    """Return how a reminder can speak."""
    return [
        (Tone.NOTICE.value, _("Friendly notice")),
        (Tone.POLITE.value, _("Polite reminder")),
        (Tone.FIRM.value, _("Firm reminder")),
    ]


def reminder_states() -> list[tuple[str, Any]]:
    """Return how far a reminder is; once it is written, its letter knows more."""
    return [("planned", _("Planned")), ("written", _("Written")), ("skipped", _("Not sent"))]


def reasons() -> list[tuple[str, Any]]:
    """Return why a reminder was not sent."""
    labels = {
        Skipped.PAID: _("Nothing is due any more"),
        Skipped.PROCESSING: _("A payment is under way"),
        Skipped.PROMISED: _("The customer has promised to pay"),
        Skipped.DISPUTED: _("The payment is disputed"),
        Skipped.UNCOLLECTIBLE: _("Written off as uncollectible"),
        Skipped.REVERSED: _("Money went back, and nobody has looked at it yet"),
        Skipped.WITHDRAWN: _("The customer has withdrawn from the contract"),
        Skipped.MUTED: _("Reminders are switched off"),
        Skipped.BOUNCED: _("Mail to the customer comes back, or was marked as spam"),
        Skipped.NO_ADDRESS: _("The customer has no e-mail address"),
        Skipped.LATE: _("Its day went by, and a later one was due"),
    }
    return [(reason.value, label) for reason, label in labels.items()]


def when(days: int) -> str:
    """Say so many days from the due date."""
    if not days:
        return gettext("on the due date")
    text = (
        ngettext("%(days)d day before the due date", "%(days)d days before the due date", -days)
        if days < 0
        else ngettext("%(days)d day after the due date", "%(days)d days after the due date", days)
    )
    return text % {"days": abs(days)}


class ReminderPolicy(models.Model):
    """Whether a seller's customers are reminded. Steps whose day was before ``since`` are never made up for."""

    seller = models.OneToOneField(Seller, on_delete=models.CASCADE, related_name="reminder_policy")
    is_on = models.BooleanField(_("send reminders"), default=True)
    one_letter = models.BooleanField(_("one letter for several overdue invoices"), default=True)
    since = models.DateField()

    class Meta:
        verbose_name = _("reminder policy")
        verbose_name_plural = _("reminder policies")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.seller)


class ReminderStep(models.Model):
    """A reminder of a seller's series, so many days from the due date."""

    seller = models.ForeignKey(Seller, on_delete=models.CASCADE, related_name="reminder_steps")
    days = models.SmallIntegerField(_("days"))
    tone = models.CharField(_("tone"), max_length=10, choices=tones, default="polite")
    is_on = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("reminder step")
        verbose_name_plural = _("reminder steps")
        ordering = ["days", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return when(self.days)

    def as_core(self) -> Step:
        """Return it as plain data."""
        return Step(self.pk, self.days, Tone(self.tone))


class ReminderMute(models.Model):
    """No reminder goes out for one invoice, or for any invoice of a customer, for as long as the row stands."""

    invoice = models.OneToOneField(Invoice, on_delete=models.CASCADE, null=True, related_name="reminder_mute")
    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, null=True, related_name="reminder_mute")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("switched-off reminder")
        verbose_name_plural = _("switched-off reminders")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(invoice__isnull=False, customer=None) | Q(invoice=None, customer__isnull=False),
                name="wagtail_payments_mute_of_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.invoice or self.customer)


class Reminder(models.Model):
    """One step for one invoice, at most once; or (without ``days``) one that an editor sent besides.

    What became of its letter is asked of the letter: sent, perhaps not sent, not sent.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="reminders")
    step = models.ForeignKey(ReminderStep, on_delete=models.SET_NULL, null=True, related_name="reminders")
    days = models.SmallIntegerField(null=True)
    due_on = models.DateField()
    tone = models.CharField(_("tone"), max_length=10, choices=tones, default="polite")
    planned_on = models.DateField(_("planned for"))
    state = models.CharField(_("state"), max_length=10, choices=reminder_states, default="planned")
    reason = models.CharField(_("why not"), max_length=20, choices=reasons, blank=True, default="")
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, null=True, related_name="reminders")
    by_hand = models.BooleanField(_("by hand"), default=False)
    despite_mute = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-pk"]
        permissions = [("send_reminder", _("Can send reminders and switch them off"))]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "due_on", "days"], name="wagtail_payments_reminded_once")
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {'' if self.days is None else self.days}".strip()

    @property
    def is_doubtful(self) -> bool:
        """Does nobody know whether it was sent, or is it known that it was not, by no decision?"""
        return self.state == "written" and self.letter is not None and self.letter.state in ("unknown", "failed")

    @property
    def outcome(self) -> str:
        """What became of it, in words."""
        if self.letter is not None and self.state == "written":
            return str(self.letter.get_state_display())
        if not self.reason:
            return str(self.get_state_display())
        return str(dict(reasons()).get(self.reason) or dict(statuses()).get(self.reason, self.reason))
