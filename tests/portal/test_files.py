"""PDFs and attachments."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from tests import factories
from tests.portal.conftest import link_of, open_link, url
from wagtail_payments.actions import credits, invoices, payments, renditions
from wagtail_payments.printing.pdf import PdfFailed
from wagtail_payments.records.documents import Rendition
from wagtail_payments.records.invoices import Invoice, InvoiceAttachment


def test_the_pdf_is_the_one_that_was_drawn_for_ever(browser: Client, issued: Callable[..., Invoice]) -> None:
    invoice = issued()
    open_link(browser, invoice)
    first, second = browser.get(url("pdf", invoice)), browser.get(url("pdf", invoice) + "?download")
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.content.startswith(b"%PDF-")
    assert first.content == second.content
    assert hashlib.sha256(first.content).hexdigest() == Rendition.objects.get().sha256
    assert first.headers["Content-Disposition"] == f'inline; filename="{invoice.number}.pdf"'
    assert second.headers["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'


def test_a_pdf_that_can_not_be_drawn_yet_is_said_in_words(
    browser: Client, issued: Callable[..., Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = issued(language="en")
    open_link(browser, invoice)

    def failing(**_options: Any) -> bytes:
        raise PdfFailed("timeout", "The renderer did not end.")

    monkeypatch.setattr(renditions, "pdf_of", failing)
    answer = browser.get(url("pdf", invoice))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "Please try again in a minute" in answer.content.decode()
    assert "renderer" not in answer.content.decode()


@pytest.fixture
def paid(issued: Callable[..., Invoice], clock: Any) -> Invoice:
    """An invoice with a receipt and a credit note."""
    invoice = issued(language="en")
    payments.record(
        invoice=invoice,
        amount=44_000,
        method="cheque",
        received_on=invoice.seller.today(clock()),
        reference="",
        by=None,
        now=clock(),
        form_key="k",
    )
    amounts = {credits.creditable(invoice)[0].key: 12_000}
    credits.credit(invoice_id=invoice.pk, amounts=amounts, reason="One hour less", by=None, now=clock(), form_key="c")
    return invoice


def papers_of(invoice: Invoice) -> list[int]:
    return [invoice.allocations.get().payment.receipt.document_id, invoice.credit_notes.get().document_id]


def test_receipts_and_credit_notes_come_with_their_invoice(browser: Client, paid: Invoice) -> None:
    open_link(browser, paid)
    page = browser.get(url("document", paid)).content.decode()
    for pk in papers_of(paid):
        address = url("paper", paid, pk)
        assert address in page
        assert browser.get(address).content.startswith(b"%PDF-")


def test_receipts_and_credit_notes_of_others_do_not(
    browser: Client, paid: Invoice, issued: Callable[..., Invoice]
) -> None:
    mine = issued()
    open_link(browser, mine)
    for pk in (*papers_of(paid), paid.document_id, mine.document_id, 999_999):
        assert browser.get(url("paper", mine, pk)).status_code == 404
        assert browser.get(url("paper", paid, pk)).status_code == 404


def test_a_receipts_own_link_opens_nothing_but_the_receipt(browser: Client, paid: Invoice) -> None:
    receipt, note = papers_of(paid)
    own = link_of(paid.allocations.get().payment.receipt.document)
    open_link(browser, own.document)
    assert browser.get(url("pdf", own)).status_code == 200
    assert browser.get(url("paper", own, note)).status_code == 404
    assert browser.get(url("document", paid)).status_code == 404
    assert receipt == own.document_id


def with_attachment(name: str, content: bytes, shown_as: str, clock: Any) -> Invoice:
    draft = factories.make_invoice()
    draft.attachments.set([InvoiceAttachment(file=ContentFile(content, name=name), name=shown_as)])
    draft.save()
    return invoices.issue(invoice_id=draft.pk, by=None, now=clock())


def test_an_attachment_is_kept_and_never_opened(browser: Client, clock: Any) -> None:
    invoice = with_attachment("page.html", b"<script>alert(1)</script>", "Programme", clock)
    open_link(browser, invoice)
    kept = invoice.attachments.get()
    assert url("attachment", invoice, kept.pk) in browser.get(url("document", invoice)).content.decode()
    answer = browser.get(url("attachment", invoice, kept.pk))
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Programme.html"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("shown_as", ['"; filename="evil.exe', "été\r\nX-Evil: 1", "../../etc/passwd"])
def test_the_name_of_an_attachment_breaks_out_of_nothing(browser: Client, clock: Any, shown_as: str) -> None:
    invoice = with_attachment("plan.pdf", b"%PDF-", shown_as, clock)
    open_link(browser, invoice)
    answer = browser.get(url("attachment", invoice, invoice.attachments.get().pk))
    assert answer.status_code == 200
    assert "X-Evil" not in answer.headers
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")


def test_another_invoices_attachment_is_not_there(browser: Client, issued: Callable[..., Invoice], clock: Any) -> None:
    other, mine = with_attachment("plan.pdf", b"%PDF-", "Plan", clock), issued()
    open_link(browser, mine)
    assert browser.get(url("attachment", mine, other.attachments.get().pk)).status_code == 404
    assert browser.get(url("attachment", other, other.attachments.get().pk)).status_code == 404


def test_an_attachment_whose_file_is_gone_is_not_there(browser: Client, clock: Any) -> None:
    invoice = with_attachment("plan.pdf", b"%PDF-", "Plan", clock)
    open_link(browser, invoice)
    kept = invoice.attachments.get()
    kept.file.storage.delete(kept.file.name)
    assert browser.get(url("attachment", invoice, kept.pk)).status_code == 404
