"""Amounts and statuses as the admin writes them."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.number_fields import decimal_mark, shown_number
from wagtail_payments.reports import receipts_ledger_pdf

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> str:
    """Write minor units of a currency in the language of the admin, or nothing for nothing."""
    return "" if minor is None else in_words(minor, currency)


@register.filter
def period_name(period: str) -> str:
    """Name a month such as ``2026-03``, or a quarter such as ``2026-Q1``, in the language of the admin."""
    return receipts_ledger_pdf.period_name(period, get_language() or "en")


@register.filter
def as_written(number: str) -> str:
    """Write a decimal that was kept as text, such as "5.5", with the decimal mark of the language."""
    return str(number).replace(".", decimal_mark())


register.filter("shown_number", shown_number)
