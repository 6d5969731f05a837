"""The **Payments** group in the admin's menu."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from wagtail_payments.admin.books.shelf import BOOKS, menu_item
from wagtail_payments.admin.catalogue import CatalogueViewSet
from wagtail_payments.admin.customers import CustomerViewSet
from wagtail_payments.admin.events import EventViewSet
from wagtail_payments.admin.invoices import InvoiceViewSet
from wagtail_payments.admin.quotes import QuoteViewSet
from wagtail_payments.admin.settings import SellerViewSet
from wagtail_payments.admin.words_entry import words_menu_item

# The order of a working day: what is sold, what came in, what was told.
ORDER = (
    "payments-events",
    "payments-registrations",
    "payments-quotes",
    "payments-invoices",
    "payments-credit-notes",
    "payments-customers",
    "payments-catalogue",
    "payments-payments",
    "payments-refunds",
    "payments-disputes",
    "payments-ledger",
    "payments-webhook-deliveries",
    "payments-letters",
    "payments-reminders",
    "payments-words",
    "payments-settings",
)


class PaymentsGroup(SnippetViewSetGroup):
    """What is edited (Wagtail's viewsets) and what is only read (wagtail-modeladmin), as one menu."""

    items = (EventViewSet, QuoteViewSet, InvoiceViewSet, CustomerViewSet, CatalogueViewSet, SellerViewSet)
    menu_label = _("Payments")
    menu_name = "payments"
    menu_icon = "form"
    menu_order = 250

    def get_submenu_items(self) -> list[MenuItem]:
        """Return the menu's lines in the order of the day."""
        lines: list[Any] = [*super().get_submenu_items(), *(menu_item(book) for book in BOOKS), words_menu_item()]
        lines = [line for line in lines if line.name in ORDER]
        for line in lines:
            line.order = ORDER.index(line.name)
        return sorted(lines, key=lambda line: line.order)
