"""Instalments: fixed to the cent when their invoice is issued, and how they stand afterwards."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.utils.translation import gettext as _

from wagtail_payments.core import money, schedule
from wagtail_payments.records.instalments import Instalment
from wagtail_payments.records.invoices import Invoice


def fix(*, invoice: Invoice, total: int) -> None:
    """Keep what each instalment of a draft comes to, inside the transaction that issues it; minor units.

    Raises ``DoesNotAddUp``.
    """
    rows, until = invoice.agreed_rows(), 0
    for row, part in zip(rows, invoice.instalment_parts(total), strict=True):
        until += part.amount
        row.part, row.until = part.amount, until
    if rows:  # one statement: the caller holds the invoice, and knows that it is a draft
        models.QuerySet(Instalment).bulk_update(rows, ["part", "until"])


def standings(invoice: Invoice, today: date) -> list[schedule.Standing]:
    """Return how each instalment of an issued invoice stands; empty where it is due on one day."""
    if not invoice.in_parts:
        return []
    balance = invoice.balance()
    return schedule.standings(invoice.parts(), balance.paid + balance.credited, today)


def offers(invoice: Invoice, today: date) -> schedule.Offers:
    """Return what may be paid of an issued invoice now, minor units; not what a bank still has to decide about."""
    return schedule.offers(invoice.parts(), invoice.balance().not_asked, today)


def asked(invoice: Invoice, today: date) -> schedule.Offers | None:
    """Return what of an invoice in instalments is asked for, beside what is on its way; None where it is all of it."""
    balance = invoice.balance()
    covered = balance.paid + balance.credited + balance.processing
    if not invoice.in_parts or covered >= balance.total or balance.disputed:
        return None
    return schedule.offers(invoice.parts(), covered, today)


def asked_together(invoice: Invoice, today: date) -> int:
    """Return what of it is to be paid when it is paid with others, minor units.

    Nothing where money is on its way or a bank has yet to decide: then one payment is waited for before the next.
    """
    balance = invoice.balance()
    if invoice.is_draft or balance.processing or balance.disputed:
        return 0
    of_parts = asked(invoice, today)
    return of_parts.asked if of_parts else balance.asked


def refusal(*, invoice: Invoice, amount: int, now: datetime) -> str:
    """Say why that amount can't be paid of an issued invoice now, or nothing where it can; minor units."""
    found = offers(invoice, invoice.seller.today(now))
    if amount in found.amounts:
        return ""
    if not invoice.other_amount:
        return _("Choose one of the amounts.")
    least, most = min(invoice.least_minor, found.everything), found.everything
    if least <= amount <= most:
        return ""
    said = {name: _written(minor, invoice) for name, minor in (("least", least), ("most", most))}
    return _("Choose an amount from %(least)s to %(most)s.") % said


def _written(minor: int, invoice: Invoice) -> str:
    return money.formatted(minor, invoice.currency, invoice.language)
