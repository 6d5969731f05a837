"""Events: when, where, how many, for how much. Pages present them; facts that money hangs on stand only here."""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable, Site

from wagtail_payments import ports
from wagtail_payments.core import money
from wagtail_payments.core.cancellation import Policy, Terms
from wagtail_payments.core.discounts import Code, canonical
from wagtail_payments.core.tax import VatCategory, VatGroup
from wagtail_payments.core.tickets import EarlyBird, Window, price_at
from wagtail_payments.records import validators
from wagtail_payments.records.customers import VatChoice
from wagtail_payments.records.exemptions import MayBeLeft
from wagtail_payments.records.sellers import Seller
from wagtail_payments.records.ticket_deposits import TakesDeposit
from wagtail_payments.records.translated import Translated


def cancellation_policies() -> list[tuple[str, Any]]:
    """Return what an organiser may allow registrants."""
    labels = {
        Policy.NEVER: _("Not by themselves"),
        Policy.FREE_UNTIL: _("Free of charge until some days before"),
        Policy.FEE: _("Until it begins, with a fee in the last days"),
    }
    return [(policy.value, label) for policy, label in labels.items()]


def notifications() -> list[tuple[str, Any]]:
    """Return how an organiser hears of new registrations."""
    return [("at_once", _("At once")), ("daily", _("Once a day, all together")), ("never", _("Not by e-mail"))]


class Event(Translated, TakesDeposit, MayBeLeft, ClusterableModel):
    """Something people attend. One row however many pages and languages present it, so one capacity.

    ``lock_count`` is the lock of its seats: whoever gives or takes one writes here first.
    """

    seller = models.ForeignKey(Seller, verbose_name=_("seller"), on_delete=models.PROTECT, related_name="events")
    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="payment_events")
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=10, default="fr")
    starts_at = models.DateTimeField(_("begins"), db_index=True)
    ends_at = models.DateTimeField(_("ends"))
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="Europe/Paris", validators=[validators.time_zone]
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    address = models.TextField(_("address of the place"), blank=True)
    online_url = models.URLField(
        _("link to join online"), max_length=500, blank=True, help_text=_("Only those who are registered see it.")
    )
    capacity = models.PositiveIntegerField(
        _("seats in all"), null=True, blank=True, help_text=_("Leave empty where there is no limit.")
    )
    shows_seats_left = models.BooleanField(_("visitors see how many seats are left"), default=True)
    opens_at = models.DateTimeField(_("registration opens"), null=True, blank=True)
    closes_at = models.DateTimeField(
        _("registration closes"), null=True, blank=True, help_text=_("At the latest when the event begins.")
    )
    hold_minutes = models.PositiveSmallIntegerField(
        _("minutes to pay"),
        default=35,
        validators=[validators.minutes_to_pay],
        help_text=_("That long are seats kept for somebody who is paying; payment providers want 35 minutes or more."),
    )
    pays_later = models.BooleanField(
        _("may be paid by bank transfer"),
        default=False,
        help_text=_("The seat is confirmed at once, and the invoice is sent to be paid."),
    )
    asks_names = models.BooleanField(_("ask for the name of each attendee"), default=True)
    cancellation = models.CharField(
        _("registrants may cancel"), max_length=12, choices=cancellation_policies, default=Policy.NEVER
    )
    cancellation_days = models.PositiveSmallIntegerField(_("free of charge until … days before"), default=7)
    cancellation_fee = models.DecimalField(
        _("fee after that, %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(50),
        validators=[validators.percent],
    )
    reminder_days = models.PositiveSmallIntegerField(
        _("remind … days before"), null=True, blank=True, help_text=_("Leave empty to send no reminder.")
    )
    notify = models.CharField(_("tell me of registrations"), max_length=10, choices=notifications, default="at_once")
    organiser_email = models.EmailField(
        _("organiser's e-mail"), blank=True, help_text=_("Otherwise the seller's address is used.")
    )
    cancelled_at = models.DateTimeField(null=True, editable=False)
    cancellation_reason = models.TextField(blank=True, editable=False)
    calendar_sequence = models.PositiveIntegerField(default=0, editable=False)  # RFC 5545, 3.8.7.4
    uid = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    lock_count = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-starts_at", "-pk"]
        permissions = [
            ("cancel_event", _("Can cancel events")),
            ("write_event", _("Can write to attendees")),
            ("export_event", _("Can export attendees")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="wagtail_payments_event_ends_after")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Save; a new event gets the name that calendars know it by for ever."""
        self.uid = self.uid or ports.new_id()
        super().save(*args, **options)

    def clean(self) -> None:
        """Check that times are in order."""
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            raise ValidationError({"ends_at": _("It can't end before it begins.")})
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": _("Registration must close after it opens.")})
        if self.reminder_days == 0:
            raise ValidationError({"reminder_days": _("Write 1 or more days, or nothing to send no reminder.")})

    @property
    def zone(self) -> tzinfo:
        """Where its clock hangs."""
        return ZoneInfo(self.time_zone)

    @property
    def window(self) -> Window:
        """When registration is open."""
        return Window(self.opens_at, self.closes_at)

    @property
    def is_cancelled(self) -> bool:
        """Was it called off?"""
        return self.cancelled_at is not None

    @property
    def terms(self) -> Terms:
        """What comes back to a registrant who cancels."""
        return Terms(Policy(self.cancellation), self.cancellation_days, self.cancellation_fee)

    @property
    def contact(self) -> str:
        """Where answers and news of registrations go."""
        return self.organiser_email or self.seller.email


class TicketType(Translated, VatChoice, Orderable):
    """What can be bought for an event; the price is in units of the seller's currency, with or without VAT."""

    event = ParentalKey(Event, on_delete=models.CASCADE, related_name="ticket_types")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("what it includes"), max_length=300, blank=True)
    price = models.DecimalField(
        _("price"), max_digits=14, decimal_places=3, default=Decimal(0), validators=[validators.not_negative]
    )
    price_includes_vat = models.BooleanField(_("price includes VAT"), default=True)
    early_price = models.DecimalField(
        _("early-bird price"),
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[validators.not_negative],
    )
    early_until = models.DateTimeField(_("early bird until"), null=True, blank=True)
    quantity = models.PositiveIntegerField(
        _("tickets of this kind"), null=True, blank=True, help_text=_("Leave empty to be limited by the seats alone.")
    )
    least = models.PositiveSmallIntegerField(_("at least, per order"), default=0)
    most = models.PositiveSmallIntegerField(_("at most, per order"), default=10, validators=[validators.at_least_one])
    opens_at = models.DateTimeField(_("sold from"), null=True, blank=True)
    closes_at = models.DateTimeField(_("sold until"), null=True, blank=True)
    is_withdrawn = models.BooleanField(_("no longer sold"), default=False)

    class Meta(Orderable.Meta):
        verbose_name = _("ticket type")
        verbose_name_plural = _("ticket types")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Check what only makes sense together."""
        super().clean()
        if (self.early_price is None) != (self.early_until is None):
            raise ValidationError({"early_until": _("An early-bird price needs its last moment, and the reverse.")})
        if self.least > self.most:
            raise ValidationError({"most": _("This is fewer than must be taken at least.")})

    @property
    def early(self) -> EarlyBird | None:
        """The lower price of the first days, if there is one."""
        if self.early_price is None or self.early_until is None:
            return None
        return EarlyBird(self.early_price, self.early_until)

    @property
    def window(self) -> Window:
        """When this kind is sold."""
        return Window(self.opens_at, self.closes_at)

    @property
    def vat(self) -> VatGroup:
        """The VAT group as plain data."""
        return VatGroup(VatCategory(self.vat_category), self.vat_rate.normalize() + 0, self.vat_reason)

    def price_at(self, now: datetime) -> Decimal:
        """Return what one costs now, in units of the currency, in its own price basis."""
        return price_at(self.price, self.early, now)


class DiscountCode(Orderable):
    """A word that lowers the price of an order; case and spaces do not count."""

    event = ParentalKey(Event, on_delete=models.CASCADE, related_name="discount_codes")
    code = models.CharField(_("code"), max_length=40)
    percent = models.DecimalField(
        _("percent off"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        blank=True,
        validators=[validators.percent],
    )
    amount = models.DecimalField(
        _("or amount off"),
        max_digits=14,
        decimal_places=3,
        default=Decimal(0),
        blank=True,
        validators=[validators.not_negative],
    )
    most = models.PositiveIntegerField(_("orders at most"), null=True, blank=True)
    opens_at = models.DateTimeField(_("from"), null=True, blank=True)
    closes_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = _("discount code")
        verbose_name_plural = _("discount codes")
        constraints = [models.UniqueConstraint(fields=["event", "code"], name="wagtail_payments_one_code_per_event")]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """Keep the code as it is compared, and take either a percentage or an amount."""
        super().clean()
        self.code = canonical(self.code)
        if bool(self.percent) == bool(self.amount):
            raise ValidationError({"percent": _("Give either a percentage or an amount.")})

    def as_core(self, currency: str) -> Code:
        """Return the code's terms as plain data."""
        return Code(
            self.percent or Decimal(0),
            money.to_minor(self.amount or Decimal(0), currency),
            Window(self.opens_at, self.closes_at),
            self.most,
        )


def question_kinds() -> list[tuple[str, Any]]:
    """Return how a question can be answered: the field types of Wagtail's form builder."""
    return [
        ("singleline", _("A line of text")),
        ("multiline", _("Several lines of text")),
        ("email", _("E-mail address")),
        ("number", _("Number")),
        ("url", _("Web address")),
        ("checkbox", _("A box to tick")),
        ("checkboxes", _("Several boxes to tick")),
        ("dropdown", _("One of a list")),
        ("radio", _("One of several, all shown")),
        ("multiselect", _("Several of a list")),
        ("date", _("Date")),
        ("datetime", _("Date and time")),
    ]


class Question(Translated, Orderable):
    """What an organiser wants to know, once per order or of each attendee."""

    event = ParentalKey(Event, on_delete=models.CASCADE, related_name="questions")
    key = models.CharField(max_length=64, editable=False)
    of_each = models.BooleanField(_("ask each attendee"), default=False)
    label = models.CharField(_("question"), max_length=255)
    help_text = models.CharField(_("hint"), max_length=255, blank=True)
    field_type = models.CharField(_("answered by"), max_length=16, choices=question_kinds, default="singleline")
    required = models.BooleanField(_("must be answered"), default=False)
    choices = models.TextField(_("choices"), blank=True, help_text=_("One per line."))
    default_value = models.CharField(_("already filled in"), max_length=255, blank=True)
    is_withdrawn = models.BooleanField(_("no longer asked"), default=False)

    class Meta(Orderable.Meta):
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="wagtail_payments_one_key_per_question")]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **options: Any) -> None:
        """Save; answers are kept under a key of its own, which outlives every change of words."""
        self.key = self.key or f"q{ports.new_id()[:12]}"
        super().save(*args, **options)


class Consent(Translated, Orderable):
    """A sentence to agree to; each registration keeps it as it was worded then."""

    event = ParentalKey(Event, on_delete=models.CASCADE, related_name="consents")
    text = models.TextField(_("sentence"))
    required = models.BooleanField(_("must be agreed to"), default=True)

    class Meta(Orderable.Meta):
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return self.text[:60]
