"""What the editor can hand over of a quote that was signed: the signed copy, and all of its evidence."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.actions import signers
from wagtail_payments.actions import signed_papers
from wagtail_payments.models import Agreement, Quote

pytestmark = pytest.mark.django_db


def place(name: str, quote: Quote) -> str:
    return reverse(f"wagtail_payments_quote:{name}", args=[quote.pk])


@pytest.fixture
def agreement(clock: Any) -> Agreement:
    quote = signers.sent_quote(clock())
    return signers.sign(quote, signers.proven(quote, clock()), clock())


def test_the_signed_copy_is_a_download_as_soon_as_it_is_made(admin: Client, agreement: Agreement, clock: Any) -> None:
    page = admin.get(place("signed", agreement.quote), follow=True)
    assert "still being made" in page.content.decode()
    signed_papers.draw(agreement=agreement, now=clock())
    answer = admin.get(place("signed", agreement.quote))
    assert answer["Content-Disposition"].endswith('-signed.pdf"')
    assert answer.content.startswith(b"%PDF")
    assert "no-store" in answer["Cache-Control"]


def test_the_evidence_is_one_file_with_everything_in_it(admin: Client, agreement: Agreement, clock: Any) -> None:
    signed_papers.draw(agreement=agreement, now=clock())
    desk = admin.get(place("desk", agreement.quote)).content.decode()
    assert place("evidence", agreement.quote) in desk
    assert place("signed", agreement.quote) in desk
    packed = zipfile.ZipFile(io.BytesIO(admin.get(place("evidence", agreement.quote)).content))
    assert {"signed.pdf", "quote.json", "agreement.json", "certificate.json"} <= set(packed.namelist())
    assert any(name.startswith("letters/") for name in packed.namelist())


def test_a_quote_accepted_on_paper_has_no_signed_copy(admin: Client, clock: Any) -> None:
    quote = signers.sent_quote(clock())
    assert admin.get(place("signed", quote)).status_code in (302, 404)
