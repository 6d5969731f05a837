"""Giving invoices up, and counting on them again: by hand, by a payment, by a credit note."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from wagtail.models import ModelLogEntry

from tests import factories
from tests.actions.test_disputes import tell
from tests.actions.test_instalments import choose
from wagtail_payments import ports
from wagtail_payments.actions import checkout, credits, invoices, payments, write_offs
from wagtail_payments.core.lifecycle import INVOICE_MOVES, DisputeState, InvoiceEvent, Status, Stored
from wagtail_payments.models import (
    Allocation,
    CreditNote,
    Entry,
    Invoice,
    IssuedDocument,
    Letter,
    Payment,
    WriteOff,
)
from wagtail_payments.records.guards import IssuedIsFrozen
from wagtail_payments.reports import summary, verification
from wagtail_payments.sandbox.testing import SandboxForTests

pytestmark = pytest.mark.django_db
Issued = Callable[..., Invoice]
Pay = Callable[..., Payment]


@pytest.fixture(autouse=True)
def _stripe(sandbox: object) -> None:
    """Everything here is test money."""


def give_up(invoice: Invoice, reason: str = "Closed down") -> Invoice:
    return write_offs.write_off(invoice_id=invoice.pk, reason=reason, by=None, now=ports.now())


def recover(invoice: Invoice) -> Invoice:
    return write_offs.recover(invoice_id=invoice.pk, by=None, now=ports.now())


def status(invoice: Invoice) -> Status:
    return Invoice.objects.get(pk=invoice.pk).status_on(invoice.seller.today(ports.now()))


def problems(invoice: Invoice) -> list[str]:
    return [f"{one.where}: {one.what}" for one in verification.verify(seller=invoice.seller, mode="test")]


def credit(invoice: Invoice, amount: int) -> CreditNote:
    (key,) = [group.key for group in credits.creditable(invoice)]
    return credits.credit(
        invoice_id=invoice.pk, amounts={key: amount}, reason="x", by=None, now=ports.now(), form_key=ports.new_id()
    )


def test_given_up_it_is_a_bad_debt_and_no_money_that_is_waited_for(issued: Issued) -> None:
    invoice = give_up(issued())
    assert status(invoice) is Status.UNCOLLECTIBLE
    entry = Entry.objects.latest("pk")
    assert entry.kind == "write_off"
    assert {line.account: line.debit - line.credit for line in entry.lines.all()} == {
        "654000": 144000,
        "411000": -144000,
    }
    (figures,) = summary.figures(seller=invoice.seller, today=invoice.seller.today(ports.now()), mode="test")
    assert figures.due == 0
    written = ModelLogEntry.objects.get(action="wagtail_payments.write_off")
    assert written.data["reason"] == "Closed down"
    assert problems(invoice) == []


def test_counted_on_again_it_is_as_before(issued: Issued) -> None:
    invoice = recover(give_up(issued()))
    assert status(invoice) is Status.OPEN
    assert [row.amount for row in WriteOff.objects.all()] == [144000, -144000]
    assert problems(invoice) == []


def test_who_pays_is_not_given_up_any_more(issued: Issued, paid_by_transfer: Pay) -> None:
    invoice = give_up(issued())
    paid_by_transfer(invoice, 44000)
    assert status(invoice) is Status.PARTLY_PAID
    assert [row.amount for row in WriteOff.objects.all()] == [144000, -144000]
    give_up(invoice)
    paid_by_transfer(invoice)
    assert status(invoice) is Status.PAID
    assert problems(invoice) == []


def test_a_credit_note_lowers_the_bad_debt(issued: Issued) -> None:
    invoice = give_up(issued())
    credit(invoice, 44000)
    assert status(invoice) is Status.UNCOLLECTIBLE
    assert write_offs.written_off_of(invoice) == 100000
    credit(invoice, 100000)
    assert status(invoice) is Status.CREDITED
    assert write_offs.written_off_of(invoice) == 0
    assert problems(invoice) == []


def test_the_rest_of_a_part_paid_invoice_is_given_up(issued: Issued, paid_by_transfer: Pay) -> None:
    invoice = issued()
    paid_by_transfer(invoice, 44000)
    give_up(invoice)
    assert write_offs.written_off_of(invoice) == 100000
    assert problems(invoice) == []


def test_what_a_bank_takes_and_gives_back_is_no_reason_to_count_on_it_again(
    issued: Issued, sandbox: SandboxForTests
) -> None:
    invoice = issued(other_amount=True)
    attempt = choose(invoice, 44000)
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())
    give_up(invoice)
    for word, due in ((DisputeState.NEEDS_RESPONSE, 144000), (DisputeState.WON, 100000)):
        tell(Payment.objects.get(), word, 44000)
        assert status(invoice) is Status.UNCOLLECTIBLE
        assert (invoice.balance().due, write_offs.written_off_of(invoice)) == (due, due)
        assert problems(invoice) == []


def test_what_the_provider_sends_back_of_an_invoice_given_up_is_given_up_too(
    issued: Issued, sandbox: SandboxForTests
) -> None:
    invoice = issued(other_amount=True)
    attempt = choose(invoice, 44000)
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())
    give_up(invoice)
    sandbox.dashboard_refund(Payment.objects.get().payment_id or "", 4000)
    checkout.ask(attempt=attempt, now=ports.now())
    assert status(invoice) is Status.UNCOLLECTIBLE
    assert (invoice.balance().due, write_offs.written_off_of(invoice)) == (104000, 104000)
    assert problems(invoice) == []


def test_books_that_hide_a_write_off_are_found(issued: Issued) -> None:
    invoice = give_up(issued())
    Invoice.objects.filter(pk=invoice.pk).update(state=Stored.ISSUED)
    assert problems(invoice) != []


def test_nothing_due_is_nothing_to_give_up(issued: Issued, paid_by_transfer: Pay) -> None:
    invoice = issued()
    paid_by_transfer(invoice)
    with pytest.raises(write_offs.WriteOffRefused, match="Nothing is due"):
        give_up(invoice)
    assert not WriteOff.objects.exists()


# Every state and every event


def in_state(state: Stored, issued: Issued) -> Invoice:
    if state in (Stored.DRAFT, Stored.SCHEDULED):
        draft = factories.make_invoice()
        Invoice.objects.filter(pk=draft.pk).update(state=state)
        return Invoice.objects.get(pk=draft.pk)
    invoice = issued()
    return give_up(invoice) if state is Stored.UNCOLLECTIBLE else invoice


def _credit_a_part(invoice: Invoice) -> None:
    amounts = {group.key: 100 for group in credits.creditable(invoice)} if invoice.document_id else {("S", "20", ""): 1}
    credits.credit(invoice_id=invoice.pk, amounts=amounts, reason="x", by=None, now=ports.now(), form_key="c")


def _pay_a_part(invoice: Invoice) -> None:
    payments.record(
        invoice=invoice,
        amount=100,
        method="transfer",
        received_on=invoice.seller.today(ports.now()),
        reference="",
        by=None,
        now=ports.now(),
        form_key="p",
    )


def _send(invoice: Invoice) -> None:
    invoices.send(invoice=invoice, by=None, now=ports.now(), to=["a@example.org"], cc=[], subject="s", text="t")


DOORS: dict[InvoiceEvent, Callable[[Invoice], object]] = {
    InvoiceEvent.ISSUE: lambda invoice: invoices.issue(invoice_id=invoice.pk, by=None, now=ports.now()),
    InvoiceEvent.DELETE: lambda invoice: invoice.delete(),
    InvoiceEvent.DUPLICATE: lambda invoice: invoices.duplicate(invoice=invoice, by=None, now=ports.now()),
    InvoiceEvent.SEND: _send,
    InvoiceEvent.PAY: _pay_a_part,
    InvoiceEvent.CREDIT: _credit_a_part,
    InvoiceEvent.WRITE_OFF: give_up,
    InvoiceEvent.RECOVER: recover,
}
NO_DOOR_YET = {InvoiceEvent.SCHEDULE, InvoiceEvent.UNSCHEDULE}
REFUSALS = (
    invoices.InvoiceAlreadyIssued,
    invoices.InvoiceNotIssued,
    IssuedIsFrozen,
    payments.PaymentRefused,
    credits.CreditRefused,
    write_offs.WriteOffRefused,
)


def everything() -> list[int]:
    """How many rows of money and papers there are."""
    tables = (Invoice, IssuedDocument, Payment, Allocation, CreditNote, WriteOff, Entry, Letter, ModelLogEntry)
    return [model.objects.count() for model in tables]


def test_the_table_names_every_event_and_state() -> None:
    assert set(INVOICE_MOVES) == set(Stored)
    assert set(DOORS) | NO_DOOR_YET == set(InvoiceEvent)
    assert {event for moves in INVOICE_MOVES.values() for event in moves} == set(InvoiceEvent)


@pytest.mark.parametrize(("state", "event"), list(product(Stored, DOORS)), ids=str)
def test_what_the_table_does_not_allow_is_refused_and_changes_nothing(
    state: Stored, event: InvoiceEvent, issued: Issued
) -> None:
    invoice = in_state(state, issued)
    before = everything()
    if event in INVOICE_MOVES[state]:
        DOORS[event](invoice)
        target = INVOICE_MOVES[state][event]
        kept = Invoice.objects.filter(pk=invoice.pk).values_list("state", flat=True).first()
        assert kept == target
        return
    with pytest.raises(REFUSALS) as refusal:
        DOORS[event](invoice)
    assert len(str(refusal.value).split()) > 3, "a sentence that a person understands"
    assert everything() == before
    assert Invoice.objects.get(pk=invoice.pk).state == state
