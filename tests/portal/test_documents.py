"""What stands on a document's page, in each of its states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.portal.conftest import open_link, page_of, url
from wagtail_payments.actions import payments
from wagtail_payments.core.lifecycle import Stored
from wagtail_payments.core.money import formatted
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.invoices import Invoice

EUROS = "1\u00a0440,00\u00a0€"


def pay_by_transfer(invoice: Invoice, amount: int, clock: Any, key: str = "one") -> None:
    payments.record(
        invoice=invoice,
        amount=amount,
        method="transfer",
        received_on=invoice.seller.today(clock()),
        reference="VIR 1",
        by=None,
        now=clock(),
        form_key=key,
    )


def under_way(invoice: Invoice, amount: int, clock: Any, state: str = "processing") -> PaymentAttempt:
    return factories.make_attempt(
        invoice,
        live=True,
        amount=amount,
        state=state,
        idempotency_key="a" * 32,
        created_at=clock(),
    )


def text_of(page: str) -> str:
    return " ".join(unescape(page).replace("\u00a0", " ").split())


def test_the_first_glance_says_who_what_how_much_and_by_when(browser: Client, issued: Callable[..., Invoice]) -> None:
    page = page_of(browser, issued(title="Spring training", language="en"))
    ask = page[page.index("wp-card--ask") :]
    order = ["Spring training", "To pay", "€1,440.00", "To be paid by", "Pay €1"]
    assert [ask.index(word) for word in order] == sorted(ask.index(word) for word in order)
    assert "Atelier Garonne" in page
    assert ask.count("wp-button--main") == 1


def test_in_french_it_says_so_in_french(browser: Client, issued: Callable[..., Invoice]) -> None:
    page = page_of(browser, issued(title="Formation de printemps", language="fr"))
    ask = page[page.index("wp-card--ask") :]
    words = ["Facture", "Formation de printemps", "À payer", EUROS, f"Payer {EUROS}"]
    assert [word for word in words if word not in ask] == []


@pytest.mark.parametrize(
    ("due_on", "words", "tone"),
    [
        (date(2026, 5, 1), ["To be paid by", "In 46 days."], "calm"),
        (date(2026, 3, 20), ["To be paid by", "In 4 days."], "soon"),
        (date(2026, 3, 17), ["To be paid by", "Tomorrow."], "soon"),
        (date(2026, 3, 16), ["To be paid today"], "soon"),
    ],
)
def test_what_is_due_says_when(
    browser: Client, issued: Callable[..., Invoice], due_on: date, words: list[str], tone: str
) -> None:
    page = page_of(browser, issued(due_on=due_on, language="en"))
    assert f"wp-state--{tone}" in page
    assert all(word in text_of(page) for word in words)


def test_what_is_late_says_since_when(browser: Client, issued: Callable[..., Invoice], clock: Any) -> None:
    invoice = issued(due_on=date(2026, 3, 20), language="en")
    clock.advance(days=6)
    page = page_of(browser, invoice)
    assert "wp-state--late" in page
    assert "Overdue since" in page
    assert "2 days late." in text_of(page)
    assert "Pay €1" in page


def test_what_the_bank_confirms_needs_nothing_more(browser: Client, issued: Callable[..., Invoice], clock: Any) -> None:
    invoice = issued(language="en")
    under_way(invoice, invoice.gross, clock)
    page = text_of(page_of(browser, invoice))
    assert "Your payment is being confirmed" in page
    assert "Your bank may take up to 14 days; you need do nothing." in page
    assert "wp-button--main" not in page
    assert "IBAN" not in page


def test_what_is_paid_says_when_and_gives_the_receipt(
    browser: Client, issued: Callable[..., Invoice], clock: Any
) -> None:
    invoice = issued(language="en")
    pay_by_transfer(invoice, invoice.gross, clock)
    page = text_of(page_of(browser, invoice))
    assert "Paid on March 16, 2026. Thank you!" in page
    assert "Receipt TEST-R2026-0001" in page
    assert "wp-button--main" not in page
    assert "IBAN" not in page


def test_what_is_partly_paid_asks_for_the_rest(browser: Client, issued: Callable[..., Invoice], clock: Any) -> None:
    invoice = issued(language="en")
    pay_by_transfer(invoice, 44_000, clock)
    page = text_of(page_of(browser, invoice))
    assert 'Still to pay</span> <strong class="wp-due__amount">€1,000.00' in page
    assert "€440.00 already paid." in page
    assert "Pay €1,000.00" in page


def test_an_uncollectible_invoice_can_still_be_paid(
    browser: Client, issued: Callable[..., Invoice], clock: Any
) -> None:
    invoice = issued(due_on=date(2026, 3, 20), language="en")
    clock.advance(days=400)
    invoice.state = Stored.UNCOLLECTIBLE
    invoice.save(update_fields=["state"])
    page = text_of(page_of(browser, invoice))
    assert "You can still pay it." in page
    assert "Pay €1,440.00" in page


def test_an_invoice_of_nothing_asks_for_nothing(browser: Client, issued: Callable[..., Invoice]) -> None:
    page = page_of(browser, issued(lines=[("Gift", "1", "0", "20")], language="en"))
    assert "Nothing to pay" in page
    assert "wp-button--main" not in page


def test_test_money_is_said_to_be_test_money(browser: Client, issued: Callable[..., Invoice]) -> None:
    assert "This is a test: no real money moves" in page_of(browser, issued(language="en"))


def test_live_money_is_not(browser: Client, issued: Callable[..., Invoice], settings: Any) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
    assert "This is a test" not in page_of(browser, issued(language="en"))


def test_without_a_gateway_the_transfer_stands_open(
    browser: Client, issued: Callable[..., Invoice], settings: Any
) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
    page = page_of(browser, issued())
    assert "wp-button--main" not in page
    assert '<details class="wp-fold" open>' in page


def test_an_invoice_not_for_paying_online_has_no_button(browser: Client, issued: Callable[..., Invoice]) -> None:
    page = page_of(browser, issued(online_payment=False))
    assert "wp-button--main" not in page
    assert "IBAN" in page


def test_the_code_for_banking_apps_is_for_what_is_due_now(
    browser: Client, issued: Callable[..., Invoice], clock: Any
) -> None:
    invoice = issued()
    whole = page_of(browser, invoice)
    pay_by_transfer(invoice, 44_000, clock)
    rest = page_of(browser, invoice)
    codes = [page[page.index("<svg", page.index('class="wp-qr"')) :].split("</svg>")[0] for page in (whole, rest)]
    assert codes[0] != codes[1]
    assert formatted(100_000, "EUR", "fr") in rest


def test_there_is_no_code_for_other_currencies(browser: Client, issued: Callable[..., Invoice]) -> None:
    page = page_of(browser, issued(currency="CHF", seller=factories.make_seller(currency="CHF")))
    assert "wp-qr" not in page
    assert "IBAN" in page


def test_sepa_debits_delay_is_explained_where_it_is_offered(browser: Client, issued: Callable[..., Invoice]) -> None:
    assert "up to 14" in page_of(browser, issued(language="en"))
    assert "up to 14" not in page_of(browser, issued(methods=["card"], language="en"))


def test_receipts_have_a_page_without_anything_to_pay(
    browser: Client, issued: Callable[..., Invoice], clock: Any
) -> None:
    invoice = issued(language="en")
    pay_by_transfer(invoice, invoice.gross, clock)
    page = text_of(page_of(browser, invoice.allocations.get().payment.receipt.document))
    assert "Your payment has arrived. Thank you!" in page
    assert invoice.number in page
    assert "wp-button--main" not in page


def test_the_page_speaks_the_documents_language_whatever_the_browser_asks(
    browser: Client, issued: Callable[..., Invoice]
) -> None:
    invoice = issued(language="en", customer=factories.make_customer(language="fr"))
    answer = open_link(browser, invoice, follow=True, headers={"accept-language": "fr"})
    assert answer.headers["Content-Language"] == "en"
    assert 'lang="en"' in answer.content.decode()
    answer = open_link(browser, issued(language="fr"), follow=True, headers={"accept-language": "en"})
    assert answer.headers["Content-Language"] == "fr"
    assert '<html lang="fr"' in answer.content.decode()


def test_a_hosts_own_template_is_extended(browser: Client, issued: Callable[..., Invoice], settings: Any) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"BASE_TEMPLATE": "host_base.html"}
    own = "<html><body><nav>Our site</nav>{% block content %}{% endblock %}</body></html>"
    settings.TEMPLATES = [
        settings.TEMPLATES[0]
        | {
            "APP_DIRS": False,
            "OPTIONS": settings.TEMPLATES[0]["OPTIONS"]
            | {
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"host_base.html": own}),
                    "django.template.loaders.app_directories.Loader",
                ]
            },
        }
    ]
    page = page_of(browser, issued())
    assert "<nav>Our site</nav>" in page
    assert "public.css" in page
    assert "wp-bare" not in page
    missing = browser.get("/payments/l/nothing/").content.decode()
    assert "<nav>Our site</nav>" in missing


def count_queries(browser: Client, invoice: Invoice) -> int:
    open_link(browser, invoice)
    address = url("document", invoice)
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


def test_the_number_of_queries_does_not_grow(browser: Client, issued: Callable[..., Invoice], clock: Any) -> None:
    small, large = issued(), issued(lines=[(f"Day {number}", "1", "100", "20") for number in range(60)])
    pay_by_transfer(small, 100, clock, "first")
    for number in range(6):
        pay_by_transfer(large, 100, clock, f"part {number}")
    few, many = count_queries(browser, small), count_queries(browser, large)
    assert few == many <= 12


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ settings.SECRET_KEY }}{% load x %}",
    "\u202e\u2066evil\u2069",
    "🎉👩‍👩‍👧‍👦 שלום مرحبا 你好",
    "%(amount)s {0} %s",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_person_typed_is_shown_as_text(browser: Client, issued: Callable[..., Invoice], text: str) -> None:
    customer = factories.make_customer(name=text, contact_name=text, street=text, city=text)
    invoice = issued(
        customer=customer,
        title=text,
        memo=text,
        terms=text,
        other_mentions=text,
        order_reference=text,
        custom_fields=[{"name": text, "value": text}],
        lines=[factories.make_line(f"{text}\n{text}", "1", "10", "20", unit=text[:30])],
    )
    page = page_of(browser, invoice)
    assert unescape(page).count(text) >= 9
    for tag in ("<script>alert", "<img src=x"):
        assert tag not in page


def test_a_name_of_ten_thousand_characters_still_has_a_page(browser: Client, issued: Callable[..., Invoice]) -> None:
    page = page_of(browser, issued(lines=[("W" * 10_000, "1", "10", "20")], memo="M" * 10_000))
    assert "W" * 10_000 in page
