"""Choosing an invoice in a page's form; only those see invoices who may see them anywhere."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail import hooks
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet

from wagtail_payments.portal import access, visitors
from wagtail_payments.records.invoices import Invoice


class OnlyWhoMaySee(View):
    """Wagtail's choosers list every row to everyone in the admin; this one asks for the permission first."""

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Refuse who may not see invoices."""
        if not visitors.may(request, access.PERMISSIONS["invoice"]):
            raise PermissionDenied
        return super().dispatch(request, *args, **options)


class Choose(OnlyWhoMaySee, chooser.ChooseView):
    """The window to choose in."""


class ChooseResults(OnlyWhoMaySee, chooser.ChooseResultsView):
    """The list in it."""


class Chosen(OnlyWhoMaySee, chooser.ChosenView):
    """The answer once one was chosen."""


class ChosenMultiple(OnlyWhoMaySee, chooser.ChosenMultipleView):
    """The answer once several were chosen."""


class InvoiceChooserViewSet(ChooserViewSet):
    """Lists invoices, the newest first."""

    model = Invoice
    choose_view_class = Choose
    choose_results_view_class = ChooseResults
    chosen_view_class = Chosen
    chosen_multiple_view_class = ChosenMultiple
    icon = "doc-full"
    choose_one_text = _("Choose an invoice")
    choose_another_text = _("Choose another invoice")
    edit_item_text = _("Open this invoice")
    per_page = 20

    def get_urlpatterns(self) -> list[URLPattern]:
        """Leave out "create": an invoice is not made in a page's form, and Wagtail's view fails without one."""
        patterns: list[URLPattern] = super().get_urlpatterns()
        return [pattern for pattern in patterns if pattern.name != "create"]


invoice_chooser = InvoiceChooserViewSet("wagtail_payments_invoice_chooser")


def register() -> None:
    """Give the chooser its URLs and its place in forms."""
    hooks.register("register_admin_viewset", lambda: invoice_chooser)
