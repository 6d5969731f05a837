"""What the editor fills in by itself: a line from the catalogue, the language of a customer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404

from wagtail_payments.admin.invoice_lines import values_of_item
from wagtail_payments.admin.number_fields import shown_number
from wagtail_payments.admin.permissions import POLICIES
from wagtail_payments.records.customers import CatalogueItem, Customer


def item_values(request: HttpRequest, pk: int, model: type[Model]) -> JsonResponse:
    """Answer with the fields of a line, numbers written as the admin's language does."""
    _require_writer(request, model)
    values = values_of_item(get_object_or_404(CatalogueItem, pk=pk))
    return JsonResponse({name: _typed(value) for name, value in values.items()})


def customer_values(request: HttpRequest, pk: int, model: type[Model]) -> JsonResponse:
    """Answer with what an invoice or a quote takes over from its customer."""
    _require_writer(request, model)
    return JsonResponse({"language": get_object_or_404(Customer, pk=pk).language})


def _require_writer(request: HttpRequest, model: type[Model]) -> None:
    if not POLICIES[model].user_has_any_permission(request.user, {"add", "change"}):
        raise PermissionDenied


def _typed(value: Any) -> Any:
    return shown_number(value) if isinstance(value, Decimal) else value
