"""What a customer sees of credit, of an invoice that was replaced, and of words that were revised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.actions.conftest import paid_by_transfer as paid_by_transfer
from tests.portal.conftest import link_of, new_browser, open_link, page_of, url
from tests.printing.readers import text_of
from tests.records import rows
from wagtail_payments.actions import applying, corrections, credits, invoices, revisions
from wagtail_payments.models import CreditNote, Customer, Invoice, Payment, Seller

Issued = Callable[..., Invoice]
CREDIT = "You have €50.00 of credit with us"


@pytest.fixture
def customer(db: None) -> Customer:
    return factories.make_customer(language="en")


@pytest.fixture
def overpaid(issued: Issued, paid_by_transfer: Callable[..., Payment], customer: Customer) -> Payment:
    """A payment of which 50.00 are left over."""
    first = issued(customer=customer)
    return paid_by_transfer(first, first.gross + 5000)


class TestCredit:
    def test_it_is_shown_and_used_by_one_click(
        self, browser: Client, issued: Issued, customer: Customer, overpaid: Payment
    ) -> None:
        invoice = issued(customer=customer)
        page = page_of(browser, invoice)
        assert CREDIT in page
        assert "Use €50.00 for this invoice" in page
        answer = browser.post(url("credit", invoice), follow=True)
        told = answer.content.decode()
        assert "Your credit was used for this invoice. No money was moved." in told
        assert CREDIT not in told
        assert "€1,390.00" in told
        assert overpaid.unallocated() == 0
        again = browser.post(url("credit", invoice), follow=True).content.decode()
        assert "used already" in again
        assert invoice.balance().due == invoice.gross - 5000

    def test_only_on_a_document_of_the_same_customer(self, browser: Client, issued: Issued, overpaid: Payment) -> None:
        other = issued(customer=factories.make_customer(name="Somebody else", language="en"))
        assert "of credit with us" not in page_of(browser, other)
        browser.post(url("credit", other))
        assert other.balance().due == other.gross

    def test_only_for_whom_the_link_was_opened(self, issued: Issued, customer: Customer, overpaid: Payment) -> None:
        invoice = issued(customer=customer)
        assert new_browser().post(url("credit", invoice)).status_code == 404
        assert overpaid.unallocated() == 5000

    def test_staff_need_the_permission_that_it_takes_in_the_admin(
        self, client: Client, issued: Issued, customer: Customer, overpaid: Payment
    ) -> None:
        invoice = issued(customer=customer)
        client.force_login(factories.make_user("view_invoice"))
        told = client.post(url("credit", invoice), follow=True).content.decode()
        assert "Your account may look at this" in told
        assert overpaid.unallocated() == 5000
        client.force_login(factories.make_user("view_invoice", "record_payment"))
        client.post(url("credit", invoice))
        assert overpaid.unallocated() == 0

    def test_a_seller_may_keep_it_to_himself(
        self, browser: Client, issued: Issued, customer: Customer, overpaid: Payment
    ) -> None:
        invoice = issued(customer=customer)
        Seller.objects.update(shows_credit=False)
        assert CREDIT not in page_of(browser, invoice)
        assert browser.post(url("credit", invoice)).status_code == 404
        assert overpaid.unallocated() == 5000

    def test_not_while_a_payment_is_under_way_nor_when_nothing_is_due(
        self, browser: Client, issued: Issued, customer: Customer, overpaid: Payment, paid_by_transfer: Any
    ) -> None:
        moving, settled = issued(customer=customer), issued(customer=customer)
        paid_by_transfer(settled)
        rows.make_attempt(moving, moving.gross, state="processing")
        for invoice in (moving, settled):
            assert CREDIT not in page_of(browser, invoice)
            browser.post(url("credit", invoice))
        assert overpaid.unallocated() == 5000

    def test_credit_that_was_used_stands_in_the_history_with_its_paper(
        self, browser: Client, issued: Issued, customer: Customer, paid_by_transfer: Any, clock: Any
    ) -> None:
        first, second = issued(customer=customer), issued(customer=customer)
        paid_by_transfer(first)
        (group,) = credits.creditable(first)
        note = credits.credit(
            invoice_id=first.pk, amounts={group.key: 100}, reason="Less", by=None, now=clock(), form_key="a"
        )
        applying.use_credit_note(credit_note=note, invoice_id=second.pk, by=None, now=clock())
        page = page_of(browser, second)
        assert "Credit used on" in page
        paper = url("paper", second, note.document_id)
        assert paper in page
        assert browser.get(paper).status_code == 200

    def test_showing_it_asks_no_more_questions(
        self, browser: Client, issued: Issued, customer: Customer, overpaid: Payment
    ) -> None:
        with_credit = issued(customer=customer)
        without = issued(customer=factories.make_customer(language="en"))
        counts = []
        for invoice in (with_credit, without):
            open_link(browser, invoice)
            browser.get(url("document", invoice))
            with CaptureQueriesContext(connection) as asked:
                browser.get(url("document", invoice))
            counts.append(len(asked))
        assert counts[0] == counts[1]


def test_an_invoice_that_was_replaced_is_neither_paid_nor_due(
    browser: Client, issued: Issued, customer: Customer, paid_by_transfer: Any, clock: Any
) -> None:
    first = issued(customer=customer)
    paid_by_transfer(first, 10000)
    draft = corrections.draft_corrective(invoice_id=first.pk, reason="One day less", by=None, now=clock())
    new = invoices.issue(invoice_id=draft.pk, by=None, now=clock())
    old_page = page_of(browser, first)
    assert "Nothing to pay any more" in old_page
    assert str(CreditNote.objects.get()) in old_page
    page = page_of(browser, new)
    assert "Corrective invoice" in page
    assert f"Corrects invoice {first.number} of March 16, 2026" in page
    assert "€1,340.00" in page


class TestRevised:
    @pytest.fixture
    def invoice(self, issued: Issued, customer: Customer, clock: Any) -> Invoice:
        """An invoice whose purchase order number was revised, with a file that was added."""
        invoice = issued(customer=customer)
        words = revisions.Changes("PO-4711", "", (), [("Floor plan", ContentFile(b"%PDF-1.4", name="plan.pdf"))])
        revisions.revise(invoice_id=invoice.pk, changes=words, by=None, now=clock(), form_key="one")
        return Invoice.objects.get(pk=invoice.pk)

    def test_page_and_pdf_show_the_newest_words(self, browser: Client, invoice: Invoice) -> None:
        page = page_of(browser, invoice)
        assert "PO-4711" in page
        assert "Revision 2" in page
        answer = browser.get(url("pdf", invoice))
        assert "PO-4711" in text_of(answer.content)
        assert f"{invoice.number}-2.pdf" in answer["Content-Disposition"]

    def test_the_file_that_was_added_is_there(self, browser: Client, invoice: Invoice, issued: Issued) -> None:
        page = page_of(browser, invoice)
        assert "Floor plan" in page
        added = invoice.document.revisions.get().attachments.get()
        assert url("added", invoice, added.pk) in page
        answer = browser.get(url("added", invoice, added.pk))
        assert answer.content == b"%PDF-1.4"
        assert answer["Content-Disposition"].startswith("attachment")
        other = issued()
        open_link(browser, other)
        assert browser.get(url("added", other, added.pk)).status_code == 404
        assert new_browser().get(url("added", invoice, added.pk)).status_code == 404
        assert link_of(invoice)
