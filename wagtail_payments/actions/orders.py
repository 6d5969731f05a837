"""What is asked of a provider so that a customer can pay an invoice, or several: said once, and never otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments.conf import settings
from wagtail_payments.gateways.model import Order, OrderLine
from wagtail_payments.records.attempts import AttemptShare
from wagtail_payments.records.invoices import Invoice

# Providers count from the moment the order arrives, and take 30 minutes to 24 hours.
SHORTEST, LONGEST = 31, 24 * 60 - 1
BY_HAND = frozenset({"transfer", "cheque", "cash", "terminal"})
LONGEST_REFERENCE = 200


def order_of(
    *, shares: Sequence[AttemptShare], success_url: str, cancel_url: str, now: datetime, until: datetime | None = None
) -> Order:
    """Return the order of a new try to pay, in the language of its first invoice; it ends at ``until`` if given."""
    attempt, invoice = shares[0].attempt, shares[0].invoice
    minutes = min(max(settings.CHECKOUT_MINUTES, SHORTEST), LONGEST)
    with override(invoice.language):
        lines = tuple(OrderLine(_described(share.invoice), share.amount) for share in shares)
        named = ", ".join(share.invoice.number or share.invoice.title for share in shares)
        together = _("Invoices %(numbers)s") % {"numbers": named}
    return Order(
        idempotency_key=attempt.idempotency_key,
        amount=attempt.amount,
        currency=attempt.currency,
        reference=named if len(shares) == 1 else named[:LONGEST_REFERENCE],
        description=lines[0].description if len(shares) == 1 else together,
        lines=lines,
        customer_name=invoice.customer.name,
        customer_email=invoice.customer.email,
        language=invoice.language,
        methods=common_methods([share.invoice for share in shares]),
        success_url=success_url,
        cancel_url=cancel_url,
        expires_at=(until or now + timedelta(minutes=minutes)).replace(microsecond=0),
        statement_descriptor=invoice.seller.statement_descriptor,
    )


def can_share_a_method(invoices: Sequence[Invoice]) -> bool:
    """May all of these be paid in one and the same way online?"""
    if not any(invoice.methods for invoice in invoices):
        return True
    return bool(set(common_methods(invoices)) - BY_HAND)


def _described(invoice: Invoice) -> str:
    return _("Invoice %(number)s") % {"number": invoice.number} if invoice.number else invoice.title


def common_methods(invoices: Sequence[Invoice]) -> tuple[str, ...]:
    """Return what every invoice offers; one that names no method offers them all."""
    naming = [invoice.methods for invoice in invoices if invoice.methods]
    first = naming[0] if naming else []
    return tuple(code for code in first if all(code in methods for methods in naming))
