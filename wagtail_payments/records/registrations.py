"""Registrations and seats: a registration is one order; a seat is one place, from the first hold to the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core import withdrawal
from wagtail_payments.core.lifecycle import TAKING_SEAT_STATES, SeatState
from wagtail_payments.records.addresses import BillingAddress
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.customers import kinds
from wagtail_payments.records.events import DiscountCode, Event, TicketType
from wagtail_payments.records.exemptions import MayBeLeft
from wagtail_payments.records.fields import CurrencyCode, MinorUnits, Mode
from wagtail_payments.records.invoices import Invoice


def seat_states() -> list[tuple[str, Any]]:
    """Return the states of a seat in the words a person sees."""
    labels = {
        SeatState.HELD: _("Held"),
        SeatState.PENDING: _("Waiting for the bank"),
        SeatState.CONFIRMED: _("Confirmed"),
        SeatState.CANCELLED: _("Cancelled"),
        SeatState.EXPIRED: _("Not paid"),
    }
    return [(state.value, label) for state, label in labels.items()]


def answer_words(value: Any) -> str:
    """Return an answer as it was kept, as one text."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def taking(now: datetime) -> Q:
    """Which seats take room now. A hold that has ended takes none, whether or not anyone has noted its end."""
    return Q(state__in=TAKING_SEAT_STATES) | Q(state=SeatState.HELD, hold_until__gt=now)


class RegistrationQuerySet(models.QuerySet[Any]):
    """Registrations, with what lists show of each."""

    def with_seats(self) -> RegistrationQuerySet:
        """Add how many seats each has by state, in one query: ``confirmed``, ``pending``, ``held``, ``cancelled``."""
        return self.annotate(
            **{state.value: Count("seats", filter=Q(seats__state=state)) for state in SeatState},
        )


class Registration(BillingAddress, MayBeLeft):
    """One order of seats by one buyer. Its seats carry the states; ``gross`` is minor units, with VAT.

    Whether it may be left is kept as it was said before it was paid, whatever the event says later.
    """

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.PROTECT, related_name="registrations")
    public_id = models.CharField(max_length=32, unique=True, editable=False)
    form_key = models.CharField(max_length=64, unique=True, editable=False)  # one form, one registration
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), db_index=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=kinds, default="consumer")
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    siren = models.CharField(_("SIREN"), max_length=14, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    order_reference = models.CharField(_("purchase order number"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=10)
    answers = models.JSONField(default=dict)  # to the questions of the order, by the question's key
    consents = models.JSONField(default=list)  # the sentences agreed to, word for word
    discount_code = models.ForeignKey(DiscountCode, on_delete=models.SET_NULL, null=True, related_name="registrations")
    discount = models.CharField(_("discount"), max_length=40, blank=True)  # the code as typed, should it be deleted
    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, null=True, related_name="registration")
    mode = models.CharField(max_length=4, choices=Mode)
    gross = MinorUnits(_("total"), default=0)
    currency = CurrencyCode()
    pays_later = models.BooleanField(default=False)
    deposit = MinorUnits(_("deposit"), default=0)  # what is paid first, where not all is; its invoice is ``invoice``
    balance_on = models.DateField(_("balance due on"), null=True)
    balance = models.OneToOneField(Invoice, on_delete=models.PROTECT, null=True, related_name="balance_of")
    begins_early = models.BooleanField(default=False)  # as the buyer asked for, within the days to withdraw
    hold_extended = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("registered"), db_index=True)
    confirmed_at = models.DateTimeField(null=True)
    notified_at = models.DateTimeField(null=True)  # when the organiser was told
    reminded_at = models.DateTimeField(null=True)
    lock_count = models.BigIntegerField(default=0)

    objects: ClassVar[Any] = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["-pk"]
        permissions = [
            ("cancel_registration", _("Can cancel registrations")),
            ("export_registration", _("Can export registrations")),
        ]

    def __str__(self) -> str:
        return f"{self.name} – {self.event}"

    @property
    def is_free(self) -> bool:
        """Is there nothing to pay?"""
        return self.gross == 0

    @property
    def first_payment(self) -> int:
        """What is to be paid for the seats to be confirmed, in minor units: the deposit, or all."""
        return self.deposit or self.gross

    @property
    def is_of_consumer(self) -> bool:
        """Did a private person make a contract that is paid for? Only then may it be left: C. conso. L221-18."""
        business = self.organisation or self.siren or self.vat_number
        return self.kind == "consumer" and not business and not self.is_free

    @property
    def last_day_to_withdraw(self) -> date:
        """The last day of the time to withdraw, the seller's local date."""
        return withdrawal.last_day(self.event.seller.today(self.confirmed_at or self.created_at))

    @property
    def right_ends_early(self) -> bool:
        """Does it all take place within the days to withdraw, as was asked for? Then the right ends with it.

        Without being asked for that, a seller may not begin so early, and the right stays: C. conso. L221-25, L221-28.
        """
        return self.begins_early and self.event.seller.today(self.event.ends_at) <= self.last_day_to_withdraw


def cancellation_states() -> list[tuple[str, Any]]:
    """Return how far the money of a cancellation is."""
    return [("owed", _("To be credited")), ("done", _("Done")), ("refused", _("Needs a look"))]


class Cancellation(models.Model):
    """Seats given up, and what is owed for them; kept before any money moves, so that a crash loses none of it.

    ``gross`` and ``fee`` are minor units: what was invoiced for the seats, and what of it is kept.
    """

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="cancellations")
    form_key = models.CharField(max_length=64, unique=True)
    by_organiser = models.BooleanField(default=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    gross = MinorUnits(default=0)
    fee = MinorUnits(default=0)
    currency = CurrencyCode()
    state = models.CharField(_("state"), max_length=10, choices=cancellation_states, default="owed", db_index=True)
    failure = models.CharField(max_length=500, blank=True)
    credit_note = models.OneToOneField(CreditNote, on_delete=models.PROTECT, null=True, related_name="cancellation")
    balance_note = models.OneToOneField(
        CreditNote, on_delete=models.PROTECT, null=True, related_name="balance_cancellation"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(fee__gte=0, gross__gte=F("fee")), name="wagtail_payments_fee_within")
        ]

    def __str__(self) -> str:
        return f"{self.registration}: {self.gross - self.fee} {self.currency}"


class Seat(models.Model):
    """One place at an event. ``gross`` is what it costs, in minor units with VAT and after the discount.

    ``vat`` names its VAT group (category, rate, reason), so that what is credited finds its row.
    """

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="seats")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="seats")
    ticket_type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="seats")
    state = models.CharField(_("state"), max_length=10, choices=seat_states, default=SeatState.HELD)
    hold_until = models.DateTimeField(null=True)
    name = models.CharField(_("attendee"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    answers = models.JSONField(default=dict)  # by the question's key
    gross = MinorUnits(_("price"), default=0)
    deposit = MinorUnits(default=0)  # its share of the order's deposit
    vat = models.JSONField(default=list)
    cancellation = models.ForeignKey(Cancellation, on_delete=models.PROTECT, null=True, related_name="seats")

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["event", "state", "ticket_type"], name="wp_seat_taken"),
            models.Index(fields=["state", "hold_until"], name="wp_seat_hold"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="held") | Q(hold_until__isnull=False), name="wagtail_payments_hold_has_an_end"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.registration.name

    @property
    def attendee(self) -> str:
        """Who comes: the name given, else the buyer's."""
        return self.name or self.registration.name


def with_sales(events: models.QuerySet[Event], now: datetime) -> models.QuerySet[Event]:
    """Add ``sold``, ``pending``, ``held`` (seats), ``worth`` and ``revenue`` (gross minor units), in one query.

    ``worth`` is what the confirmed seats cost; the revenue counts what was kept of those given up, too.
    """
    seats = Seat.objects.filter(event=OuterRef("pk")).order_by().values("event")

    def count(condition: Q) -> Coalesce:
        counted = seats.filter(condition).annotate(whole=Count("pk")).values("whole")
        return Coalesce(Subquery(counted), Value(0), output_field=models.IntegerField())

    def total(sums: models.QuerySet[Any]) -> Coalesce:
        return Coalesce(Subquery(sums), Value(0), output_field=models.BigIntegerField())

    confirmed = seats.filter(state=SeatState.CONFIRMED).annotate(whole=Sum("gross")).values("whole")
    given_up = Cancellation.objects.filter(registration__event=OuterRef("pk")).order_by().values("registration__event")
    return events.annotate(
        sold=count(Q(state=SeatState.CONFIRMED)),
        pending=count(Q(state=SeatState.PENDING)),
        held=count(Q(state=SeatState.HELD, hold_until__gt=now)),
        worth=total(confirmed),
        kept=total(given_up.annotate(whole=Sum("fee")).values("whole")),
    ).annotate(taken=F("sold") + F("pending") + F("held"), revenue=F("worth") + F("kept"))
