"""What a gateway may tell us, in our words: the whole state of a checkout, read back from the provider.

A message is only a hint to look: what counts is the state read back, so messages may come twice, late,
out of order or never. Amounts are minor units, currencies ISO 4217 upper case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wagtail_payments.core import lifecycle


class Progress(StrEnum):
    """How far a checkout is."""

    OPEN = "open"
    PROCESSING = "processing"  # the customer is done, the bank is not (SEPA debit)
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


class RefundProgress(StrEnum):
    """How far a refund is."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RefundState:
    """A refund at the provider, whoever made it."""

    id: str
    amount: int
    currency: str
    progress: RefundProgress
    created_at: datetime
    failure: str = ""
    our_key: str = ""  # what we wrote on it when we made it; empty for one made in the provider's dashboard


@dataclass(frozen=True, slots=True)
class DisputeState:
    """A dispute at the provider: a payment that the payer's bank asks about or takes back.

    ``amount`` is what it is about; ``fee`` what the provider takes for it, None where it is not told in the currency
    of the dispute. ``reason`` is the provider's code.
    """

    id: str
    amount: int
    currency: str
    progress: lifecycle.DisputeState
    reason: str
    created_at: datetime
    evidence_due_by: datetime | None = None
    fee: int | None = None


@dataclass(frozen=True, slots=True)
class PaymentState:
    """The money of a checkout; ``fee`` and ``net`` are None until the provider has settled."""

    id: str
    amount: int
    currency: str
    method: str
    paid_at: datetime
    charge_id: str = ""
    card: str = ""
    fee: int | None = None
    net: int | None = None
    refunds: tuple[RefundState, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """Everything the provider says about one checkout session, now."""

    gateway: str
    account: str
    live: bool
    session_id: str
    progress: Progress
    amount: int
    currency: str
    url: str = ""
    expires_at: datetime | None = None
    failure: str = ""
    payment: PaymentState | None = None
    our_key: str = ""  # what stands on it that only we write: a hint for a person, never a join


@dataclass(frozen=True, slots=True)
class Message:
    """A verified message from a gateway: who sent it, and which object of theirs to look at.

    ``session_id`` or ``payment_id`` may be empty where the message names only the other; both are empty
    for types that do not concern us. ``amount`` (minor units), ``currency`` and ``our_key`` are what it says
    about that object: compared with our row, never believed. ``dispute_id`` is set where it is about a dispute.
    """

    gateway: str
    account: str
    id: str
    type: str
    live: bool
    created_at: datetime
    session_id: str = ""
    payment_id: str = ""
    amount: int | None = None
    currency: str = ""
    our_key: str = ""
    dispute_id: str = ""
