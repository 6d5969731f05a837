"""Invoices: a draft that an editor writes, which takes a number once and then never changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable, PreviewableMixin, Site

from wagtail_payments import ports
from wagtail_payments.core import money
from wagtail_payments.core.lifecycle import Balance, InvoiceKind, Status, Stored, status
from wagtail_payments.core.tax import VatCategory, VatGroup
from wagtail_payments.core.totals import Discount, LineInput, Totals, compute
from wagtail_payments.records import validators
from wagtail_payments.records.balances import InvoiceQuerySet as InvoiceQuerySet
from wagtail_payments.records.balances import statuses as statuses
from wagtail_payments.records.customers import CatalogueItem, Customer, VatChoice
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import CurrencyCode, MinorUnits, Mode, private_storage
from wagtail_payments.records.guards import Frozen, FrozenQuerySet, IssuedIsFrozen
from wagtail_payments.records.invoice_kinds import invoice_kinds
from wagtail_payments.records.sellers import Seller, default_methods, natures

_NONE = Decimal(0)


def invoice_states() -> list[tuple[str, Any]]:
    """Return the stored states."""
    labels = {
        Stored.DRAFT: _("Draft"),
        Stored.SCHEDULED: _("Scheduled"),
        Stored.ISSUED: _("Issued"),
        Stored.UNCOLLECTIBLE: _("Uncollectible"),
    }
    return [(state.value, label) for state, label in labels.items()]


class Invoice(PreviewableMixin, Frozen, ClusterableModel):
    """An invoice. As a draft it is an editor's form; once issued, ``document`` holds what is printed.

    ``net``, ``tax`` and ``gross`` are minor units: of the last save while a draft, final once issued.
    """

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"state", "lock_count", "metadata", "created_by"})
    # Wagtail's "used by" lists are also read by those who may not see invoices.
    wagtail_reference_index_ignore = True

    seller = models.ForeignKey(Seller, verbose_name=_("seller"), on_delete=models.PROTECT, related_name="invoices")
    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="payment_invoices")
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="invoices"
    )
    kind = models.CharField(
        _("kind"), max_length=20, choices=invoice_kinds, default=InvoiceKind.STANDARD, editable=False
    )
    state = models.CharField(
        _("state"), max_length=20, choices=invoice_states, default=Stored.DRAFT, editable=False, db_index=True
    )
    mode = models.CharField(max_length=4, choices=Mode, default=Mode.LIVE, editable=False)
    document = models.OneToOneField(
        IssuedDocument, on_delete=models.PROTECT, null=True, editable=False, related_name="invoice"
    )

    title = models.CharField(_("subject"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=10, default="fr")
    currency = CurrencyCode(_("currency"), validators=[validators.currency])
    order_reference = models.CharField(_("purchase order number"), max_length=100, blank=True)
    nature = models.CharField(_("what is sold"), max_length=10, choices=natures, default="services")
    supplied_on = models.DateField(_("date of delivery or service"), null=True, blank=True)
    due_days = models.PositiveSmallIntegerField(_("due in … days"), null=True, blank=True)
    due_on = models.DateField(_("or due on"), null=True, blank=True, db_index=True)
    discount_percent = models.DecimalField(
        _("discount on the whole, %"),
        max_digits=5,
        decimal_places=2,
        default=_NONE,
        blank=True,
        validators=[validators.percent],
    )
    discount_amount = models.DecimalField(
        _("or discount, amount"),
        max_digits=14,
        decimal_places=3,
        default=_NONE,
        blank=True,
        validators=[validators.not_negative],
    )
    custom_fields = models.JSONField(_("further fields"), default=list, blank=True)
    memo = models.TextField(_("memo"), blank=True, help_text=_("Printed below the lines."))
    other_mentions = models.TextField(_("other mentions"), blank=True)
    terms = models.TextField(_("terms of payment"), blank=True)
    online_payment = models.BooleanField(_("can be paid online"), default=True)
    methods = models.JSONField(_("methods offered"), default=default_methods, blank=True)

    net = MinorUnits(_("net"), default=0, editable=False)
    tax = MinorUnits(_("VAT"), default=0, editable=False)
    gross = MinorUnits(_("total"), default=0, editable=False)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    metadata = models.JSONField(default=dict, blank=True, editable=False)
    lock_count = models.BigIntegerField(default=0, editable=False)

    objects: ClassVar[Any] = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-pk"]
        base_manager_name = "objects"
        permissions = [
            ("issue_invoice", _("Can issue and send invoices")),
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

    @property
    def number(self) -> str:
        """The number, or an empty text for a draft."""
        return self.document.number if self.document else ""

    @property
    def is_draft(self) -> bool:
        """Can it still be edited?"""
        return self.document_id is None

    @classmethod
    def frozen_rows(cls) -> Q:
        """An invoice with a document is issued."""
        return Q(document__isnull=False)

    @classmethod
    def frozen_error(cls) -> Exception:
        """Say what the law allows instead."""
        return IssuedIsFrozen(
            gettext("This invoice has been issued and can't be changed or deleted. Correct it with a credit note.")
        )

    def clean(self) -> None:
        """Check dates and discounts that exclude each other."""
        super().clean()
        if self.due_days is not None and self.due_on is not None:
            raise ValidationError({"due_on": _("Give either a number of days or a date, not both.")})
        if self.discount_percent and self.discount_amount:
            raise ValidationError({"discount_amount": _("Give either a percentage or an amount, not both.")})

    @property
    def discount_choice(self) -> Discount:
        """The document discount as plain data."""
        return Discount(self.discount_percent or _NONE, money.to_minor(self.discount_amount or _NONE, self.currency))

    def totals(self) -> Totals:
        """Add up the lines as they stand, saved or not; raises what ``core.totals.compute`` raises."""
        return compute([line.as_core(self.currency) for line in self.lines.all()], self.currency, self.discount_choice)

    def due_date(self, issued_on: date) -> date | None:
        """Return when it is due if issued on that day."""
        return self.due_on or (issued_on + timedelta(days=self.due_days) if self.due_days is not None else None)

    def balance(self) -> Balance:
        """Return its money now, from the books; uses the annotation of ``with_balance`` where there is one."""
        if hasattr(self, "paid"):
            return Balance(self.gross, self.paid, self.credited, self.processing)
        sums = Invoice.objects.with_balance().values_list("paid", "credited", "processing")
        return Balance(self.gross, *sums.get(pk=self.pk))

    def status_on(self, today: date) -> Status:
        """Return its computed status on that day."""
        return status(
            Stored(self.state), self.balance() if self.document_id else Balance(self.gross), self.due_on, today
        )

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """What the preview panel can show."""
        return [("page", _("Online page")), ("email", _("E-mail")), ("pdf", _("PDF"))]

    @property
    def default_preview_mode(self) -> str:
        """What the preview panel shows first."""
        return "page"

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Draw a preview; who draws it is registered in ``ports``."""
        return ports.preview(self, request, mode_name)


class InvoicePartQuerySet(FrozenQuerySet):
    """Lines and attachments; none can be added to an issued invoice, nor moved to one."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Create rows; raises if one belongs to an issued invoice."""
        rows = list(objs)
        for row in rows:
            row.refuse_if_frozen()
        return super().bulk_create(rows, *args, **options)

    def update(self, **values: Any) -> int:
        """Update rows; raises if one of them is frozen, or would come to an issued invoice."""
        target = values.get("invoice", values.get("invoice_id"))
        if target is not None:
            _refuse_issued({getattr(target, "pk", target)})
        return super().update(**values)


class InvoicePart(Frozen, Orderable):
    """A part of an invoice: frozen when the invoice is issued."""

    objects: ClassVar[Any] = InvoicePartQuerySet.as_manager()

    class Meta(Orderable.Meta):
        abstract = True
        base_manager_name = "objects"

    @classmethod
    def frozen_rows(cls) -> Q:
        """Parts of an issued invoice."""
        return Q(invoice__document__isnull=False)

    @classmethod
    def frozen_error(cls) -> Exception:
        """Say what the law allows instead."""
        return Invoice.frozen_error()

    def refuse_if_frozen(self) -> None:
        """Raise if the invoice that this part belongs to, or is meant for, has been issued."""
        invoices = {getattr(self, "invoice_id", None)}
        if self.pk is not None:
            stored: Any = type(self)._base_manager
            invoices |= set(stored.filter(pk=self.pk).values_list("invoice_id", flat=True))
        _refuse_issued(invoices - {None})


def _refuse_issued(invoice_ids: set[Any]) -> None:
    if invoice_ids and Invoice.objects.filter(Invoice.frozen_rows(), pk__in=invoice_ids).exists():
        raise Invoice.frozen_error()


class InvoiceLine(VatChoice, InvoicePart):
    """A line as an editor types it; ``unit_price`` in currency units, net or gross."""

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"item"})

    invoice = ParentalKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    item = models.ForeignKey(
        CatalogueItem,
        verbose_name=_("from the catalogue"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="invoice_lines",
    )
    description = models.TextField(_("description"))
    quantity = models.DecimalField(
        _("quantity"), max_digits=14, decimal_places=4, default=Decimal(1), validators=[validators.more_than_zero]
    )
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    unit_price = models.DecimalField(
        _("unit price"), max_digits=18, decimal_places=6, validators=[validators.not_negative]
    )
    price_includes_vat = models.BooleanField(_("price includes VAT"), default=False)
    discount_percent = models.DecimalField(
        _("discount, %"), max_digits=5, decimal_places=2, default=_NONE, blank=True, validators=[validators.percent]
    )
    discount_amount = models.DecimalField(
        _("or discount, amount"),
        max_digits=14,
        decimal_places=3,
        default=_NONE,
        blank=True,
        validators=[validators.not_negative],
    )

    class Meta(InvoicePart.Meta):
        abstract = False
        verbose_name = _("line")
        verbose_name_plural = _("lines")

    def __str__(self) -> str:
        return self.description[:60]

    @property
    def vat(self) -> VatGroup:
        """The VAT group as plain data."""
        return VatGroup(VatCategory(self.vat_category), self.vat_rate.normalize() + 0, self.vat_reason)

    def as_core(self, currency: str) -> LineInput:
        """Return the line as plain data."""
        discount = Discount(self.discount_percent or _NONE, money.to_minor(self.discount_amount or _NONE, currency))
        return LineInput(self.quantity, self.unit_price, self.vat, self.price_includes_vat, discount)


class InvoiceAttachment(InvoicePart):
    """A file that goes with the invoice; kept where no URL reaches it."""

    invoice = ParentalKey(Invoice, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(_("file"), upload_to="attachments/%Y", storage=private_storage, max_length=200)
    name = models.CharField(_("name shown"), max_length=120, blank=True)

    class Meta(InvoicePart.Meta):
        abstract = False
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name or (self.file.name or "").rsplit("/", 1)[-1]
