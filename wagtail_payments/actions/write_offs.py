"""Giving up an invoice that nobody will pay, and counting on it again; it can be paid all along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from wagtail_payments.actions import journal, ledger
from wagtail_payments.core.lifecycle import INVOICE_MOVES, InvoiceEvent, Stored
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.write_offs import WriteOff


class WriteOffRefused(Exception):
    """The invoice can't be written off, or counted on again; the text says why."""


def write_off(*, invoice_id: int, reason: str, by: Any, now: datetime) -> Invoice:
    """Give up what is due on an issued invoice; its VAT stays until it is credited. Raises ``WriteOffRefused``."""
    with transaction.atomic(durable=True):
        (invoice,) = lock(Invoice, invoice_id)
        if text := why_not(invoice=invoice):
            raise WriteOffRefused(text)
        due = invoice.balance().due
        _set_state(invoice, Stored.UNCOLLECTIBLE)
        data = {"amount": due, "currency": invoice.currency, "reason": reason[:500]}
        journal.note(invoice, "write_off", now=now, by=by, data=data)
        _add(invoice, due, reason, by, now)
    return invoice


def recover(*, invoice_id: int, by: Any, now: datetime) -> Invoice:
    """Count again on an invoice that was given up: what is due on it is asked for as before.

    Raises ``WriteOffRefused``.
    """
    with transaction.atomic(durable=True):
        (invoice,) = lock(Invoice, invoice_id)
        if text := _outside(invoice, InvoiceEvent.RECOVER):
            raise WriteOffRefused(text)
        _recover(invoice, by, now)
    return invoice


def follow(*, invoice: Invoice, now: datetime, is_paid: bool = False) -> None:
    """Keep what is given up of an invoice to what is due on it, inside a transaction that holds the invoice.

    Who pays (``is_paid``), be it a part, is not given up any more. A bank that takes money back, or gives it back,
    says nothing of that: the invoice stays given up, as far as it is due then.
    """
    if invoice.state != Stored.UNCOLLECTIBLE:
        return
    due = invoice.balance().due
    if is_paid or due <= 0:
        _recover(invoice, None, now)
        return
    change = due - written_off_of(invoice)
    if change:
        _add(invoice, change, "", None, now)


def written_off_of(invoice: Invoice) -> int:
    """Return what of an invoice is given up now, minor units."""
    whole: int | None = invoice.write_offs.aggregate(whole=Sum("amount"))["whole"]
    return whole or 0


def why_not(*, invoice: Invoice) -> str:
    """Return why an invoice can't be written off now, or an empty text."""
    if text := _outside(invoice, InvoiceEvent.WRITE_OFF):
        return text
    balance = invoice.balance()
    if balance.due <= 0:
        return _("Nothing is due on this invoice: there is nothing to write off.")
    if balance.processing or balance.disputed:
        return _("Money for this invoice is still with a bank: wait for its answer first.")
    return ""


def _outside(invoice: Invoice, event: InvoiceEvent) -> str:
    """Why the table of states has no such event, or an empty text."""
    state = Stored(invoice.state)
    if event in INVOICE_MOVES[state]:
        return ""
    if invoice.is_draft:
        return _("Only an issued invoice can be written off; a draft is simply deleted.")
    if state is Stored.UNCOLLECTIBLE:
        return _("This invoice is written off already.")
    return _("This invoice is not written off.")


def _recover(invoice: Invoice, by: Any, now: datetime) -> None:
    _set_state(invoice, Stored.ISSUED)
    written_off = written_off_of(invoice)
    journal.note(invoice, "recover", now=now, by=by, data={"amount": written_off, "currency": invoice.currency})
    if written_off:
        _add(invoice, -written_off, "", by, now)


def _set_state(invoice: Invoice, state: Stored) -> None:
    invoice.state = state
    Invoice.objects.filter(pk=invoice.pk).update(state=state)


def _add(invoice: Invoice, amount: int, reason: str, by: Any, now: datetime) -> None:
    row = WriteOff.objects.create(invoice=invoice, amount=amount, reason=reason[:500], at=now, by=by)
    ledger.book_write_off(write_off=row, now=now)
