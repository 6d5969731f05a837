"""Invoices issued per second, with their PDF and without, beside inserting a row with its lines in one transaction.

Issued: locked, reviewed, numbered, frozen as text, linked, booked on the chain, written into the history, committed.

Run: ``python tests/benchmarks/invoices.py [rounds]``.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import _stage
from django.db import models, transaction

from tests import factories
from wagtail_payments.actions import invoices, renditions
from wagtail_payments.models import Customer, Invoice, InvoiceLine, IssuedDocument, Rendition

EACH = 10
NOW = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
LINES = [("Training day", "2", "450.00", "20"), ("Travel", "120", "0.45", "20"), ("Manual", "8", "12.50", "5.5")]
FLOOR = "floor: one row and its lines inserted"


def drafts(customer: Customer, count: int) -> list[int]:
    """So many drafts, saved."""
    return [factories.make_invoice(customer=customer, lines=LINES).pk for _ in range(count)]


def issue(key: int) -> None:
    invoices.issue(invoice_id=key, by=None, now=NOW)


class WithoutDrawing:
    """Issues and leaves the PDF to the sweep."""

    def __init__(self, keys: list[int]) -> None:
        self.keys, self.draw = keys, renditions.draw_after_commit

    def __call__(self, piece: int) -> None:
        renditions.draw_after_commit = lambda document, now: None  # type: ignore[assignment]
        try:
            issue(self.keys[piece])
        finally:
            renditions.draw_after_commit = self.draw


def plain_rows(invoice: Invoice) -> None:
    """Insert an invoice and its lines, with no rule of ours in the way."""
    lines = list(invoice.lines.all())
    with transaction.atomic():
        models.QuerySet(Invoice).bulk_create([invoice])
        for line in lines:
            line.invoice_id = invoice.pk
        models.QuerySet(InvoiceLine).bulk_create(lines)


def compare(rounds: int) -> None:
    """Print invoices per second."""
    count = rounds * EACH
    customer = factories.make_customer()
    with_pdf, without = drafts(customer, count), drafts(customer, count)
    unsaved = [factories.build_invoice(customer=customer, lines=LINES) for _ in range(count)]
    issue(drafts(customer, 1)[0])  # starts the press, begins series and chain
    contenders = {
        "issued, PDF left to the sweep": WithoutDrawing(without),
        "issued and drawn": lambda piece: issue(with_pdf[piece]),
        FLOOR: lambda piece: plain_rows(unsaved[piece]),
    }
    best = _stage.best_of(contenders, rounds=rounds, each=EACH)
    assert IssuedDocument.objects.count() == 2 * count + 1
    assert Rendition.objects.count() == count + 1
    _stage.show(f"invoices of {len(LINES)} lines", best, FLOOR)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    _stage.show_machine()
    with _stage.database():
        _stage.show_database()
        factories.settle_site()
        compare(rounds)


if __name__ == "__main__":
    main()
