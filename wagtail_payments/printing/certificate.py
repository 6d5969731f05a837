"""The certificate of a signature: pages of their own, put behind the signed document."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils import translation
from pypdf import PdfReader, PdfWriter

from wagtail_payments.printing.parties import Fact
from wagtail_payments.printing.pdf import render_report

TEMPLATE = "wagtail_payments/print/certificate.html"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the chain in words; ``sha256`` covers it and the one before."""

    number: int
    at: str
    what: str
    where: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """Everything that is printed on it, in words of ``language``."""

    language: str
    title: str
    is_test: bool
    seller: str
    colour: str
    page_size: str
    facts: tuple[Fact, ...]
    consent: str
    hashes: tuple[Fact, ...]
    steps: tuple[Step, ...]


def render(certificate: Certificate, on: date) -> bytes:
    """Draw the certificate, dated ``on``; raises ``PdfFailed``."""
    with translation.override(certificate.language):
        html = render_to_string(TEMPLATE, {"certificate": certificate})
    return render_report(html, on)


def behind(document: bytes, certificate: bytes) -> bytes:
    """Return one PDF: the pages of the document, then those of the certificate."""
    writer = PdfWriter(clone_from=io.BytesIO(document))
    for page in PdfReader(io.BytesIO(certificate)).pages:
        writer.add_page(page)
    joined = io.BytesIO()
    writer.write(joined)
    return joined.getvalue()
