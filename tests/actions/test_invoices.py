"""Issuing: once, in order, complete or not at all; sending; duplicating."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from tests import factories
from wagtail_payments.actions import invoices, links, numbers, renditions
from wagtail_payments.core import snapshot
from wagtail_payments.mail import letters
from wagtail_payments.models import Entry, Invoice, InvoiceLine, IssuedDocument, Letter, Rendition
from wagtail_payments.testing import SimulatedCrash, crash_at

pytestmark = pytest.mark.django_db
Issued = Callable[..., Invoice]


def test_an_issued_invoice_has_a_number_a_date_and_a_frozen_text(issued: Issued, now: datetime) -> None:
    invoice = issued(lines=[("Training", "2", "450.00", "20")])
    assert invoice.document is not None
    document = invoice.document
    assert document.number == "TEST-F2026-0001"
    assert (document.net, document.tax, document.gross) == (90000, 18000, 108000)
    assert invoice.due_on == invoice.seller.today(now) + timedelta(days=30)
    assert snapshot.digest(document.text) == document.sha256
    assert document.frozen.seller.name == "Atelier Garonne"
    assert document.frozen.due == 108000


def test_numbers_follow_each_other(issued: Issued) -> None:
    numbers_taken = [issued().number for _ in range(3)]
    assert numbers_taken == ["TEST-F2026-0001", "TEST-F2026-0002", "TEST-F2026-0003"]


def test_without_a_gateway_invoices_are_live_and_begin_at_the_sellers_first_number(
    now: datetime, settings: Any
) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
    seller = factories.make_seller(first_invoice_number=118)
    factories.settle_site(seller)
    taken = [
        invoices.issue(invoice_id=factories.make_invoice(seller=seller).pk, by=None, now=moment).number
        for moment in (now, now, now.replace(year=2027))
    ]
    assert taken == ["F2026-0118", "F2026-0119", "F2027-0001"]


def test_issuing_twice_is_refused_and_takes_no_second_number(issued: Issued, now: datetime) -> None:
    invoice = issued()
    with pytest.raises(invoices.InvoiceAlreadyIssued):
        invoices.issue(invoice_id=invoice.pk, by=None, now=now)
    assert IssuedDocument.objects.count() == 1


def test_an_invoice_that_is_not_ready_is_refused_with_reasons_and_takes_no_number(now: datetime) -> None:
    draft = factories.make_invoice(lines=[])
    with pytest.raises(invoices.InvoiceNotReady) as refused:
        invoices.issue(invoice_id=draft.pk, by=None, now=now)
    assert "no_lines" in {finding.code for finding in refused.value.findings}
    assert not IssuedDocument.objects.exists()
    draft.refresh_from_db()
    assert draft.is_draft


def test_a_crash_while_issuing_leaves_a_draft_and_no_gap(issued: Issued, now: datetime) -> None:
    draft = factories.make_invoice()
    with crash_at("issue.frozen"), pytest.raises(SimulatedCrash):
        invoices.issue(invoice_id=draft.pk, by=None, now=now)
    assert not Entry.objects.exists()
    assert invoices.issue(invoice_id=draft.pk, by=None, now=now).number == "TEST-F2026-0001"


def test_dates_never_run_backwards_inside_a_series(issued: Issued, now: datetime) -> None:
    issued()
    with pytest.raises(numbers.ClockWentBack):
        invoices.issue(invoice_id=factories.make_invoice().pk, by=None, now=now - timedelta(days=2))
    assert issued().number == "TEST-F2026-0002"


def test_the_date_is_the_sellers_own(now: datetime) -> None:
    seller = factories.make_seller(time_zone="Pacific/Noumea")
    late = now.replace(hour=20)
    invoice = invoices.issue(invoice_id=factories.make_invoice(seller=seller).pk, by=None, now=late)
    assert invoice.document is not None
    assert invoice.document.issued_on == late.date() + timedelta(days=1)


def test_what_is_issued_never_changes_whatever_becomes_of_seller_and_customer(issued: Issued) -> None:
    invoice = issued()
    before = IssuedDocument.objects.get().text
    invoice.seller.name = "Another name"
    invoice.seller.save()
    invoice.customer.name = "Another customer"
    invoice.customer.save()
    document = IssuedDocument.objects.get()
    assert document.text == before
    assert document.frozen.customer.name == "Librairie du Canal"


def test_the_books_balance_on_issue(issued: Issued) -> None:
    invoice = issued(lines=[("Training", "1", "100.00", "20"), ("Book", "1", "30.00", "5.5")])
    entry = Entry.objects.get()
    sides = {line.account: line.debit - line.credit for line in entry.lines.all()}
    assert sides == {"411000": invoice.gross, "706000": -13000, "445710": -2165}


def test_the_pdf_is_drawn_once_and_its_bytes_never_change(
    issued: Issued, now: datetime, committing: Callable[[], Any]
) -> None:
    with committing():
        invoice = issued()
    assert invoice.document is not None
    rendition = Rendition.objects.get()
    first = renditions.pdf_of(document=invoice.document, now=now)
    assert first.startswith(b"%PDF")
    assert renditions.pdf_of(document=invoice.document, now=now) == first
    assert Rendition.objects.get() == rendition


def test_the_sweep_draws_what_a_crash_left_out(issued: Issued, now: datetime) -> None:
    issued()
    assert not Rendition.objects.exists()
    assert renditions.draw_missing(now=now) == 0, "its issuer may still be drawing it"
    assert renditions.draw_missing(now=now + timedelta(minutes=1)) == 1
    assert renditions.draw_missing(now=now + timedelta(minutes=2)) == 0


def test_issue_and_send_writes_one_letter_that_holds_no_token(now: datetime) -> None:
    draft = factories.make_invoice()
    subject, text = letters.default_invoice_text(invoice=draft, language="fr")
    invoice = invoices.issue_and_send(
        invoice_id=draft.pk, by=None, now=now, to=["nadia@librairie.example"], cc=[], subject=subject, text=text
    )
    letter = Letter.objects.get()
    assert letter.to == ["nadia@librairie.example"]
    assert invoice.number in letter.subject
    assert letter.link is not None
    assert letter.link.public_id not in letter.text + letter.html


def test_a_draft_cannot_be_sent(now: datetime) -> None:
    with pytest.raises(invoices.InvoiceNotIssued):
        invoices.send(
            invoice=factories.make_invoice(), by=None, now=now, to=["a@b.example"], cc=[], subject="s", text="t"
        )


def test_a_duplicate_is_a_fresh_draft(issued: Issued, now: datetime) -> None:
    invoice = issued(order_reference="PO-7", lines=[("Training", "2", "450.00", "20")])
    draft = invoices.duplicate(invoice=invoice, by=None, now=now)
    assert draft.is_draft
    assert draft.number == ""
    assert draft.order_reference == "PO-7"
    assert draft.gross == invoice.gross
    assert [line.quantity for line in draft.lines.all()] == [Decimal(2)]
    assert invoices.issue(invoice_id=draft.pk, by=None, now=now).number == "TEST-F2026-0002"


def test_what_was_done_stands_in_the_history(issued: Issued) -> None:
    invoice = issued()
    entry = ModelLogEntry.objects.for_instance(invoice).get(action="wagtail_payments.issue")
    assert entry.data["number"] == invoice.number


def test_there_is_one_link_however_often_it_is_asked_for(issued: Issued, now: datetime) -> None:
    invoice = issued()
    assert invoice.document is not None
    first = links.link_for(document=invoice.document, site=invoice.site, now=now)
    assert links.link_for(document=invoice.document, site=invoice.site, now=now) == first


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"siren": "", "siret": ""}, "seller_siren"),
        ({"street": ""}, "seller_address"),
        ({"vat_number": ""}, "seller_vat"),
    ],
)
def test_the_review_says_what_is_missing_of_the_seller(now: datetime, change: dict[str, str], code: str) -> None:
    draft = factories.make_invoice(seller=factories.make_seller(**change))
    assert code in {finding.code for finding in invoices.review(invoice=draft, now=now) if finding.level == "error"}


def test_a_seller_without_vat_may_show_none(now: datetime) -> None:
    draft = factories.make_invoice(seller=factories.make_small_seller())
    codes = {finding.code for finding in invoices.review(invoice=draft, now=now)}
    assert "franchise_charges_no_vat" in codes


def test_reverse_charge_needs_the_customers_vat_number(now: datetime) -> None:
    line = factories.make_reverse_charge_line("Consulting", "1", "900")
    with_number = factories.make_invoice(customer=factories.make_belgian(), lines=[line])
    assert not [finding for finding in invoices.review(invoice=with_number, now=now) if finding.level == "error"]
    line = factories.make_reverse_charge_line("Consulting", "1", "900")
    without = factories.make_invoice(customer=factories.make_belgian(vat_number=""), lines=[line])
    assert "customer_vat" in {finding.code for finding in invoices.review(invoice=without, now=now)}


def test_an_invoice_too_long_to_print_is_refused_before_it_takes_a_number(now: datetime) -> None:
    draft = factories.make_invoice(memo="A long story. " * 100_000)
    with pytest.raises(invoices.InvoiceNotReady) as refused:
        invoices.issue(invoice_id=draft.pk, by=None, now=now)
    assert {finding.code for finding in refused.value.findings} == {"too_long"}


def test_an_invoice_of_an_endless_amount_is_refused_in_words(now: datetime) -> None:
    draft = factories.make_invoice()
    InvoiceLine.objects.filter(invoice=draft).update(quantity=9_999_999_999, unit_price=999_999_999_999)
    draft = Invoice.objects.get(pk=draft.pk)
    assert "too_large" in {finding.code for finding in invoices.review(invoice=draft, now=now)}


def test_characters_that_no_font_has_are_a_warning_not_an_obstacle(now: datetime) -> None:
    draft = factories.make_invoice(title="Workshop 工房")
    findings = {finding.code: finding.level for finding in invoices.review(invoice=draft, now=now)}
    assert findings["fonts"] == "warning"
    assert invoices.issue(invoice_id=draft.pk, by=None, now=now).number
