"""Every transaction locks in the one order, and begins with a write: recorded while a business goes about its day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from tests import factories
from tests.actions.signers import HERE, proven, sent_quote, sign
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import cancel, register, start_paying
from tests.stories.test_disputes import paid_invoice
from tests.stories.test_in_instalments import pay, send_in_three
from tests.stories.test_money_by_hand import transfer
from wagtail_payments import ports
from wagtail_payments.actions import (
    advances,
    applying,
    checkout,
    corrections,
    credits,
    deposits,
    events,
    invoices,
    payment_requests,
    proformas,
    promises,
    refunds,
    registration_withdrawals,
    registrations,
    signing,
    wiping,
    withdrawals,
    write_offs,
)
from wagtail_payments.models import Chain, Dispute, Invoice, Payment, PaymentRequest, Promise, WriteOff
from wagtail_payments.records.guards import lock

HERE_URL = "https://atelier.example/"
ORDER = ("event", "quote", "invoice", "payment", "refund", "numberseries", "chain")
LOCK = re.compile(r'UPDATE ["`]wagtail_payments_(' + "|".join(ORDER) + r')["`] SET', re.IGNORECASE)
BY_KEY = re.compile(r'["`]id["`] = %s\s*$')


class WrongOrder(AssertionError):
    """A lock was taken after one that must come later, or a question was asked before the first lock."""


class Recorder:
    """Watches the statements of one connection."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.held: set[tuple[str, Any]] = set()
        self.asked = ""
        self.transaction: Any = None
        self.locks = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self._notice_transaction()
        found = LOCK.search(sql)
        if found:
            self._written(found[1].lower(), sql, params)
        elif not self.seen and connection.in_atomic_block and sql.startswith("SELECT"):
            self.asked = self.asked or sql
        return execute(sql, params, many, context)

    def _notice_transaction(self) -> None:
        outermost = connection.atomic_blocks[0] if connection.atomic_blocks else None
        if outermost is None or outermost is not self.transaction:
            self.seen, self.held, self.asked = [], set(), ""
        self.transaction = outermost

    def _written(self, table: str, sql: str, params: Any) -> None:
        """A write is a lock, save to a row that the transaction holds already."""
        row = (table, params[-1] if BY_KEY.search(sql) else None)
        if row not in self.held:
            self._locked(ORDER.index(table), sql)
        self.held |= {row} if row[1] is not None else set()

    def _locked(self, rank: int, sql: str) -> None:
        self.locks += 1
        if self.asked:
            raise WrongOrder(f"asked before the first lock: {self.asked[:200]}")
        if self.seen and rank < max(self.seen):
            raise WrongOrder(f"{ORDER[rank]} after {ORDER[max(self.seen)]}: {sql[:200]}")
        self.seen.append(rank)


@contextmanager
def recorded() -> Iterator[Recorder]:
    recorder = Recorder()
    with connection.execute_wrapper(recorder):
        yield recorder


def test_a_whole_day_keeps_the_order(business: Business) -> None:
    with recorded() as recorder:
        invoice = business.send_invoice()
        business.open_link(invoice)
        attempt = business.start_paying(invoice)
        business.sandbox.pay(attempt.session_id)
        business.deliver_webhooks()
        business.run_clockwork()
        payment = Payment.objects.get()
        amounts = {credits.creditable(invoice)[0].key: 5000}
        wish = refunds.Wish(0, by_hand=False, reason="Part", by=None, form_key="a")
        refunds.refund_invoice(
            invoice_id=invoice.pk, amounts=amounts, payment_id=payment.pk, wish=wish, now=ports.now()
        )
        business.sandbox.dashboard_refund(payment.payment_id, 1000)
        business.deliver_webhooks()
        over = transfer(business.send_invoice(), 999_999)
        wish = refunds.Wish(100, by_hand=True, reason="Too much", by=None, form_key="b")
        refunds.refund_overpayment(payment=over, wish=wish, now=ports.now())
        business.run_clockwork()
    assert recorder.locks > 20
    business.check_books()


def test_paying_several_at_once_keeps_the_order(business: Business) -> None:
    customer = factories.make_customer()
    three = [business.send_invoice(customer=customer) for _ in range(3)]
    keys, start = [one.pk for one in three], {"return_url": lambda _: HERE_URL, "cancel_url": HERE_URL}
    with recorded() as recorder:
        payment_requests.ask(invoice_ids=reversed(keys), by=None, now=ports.now(), form_key="form")
        request = PaymentRequest.objects.get()
        checkout.start(invoice=three[1], now=ports.now(), **start)
        attempt = checkout.start_together(request=request, now=ports.now(), **start)
        business.sandbox.pay_by_sepa(attempt.session_id, "failed")
        business.deliver_webhooks()
        business.clock.advance(days=5)
        business.sandbox.settle_due()
        business.deliver_webhooks()
        business.sandbox.pay(checkout.start_together(request=request, now=ports.now(), **start).session_id)
        transfer(three[0], 100_00)
        business.deliver_webhooks()
        business.sandbox.dashboard_refund(Payment.objects.get(gateway="stripe").payment_id, 1000_00)
        business.deliver_webhooks()
        business.run_clockwork()
    assert recorder.locks > 20
    business.check_books()


def test_disputes_and_write_offs_keep_the_order(business: Business) -> None:
    first, second, third, sent_back = (paid_invoice(business, by_debit=number == 2) for number in range(4))
    won, lost, returned, refunded = Payment.objects.order_by("pk")
    with recorded() as recorder:
        keys = [business.sandbox.dispute(payment.payment_id)["id"] for payment in (won, lost)]
        business.sandbox.return_debit(returned.payment_id)
        business.sandbox.dashboard_refund(refunded.payment_id, 1000)
        business.deliver_webhooks()
        business.sandbox.answer_dispute(keys[0])
        for key in keys:
            business.sandbox.close_dispute(key, won=key == keys[0])
        business.deliver_webhooks()
        for invoice in (second, third, sent_back):
            write_offs.write_off(invoice_id=invoice.pk, reason="Bankrupt", by=None, now=ports.now())
        business.sandbox.dashboard_refund(refunded.payment_id, 500)
        business.deliver_webhooks()
        write_offs.recover(invoice_id=second.pk, by=None, now=ports.now())
        transfer(second, 100_00)
        transfer(third, third.gross)
        over = transfer(first, 30_00)
        later = business.send_invoice(customer=first.customer)
        applying.use_payment(payment=over, invoice_id=later.pk, by=None, now=ports.now())
        business.run_clockwork()
    assert recorder.locks > 20
    assert sorted(Dispute.objects.values_list("state", flat=True)) == ["lost", "lost", "won"]
    assert WriteOff.objects.count() == 6, "each given up, and each counted on again: by itself, by hand, by paying"
    business.check_books()


def test_a_day_of_deposits_keeps_the_order(business: Business) -> None:
    order = factories.make_invoice()
    with recorded() as recorder:
        for amount in (600_00, 480_00):
            wish = deposits.Wish(amount=amount)
            draft = deposits.ask(contract_id=order.pk, wish=wish, by=None, now=ports.now())
            deposit = invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())
        transfer(deposit, 480_00)
        first = order.deposits.order_by("pk")[0].invoice
        deposits.decide(deposit_id=first.pk, if_unpaid="cancel", by=None, now=ports.now())
        proformas.send(invoice_id=order.pk, to=["nadia@librairie.example"], by=None, now=ports.now())
        invoices.issue(invoice_id=order.pk, by=None, now=ports.now())
        business.run_clockwork()
    assert recorder.locks > 10
    business.check_books()


def test_a_deposit_that_is_older_than_its_order_keeps_the_order(business: Business) -> None:
    with recorded() as recorder:
        meant = factories.build_invoice()
        shares = [(row.vat, row.gross) for row in meant.totals().vat]
        asked = advances.ask(draft=meant, shares=shares, by=None, now=ports.now(), form_key="one")
        deposit = invoices.issue(invoice_id=asked.pk, by=None, now=ports.now())
        transfer(deposit, deposit.gross)
        order = factories.make_invoice(customer=deposit.customer)
        for verb in (advances.take, advances.let_go, advances.take):
            verb(contract_id=order.pk, deposit_id=deposit.pk, by=None, now=ports.now())
        invoices.issue(invoice_id=order.pk, by=None, now=ports.now())
        business.run_clockwork()
    assert recorder.locks > 5


def test_what_was_given_up_keeps_the_order_when_it_is_taken_back(business: Business) -> None:
    """A credit note takes back a bad debt, which is booked; the invoice that comes after it still takes a number."""
    wrong, order, now = business.send_invoice(), factories.make_invoice(), ports.now()
    draft = deposits.ask(contract_id=order.pk, wish=deposits.Wish(amount=600_00), by=None, now=now)
    deposit = invoices.issue(invoice_id=draft.pk, by=None, now=now)
    for invoice in (wrong, deposit):
        write_offs.write_off(invoice_id=invoice.pk, reason="Closed down", by=None, now=now)
    deposits.decide(deposit_id=deposit.pk, if_unpaid="cancel", by=None, now=now)
    corrective = corrections.draft_corrective(invoice_id=wrong.pk, reason="Wrong day", by=None, now=now)
    with recorded() as recorder:
        invoices.issue(invoice_id=corrective.pk, by=None, now=now)
        invoices.issue(invoice_id=order.pk, by=None, now=now)
    assert recorder.locks > 10
    assert not Invoice.objects.filter(state="uncollectible").exists()
    business.check_books()


def test_instalments_and_promises_keep_the_order(business: Business) -> None:
    with recorded() as recorder:
        invoice = send_in_three(business)
        day = invoice.seller.today(ports.now()) + timedelta(days=3)
        made: dict[str, Any] = {"invoice_id": invoice.pk, "by": None, "by_customer": False, "now": ports.now()}
        promises.make(planned_on=day, **made)
        promises.withdraw(**made)
        promises.make(planned_on=day, **made)
        pay(business, invoice, "now")
    assert recorder.locks > 10
    assert Promise.objects.filter(end="kept").count() == 1
    business.check_books()


def test_wiping_test_money_takes_instalments_and_promises_along(business: Business) -> None:
    invoice = send_in_three(business)
    day = invoice.seller.today(ports.now()) + timedelta(days=3)
    promises.make(invoice_id=invoice.pk, planned_on=day, by=None, by_customer=False, now=ports.now())
    wiping.wipe_test_money(now=ports.now())
    assert not Promise.objects.exists()
    assert not Invoice.objects.exists()


def test_a_day_of_registrations_keeps_the_order(business: Business) -> None:
    event = factories.make_event(capacity=3, pays_later=True)
    with recorded() as recorder:
        paid, late, quick = (register(event, name=f"Buyer{number} Martin") for number in range(3))
        business.sandbox.pay(start_paying(paid).session_id)
        business.deliver_webhooks()
        business.sandbox.pay(start_paying(late).session_id)
        registrations.extend_hold(registration=quick, now=ports.now())
        registrations.give_back(registration=quick, now=ports.now())
        business.clock.advance(hours=2)
        register(event, 2, name="Buyer4 Martin", pays_later=True)
        business.deliver_webhooks()
        cancel(paid, by_organiser=True)
        events.announce_change(event_id=event.pk, by=None, now=ports.now())
        events.cancel(event_id=event.pk, reason="Flood", by=None, now=ports.now())
        business.run_clockwork()
        business.deliver_webhooks()
    assert recorder.locks > 20
    business.check_books()


def test_a_season_of_deposits_keeps_the_order(business: Business) -> None:
    event = factories.make_event(deposit_percent=30, balance_days=14)
    with recorded() as recorder:
        one, two = (register(event, 2, name=f"Buyer{number} Martin") for number in range(2))
        for registration in (one, two):
            business.sandbox.pay(start_paying(registration).session_id)
        business.deliver_webhooks()
        cancel(one, one.seats.all()[0], by_organiser=True)
        business.clock.advance(seconds=(event.starts_at - timedelta(days=20) - business.clock()).total_seconds())
        business.run_clockwork()
        assert Invoice.objects.filter(kind="final", document__isnull=False).count() == 2
        cancel(two, by_organiser=True)
        business.run_clockwork()
        business.deliver_webhooks()
    assert recorder.locks > 20
    business.check_books()


def test_signing_and_withdrawing_keep_the_order(business: Business) -> None:
    with recorded() as recorder:
        quote = sent_quote(ports.now(), customer=factories.make_consumer())
        signing.note_opening(document=quote.paper, now=ports.now(), agent="Firefox")
        sign(quote, proven(quote, ports.now()), ports.now())
        business.run_clockwork()
        withdrawals.withdraw(quote_id=quote.pk, name="Julie", email="a@example.org", now=ports.now(), trace=HERE)
    assert recorder.locks >= 6


def test_leaving_a_registration_keeps_the_order(business: Business) -> None:
    event = factories.make_event(no_withdrawal="", deposit_percent=30, balance_days=14)
    with recorded() as recorder:
        left = register(event, 2)
        business.sandbox.pay(start_paying(left).session_id)
        business.deliver_webhooks()
        who = {"name": "Julie", "email": "a@example.org", "trace": HERE}
        registration_withdrawals.withdraw(registration=left, now=ports.now(), **who)
        business.deliver_webhooks()
        business.run_clockwork()
    assert recorder.locks >= 6
    business.check_books()


@pytest.mark.django_db(transaction=True)
def test_another_order_is_noticed() -> None:
    invoice = factories.make_invoice()
    chain = Chain.objects.create(seller=invoice.seller, mode="test", head="")
    with recorded(), transaction.atomic():
        lock(Chain, chain.pk)
        with pytest.raises(WrongOrder):
            lock(Invoice, invoice.pk)


@pytest.mark.django_db(transaction=True)
def test_a_question_before_the_lock_is_noticed() -> None:
    invoice = factories.make_invoice()
    with recorded(), transaction.atomic():
        Invoice.objects.get(pk=invoice.pk)
        with pytest.raises(WrongOrder):
            lock(Invoice, invoice.pk)
