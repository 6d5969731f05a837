"""Where the records of the read-only books live in the admin."""

from __future__ import annotations

from django.db.models import Model
from django.urls import reverse

RECEIPTS_LEDGER = "wagtail_payments_receipts_ledger"


def url_name(model: type[Model], action: str) -> str:
    """Return the name of a book's URL, such as ``wagtail_payments_book_payment_inspect``."""
    return f"wagtail_payments_book_{model._meta.model_name}_{action}"


def list_url(model: type[Model]) -> str:
    """Return the URL of a book's list."""
    return reverse(url_name(model, "index"))


def book_url(record: Model) -> str:
    """Return the URL where one record of a book is shown."""
    return reverse(url_name(type(record), "inspect"), args=(record.pk,))


def verb_url(record: Model, verb: str) -> str:
    """Return the URL that a button posts to, such as ``verb_url(letter, "resend")``."""
    return reverse(url_name(type(record), verb), args=(record.pk,))


def paper_url(document_id: int) -> str:
    """Return the URL of the PDF of a receipt or a credit note."""
    return reverse("wagtail_payments_paper", args=(document_id,))
