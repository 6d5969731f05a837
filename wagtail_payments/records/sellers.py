"""Who sells: the legal identity, its numbers and books, and which site sells for whom."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.models import Orderable

from wagtail_payments.core import numbering, wordings
from wagtail_payments.core.tax import VatRegime
from wagtail_payments.core.withdrawal import Exemption
from wagtail_payments.records import validators
from wagtail_payments.records.addresses import BillingAddress
from wagtail_payments.records.exemptions import withdrawal_rules
from wagtail_payments.records.fields import CurrencyCode, private_storage


def vat_regimes() -> list[tuple[str, Any]]:
    """Return the VAT regimes with their labels."""
    return [
        (VatRegime.NORMAL.value, _("VAT is charged")),
        (VatRegime.FRANCHISE.value, _("No VAT: small business exemption (art. 293 B CGI)")),
    ]


def natures() -> list[tuple[str, Any]]:
    """Return what can be sold, with labels."""
    return [("services", _("Services")), ("goods", _("Goods")), ("both", _("Goods and services"))]


def page_sizes() -> list[tuple[str, Any]]:
    """Return the paper sizes."""
    return [("A4", _("A4")), ("Letter", _("Letter"))]


def quote_rules() -> list[tuple[str, Any]]:
    """Return when a quote may be invoiced."""
    return [
        ("signed_only", _("Once it was signed online")),
        ("signed_or_accepted", _("Once it was signed online, or accepted by phone or on paper")),
        ("pay_on_signature", _("At once: whoever signs goes on to pay")),
    ]


def default_methods() -> list[str]:
    """Return the methods offered unless the seller chose others."""
    return ["card", "sepa_debit", "transfer"]


def _pattern(label: Any, series: numbering.Series, check: Any = validators.number_pattern) -> Any:
    """How the numbers of a series are written."""
    return models.CharField(label, max_length=40, default=numbering.DEFAULT_PATTERNS[series], validators=[check])


class Seller(BillingAddress, ClusterableModel):
    """A legal seller: it owns its series of numbers, its chain of entries and its books."""

    name = models.CharField(_("name"), max_length=200)
    legal_form = models.CharField(_("legal form"), max_length=100, blank=True)
    capital = models.CharField(_("share capital"), max_length=50, blank=True)
    siren = models.CharField(_("SIREN"), max_length=14, blank=True, validators=[validators.siren])
    siret = models.CharField(_("SIRET"), max_length=18, blank=True, validators=[validators.siret])
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True, validators=[validators.vat_number])
    registration = models.CharField(_("trade register"), max_length=100, blank=True)
    insurance = models.TextField(_("professional insurance"), blank=True)
    mediator = models.TextField(_("consumer mediator"), blank=True)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    website = models.URLField(_("website"), blank=True)

    vat_regime = models.CharField(_("VAT regime"), max_length=20, choices=vat_regimes, default="normal")
    vat_on_debits = models.BooleanField(_("VAT is due on issue (débits option)"), default=False)
    nature = models.CharField(_("what you sell"), max_length=10, choices=natures, default="services")

    iban = models.CharField(_("IBAN"), max_length=42, blank=True, validators=[validators.iban])
    bic = models.CharField(_("BIC"), max_length=11, blank=True, validators=[validators.bic])
    account_holder = models.CharField(_("account holder"), max_length=70, blank=True)

    logo = models.FileField(_("logo"), upload_to="logos", storage=private_storage, blank=True, max_length=200)
    icon = models.FileField(_("icon"), upload_to="logos", storage=private_storage, blank=True, max_length=200)
    colour = models.CharField(_("main colour"), max_length=7, default="#1f3a5f", validators=[validators.colour])
    accent_colour = models.CharField(
        _("colour of links and buttons"), max_length=7, default="#1d5fa8", validators=[validators.colour]
    )
    page_size = models.CharField(_("page size"), max_length=10, choices=page_sizes, default="A4")

    language = models.CharField(_("language of your documents"), max_length=10, default="fr")
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="Europe/Paris", validators=[validators.time_zone]
    )
    currency = CurrencyCode(_("currency"), validators=[validators.currency])
    prices_include_vat = models.BooleanField(_("prices are typed with VAT included"), default=False)
    vat_rate = models.DecimalField(_("usual VAT rate, %"), max_digits=5, decimal_places=2, default=Decimal(20))
    due_days = models.PositiveSmallIntegerField(_("days to pay"), default=30)
    terms = models.TextField(_("terms of payment"), blank=True)
    online_payment = models.BooleanField(_("online payment is offered on new invoices"), default=True)
    methods = models.JSONField(_("methods offered"), default=default_methods, blank=True)
    statement_descriptor = models.CharField(
        _("text on the customer's bank statement"),
        max_length=22,
        blank=True,
        validators=[validators.statement_descriptor],
    )
    shows_credit = models.BooleanField(
        _("customers see their credit on the page of an invoice, and may use it there"), default=True
    )
    other_amount = models.BooleanField(_("customers may pay another amount than is asked"), default=False)
    least_amount = models.DecimalField(
        _("but at least"),
        max_digits=14,
        decimal_places=3,
        default=Decimal(0),
        blank=True,
        validators=[validators.not_negative],
    )
    promise_days = models.PositiveSmallIntegerField(
        _("customers may plan a payment up to … days after it is due"),
        default=0,
        validators=[MaxValueValidator(366)],
    )
    copy_to = models.EmailField(_("send me a copy of receipts at"), blank=True)
    has_own_words = models.BooleanField(default=False, editable=False)  # else nobody need look for them

    invoice_pattern = _pattern(_("invoice numbers"), numbering.Series.INVOICE)
    credit_note_pattern = _pattern(_("credit note numbers"), numbering.Series.CREDIT_NOTE)
    receipt_pattern = _pattern(_("receipt numbers"), numbering.Series.RECEIPT)
    quote_pattern = _pattern(_("quote numbers"), numbering.Series.QUOTE, validators.quote_pattern)
    proforma_pattern = _pattern(_("pro forma numbers"), numbering.Series.PROFORMA)
    first_invoice_number = models.PositiveIntegerField(
        _("first invoice number"), default=1, validators=[validators.at_least_one]
    )

    quote_days = models.PositiveSmallIntegerField(_("days that a quote is valid"), default=30)
    quote_terms = models.TextField(
        _("terms and conditions of your quotes"),
        blank=True,
        help_text=_("The customer accepts them together with the quote. They stand on every new quote."),
    )
    quote_rule = models.CharField(
        _("a quote may be invoiced"), max_length=20, choices=quote_rules, default="signed_or_accepted"
    )
    quote_no_withdrawal = models.CharField(
        _("a private person's right to withdraw, on new quotes"),
        max_length=20,
        choices=withdrawal_rules,
        blank=True,
        default="",
        help_text=_("You can choose otherwise on each quote. Whether an exception applies is for you to judge."),
    )
    event_no_withdrawal = models.CharField(
        _("a private person's right to withdraw, at new events"),
        max_length=20,
        choices=withdrawal_rules,
        blank=True,
        default=Exemption.DATED_LEISURE.value,
        help_text=_("You can choose otherwise at each event."),
    )

    receivables_account = models.CharField(_("customers' account"), max_length=20, default="411000")
    sales_account = models.CharField(_("sales account"), max_length=20, default="706000")
    vat_account = models.CharField(_("VAT account"), max_length=20, default="445710")
    bank_account = models.CharField(_("bank account"), max_length=20, default="512000")
    gateway_account = models.CharField(_("payment provider's account"), max_length=20, default="511700")
    cash_account = models.CharField(_("cash account"), max_length=20, default="530000")
    deposits_account = models.CharField(_("deposits account"), max_length=20, default="419100")
    fees_account = models.CharField(_("payment fees account"), max_length=20, default="627000")
    bad_debts_account = models.CharField(_("bad debts account"), max_length=20, default="654000")

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Check what only makes sense together: SIRET and SIREN, first number after first use, number patterns."""
        super().clean()
        validators.siret_belongs_to_siren(self.siret, self.siren)
        validators.first_number_unused(self)
        validators.patterns_differ(self)

    def today(self, now: datetime) -> date:
        """Return the seller's local date at that moment: the date that stands on its documents."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def pattern(self, series: numbering.Series) -> str:
        """Return the number pattern of a series."""
        return {
            numbering.Series.INVOICE: self.invoice_pattern,
            numbering.Series.CREDIT_NOTE: self.credit_note_pattern,
            numbering.Series.RECEIPT: self.receipt_pattern,
            numbering.Series.QUOTE: self.quote_pattern,
            numbering.Series.PROFORMA: self.proforma_pattern,
        }[series]

    def wording(self, key: str, *, language: str, on: date) -> str:
        """Return the legal sentence in force on that day, the seller's own before the default."""
        own = [wording.as_core() for wording in self.wordings.all()]
        return wordings.find(key, language=language, on=on, own=own)


def wording_keys() -> list[tuple[str, str]]:
    """Return the legal sentences that a seller may replace."""
    return [(key, key.replace("_", " ")) for key in wordings.KEYS]


class SellerWording(Orderable):
    """A legal sentence of the seller's own, in force from a date on."""

    seller = ParentalKey(Seller, on_delete=models.CASCADE, related_name="wordings")
    key = models.CharField(_("where"), max_length=40, choices=wording_keys)
    language = models.CharField(_("language"), max_length=10, default="fr")
    text = models.TextField(_("text"))
    valid_from = models.DateField(_("from"))

    class Meta(Orderable.Meta):
        verbose_name = _("legal wording")
        verbose_name_plural = _("legal wordings")
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "key", "language", "valid_from"], name="wagtail_payments_one_wording_a_day"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]

    def as_core(self) -> wordings.Wording:
        """Return the row as plain data."""
        return wordings.Wording(self.key, self.language, self.text, self.valid_from)


class PaymentSettings(BaseSiteSetting):
    """Which legal seller a site sells for; several sites may share one."""

    seller = models.ForeignKey(
        Seller, verbose_name=_("seller"), on_delete=models.PROTECT, null=True, blank=True, related_name="sites"
    )

    class Meta:
        verbose_name = _("payments")
