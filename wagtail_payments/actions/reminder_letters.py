"""The letters of reminders: written under the lock of their invoices, and asked about again when they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch

from wagtail_payments import ports
from wagtail_payments.actions import payment_requests, sweeps
from wagtail_payments.actions.obstacles import known_about, obstacle
from wagtail_payments.core.reminders import FURTHEST_DAYS, Skipped, Tone
from wagtail_payments.mail import reminders as letters
from wagtail_payments.records.guards import hold
from wagtail_payments.records.instalments import read_at_once
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.reminders import Reminder


def fresh(keys: Iterable[int]) -> list[Invoice]:
    """Read invoices with their money, reminders and all that a letter says of them, in a fixed number of questions."""
    rows: Any = Invoice.objects.with_balance().filter(pk__in=keys)
    related = rows.select_related("customer", "document", "seller", "site").order_by("due_on", "pk")
    found = list(related.prefetch_related(Prefetch("reminders", Reminder.objects.order_by("pk"))))
    read_at_once(found)
    return found


def write(
    rows: Sequence[Reminder], invoices: Sequence[Invoice], *, by: Any, now: datetime, once: str | None = None
) -> int:
    """Write one letter for all these reminders, whose invoices are locked, and tie them to it; the caller saves them.

    The words are those of the furthest step. Returns how many letters were written: one, or none for nothing.
    """
    if not rows:
        return 0
    meant = {row.invoice_id for row in rows}
    about = letters.with_links([invoice for invoice in invoices if invoice.pk in meant])
    together = _together_link([one.invoice for one in about], by, now)
    leading = max(rows, key=lambda row: -FURTHEST_DAYS if row.days is None else row.days)
    letter = letters.reminder(
        about=about, tone=Tone(leading.tone), step=leading.step, by=by, now=now, once=once, together=together
    )
    for row in rows:
        row.state, row.letter = "written", letter
    return 1


def _together_link(invoices: Sequence[Invoice], by: Any, now: datetime) -> Link | None:
    """The link to pay them all at once, where they can be; an editor who revoked it is obeyed."""
    if payment_requests.why_not(invoices, now):
        return None
    link = payment_requests.link_for(invoices=invoices, by=by, now=now)
    return None if link.revoked_at else link


def may_leave(letter_id: int, claim: Callable[[], bool], now: datetime) -> bool:
    """Claim a reminder's letter if nothing stands in the way of any invoice in it; else put it aside.

    What stands in no one's way is written anew, in a letter of its own.
    """
    keys = Reminder.objects.filter(letter=letter_id, state="written").values_list("invoice_id", flat=True)
    with transaction.atomic(durable=True):
        hold(Invoice, *list(keys))
        rows = list(Reminder.objects.filter(letter=letter_id, state="written").order_by("pk"))
        stopped = _stopped(rows, now)
        ports.failpoint("reminder.checked")
        if not stopped:
            return claim()
        if Letter.objects.filter(pk=letter_id, state="queued").update(state="withdrawn", leased_until=None):
            _put_aside(rows, stopped)
    return False


def _stopped(rows: Sequence[Reminder], now: datetime) -> dict[int, str]:
    """Why which of these reminders must not go out."""
    invoices = {invoice.pk: invoice for invoice in fresh([row.invoice_id for row in rows])}
    known = known_about(list(invoices.values()))
    found: dict[int, str] = {}
    for row in rows:
        invoice = invoices[row.invoice_id]
        why_not = obstacle(invoice, invoice.seller.today(now), known=known, despite_mute=row.despite_mute)
        if not why_not and row.days is not None and row.due_on != invoice.asked_on():
            why_not = Skipped.PAID  # the instalment that it asks for, though not yet the others
        if why_not:
            found[row.pk] = why_not
    return found


def _put_aside(rows: Sequence[Reminder], stopped: dict[int, str]) -> None:
    for pk, reason in stopped.items():
        Reminder.objects.filter(pk=pk).update(state="skipped", reason=reason[:20])
    left = [row.pk for row in rows if row.pk not in stopped]
    Reminder.objects.filter(pk__in=left).update(state="planned", letter=None)


def write_again(*, now: datetime, most: int = 100) -> int:
    """Write the letters of reminders whose common letter was put aside; return how many."""
    rows = Reminder.objects.filter(state="planned").select_related("invoice")
    chosen = sweeps.turn("planned_reminders", rows, most=most, now=now)
    together: dict[tuple[Any, ...], list[Reminder]] = {}
    for row in chosen:
        together.setdefault(_together(row), []).append(row)
    groups = {group[0].pk: group for group in together.values()}
    firsts = [group[0] for group in groups.values()]
    return sweeps.each("planned_reminders", firsts, lambda first: _again(groups[first.pk], now))


def _together(row: Reminder) -> tuple[Any, ...]:
    invoice = row.invoice
    return (invoice.seller_id, invoice.customer_id, invoice.language, invoice.mode, row.made_by_id or 0)


def _again(group: Sequence[Reminder], now: datetime) -> int:
    keys = {row.invoice_id for row in group}
    with transaction.atomic(durable=True):
        hold(Invoice, *keys)
        planned = Reminder.objects.filter(pk__in=[row.pk for row in group], state="planned")
        rows = list(planned.select_related("step", "made_by"))
        stopped = _stopped(rows, now)
        for pk, reason in stopped.items():
            Reminder.objects.filter(pk=pk).update(state="skipped", reason=reason[:20])
        left = [row for row in rows if row.pk not in stopped]
        written = write(left, fresh(keys), by=left[0].made_by if left else None, now=now)
        for row in left:
            row.save(update_fields=["state", "letter"])
    return written
