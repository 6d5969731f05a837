"""The list: the computed status, the search, the money, as many questions to the database for 60 rows as for 10."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from tests import factories
from wagtail_payments.actions import invoices, payments
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter

LIST = "wagtail_payments_invoice:list"


def issued(by: Any, now: Any, **fields: Any) -> Invoice:
    return invoices.issue(invoice_id=factories.make_invoice(**fields).pk, by=by, now=now)


def pay(invoice: Invoice, amount: int, by: Any, now: Any) -> None:
    day = invoice.seller.today(now)
    facts = {"method": "transfer", "received_on": day, "reference": "", "form_key": f"key {invoice.pk} {amount}"}
    payments.record(invoice=invoice, amount=amount, by=by, now=now, **facts)


def rows(response: Any) -> list[Invoice]:
    return list(response.context["object_list"])


def test_each_status_filters_its_invoices(admin: Client, editor: Any, clock: Any) -> None:
    draft = factories.make_invoice()
    late = issued(editor, clock() - timedelta(days=60))
    waiting, paid, partly = (issued(editor, clock()) for _ in range(3))
    pay(paid, paid.gross, editor, clock())
    pay(partly, 100, editor, clock())
    expected = {"draft": draft, "overdue": late, "open": waiting, "paid": paid, "partly_paid": partly}
    for status, invoice in expected.items():
        assert rows(admin.get(reverse(LIST), {"status": status})) == [invoice], status


@pytest.mark.parametrize("words", ["Canal", "nadia@", "Spring course", "PO-77"])
def test_the_search_finds_number_customer_subject_order_and_address(admin: Client, words: str) -> None:
    wanted = factories.make_invoice(title="Spring course", order_reference="PO-77")
    other = factories.make_consumer()
    factories.make_invoice(customer=other, title="Else")
    assert rows(admin.get(reverse(LIST), {"q": words})) == [wanted]


def test_the_search_finds_the_number(admin: Client, editor: Any, clock: Any) -> None:
    wanted = issued(editor, clock())
    issued(editor, clock())
    assert rows(admin.get(reverse(LIST), {"q": wanted.number})) == [wanted]


@pytest.mark.parametrize(
    "key", ["due", "gross", "customer__name", "document__number", "next_due_on", "document__issued_on"]
)
def test_every_column_sorts_both_ways(admin: Client, editor: Any, clock: Any, key: str) -> None:
    first = issued(editor, clock(), customer=factories.make_customer(name="A"), lines=[("x", "1", "10", "20")])
    clock.advance(days=1)
    last = issued(editor, clock(), customer=factories.make_customer(name="Z"), lines=[("x", "1", "99", "20")])
    assert rows(admin.get(reverse(LIST), {"ordering": key})) == [first, last]
    assert rows(admin.get(reverse(LIST), {"ordering": f"-{key}"})) == [last, first]


@pytest.mark.parametrize("query", [{"p": "x"}, {"status": "nonsense"}, {"ordering": "seller__iban"}, {"q": "'\x00\"<"}])
def test_nonsense_in_the_address_bar_is_no_server_error(admin: Client, query: dict[str, str]) -> None:
    factories.make_invoice()
    assert admin.get(reverse(LIST), query).status_code == 200


def test_the_list_asks_as_often_for_60_rows_as_for_10(admin: Client, editor: Any, clock: Any) -> None:
    counts = []
    for number in (10, 50):
        for position in range(number):
            invoice = issued(editor, clock(), customer=factories.make_customer(name=f"Customer {position}"))
            if position % 3 == 0:
                pay(invoice, 100, editor, clock())
        admin.get(reverse(LIST))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert admin.get(reverse(LIST)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


def test_the_empty_list_says_what_to_do_first(admin: Client) -> None:
    factories.seller_of_default_site()
    page = admin.get(reverse(LIST)).content.decode()
    assert "Write the first invoice" in page
    assert reverse("wagtail_payments_invoice:add") in page


def test_a_filter_without_a_match_does_not_speak_of_a_first_invoice(admin: Client) -> None:
    factories.make_invoice()
    page = admin.get(reverse(LIST), {"q": "nobody"}).content.decode()
    assert "Write the first invoice" not in page


def test_the_spreadsheet_needs_its_own_permission(signed_in: Callable[..., Client]) -> None:
    factories.make_invoice()
    for wanted in ("csv", "xlsx"):
        refused = signed_in("view_invoice", "add_invoice").get(reverse(LIST), {"export": wanted})
        assert refused.status_code in (302, 403)
        given = signed_in("view_invoice", "export_invoice").get(reverse(LIST), {"export": wanted})
        assert given.status_code == 200


def test_the_spreadsheet_runs_no_formula_and_holds_exact_amounts(admin: Client) -> None:
    factories.make_invoice(customer=factories.make_customer(name='=HYPERLINK("http://evil.example")'))
    answer = admin.get(reverse(LIST), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode()
    head, row = csv.reader(io.StringIO(text))
    found = dict(zip(head, row, strict=True))
    assert found["Customer"].startswith("'=")
    assert found["Total"] == "1440.00"


@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
@pytest.mark.parametrize("listed", [LIST, "wagtail_payments_customer:list"])
def test_a_control_character_or_a_formula_after_it_stops_no_export(admin: Client, wanted: str, listed: str) -> None:
    factories.make_invoice(customer=factories.make_customer(name="\x01 =1+1"))
    content = b"".join(admin.get(reverse(listed), {"export": wanted}).streaming_content)
    if wanted == "csv":
        assert "' =1+1" in content.decode()
    else:
        cells = [cell for row in load_workbook(io.BytesIO(content)).active.iter_rows() for cell in row]
        assert "' =1+1" in [cell.value for cell in cells]


def bulk(action: str, *keys: Any) -> str:
    address = reverse("wagtail_bulk_action", args=("wagtail_payments", "invoice", action))
    return address + "?" + "&".join(f"id={key}" for key in keys)


def test_several_invoices_are_sent_at_once_and_each_has_its_own_history(admin: Client, editor: Any, clock: Any) -> None:
    two = [issued(editor, clock()) for _ in range(2)]
    draft = factories.make_invoice()
    page = admin.get(bulk("send", *(invoice.pk for invoice in [*two, draft])))
    assert [row["item"] for row in page.context["items"]] == two
    admin.post(bulk("send", *(invoice.pk for invoice in [*two, draft])))
    assert {letter.document_id for letter in Letter.objects.filter(kind="invoice")} == {i.document_id for i in two}
    for invoice in two:
        history = admin.get(reverse("wagtail_payments_invoice:history", args=(invoice.pk,))).content.decode()
        assert "Sent to" in history


def test_all_is_not_a_choice_for_sending(admin: Client, editor: Any, clock: Any) -> None:
    issued(editor, clock())
    admin.post(bulk("send", "all"))
    assert not Letter.objects.exists()


@pytest.mark.parametrize("key", ["x", "999999", "-1", "1e9", "%00"])
def test_odd_ids_in_a_bulk_action_are_no_server_error(admin: Client, key: str) -> None:
    for action in ("send", "export"):
        assert admin.get(bulk(action, key)).status_code == 200
        assert admin.post(bulk(action, key)).status_code in (200, 302)


def test_bulk_actions_have_the_permissions_of_the_verbs(
    signed_in: Callable[..., Client], editor: Any, clock: Any
) -> None:
    invoice = issued(editor, clock())
    browser = signed_in("view_invoice", "change_invoice", "delete_invoice")
    browser.post(bulk("send", invoice.pk))
    answer = browser.post(bulk("export", invoice.pk))
    assert "Content-Disposition" not in answer
    assert not Letter.objects.exists()


def test_an_issued_invoice_is_not_deleted_by_the_bulk_action(admin: Client, editor: Any, clock: Any) -> None:
    invoice = issued(editor, clock())
    draft = factories.make_invoice()
    admin.post(bulk("delete", invoice.pk, draft.pk))
    admin.post(bulk("delete", draft.pk))
    assert list(Invoice.objects.all()) == [invoice]


def test_chosen_invoices_are_taken_away_as_a_spreadsheet(admin: Client) -> None:
    invoice = factories.make_invoice()
    factories.make_invoice()
    answer = admin.post(bulk("export", invoice.pk), {"format": "csv"})
    assert len(b"".join(answer.streaming_content).decode().splitlines()) == 2
