"""Amounts, times and states in the reader's language."""

from datetime import UTC, datetime

from django import template
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wagtail_payments.sandbox.amounts import decimals, in_major_units

register = template.Library()

_SYMBOLS = {"eur": "€", "usd": "$", "gbp": "£"}
_NO_BREAK_SPACE = "\u00a0"

_STATES: dict[str, tuple[Promise, str]] = {
    "succeeded": (_("paid"), "good"),
    "paid": (_("paid"), "good"),
    "complete": (_("complete"), "good"),
    "delivered": (_("delivered"), "good"),
    "won": (_("won"), "good"),
    "processing": (_("waiting for the bank"), "waiting"),
    "pending": (_("pending"), "waiting"),
    "waiting": (_("waiting"), "waiting"),
    "open": (_("open"), "waiting"),
    "unpaid": (_("unpaid"), "waiting"),
    "requires_action": (_("waiting for 3-D Secure"), "waiting"),
    "requires_payment_method": (_("failed"), "bad"),
    "failed": (_("failed"), "bad"),
    "needs_response": (_("disputed"), "bad"),
    "warning_needs_response": (_("inquiry"), "bad"),
    "warning_under_review": (_("inquiry answered"), "waiting"),
    "under_review": (_("under review"), "waiting"),
    "lost": (_("lost"), "bad"),
    "given_up": (_("given up"), "bad"),
    "expired": (_("expired"), "quiet"),
    "canceled": (_("cancelled"), "quiet"),
    "refunded": (_("refunded"), "quiet"),
    "partly_refunded": (_("partly refunded"), "quiet"),
    "warning_closed": (_("inquiry closed"), "quiet"),
}


@register.filter
def money(amount: int, currency: str) -> str:
    """Minor units as people write them: €1,240.50 in English, 1 240,50 € in French."""
    places = decimals(currency)
    number = formats.number_format(in_major_units(amount, currency), places, use_l10n=True, force_grouping=True)
    symbol = _SYMBOLS.get(currency)
    if symbol and (get_language() or "en").startswith("en"):
        return symbol + number if amount >= 0 else "-" + symbol + number.lstrip("-")
    return f"{number}{_NO_BREAK_SPACE}{symbol or currency.upper()}"


@register.filter
def plain_amount(amount: int, currency: str) -> str:
    """Minor units for an input field: 25.00"""
    return str(in_major_units(amount, currency))


@register.filter
def moment(timestamp: int) -> str:
    """Seconds since 1970 as a date and a time."""
    at = timezone.localtime(datetime.fromtimestamp(timestamp, UTC))
    return f"{formats.date_format(at, 'DATE_FORMAT')} {at:%H:%M:%S}"


@register.filter
def words(state: str) -> Promise | str:
    """A state in words."""
    return _STATES[state][0] if state in _STATES else state.replace("_", " ")


@register.filter
def tone(state: str) -> str:
    """How a state is coloured; the words carry the meaning."""
    return _STATES[state][1] if state in _STATES else "quiet"
