"""The way from a letter to the seller into the admin, to what the letter is about."""

from __future__ import annotations

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.registrations import Registration


def address_of(document: IssuedDocument | None, registration: Registration | None) -> str:
    """Return where the admin shows it, or an empty string where the admin has no address.

    The host names that address in ``WAGTAILADMIN_BASE_URL``. Nobody gets in by it without signing in.
    """
    base = getattr(settings, "WAGTAILADMIN_BASE_URL", None)
    place = _place_of(document, registration)
    if not base or place is None:
        return ""
    try:
        return f"{base.rstrip('/')}{reverse(place[0], args=[place[1]])}"
    except NoReverseMatch:  # a host without Wagtail's admin here, such as one that only sells
        return ""


def _place_of(document: IssuedDocument | None, registration: Registration | None) -> tuple[str, int] | None:
    if registration is not None:
        return "wagtail_payments_book_registration_inspect", registration.pk
    if quote := getattr(document, "quote", None):
        return "wagtail_payments_quote:desk", quote.pk
    if invoice := _invoice_of(document):
        return "wagtail_payments_invoice:desk", invoice.pk
    receipt = getattr(document, "receipt", None)
    if receipt is None:
        return None
    if receipt.payment_id:
        return "wagtail_payments_book_payment_inspect", receipt.payment_id
    return "wagtail_payments_book_refund_inspect", receipt.refund_id


def _invoice_of(document: IssuedDocument | None) -> Invoice | None:
    """The invoice that was issued as this document, or that the credit note or the pro forma is of."""
    about = getattr(document, "credit_note", None) or getattr(document, "proforma", None)
    return about.invoice if about is not None else getattr(document, "invoice", None)
