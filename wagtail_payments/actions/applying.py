"""Credit and money that a customer still has, used for another invoice: nothing moves, less is due.

Only within one customer, seller, currency and mode. Neither books nor receipts change: the customers' account holds
both sides already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_payments import ports, signals
from wagtail_payments.actions import alerts, journal, write_offs
from wagtail_payments.records import customer_credit
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Allocation, CreditApplication, Payment, available_credit


class ApplyRefused(Exception):
    """Credit or money can't be used for that invoice; the text says why."""


def use_credit_note(*, credit_note: CreditNote, invoice_id: int, by: Any, now: datetime) -> int:
    """Let a credit note lower another invoice as far as it goes; return how much, in minor units.

    A second time nothing is left to do, and 0 is returned. Raises ``ApplyRefused``.
    """
    used = _use(invoice_id, [credit_note], [], by, now)
    done = CreditApplication.objects.filter(credit_note=credit_note, invoice=invoice_id)
    if not used and not done.exists():
        raise ApplyRefused(_("Nothing of this credit note is left, or nothing is due any more."))
    return used


def use_payment(*, payment: Payment, invoice_id: int, by: Any, now: datetime) -> int:
    """Let money that pays nothing yet pay an invoice as far as it goes; return how much, in minor units.

    A second time nothing is left to do, and 0 is returned. Raises ``ApplyRefused``.
    """
    used = _use(invoice_id, [], [payment], by, now)
    if not used and not payment.allocations.filter(invoice=invoice_id).exists():
        raise ApplyRefused(_("Nothing of this payment is left over, or nothing is due any more."))
    return used


def use_all(*, invoice: Invoice, by: Any, now: datetime) -> int:
    """Use whatever the customer has, the oldest first, credit notes before money; return how much. Safe twice.

    Raises ``ApplyRefused``.
    """
    notes = list(customer_credit.credit_notes_for(invoice))
    return _use(invoice.pk, notes, list(customer_credit.payments_for(invoice)), by, now)


def carry_over(*, source: Invoice, target: Invoice, by: Any, now: datetime) -> int:
    """Use what the credit notes of one invoice left for the one that replaces it; return how much.

    Inside a transaction that holds both. For another customer nothing is carried over: the credit stays where it is.
    """
    if not is_same_circle(source, target):
        return 0
    return _used(target, list(source.credit_notes.order_by("pk")), [], by, now)


def is_same_circle(one: Invoice, other: Invoice) -> bool:
    """Do two invoices share customer, seller, currency and mode, so that credit may pass between them?"""
    names = ("customer_id", "seller_id", "currency", "mode")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _use(invoice_id: int, notes: Sequence[CreditNote], payments: Sequence[Payment], by: Any, now: datetime) -> int:
    keys = {invoice_id, *(note.invoice_id for note in notes)}
    with transaction.atomic(durable=True):
        invoices = {row.pk: row for row in lock(Invoice, *keys)}
        paying = lock(Payment, *(payment.pk for payment in payments))
        invoice = invoices[invoice_id]
        _refuse(invoice, [invoices[note.invoice_id] for note in notes], paying)
        used = _used(invoice, notes, paying, by, now)
        ports.failpoint("applying.before_commit")
    return used


def _refuse(invoice: Invoice, credited: Sequence[Invoice], payments: Sequence[Payment]) -> None:
    if invoice.is_draft:
        raise ApplyRefused(_("This invoice is still a draft. Issue it first, then use the credit."))
    strange = [other for other in credited if not is_same_circle(invoice, other)]
    foreign = [one for one in payments if not is_same_circle(invoice, one)]  # type: ignore[arg-type]
    if strange or foreign:
        raise ApplyRefused(_("Credit can only be used for an invoice of the same customer and seller."))
    if invoice.balance().processing > 0:
        raise ApplyRefused(_("A payment of this invoice is under way. Wait until the bank has answered."))
    if invoice.balance().disputed > 0:
        raise ApplyRefused(_("A payment of this invoice is disputed. Wait until the customer's bank has decided."))


def _used(invoice: Invoice, notes: Sequence[CreditNote], payments: Sequence[Payment], by: Any, now: datetime) -> int:
    due = left = max(invoice.balance().due, 0)
    for note in notes:
        left -= _apply(note, invoice, left, by, now)
    last = None
    for payment in payments:
        share = _allocate(payment, invoice, left, by, now)
        left, last = left - share, payment if share else last
    if due and not left:
        signals.send_on_commit(signals.invoice_paid, Invoice, invoice=invoice, payment=last)
    return due - left


def _apply(note: CreditNote, invoice: Invoice, due: int, by: Any, now: datetime) -> int:
    available = available_credit(note)
    share = min(available, due)
    if share <= 0:
        return 0
    CreditApplication.objects.create(credit_note=note, invoice=invoice, amount=share, at=now)
    write_offs.follow(invoice=invoice, now=now, is_paid=True)
    if share == available:
        alerts.settle_by_itself(kind="send_back", key=str(note.pk), now=now)
    data = {"amount": share, "currency": invoice.currency}
    journal.note(invoice, "credit_used", now=now, by=by, data=data | {"number": str(note)})
    if note.invoice_id != invoice.pk:
        journal.note(note.invoice, "credit_carried", now=now, by=by, data=data | {"number": invoice.number})
    return share


def _allocate(payment: Payment, invoice: Invoice, due: int, by: Any, now: datetime) -> int:
    free = payment.unallocated()
    share = min(free, due)
    if share <= 0:
        return 0
    Allocation.objects.create(payment=payment, invoice=invoice, amount=share, at=now)
    write_offs.follow(invoice=invoice, now=now, is_paid=True)
    if share == free:
        alerts.settle_by_itself(kind="unallocated", key=str(payment.pk), now=now)
    data = {"amount": share, "currency": invoice.currency}
    journal.note(invoice, "money_used", now=now, by=by, data=data)
    return share
