"""Reminders: planned by the clockwork or sent by hand, checked under the lock of the invoice, at most once each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet, Subquery

from wagtail_payments import ports
from wagtail_payments.actions import reminder_letters, reminder_series, sweeps
from wagtail_payments.actions.obstacles import known_about, obstacle
from wagtail_payments.actions.reminder_series import Series, paused
from wagtail_payments.core.lifecycle import Stored
from wagtail_payments.core.reminders import Skipped, Step, Turn
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.guards import hold
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.reminders import Reminder, ReminderPolicy
from wagtail_payments.records.sellers import Seller

# Nobody is reminded by night, on the seller's clock; by hand one may.
FROM_HOUR, UNTIL_HOUR = 8, 20
# While these stand, what a promise to pay has paused stays as it is.
PAUSING = frozenset({Skipped.PROMISED.value, Skipped.PROCESSING.value})


def run(*, now: datetime, most: int = 100) -> int:
    """Remind whoever is due, ``most`` customers of each seller in a turn; return how many letters were written."""
    for seller in Seller.objects.filter(reminder_policy=None):
        reminder_series.begin(seller=seller, now=now)
    awake = [policy for policy in _policies() if is_day(policy.seller, now)]
    written = sum(_of_seller(policy, now, most) for policy in awake)
    return written + reminder_letters.write_again(now=now)


def is_day(seller: Seller, now: datetime) -> bool:
    """Is it a time of the day at which people are written to?"""
    return FROM_HOUR <= now.astimezone(ZoneInfo(seller.time_zone)).hour < UNTIL_HOUR


def _policies() -> QuerySet[ReminderPolicy]:
    rows = ReminderPolicy.objects.filter(is_on=True).order_by("pk")
    return rows.select_related("seller").prefetch_related("seller__reminder_steps")


def _of_seller(policy: ReminderPolicy, now: datetime, most: int) -> int:
    series, today = Series(policy, list(policy.seller.reminder_steps.all())), policy.seller.today(now)
    if not series.in_use:
        return 0
    waiting = _waiting(series, today)
    customers = Customer.objects.filter(Exists(waiting.filter(customer=OuterRef("pk"))))
    chosen = sweeps.turn(f"invoice_reminders:{policy.seller_id}", customers, most=most, now=now)
    if not chosen:
        return 0
    rows = waiting.filter(customer__in=[customer.pk for customer in chosen]).select_related("document")
    due = rows.prefetch_related(Prefetch("reminders", Reminder.objects.order_by("pk"))).order_by("customer", "pk")
    groups = {group[0].pk: [invoice.pk for invoice in group] for group in _groups(series, due, today)}
    firsts = [invoice for invoice in due if invoice.pk in groups]
    return sweeps.each("invoice_reminders", firsts, lambda first: _remind(series, groups[first.pk], now))


def _waiting(series: Series, today: date) -> QuerySet[Invoice]:
    """Invoices with something to pay, of which a step was reached that is further than all that was dealt with.

    Each instalment has the whole series of its own; few invoices have some, all others are found by their due date.
    """
    dealt = Reminder.objects.filter(invoice=OuterRef("pk"), due_on=OuterRef("next_due_on"), days__isnull=False)
    dealt = dealt.exclude(state="skipped", reason=Skipped.PROMISED)
    furthest = dealt.order_by().values("invoice").annotate(furthest=Max("days")).values("furthest")
    issued: Any = Invoice.objects.filter(seller=series.policy.seller_id, state=Stored.ISSUED)
    rows = issued.with_balance().annotate(furthest=Subquery(furthest)).filter(_reached(series, today))
    waiting: QuerySet[Invoice] = rows.filter(due__gt=0)
    return waiting


def _reached(series: Series, today: date) -> Q:
    reached = Q()
    for step in series.in_use:
        days = timedelta(days=step.days)
        first, last = series.policy.since - days, today - days
        in_time = Q(in_parts=False, due_on__gte=first, due_on__lte=last)
        in_time |= Q(in_parts=True, next_due_on__gte=first, next_due_on__lte=last)
        reached |= in_time & (Q(furthest=None) | Q(furthest__lt=step.days))
    return reached


def _groups(series: Series, invoices: Iterable[Invoice], today: date) -> list[list[Invoice]]:
    """One letter for each invoice, or for all that are overdue of the same customer."""
    found: dict[tuple[Any, ...], list[Invoice]] = {}
    for invoice in invoices:
        turn = series.turn(invoice, list(invoice.reminders.all()), today)
        if turn is not None:
            found.setdefault(_together(series, invoice, turn.step), []).append(invoice)
    return list(found.values())


def _together(series: Series, invoice: Invoice, step: Step) -> tuple[Any, ...]:
    alone = 0 if series.policy.one_letter and step.days >= 0 else invoice.pk
    return (invoice.customer_id, invoice.language, invoice.mode, alone)


def _remind(series: Series, keys: Sequence[int], now: datetime) -> int:
    """Plan and write under the locks: what was asked before them is asked again."""
    today = series.policy.seller.today(now)
    with transaction.atomic(durable=True):
        hold(Invoice, *keys)
        invoices = reminder_letters.fresh(keys)
        known = known_about(invoices)
        rows: list[Reminder] = []
        for invoice in invoices:
            turn = series.turn(invoice, list(invoice.reminders.all()), today)
            if turn is not None:
                rows += _planned(series, invoice, turn, obstacle(invoice, today, known=known), now)
        ports.failpoint("reminder.planned")
        planned = [row for row in rows if row.state == "planned"]
        written = reminder_letters.write(planned, invoices, by=None, now=now)
        reminder_series.keep(rows)
        ports.failpoint("reminder.written")
    return written


def _planned(series: Series, invoice: Invoice, turn: Turn, why_not: str | None, now: datetime) -> list[Reminder]:
    late = [_row(series, invoice, step, now, Skipped.LATE) for step in turn.late if not paused(invoice, step)]
    if why_not in PAUSING and paused(invoice, turn.step):
        return late
    return [*late, _row(series, invoice, turn.step, now, why_not or "")]


def _row(series: Series, invoice: Invoice, step: Step, now: datetime, reason: str) -> Reminder:
    due_on = invoice.asked_on()
    assert due_on is not None  # noqa: S101  # only such have a turn
    before = paused(invoice, step)
    return Reminder(
        pk=before.pk if before else None,
        invoice=invoice,
        step=series.step(step.key),
        days=step.days,
        due_on=due_on,
        tone=step.tone,
        planned_on=due_on + timedelta(days=step.days),
        state="skipped" if reason else "planned",
        reason=reason[:20],
        made_at=now,
    )
