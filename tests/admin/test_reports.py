"""The receipts ledger among Wagtail's reports."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from tests import factories
from tests.admin.business import Business, more_payments, open_business, record_payment
from wagtail_payments.actions import invoices
from wagtail_payments.admin.places_of_books import RECEIPTS_LEDGER

pytestmark = pytest.mark.django_db
SignedIn = Callable[..., Client]


@pytest.fixture
def business(clock: Any, now: datetime) -> Business:
    return open_business(now)


@pytest.fixture
def accountant(signed_in: SignedIn) -> Client:
    return signed_in("view_entry", "export_entry")


def text_of(answer: HttpResponse) -> str:
    soup = BeautifulSoup(answer.content, "html.parser")
    return " ".join((soup.select_one("main") or soup).get_text(" ").split()).replace("\u00a0", " ")


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_money_that_came_and_money_that_went_back_stand_on_their_days(accountant: Client, business: Business) -> None:
    told = text_of(accountant.get(reverse(RECEIPTS_LEDGER)))
    assert "Atelier Garonne" in told
    assert "€1,540.00" in told
    assert "-€120.00" in told
    assert business.invoice.number in told
    assert business.credit_note.document.number in told


def test_months_and_quarters_are_added_up(accountant: Client, business: Business) -> None:
    told = text_of(accountant.get(reverse(RECEIPTS_LEDGER)))
    assert "1st quarter 2026 €0.00 €1,420.00 €1,420.00" in told
    assert "March 2026 €0.00 €1,420.00 €1,420.00" in told


def test_test_money_is_said_to_be_test_money(accountant: Client, business: Business) -> None:
    assert "not part of your real books" in text_of(accountant.get(reverse(RECEIPTS_LEDGER)))
    real = text_of(accountant.get(reverse(RECEIPTS_LEDGER) + "?mode=live"))
    assert "not part of your real books" not in real
    assert "No money came in" in real


def test_a_site_that_takes_real_money_shows_the_real_books(
    accountant: Client, clock: Any, now: datetime, settings: Any
) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
    invoice = invoices.issue(invoice_id=factories.make_invoice().pk, by=None, now=now)
    record_payment(invoice, 500, now, method="cash")
    told = text_of(accountant.get(reverse(RECEIPTS_LEDGER)))
    assert "not part of your real books" not in told
    assert "March 2026 €5.00 €0.00 €5.00" in told


def test_a_period_is_asked_for(accountant: Client, business: Business) -> None:
    earlier = text_of(accountant.get(reverse(RECEIPTS_LEDGER) + "?received_from=2025-01-01&received_to=2025-12-31"))
    assert "No money came in or went back in this period" in earlier
    assert "€1,540.00" in text_of(
        accountant.get(reverse(RECEIPTS_LEDGER) + "?received_from=2026-03-16&received_to=2026-03-16")
    )


@pytest.mark.parametrize(
    "query",
    [
        "?received_from=nonsense",
        "?received_from=2026-12-31&received_to=2026-01-01",
        "?received_from=0001-01-01&received_to=9999-12-31",
        "?seller=999",
        "?seller=x",
        "?mode=x",
        "?p=99",
        "?ordering=x",
        "?export=exe",
        "?q=%00",
    ],
)
def test_nonsense_in_the_address_is_no_error(accountant: Client, business: Business, query: str) -> None:
    assert accountant.get(reverse(RECEIPTS_LEDGER) + query).status_code == 200


def test_without_a_seller_the_report_is_empty(accountant: Client) -> None:
    assert "No money came in" in text_of(accountant.get(reverse(RECEIPTS_LEDGER)))
    assert accountant.get(reverse(RECEIPTS_LEDGER) + "?export=csv").status_code == 200
    assert accountant.get(reverse(RECEIPTS_LEDGER) + "?export=pdf").status_code == 302


def test_another_sellers_books_are_chosen(accountant: Client, business: Business) -> None:
    other = factories.make_seller(name="Other")
    told = text_of(accountant.get(f"{reverse(RECEIPTS_LEDGER)}?seller={other.pk}"))
    assert "Other," in told
    assert "No money came in" in told


def test_the_whole_period_is_exported_not_only_the_page(accountant: Client, business: Business, now: datetime) -> None:
    more_payments(business, now, 70)
    lines = content_of(accountant.get(reverse(RECEIPTS_LEDGER) + "?export=csv")).decode().splitlines()
    assert len(lines) == 1 + 72
    sheet = load_workbook(io.BytesIO(content_of(accountant.get(reverse(RECEIPTS_LEDGER) + "?export=xlsx")))).active
    assert sheet.max_row == 73
    assert content_of(accountant.get(reverse(RECEIPTS_LEDGER) + "?export=pdf")).startswith(b"%PDF")


def test_files_are_named_by_their_period_and_say_if_they_are_a_test(accountant: Client, business: Business) -> None:
    answer = accountant.get(reverse(RECEIPTS_LEDGER) + "?export=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="receipts-ledger-2026-01-01-2026-03-16-test.csv"'
    assert "no-store" in answer["Cache-Control"]


def test_no_name_of_a_customer_runs_in_a_spreadsheet(accountant: Client, clock: Any, now: datetime) -> None:
    open_business(now, name="=1+1")
    csv = content_of(accountant.get(reverse(RECEIPTS_LEDGER) + "?export=csv")).decode()
    assert "'=1+1" in csv


def test_the_report_asks_as_often_for_many_rows_as_for_few(
    accountant: Client, business: Business, now: datetime
) -> None:
    asked = []
    for count in (5, 45):
        more_payments(business, now, count)
        accountant.get(reverse(RECEIPTS_LEDGER))
        with CaptureQueriesContext(connection) as queries:
            accountant.get(reverse(RECEIPTS_LEDGER))
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 16


def test_reading_and_exporting_are_two_permissions(signed_in: SignedIn, business: Business) -> None:
    stranger, reader = signed_in("view_payment", "export_payment"), signed_in("view_entry")
    assert stranger.get(reverse(RECEIPTS_LEDGER)).status_code == 302
    assert reader.get(reverse(RECEIPTS_LEDGER)).status_code == 200
    for file_format in ("csv", "xlsx", "pdf"):
        assert reader.get(f"{reverse(RECEIPTS_LEDGER)}?export={file_format}").status_code == 302
        assert stranger.get(f"{reverse(RECEIPTS_LEDGER)}?export={file_format}").status_code == 302
    assert "Download" not in reader.get(reverse(RECEIPTS_LEDGER)).content.decode()


def test_the_menu_of_reports_leads_there(accountant: Client, signed_in: SignedIn) -> None:
    assert "/admin/reports/receipts-ledger/" in accountant.get("/admin/").content.decode()
    assert "/admin/reports/receipts-ledger/" not in signed_in("view_payment").get("/admin/").content.decode()
