"""Everything that is due, done once: what ``payments_run`` does at each beat. Two at once do no harm."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from wagtail_payments.actions import (
    billing,
    cancellations,
    deliveries,
    events,
    promises,
    receipts,
    reconcile,
    reminders,
    renditions,
    seats,
    signed_papers,
    ticket_deposits,
    unseated,
)
from wagtail_payments.mail import outbox
from wagtail_payments.records.deliveries import Heartbeat

logger = logging.getLogger(__name__)

HEARTBEAT = "payments_run"

Step = Callable[[datetime], int]

STEPS: dict[str, Step] = {
    "deliveries": lambda now: deliveries.process_due(now=now),
    "reconciled": lambda now: reconcile.run(now=now).healed,
    "holds": lambda now: seats.note_expired(now=now),
    "cancelled_events": lambda now: events.cancel_registrations_due(now=now),
    "cancellations": lambda now: cancellations.settle_due(now=now),
    "balances": lambda now: ticket_deposits.ask_due(now=now),
    "billing": lambda now: billing.draft_due(now=now),
    "unseated": lambda now: unseated.mend(now=now),
    "promises": lambda now: promises.settle_due(now=now),
    "receipts": lambda now: receipts.give_missing(now=now),
    "renditions": lambda now: renditions.draw_missing(now=now),
    "signed": lambda now: signed_papers.draw_missing(now=now),
    "reminders": lambda now: events.remind_due(now=now),
    "invoice_reminders": lambda now: reminders.run(now=now),
    "organisers": lambda now: events.tell_organisers_due(now=now),
    "letters": lambda now: outbox.deliver_due(now=now),
}


def run_once(*, now: datetime) -> dict[str, int]:
    """Do all that is due and return how much of each; a step that fails is logged and does not stop the others."""
    done = {name: _step(name, step, now) for name, step in STEPS.items()}
    Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": now, "result": done})
    return done


def _step(name: str, step: Step, now: datetime) -> int:
    try:
        return step(now)
    except Exception:  # the other steps must run; the failure is in the log and in the heartbeat
        logger.exception("payments_run: %s failed", name)
        return -1
