"""Which state may follow which, and the status of a document as a question asked of its money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Stored(StrEnum):
    """The few states that an invoice keeps; everything about money or time is computed."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    ISSUED = "issued"
    UNCOLLECTIBLE = "uncollectible"


class InvoiceKind(StrEnum):
    """What an invoice is for; UNCL 1001 names them 380, 386, 380, 380 and 384."""

    STANDARD = "standard"
    DEPOSIT = "deposit"
    INTERIM = "interim"
    FINAL = "final"
    CORRECTIVE = "corrective"


class Status(StrEnum):
    """What a person sees."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    OVERDUE = "overdue"
    PLANNED = "planned"  # the customer named a day
    PROCESSING = "processing"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    CREDITED = "credited"
    UNCOLLECTIBLE = "uncollectible"


@dataclass(frozen=True, slots=True)
class Balance:
    """The money of one invoice in minor units: its total, what is allocated, credited, and on its way."""

    total: int
    paid: int = 0
    credited: int = 0
    processing: int = 0

    @property
    def due(self) -> int:
        """What is still to pay."""
        return self.total - self.paid - self.credited


def status(
    stored: Stored, balance: Balance, due_on: date | None, today: date, planned_on: date | None = None
) -> Status:
    """Return the status of an invoice; ``today`` is the seller's local date.

    ``due_on`` is the day of the first instalment that is neither covered nor on its way, where there are instalments;
    ``planned_on`` the day for which the customer promised to pay.
    """
    if stored is not Stored.ISSUED:
        return Status(stored)
    if balance.due <= 0:
        return Status.CREDITED if balance.total and balance.credited >= balance.total else Status.PAID
    if balance.processing >= balance.due:
        return Status.PROCESSING
    if planned_on is not None and planned_on >= today:
        return Status.PLANNED
    if due_on is not None and due_on < today:
        return Status.OVERDUE
    return Status.PARTLY_PAID if balance.paid or balance.credited else Status.OPEN


class AttemptState(StrEnum):
    """A try to pay through a gateway."""

    CREATED = "created"
    OPEN = "open"
    PROCESSING = "processing"
    UNKNOWN = "unknown"  # we asked, and no answer came
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


ATTEMPT_MOVES: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.CREATED: frozenset(AttemptState) - {AttemptState.CREATED},
    AttemptState.UNKNOWN: frozenset(AttemptState) - {AttemptState.CREATED, AttemptState.UNKNOWN},
    AttemptState.OPEN: frozenset(
        {AttemptState.PROCESSING, AttemptState.SUCCEEDED, AttemptState.FAILED, AttemptState.EXPIRED}
    ),
    AttemptState.PROCESSING: frozenset({AttemptState.SUCCEEDED, AttemptState.FAILED}),
    # Money is never argued away: a provider that reports success after all is believed.
    AttemptState.FAILED: frozenset({AttemptState.SUCCEEDED}),
    AttemptState.EXPIRED: frozenset({AttemptState.SUCCEEDED, AttemptState.PROCESSING}),
    AttemptState.SUCCEEDED: frozenset(),
}

LIVE_ATTEMPT_STATES: frozenset[AttemptState] = frozenset(
    {AttemptState.CREATED, AttemptState.OPEN, AttemptState.PROCESSING, AttemptState.UNKNOWN}
)


class RefundState(StrEnum):
    """A refund of ours; its money counts from ``succeeded`` on, its amount is reserved before."""

    REQUESTED = "requested"
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


REFUND_MOVES: dict[RefundState, frozenset[RefundState]] = {
    RefundState.REQUESTED: frozenset(RefundState) - {RefundState.REQUESTED},
    RefundState.UNKNOWN: frozenset({RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
    # A bank may return a refund days after the provider called it done.
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset(),
}

RESERVING_REFUND_STATES: frozenset[RefundState] = frozenset(RefundState) - {RefundState.FAILED}


class RefundKind(StrEnum):
    """Why money goes back: design of the books, see the architecture guide."""

    OVERPAYMENT = "overpayment"
    CREDIT_NOTE = "credit_note"
    REVERSAL = "reversal"


class SeatState(StrEnum):
    """A place at an event: one row from the first hold to the end."""

    HELD = "held"  # for whoever is paying, until ``hold_until``
    PENDING = "pending"  # the customer is done, the bank is not
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # the hold ended, or the bank refused


SEAT_MOVES: dict[SeatState, frozenset[SeatState]] = {
    SeatState.HELD: frozenset(SeatState) - {SeatState.HELD},
    SeatState.PENDING: frozenset({SeatState.CONFIRMED, SeatState.CANCELLED, SeatState.EXPIRED}),
    SeatState.CONFIRMED: frozenset({SeatState.CANCELLED}),
    # Money that comes after all takes the seat again, if there is still room.
    SeatState.EXPIRED: frozenset({SeatState.PENDING, SeatState.CONFIRMED}),
    SeatState.CANCELLED: frozenset(),
}

# A held seat takes room only until its hold ends, whatever its row still says.
TAKING_SEAT_STATES: frozenset[SeatState] = frozenset({SeatState.PENDING, SeatState.CONFIRMED})
