"""What a host may listen to: each signal is sent once for each fact, after the commit, and disturbs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.dispatch import Signal

from tests import factories
from tests.actions.signers import HERE
from tests.admin.business import sent_quote
from tests.stories.conftest import Business
from tests.stories.organiser import register
from tests.stories.test_money_by_hand import transfer
from wagtail_payments import ports, signals
from wagtail_payments.actions import agreements, credits, quotes, refunds, registration_withdrawals
from wagtail_payments.models import Invoice, Payment
from wagtail_payments.sandbox.rules import RefundEnding

ALL = {name: signal for name, signal in vars(signals).items() if isinstance(signal, Signal)}
Heard = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """What a host hears, in order: the name, and the arguments that the documentation names."""
    told: Heard = []

    def listener(name: str) -> Any:
        def listen(sender: type, signal: Signal, **arguments: Any) -> None:
            assert not connection.in_atomic_block
            told.append((name, arguments))

        return listen

    listeners = {name: listener(name) for name in ALL}
    for name, signal in ALL.items():
        signal.connect(listeners[name])
    yield told
    for name, signal in ALL.items():
        signal.disconnect(listeners[name])


def names(heard: Heard) -> list[str]:
    return [name for name, _arguments in heard]


def paid(business: Business) -> Invoice:
    """An invoice that was paid by card, and of which Stripe told twice."""
    invoice = business.send_invoice()
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id)
    business.sandbox.outbox.switches.twice = 1.0
    business.deliver_webhooks()
    business.come_back(attempt)
    business.run_clockwork()
    return invoice


def refund(invoice: Invoice) -> None:
    wish = refunds.Wish(0, by_hand=False, reason="Less was done", by=None, form_key="once")
    amounts = {credits.creditable(invoice)[0].key: 1200}
    payment = Payment.objects.get()
    refunds.refund_invoice(invoice_id=invoice.pk, amounts=amounts, payment_id=payment.pk, wish=wish, now=ports.now())


def test_issued_and_paid_are_told_once_each(business: Business, heard: Heard) -> None:
    invoice = paid(business)
    assert names(heard) == ["invoice_issued", "payment_received", "invoice_paid"]
    (_, issued), (_, received), (_, settled) = heard
    payment = Payment.objects.get()
    assert issued == {"invoice": invoice}
    assert received == {"payment": payment}
    assert settled == {"invoice": invoice, "payment": payment}


def test_what_becomes_of_a_quote_is_told_once_each(business: Business, heard: Heard) -> None:
    accepted, declined = (sent_quote(factories.make_quote(), ports.now()) for _ in range(2))
    word = agreements.Word("phone", ports.now().date(), "Nadia", note="Called")
    agreement = agreements.accept_by_word(quote_id=accepted.pk, word=word, chosen={}, by=None, now=ports.now())
    quotes.decline(quote_id=declined.pk, reason="", now=ports.now())
    assert names(heard) == ["quote_sent", "quote_sent", "quote_agreed", "quote_declined"]
    assert heard[2][1] == {"quote": accepted, "agreement": agreement}
    assert heard[3][1] == {"quote": declined}


def test_a_part_payment_is_received_and_does_not_settle(business: Business, heard: Heard) -> None:
    invoice = business.send_invoice()
    transfer(invoice, 100)
    assert names(heard) == ["invoice_issued", "payment_received"]


def test_a_debit_that_fails_is_told(business: Business, heard: Heard) -> None:
    invoice = business.send_invoice()
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay_by_sepa(attempt.session_id, "failed")
    business.deliver_webhooks()
    business.clock.advance(days=7)
    business.sandbox.settle_due()
    business.deliver_webhooks()
    assert heard[1:] == [("payment_failed", {"attempt": attempt})]


def test_a_refund_is_told_with_its_credit_note(business: Business, heard: Heard) -> None:
    invoice = paid(business)
    refund(invoice)
    business.deliver_webhooks()
    assert names(heard)[3:] == ["credit_note_issued", "refund_succeeded"]
    note, done = heard[3][1], heard[4][1]
    assert note == {"credit_note": invoice.credit_notes.get()}
    assert done == {"refund": Payment.objects.get().refunds.get()}


def test_a_refund_that_fails_is_told(business: Business, heard: Heard) -> None:
    invoice = paid(business)
    business.sandbox.rules.refund_ending = RefundEnding.FAILED
    refund(invoice)
    business.clock.advance(days=30)
    business.sandbox.tick()
    business.deliver_webhooks()
    assert names(heard)[3:] == ["credit_note_issued", "refund_failed"]


def test_a_dispute_is_told_when_it_is_opened_and_when_it_is_closed(business: Business, heard: Heard) -> None:
    paid(business)
    made = business.sandbox.dispute(Payment.objects.get().payment_id or "")
    business.deliver_webhooks()
    business.sandbox.close_dispute(made["id"], won=True)
    business.deliver_webhooks()
    dispute = Payment.objects.get().disputes.get()
    assert heard[3:] == [("dispute_opened", {"dispute": dispute}), ("dispute_closed", {"dispute": dispute})]


def told_and_rolled_back(invoice: Invoice) -> None:
    with transaction.atomic():
        signals.send_on_commit(signals.invoice_issued, Invoice, invoice=invoice)
        raise ZeroDivisionError


def test_what_is_rolled_back_was_never_told(business: Business, heard: Heard) -> None:
    with pytest.raises(ZeroDivisionError):
        told_and_rolled_back(factories.make_invoice())
    assert heard == []


def test_a_host_whose_receiver_fails_is_paid_all_the_same(business: Business, heard: Heard) -> None:
    def fails(**_arguments: Any) -> None:
        raise ZeroDivisionError

    for signal in ALL.values():
        signal.connect(fails)
    try:
        invoice = paid(business)
    finally:
        for signal in ALL.values():
            signal.disconnect(fails)
    assert invoice.balance().due == 0
    assert names(heard) == ["invoice_issued", "payment_received", "invoice_paid"]
    business.check_books()


def test_leaving_a_registration_is_told_with_what_was_cancelled(business: Business, heard: Heard) -> None:
    left = register(factories.make_event(no_withdrawal="", pays_later=True), pays_later=True)
    heard.clear()
    for _time in range(2):
        made = registration_withdrawals.withdraw(
            registration=left, name="Julie", email="a@example.org", now=ports.now(), trace=HERE
        )
    told = [(name, arguments) for name, arguments in heard if name.startswith("registration_")]
    assert [name for name, _arguments in told] == ["registration_cancelled", "registration_withdrawn"]
    assert told[1][1] == {"registration": left, "withdrawal": made}
