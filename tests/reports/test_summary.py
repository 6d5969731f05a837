"""The figures of the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tests import factories
from tests.reports.conftest import at, received, refunded, taken
from wagtail_payments.actions import ledger
from wagtail_payments.models import Invoice, Seller
from wagtail_payments.reports import receipts_ledger, summary
from wagtail_payments.reports.summary import Figures

TODAY = date(2026, 12, 20)  # issued invoices are due on the 15th

Invoiced = Callable[..., Invoice]


def test_a_business_that_begins_has_zeros_in_its_currency(seller: Seller) -> None:
    assert summary.figures(seller=seller, today=TODAY) == [Figures("EUR")]


def test_due_overdue_received_and_refunded(seller: Seller, invoiced: Invoiced) -> None:
    paid, partly = invoiced("F2026-0001"), invoiced("F2026-0002")
    factories.make_invoice(seller=seller)  # a draft is owed by nobody
    received(paid, date(2026, 12, 1), paid.gross)
    refunded(received(partly, date(2026, 12, 20), 4000), date(2026, 12, 20), 100)
    received(None, date(2026, 11, 30), 777, seller=seller)
    assert summary.figures(seller=seller, today=TODAY) == [
        Figures(
            "EUR",
            due=partly.gross - 4000,
            due_count=1,
            overdue=partly.gross - 4000,
            overdue_count=1,
            received=paid.gross + 4000,
            returned=100,
        )
    ]


def test_what_went_back_is_what_the_receipts_ledger_says(seller: Seller, invoiced: Invoiced) -> None:
    """A refund, one that failed, a disputed payment that was won back in part, and one that was not."""
    first = date(2026, 12, 1)
    paid = received(invoiced("F2026-0001"), first, 50_000)
    refunded(paid, date(2026, 12, 2), 1_000)
    failed = refunded(paid, date(2026, 12, 3), 2_000)
    ledger.book_refund(refund=failed, on=date(2026, 12, 4), now=at(date(2026, 12, 4)), returned=True)
    for amount, day in ((30_000, 5), (-10_000, 9)):
        taken(paid, date(2026, 12, day), amount)
    taken(received(None, date(2026, 11, 20), 700, seller=seller), date(2026, 11, 30), 700)
    (figure,) = summary.figures(seller=seller, today=TODAY)
    assert (figure.received, figure.returned, figure.kept) == (50_000, 21_000, 29_000)
    rows = receipts_ledger.rows(seller=seller, first=first, last=TODAY)
    assert receipts_ledger.totals(rows).whole[0].amount == figure.kept


def test_what_is_due_today_is_not_overdue(seller: Seller, invoiced: Invoiced) -> None:
    invoice = invoiced("F2026-0001")
    (figure,) = summary.figures(seller=seller, today=date(2026, 12, 15))
    assert (figure.due, figure.overdue) == (invoice.gross, 0)


def test_each_currency_stands_for_itself_the_sellers_own_first(seller: Seller, invoiced: Invoiced) -> None:
    invoiced("F2026-0001", currency="CHF")
    invoiced("F2026-0002")
    assert [figure.currency for figure in summary.figures(seller=seller, today=TODAY)] == ["EUR", "CHF"]


def test_test_money_is_never_counted(seller: Seller) -> None:
    received(None, TODAY, 999, seller=seller, mode="test")
    assert summary.figures(seller=seller, today=TODAY) == [Figures("EUR")]


def test_four_questions_whatever_there_is(seller: Seller, invoiced: Invoiced, django_assert_num_queries: Any) -> None:
    for number in range(3):
        received(invoiced(f"F2026-000{number}"), TODAY, 100)
    with django_assert_num_queries(4):
        summary.figures(seller=seller, today=TODAY)
