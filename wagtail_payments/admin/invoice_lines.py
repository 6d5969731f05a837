"""The lines of a draft on the editor's form, and what stands below them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput

from wagtail_payments.admin.attachment_form import AttachmentForm
from wagtail_payments.admin.number_fields import DecimalAnyMark
from wagtail_payments.admin.row_forms import RowsPanel
from wagtail_payments.admin.vat_choice import VatChoiceForm, usual_vat
from wagtail_payments.records.customers import CatalogueItem
from wagtail_payments.records.sellers import Seller

FROM_CATALOGUE = ("unit", "price_includes_vat", "vat_category", "vat_rate", "vat_reason")


def values_of_item(item: CatalogueItem) -> dict[str, Any]:
    """Return what a catalogue item writes on a line."""
    values = {name: getattr(item, name) for name in FROM_CATALOGUE}
    return values | {"description": item.description or item.name, "unit_price": item.unit_price}


class LineForm(VatChoiceForm, WagtailAdminModelForm):
    """One line; what is left empty is taken from the catalogue item, where one was chosen."""

    description = forms.CharField(
        label=_("Description"), required=False, widget=AdminAutoHeightTextInput(attrs={"rows": 1})
    )
    quantity = DecimalAnyMark(label=_("Quantity"), max_digits=14, decimal_places=4, initial=1)
    unit_price = DecimalAnyMark(label=_("Unit price"), max_digits=18, decimal_places=6, required=False)
    discount_percent = DecimalAnyMark(label=_("Discount, %"), max_digits=5, decimal_places=2, required=False)
    discount_amount = DecimalAnyMark(label=_("or discount, amount"), max_digits=14, decimal_places=3, required=False)

    def __init__(self, *args: Any, seller: Seller | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk is None and seller is not None:
            self.initial.update(usual_vat(seller), price_includes_vat=seller.prices_include_vat)
        for name in ("discount_percent", "discount_amount"):
            if not self.initial.get(name):
                self.initial[name] = None

    def clean_discount_percent(self) -> Decimal:
        """No discount is zero."""
        return self.cleaned_data["discount_percent"] or Decimal(0)

    def clean_discount_amount(self) -> Decimal:
        """No discount is zero."""
        return self.cleaned_data["discount_amount"] or Decimal(0)

    def clean(self) -> dict[str, Any]:
        """Take from the catalogue what was left empty, then ask for what is still missing."""
        data = super().clean()
        self._fill_from(data.get("item"), data)
        if not data.get("description") and "description" not in self.errors:
            self.add_error("description", _("Say what is sold."))
        if data.get("unit_price") is None and "unit_price" not in self.errors:
            self.add_error("unit_price", _("Write the price of one."))
        if data.get("discount_percent") and data.get("discount_amount"):
            self.add_error("discount_amount", _("Give either a percentage or an amount, not both."))
        return data

    def _fill_from(self, item: CatalogueItem | None, data: dict[str, Any]) -> None:
        """A line without a price was never filled in by hand: all of it comes from the item."""
        if item is None or data.get("unit_price") is not None or "unit_price" in self.errors:
            return
        typed = data.get("description")
        data |= values_of_item(item)
        data["description"] = typed or data["description"]


class LinesPanel(RowsPanel):
    """The lines."""

    row_form = LineForm
    told = ("for_user", "seller")


class AttachmentsPanel(RowsPanel):
    """The attachments."""

    row_form = AttachmentForm


def line_panels() -> list[Any]:
    """Return how a line is laid out: a few short rows."""
    return [
        FieldPanel("item"),
        FieldPanel("description"),
        FieldRowPanel(
            [FieldPanel("quantity"), FieldPanel("unit"), FieldPanel("unit_price"), FieldPanel("price_includes_vat")]
        ),
        FieldRowPanel([FieldPanel("vat_category"), FieldPanel("vat_rate"), FieldPanel("vat_reason")]),
        FieldRowPanel([FieldPanel("discount_percent"), FieldPanel("discount_amount")]),
    ]


def closing_panels() -> list[Any]:
    """Return what stands last on an editor: words that few need, and files."""
    words = [FieldPanel("custom_fields"), FieldPanel("memo"), FieldPanel("other_mentions")]
    return [
        MultiFieldPanel(words, heading=_("Further words"), classname="collapsed"),
        AttachmentsPanel(
            "attachments",
            panels=[FieldRowPanel([FieldPanel("file"), FieldPanel("name")])],
            heading=_("Attachments"),
            label=_("attachment"),
            classname="collapsed",
        ),
    ]
