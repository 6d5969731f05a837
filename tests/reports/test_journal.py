"""The journal as it is exported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.reports.conftest import at, received
from wagtail_payments.actions import ledger
from wagtail_payments.models import Chain, Invoice, Seller
from wagtail_payments.reports import journal

YEAR = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}


def test_every_debit_has_its_credit_in_the_order_of_the_seals(seller: Seller, invoiced: Callable[..., Invoice]) -> None:
    invoice = invoiced("F2026-0001")
    ledger.book_issue(invoice=invoice, now=at(date(2026, 11, 15)))
    received(invoice, date(2026, 12, 2), 5000)
    rows = list(journal.rows(seller=seller, **YEAR))
    assert [row.sequence for row in rows] == [1] * (len(rows) - 2) + [2, 2]
    assert sum(row.debit - row.credit for row in rows) == 0
    assert (rows[0].account, rows[0].document, rows[0].customer) == ("411000", "F2026-0001", "Librairie du Canal")


@pytest.mark.parametrize("many", [1, 25])
def test_one_question_whatever_the_length(
    seller: Seller, invoiced: Callable[..., Invoice], many: int, django_assert_num_queries: Any
) -> None:
    invoice = invoiced("F2026-0001")
    for _number in range(many):
        received(invoice, date(2026, 3, 2), 100)
    with django_assert_num_queries(1):
        assert len(list(journal.rows(seller=seller, **YEAR))) == 2 * many


def test_an_export_ends_with_the_state_of_the_chain(seller: Seller, invoiced: Callable[..., Invoice]) -> None:
    received(invoiced("F2026-0001"), date(2026, 3, 2), 12345)
    *lines, end = journal.table(seller=seller, **YEAR)
    assert len(lines) == 2
    assert {len(line) for line in lines} == {len(journal.titles())}
    assert (end[0], end[4]) == (1, Chain.objects.get().head)


def test_a_seller_without_entries_has_an_empty_journal(seller: Seller) -> None:
    assert list(journal.rows(seller=seller, **YEAR)) == []
    assert journal.closing(seller=seller) == journal.Closing(0, "")
