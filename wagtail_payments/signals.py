"""What a host may listen to. Each is sent after commit, with keyword arguments; the package itself listens to none.

A receiver that raises never disturbs the money: its error is logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.dispatch import Signal

invoice_issued = Signal()  # invoice
invoice_paid = Signal()  # invoice, payment
payment_received = Signal()  # payment
payment_failed = Signal()  # attempt
credit_note_issued = Signal()  # credit_note
refund_succeeded = Signal()  # refund
refund_failed = Signal()  # refund
dispute_opened = Signal()  # dispute
dispute_closed = Signal()  # dispute
registration_confirmed = Signal()  # registration
registration_cancelled = Signal()  # registration, cancellation
registration_withdrawn = Signal()  # registration, withdrawal
quote_sent = Signal()  # quote
quote_agreed = Signal()  # quote, agreement
quote_declined = Signal()  # quote
quote_withdrawn = Signal()  # quote, withdrawal


def send_on_commit(signal: Signal, sender: type, /, **arguments: Any) -> None:
    """Send a signal once the transaction has committed."""
    values: Mapping[str, Any] = dict(arguments)
    transaction.on_commit(lambda: _send(signal, sender, values))


def _send(signal: Signal, sender: type, values: Mapping[str, Any]) -> None:
    signal.send_robust(sender=sender, **values)
