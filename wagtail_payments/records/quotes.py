"""Quotes: each row is one version, frozen once sent; the versions of one quote share a ``family``."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Site

from wagtail_payments import ports
from wagtail_payments.core import money
from wagtail_payments.core.lifecycle import LIVE_QUOTE_STATES, QuoteState, QuoteStatus, quote_status
from wagtail_payments.core.plans import Share
from wagtail_payments.core.totals import Totals, compute
from wagtail_payments.records import validators
from wagtail_payments.records.customers import CatalogueItem, Customer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.drafts import Draft, DraftAttachment, DraftLine, DraftPart
from wagtail_payments.records.events import Event
from wagtail_payments.records.exemptions import withdrawal_rules
from wagtail_payments.records.guards import FrozenQuerySet, IssuedIsFrozen
from wagtail_payments.records.sellers import Seller


def quote_states() -> list[tuple[str, Any]]:
    """Return the stored states in the words a person sees."""
    labels = {
        QuoteState.DRAFT: _("Draft"),
        QuoteState.SENT: _("Sent"),
        QuoteState.SIGNED: _("Signed"),
        QuoteState.ACCEPTED: _("Accepted"),
        QuoteState.DECLINED: _("Declined"),
        QuoteState.SUPERSEDED: _("Replaced"),
        QuoteState.CANCELLED: _("Cancelled"),
        QuoteState.WITHDRAWN: _("Withdrawn"),
    }
    return [(state.value, label) for state, label in labels.items()]


def quote_statuses() -> list[tuple[str, Any]]:
    """Return the computed statuses in the words a person sees."""
    stored = quote_states()
    return [*stored[:2], (QuoteStatus.EXPIRED.value, pgettext_lazy("quote", "Expired")), *stored[2:]]


def deposit_terms() -> list[tuple[str, Any]]:
    """Return what money paid in advance by a consumer can be: C. conso. L214-1."""
    return [
        ("", _("Not chosen")),
        ("acompte", _("Acompte: part of the price, both sides are bound")),
        ("arrhes", _("Arrhes: the customer may leave it, you may give back double")),
    ]


def plan_moments() -> list[tuple[str, Any]]:
    """Return when a part of a quote can be invoiced."""
    return [
        ("at_signature", _("On signature")),
        ("on_date", _("On a date")),
        ("on_milestone", _("When a step of the work is done")),
    ]


class QuoteQuerySet(FrozenQuerySet):
    """Quotes, by the status that a person sees."""

    def with_status(self, wanted: QuoteStatus, today: date) -> QuoteQuerySet:
        """Keep the quotes that have that status on that day; the same rule as ``core.lifecycle.quote_status``."""
        late = Q(state=QuoteState.SENT, valid_until__lt=today)
        if wanted is QuoteStatus.EXPIRED:
            return self.filter(late)
        if wanted is QuoteStatus.SENT:
            return self.filter(state=QuoteState.SENT).exclude(late)
        return self.filter(state=wanted.value)

    def newest(self) -> QuoteQuerySet:
        """Keep the last version of each quote, draft or sent."""
        later = self.model._base_manager.filter(
            family=models.OuterRef("family"), version__gt=models.OuterRef("version")
        )
        return self.filter(~models.Exists(later))


class Quote(Draft):
    """One version of a quote. ``valid_until`` is final once sent; optional lines are not in the totals.

    ``draft_slot`` and ``live_slot`` hold the family while it has a draft, and while it has a version in force.
    """

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"state", "live_slot", "lock_count", "metadata", "created_by"})

    seller = models.ForeignKey(Seller, verbose_name=_("seller"), on_delete=models.PROTECT, related_name="quotes")
    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="payment_quotes")
    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="quotes")
    event = models.ForeignKey(
        Event,
        verbose_name=_("event"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="quotes",
        help_text=_("If the quote is for an event, it stands on the event's desk."),
    )
    document = models.OneToOneField(
        IssuedDocument, on_delete=models.PROTECT, null=True, editable=False, related_name="quote"
    )
    state = models.CharField(
        _("state"), max_length=20, choices=quote_states, default=QuoteState.DRAFT, editable=False, db_index=True
    )
    family = models.CharField(max_length=32, editable=False, db_index=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    draft_slot = models.CharField(max_length=32, null=True, unique=True, editable=False)
    live_slot = models.CharField(max_length=32, null=True, unique=True, editable=False)
    valid_days = models.PositiveSmallIntegerField(_("valid for … days"), null=True, blank=True)
    valid_until = models.DateField(_("or valid until"), null=True, blank=True, db_index=True)
    terms = models.TextField(
        _("terms and conditions"), blank=True, help_text=_("The customer accepts them together with the quote.")
    )
    deposit_term = models.CharField(
        _("a private person's deposit is"), max_length=10, choices=deposit_terms, blank=True, default=""
    )

    no_withdrawal = models.CharField(
        _("a private person's right to withdraw"),
        max_length=20,
        choices=withdrawal_rules,
        blank=True,
        default="",
        help_text=_("For private persons who sign online. An exception is printed with its reason."),
    )

    objects: ClassVar[Any] = QuoteQuerySet.as_manager()

    class Meta(Draft.Meta):
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        permissions = [
            ("send_quote", _("Can send quotes, and say what became of them")),
            ("history_quote", _("Can see the history of quotes")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["family", "version"], name="wagtail_payments_one_version"),
            models.CheckConstraint(
                condition=Q(state="draft", document=None, live_slot=None)
                | (~Q(state="draft") & Q(document__isnull=False, draft_slot=None, valid_until__isnull=False)),
                name="wagtail_payments_sent_quote_has_document",
            ),
            models.CheckConstraint(condition=Q(gross__gte=0), name="wagtail_payments_quote_not_negative"),
        ]

    def __str__(self) -> str:
        return self.number or gettext("Draft for %(customer)s") % {"customer": self.customer}

    @classmethod
    def frozen_error(cls) -> Exception:
        """Say what is possible instead."""
        return IssuedIsFrozen(
            gettext("This quote has been sent and can't be changed or deleted. Make a new version of it.")
        )

    def save(self, *args: Any, **options: Any) -> None:
        """Save; a draft takes its family's one place for drafts."""
        self.family = self.family or ports.new_id()
        if self.is_draft:
            self.draft_slot = self.family
        super().save(*args, **options)

    def clean(self) -> None:
        """Check validities that exclude each other."""
        super().clean()
        if self.valid_days is not None and self.valid_until is not None:
            raise ValidationError({"valid_until": _("Give either a number of days or a date, not both.")})

    @property
    def paper(self) -> IssuedDocument:
        """The frozen document of a sent quote; raises ``IssuedDocument.DoesNotExist`` for a draft."""
        if self.document is None:
            raise IssuedDocument.DoesNotExist
        return self.document

    @property
    def is_live(self) -> bool:
        """Is it the version in force: sent, signed or accepted?"""
        return QuoteState(self.state) in LIVE_QUOTE_STATES

    def versions(self) -> QuoteQuerySet:
        """Return all versions of this quote, this one too, the newest first."""
        rows: QuoteQuerySet = Quote.objects.filter(family=self.family).order_by("-version")
        return rows

    def expiry(self, sent_on: date) -> date | None:
        """Return the last day it is valid if sent on that day."""
        return self.valid_until or (sent_on + timedelta(days=self.valid_days) if self.valid_days is not None else None)

    def status_on(self, today: date) -> QuoteStatus:
        """Return its computed status on that day, the seller's local date."""
        return quote_status(QuoteState(self.state), self.valid_until, today)

    def totals(self) -> Totals:
        """Add up the lines that are not optional; raises what ``core.totals.compute`` raises."""
        firm = [line.as_core(self.currency) for line in self.lines.all() if not line.is_optional]
        return compute(firm, self.currency, self.discount_choice)

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """What the preview panel can show."""
        return [("email", _("E-mail")), ("pdf", _("PDF"))]

    @property
    def default_preview_mode(self) -> str:
        """What the preview panel shows first."""
        return "pdf"


class QuoteLine(DraftLine):
    """A line of a quote; ``least`` and ``most`` are the bounds within which the customer chooses the quantity."""

    WHOLE = "quote"

    quote = ParentalKey(Quote, on_delete=models.CASCADE, related_name="lines")
    item = models.ForeignKey(
        CatalogueItem,
        verbose_name=_("from the catalogue"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="quote_lines",
    )
    is_optional = models.BooleanField(
        _("optional"), default=False, help_text=_("The customer adds it, or not; it is not in the total.")
    )
    least = models.DecimalField(
        _("quantity at least"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[validators.more_than_zero],
    )
    most = models.DecimalField(
        _("quantity at most"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[validators.more_than_zero],
    )

    class Meta(DraftLine.Meta):
        abstract = False
        verbose_name = _("line")
        verbose_name_plural = _("lines")

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """Between which quantities the customer chooses; both the same where there is no choice."""
        least = self.quantity if self.least is None else self.least
        most = self.quantity if self.most is None else self.most
        return least, most

    @property
    def is_choosable(self) -> bool:
        """May the customer leave it, or change how many?"""
        least, most = self.bounds
        return self.is_optional or least != most

    def clean(self) -> None:
        """Check that the quantity written lies within its bounds."""
        super().clean()
        if self.quantity is None:
            return
        least, most = self.bounds
        if least > self.quantity:
            raise ValidationError({"least": _("The customer could not choose the quantity of the line itself.")})
        if most < self.quantity:
            raise ValidationError({"most": _("The customer could not choose the quantity of the line itself.")})


class QuoteAttachment(DraftAttachment):
    """A file that goes with a quote."""

    WHOLE = "quote"

    quote = ParentalKey(Quote, on_delete=models.CASCADE, related_name="attachments")

    class Meta(DraftAttachment.Meta):
        abstract = False


class PlanStep(DraftPart):
    """A part of a quote that will be invoiced by itself: by percent, by gross amount, or (neither) what is left."""

    WHOLE = "quote"

    quote = ParentalKey(Quote, on_delete=models.CASCADE, related_name="plan")
    label = models.CharField(_("what for"), max_length=200)
    percent = models.DecimalField(
        _("percent"), max_digits=5, decimal_places=2, null=True, blank=True, validators=[validators.percent]
    )
    amount = models.DecimalField(
        _("or amount incl. VAT"),
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[validators.not_negative],
        help_text=_("Leave both empty for what is left."),
    )
    moment = models.CharField(_("when"), max_length=20, choices=plan_moments, default="at_signature")
    on = models.DateField(_("date"), null=True, blank=True)

    class Meta(DraftPart.Meta):
        abstract = False
        verbose_name = _("part")
        verbose_name_plural = _("billing plan")

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Check what excludes each other, and that a part on a date has one."""
        super().clean()
        if self.percent is not None and self.amount is not None:
            raise ValidationError({"amount": _("Give either a percentage or an amount, not both.")})
        if self.moment == "on_date" and self.on is None:
            raise ValidationError({"on": _("Give the date.")})
        if self.moment != "on_date" and self.on is not None:
            raise ValidationError({"on": _("A date goes only with “On a date”.")})

    def as_core(self, currency: str) -> Share:
        """Return the part as plain data."""
        return Share(self.percent, None if self.amount is None else money.to_minor(self.amount, currency))
