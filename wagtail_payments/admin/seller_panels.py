"""How the form of a seller is laid out: six tabs, the ones a newcomer needs first."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)

from wagtail_payments.admin.seller_form import SellerForm


def _fields(*names: str) -> list[FieldPanel]:
    return [FieldPanel(name) for name in names]


def _row(*names: str) -> FieldRowPanel:
    return FieldRowPanel(_fields(*names))


def seller_tabs() -> TabbedInterface:
    """Return the panels of the form."""
    tabs: list[tuple[Any, list[Any]]] = [
        (_("Identity"), _identity()),
        (_("VAT and legal wordings"), _vat()),
        (_("Bank and online payment"), _bank()),
        (_("Numbers"), _numbers()),
        (_("Look"), _look()),
        (_("Books"), _books()),
    ]
    children = [ObjectList(panels, heading=heading) for heading, panels in tabs]
    return TabbedInterface(children, base_form_class=SellerForm)


def _identity() -> list[Any]:
    return [
        FieldPanel("name", help_text=_("As it is registered: it stands on every document.")),
        MultiFieldPanel(
            [*_fields("street", "extra"), _row("postcode", "city", "country")],
            heading=_("Address"),
        ),
        MultiFieldPanel(
            [_row("legal_form", "capital"), _row("siren", "siret"), FieldPanel("registration")],
            heading=_("Legal identity"),
            help_text=_("Identifiers may be typed with spaces."),
        ),
        MultiFieldPanel(
            [FieldPanel("email", help_text=_("Customers' answers go there.")), _row("phone", "website")],
            heading=_("Contact"),
        ),
        MultiFieldPanel(_fields("insurance", "mediator"), heading=_("If your trade must name them")),
        _row("language", "time_zone"),
    ]


def _vat() -> list[Any]:
    return [
        FieldPanel("vat_regime"),
        _row("vat_number", "vat_rate"),
        FieldPanel(
            "vat_on_debits", help_text=_("Leave it unless you chose this option: VAT on services is due when paid.")
        ),
        _row("nature", "prices_include_vat"),
        InlinePanel(
            "wordings",
            heading=_("Legal wordings of your own"),
            label=_("Wording"),
            help_text=_("The usual sentences are built in. Write one here only to replace it from a date on."),
            panels=[_row("key", "language", "valid_from"), FieldPanel("text")],
        ),
    ]


def _bank() -> list[Any]:
    return [
        MultiFieldPanel([FieldPanel("iban"), _row("bic", "account_holder")], heading=_("Bank transfer")),
        MultiFieldPanel(
            [
                *_fields("online_payment", "methods"),
                FieldPanel(
                    "statement_descriptor", help_text=_("At most 22 letters; the bank shows it to the customer.")
                ),
            ],
            heading=_("Online payment"),
            help_text=_("The keys of your payment provider stand in the settings of the site, not here."),
        ),
        MultiFieldPanel([_row("currency", "due_days"), FieldPanel("terms")], heading=_("Usual terms")),
        FieldPanel(
            "shows_credit",
            help_text=_("Credit is what credit notes and overpayments left. No money moves when it is used."),
        ),
        MultiFieldPanel(
            [
                _row("other_amount", "least_amount"),
                FieldPanel(
                    "promise_days",
                    help_text=_("0: customers can't plan a payment. You can always note the day they told you."),
                ),
            ],
            heading=_("Paying in parts, or later"),
        ),
        MultiFieldPanel(
            [_row("quote_days", "quote_rule"), FieldPanel("quote_terms"), FieldPanel("quote_no_withdrawal")],
            heading=_("Quotes"),
        ),
        MultiFieldPanel([FieldPanel("event_no_withdrawal")], heading=_("Events")),
        FieldPanel("copy_to"),
    ]


def _numbers() -> list[Any]:
    return [
        HelpPanel(
            _(
                "A number holds the year and a sequence without gaps: {year} and {number}. "
                "{number:04} writes at least four digits."
            )
        ),
        *_fields(
            "invoice_pattern",
            "first_invoice_number",
            "credit_note_pattern",
            "receipt_pattern",
            "quote_pattern",
            "proforma_pattern",
        ),
    ]


def _look() -> list[Any]:
    return [*_fields("logo", "icon", "colour", "accent_colour", "page_size")]


def _books() -> list[Any]:
    accounts = ("receivables", "sales", "vat", "deposits", "bank", "gateway", "cash", "fees", "bad_debts")
    return [
        MultiFieldPanel(
            _fields(*(f"{name}_account" for name in accounts)),
            heading=_("Accounts"),
            help_text=_("The numbers of the French chart of accounts. Ask your accountant before you change them."),
        )
    ]
