"""What invoices and quotes have in common while an editor writes them: words, lines, a discount, attachments."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable, PreviewableMixin, Site

from wagtail_payments import ports
from wagtail_payments.core import money
from wagtail_payments.core.tax import VatCategory, VatGroup
from wagtail_payments.core.totals import Discount, LineInput, Totals, compute
from wagtail_payments.records import validators
from wagtail_payments.records.customers import Customer, VatChoice
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import CurrencyCode, MinorUnits, Mode, private_storage
from wagtail_payments.records.guards import Frozen, FrozenQuerySet
from wagtail_payments.records.sellers import Seller, natures

_NONE = Decimal(0)


class Draft(PreviewableMixin, Frozen, ClusterableModel):
    """A document in the making; once it took its number, ``document`` holds what is printed and it is frozen.

    ``net``, ``tax`` and ``gross`` are minor units: of the last save while a draft, final once issued.
    """

    # Wagtail's "used by" lists are also read by those who may not see documents.
    wagtail_reference_index_ignore = True

    # Keys with names of their own on the other side, so each record declares them.
    seller: models.ForeignKey[Any, Seller]
    site: models.ForeignKey[Any, Site]
    customer: models.ForeignKey[Any, Customer]
    document: models.OneToOneField[Any, IssuedDocument | None]
    document_id: int | None
    lines: Any
    attachments: Any

    mode = models.CharField(max_length=4, choices=Mode, default=Mode.LIVE, editable=False)
    title = models.CharField(_("subject"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=10, default="fr")
    currency = CurrencyCode(_("currency"), validators=[validators.currency])
    order_reference = models.CharField(_("purchase order number"), max_length=100, blank=True)
    nature = models.CharField(_("what is sold"), max_length=10, choices=natures, default="services")
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

    net = MinorUnits(_("net"), default=0, editable=False)
    tax = MinorUnits(_("VAT"), default=0, editable=False)
    gross = MinorUnits(_("total"), default=0, editable=False)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    metadata = models.JSONField(default=dict, blank=True, editable=False)
    lock_count = models.BigIntegerField(default=0, editable=False)

    class Meta:
        abstract = True
        ordering = ["-pk"]
        base_manager_name = "objects"

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
        """What has a document is issued."""
        return Q(document__isnull=False)

    def clean(self) -> None:
        """Check discounts that exclude each other."""
        super().clean()
        if self.discount_percent and self.discount_amount:
            raise ValidationError({"discount_amount": _("Give either a percentage or an amount, not both.")})

    @property
    def discount_choice(self) -> Discount:
        """The document discount as plain data."""
        return Discount(self.discount_percent or _NONE, money.to_minor(self.discount_amount or _NONE, self.currency))

    def totals(self) -> Totals:
        """Add up the lines as they stand, saved or not; raises what ``core.totals.compute`` raises."""
        return compute([line.as_core(self.currency) for line in self.lines.all()], self.currency, self.discount_choice)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Draw a preview; who draws it is registered in ``ports``."""
        return ports.preview(self, request, mode_name)


class DraftPartQuerySet(FrozenQuerySet):
    """Lines and attachments; none can be added to an issued document, nor moved to one."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Create rows; raises if one belongs to an issued document."""
        rows = list(objs)
        for row in rows:
            row.refuse_if_frozen()
        return super().bulk_create(rows, *args, **options)

    def update(self, **values: Any) -> int:
        """Update rows; raises if one of them is frozen, or would come to an issued document."""
        whole = self.model.WHOLE
        target = values.get(whole, values.get(f"{whole}_id"))
        if target is not None:
            self.model.refuse_issued({getattr(target, "pk", target)})
        return super().update(**values)


class DraftPart(Frozen, Orderable):
    """A part of a document: frozen when that is issued. ``WHOLE`` names the key to the document."""

    WHOLE: ClassVar[str]

    objects: ClassVar[Any] = DraftPartQuerySet.as_manager()

    class Meta(Orderable.Meta):
        abstract = True
        base_manager_name = "objects"

    @classmethod
    def frozen_rows(cls) -> Q:
        """Parts of an issued document."""
        return Q(**{f"{cls.WHOLE}__document__isnull": False})

    @classmethod
    def frozen_error(cls) -> Exception:
        """Say what is possible instead."""
        error: Exception = cls._whole().frozen_error()
        return error

    @classmethod
    def refuse_issued(cls, keys: set[Any]) -> None:
        """Raise if one of the documents with these keys has been issued."""
        whole = cls._whole()
        if keys and whole.objects.filter(whole.frozen_rows(), pk__in=keys).exists():
            raise cls.frozen_error()

    def refuse_if_frozen(self) -> None:
        """Raise if the document that this part belongs to, or is meant for, has been issued."""
        key = f"{self.WHOLE}_id"
        wholes = {getattr(self, key, None)}
        if self.pk is not None:
            stored: Any = type(self)._base_manager
            wholes |= set(stored.filter(pk=self.pk).values_list(key, flat=True))
        self.refuse_issued(wholes - {None})

    @classmethod
    def _whole(cls) -> Any:
        return cls._meta.get_field(cls.WHOLE).related_model


class DraftLine(VatChoice, DraftPart):
    """A line as an editor types it; ``unit_price`` in currency units, net or gross."""

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"item"})

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

    class Meta(DraftPart.Meta):
        abstract = True

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


class DraftAttachment(DraftPart):
    """A file that goes with the document; kept where no URL reaches it."""

    file = models.FileField(_("file"), upload_to="attachments/%Y", storage=private_storage, max_length=200)
    name = models.CharField(_("name shown"), max_length=120, blank=True)

    class Meta(DraftPart.Meta):
        abstract = True
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name or (self.file.name or "").rsplit("/", 1)[-1]
