"""The dialog in which a customer is chosen, or made in place."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wagtail_payments.admin.languages import language_field
from wagtail_payments.admin.snippets import ChooseResultsView, ChooseView, GuardedChooserViewSet
from wagtail_payments.admin.snippets import search_form as searched_by
from wagtail_payments.records.customers import Customer

SEARCHED = ("name", "email", "contact_name", "siren", "vat_number")


class NewCustomerForm(forms.ModelForm):  # type: ignore[type-arg]
    """The few things a customer needs to be billed, for the "create" tab of the chooser."""

    class Meta:
        model = Customer
        fields = (
            "name",
            "kind",
            "email",
            "contact_name",
            "street",
            "extra",
            "postcode",
            "city",
            "country",
            "siren",
            "vat_number",
            "language",
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": "new-customer"})  # the page below has fields of its own
        self.fields["language"] = language_field(self.fields["language"])


class CustomerChooseView(ChooseView):
    """The dialog, with a search by name, e-mail, SIREN or VAT number."""

    filter_form_class = searched_by(*SEARCHED)


class CustomerChooseResultsView(ChooseResultsView):
    """The list inside the dialog."""

    filter_form_class = searched_by(*SEARCHED)


class CustomerChooserViewSet(GuardedChooserViewSet):
    """Choose a customer, or make one in place."""

    icon = "user"
    choose_one_text = _("Choose a customer")
    choose_another_text = _("Choose another customer")
    edit_item_text = _("Edit this customer")
    search_tab_label = _("Customers")
    creation_tab_label = _("New customer")
    create_action_label = _("Add this customer")
    creation_form_class = NewCustomerForm
    choose_view_class = CustomerChooseView
    choose_results_view_class = CustomerChooseResultsView
