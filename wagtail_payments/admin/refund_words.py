"""What a refund will do and what became of it, in one sentence."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.core.lifecycle import RefundState
from wagtail_payments.records.payments import Payment, Refund

MANUAL = "manual"


def target_of(payment: Payment) -> str:
    """Say where money of a payment goes back to."""
    if payment.method == "card" and payment.card:
        return _("the card ending %(digits)s") % {"digits": payment.card.split()[-1]}
    if payment.method == "sepa_debit":
        return _("the bank account it was taken from")
    return _("the customer (%(method)s)") % {"method": payment.get_method_display()}


def what_goes_back(payment: Payment, amount: int, *, by_hand: bool) -> str:
    """Say what happens to the money, before it does."""
    if by_hand or payment.gateway == MANUAL:
        sentence = _("You send %(amount)s back yourself; here it is only written down. This cannot be undone.")
    else:
        sentence = _("%(amount)s go back to %(target)s; the customer gets an e-mail; this cannot be undone.")
    return sentence % {"amount": in_words(amount, payment.currency), "target": target_of(payment)}


def what_is_credited(number: str, amount: int, currency: str) -> str:
    """Say what the credit note does."""
    return _("A credit note over %(amount)s is issued for %(number)s.") % {
        "amount": in_words(amount, currency),
        "number": number,
    }


def what_became_of(refund: Refund) -> str:
    """Say how far a refund is."""
    sentence = {
        RefundState.SUCCEEDED: _("%(amount)s went back."),
        RefundState.PENDING: _("%(amount)s are on the way back."),
        RefundState.REQUESTED: _("%(amount)s are on the way back."),
        RefundState.UNKNOWN: _("The provider has not answered yet about %(amount)s. It is asked again by itself."),
        RefundState.FAILED: _("The refund of %(amount)s failed: %(why)s"),
    }[RefundState(refund.state)]
    return sentence % {
        "amount": in_words(refund.amount, refund.currency),
        "why": refund.failure or _("no reason given"),
    }
