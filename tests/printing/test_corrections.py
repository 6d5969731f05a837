"""What corrects an invoice, on paper: a corrective invoice, a credit note by line, a revision."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.printing import samples
from tests.printing.readers import text_of
from wagtail_payments.core.snapshot import Document, Reference
from wagtail_payments.printing import pdf
from wagtail_payments.printing.paper import Paper
from wagtail_payments.printing.sheet import sheet

FIRST = (Reference("F2026-0007", "2026-03-02"),)


def printed(document: Document) -> str:
    return " ".join(text_of(pdf.render_pdf(Paper(document))).split())


@pytest.mark.parametrize(
    ("language", "title", "reference"),
    [
        ("fr", "Facture rectificative", "Rectifie la facture F2026-0007 du 2 mars 2026"),
        ("en", "Corrective invoice", "Corrects invoice F2026-0007 of March 2, 2026"),
    ],
)
def test_a_corrective_invoice_says_what_it_corrects(language: str, title: str, reference: str) -> None:
    document = replace(samples.document(), language=language, variant="corrective", preceding=FIRST)
    assert sheet(document).title == title
    assert sheet(document).references == (reference,)
    assert reference in printed(document)


def test_an_invoice_written_anew_refers_to_the_first_one() -> None:
    document = replace(samples.document(), language="en", preceding=FIRST)
    assert sheet(document).title == "Invoice"
    assert sheet(document).references == ("Refers to invoice F2026-0007 of March 2, 2026",)


def test_a_credit_note_names_the_line_of_the_invoice() -> None:
    document = replace(samples.credit_note(), language="en")
    (line, *others) = document.lines
    by_line = replace(document, lines=(replace(line, of_line=3, description="Handbook"), *others))
    assert sheet(by_line).lines[0].description == "Line 3: Handbook"
    assert sheet(document).lines[0].description == line.description


def test_a_revision_says_which_and_of_which_day() -> None:
    document = replace(samples.document(), language="en", revision=2, revised_on="2026-04-01")
    band = {fact.label: fact.value for fact in sheet(document).band}
    assert band["Revision 2"] == "April 1, 2026"
    assert "Revision 2" in printed(document)
    assert not any("Revision" in fact.label for fact in sheet(samples.document()).band)
