"""Customers: list and editor."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import DeleteView, EditView, IndexView

from wagtail_payments import ports
from wagtail_payments.actions import payment_requests
from wagtail_payments.admin import styles
from wagtail_payments.admin.customer_balance import BalancePanel
from wagtail_payments.admin.customer_chooser import SEARCHED, CustomerChooserViewSet
from wagtail_payments.admin.languages import language_field
from wagtail_payments.admin.permissions import POLICIES, allowed, may_see
from wagtail_payments.admin.places import CUSTOMERS, INVOICES, invoice_list_url
from wagtail_payments.admin.snippets import RecordViewSet
from wagtail_payments.admin.spreadsheets import SafeSpreadsheetMixin
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.invoices import Invoice


class CustomerForm(WagtailAdminModelForm):
    """A customer, in our style."""

    class Media:
        css = {"all": (styles.SHEET,)}


class CustomerFilterSet(WagtailFilterSet):
    """By kind and country."""

    class Meta:
        model = Customer
        fields = ["kind", "country"]


class CustomerIndexView(SafeSpreadsheetMixin, IndexView):
    """The list of customers; its spreadsheet is for those who may change them."""

    add_item_label = _("Add customer")

    def may_export(self) -> bool:
        """Personal data leaves only with those who may change it."""
        return bool(self.user_has_permission("change"))


class CustomerEditView(EditView):
    """A customer, with the way to their invoices, a new one and a deposit."""

    @property
    def header_more_buttons(self) -> list[Any]:
        """Add the list of their invoices, and a new one, for those who may."""
        buttons = [*super().header_more_buttons]
        if may_see(self.request.user, Invoice):
            found = f"{invoice_list_url()}?{urlencode({'q': self.object.name})}"
            buttons.append(Button(_("Invoices of this customer"), url=found, icon_name="doc-full", priority=5))
        buttons += self._together() if allowed(self.request.user, "issue_invoice") else []
        if allowed(self.request.user, "add_invoice"):
            fresh = f"{reverse(f'{INVOICES}:add')}?{urlencode({'customer': self.object.pk})}"
            buttons.append(Button(_("New invoice"), url=fresh, icon_name="plus", priority=6))
            ask = f"{reverse(f'{INVOICES}:deposit_new')}?{urlencode({'customer': self.object.pk})}"
            buttons.append(Button(_("Ask for a deposit"), url=ask, icon_name="doc-full", priority=7))
        return buttons

    def _together(self) -> list[Any]:
        """Add the way to ask for all that is open at once, where there is more than one invoice."""
        place = reverse("wagtail_bulk_action", args=("wagtail_payments", "invoice", "ask_together"))
        return [
            Button(
                _("Ask for payment together"),
                url=f"{place}?{urlencode({'id': [one.pk for one in group], 'next': self.request.path}, doseq=True)}",
                icon_name="link",
                priority=7,
            )
            for group in payment_requests.payable_together(self.object, ports.now())
        ]


class CustomerDeleteView(DeleteView):
    """Delete a customer that no document names."""

    def form_valid(self, form: forms.Form) -> Any:
        """Delete, or refuse as the policy says."""
        if not POLICIES[Customer].user_has_permission_for_instance(self.request.user, "delete", self.object):
            raise PermissionDenied
        return super().form_valid(form)

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Say so instead of asking, when the books name the customer."""
        context: dict[str, Any] = super().get_context_data(**options)
        policy = POLICIES[Customer]
        if not policy.user_has_permission_for_instance(self.request.user, "delete", self.object):
            context["is_protected"] = True
        return context


class CustomerViewSet(RecordViewSet):
    """Everything about customers in the admin."""

    model = Customer
    icon = "user"
    menu_name = "payments-customers"
    url_namespace = CUSTOMERS
    url_prefix = "payments/customers"
    chooser_viewset_class = CustomerChooserViewSet
    index_view_class = CustomerIndexView
    edit_view_class = CustomerEditView
    delete_view_class = CustomerDeleteView
    delete_template_name = "wagtail_payments/admin/customers/confirm_delete.html"
    filterset_class = CustomerFilterSet
    search_backend_name = None
    search_fields = list(SEARCHED)
    ordering = "name"
    list_per_page = 50
    list_display = (
        "name",
        Column("kind", label=_("Kind"), accessor="get_kind_display"),
        Column("email", label=_("E-mail"), sort_key="email"),
        Column("city", label=_("Town"), sort_key="city"),
    )
    list_export = (
        "name", "kind", "contact_name", "email", "phone", "street", "extra", "postcode", "city", "country",
        "siren", "vat_number", "language",
    )  # fmt: skip

    @cached_property
    def edit_handler(self) -> ObjectList:
        """The panels of the editor."""
        return ObjectList(_panels(), base_form_class=CustomerForm).bind_to_model(Customer)


def _panels() -> list[Any]:
    return [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("name"), FieldPanel("kind")]),
                FieldRowPanel([FieldPanel("contact_name"), FieldPanel("phone")]),
                FieldRowPanel([FieldPanel("email"), FieldPanel("language", widget=_language_widget())]),
                FieldPanel("cc_emails"),
            ],
            heading=_("Who"),
        ),
        MultiFieldPanel(_address(""), heading=_("Billing address")),
        MultiFieldPanel(
            _address("delivery_"),
            heading=_("Delivery address, if elsewhere"),
            classname="collapsed",
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("siren"), FieldPanel("vat_number")])],
            heading=_("Identifiers"),
        ),
        FieldPanel("notes"),
        BalancePanel(heading=_("Balance")),
    ]


def _language_widget() -> forms.Select:
    return language_field(forms.CharField()).widget


def _address(prefix: str) -> list[Any]:
    return [
        FieldPanel(f"{prefix}street"),
        FieldPanel(f"{prefix}extra"),
        FieldRowPanel([FieldPanel(f"{prefix}postcode"), FieldPanel(f"{prefix}city"), FieldPanel(f"{prefix}country")]),
    ]
