"""Editors who issue at the same moment: numbers without gap or twin, and what would happen without the lock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db.models import Max

from tests import factories
from tests.races.crowd import all_at_once
from wagtail_payments.actions import invoices, numbers, renditions
from wagtail_payments.core import numbering
from wagtail_payments.models import Entry, Invoice, IssuedDocument
from wagtail_payments.reports import verification

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

EDITORS, EACH = 8, 25


@pytest.fixture
def drafts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Two hundred drafts; the PDFs are left to the sweep, so that the editors only race for numbers."""
    monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)
    customer = factories.make_customer()
    return [factories.make_invoice(customer=customer).pk for _ in range(EDITORS * EACH)]


def editor(keys: list[int], now: datetime) -> Callable[[], Any]:
    return lambda: [invoices.issue(invoice_id=key, by=None, now=now).pk for key in keys]


def crowd(drafts: list[int], now: datetime) -> Any:
    return all_at_once([editor(drafts[start::EDITORS], now) for start in range(EDITORS)])


def test_eight_editors_issue_two_hundred_invoices_without_gap_or_twin(drafts: list[int], now: datetime) -> None:
    outcome = crowd(drafts, now)
    assert outcome.errors == []
    sequences = sorted(IssuedDocument.objects.values_list("sequence", flat=True))
    assert sequences == list(range(1, 201))
    assert Entry.objects.count() == 200
    seller = factories.seller_of_default_site()
    assert list(verification.verify(seller=seller, mode="test")) == []


def naive_take(*, seller: Any, series: Any, mode: Any, issued_on: date) -> numbers.Taken:
    """What many programs do: look at the highest number, add one."""
    last = IssuedDocument.objects.filter(seller=seller, mode=mode, series=series).aggregate(last=Max("sequence"))[
        "last"
    ]
    time.sleep(0.005)
    sequence = (last or 0) + 1
    text = numbering.number(seller.pattern(series), year=issued_on.year, sequence=sequence, test=True)
    return numbers.Taken(series, issued_on.year, sequence, text)


def test_without_the_locked_row_the_same_editors_fail(
    drafts: list[int], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "take", naive_take)
    outcome = crowd(drafts, now)
    assert outcome.errors, "highest plus one must collide, or this test proves nothing"


def test_two_editors_issue_the_same_draft(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)
    draft = factories.make_invoice()
    outcome = all_at_once([lambda: invoices.issue(invoice_id=draft.pk, by=None, now=now)] * 8)
    assert len(outcome.results) == 1
    assert {type(error) for error in outcome.errors} == {invoices.InvoiceAlreadyIssued}
    assert Invoice.objects.get().number == "TEST-F2026-0001"
    assert IssuedDocument.objects.count() == 1


def test_without_the_lock_two_editors_issue_the_same_draft_twice(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)
    monkeypatch.setattr(invoices, "lock", slow_read)
    draft = factories.make_invoice()
    outcome = all_at_once([lambda: invoices.issue(invoice_id=draft.pk, by=None, now=now)] * 8)
    refused = [error for error in outcome.errors if isinstance(error, invoices.InvoiceAlreadyIssued)]
    assert len(refused) < 7, "without the lock somebody else than the first must get past the question"


def slow_read(model: Any, *keys: int) -> list[Any]:
    """The lock's twin: reads without writing first, and leaves the window open a moment."""
    rows = list(model._base_manager.filter(pk__in=keys).order_by("pk"))
    time.sleep(0.05)
    return rows
