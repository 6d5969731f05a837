"""Promises to pay: made within bounds, one at a time, and ended when they are kept, broken or taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from wagtail_payments.actions import instalments, journal, sweeps
from wagtail_payments.core import schedule
from wagtail_payments.core.lifecycle import Stored
from wagtail_payments.mail import promises as letters
from wagtail_payments.records.guards import hold
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.promises import Promise

LONGEST_FOR_EDITORS = timedelta(days=366)
FURTHEST_AHEAD = timedelta(hours=14)  # of all time zones: somewhere it is this much later than UTC
A_BEAT = 200


class PromiseRefused(Exception):
    """The day can't be kept as a promise; the text says why."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first and the last day that may be promised."""

    first: date
    last: date


def bounds(*, invoice: Invoice, today: date, by_customer: bool) -> Bounds | None:
    """Return which days may be promised, or None where none may: nothing is asked for, or the seller does not want it.

    A customer may go as far beyond the day of the next instalment as the seller allows.
    """
    next_on = instalments.offers(invoice, today).next_on if invoice.state == Stored.ISSUED else None
    if next_on is None or invoice.balance().processing >= invoice.balance().asked:  # a bank still decides on the rest
        return None
    first = today + timedelta(days=1)
    if not by_customer:
        return Bounds(first, today + LONGEST_FOR_EDITORS)
    days = invoice.seller.promise_days
    if not days or next_on == date.max:
        return None
    last = next_on + timedelta(days=days)
    return Bounds(first, last) if last >= first else None


def standing(invoice: Invoice, today: date) -> Promise | None:
    """Return the promise that stands for an invoice on that day, if it is not fulfilled yet: no reminder meanwhile."""
    promise = Promise.objects.filter(standing_for=invoice, planned_on__gte=today).first()
    return promise if promise is not None and not _is_reached(promise, invoice, on_its_way=True) else None


def make(*, invoice_id: int, planned_on: date, by: Any, by_customer: bool, now: datetime) -> Promise:
    """Keep the day on which an invoice will be paid, in the place of one named before; the seller is told.

    The same day again is the promise that stands. Raises ``PromiseRefused``.
    """
    with transaction.atomic(durable=True):
        invoice = _held(invoice_id)
        today = invoice.seller.today(now)
        _refuse_outside(planned_on, bounds(invoice=invoice, today=today, by_customer=by_customer))
        before = _standing_row(invoice)
        if before is not None and before.planned_on == planned_on:
            return before
        if before is not None:
            _end(before, "replaced", now)
        promise = _kept(invoice, planned_on, by, by_customer, now)
        journal.note(invoice, "promise", now=now, by=by, data={"day": planned_on.isoformat()})
        if by_customer:
            amount = promise.until - _covered(invoice)
            letters.owner_promised(promise=promise, amount=amount, now=now)
    return promise


def withdraw(*, invoice_id: int, by: Any, by_customer: bool, now: datetime) -> Promise | None:
    """Take back the promise that stands, if there is one; the seller is told when the customer did it."""
    with transaction.atomic(durable=True):
        invoice = _held(invoice_id)
        promise = _standing_row(invoice)
        if promise is None:
            return None
        _end(promise, "withdrawn", now)
        data = {"day": promise.planned_on.isoformat()}
        journal.note(invoice, "promise_withdrawn", now=now, by=by, data=data)
        if by_customer:
            letters.owner_withdrew(promise=promise, now=now)
    return promise


def settle_due(*, now: datetime) -> int:
    """End the promises that were kept, and those whose day has passed; return how many. They counted no more."""
    rows = Invoice.objects.with_balance().filter(standing_promise__isnull=False)
    reached = Q(standing_promise__until__lte=F("paid") + F("credited"))
    passed = Q(standing_promise__planned_on__lt=(now + FURTHEST_AHEAD).date())
    return sweeps.sweep(
        "promises", rows.filter(reached | passed), lambda row: _settled(row.pk, now), most=A_BEAT, now=now
    )


def _settled(invoice_id: int, now: datetime) -> int:
    with transaction.atomic(durable=True):
        invoice = _held(invoice_id)
        promise = _standing_row(invoice)
        if promise is None:
            return 0
        if _is_reached(promise, invoice, on_its_way=False):
            return _end(promise, "kept", now)
        if promise.planned_on >= invoice.seller.today(now) or _is_reached(promise, invoice, on_its_way=True):
            return 0
        journal.note(invoice, "promise_broken", now=now, data={"day": promise.planned_on.isoformat()})
        return _end(promise, "broken", now)


def _held(invoice_id: int) -> Invoice:
    hold(Invoice, invoice_id)
    rows = Invoice.objects.with_balance().select_related("seller", "customer", "document").defer("document__text")
    invoice: Invoice = rows.get(pk=invoice_id)
    return invoice


def _standing_row(invoice: Invoice) -> Promise | None:
    return Promise.objects.select_related("invoice").filter(standing_for=invoice).first()


def _refuse_outside(day: date, allowed: Bounds | None) -> None:
    if allowed is None:
        raise PromiseRefused(_("There is nothing to plan for this invoice now."))
    if not allowed.first <= day <= allowed.last:
        raise PromiseRefused(_("Choose a day that you are offered."))


def _kept(invoice: Invoice, planned_on: date, by: Any, by_customer: bool, now: datetime) -> Promise:
    promise: Promise = Promise.objects.create(
        invoice=invoice,
        standing_for=invoice,
        planned_on=planned_on,
        until=schedule.reached_by(invoice.parts(), _covered(invoice), planned_on),
        made_at=now,
        made_by=by,
        by_customer=by_customer,
    )
    return promise


def _end(promise: Promise, end: str, now: datetime) -> int:
    Promise.objects.filter(pk=promise.pk).update(standing_for=None, ended_at=now, end=end)
    return 1


def _covered(invoice: Invoice) -> int:
    balance = invoice.balance()
    return balance.paid + balance.credited


def _is_reached(promise: Promise, invoice: Invoice, *, on_its_way: bool) -> bool:
    """Is what was promised covered, by money that came, or also by what is on its way?"""
    more = invoice.balance().processing if on_its_way else 0
    return bool(_covered(invoice) + more >= promise.until)
