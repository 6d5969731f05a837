"""Money that the bank takes back: disputed and won, disputed and lost, returned, and invoices that are given up."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from tests import factories
from tests.stories.conftest import Business
from tests.stories.organiser import register, start_paying, states
from wagtail_payments import ports
from wagtail_payments.actions import credits, payments, refunds, write_offs
from wagtail_payments.actions.seats import NotEnoughSeats
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import Alert, Dispute, Entry, Invoice, Letter, Payment
from wagtail_payments.reports import receipts_ledger


def paid_invoice(business: Business, *, by_debit: bool = False) -> Invoice:
    """An invoice that its customer has paid through Stripe, receipt and all."""
    invoice = business.send_invoice()
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    if by_debit:
        business.sandbox.pay_by_sepa(attempt.session_id)
        business.clock.advance(days=6)
        business.sandbox.settle_due()
    else:
        business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    return invoice


def page(business: Business, invoice: Invoice) -> str:
    return str(business.open_link(invoice).content.decode())


def transfer(invoice: Invoice) -> Payment:
    return payments.record(
        invoice=invoice,
        amount=invoice.balance().due,
        method="transfer",
        received_on=invoice.seller.today(ports.now()),
        reference="VIR",
        by=None,
        now=ports.now(),
        form_key=ports.new_id(),
    )


def ledger_of(invoice: Invoice) -> list[int]:
    first = invoice.document.issued_on if invoice.document else ports.now().date()
    rows = receipts_ledger.rows(seller=invoice.seller, first=first, last=ports.now().date(), mode="test")
    return [row.amount for row in rows]


def subjects() -> list[str]:
    return [sent.subject for sent in mail.outbox]


def intent() -> Any:
    return Payment.objects.get(gateway="stripe").payment_id


def test_disputed_and_won(business: Business) -> None:
    invoice = paid_invoice(business)
    business.clock.advance(days=20)
    dispute = business.sandbox.dispute(intent())
    business.deliver_webhooks()
    assert business.status(invoice) is Status.DISPUTED
    shown = page(business, invoice)
    assert "/pay/" not in shown, "nobody is asked to pay before the bank has decided"
    mail.outbox.clear()
    business.run_clockwork()
    assert [sent.to for sent in mail.outbox] == [[invoice.seller.email]], "the owner, and nobody else"

    amounts = {group.key: 1000 for group in credits.creditable(invoice)}
    wish = refunds.Wish(1000, by_hand=False, reason="Sorry", by=None, form_key="r")
    with pytest.raises(refunds.RefundRefused):
        refunds.refund_invoice(
            invoice_id=invoice.pk, amounts=amounts, payment_id=Payment.objects.get().pk, wish=wish, now=ports.now()
        )

    business.sandbox.answer_dispute(dispute["id"])
    business.deliver_webhooks()
    assert not Alert.objects.filter(settled_at=None).exists()
    business.clock.advance(days=50)
    business.sandbox.close_dispute(dispute["id"], won=True)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PAID
    assert ledger_of(invoice) == [144000, -144000, 144000]
    business.run_clockwork()
    business.check_books()


def test_disputed_and_lost_then_paid_by_transfer(business: Business) -> None:
    invoice = paid_invoice(business)
    dispute = business.sandbox.dispute(intent())
    business.deliver_webhooks()
    business.sandbox.close_dispute(dispute["id"], won=False)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.OPEN
    shown = page(business, invoice)
    assert "/pay/" in shown
    assert Alert.objects.get(settled_at=None).kind == "dispute_lost"
    business.clock.advance(days=1)
    transfer(invoice)
    assert business.status(invoice) is Status.PAID
    assert ledger_of(invoice) == [144000, -144000, 144000]
    assert [entry.kind for entry in Entry.objects.order_by("pk")] == ["issue", "payment", "fee", "dispute", "payment"]
    business.run_clockwork()
    business.check_books()


def test_a_debit_returned_then_paid_by_card(business: Business) -> None:
    invoice = paid_invoice(business, by_debit=True)
    assert business.status(invoice) is Status.PAID
    business.clock.advance(days=5)
    business.sandbox.return_debit(intent())
    business.deliver_webhooks()
    assert business.status(invoice) is Status.OPEN
    assert Dispute.objects.get().is_return
    mail.outbox.clear()
    business.run_clockwork()
    told = {sent.to[0] for sent in mail.outbox}
    assert told == {invoice.seller.email, invoice.customer.email}
    business.clock.advance(days=1)
    again = business.start_paying(invoice)
    business.sandbox.pay(again.session_id)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PAID
    assert ledger_of(invoice) == [144000, -144000, 144000]
    business.run_clockwork()
    business.check_books()


def test_a_question_of_the_bank_that_becomes_a_dispute(business: Business) -> None:
    invoice = paid_invoice(business)
    dispute = business.sandbox.dispute(intent(), inquiry=True)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PAID
    assert Dispute.objects.get().state == "inquiry"
    business.sandbox.escalate_dispute(dispute["id"])
    business.deliver_webhooks()
    assert business.status(invoice) is Status.DISPUTED
    business.check_books()


@pytest.mark.parametrize("order", [1, -1])
def test_whatever_order_the_messages_come_in(business: Business, order: int) -> None:
    invoice = business.send_invoice()
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id, "dispute")
    dispute = business.sandbox.objects("dispute")[0]
    business.sandbox.close_dispute(dispute["id"], won=True)
    letters = business.sandbox.pending_webhooks()[::order]
    for body, signature in [*letters, *letters]:
        assert business._post(body, signature) == 200
    assert business.status(invoice) is Status.PAID
    assert Payment.objects.count() == Dispute.objects.count() == 1
    business.check_books()


@pytest.mark.parametrize("days", [0, 130])
def test_no_message_comes_and_the_clockwork_finds_it(business: Business, days: int) -> None:
    """What was opened lately stands in the provider's list; what is older is asked for until it is decided."""
    invoice = paid_invoice(business)
    business.sandbox.outbox.switches.lost = 1.0
    dispute = business.sandbox.dispute(intent())
    business.clock.advance(minutes=20)
    business.run_clockwork()
    assert business.status(invoice) is Status.DISPUTED
    business.clock.advance(days=days)
    business.sandbox.close_dispute(dispute["id"], won=True)
    business.clock.advance(minutes=20)
    business.run_clockwork()
    assert business.status(invoice) is Status.PAID
    business.check_books()


def test_written_off_then_paid_after_all(business: Business) -> None:
    invoice = business.send_invoice()
    write_offs.write_off(invoice_id=invoice.pk, reason="Moved away", by=None, now=ports.now())
    assert business.status(invoice) is Status.UNCOLLECTIBLE
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PAID
    assert [entry.kind for entry in Entry.objects.order_by("pk")] == [
        "issue",
        "write_off",
        "recovery",
        "payment",
        "fee",
    ]
    business.run_clockwork()
    business.check_books()


def test_a_disputed_registration_keeps_its_seats(business: Business) -> None:
    """The organiser decides about people who are coming, not a bank; lost, the invoice is due again."""
    event = factories.make_event(capacity=2)
    registration = register(event, 2)
    business.sandbox.pay(start_paying(registration).session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    assert states(registration) == ["confirmed", "confirmed"]
    dispute = business.sandbox.dispute(intent())
    business.deliver_webhooks()
    business.clock.advance(days=3)
    business.run_clockwork()
    invoice = Invoice.objects.get(registration=registration)
    assert business.status(invoice) is Status.DISPUTED
    assert states(registration) == ["confirmed", "confirmed"]
    with pytest.raises(NotEnoughSeats):
        register(event, 1, name="Paul Roux")
    business.sandbox.close_dispute(dispute["id"], won=False)
    business.deliver_webhooks()
    business.run_clockwork()
    assert states(registration) == ["confirmed", "confirmed"]
    assert invoice.balance().due == registration.gross
    assert not Letter.objects.filter(kind="registration_cancelled").exists()
    business.check_books()
