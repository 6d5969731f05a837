"""What an editor does about reminders: remind now, switch them off, decide about those that perhaps never left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from wagtail_payments.actions import alerts, journal, payment_requests, reminder_letters, reminder_series
from wagtail_payments.actions.obstacles import known_about, obstacle
from wagtail_payments.actions.reminder_series import Series, done_of, paused
from wagtail_payments.core import reminders
from wagtail_payments.core.reminders import DEFAULT_STEPS, Step, Tone
from wagtail_payments.mail import outbox
from wagtail_payments.mail import reminders as letters
from wagtail_payments.mail.writing import LaidOut
from wagtail_payments.records.guards import hold
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.reminders import Reminder, ReminderMute, ReminderStep


@dataclass
class Plan:
    """What reminding would do now: the letters, each about some invoices, and which can't be reminded of, and why."""

    groups: list[list[Invoice]] = field(default_factory=list)
    refused: list[tuple[Invoice, str]] = field(default_factory=list)
    series: dict[int, Series | None] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many invoices are reminded of."""
        return sum(len(group) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Wish:
    """How an editor wants to remind. ``step`` chooses the words; without it they follow from how late it is.

    ``despite_mute`` goes past switched-off reminders and past no other obstacle. The same ``form_key`` sends once.
    """

    by: Any
    form_key: str
    step: int | None = None
    despite_mute: bool = False


def plan(*, invoices: Sequence[Invoice], now: datetime, despite_mute: bool = False) -> Plan:
    """Return what reminding of these invoices would do now; they come from ``reminder_letters.fresh``."""
    made = Plan(series=_series_of(invoices))
    together: dict[tuple[Any, ...], list[Invoice]] = {}
    known = known_about(invoices) if invoices else None
    for invoice in invoices:
        today = invoice.seller.today(now)
        why_not = obstacle(invoice, today, known=known, despite_mute=despite_mute)
        if why_not:
            made.refused.append((invoice, why_not))
        else:
            together.setdefault(_together(made.series[invoice.seller_id], invoice, today), []).append(invoice)
    made.groups = list(together.values())
    return made


def _series_of(invoices: Sequence[Invoice]) -> dict[int, Series | None]:
    sellers = {invoice.seller_id: invoice.seller for invoice in invoices}
    return {key: reminder_series.series_of(seller) for key, seller in sellers.items()}


def _together(series: Series | None, invoice: Invoice, today: date) -> tuple[Any, ...]:
    due_on = invoice.asked_on()
    is_late = due_on is not None and due_on <= today
    alone = 0 if is_late and (series is None or series.policy.one_letter) else invoice.pk
    return (invoice.seller_id, invoice.customer_id, invoice.language, invoice.mode, alone)


def remind(*, invoice_ids: Iterable[int], wish: Wish, now: datetime) -> Plan:
    """Write the reminders that nothing stands in the way of; return what was done and what was not, and why.

    May run inside the caller's transaction if that has locked nothing yet.
    """
    keys = sorted(set(invoice_ids))
    with transaction.atomic():
        hold(Invoice, *keys)
        made = plan(invoices=reminder_letters.fresh(keys), now=now, despite_mute=wish.despite_mute)
        if not Letter.objects.filter(written_once__startswith=f"reminder:{wish.form_key}:").exists():
            for number, group in enumerate(made.groups):
                _write(group, made.series.get(group[0].seller_id), wish, number, now)
    return made


def _write(group: Sequence[Invoice], series: Series | None, wish: Wish, number: int, now: datetime) -> None:
    rows = [_row(invoice, series, wish, now) for invoice in group]
    once = f"reminder:{wish.form_key}:{number}"
    reminder_letters.write(rows, group, by=wish.by, now=now, once=once)
    reminder_series.keep(rows)


def _row(invoice: Invoice, series: Series | None, wish: Wish, now: datetime) -> Reminder:
    """A row that stands for its step, where that was reached and not dealt with yet; else one besides all steps."""
    today = invoice.seller.today(now)
    step, tone = words_for(series, invoice, today, wish.step)
    stored = series.step(step.key) if series and step else None
    is_its_turn = step is not None and _is_left(series, invoice, step, today)
    before = paused(invoice, step) if is_its_turn and step else None
    return Reminder(
        pk=before.pk if before else None,
        invoice=invoice,
        step=stored,
        days=step.days if is_its_turn and step else None,
        due_on=invoice.asked_on() or today,
        tone=tone,
        planned_on=today,
        by_hand=True,
        despite_mute=wish.despite_mute,
        made_at=now,
        made_by=wish.by,
    )


def words_for(series: Series | None, invoice: Invoice, today: date, wanted: int | None) -> tuple[Step | None, Tone]:
    """Return the step whose words are used, and how it speaks."""
    due_on = invoice.asked_on()
    days_late = (today - due_on).days if due_on else 0
    chosen = series.step(wanted) if series and wanted else None
    if chosen is not None:
        return chosen.as_core(), Tone(chosen.tone)
    step = reminders.by_lateness(series.in_use if series else (), days_late)
    usual = reminders.by_lateness(DEFAULT_STEPS, days_late)
    return step, step.tone if step else usual.tone if usual else Tone.POLITE


def _is_left(series: Series | None, invoice: Invoice, step: Step, today: date) -> bool:
    due_on = invoice.asked_on()
    if series is None or due_on is None or due_on + timedelta(days=step.days) > today:
        return False
    return step in reminders.left(series.in_use, done_of(invoice, list(invoice.reminders.all())))


def preview(*, group: Sequence[Invoice], now: datetime, step: int | None = None) -> LaidOut:
    """Return the letter that such a group would get."""
    first = group[0]
    today, series = first.seller.today(now), reminder_series.series_of(first.seller)
    found = [words_for(series, invoice, today, step) for invoice in group]
    leading, tone = max(found, key=lambda pair: pair[0].days if pair[0] else -reminders.FURTHEST_DAYS)
    stored: ReminderStep | None = series.step(leading.key) if series and leading else None
    about, together = letters.with_links(group), not payment_requests.why_not(group, now)
    return letters.preview(about=about, tone=tone, step=stored, today=today, together=together)


def mute(*, invoice: Invoice, whose: str, by: Any, now: datetime) -> None:
    """Switch reminders off for the ``"invoice"`` or for all of its ``"customer"``, or (``""``) on again for both."""
    with transaction.atomic(durable=True):
        hold(Invoice, invoice.pk)
        ReminderMute.objects.filter(invoice=invoice.pk).delete()
        ReminderMute.objects.filter(customer=invoice.customer_id).delete()
        if whose == "invoice":
            ReminderMute.objects.create(invoice_id=invoice.pk, at=now, by=by)
        elif whose == "customer":
            ReminderMute.objects.create(customer_id=invoice.customer_id, at=now, by=by)
        journal.note(invoice, "muted" if whose else "unmuted", now=now, by=by, data={"whose": whose})


def send_now(*, reminder: Reminder, now: datetime) -> bool:
    """Send a reminder that perhaps never left, with all that stand in the same letter; checked again as it leaves.

    Returns whether it was queued.
    """
    letter = reminder.letter
    if letter is None or not reminder.is_doubtful:
        return False
    queued = outbox.send_again(letter=letter, now=now)
    if queued:
        _settled(letter, now)
    return queued


def it_was_sent(*, reminder: Reminder, by: Any, now: datetime) -> bool:
    """Believe an editor that a reminder that perhaps never left has arrived; return whether it was in doubt."""
    letter = reminder.letter
    if letter is None:
        return False
    with transaction.atomic():
        doubted = Letter.objects.filter(pk=letter.pk, kind="reminder", state="unknown")
        if not doubted.update(state="sent", sent_at=now, leased_until=None, error=""):
            return False
        for row in letter.reminders.select_related("invoice"):
            journal.note(row.invoice, "reminder_arrived", now=now, by=by, data={"to": letter.to})
    _settled(letter, now)
    return True


def _settled(letter: Letter, now: datetime) -> None:
    alerts.settle_by_itself(kind="letter", key=f"{letter.pk}:all", now=now)
