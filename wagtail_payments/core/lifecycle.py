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
    DISPUTED = "disputed"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    CREDITED = "credited"
    UNCOLLECTIBLE = "uncollectible"


@dataclass(frozen=True, slots=True)
class Balance:
    """The money of one invoice in minor units: its total, what is allocated, credited, on its way, and disputed.

    ``disputed`` was paid and is held by a bank that has not decided yet: it is a part of ``due``.
    ``credited`` is what credit notes, its own or others of the customer, lower it by; ``taken_back`` what its own
    credit notes come to.
    """

    total: int
    paid: int = 0
    credited: int = 0
    processing: int = 0
    taken_back: int = 0
    disputed: int = 0

    @property
    def due(self) -> int:
        """What is still to pay."""
        return self.total - self.paid - self.credited

    @property
    def asked(self) -> int:
        """What the customer is asked for now: what is due, without what a bank still has to decide about."""
        return max(self.due - self.disputed, 0)

    @property
    def not_asked(self) -> int:
        """What of the total is not asked for: paid, credited, or held by a bank that has not decided yet."""
        return self.total - self.asked


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
        return Status.CREDITED if balance.total and balance.taken_back >= balance.total else Status.PAID
    if balance.processing >= balance.due:
        return Status.PROCESSING
    if balance.disputed > 0:
        return Status.DISPUTED
    if planned_on is not None and planned_on >= today:
        return Status.PLANNED
    if due_on is not None and due_on < today:
        return Status.OVERDUE
    return Status.PARTLY_PAID if balance.paid or balance.credited else Status.OPEN


class InvoiceEvent(StrEnum):
    """What may be done to an invoice, or happen to it."""

    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    ISSUE = "issue"
    DELETE = "delete"
    DUPLICATE = "duplicate"
    SEND = "send"
    PAY = "pay"
    CREDIT = "credit"
    WRITE_OFF = "write_off"
    RECOVER = "recover"


# What each event leads to; what is not in the table is refused. None: it is gone.
INVOICE_MOVES: dict[Stored, dict[InvoiceEvent, Stored | None]] = {
    Stored.DRAFT: {
        InvoiceEvent.SCHEDULE: Stored.SCHEDULED,
        InvoiceEvent.ISSUE: Stored.ISSUED,
        InvoiceEvent.DELETE: None,
        InvoiceEvent.DUPLICATE: Stored.DRAFT,
    },
    Stored.SCHEDULED: {
        InvoiceEvent.UNSCHEDULE: Stored.DRAFT,
        InvoiceEvent.ISSUE: Stored.ISSUED,
        InvoiceEvent.DELETE: None,
        InvoiceEvent.DUPLICATE: Stored.SCHEDULED,
    },
    Stored.ISSUED: {
        InvoiceEvent.DUPLICATE: Stored.ISSUED,
        InvoiceEvent.SEND: Stored.ISSUED,
        InvoiceEvent.PAY: Stored.ISSUED,
        InvoiceEvent.CREDIT: Stored.ISSUED,
        InvoiceEvent.WRITE_OFF: Stored.UNCOLLECTIBLE,
    },
    # Who pays after all is not given up any more; credited away, nothing is left to give up.
    Stored.UNCOLLECTIBLE: {
        InvoiceEvent.DUPLICATE: Stored.UNCOLLECTIBLE,
        InvoiceEvent.SEND: Stored.UNCOLLECTIBLE,
        InvoiceEvent.PAY: Stored.ISSUED,
        InvoiceEvent.CREDIT: Stored.UNCOLLECTIBLE,
        InvoiceEvent.RECOVER: Stored.ISSUED,
    },
}


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


class DisputeState(StrEnum):
    """A payment that the payer's bank asks about, or takes back."""

    INQUIRY = "inquiry"  # the bank asks; no money has moved
    INQUIRY_CLOSED = "inquiry_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    LOST = "lost"
    APPEALED = "appealed"  # decided, and one side did not leave it at that
    WON = "won"
    PREVENTED = "prevented"  # settled between the banks before it became a dispute


_DECISIONS = frozenset({DisputeState.LOST, DisputeState.APPEALED, DisputeState.WON, DisputeState.PREVENTED})
DISPUTE_MOVES: dict[DisputeState, frozenset[DisputeState]] = {
    DisputeState.INQUIRY: frozenset(DisputeState) - {DisputeState.INQUIRY},
    DisputeState.INQUIRY_CLOSED: frozenset({DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW}) | _DECISIONS,
    DisputeState.NEEDS_RESPONSE: frozenset({DisputeState.UNDER_REVIEW}) | _DECISIONS,
    DisputeState.UNDER_REVIEW: _DECISIONS,
    # Told of won and lost, whichever came first, won is believed. An appeal opens a decision again: there the
    # latest word counts.
    DisputeState.LOST: frozenset({DisputeState.APPEALED, DisputeState.WON}),
    DisputeState.WON: frozenset({DisputeState.APPEALED}),
    DisputeState.APPEALED: frozenset({DisputeState.LOST, DisputeState.WON}),
    DisputeState.PREVENTED: frozenset(),
}

# Whether the bank has the money; in a state that is in neither, it stays where it was.
TAKING_DISPUTE_STATES: frozenset[DisputeState] = frozenset(
    {DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW, DisputeState.LOST}
)
RETURNING_DISPUTE_STATES: frozenset[DisputeState] = frozenset(DisputeState) - {
    *TAKING_DISPUTE_STATES,
    DisputeState.APPEALED,
}
# The bank has not decided: the money is neither ours nor lost.
UNDECIDED_DISPUTE_STATES: frozenset[DisputeState] = frozenset(
    {DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW, DisputeState.APPEALED}
)
OPEN_DISPUTE_STATES: frozenset[DisputeState] = UNDECIDED_DISPUTE_STATES | {DisputeState.INQUIRY}


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


class QuoteState(StrEnum):
    """The states that a version of a quote keeps; that it has expired is computed."""

    DRAFT = "draft"
    SENT = "sent"
    SIGNED = "signed"  # by the customer, online
    ACCEPTED = "accepted"  # by phone or on paper: an editor says so, with a note or a file
    DECLINED = "declined"
    SUPERSEDED = "superseded"  # a newer version was sent
    CANCELLED = "cancelled"  # the seller took it back
    WITHDRAWN = "withdrawn"  # a consumer withdrew from the contract


class QuoteEvent(StrEnum):
    """What can happen to a version of a quote."""

    SEND = "send"
    SIGN = "sign"
    ACCEPT = "accept"
    DECLINE = "decline"
    SUPERSEDE = "supersede"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"


# A signed quote is a contract: it is not revised, an addition is a quote of its own. An editor's own word may be
# taken back, a signature not.
QUOTE_MOVES: dict[QuoteState, dict[QuoteEvent, QuoteState]] = {
    QuoteState.DRAFT: {QuoteEvent.SEND: QuoteState.SENT},
    QuoteState.SENT: {
        QuoteEvent.SIGN: QuoteState.SIGNED,
        QuoteEvent.ACCEPT: QuoteState.ACCEPTED,
        QuoteEvent.DECLINE: QuoteState.DECLINED,
        QuoteEvent.SUPERSEDE: QuoteState.SUPERSEDED,
        QuoteEvent.CANCEL: QuoteState.CANCELLED,
    },
    QuoteState.SIGNED: {QuoteEvent.WITHDRAW: QuoteState.WITHDRAWN},
    QuoteState.ACCEPTED: {
        QuoteEvent.WITHDRAW: QuoteState.WITHDRAWN,
        QuoteEvent.CANCEL: QuoteState.CANCELLED,
    },
    QuoteState.DECLINED: {QuoteEvent.SUPERSEDE: QuoteState.SUPERSEDED},
    QuoteState.SUPERSEDED: {},
    QuoteState.CANCELLED: {},
    QuoteState.WITHDRAWN: {},
}

# Of these, a family of versions has one at most.
LIVE_QUOTE_STATES: frozenset[QuoteState] = frozenset({QuoteState.SENT, QuoteState.SIGNED, QuoteState.ACCEPTED})
AGREED_QUOTE_STATES: frozenset[QuoteState] = frozenset({QuoteState.SIGNED, QuoteState.ACCEPTED})


class QuoteStatus(StrEnum):
    """What a person sees of a quote."""

    DRAFT = "draft"
    SENT = "sent"
    EXPIRED = "expired"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


def quote_status(state: QuoteState, valid_until: date | None, today: date) -> QuoteStatus:
    """Return the status of a quote; ``today`` is the seller's local date, and the last valid day still counts."""
    if state is QuoteState.SENT and valid_until is not None and valid_until < today:
        return QuoteStatus.EXPIRED
    return QuoteStatus(state)
