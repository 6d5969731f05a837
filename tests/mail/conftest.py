"""An issued invoice with its link and PDF, made of plain rows, and letters about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile

from tests import factories
from wagtail_payments.core import snapshot
from wagtail_payments.core.snapshot import Address, Document, Party
from wagtail_payments.mail import letters
from wagtail_payments.models import Invoice, IssuedDocument, Letter, Link, Rendition

NOW = datetime(2026, 11, 15, 9, 0, tzinfo=UTC)
PDF = b"%PDF-1.7 of the tests"


def issue(invoice: Invoice, number: str = "F2026-0042", *, drawn: bool = True, mode: str = "live") -> IssuedDocument:
    """Give a draft its document, link and PDF, without the verbs that are tested elsewhere."""
    document = issued_document(invoice, number, kind="invoice", gross=invoice.gross, mode=mode)
    invoice.document, invoice.state, invoice.mode = document, "issued", mode
    invoice.due_on, invoice.due_days = date(2026, 12, 15), None
    invoice.save()
    if drawn:
        draw(document)
    return document


def issued_document(invoice: Invoice, number: str, *, kind: str, gross: int, **fields: Any) -> IssuedDocument:
    """Make an issued document to the customer of an invoice, with its link."""
    mode, moved = fields.get("mode", "live"), fields.get("moved")
    customer = invoice.customer
    printed = Document(
        kind=kind,
        mode=mode,
        language=invoice.language,
        currency=invoice.currency,
        seller=Party(name=invoice.seller.name, address=Address()),
        customer=Party(name=customer.name, contact=customer.contact_name, address=Address()),
        number=number,
        issued_on="2026-11-15",
        gross=gross,
        moved=moved,
    )
    text = snapshot.to_text(printed)
    document = IssuedDocument(
        seller=invoice.seller,
        customer=customer,
        mode=mode,
        kind=kind,
        series={"invoice": "invoice", "credit_note": "credit_note"}.get(kind, "receipt"),
        year=2026,
        sequence=IssuedDocument.objects.count() + 1,
        number=number,
        issued_on=date(2026, 11, 15),
        issued_at=NOW,
        language=invoice.language,
        currency=invoice.currency,
        gross=gross,
        text=text,
        sha256=snapshot.digest(text),
    )
    document.save()
    public_id = f"{document.pk:032x}"
    Link.objects.create(document=document, site=invoice.site, public_id=public_id, created_at=NOW)
    return document


def draw(document: IssuedDocument, content: bytes = PDF) -> Rendition:
    """Keep a PDF for a document."""
    rendition = Rendition(document=document, sha256="0" * 64, size=len(content), created_at=NOW)
    rendition.file.save(f"{document.pk}.pdf", ContentFile(content), save=False)
    rendition.save()
    return rendition


def write(invoice: Invoice, **given: Any) -> Letter:
    """Write the letter of an issued invoice."""
    subject, text = letters.default_invoice_text(invoice=invoice, language=invoice.language)
    values: dict[str, Any] = {"to": ["nadia@librairie.example"], "cc": [], "subject": subject, "text": text}
    document = IssuedDocument.objects.get(pk=invoice.document_id)
    return letters.invoice(
        document=document,
        link=document.links.get(),
        customer=invoice.customer,
        by=None,
        now=NOW,
        **values | given,
    )


@pytest.fixture
def now() -> datetime:
    """A Sunday morning in November."""
    return NOW


@pytest.fixture
def later() -> datetime:
    """A day later."""
    return NOW + timedelta(days=1)


@pytest.fixture
def english(db: None) -> Invoice:
    """An issued invoice of 240 euros to an English reader."""
    customer = factories.make_customer(language="en", name="Canal Books", contact_name="Nadia Ferrand")
    invoice = factories.make_invoice(customer=customer, lines=[("Bookbinding", "1", "200", "20")], title="Bookbinding")
    issue(invoice)
    return invoice


@pytest.fixture
def french(db: None) -> Invoice:
    """An issued invoice to a French reader."""
    invoice = factories.make_invoice(lines=[("Reliure", "1", "1033.75", "20")], title="Reliure")
    issue(invoice, "F2026-0043")
    return invoice
