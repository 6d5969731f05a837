"""What holds after every step, whatever was done: the numbers are those of the rules of the books (I1 to I29)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.db.models import Model, Sum

from tests import factories
from tests.simulation import facts
from tests.simulation.world import World
from wagtail_payments.actions import credits
from wagtail_payments.actions.write_offs import written_off_of
from wagtail_payments.core import snapshot
from wagtail_payments.core.lifecycle import LIVE_ATTEMPT_STATES, RESERVING_REFUND_STATES, Status, Stored
from wagtail_payments.models import (
    Allocation,
    CreditApplication,
    CreditNote,
    DisputedMoney,
    Entry,
    EntryLine,
    Invoice,
    IssuedDocument,
    Payment,
    PaymentAttempt,
    Refund,
    Seller,
    WriteOff,
)
from wagtail_payments.records import customer_credit
from wagtail_payments.records.payments import available_credit, with_money_left
from wagtail_payments.reports import receipts_ledger, verification

# What was told after the row was written: the provider's fee.
LEARNT_LATER = {"fee", "provider_net", "lock_count"}


@dataclass(frozen=True)
class Books:
    """What the rules ask of, read once after a step; money that is left, by the key of its payment or credit note."""

    world: World
    invoices: list[Invoice]
    payments: list[Payment]
    notes: list[CreditNote]
    spare: dict[int, int]
    refundable: dict[int, int]
    available: dict[int, int]


Rules = dict[str, Callable[[Books], Iterator[str]]]


def read(world: World) -> Books:
    """Read the books as they stand."""
    issued = Invoice.objects.filter(document__isnull=False).with_balance().select_related("document", "seller")
    payments: list[Any] = list(with_money_left(Payment.objects.all()))
    notes = list(CreditNote.objects.select_related("invoice"))
    return Books(
        world=world,
        invoices=list(issued),
        payments=payments,
        notes=notes,
        spare={payment.pk: payment.spare for payment in payments},
        refundable={payment.pk: payment.refundable_now for payment in payments},
        available={note.pk: available_credit(note) for note in notes},
    )


@dataclass
class Memory:
    """The rows of money as they stood after the last step."""

    rows: dict[type[Model], dict[int, dict[str, Any]]] = field(default_factory=dict)
    seen: tuple[Any, ...] = ()

    def is_news(self, world: World) -> bool:
        """Has anything changed since the last step, or another day begun?"""
        before, self.seen = self.seen, (world.now.date(), *facts.at_rest())
        return before != self.seen


def broken(world: World, memory: Memory, more: Rules | None = None) -> Iterator[str]:
    """Yield every rule that does not hold, by its number; ``more`` are those of one subject."""
    yield from world.faults
    if not memory.is_news(world):
        return
    books = read(world)
    for number, rule in (RULES | (more or {})).items():
        for what in rule(books):
            yield f"{number}: {what}"
    for what in _rows_only_added(memory):
        yield f"I8: {what}"


def unproven() -> Iterator[str]:
    """Yield what the verification of the books finds (I13): the longest question, asked at the end of a life."""
    for seller in Seller.objects.all():
        yield from (
            f"I13: {problem.where}: {problem.what}" for problem in verification.verify(seller=seller, mode="test")
        )


def _due_within_total(books: Books) -> Iterator[str]:
    for invoice in books.invoices:
        if not 0 <= invoice.balance().due <= invoice.gross:
            yield f"{invoice}: due {invoice.balance().due} of {invoice.gross}"


def _credited_within_total(books: Books) -> Iterator[str]:
    for invoice in books.invoices:
        for group in credits.creditable(invoice):
            if not 0 <= group.left <= group.gross or not 0 <= group.credited_tax <= group.row.tax:
                yield f"{invoice}: {group}"


def _unallocated_not_negative(books: Books) -> Iterator[str]:
    for payment in books.payments:
        if books.spare[payment.pk] < 0:
            yield f"{payment}: {books.spare[payment.pk]} unallocated"


def _refunded_within_received(books: Books) -> Iterator[str]:
    for payment in books.payments:
        if books.refundable[payment.pk] < 0:
            yield f"{payment}: {books.refundable[payment.pk]} refundable"


def _credit_available_not_negative(books: Books) -> Iterator[str]:
    for note in books.notes:
        if books.available[note.pk] < 0:
            yield f"{note}: {books.available[note.pk]} available"


def _status_is_a_function_of_money(books: Books) -> Iterator[str]:
    today = Seller.objects.get().today(books.world.now)
    listed: dict[int, list[Status]] = {}
    for wanted in Status:
        for row in Invoice.objects.with_balance().with_status(wanted, today).values_list("pk", flat=True):
            listed.setdefault(row, []).append(wanted)
    for invoice in books.invoices:
        if listed.get(invoice.pk) != [invoice.status_on(today)]:
            yield f"{invoice}: {invoice.status_on(today)} here, {listed.get(invoice.pk)} in the list"


def _money_is_conserved(books: Books) -> Iterator[str]:
    invoiced, credited, received, refunded = (
        _sum(rows, column)
        for rows, column in (
            (Invoice.objects.filter(document__isnull=False), "gross"),
            (CreditNote.objects.all(), "gross"),
            (Payment.objects.all(), "amount"),
            (Refund.objects.filter(state__in=RESERVING_REFUND_STATES), "amount"),
        )
    )
    due = sum(invoice.balance().due for invoice in books.invoices)
    unallocated = sum(books.spare[payment.pk] for payment in books.payments)
    available = sum(books.available[note.pk] for note in books.notes)
    received -= _sum(DisputedMoney.objects.all(), "amount")
    if invoiced - credited - received + refunded != due - unallocated - available:
        yield f"{invoiced} − {credited} − {received} + {refunded} ≠ {due} − {unallocated} − {available}"


def _credit_shown_is_what_there_is(books: Books) -> Iterator[str]:
    for note in customer_credit.credit_notes():
        if note.available != books.available[note.pk]:
            yield f"{note}: {note.available} shown, {books.available[note.pk]} available"
    for payment in customer_credit.payments():
        if payment.free != books.spare[payment.pk]:
            yield f"{payment}: {payment.free} shown, {books.spare[payment.pk]} left"
    for invoice in {row.customer_id: row for row in books.invoices}.values():
        theirs = [row for row in books.payments if row.customer_id == invoice.customer_id]
        notes = [row for row in books.notes if row.invoice.customer_id == invoice.customer_id]
        left = sum(books.spare[row.pk] for row in theirs) + sum(books.available[row.pk] for row in notes)
        if factories.credit_for(invoice) != left:
            yield f"{invoice}: {factories.credit_for(invoice)} shown, {left} left"


def _written_off_within_due(books: Books) -> Iterator[str]:
    for invoice in books.invoices:
        given_up = written_off_of(invoice)
        if invoice.state == Stored.UNCOLLECTIBLE and not 0 < given_up == invoice.balance().due:
            yield f"{invoice}: {given_up} given up, {invoice.balance().due} due"
        if invoice.state != Stored.UNCOLLECTIBLE and given_up:
            yield f"{invoice}: {given_up} given up of an invoice that is {invoice.state}"


def _rows_join_one_customer(books: Books) -> Iterator[str]:
    for row in Allocation.objects.select_related("payment", "invoice"):
        if (row.payment.customer_id, row.payment.currency) != (row.invoice.customer_id, row.invoice.currency):
            yield f"allocation {row.pk}"
    for application in CreditApplication.objects.select_related("credit_note__invoice", "invoice"):
        theirs = application.credit_note.invoice
        if (theirs.customer_id, theirs.currency) != (application.invoice.customer_id, application.invoice.currency):
            yield f"application {application.pk}"


def _numbers_without_gap(books: Books) -> Iterator[str]:
    taken: dict[tuple[str, int], list[IssuedDocument]] = {}
    for document in IssuedDocument.objects.defer("text").order_by("sequence"):
        taken.setdefault((document.series, document.year), []).append(document)
    for series, documents in taken.items():
        if "_v" in series[0]:  # later versions of quotes bear the sequence of the first
            continue
        if [document.sequence for document in documents] != list(range(1, len(documents) + 1)):
            yield f"{series}: a gap"
        if any(later.issued_on < earlier.issued_on for earlier, later in pairwise(documents)):
            yield f"{series}: dates run backwards"


def _frozen_as_issued(books: Books) -> Iterator[str]:
    for document in IssuedDocument.objects.all():
        if snapshot.digest(document.text) != document.sha256:
            yield f"{document}: its text was changed"


def _totals_add_up(books: Books) -> Iterator[str]:
    for document in IssuedDocument.objects.filter(kind__in=["invoice", "credit_note"]):
        printed = document.frozen
        sums = (sum(row.base for row in printed.vat), sum(row.tax for row in printed.vat))
        if sums != (printed.net, printed.tax) or printed.net + printed.tax != printed.gross:
            yield f"{document}: {sums}"
        if printed.kind == "invoice" and printed.due != printed.gross - printed.prepaid:
            yield f"{document}: due {printed.due}"


def _receipts_ledger_is_what_came_and_went(books: Books) -> Iterator[str]:
    seller = Seller.objects.get()
    day = seller.today(books.world.now)
    rows = receipts_ledger.rows(seller=seller, first=day.replace(year=2020), last=day, mode="test")
    told = sum(row.amount for row in rows)
    came = _sum(Payment.objects.all(), "amount") - _sum(Refund.objects.filter(state="succeeded"), "amount")
    came -= _sum(DisputedMoney.objects.all(), "amount")
    if told != came:
        yield f"{told} in the ledger, {came} came"


def _debits_are_credits(books: Books) -> Iterator[str]:
    for entry in Entry.objects.prefetch_related("lines"):
        if sum(line.debit - line.credit for line in entry.lines.all()):
            yield f"entry {entry.sequence}"
    on_account = Counter[int]()
    for line in EntryLine.objects.filter(customer__isnull=False):
        on_account[line.customer_id or 0] += line.debit - line.credit
    for customer in books.world.customers:
        told = _on_account(books, customer.pk)
        if on_account[customer.pk] != told:
            yield f"{customer}: {on_account[customer.pk]} in the books, {told} by the documents"


def _on_account(books: Books, customer_id: int) -> int:
    """What the customer owes less what is theirs and what was given up.

    A refund that only began has not left our account yet.
    """
    due = sum(row.balance().due for row in books.invoices if row.customer_id == customer_id)
    unallocated = sum(books.spare[row.pk] for row in books.payments if row.customer_id == customer_id)
    available = sum(books.available[row.pk] for row in books.notes if row.invoice.customer_id == customer_id)
    begun = Refund.objects.filter(payment__customer_id=customer_id, state__in=RESERVING_REFUND_STATES)
    given_up = _sum(WriteOff.objects.filter(invoice__customer=customer_id), "amount")
    return due - unallocated - available - _sum(begun.exclude(state="succeeded"), "amount") - given_up


def _one_live_try_each(books: Books) -> Iterator[str]:
    live = PaymentAttempt.objects.filter(state__in=LIVE_ATTEMPT_STATES)
    for invoice_id, number in Counter(live.values_list("shares__invoice_id", flat=True)).items():
        if number > 1:
            yield f"invoice {invoice_id} has {number} live tries"
    open_there = {row["id"]: row for row in books.world.sandbox.objects("checkout.session") if row["status"] == "open"}
    for attempt in PaymentAttempt.objects.exclude(session_id=None):
        session = open_there.get(attempt.session_id or "")
        if session is not None and session["amount_total"] != attempt.amount:
            yield f"attempt {attempt.pk} asks {attempt.amount}, its session {session['amount_total']}"


def _rows_only_added(memory: Memory) -> Iterator[str]:
    for model in facts.APPEND_ONLY:
        now: dict[int, dict[str, Any]] = {}
        for row in model._base_manager.values():
            now[row["id"]] = {name: value for name, value in row.items() if name not in LEARNT_LATER}
        for pk, before in memory.rows.get(model, {}).items():
            if now.get(pk) != before:
                yield f"{model.__name__} {pk} was changed or is gone"
        memory.rows[model] = now


def _sum(rows: Any, column: str) -> int:
    return rows.aggregate(whole=Sum(column))["whole"] or 0


RULES: Rules = {
    "I1": _due_within_total,
    "I2": _credited_within_total,
    "I3": _unallocated_not_negative,
    "I4": _refunded_within_received,
    "I5": _credit_available_not_negative,
    "I5, shown": _credit_shown_is_what_there_is,
    "I6": _status_is_a_function_of_money,
    "I7": _money_is_conserved,
    "I9": _rows_join_one_customer,
    "I11": _numbers_without_gap,
    "I12": _frozen_as_issued,
    "I15": _totals_add_up,
    "I7, written off": _written_off_within_due,
    "I17": _receipts_ledger_is_what_came_and_went,
    "I18": _debits_are_credits,
    "I28, I29": _one_live_try_each,
}
