"""The status asked of the database is the status computed by the core, for every situation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product

import pytest

from tests import factories
from tests.records import rows
from wagtail_payments.core import schedule
from wagtail_payments.core.lifecycle import Balance, Status, Stored, status
from wagtail_payments.models import Customer, Invoice, Seller

pytestmark = pytest.mark.django_db

TODAY = rows.ON
DUE = (None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1))
# Sums of rows, some of them taken back again; the total is 100.
PAID: tuple[tuple[int, ...], ...] = ((), (40,), (40, -40), (60, 40), (100,))
CREDITED: tuple[tuple[int, ...], ...] = ((), (40,), (100,))
LINE = [("Training", "1", "1.00", "0")]
PROCESSING: tuple[tuple[int, ...], ...] = ((), (60,), (100,))


def situation(
    seller: Seller,
    customer: Customer,
    paid: tuple[int, ...],
    credited: tuple[int, ...],
    processing: tuple[int, ...],
    parts: Sequence[tuple[date, int]] = (),
    **fields: object,
) -> Invoice:
    draft = factories.make_invoice(seller=seller, customer=customer, lines=LINE, due_days=None, **fields)
    rows.make_instalments(draft, *parts)
    invoice = rows.make_issued(draft)
    if paid:
        payment = rows.make_payment(invoice)
        for amount in paid:
            rows.allocate(payment, invoice, amount)
    if credited:
        note = rows.make_credit_note(invoice)
        for amount in credited:
            rows.apply_credit(note, invoice, amount)
    for amount in processing:
        rows.make_attempt(invoice, amount, state="processing")
    rows.make_attempt(invoice, 100, state="expired")
    return invoice


def test_the_database_and_the_core_agree_on_every_status() -> None:
    seller, customer = factories.seller_of_default_site(), factories.make_customer()
    expected: dict[int, Status] = {}
    for paid, credited, processing, due_on in product(PAID, CREDITED, PROCESSING, DUE):
        if sum(paid) + sum(credited) > 100:
            continue
        invoice = situation(seller, customer, paid, credited, processing, due_on=due_on)
        balance = Balance(100, sum(paid), sum(credited), sum(processing))
        expected[invoice.pk] = status(Stored.ISSUED, balance, due_on, TODAY)
    for stored in ("draft", "scheduled"):
        draft = factories.make_invoice(seller=seller, customer=customer, state=stored)
        expected[draft.pk] = Status(stored)
    lost = situation(seller, customer, (), (), (), due_on=DUE[1])
    Invoice.objects.filter(pk=lost.pk).update(state="uncollectible")
    expected[lost.pk] = Status.UNCOLLECTIBLE
    planned = situation(seller, customer, (), (), (), due_on=DUE[1])
    rows.make_promise(planned, TODAY, 100)
    expected[planned.pk] = Status.PLANNED
    nothing = rows.make_issued(seller=seller, customer=customer, lines=[("Gift", "1", "0", "20")])
    expected[nothing.pk] = Status.PAID

    asked: dict[int, Status] = {}
    for wanted in Status:
        for key in Invoice.objects.with_balance().with_status(wanted, TODAY).values_list("pk", flat=True):
            assert key not in asked
            asked[key] = wanted
    assert asked == expected
    assert set(asked.values()) == set(Status)
    computed = {invoice.pk: invoice.status_on(TODAY) for invoice in Invoice.objects.with_balance()}
    assert computed == expected


def test_instalments_and_promises_too_are_one_question_for_core_and_database() -> None:
    """Instalments of 30, 30 and 40: in turn none, one, two and all of them have lapsed."""
    seller, customer = factories.seller_of_default_site(), factories.make_customer()
    expected: dict[int, Status] = {}
    days: tuple[int, ...]
    for days, paid, processing, planned in product(
        ((1, 2, 3), (-1, 2, 3), (-2, -1, 0), (-3, -2, -1)),
        ((), (30,), (50,), (60,), (100,)),
        ((), (30,)),
        (None, -1, 0, 5),
    ):
        parts = [(TODAY + timedelta(day), part) for day, part in zip(days, (30, 30, 40), strict=True)]
        invoice = situation(seller, customer, paid, (), processing, parts, due_on=parts[-1][0])
        planned_on = None
        if planned is not None:
            rows.make_promise(invoice, TODAY + timedelta(planned), 60)
            planned_on = TODAY + timedelta(planned) if sum(paid) + sum(processing) < 60 else None
        balance = Balance(100, sum(paid), 0, sum(processing))
        plan = [schedule.Part(day, part) for day, part in parts]
        left = [row for row in schedule.standings(plan, sum(paid) + sum(processing), TODAY) if row.left]
        next_on = left[0].due_on if left else parts[-1][0]
        expected[invoice.pk] = status(Stored.ISSUED, balance, next_on, TODAY, planned_on)
        listed = Invoice.objects.with_balance().with_overdue(TODAY).get(pk=invoice.pk)
        assert (listed.next_due_on, listed.planned_on) == (next_on, planned_on)
        late = sum(row.left for row in schedule.standings(plan, sum(paid), TODAY) if row.due_on < TODAY)
        assert max(listed.overdue, 0) == late
        assert invoice.status_on(TODAY) == listed.status_on(TODAY)
    asked = {
        key: wanted
        for wanted in Status
        for key in Invoice.objects.with_balance().with_status(wanted, TODAY).values_list("pk", flat=True)
    }
    assert asked == expected
    standing = {key for key, value in expected.items() if value is Status.PLANNED}
    promised = set(Invoice.objects.with_balance().promised(TODAY).values_list("pk", flat=True))
    assert standing <= promised
    assert all(expected[key] in (Status.PLANNED, Status.PROCESSING) for key in promised)


def test_the_balance_of_one_invoice_is_what_a_list_shows(django_assert_num_queries) -> None:
    invoice = situation(factories.make_seller(), factories.make_customer(), (60, -20), (10,), (30,))
    listed = Invoice.objects.with_balance().get(pk=invoice.pk)
    with django_assert_num_queries(1):
        assert invoice.balance() == Balance(100, 40, 10, 30)
    with django_assert_num_queries(0):
        assert listed.balance() == Balance(100, 40, 10, 30)
    assert listed.due == listed.balance().due == 50


def test_a_list_with_money_is_one_query(django_assert_num_queries) -> None:
    for _ in range(3):
        situation(factories.make_seller(), factories.make_customer(), (60,), (), ())
    with django_assert_num_queries(1):
        assert [invoice.due for invoice in Invoice.objects.with_balance()] == [40, 40, 40]
