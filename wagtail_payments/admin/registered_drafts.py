"""Drafts of registrations: they are made, paid and issued by what registrants do, and by nobody's hand."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages

from wagtail_payments.admin.permissions import allowed, is_of_registration, order_of
from wagtail_payments.admin.places import desk_url
from wagtail_payments.admin.places_of_books import book_url
from wagtail_payments.records.invoices import Invoice

# In no list of invoices: a number is theirs only once they are paid, or asked for.
WAITING = Q(document=None) & (Q(registration__isnull=False) | Q(balance_of__isnull=False))


def reason() -> str:
    """Say why such a draft can't be changed, issued or deleted by hand."""
    return _("This draft belongs to a registration: it becomes an invoice by itself when it is paid.")


def registration_url(user: Any, invoice: Invoice) -> str:
    """Return where its registration is shown, to who may see it."""
    order = order_of(invoice) if invoice.is_draft else None
    return book_url(order) if order is not None and allowed(user, "view_registration") else ""


def led_away(request: HttpRequest, invoice: Invoice) -> HttpResponseBase | None:
    """Lead from whatever would change such a draft to its registration, with the reason; None for all others."""
    if not is_of_registration(invoice):
        return None
    messages.info(request, reason())
    return redirect(registration_url(request.user, invoice) or desk_url(invoice.pk))
