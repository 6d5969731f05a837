"""Invoices: a draft that an editor writes, which takes a number once and then never changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Site

from wagtail_payments.core.lifecycle import Balance, InvoiceKind, Status, Stored, status
from wagtail_payments.records.balances import InvoiceQuerySet as InvoiceQuerySet
from wagtail_payments.records.balances import statuses as statuses
from wagtail_payments.records.customers import CatalogueItem, Customer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.drafts import Draft, DraftAttachment, DraftLine
from wagtail_payments.records.guards import IssuedIsFrozen
from wagtail_payments.records.invoice_kinds import invoice_kinds
from wagtail_payments.records.schedules import PaidInParts
from wagtail_payments.records.sellers import Seller, default_methods

BALANCE = ("paid", "credited", "processing", "taken_back", "disputed")  # as ``core.lifecycle.Balance`` takes them


def invoice_states() -> list[tuple[str, Any]]:
    """Return the stored states."""
    labels = {
        Stored.DRAFT: _("Draft"),
        Stored.SCHEDULED: _("Scheduled"),
        Stored.ISSUED: _("Issued"),
        Stored.UNCOLLECTIBLE: _("Uncollectible"),
    }
    return [(state.value, label) for state, label in labels.items()]


class Invoice(PaidInParts, Draft):
    """An invoice. As a draft it is an editor's form; once issued, ``document`` holds what is printed."""

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"state", "lock_count", "metadata", "created_by"})

    seller = models.ForeignKey(Seller, verbose_name=_("seller"), on_delete=models.PROTECT, related_name="invoices")
    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="payment_invoices")
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="invoices"
    )
    kind = models.CharField(
        _("kind"), max_length=20, choices=invoice_kinds, default=InvoiceKind.STANDARD, editable=False
    )
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="correction"
    )
    state = models.CharField(
        _("state"), max_length=20, choices=invoice_states, default=Stored.DRAFT, editable=False, db_index=True
    )
    document = models.OneToOneField(
        IssuedDocument, on_delete=models.PROTECT, null=True, editable=False, related_name="invoice"
    )
    supplied_on = models.DateField(_("date of delivery or service"), null=True, blank=True)
    due_days = models.PositiveSmallIntegerField(_("due in … days"), null=True, blank=True)
    due_on = models.DateField(_("or due on"), null=True, blank=True, db_index=True)
    online_payment = models.BooleanField(_("can be paid online"), default=True)
    methods = models.JSONField(_("methods offered"), default=default_methods, blank=True)

    objects: ClassVar[Any] = InvoiceQuerySet.as_manager()

    class Meta(Draft.Meta):
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        permissions = [
            ("issue_invoice", _("Can issue and send invoices")),
            ("writeoff_invoice", _("Can write off invoices")),
            ("export_invoice", _("Can export invoices")),
            ("history_invoice", _("Can see the history of invoices")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "scheduled"], document=None)
                | Q(state__in=["issued", "uncollectible"], document__isnull=False),
                name="wagtail_payments_issued_has_document",
            ),
            models.CheckConstraint(condition=Q(gross__gte=0), name="wagtail_payments_gross_not_negative"),
        ]

    def __str__(self) -> str:
        return self.number or gettext("Draft for %(customer)s") % {"customer": self.customer}

    @classmethod
    def frozen_error(cls) -> Exception:
        """Say what the law allows instead."""
        return IssuedIsFrozen(
            gettext("This invoice has been issued and can't be changed or deleted. Correct it with a credit note.")
        )

    def clean(self) -> None:
        """Check dates that exclude each other."""
        super().clean()
        if self.due_days is not None and self.due_on is not None:
            raise ValidationError({"due_on": _("Give either a number of days or a date, not both.")})

    def due_date(self, issued_on: date) -> date | None:
        """Return when it is due if issued on that day."""
        after = issued_on + timedelta(days=self.due_days) if self.due_days is not None else None
        return self.last_instalment_on() or self.due_on or after

    def balance(self) -> Balance:
        """Return its money now, from the books; uses the annotation of ``with_balance`` where there is one."""
        if hasattr(self, "paid"):
            return Balance(self.gross, *(getattr(self, name) for name in BALANCE))
        return Balance(self.gross, *Invoice.objects.with_balance().values_list(*BALANCE).get(pk=self.pk))

    def status_on(self, today: date) -> Status:
        """Return its computed status on that day; asks nothing where ``with_balance`` was."""
        if self.document_id is None:
            return status(Stored(self.state), Balance(self.gross), self.due_on, today)
        read: Invoice = self if hasattr(self, "paid") else Invoice.objects.with_balance().get(pk=self.pk)
        return status(Stored(self.state), read.balance(), read.next_due_on, today, read.planned_on)

    def asked_on(self) -> date | None:
        """Return the day of what is to be paid next, an instalment or the whole; asks nothing more ``with_balance``."""
        if self.is_draft or not self.in_parts:
            return self.due_on
        read: Invoice = self if hasattr(self, "next_due_on") else Invoice.objects.with_balance().get(pk=self.pk)
        return read.next_due_on

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """What the preview panel can show."""
        return [("page", _("Online page")), ("email", _("E-mail")), ("pdf", _("PDF"))]

    @property
    def default_preview_mode(self) -> str:
        """What the preview panel shows first."""
        return "page"


class InvoiceLine(DraftLine):
    """A line of an invoice."""

    WHOLE = "invoice"

    invoice = ParentalKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    item = models.ForeignKey(
        CatalogueItem,
        verbose_name=_("from the catalogue"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="invoice_lines",
    )

    class Meta(DraftLine.Meta):
        abstract = False
        verbose_name = _("line")
        verbose_name_plural = _("lines")


class InvoiceAttachment(DraftAttachment):
    """A file that goes with an invoice."""

    WHOLE = "invoice"

    invoice = ParentalKey(Invoice, on_delete=models.CASCADE, related_name="attachments")

    class Meta(DraftAttachment.Meta):
        abstract = False
