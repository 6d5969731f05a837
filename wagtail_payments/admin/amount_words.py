"""Amounts of money in the words of the admin's language."""

from __future__ import annotations

from django.utils.translation import get_language

from wagtail_payments.core import money


def in_words(minor: int, currency: str) -> str:
    """Write minor units of a currency, such as "1 240,50 €"."""
    return money.formatted(minor, currency, get_language() or "en")
