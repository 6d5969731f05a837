"""Who buys, and what is sold again and again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core.tax import EXEMPTION_REASONS, VatCategory
from wagtail_payments.records import validators
from wagtail_payments.records.addresses import BillingAddress, DeliveryAddress


def kinds() -> list[tuple[str, Any]]:
    """Return the kinds of customer."""
    return [
        ("consumer", _("Private person")),
        ("professional", _("Business")),
        ("public_body", _("Public body")),
    ]


def vat_categories() -> list[tuple[str, Any]]:
    """Return the VAT categories with plain labels (UNCL 5305)."""
    labels = {
        VatCategory.STANDARD: _("VAT at a rate"),
        VatCategory.ZERO: _("Zero rate"),
        VatCategory.EXEMPT: _("Exempt"),
        VatCategory.REVERSE_CHARGE: _("Reverse charge"),
        VatCategory.INTRA_COMMUNITY: _("Goods to another EU country"),
        VatCategory.EXPORT: _("Export of goods"),
        VatCategory.OUT_OF_SCOPE: _("Outside the scope of VAT"),
    }
    return [(category.value, label) for category, label in labels.items()]


def vat_reasons() -> list[tuple[str, Any]]:
    """Return the reasons for charging no VAT (VATEX codes)."""
    labels = {
        "VATEX-FR-FRANCHISE": _("Small business exemption (art. 293 B)"),
        "VATEX-EU-AE": _("Services to a business in another EU country"),
        "VATEX-FR-AE": _("Domestic reverse charge"),
        "VATEX-EU-IC": _("Intra-Community supply"),
        "VATEX-EU-G": _("Export"),
        "VATEX-EU-132-1C": _("Medical care"),
        "VATEX-EU-132-1I": _("Education and vocational training"),
        "VATEX-EU-O": _("Outside the scope of VAT"),
    }
    return [("", _("None")), *((code, labels[code]) for code in EXEMPTION_REASONS)]


class Customer(BillingAddress, DeliveryAddress):
    """A person, business or public body; several may share an e-mail address."""

    kind = models.CharField(_("kind"), max_length=20, choices=kinds, default="professional")
    name = models.CharField(_("name"), max_length=200)
    contact_name = models.CharField(_("contact person"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True, db_index=True)
    cc_emails = models.TextField(
        _("further recipients"), blank=True, validators=[validators.email_list], help_text=_("One address per line.")
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, default="fr")
    siren = models.CharField(_("SIREN"), max_length=14, blank=True, validators=[validators.siren])
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True, validators=[validators.vat_number])
    notes = models.TextField(_("notes"), blank=True, help_text=_("Only you see this."))
    metadata = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["name"], name="wp_customer_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def cc(self) -> list[str]:
        """Further recipients of every letter."""
        return [line.strip() for line in self.cc_emails.splitlines() if line.strip()]

    @property
    def is_consumer(self) -> bool:
        """Is this a private person?"""
        return self.kind == "consumer"


class VatChoice(models.Model):
    """Category, rate and reason of VAT as columns."""

    vat_category = models.CharField(_("VAT"), max_length=2, choices=vat_categories, default="S")
    vat_rate = models.DecimalField(
        _("VAT rate, %"), max_digits=5, decimal_places=2, default=Decimal(20), validators=[validators.percent]
    )
    vat_reason = models.CharField(_("reason"), max_length=30, choices=vat_reasons, blank=True, default="")

    class Meta:
        abstract = True


class CatalogueItem(VatChoice):
    """Something sold again and again: a prefilled line."""

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description on the invoice"), blank=True)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    unit_price = models.DecimalField(
        _("unit price"), max_digits=18, decimal_places=6, validators=[validators.not_negative]
    )
    price_includes_vat = models.BooleanField(_("price includes VAT"), default=False)
    is_archived = models.BooleanField(_("no longer sold"), default=False)

    class Meta:
        verbose_name = _("catalogue item")
        verbose_name_plural = _("catalogue items")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
