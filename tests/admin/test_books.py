"""The read-only books: what each shows, that nobody writes in them, that lists stay fast, what leaves as a file."""

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
from django.urls import NoReverseMatch, reverse
from openpyxl import load_workbook
from wagtail.admin.menu import admin_menu
from wagtail.models import ModelLogEntry

from tests import factories
from tests.actions.signers import proven, sent_quote
from tests.admin.business import MORE, Business, more_alerts, open_business, record_payment
from wagtail_payments.actions import invoices
from wagtail_payments.admin.books.shelf import BOOKS
from wagtail_payments.admin.places_of_books import book_url, list_url, paper_url, verb_url
from wagtail_payments.models import Alert, CreditNote, Letter, Payment, Refund, WebhookDelivery

pytestmark = pytest.mark.django_db
SignedIn = Callable[..., Client]
MODELS = [book.model for book in BOOKS]


@pytest.fixture
def business(clock: Any, now: datetime) -> Business:
    return open_business(now)


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(factories.make_superuser())
    return client


def text_of(answer: HttpResponse) -> str:
    soup = BeautifulSoup(answer.content, "html.parser")
    main = soup.find("main") or soup
    return " ".join(main.get_text(" ").split()).replace("\u00a0", " ")


def records(business: Business) -> list[Any]:
    return [
        business.credit_note,
        business.payment,
        business.refund,
        business.dispute,
        business.entry,
        business.letter,
        business.delivery,
        business.alert,
    ]


@pytest.mark.parametrize("model", MODELS)
def test_an_empty_book_says_how_it_fills(boss: Client, model: Any) -> None:
    book = next(book for book in BOOKS if book.model is model)
    assert str(book.empty_text) in text_of(boss.get(list_url(model)))


def test_the_ledger_counts_entries(boss: Client, business: Business) -> None:
    assert f"{type(business.entry).objects.count()} entries" in text_of(boss.get(list_url(type(business.entry))))


@pytest.mark.parametrize("model", MODELS)
def test_a_list_asks_the_database_as_often_for_sixty_rows_as_for_ten(
    boss: Client, business: Business, now: datetime, model: Any
) -> None:
    more = MORE[model._meta.model_name]
    asked = []
    for count in (10, 50):
        more(business, now, count)
        boss.get(list_url(model))  # what is cached per process is cached now
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = boss.get(list_url(model))
        assert answer.status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert asked[1] <= 12


@pytest.mark.parametrize("model", MODELS)
def test_no_book_has_a_url_that_writes(model: Any) -> None:
    for action in ("create", "edit", "delete", "add"):
        with pytest.raises(NoReverseMatch):
            reverse(f"wagtail_payments_book_{model._meta.model_name}_{action}", args=[1])
        with pytest.raises(NoReverseMatch):
            reverse(f"wagtail_payments_book_{model._meta.model_name}_{action}")


def test_even_a_superuser_sees_no_button_that_writes(boss: Client, business: Business) -> None:
    for record in records(business):
        for url in (list_url(type(record)), book_url(record)):
            soup = BeautifulSoup(boss.get(url).content, "html.parser")
            told = {link.get_text(strip=True).lower() for link in soup.select("main a, main button")}
            assert not told & {"edit", "delete", "add", "new", "inspect"}, url


def test_every_record_has_a_page(boss: Client, business: Business) -> None:
    for record in records(business):
        answer = boss.get(book_url(record))
        assert answer.status_code == 200, record
        assert "None" not in text_of(answer)


def test_the_page_of_a_payment_tells_what_it_pays_and_what_is_left(boss: Client, business: Business) -> None:
    told = text_of(boss.get(book_url(business.payment)))
    assert "€1,540.00" in told
    assert business.invoice.number in told
    assert "Pays nothing yet €100.00" in told
    assert "Open the receipt" in told


def test_the_page_of_a_failed_refund_says_where_the_money_is(boss: Client, business: Business) -> None:
    Refund.objects.filter(pk=business.refund.pk).update(state="failed", failure="The card is closed.")
    assert "the money is still with you. The card is closed." in text_of(boss.get(book_url(business.refund)))


def test_the_page_of_an_entry_shows_balanced_lines(boss: Client, business: Business) -> None:
    soup = BeautifulSoup(boss.get(book_url(business.entry)).content, "html.parser")
    cells = [[cell.get_text(strip=True) for cell in row("td")] for row in soup.select("main table tbody tr")]
    assert [row[2] for row in cells if row[2]] == [row[3] for row in cells if row[3]]


def test_a_message_is_shown_as_text_and_never_run(boss: Client, business: Business) -> None:
    content = boss.get(book_url(business.delivery)).content.decode()
    assert "<script>alert(1)</script>" not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content


def test_whatever_a_customer_is_called_stays_text(boss: Client, clock: Any, now: datetime) -> None:
    business = open_business(now, name="<img src=x onerror=alert(1)>")
    for record in records(business):
        for url in (list_url(type(record)), book_url(record)):
            assert b"<img src=x" not in boss.get(url).content, url


def test_a_list_is_searched_and_filtered(boss: Client, business: Business, now: datetime) -> None:
    other = factories.make_invoice(customer=factories.make_customer(name="Zimmermann"))
    other = _issued(other, now)
    record_payment(other, 500, now, reference="CHQ 77", method="cheque")
    for query, found in [
        ("?q=zimmer", 1),
        ("?q=chq+77", 1),
        ("?q=nobody", 0),
        ("?method=cheque", 1),
        ("?spare=yes", 1),
        ("?spare=no", 1),
        ("?mode=test", 2),
        ("?mode=live", 0),
        ("?received_from=2026-03-16&received_to=2026-03-16", 2),
        ("?received_from=2026-03-17", 0),
        ("?received_from=nonsense", 2),
        ("?q=%00", 2),
        ("?p=999&ordering=nonsense", 2),
    ]:
        answer = boss.get(list_url(Payment) + query)
        assert answer.status_code == 200
        assert len(answer.context["object_list"]) == found, query


def _issued(draft: Any, now: datetime) -> Any:
    return invoices.issue(invoice_id=draft.pk, by=None, now=now)


@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_no_lookup_from_the_address(boss: Client, business: Business, model: Any) -> None:
    """wagtail-modeladmin would filter by it, and so tell letter by letter what stands in other tables."""
    whole = len(boss.get(list_url(model)).context["object_list"])
    for lookup in ("?seller__email__startswith=x", "?recorded_by__password__startswith=x", "?pk__lt=0", "?no_such=1"):
        answer = boss.get(list_url(model) + lookup)
        assert len(answer.context["object_list"]) == whole


def test_letters_that_perhaps_never_left_come_first(boss: Client, business: Business, now: datetime) -> None:
    MORE["letter"](business, now, 3)
    lost = Letter.objects.order_by("pk").first()
    assert lost is not None
    Letter.objects.filter(pk=lost.pk).update(state="unknown")
    assert boss.get(list_url(Letter)).context["object_list"][0].pk == lost.pk


def test_a_letter_shows_its_link_as_a_placeholder_never_as_a_token(boss: Client, business: Business) -> None:
    told = text_of(boss.get(book_url(business.letter)))
    assert "/l/" not in told


@pytest.mark.parametrize("may_open", [True, False])
def test_a_letter_leads_to_the_registration_it_is_about(
    signed_in: SignedIn, business: Business, now: datetime, may_open: bool
) -> None:
    MORE["registration"](business, now, 1)
    letter = Letter.objects.get(kind="registered")
    assert letter.registration is not None
    reader = signed_in("view_letter", *(["view_registration"] if may_open else []))
    for url in (f"{list_url(Letter)}?q=julie+martin", book_url(letter)):
        soup = BeautifulSoup(reader.get(url).content, "html.parser")
        assert str(letter.registration) in soup.get_text()
        assert bool(soup.select(f'main a[href="{book_url(letter.registration)}"]')) == may_open, url


def test_a_letter_of_a_registration_is_sent_again_and_the_registration_remembers(
    boss: Client, business: Business, now: datetime
) -> None:
    MORE["registration"](business, now, 1)
    letter = Letter.objects.get(kind="registered")
    Letter.objects.filter(pk=letter.pk).update(state="failed")
    boss.post(verb_url(letter, "resend"))
    assert "Letter sent again to julie@example.org" in text_of(boss.get(book_url(letter.registration)))


def test_a_letter_is_sent_again_and_the_invoice_remembers(
    boss: Client, business: Business, committing: Callable[[], Any]
) -> None:
    Letter.objects.filter(pk=business.letter.pk).update(state="failed", error="No such mailbox")
    assert "No such mailbox" in text_of(boss.get(book_url(business.letter)))
    answer = boss.post(verb_url(business.letter, "resend"), follow=True)
    assert "on its way again to nadia@librairie.example" in answer.content.decode()
    business.letter.refresh_from_db()
    assert business.letter.state == "queued"
    assert ModelLogEntry.objects.filter(action="wagtail_payments.letter_resent").count() == 1


def test_a_code_is_not_sent_again_but_a_quote_is_and_remembers_it(boss: Client, business: Business, clock: Any) -> None:
    quote = sent_quote(clock())
    proven(quote, clock())
    Letter.objects.filter(document=quote.document).update(state="failed")
    code, letter = (Letter.objects.get(document=quote.document, kind=kind) for kind in ("signing_code", "quote"))
    assert verb_url(code, "resend") not in boss.get(book_url(code)).content.decode()
    boss.post(verb_url(code, "resend"))
    code.refresh_from_db()
    assert code.state == "failed"
    boss.post(verb_url(letter, "resend"))
    assert ModelLogEntry.objects.filter(action="wagtail_payments.letter_resent", object_id=quote.pk).count() == 1


def test_a_letter_on_its_way_is_not_sent_twice(boss: Client, business: Business) -> None:
    Letter.objects.filter(pk=business.letter.pk).update(state="sending")
    answer = boss.post(verb_url(business.letter, "resend"), follow=True)
    assert "already waiting or being sent" in answer.content.decode()


def test_a_message_is_processed_again(boss: Client, business: Business) -> None:
    answer = boss.post(verb_url(business.delivery, "retry"), follow=True)
    assert answer.status_code == 200
    assert "processed again" in answer.content.decode()
    business.delivery.refresh_from_db()
    assert business.delivery.tries == 1


def test_a_message_that_is_done_offers_no_button(boss: Client, business: Business) -> None:
    WebhookDelivery.objects.filter(pk=business.delivery.pk).update(state="done")
    assert "Process again" not in text_of(boss.get(book_url(business.delivery)))


def test_an_alert_is_settled_once_and_leads_to_what_it_is_about(boss: Client, business: Business) -> None:
    page = boss.get(book_url(business.alert))
    assert business.invoice.number in text_of(page)
    boss.post(verb_url(business.alert, "settle"))
    first = Alert.objects.get(pk=business.alert.pk).settled_at
    boss.post(verb_url(business.alert, "settle"))
    assert Alert.objects.get(pk=business.alert.pk).settled_at == first is not None


def test_after_a_button_one_returns_only_within_the_site(boss: Client, business: Business) -> None:
    answer = boss.post(verb_url(business.alert, "settle"), {"next": "https://evil.example/"})
    assert answer["Location"] == book_url(business.alert)
    answer = boss.post(verb_url(business.alert, "settle"), {"next": "/admin/"})
    assert answer["Location"] == "/admin/"
    answer = boss.post(verb_url(business.alert, "settle"), {"next": "no-address-at-all"})
    assert answer.status_code == 302


def test_buttons_are_hidden_from_who_may_only_read(signed_in: SignedIn, business: Business) -> None:
    reader = signed_in("view_letter", "view_webhookdelivery", "view_alert")
    for record in (business.letter, business.delivery, business.alert):
        assert not BeautifulSoup(reader.get(book_url(record)).content, "html.parser").select("main form[method=post]")


def test_links_lead_only_where_the_reader_may_go(signed_in: SignedIn, business: Business) -> None:
    reader = signed_in("view_payment")
    soup = BeautifulSoup(reader.get(book_url(business.payment)).content, "html.parser")
    inside = [link["href"] for link in soup.select(".wp-sheet table a, .wp-facts a")]
    assert inside == []


def test_the_export_is_hidden_and_refused_without_its_permission(signed_in: SignedIn, business: Business) -> None:
    reader = signed_in("view_payment")
    assert "Download CSV" not in reader.get(list_url(Payment)).content.decode()
    assert reader.get(list_url(Payment) + "?export=csv").status_code == 302
    exporter = signed_in("view_payment", "export_payment")
    assert "Download CSV" in exporter.get(list_url(Payment)).content.decode()
    assert exporter.get(list_url(Payment) + "?export=csv").status_code == 200


def test_the_export_permission_alone_opens_no_book(signed_in: SignedIn, business: Business) -> None:
    only = signed_in("export_payment")
    assert only.get(list_url(Payment) + "?export=csv").status_code == 302
    assert only.get(book_url(business.payment)).status_code == 302


def test_no_cell_of_an_export_runs_as_a_formula(boss: Client, clock: Any, now: datetime) -> None:
    open_business(now, name='=HYPERLINK("http://evil.example")')
    csv = b"".join(boss.get(list_url(Payment) + "?export=csv").streaming_content).decode()
    assert "'=HYPERLINK" in csv
    book = load_workbook(io.BytesIO(b"".join(boss.get(list_url(Payment) + "?export=xlsx").streaming_content)))
    types = {cell.data_type for row in book.active.iter_rows() for cell in row}
    assert "f" not in types


def test_amounts_leave_as_numbers_and_only_what_is_listed_leaves(
    boss: Client, business: Business, now: datetime
) -> None:
    MORE["payment"](business, now, 60)
    book = load_workbook(
        io.BytesIO(b"".join(boss.get(list_url(Payment) + "?spare=yes&q=librairie&export=xlsx").streaming_content))
    )
    titles, *rows = book.active.iter_rows(values_only=True)
    assert len(rows) == 1
    row = dict(zip(titles, rows[0], strict=True))
    assert row["Amount"] == 1540
    assert row["Pays nothing yet"] == 100
    everything = b"".join(boss.get(list_url(Payment) + "?export=csv").streaming_content).decode()
    assert len(everything.splitlines()) == 62


@pytest.mark.parametrize("model", [model for model in MODELS if next(b for b in BOOKS if b.model is model).exports])
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_every_export_is_made_with_few_queries(
    boss: Client, business: Business, now: datetime, model: Any, file_format: str
) -> None:
    MORE[model._meta.model_name](business, now, 15)
    with CaptureQueriesContext(connection) as queries:
        answer = boss.get(f"{list_url(model)}?export={file_format}")
        assert b"".join(answer.streaming_content)
    assert len(queries) <= 10


def test_receipts_and_credit_notes_open_as_pdf(boss: Client, business: Business) -> None:
    for document in (business.receipt, business.credit_note.document):
        answer = boss.get(paper_url(document.pk))
        assert answer.content.startswith(b"%PDF")
        assert "no-store" in answer["Cache-Control"]
        assert "ETag" not in answer


def test_a_paper_is_shown_only_to_who_may_read_its_book(signed_in: SignedIn, business: Business) -> None:
    reader = signed_in("view_payment")
    assert reader.get(paper_url(business.receipt.pk)).status_code == 200
    assert reader.get(paper_url(business.credit_note.document_id)).status_code == 404
    assert reader.get(paper_url(business.invoice.document_id)).status_code == 404
    assert reader.get(paper_url(999_999)).status_code == 404


def test_nobody_learns_what_exists_without_permission(signed_in: SignedIn, business: Business) -> None:
    stranger = signed_in()
    for record in records(business):
        there = stranger.get(book_url(record))
        missing = stranger.get(book_url(record).replace(f"/{record.pk}/", "/999999/"))
        assert (there.status_code, there["Location"]) == (missing.status_code, missing["Location"]) == (302, "/admin/")


def test_the_menu_has_the_books_in_the_order_of_the_day(boss: Client, business: Business) -> None:
    answer = boss.get("/admin/")
    group = next(item for item in admin_menu.menu_items_for_request(answer.wsgi_request) if item.name == "payments")
    labels = [str(item.label) for item in group.menu.menu_items_for_request(answer.wsgi_request)]
    assert labels == [
        "Events",
        "Registrations",
        "Quotes",
        "Invoices",
        "Credit notes",
        "Customers",
        "Catalogue",
        "Payments",
        "Refunds",
        "Disputes",
        "Ledger",
        "Webhook deliveries",
        "Letters",
        "Reminders",
        "Letters’ words",
        "Settings",
    ]


def test_the_menu_shows_nobody_what_they_may_not_open(signed_in: SignedIn, business: Business) -> None:
    answer = signed_in("view_refund").get("/admin/")
    group = next(item for item in admin_menu.menu_items_for_request(answer.wsgi_request) if item.name == "payments")
    assert [str(item.label) for item in group.menu.menu_items_for_request(answer.wsgi_request)] == ["Refunds"]


def test_many_alerts_are_listed_newest_first(boss: Client, business: Business, now: datetime) -> None:
    more_alerts(business, now, 3)
    assert boss.get(list_url(Alert)).context["object_list"][0].text == "Look 2"


def test_the_credit_note_leads_to_its_invoice(boss: Client, business: Business) -> None:
    soup = BeautifulSoup(boss.get(book_url(business.credit_note)).content, "html.parser")
    leads = {link.get_text(strip=True): link["href"] for link in soup.select(".wp-facts a")}
    assert str(business.invoice.pk) in leads[business.invoice.number]
    assert CreditNote.objects.count() == 1
