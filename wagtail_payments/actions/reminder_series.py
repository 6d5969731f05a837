"""A seller's series of reminders: the usual one until it is changed, and what is to come for an invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from wagtail_payments.core import reminders
from wagtail_payments.core.reminders import DEFAULT_STEPS, MOST_STEPS, Done, Step, Tone, Turn
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.reminders import Reminder, ReminderPolicy, ReminderStep
from wagtail_payments.records.sellers import Seller


class SeriesRefused(Exception):
    """A series can't be like that; the text says why."""


@dataclass(frozen=True, slots=True)
class StepChoice:
    """A step as an editor wants it; ``key`` names the one that is changed, None makes a new one."""

    key: int | None
    days: int
    tone: Tone
    is_on: bool = True


@dataclass(frozen=True)
class Series:
    """A seller's policy with its steps, those in use as plain data too."""

    policy: ReminderPolicy
    steps: Sequence[ReminderStep] = field(default_factory=tuple)

    @property
    def in_use(self) -> list[Step]:
        """The steps in use, in the order of their days."""
        return [step.as_core() for step in self.steps if step.is_on]

    def step(self, key: int) -> ReminderStep | None:
        """Return the step of that key."""
        return next((step for step in self.steps if step.pk == key), None)

    def turn(self, invoice: Invoice, rows: Sequence[Reminder], today: date) -> Turn | None:
        """Return what is due today for an issued invoice whose reminders so far are these."""
        due_on = invoice.asked_on()
        if due_on is None or invoice.document is None or not self.policy.is_on:
            return None
        done = done_of(invoice, rows)
        after = self.after(invoice)
        return reminders.turn(self.in_use, due_on=due_on, today=today, after=after, done=done)

    def upcoming(self, invoice: Invoice, rows: Sequence[Reminder], today: date) -> tuple[Step, date] | None:
        """Return the next step for an issued invoice and its day, if nothing changes."""
        due_on = invoice.asked_on()
        if due_on is None or invoice.document is None or not self.policy.is_on:
            return None
        done = done_of(invoice, rows)
        after, promised = self.after(invoice), invoice.planned_on if hasattr(invoice, "planned_on") else None
        first = max(today, promised + timedelta(days=1)) if promised else today
        return reminders.upcoming(self.in_use, due_on=due_on, today=first, after=after, done=done)

    def after(self, invoice: Invoice) -> date:
        """Return the day after which steps count for an issued invoice."""
        eve = self.policy.since - timedelta(days=1)
        return max(invoice.document.issued_on, eve) if invoice.document else eve


def done_of(invoice: Invoice, rows: Sequence[Reminder]) -> list[Done]:
    """Return the steps that were dealt with for the due date that it has now, or that of its next instalment.

    Not those that a promise only paused.
    """
    due_on = invoice.asked_on()
    stood = [row for row in rows if row.due_on == due_on and not row.is_paused]
    return [Done(row.step_id, row.days) for row in stood if row.days is not None]


def paused(invoice: Invoice, step: Step) -> Reminder | None:
    """Return the row of a step that a promise to pay had paused: what becomes of it now stands there."""
    due_on = invoice.asked_on()
    rows = [row for row in invoice.reminders.all() if row.is_paused and row.due_on == due_on]
    return next((row for row in rows if row.days == step.days), None)


def keep(rows: Sequence[Reminder]) -> None:
    """Save reminders, new ones and those that were paused."""
    stood = [row for row in rows if row.pk is not None]
    Reminder.objects.bulk_create([row for row in rows if row.pk is None])
    for row in stood:
        row.save()


def series_of(seller: Seller) -> Series | None:
    """Return a seller's series; None until the clockwork or an editor has made one."""
    policy = ReminderPolicy.objects.filter(seller=seller).first()
    return Series(policy, list(seller.reminder_steps.all())) if policy else None


def begin(*, seller: Seller, now: datetime) -> None:
    """Give a seller the usual series, which begins today; one that stands is left as it is."""
    try:
        with transaction.atomic():
            ReminderPolicy.objects.create(seller=seller, since=seller.today(now))
            ReminderStep.objects.bulk_create(
                [ReminderStep(seller=seller, days=step.days, tone=step.tone) for step in DEFAULT_STEPS]
            )
    except IntegrityError:  # somebody else has begun it at the same moment
        return


def settle(*, seller: Seller, is_on: bool, one_letter: bool, steps: Sequence[StepChoice], now: datetime) -> Series:
    """Keep a series as an editor wants it. What a change would have sent before today is not made up for.

    Raises ``SeriesRefused``.
    """
    _check(steps)
    today = seller.today(now)
    with transaction.atomic(durable=True):
        policy, is_new = ReminderPolicy.objects.get_or_create(seller=seller, defaults={"since": today})
        is_switched_on = is_on and not policy.is_on
        before = {step.pk: step for step in seller.reminder_steps.all()}
        is_moved = _keep(seller, before, steps)
        policy.is_on, policy.one_letter = is_on, one_letter
        if is_new or is_switched_on or is_moved:
            policy.since = today
        policy.save()
    return Series(policy, list(seller.reminder_steps.all()))


def _check(steps: Sequence[StepChoice]) -> None:
    if len(steps) > MOST_STEPS:
        raise SeriesRefused(_("At most %(most)d reminders.") % {"most": MOST_STEPS})
    if len({step.days for step in steps}) < len(steps):
        raise SeriesRefused(_("Two reminders stand on the same day. Give each a day of its own."))


def _keep(seller: Seller, before: dict[int, ReminderStep], steps: Sequence[StepChoice]) -> bool:
    """Write what differs; return whether a day was added or moved."""
    wanted = {step.key for step in steps if step.key}
    ReminderStep.objects.filter(pk__in=before.keys() - wanted).delete()
    changed = False
    for choice in steps:
        old = before.get(choice.key or 0)
        moved = old is None or (choice.is_on and (old.days, old.is_on) != (choice.days, True))
        changed = changed or moved
        row = old or ReminderStep(seller=seller)
        row.days, row.tone, row.is_on = choice.days, choice.tone.value, choice.is_on
        row.save()
    return changed
