"""Reminders, and what stands in their way: promises, muted customers; letters leave some time after they were written.

What stands in the way is asked here of the rows alone, just before letters leave (I21).
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, Sum

from tests.simulation.world import World
from wagtail_payments.actions import promises, reminders, reminders_by_hand
from wagtail_payments.core.lifecycle import UNDECIDED_DISPUTE_STATES, AttemptState
from wagtail_payments.mail import outbox
from wagtail_payments.models import Allocation, Dispute, Invoice, PaymentAttempt, Promise, Reminder, ReminderMute


def remind(world: World) -> None:
    """What the clockwork writes."""
    reminders.run(now=world.now)


def letters_leave(world: World) -> None:
    """Let the letters leave, and look which should have stayed."""
    waiting = Reminder.objects.filter(state="written", letter__state="queued").select_related("invoice__seller")
    stopped = {row.pk: why for row in waiting if (why := why_not(world, row.invoice))}
    left = list(waiting.values_list("pk", flat=True))
    outbox.deliver_due(now=world.now, limit=1000)
    for row in Reminder.objects.filter(pk__in=left, state="written", letter__state="sent"):
        if row.pk in stopped:
            world.faults.append(f"I21: {row} was sent: {stopped[row.pk]}")


def why_not(world: World, invoice: Invoice) -> str:
    """Why an invoice must not be reminded of, or an empty text."""
    fresh = Invoice.objects.with_balance().get(pk=invoice.pk)
    today, covered = invoice.seller.today(world.now), invoice.gross - fresh.due
    undecided = Dispute.objects.filter(state__in=UNDECIDED_DISPUTE_STATES, is_return=False)
    held = Allocation.objects.filter(invoice=invoice, dispute__in=undecided).aggregate(whole=Sum("amount"))["whole"]
    there = {
        "paid": fresh.due <= 0,
        "processing": PaymentAttempt.objects.filter(invoice=invoice, state=AttemptState.PROCESSING).exists(),
        "disputed": (held or 0) < 0,
        "muted": ReminderMute.objects.filter(Q(invoice=invoice) | Q(customer=invoice.customer_id)).exists(),
        "promised": Promise.objects.filter(standing_for=invoice, planned_on__gte=today, until__gt=covered).exists(),
        "uncollectible": fresh.state != "issued",
    }
    return " ".join(name for name, stands in there.items() if stands)


def mute(world: World, invoice: Invoice, whose: str) -> None:
    """Switch reminders off, or on again."""
    reminders_by_hand.mute(invoice=invoice, whose=whose, by=None, now=world.now)


def promise(world: World, invoice: Invoice, days: int, *, by_customer: bool) -> None:
    """Somebody says when it will be paid."""
    day = invoice.seller.today(world.now) + timedelta(days=days)
    promises.make(invoice_id=invoice.pk, planned_on=day, by=None, by_customer=by_customer, now=world.now)


def take_back(world: World, invoice: Invoice) -> None:
    """The promise is taken back."""
    promises.withdraw(invoice_id=invoice.pk, by=None, by_customer=True, now=world.now)


def end_promises(world: World) -> None:
    """What the clockwork does about promises."""
    promises.settle_due(now=world.now)
