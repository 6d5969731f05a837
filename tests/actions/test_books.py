"""The books prove that nobody touched them: every kind of tampering is found, and nothing is found in whole books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import QuerySet

from tests import factories
from tests.actions.test_refunds import all_of, wish
from wagtail_payments.actions import refunds, wiping
from wagtail_payments.core import snapshot
from wagtail_payments.models import (
    Chain,
    Entry,
    EntryLine,
    Invoice,
    IssuedDocument,
    Letter,
    Link,
    NumberSeries,
    Payment,
    Receipt,
    Rendition,
)
from wagtail_payments.pages.models import InvoicePage
from wagtail_payments.reports import verification

pytestmark = pytest.mark.django_db
Issued = Callable[..., Invoice]
Pay = Callable[..., Payment]


@pytest.fixture
def books(issued: Issued, paid_by_transfer: Pay, now: datetime, committing: Callable[[], Any]) -> Invoice:
    """Three invoices: one paid and refunded in part, one overpaid, one open."""
    with committing():
        first, second = issued(), issued(lines=[("Book", "3", "12.50", "5.5")])
        payment = paid_by_transfer(first)
        paid_by_transfer(second, second.gross + 100)
        refunds.refund_invoice(
            invoice_id=first.pk, amounts={next(iter(all_of(first))): 999}, payment_id=payment.pk, wish=wish(), now=now
        )
        return issued()


def found(invoice: Invoice) -> list[verification.Problem]:
    return list(verification.verify(seller=invoice.seller, mode="test"))


def raw(model: Any) -> QuerySet[Any]:
    """Past the guards, as somebody with a database client would go."""
    return QuerySet(model)


def test_whole_books_have_no_problem(books: Invoice) -> None:
    assert found(books) == []
    out = StringIO()
    call_command("verify_books", stdout=out)
    assert Chain.objects.get().head in out.getvalue()


def forget(pk: int) -> None:
    raw(EntryLine).filter(entry=pk)._raw_delete("default")  # type: ignore[attr-defined]
    raw(Entry).filter(pk=pk)._raw_delete("default")  # type: ignore[attr-defined]


def edit_a_line() -> None:
    line = EntryLine.objects.order_by("pk")[0]
    raw(EntryLine).filter(pk=line.pk).update(debit=line.debit + 1)


def edit_a_text() -> None:
    raw(Entry).filter(sequence=2).update(label="something else")


def edit_both_sides() -> None:
    for line in EntryLine.objects.filter(entry__sequence=1):
        raw(EntryLine).filter(pk=line.pk).update(debit=line.debit * 2, credit=line.credit * 2)


def delete_one() -> None:
    forget(Entry.objects.get(sequence=2).pk)


def cut_the_tail() -> None:
    forget(Entry.objects.latest("sequence").pk)


def cut_the_tail_and_cover_it_up() -> None:
    last = Entry.objects.latest("sequence")
    before = last.previous_seal
    forget(last.pk)
    raw(Chain).update(count=last.sequence - 1, head=before)


def insert_one() -> None:
    entry = Entry.objects.get(sequence=2)
    entry.pk, entry.sequence, entry.booked_once = None, 99, "invented"
    raw(Entry).bulk_create([entry])


def swap_two() -> None:
    for old, new in ((2, 999), (3, 2), (999, 3)):
        raw(Entry).filter(sequence=old).update(sequence=new)


def edit_a_document() -> None:
    document = IssuedDocument.objects.order_by("pk")[0]
    raw(IssuedDocument).filter(pk=document.pk).update(text=document.text.replace("Garonne", "Gironde"))


def edit_a_document_and_its_digest() -> None:
    document = IssuedDocument.objects.order_by("pk")[0]
    text = document.text.replace("Garonne", "Gironde")
    raw(IssuedDocument).filter(pk=document.pk).update(text=text, sha256=snapshot.digest(text))


def edit_a_total() -> None:
    raw(Invoice).filter(document__isnull=False).update(gross=1)


def edit_a_payment() -> None:
    raw(Payment).update(amount=1)


def change_a_pdf() -> None:
    rendition = Rendition.objects.order_by("pk")[0]
    with rendition.file.storage.open(rendition.file.name, "wb") as file:
        file.write(b"%PDF-forged")


def lose_a_pdf() -> None:
    rendition = Rendition.objects.order_by("pk")[0]
    rendition.file.storage.delete(rendition.file.name)


def skip_a_number() -> None:
    raw(NumberSeries).filter(series="invoice").update(last=41)


def move_a_payment_to_the_year_before() -> None:
    raw(Payment).filter(pk=Payment.objects.order_by("pk")[0].pk).update(received_on=date(2025, 12, 31))


def move_an_invoices_amount_to_another_ones() -> None:
    """The sum stays; what each of them comes to does not."""
    first, second = Invoice.objects.order_by("pk")[:2]
    for invoice, other in ((first, second), (second, first)):
        columns = {name: getattr(other, name) for name in ("net", "tax", "gross")}
        raw(Invoice).filter(pk=invoice.pk).update(**columns)
        printed = replace(invoice.document.frozen, **columns)
        text = snapshot.to_text(printed)
        raw(IssuedDocument).filter(pk=invoice.document_id).update(text=text, sha256=snapshot.digest(text), **columns)


def lose_the_first_receipt() -> None:
    lost = IssuedDocument.objects.get(series="receipt", sequence=1)
    for model, key in (
        (Rendition, "document"),
        (Letter.enclosed.through, "issueddocument"),
        (Letter.enclosed.through, "letter__document"),
        (Letter, "document"),
        (Link, "document"),
        (Receipt, "document"),
        (IssuedDocument, "pk"),
    ):
        keys = list(raw(model).filter(**{key: lost.pk}).values_list("pk", flat=True))
        raw(model).filter(pk__in=keys)._raw_delete("default")  # type: ignore[attr-defined]


TAMPERINGS = [
    edit_a_line, edit_a_text, edit_both_sides, delete_one, cut_the_tail, cut_the_tail_and_cover_it_up, insert_one,
    swap_two, edit_a_document, edit_a_document_and_its_digest, edit_a_total, edit_a_payment, change_a_pdf, lose_a_pdf,
    skip_a_number, move_a_payment_to_the_year_before, move_an_invoices_amount_to_another_ones, lose_the_first_receipt,
]  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda function: function.__name__)
def test_tampering_is_found(books: Invoice, tamper: Callable[[], None]) -> None:
    with connection.constraint_checks_disabled():
        tamper()
    assert found(books)
    with pytest.raises(CommandError):
        call_command("verify_books", stdout=StringIO())


def test_a_key_that_was_rotated_still_verifies(books: Invoice, settings: Any, issued: Issued) -> None:
    old = settings.WAGTAIL_PAYMENTS["LEDGER_KEYS"]
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"LEDGER_KEYS": {"new": "another key", **old}}
    issued()
    assert found(books) == []
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"LEDGER_KEYS": {"new": "another key"}}
    assert found(books), "a key that was thrown away proves nothing any more"


def test_test_money_that_a_page_shows_is_not_wiped(books: Invoice) -> None:
    page = factories.default_site().root_page.add_child(instance=InvoicePage(title="Library", invoice=books))
    with pytest.raises(CommandError, match="Library"):
        call_command("wipe_test_money", "--yes", stdout=StringIO())
    assert found(books) == []
    page.delete()
    call_command("wipe_test_money", "--yes", stdout=StringIO())
    assert not IssuedDocument.objects.exists()


def test_wiping_test_money_removes_it_all_and_nothing_live(
    books: Invoice, issued: Issued, settings: Any, now: datetime
) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
    live = issued()
    wiping.wipe_test_money(now=now)
    assert list(Invoice.objects.all()) == [live]
    assert list(IssuedDocument.objects.all()) == [live.document]
    assert not Payment.objects.exists()
    assert set(Chain.objects.values_list("mode", flat=True)) == {"live"}
    assert list(verification.verify(seller=live.seller, mode="live")) == []
