"""What is asked of a provider so that a customer can pay an invoice: said once, kept, and never said otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments.conf import settings
from wagtail_payments.gateways.model import Order
from wagtail_payments.records.payments import PaymentAttempt

# Providers count from the moment the order arrives, and take 30 minutes to 24 hours.
SHORTEST, LONGEST = 31, 24 * 60 - 1


def order_of(
    *, attempt: PaymentAttempt, success_url: str, cancel_url: str, now: datetime, until: datetime | None = None
) -> Order:
    """Return the order of a new try to pay, in the language of its invoice; it ends at ``until`` if that is given."""
    invoice = attempt.invoice
    minutes = min(max(settings.CHECKOUT_MINUTES, SHORTEST), LONGEST)
    with override(invoice.language):
        description = _("Invoice %(number)s") % {"number": invoice.number} if invoice.number else invoice.title
    return Order(
        idempotency_key=attempt.idempotency_key,
        amount=attempt.amount,
        currency=attempt.currency,
        reference=invoice.number or invoice.title,
        description=description,
        customer_name=invoice.customer.name,
        customer_email=invoice.customer.email,
        language=invoice.language,
        methods=tuple(invoice.methods),
        success_url=success_url,
        cancel_url=cancel_url,
        expires_at=(until or now + timedelta(minutes=minutes)).replace(microsecond=0),
        statement_descriptor=invoice.seller.statement_descriptor,
    )
