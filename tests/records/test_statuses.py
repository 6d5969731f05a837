"""The status asked of the database is the status computed by the core, for every situation."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from tests import factories
from tests.records import rows
from wagtail_payments.core.lifecycle import UNDECIDED_DISPUTE_STATES, Balance, DisputeState, Status, Stored, status
from wagtail_payments.models import Customer, Invoice, Seller

pytestmark = pytest.mark.django_db

TODAY = rows.ON
DUE = (None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1))
# Sums of rows, some of them taken back again; the total is 100.
PAID: tuple[tuple[int, ...], ...] = ((), (40,), (40, -40), (60, 40), (100,))
CREDITED: tuple[tuple[int, ...], ...] = ((), (40,), (100,))
# What its own credit notes come to: what lowers it may also be the credit of another invoice.
TAKEN_BACK = (0, 40, 100)
PROCESSING: tuple[tuple[int, ...], ...] = ((), (60,), (100,))
DISPUTES = [*product(DisputeState, (False, True))]


def elsewhere(seller: Seller, customer: Customer) -> Invoice:
    """Another invoice, whose credit may lower this one; a draft in the lists, where it disturbs no status."""
    return factories.make_invoice(seller=seller, customer=customer)


def situation(
    seller: Seller,
    customer: Customer,
    paid: tuple[int, ...],
    credited: tuple[int, ...],
    processing: tuple[int, ...],
    taken_back: int = 0,
    **fields: object,
) -> Invoice:
    line = [("Training", "1", "1.00", "0")]
    invoice = rows.make_issued(seller=seller, customer=customer, lines=line, due_days=None, **fields)
    if paid:
        payment = rows.make_payment(invoice)
        for amount in paid:
            rows.allocate(payment, invoice, amount)
    if taken_back:
        rows.make_credit_note(invoice, gross=taken_back)
    if credited:
        note = rows.make_credit_note(elsewhere(seller, customer))
        for amount in credited:
            rows.apply_credit(note, invoice, amount)
    for amount in processing:
        rows.make_attempt(invoice, amount, state="processing")
    rows.make_attempt(invoice, 100, state="expired")
    return invoice


def test_the_database_and_the_core_agree_on_every_status() -> None:
    seller, customer = factories.seller_of_default_site(), factories.make_customer()
    expected: dict[int, Status] = {}
    for paid, credited, processing, taken_back, due_on in product(PAID, CREDITED, PROCESSING, TAKEN_BACK, DUE):
        if sum(paid) + sum(credited) > 100:
            continue
        invoice = situation(seller, customer, paid, credited, processing, taken_back, due_on=due_on)
        balance = Balance(100, sum(paid), sum(credited), sum(processing), taken_back)
        expected[invoice.pk] = status(Stored.ISSUED, balance, due_on, TODAY)
    for stored in ("draft", "scheduled"):
        draft = factories.make_invoice(seller=seller, customer=customer, state=stored)
        expected[draft.pk] = Status(stored)
    lost = situation(seller, customer, (), (), (), due_on=DUE[1])
    Invoice.objects.filter(pk=lost.pk).update(state="uncollectible")
    expected[lost.pk] = Status.UNCOLLECTIBLE
    for (told, is_return), due_on in product(DISPUTES, DUE):
        disputed = situation(seller, customer, (100,), (), (), due_on=due_on)
        rows.dispute(disputed, 60, told, is_return=is_return)
        undecided = told in UNDECIDED_DISPUTE_STATES and not is_return
        balance = Balance(100, 40, disputed=60 if undecided else 0)
        expected[disputed.pk] = status(Stored.ISSUED, balance, due_on, TODAY)
    nothing = rows.make_issued(seller=seller, customer=customer, lines=[("Gift", "1", "0", "20")])
    expected[nothing.pk] = Status.PAID

    asked: dict[int, Status] = {}
    for wanted in Status:
        for key in Invoice.objects.with_balance().with_status(wanted, TODAY).values_list("pk", flat=True):
            assert key not in asked
            asked[key] = wanted
    expected |= {key: Status.DRAFT for key in asked.keys() - expected.keys() if asked[key] is Status.DRAFT}
    assert asked == expected
    assert set(asked.values()) == set(Status)
    computed = {invoice.pk: invoice.status_on(TODAY) for invoice in Invoice.objects.with_balance()}
    assert computed == expected


def test_the_balance_of_one_invoice_is_what_a_list_shows(django_assert_num_queries) -> None:
    invoice = situation(factories.make_seller(), factories.make_customer(), (60, -20), (10,), (30,), 25)
    listed = Invoice.objects.with_balance().get(pk=invoice.pk)
    with django_assert_num_queries(1):
        assert invoice.balance() == Balance(100, 40, 10, 30, 25)
    with django_assert_num_queries(0):
        assert listed.balance() == Balance(100, 40, 10, 30, 25)
    assert listed.due == listed.balance().due == 50


def test_a_list_with_money_is_one_query(django_assert_num_queries) -> None:
    for _ in range(3):
        situation(factories.make_seller(), factories.make_customer(), (60,), (), ())
    with django_assert_num_queries(1):
        assert [invoice.due for invoice in Invoice.objects.with_balance()] == [40, 40, 40]
