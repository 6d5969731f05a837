"""An agreed quote is invoiced from its desk, part by part, in a real browser: the first, the next, the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import factories
from tests.admin.business import record_payment, sent_quote
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_editor import editor as editor
from tests.browser.test_editor import visit as visit
from wagtail_payments import ports
from wagtail_payments.actions import agreements, renditions
from wagtail_payments.actions.agreements import Word
from wagtail_payments.models import Invoice, Quote

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLAN = [
    ("Deposit", "30", None, "at_signature"),
    ("First delivery", "30", None, "on_milestone"),
    ("Balance", None, None, "on_milestone"),
]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def quote(editor: Any, monkeypatch: pytest.MonkeyPatch) -> Quote:
    """1,440.00, agreed by phone; PDFs are another test's matter."""
    monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)
    now = ports.now()
    sent = sent_quote(factories.make_quote(plan=PLAN), now)
    word = Word("phone", sent.seller.today(now), "Nadia", note="By phone")
    agreements.accept_by_word(quote_id=sent.pk, word=word, chosen={}, by=None, now=now)
    return Quote.objects.get(pk=sent.pk)


def desk(page: Page, quote: Quote) -> Any:
    """Open the desk, which nothing may be wrong with, and return the panel with the parts."""
    page.goto(reverse("wagtail_payments_quote:desk", args=[quote.pk]))
    is_clean(page)
    return page.locator("section").filter(has=page.get_by_role("heading", name="Invoices"))


def is_clean(page: Page) -> None:
    found = Axe().run(page, context=".wp-page", options=AXE)  # Wagtail fades its own messages in
    assert found.violations_count == 0, found.generate_report()


def invoice_part(page: Page, quote: Quote, label: str) -> Invoice:
    """From the panel to an issued invoice, with nothing but what stands on the pages; then it is paid."""
    desk(page, quote).get_by_role("link", name=f"Invoice this part {label}").click()
    expect(page.get_by_role("button", name="Make the draft")).to_be_visible()
    is_clean(page)
    page.get_by_role("button", name="Make the draft").click()
    expect(page.get_by_text("Ready to be issued")).to_be_visible()
    is_clean(page)
    page.get_by_role("button", name="Issue", exact=True).click()
    expect(page.get_by_text("Issued as").first).to_be_visible()
    invoice = Invoice.objects.exclude(document=None).latest("document_id")
    record_payment(invoice, invoice.balance().due, ports.now())
    return invoice


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_part_by_part_until_nothing_is_left(size: Any, visit: Callable[..., Page], quote: Quote) -> None:
    page = visit(size)
    panel = desk(page, quote)
    expect(panel).to_contain_text("Still to invoice: €1,440.00")
    expect(panel.get_by_role("link", name="Invoice this part Balance")).to_have_count(0)

    deposit = invoice_part(page, quote, "Deposit")
    assert (deposit.kind, deposit.gross) == ("deposit", 432_00)
    panel = desk(page, quote)
    expect(panel.get_by_role("link", name=deposit.number)).to_be_visible()
    expect(panel).to_contain_text("Invoiced: €432.00 of €1,440.00. Still to invoice: €1,008.00.")
    expect(panel.get_by_role("link", name="Invoice this part Deposit")).to_have_count(0)

    interim = invoice_part(page, quote, "First delivery")
    assert (interim.kind, interim.gross) == ("interim", 432_00)
    final = invoice_part(page, quote, "Balance")
    assert (final.kind, final.gross) == ("final", 576_00)
    panel = desk(page, quote)
    for invoice in (deposit, interim, final):
        expect(panel.get_by_role("link", name=invoice.number)).to_be_visible()
    expect(panel).to_contain_text("Still to invoice: €0.00")
    expect(panel.get_by_role("link", name="Invoice this part")).to_have_count(0)
