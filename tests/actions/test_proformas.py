"""Pro formas: numbers of their own, a letter and a PDF; never payable, and no book knows of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests import factories
from tests.printing.readers import text_of
from wagtail_payments.actions import deposits, invoices, proformas, renditions
from wagtail_payments.actions.proformas import ProformaRefused
from wagtail_payments.core.numbering import Series
from wagtail_payments.mail import links, outbox
from wagtail_payments.models import Entry, Invoice, IssuedDocument, Letter, Link, NumberSeries, Proforma
from wagtail_payments.reports import journal, summary, verification

pytestmark = pytest.mark.django_db
TO = ["nadia@librairie.example"]


@pytest.fixture
def draft() -> Invoice:
    return factories.make_invoice()


def sent(draft: Invoice, now: datetime, **options: Any) -> Proforma:
    return proformas.send(invoice_id=draft.pk, **{"to": TO, "by": None, "now": now} | options)


def test_a_pro_forma_has_a_series_of_its_own(draft: Invoice, now: datetime) -> None:
    first, second = sent(draft, now), sent(draft, now + timedelta(minutes=1))
    assert [str(first), str(second)] == ["TEST-P2026-0001", "TEST-P2026-0002"]
    issued = invoices.issue(invoice_id=draft.pk, by=None, now=now + timedelta(minutes=2))
    assert issued.number == "TEST-F2026-0001"
    assert list(draft.proformas.all()) == [second, first]


def test_a_double_click_makes_one(draft: Invoice, now: datetime) -> None:
    assert sent(draft, now) == sent(draft, now + timedelta(seconds=2))
    assert Letter.objects.count() == 1


def test_no_book_changes_by_it(draft: Invoice, now: datetime) -> None:
    before = summary.figures(seller=draft.seller, today=now.date(), mode="test")
    sent(draft, now)
    kept = Invoice.objects.get()
    assert kept.is_draft
    assert (kept.mode, kept.kind) == (draft.mode, "standard")
    assert not Entry.objects.exists()
    assert not NumberSeries.objects.exclude(series=Series.PROFORMA).exists()
    assert list(journal.rows(seller=draft.seller, first=now.date(), last=now.date(), mode="test")) == []
    assert summary.figures(seller=draft.seller, today=now.date(), mode="test") == before
    assert list(verification.verify(seller=draft.seller, mode="test")) == []


def test_its_paper_says_what_it_is_and_asks_for_nothing(draft: Invoice, now: datetime) -> None:
    document = sent(draft, now).document
    assert (document.frozen.due, document.frozen.payment.iban, document.frozen.due_on) == (0, "", "")
    text = text_of(renditions.pdf_of(document=document, now=now))
    assert "Facture pro forma" in text
    assert "n’est pas une facture" in text
    assert "/l/" not in text
    assert "FR76" not in text


def test_the_letter_brings_the_pdf_and_a_link_on_which_nothing_is_paid(
    draft: Invoice, now: datetime, client: Client
) -> None:
    document = sent(draft, now).document
    renditions.draw(document=document, now=now)
    outbox.deliver_due(now=now)
    (letter,) = mail.outbox
    assert document.number in letter.subject
    assert letter.attachments[0][0].endswith(".pdf")
    url = links.url_of(Link.objects.get(document=document)).split("localhost")[-1]
    page = client.get(url, follow=True).content.decode()
    assert "pro forma" in page
    assert "/pay/" not in page


def test_without_an_address_it_is_made_all_the_same(draft: Invoice, now: datetime) -> None:
    assert str(sent(draft, now, to=[]))
    assert not Letter.objects.exists()


def test_it_is_made_of_drafts_that_could_be_issued(draft: Invoice, now: datetime) -> None:
    draft.customer.street = ""
    draft.customer.save()
    with pytest.raises(ProformaRefused):
        sent(draft, now)
    issued = invoices.issue(invoice_id=factories.make_invoice().pk, by=None, now=now)
    with pytest.raises(ProformaRefused):
        sent(issued, now)
    assert not IssuedDocument.objects.filter(kind="proforma").exists()


def test_a_draft_with_deposits_may_have_one_before_it_is_decided_about_them(draft: Invoice, now: datetime) -> None:
    wish = deposits.Wish(amount=100_00)
    deposit = deposits.ask(contract_id=draft.pk, wish=wish, by=None, now=now)
    invoices.issue(invoice_id=deposit.pk, by=None, now=now)
    assert sent(draft, now).document.gross == draft.gross - 100_00


def test_its_paper_outlives_the_draft(draft: Invoice, now: datetime) -> None:
    proforma = sent(draft, now)
    draft.delete()
    proforma.refresh_from_db()
    assert proforma.invoice is None
    assert proforma.document.frozen.gross == 1440_00
