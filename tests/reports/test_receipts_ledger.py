"""The receipts ledger: every euro on the day it came, none twice, none lost."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from pypdf import PdfReader

from tests import factories
from tests.mail.conftest import issued_document
from tests.reports.conftest import at, receipt, received, refunded
from wagtail_payments.actions import ledger
from wagtail_payments.models import CreditNote, Customer, Invoice, Seller
from wagtail_payments.reports import receipts_ledger, receipts_ledger_pdf
from wagtail_payments.reports.receipts_ledger import Row

YEAR = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}

Invoiced = Callable[..., Invoice]


def ledger_of(seller: Seller, **period: Any) -> list[Row]:
    return list(receipts_ledger.rows(seller=seller, **YEAR | period))


def test_a_payment_is_one_row_with_what_the_law_wants(seller: Seller, invoiced: Invoiced) -> None:
    invoice = invoiced("F2026-0001", nature="goods")
    receipt(received(invoice, date(2026, 3, 2), 12345, method="card", gateway="stripe"), invoice, "R2026-0001")
    assert ledger_of(seller) == [
        Row(
            on=date(2026, 3, 2),
            documents=("F2026-0001",),
            receipt="R2026-0001",
            customer="Librairie du Canal",
            nature="goods",
            method="card",
            amount=12345,
            currency="EUR",
        )
    ]


def test_the_provider_fee_is_not_deducted(seller: Seller, invoiced: Invoiced) -> None:
    received(invoiced("F2026-0001"), date(2026, 3, 2), 12345, fee=500, provider_net=11845)
    assert ledger_of(seller)[0].amount == 12345


def test_the_ledger_runs_in_the_order_of_days_whatever_the_order_of_recording(
    seller: Seller, invoiced: Invoiced
) -> None:
    invoice = invoiced("F2026-0001")
    late = received(invoice, date(2026, 5, 1), 5000)
    received(invoice, date(2026, 2, 1), 2000)
    refunded(late, date(2026, 5, 1), 100)
    refunded(late, date(2026, 6, 1), 200)
    received(invoice, date(2026, 5, 31), 300)
    assert [(row.on.month, row.amount) for row in ledger_of(seller)] == [
        (2, 2000),
        (5, 5000),
        (5, -100),
        (5, 300),
        (6, -200),
    ]


def test_a_refund_is_a_negative_row_on_its_own_day(seller: Seller, invoiced: Invoiced) -> None:
    invoice = invoiced("F2026-0001")
    payment = received(invoice, date(2026, 3, 2), 12000, method="card", gateway="stripe")
    document = issued_document(invoice, "A2026-0001", kind="credit_note", gross=6000)
    note = CreditNote(
        seller=seller, invoice=invoice, document=document, mode="live", currency="EUR", net=5000, tax=1000, gross=6000
    )
    note.save()
    refunded(payment, date(2026, 4, 9), 6000, kind="credit_note", credit_note=note, gateway="stripe")
    back = ledger_of(seller)[1]
    assert (back.on, back.amount, back.method) == (date(2026, 4, 9), -6000, "card")
    assert back.documents == ("A2026-0001", "F2026-0001")


def test_an_overpayment_sent_back_names_what_was_paid_too_much_for(seller: Seller, invoiced: Invoiced) -> None:
    refunded(received(invoiced("F2026-0001", nature="goods"), date(2026, 3, 2), 12000), date(2026, 3, 5), 500)
    assert (ledger_of(seller)[1].documents, ledger_of(seller)[1].nature) == (("F2026-0001",), "goods")


def test_a_refund_that_the_bank_returned_stays_and_its_return_is_a_row(seller: Seller, invoiced: Invoiced) -> None:
    refund = refunded(received(invoiced("F2026-0001"), date(2026, 3, 2), 12000), date(2026, 3, 5), 500)
    refund.state = "failed"
    refund.save()
    ledger.book_refund(refund=refund, on=date(2026, 3, 20), now=at(date(2026, 3, 20)), returned=True)
    assert [row.amount for row in ledger_of(seller)] == [12000, -500, 500]


def test_a_refund_under_way_is_not_in_the_ledger_yet(seller: Seller, invoiced: Invoiced) -> None:
    payment = received(invoiced("F2026-0001"), date(2026, 3, 2), 12000)
    payment.refunds.create(
        kind="overpayment", gateway="stripe", mode="live", amount=5, currency="EUR", state="pending",
        idempotency_key="k", requested_at=at(date(2026, 3, 3)),
    )  # fmt: skip
    assert len(ledger_of(seller)) == 1


def test_a_payment_of_two_invoices_is_one_row_with_both_numbers(seller: Seller, invoiced: Invoiced) -> None:
    first, second = invoiced("F2026-0001", nature="goods"), invoiced("F2026-0002", nature="services")
    payment = received(first, date(2026, 3, 2), 12000)
    payment.allocations.create(invoice=second, amount=100, at=at(date(2026, 3, 2)))
    (row,) = ledger_of(seller)
    assert (row.documents, row.nature, row.amount) == (("F2026-0001", "F2026-0002"), "both", 12000)


def test_what_a_reversal_took_back_makes_no_second_row(seller: Seller, invoiced: Invoiced) -> None:
    invoice = invoiced("F2026-0001")
    payment = received(invoice, date(2026, 3, 2), 12000)
    refund = refunded(payment, date(2026, 3, 9), 12000, kind="reversal")
    payment.allocations.create(invoice=invoice, refund=refund, amount=-12000, at=at(date(2026, 3, 9)))
    rows = ledger_of(seller)
    assert [(row.amount, row.documents) for row in rows] == [(12000, ("F2026-0001",)), (-12000, ("F2026-0001",))]


def test_money_of_nobody_knows_whom_is_there_too(seller: Seller) -> None:
    received(None, date(2026, 3, 2), 700, seller=seller)
    (row,) = ledger_of(seller)
    assert (row.documents, row.customer, row.nature, row.amount) == ((), "", seller.nature, 700)


@pytest.mark.parametrize(
    ("paid_by", "gateway", "way_back"),
    [("cash", "manual", "cash"), ("cheque", "manual", "transfer"), ("card", "stripe", "card")],
)
def test_money_goes_back_as_it_came_or_by_transfer(
    seller: Seller, invoiced: Invoiced, paid_by: str, gateway: str, way_back: str
) -> None:
    payment = received(invoiced("F2026-0001"), date(2026, 3, 2), 12000, method=paid_by, gateway=gateway)
    refunded(payment, date(2026, 3, 3), 100, gateway=gateway)
    assert ledger_of(seller)[1].method == way_back


def test_a_customer_renamed_later_changes_no_row_that_has_its_receipt(seller: Seller, invoiced: Invoiced) -> None:
    invoice = invoiced("F2026-0001")
    receipt(received(invoice, date(2026, 3, 2), 100), invoice, "R2026-0001")
    Customer.objects.update(name="Another name")
    assert ledger_of(seller)[0].customer == "Librairie du Canal"


def test_only_the_period_the_seller_and_the_mode_that_were_asked_for(seller: Seller, invoiced: Invoiced) -> None:
    invoice = invoiced("F2026-0001")
    for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 1)):
        received(invoice, day, 100)
    received(invoice, date(2026, 2, 1), 999, mode="test")
    received(None, date(2026, 2, 1), 999, seller=factories.make_small_seller())
    quarter = ledger_of(seller, last=date(2026, 3, 31))
    assert [row.on for row in quarter] == [date(2026, 1, 1), date(2026, 3, 31)]
    assert [row.amount for row in ledger_of(seller, mode="test")] == [999]


@pytest.mark.parametrize("many", [1, 30])
def test_two_questions_whatever_the_length(
    seller: Seller, invoiced: Invoiced, many: int, django_assert_num_queries: Any
) -> None:
    invoice = invoiced("F2026-0001")
    for _number in range(many):
        refunded(received(invoice, date(2026, 3, 2), 100), date(2026, 3, 3), 50)
    with django_assert_num_queries(2):
        assert len(ledger_of(seller)) == 2 * many


def test_totals_stand_per_month_and_quarter_with_cash_apart(seller: Seller, invoiced: Invoiced) -> None:
    goods, services = invoiced("F2026-0001", nature="goods"), invoiced("F2026-0002", nature="services")
    received(goods, date(2026, 1, 31), 1000, method="cash")
    received(services, date(2026, 1, 31), 2000, method="card")
    refunded(received(services, date(2026, 3, 1), 4000), date(2026, 4, 1), 500)
    sums = receipts_ledger.totals(ledger_of(seller))
    assert [(total.period, total.cash, total.other) for total in sums.months] == [
        ("2026-01", 1000, 2000),
        ("2026-03", 0, 4000),
        ("2026-04", 0, -500),
    ]
    assert [(total.period, total.amount) for total in sums.quarters] == [("2026-Q1", 7000), ("2026-Q2", -500)]
    (whole,) = sums.whole
    assert (whole.amount, dict(whole.by_nature)) == (6500, {"goods": 1000, "services": 5500})


def test_currencies_are_never_added_together(seller: Seller, invoiced: Invoiced) -> None:
    invoice = invoiced("F2026-0001")
    received(invoice, date(2026, 1, 1), 100)
    received(invoice, date(2026, 1, 1), 100, currency="JPY")
    sums = receipts_ledger.totals(ledger_of(seller))
    assert [(total.currency, total.amount) for total in sums.whole] == [("EUR", 100), ("JPY", 100)]


def test_a_row_of_the_table_has_amounts_in_units_and_words_in_the_language(seller: Seller, invoiced: Invoiced) -> None:
    received(invoiced("F2026-0001"), date(2026, 3, 2), 123450, method="cash")
    with translation.override("en"):
        cells = receipts_ledger.cells(ledger_of(seller)[0])
        assert len(cells) == len(receipts_ledger.titles())
    assert [str(cell) for cell in cells] == [
        "2026-03-02", "F2026-0001", "", "Librairie du Canal", "Services", "Cash", "1234.50", "None", "EUR",
    ]  # fmt: skip


def pdf_text(content: bytes) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_on_paper_every_row_and_total_stands(seller: Seller, invoiced: Invoiced) -> None:
    Customer.objects.filter(pk=invoiced("F2026-0001").customer_id).update(name="<b>A & B</b>")
    invoice = Invoice.objects.get()
    received(invoice, date(2026, 3, 2), 123450, method="cash")
    received(invoice, date(2026, 6, 2), 1000)
    text = pdf_text(receipts_ledger_pdf.pdf_of(seller=seller, language="en", **YEAR))
    for expected in ("€1,234.50", "F2026-0001", "<b>A & B</b>", "March 2026", "2nd quarter 2026", "€1,244.50"):
        assert expected in text
    assert "Page1of1" in text.replace(" ", "")


def test_a_paper_of_nothing_says_so(seller: Seller) -> None:
    assert "Nothing was received" in pdf_text(receipts_ledger_pdf.pdf_of(seller=seller, language="en", **YEAR))


def test_what_would_never_be_printed_is_refused_in_words(
    seller: Seller, invoiced: Invoiced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts_ledger_pdf, "MOST_ROWS", 0)
    received(invoiced("F2026-0001"), date(2026, 3, 2), 100)
    with pytest.raises(receipts_ledger_pdf.PdfFailed, match="shorter"):
        receipts_ledger_pdf.pdf_of(seller=seller, language="en", **YEAR)


def test_a_long_ledger_says_the_page_and_not_how_many_there_are(
    seller: Seller, invoiced: Invoiced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts_ledger_pdf, "FEW_ROWS", 0)
    received(invoiced("F2026-0001"), date(2026, 3, 2), 100)
    text = pdf_text(receipts_ledger_pdf.pdf_of(seller=seller, language="en", **YEAR)).replace(" ", "")
    assert "Page1" in text
    assert "Page1of" not in text
