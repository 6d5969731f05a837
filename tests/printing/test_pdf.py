from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings
from pypdf import PdfReader

from tests.printing import samples
from tests.printing.readers import code_on, fonts_of, links_of, pages_of, picture_of, text_of
from tests.printing.test_html import hostile_paper
from wagtail_payments.core import snapshot
from wagtail_payments.core.snapshot import Document, Look
from wagtail_payments.printing import fonts, pdf
from wagtail_payments.printing.paper import Paper
from wagtail_payments.printing.press import press


def english(**changes: object) -> Document:
    return samples.document(language="en", **changes)


def test_a_document_read_back_from_its_text_is_printed_with_all_its_facts() -> None:
    document = snapshot.from_text(snapshot.to_text(english(terms="Thirty days.", memo="Thank you.")))
    text = text_of(pdf.render_pdf(Paper(document, samples.PAY_URL)))
    for fact in (
        "F2026-0042",
        "November 15, 2026",
        "December 15, 2026",
        "Librairie des Carmes SAS",
        "404 833 048",
        "BC-2026-117",
        "1,240.50",
        "2,481.00",
        "€3,403.16",
        "5.5%",
        "FR76 3000 6000 0112 3456 7890 189",
        "AGRIFRPP",
        "Fixed compensation for recovery costs: €40.",
        "SIRET 732 829 320 00074",
        "FR44732829320",
        "Thirty days.",
        "Thank you.",
        "Page 1 of 1",
    ):
        assert fact in text
    assert samples.PAY_URL in text.replace(" ", "")


@pytest.mark.parametrize(
    ("make", "facts"),
    [
        (samples.franchise, ["TVA non applicable, art. 293 B du CGI", "180,00 €"]),
        (samples.belgian, ["Autoliquidation", "BE0202239951", "FR44732829320", "Belgique"]),
        (samples.consumer, ["Médiateur de la consommation", "89,90", "189,71 €"]),
        (samples.credit_note, ["A2026-0003", "F2026-0042", "15 novembre 2026", "1 488,60 €"]),
        (samples.receipt, ["R2026-0011", "3 500,00 €", "F2026-0043", "Visa 4242", "20 novembre 2026"]),
        (samples.refund_receipt, ["R2026-0012", "1 488,60 €", "A2026-0003", "Journée annulée"]),
        (samples.paid_at_issue, ["F2026-0046", "3 403,16 €", "0,00 €"]),
    ],
)
def test_each_kind_of_document_says_what_the_law_wants(make: Callable[[], Document], facts: list[str]) -> None:
    text = text_of(pdf.render_pdf(Paper(make())))
    for fact in facts:
        assert fact in text


def test_the_same_paper_gives_the_same_bytes_in_every_process() -> None:
    paper = Paper(english(), samples.PAY_URL, "test", samples.logo_png())
    first = pdf.render_pdf(paper)
    pid = press.pid
    pdf.render_pdf(Paper(samples.long_invoice(20)))
    assert pdf.render_pdf(paper) == first
    press.close()
    assert pdf.render_pdf(paper) == first
    assert press.pid != pid


def test_the_file_names_title_author_language_and_date() -> None:
    reader = PdfReader(io.BytesIO(pdf.render_pdf(Paper(english()))))
    assert reader.metadata is not None
    assert reader.metadata.title == "Invoice F2026-0042"
    assert reader.metadata.author == "Atelier Garonne"
    assert str(reader.metadata.creation_date) == "2026-11-15 12:00:00+00:00"
    assert reader.trailer["/Root"]["/Lang"] == "en"


def test_every_letter_is_set_in_a_font_that_is_inside_the_file() -> None:
    content = pdf.render_pdf(Paper(english(), samples.PAY_URL, "draft"))
    assert {name for name in fonts_of(content) if "+DejaVuSans" not in name} <= {"/Helvetica"}
    for page in PdfReader(io.BytesIO(content)).pages:
        contents = page.get_contents()
        assert contents is not None
        assert not re.search(rb"/F1 [\d.]+ Tf [\d.]+ TL\s*\(", contents.get_data())


@pytest.mark.parametrize("lines", [10, 18, 19, 47, 48, 70])
def test_the_totals_stay_with_the_last_line_under_a_repeated_head(lines: int) -> None:
    document = replace(samples.long_invoice(lines), language="en")
    pages = pages_of(pdf.render_pdf(Paper(document)))
    (with_totals,) = [page for page in pages if "Total excl. VAT" in page]
    assert f"n° {lines}," in with_totals
    assert "Unit price" in with_totals
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page


def test_a_draft_bears_the_word_and_links_lead_where_they_may() -> None:
    content = pdf.render_pdf(Paper(english(), samples.PAY_URL, "draft"))
    assert "DRAFT" in text_of(content)
    assert links_of(content) == {
        samples.PAY_URL,
        "mailto:bonjour@atelier-garonne.example",
        "https://atelier-garonne.example",
    }


def test_letter_paper_is_letter_paper() -> None:
    page = PdfReader(io.BytesIO(pdf.render_pdf(Paper(english(look=Look("Letter")))))).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (612, 792)


def test_a_banking_app_can_read_the_code_on_the_page(tmp_path: Path) -> None:
    read = code_on(picture_of(pdf.render_pdf(Paper(english(), samples.PAY_URL)), tmp_path))
    assert read.splitlines()[5:] == ["Atelier Garonne", samples.IBAN, "EUR3403.16", "", "", "F2026-0042"]


def test_hostile_text_is_printed_as_text_and_links_nowhere() -> None:
    content = pdf.render_pdf(hostile_paper())
    assert "<script>alert(1)</script>" in text_of(content).replace(" ", "")
    assert links_of(content) == set()
    assert "root:" not in text_of(content)


@pytest.mark.parametrize(
    "changes",
    [
        {"customer": replace(samples.CUSTOMER, name="W" * 10_000)},
        {"seller": replace(samples.SELLER, name="nom " * 2_500, registration="r" * 10_000)},
        {"memo": "mot " * 2_500, "terms": "x" * 10_000, "other_mentions": "ligne\n" * 2_000},
        {"custom_fields": tuple(("label " * 20, "value " * 200) for _ in range(20))},
        {"title": "t" * 10_000, "order_reference": "o" * 10_000},
        {"mentions": ("mention " * 1_250,) * 5, "attachments": ("a" * 10_000,)},
        {"number": "N" * 10_000},
    ],
    ids=["customer", "seller", "notes", "fields", "title", "mentions", "number"],
)
def test_text_of_ten_thousand_characters_is_printed_somehow(changes: dict[str, object]) -> None:
    assert pdf.render_issued(Paper(english(**changes), samples.PAY_URL)).pdf.startswith(b"%PDF")


def test_a_description_of_ten_thousand_characters_flows_over_pages() -> None:
    items = [samples.Item("début " + "mot " * 2_500 + "fin", "10"), samples.Item("x" * 10_000, "10")]
    pages = pages_of(pdf.render_pdf(Paper(english(items=items))))
    assert len(pages) > 3
    assert sum(page.count("mot") for page in pages) == 2_500
    assert sum(page.count("x") for page in pages) >= 10_000


def test_long_exemption_sentences_do_not_stop_the_press() -> None:
    document = samples.belgian()
    rows = tuple(replace(row, wording="mot " * 2_500) for row in document.vat)
    assert pdf.render_pdf(Paper(replace(document, vat=rows)))


def test_characters_without_a_font_are_reported_and_printed_as_boxes() -> None:
    document = english(customer=replace(samples.CUSTOMER, name="東京 🎉 Books"))
    assert pdf.missing_characters(document) == ["京", "東", "🎉"]
    with pytest.raises(pdf.PdfFailed) as failure:
        pdf.render_pdf(Paper(document))
    assert failure.value.reason == "warnings"
    rendered = pdf.render_issued(Paper(document))
    assert rendered.substituted == ("京", "東", "🎉")
    assert "□□ □ Books" in text_of(rendered.pdf)
    assert pdf.missing_characters(english()) == []


def test_right_to_left_text_is_set_and_cannot_turn_what_follows() -> None:
    document = english(customer=replace(samples.CUSTOMER, name="مرحبا שלום", contact="pay \u202e0001 to me"))
    rendered = pdf.render_issued(Paper(document))
    assert rendered.substituted == ()
    assert "pay 0001 to me" in text_of(rendered.pdf)


def test_a_further_font_can_be_configured(tmp_path: Path) -> None:
    """Stands for a font of Chinese: the shipped regular face, with the characters taken from Bold alone."""
    further = tmp_path / "further font.ttf"
    further.write_bytes((fonts.SHIPPED / "DejaVuSans-Bold.ttf").read_bytes())
    only_there = min(fonts.coverage((str(further),)) - fonts.coverage((str(fonts.SHIPPED / "DejaVuSans.ttf"),)))
    document = english(memo=f"here: {only_there}")
    assert pdf.missing_characters(document) == [only_there]
    with override_settings(WAGTAIL_PAYMENTS={**settings.WAGTAIL_PAYMENTS, "PDF_FONTS": [str(further), "/nowhere.ttf"]}):
        assert pdf.missing_characters(document) == []
        assert only_there in text_of(pdf.render_pdf(Paper(document)))


def test_too_long_a_document_is_refused_with_a_reason() -> None:
    endless = english(memo="x" * pdf.LONGEST_HTML)
    assert pdf.is_too_long(endless)
    assert not pdf.is_too_long(samples.long_invoice(500))
    with pytest.raises(pdf.PdfFailed) as failure:
        pdf.render_issued(Paper(endless))
    assert failure.value.reason == "too_long"


def test_a_preview_is_drawn_once_for_the_same_content() -> None:
    cache.clear()
    paper = Paper(english(memo="preview"), watermark="draft")
    first = pdf.preview_pdf(paper)
    with patch.object(pdf, "render_issued", side_effect=AssertionError("drawn twice")):
        assert pdf.preview_pdf(paper) == first
    assert pdf.preview_pdf(replace(paper, watermark="")) != first


def test_a_damaged_logo_does_not_stop_an_issued_document(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert pdf.render_issued(Paper(english(), logo=samples.logo_png()[:200])).pdf.startswith(b"%PDF")
