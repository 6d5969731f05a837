"""The catalogue: what is sold again and again, chosen on a line to fill it in."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import IndexView

from wagtail_payments.admin import styles
from wagtail_payments.admin.number_fields import DecimalAnyMark, shown_number
from wagtail_payments.admin.places import CATALOGUE
from wagtail_payments.admin.snippets import ChooseResultsView, ChooseView, GuardedChooserViewSet, RecordViewSet
from wagtail_payments.admin.snippets import search_form as searched_by
from wagtail_payments.admin.spreadsheets import SafeSpreadsheetMixin
from wagtail_payments.admin.vat_choice import VatChoiceForm
from wagtail_payments.records.customers import CatalogueItem


class CatalogueForm(VatChoiceForm, WagtailAdminModelForm):
    """An item; the price with comma or point."""

    unit_price = DecimalAnyMark(label=_("Unit price"), max_digits=18, decimal_places=6, min_value=0)

    class Media:
        css = {"all": (styles.SHEET,)}


class _OnSale:
    """Items no longer sold are not offered."""

    filter_form_class = searched_by("name", "description")

    def get_object_list(self) -> QuerySet[CatalogueItem]:
        """The items that are still sold."""
        return CatalogueItem.objects.filter(is_archived=False)


class ItemChooseView(_OnSale, ChooseView):
    """The dialog."""


class ItemChooseResultsView(_OnSale, ChooseResultsView):
    """The list inside the dialog."""


class ItemChooserViewSet(GuardedChooserViewSet):
    """Choose an item from the catalogue."""

    icon = "tag"
    choose_one_text = _("Fill in from the catalogue")
    choose_another_text = _("Choose another item")
    edit_item_text = _("Edit this item")
    choose_view_class = ItemChooseView
    choose_results_view_class = ItemChooseResultsView


class CatalogueFilterSet(WagtailFilterSet):
    """By whether it is still sold."""

    class Meta:
        model = CatalogueItem
        fields = ["is_archived"]


class CatalogueIndexView(styles.StyledList, SafeSpreadsheetMixin, IndexView):
    """The list of items."""

    add_item_label = _("Add catalogue item")

    def may_export(self) -> bool:
        """Prices leave with those who may change them."""
        return bool(self.user_has_permission("change"))


class CatalogueViewSet(RecordViewSet):
    """Everything about the catalogue in the admin."""

    model = CatalogueItem
    icon = "tag"
    menu_name = "payments-catalogue"
    menu_label = _("Catalogue")
    url_namespace = CATALOGUE
    url_prefix = "payments/catalogue"
    chooser_viewset_class = ItemChooserViewSet
    index_view_class = CatalogueIndexView
    filterset_class = CatalogueFilterSet
    search_backend_name = None
    search_fields = ["name", "description"]
    ordering = "name"
    list_per_page = 50
    list_display = (
        "name",
        Column(
            "unit_price",
            label=_("Unit price"),
            accessor=lambda item: shown_number(item.unit_price, at_least=2),
            sort_key="unit_price",
            classname="wp-amount",
        ),
        Column("unit", label=_("Unit")),
        Column("vat_rate", label=_("VAT, %"), accessor=lambda item: shown_number(item.vat_rate), classname="wp-amount"),
        Column("is_archived", label=_("Sold"), accessor=lambda item: _("No longer") if item.is_archived else _("Yes")),
    )
    list_export = ("name", "description", "unit", "unit_price", "price_includes_vat", "vat_category", "vat_rate")

    @cached_property
    def edit_handler(self) -> ObjectList:
        """The panels of the editor."""
        return ObjectList(_panels(), base_form_class=CatalogueForm).bind_to_model(CatalogueItem)


def _panels() -> list[Any]:
    return [
        FieldPanel("name"),
        FieldPanel("description"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("unit_price"), FieldPanel("unit"), FieldPanel("price_includes_vat")]),
                FieldRowPanel([FieldPanel("vat_category"), FieldPanel("vat_rate"), FieldPanel("vat_reason")]),
            ],
            heading=_("Price"),
        ),
        FieldPanel("is_archived"),
    ]
