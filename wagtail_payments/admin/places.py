"""Where invoices, quotes and events live in the admin."""

from __future__ import annotations

from django.db.models import Model
from django.urls import reverse

INVOICES = "wagtail_payments_invoice"
CUSTOMERS = "wagtail_payments_customer"
CATALOGUE = "wagtail_payments_catalogue"
QUOTES = "wagtail_payments_quote"
EVENTS = "wagtail_payments_event"


def namespace_of(model: type[Model] | Model) -> str:
    """Return the URL namespace of records of a kind, such as ``"wagtail_payments_quote"``."""
    return f"wagtail_payments_{model._meta.model_name}"


def record_url(name: str, record: Model) -> str:
    """Return the URL of a view about one record, whatever its kind, such as ``record_url("desk", quote)``."""
    return reverse(f"{namespace_of(record)}:{name}", args=(record.pk,))


def invoice_url(name: str, pk: int) -> str:
    """Return the URL of a view about one invoice, such as ``invoice_url("review", 3)``."""
    return reverse(f"{INVOICES}:{name}", args=(pk,))


def invoice_list_url() -> str:
    """Return the URL of the list of invoices."""
    return reverse(f"{INVOICES}:list")


def together_url(name: str, pk: int, request_pk: int | None) -> str:
    """Return the URL of a view about what an invoice is asked for together with."""
    return reverse(f"{INVOICES}:{name}", args=(pk, request_pk))


def desk_url(pk: int) -> str:
    """Return where an invoice opens; a draft goes on from there to its editor."""
    return invoice_url("desk", pk)


def quote_url(name: str, pk: int) -> str:
    """Return the URL of a view about one quote, such as ``quote_url("review", 3)``."""
    return reverse(f"{QUOTES}:{name}", args=(pk,))


def quote_desk_url(pk: int) -> str:
    """Return where a quote opens; a draft goes on from there to its editor."""
    return quote_url("desk", pk)


def event_url(name: str, pk: int) -> str:
    """Return the URL of a view about one event, such as ``event_url("attendees", 3)``."""
    return reverse(f"{EVENTS}:{name}", args=(pk,))


def event_list_url() -> str:
    """Return the URL of the list of events."""
    return reverse(f"{EVENTS}:list")


def event_desk_url(pk: int) -> str:
    """Return where an event opens."""
    return event_url("desk", pk)
