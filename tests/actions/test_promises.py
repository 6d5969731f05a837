"""Promises to pay: within bounds, one at a time, told to the seller, kept or broken by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests import factories
from tests.actions.test_instalments import in_three
from wagtail_payments import ports
from wagtail_payments.actions import promises
from wagtail_payments.actions.promises import PromiseRefused
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import Invoice, Letter, Payment, Promise
from wagtail_payments.sandbox.testing import TestClock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
Issued = Callable[..., Invoice]
DAYS = 10


@pytest.fixture
def invoice(issued: Issued) -> Invoice:
    """An invoice due in thirty days, whose seller lets customers plan for ten days more."""
    return allowing(issued())


def allowing(invoice: Invoice, days: int = DAYS) -> Invoice:
    type(invoice.seller).objects.filter(pk=invoice.seller_id).update(promise_days=days)
    return Invoice.objects.get(pk=invoice.pk)


def today(invoice: Invoice) -> date:
    return invoice.seller.today(ports.now())


def make(invoice: Invoice, days: int, **fields: Any) -> Promise:
    values = {"by": None, "by_customer": True, "now": ports.now(), **fields}
    return promises.make(invoice_id=invoice.pk, planned_on=today(invoice) + timedelta(days), **values)


def end_of(promise: Promise) -> str:
    return Promise.objects.get(pk=promise.pk).end


def test_a_customer_plans_a_day_and_the_seller_is_told(invoice: Invoice) -> None:
    promise = make(invoice, 35)
    assert (promise.until, promise.by_customer, promise.standing_for_id) == (144000, True, invoice.pk)
    assert invoice.status_on(today(invoice)) is Status.PLANNED
    assert promises.standing(invoice, today(invoice)) == promise
    letter = Letter.objects.get(kind="owner_promised")
    assert letter.to == [invoice.seller.email]
    assert invoice.number in letter.subject
    assert "1\u202f440,00" in letter.text.replace("\u00a0", "\u202f")


def test_an_editor_s_note_of_a_phone_call_writes_no_letter(invoice: Invoice) -> None:
    editor = factories.make_editor()
    promise = make(invoice, 200, by=editor, by_customer=False)
    assert promise.made_by == editor
    assert not Letter.objects.filter(kind="owner_promised").exists()


@pytest.mark.parametrize("days", [-1, 0, 30 + DAYS + 1, 400])
def test_a_day_beyond_the_bounds_is_refused(invoice: Invoice, days: int) -> None:
    with pytest.raises(PromiseRefused, match="Choose a day"):
        make(invoice, days)
    assert not Promise.objects.exists()


@pytest.mark.parametrize("days", [1, 30 + DAYS])
def test_the_first_and_the_last_day_are_within(invoice: Invoice, days: int) -> None:
    assert make(invoice, days).planned_on == today(invoice) + timedelta(days)


def test_without_the_seller_s_leave_customers_plan_nothing(issued: Issued) -> None:
    invoice = issued()
    with pytest.raises(PromiseRefused, match="nothing to plan"):
        make(invoice, 1)
    assert make(invoice, 1, by_customer=False)


def test_nothing_is_planned_for_what_is_paid_draft_or_given_up(
    invoice: Invoice, paid_by_transfer: Callable[..., Payment]
) -> None:
    draft = factories.make_invoice()
    paid_by_transfer(invoice)
    for each in (draft, invoice):
        with pytest.raises(PromiseRefused):
            make(each, 5, by_customer=False)


def test_the_same_day_again_is_the_same_promise(invoice: Invoice) -> None:
    assert make(invoice, 5) == make(invoice, 5)
    assert Letter.objects.filter(kind="owner_promised").count() == 1


def test_another_day_takes_the_place_of_the_first(invoice: Invoice) -> None:
    first = make(invoice, 5)
    second = make(invoice, 6)
    assert end_of(first) == "replaced"
    assert promises.standing(invoice, today(invoice)) == second


def test_a_promise_is_taken_back_once(invoice: Invoice) -> None:
    promise = make(invoice, 5)
    values: dict[str, Any] = {"invoice_id": invoice.pk, "by": None, "by_customer": True, "now": ports.now()}
    assert promises.withdraw(**values) == promise
    assert promises.withdraw(**values) is None
    assert end_of(promise) == "withdrawn"
    assert invoice.status_on(today(invoice)) is Status.OPEN
    assert Letter.objects.filter(kind="owner_promised").count() == 2


def test_paying_keeps_it_at_once_and_the_clockwork_writes_it_down(
    invoice: Invoice, paid_by_transfer: Callable[..., Payment]
) -> None:
    promise = make(invoice, 5)
    assert promises.settle_due(now=ports.now()) == 0
    paid_by_transfer(invoice)
    assert invoice.status_on(today(invoice)) is Status.PAID
    assert promises.standing(invoice, today(invoice)) is None
    assert promises.settle_due(now=ports.now()) == 1
    assert end_of(promise) == "kept"
    assert promises.settle_due(now=ports.now()) == 0


def test_after_its_day_it_is_broken_and_counts_no_more(invoice: Invoice, clock: TestClock) -> None:
    promise = make(invoice, 35)
    clock.advance(days=35)
    assert promises.settle_due(now=ports.now()) == 0
    assert invoice.status_on(today(invoice)) is Status.PLANNED
    clock.advance(days=1)
    assert invoice.status_on(today(invoice)) is Status.OVERDUE
    assert promises.standing(invoice, today(invoice)) is None
    assert promises.settle_due(now=ports.now()) == 1
    assert end_of(promise) == "broken"


def test_a_promise_for_an_instalment_is_kept_by_that_instalment(
    clock: TestClock, paid_by_transfer: Callable[..., Payment]
) -> None:
    invoice = allowing(in_three())
    clock.advance(days=3)
    assert invoice.status_on(today(invoice)) is Status.OVERDUE
    promise = make(invoice, 4)
    assert promise.until == 48000
    assert invoice.status_on(today(invoice)) is Status.PLANNED
    paid_by_transfer(invoice, 48000)
    assert invoice.status_on(today(invoice)) is Status.PARTLY_PAID
    promises.settle_due(now=ports.now())
    assert end_of(promise) == "kept"


def test_the_bounds_follow_the_next_instalment(clock: TestClock) -> None:
    invoice = allowing(in_three())
    found = promises.bounds(invoice=invoice, today=today(invoice), by_customer=True)
    assert found == promises.Bounds(today(invoice) + timedelta(1), today(invoice) + timedelta(DAYS))
    clock.advance(days=DAYS)
    assert promises.bounds(invoice=invoice, today=today(invoice), by_customer=True) is None
