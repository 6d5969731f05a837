from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import override_settings

from tests.printing import samples
from wagtail_payments.core.snapshot import Kind, Look
from wagtail_payments.printing.html import allowed_link, logo, render_html
from wagtail_payments.printing.paper import Paper

HOSTILE = (
    '<img src="http://127.0.0.1:9/"><pdf:insertpdf src="/etc/passwd"/></style><script>alert(1)</script>{{ sheet }}'
)


def hostile_paper() -> Paper:
    seller = replace(
        samples.SELLER, name=HOSTILE, legal_form=HOSTILE, email='a"@b.example', website="file:///etc/passwd"
    )
    customer = replace(samples.CUSTOMER, name=HOSTILE, contact=HOSTILE)
    document = samples.document(
        [samples.Item(HOSTILE, "10", unit=HOSTILE[:30])],
        seller=seller,
        customer=customer,
        title=HOSTILE,
        memo=HOSTILE,
        terms=HOSTILE,
        other_mentions=HOSTILE,
        custom_fields=((HOSTILE, HOSTILE),),
        look=Look(colour="red; } @import url(http://127.0.0.1:9/x.css); a {"),
    )
    return Paper(document, pay_url="javascript:alert(1)")


def test_what_a_person_typed_is_never_markup() -> None:
    page = render_html(hostile_paper())
    assert "<script" not in page
    assert "<pdf:insertpdf" not in page
    assert page.count("<img") == page.count('<img src="data:image/png;base64,')
    assert page.count("</style>") == 1
    assert "{{ sheet }}" in page


def test_a_colour_that_is_none_cannot_add_css() -> None:
    page = render_html(hostile_paper())
    assert "@import" not in page
    assert Look().colour in page


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://atelier.example/l/abc", True),
        ("http://localhost:8000/l/abc", True),
        ("http://127.0.0.1/l/abc", True),
        ("http://atelier.example/l/abc", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("data:text/html,x", False),
        ("http://[broken", False),
        ("", False),
    ],
)
def test_printed_links_lead_to_the_web_only(url: str, allowed: bool) -> None:
    assert allowed_link(url) == (url if allowed else "")


def test_an_address_that_is_no_link_is_still_printed() -> None:
    page = render_html(Paper(samples.document(), "http://atelier.example/l/abc"))
    assert "http://atelier.example/l/abc" in page
    assert 'href="http://atelier.example' not in page


def test_an_invoice_paid_at_issue_has_neither_link_nor_code() -> None:
    page = render_html(Paper(samples.paid_at_issue(), samples.PAY_URL))
    assert samples.PAY_URL not in page
    assert "data:image/png" not in page


def test_a_draft_has_no_code_to_pay_by() -> None:
    page = render_html(Paper(samples.document(number="", issued_on=""), watermark="draft"))
    assert "data:image/png" not in page
    assert "data:image/svg+xml" in page


def test_labels_are_in_the_documents_language_whatever_the_reader_speaks() -> None:
    with override_settings(LANGUAGE_CODE="fr"):
        assert "Amount due" in render_html(Paper(samples.document(language="en")))


def test_a_host_may_replace_a_part(tmp_path: Path) -> None:
    folder = tmp_path / "wagtail_payments" / "print" / "parts"
    folder.mkdir(parents=True)
    (folder / "heading.html").write_text("<h1>Our own {{ sheet.number }}</h1>")
    templates = {**settings.TEMPLATES[0], "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[templates]):
        assert "<h1>Our own F2026-0042</h1>" in render_html(Paper(samples.document()))


def test_every_kind_has_a_template() -> None:
    for kind in Kind:
        assert get_template(f"wagtail_payments/print/{kind}.html")


def test_a_logo_fits_its_box_and_a_damaged_one_is_left_out() -> None:
    picture = logo(samples.logo_png())
    assert picture is not None
    assert (picture.width, picture.height) == (50, 15)
    assert logo(b"") is None
    assert logo(b"\x89PNG damaged") is None


def test_equal_papers_and_only_they_have_equal_keys() -> None:
    paper = Paper(samples.document(), samples.PAY_URL, "", b"logo")
    others = [
        replace(paper, pay_url=""),
        replace(paper, watermark="draft"),
        replace(paper, logo=b"other"),
        replace(paper, document=samples.franchise()),
    ]
    assert paper.key() == replace(paper).key()
    assert len({paper.key(), *(other.key() for other in others)}) == 5
    assert len(paper.key()) == len(hashlib.sha256().hexdigest())
