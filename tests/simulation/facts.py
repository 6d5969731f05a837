"""What is on record, as it can be held against what was on record before."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from wagtail_payments.models import (
    Agreement,
    Allocation,
    CreditApplication,
    CreditNote,
    Deduction,
    Dispute,
    DisputedMoney,
    Entry,
    EntryLine,
    Invoice,
    IssuedDocument,
    Payment,
    PaymentAttempt,
    Promise,
    Quote,
    QuoteStep,
    Refund,
    WriteOff,
)

APPEND_ONLY: tuple[type[Model], ...] = (
    Agreement,
    Allocation,
    CreditApplication,
    CreditNote,
    Deduction,
    DisputedMoney,
    Entry,
    EntryLine,
    IssuedDocument,
    Payment,
    QuoteStep,
    WriteOff,
)
# That somebody looked is kept as evidence, and is nothing that was done.
LOOKING: dict[type[Model], dict[str, Any]] = {QuoteStep: {"kind": "opened"}}
MOVING: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Dispute, ("pk", "state", "amount")),
    (Invoice, ("pk", "state", "kind", "gross", "document")),
    (Promise, ("pk", "standing_for", "end")),
    (Quote, ("pk", "state", "live_slot", "document")),
    (Refund, ("pk", "state", "amount", "kind")),
)


def counted() -> tuple[Any, ...]:
    """Return how many rows of money there are, and the state of all that has one: a few quick questions.

    Rows of money are only added, which is watched elsewhere: as many are the same ones.
    """
    rows = tuple(model._base_manager.exclude(**LOOKING.get(model, {"pk": None})).count() for model in APPEND_ONLY)
    states = tuple(tuple(model._base_manager.order_by("pk").values_list(*names)) for model, names in MOVING)
    return (*rows, *states)


def at_rest() -> tuple[Any, ...]:
    """Return the same, and how the tries to pay stand: the whole end of a life."""
    tries = PaymentAttempt.objects.order_by("pk").values_list("pk", "state", "amount")
    return (*counted(), tuple(tries))
