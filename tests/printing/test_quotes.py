"""A quote on paper: what is optional, how it will be invoiced, where it is signed; never how to pay it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.printing import samples
from wagtail_payments.core.snapshot import Document, Kind, PaymentTerms, PlanStep
from wagtail_payments.printing import pdf
from wagtail_payments.printing.html import render_html
from wagtail_payments.printing.paper import Paper


def quote(**changes: Any) -> Document:
    invoice = samples.document()
    first, second, third = invoice.lines
    values: dict[str, Any] = {
        "kind": Kind.QUOTE,
        "number": "D2026-0007-v2",
        "version": 2,
        "due_on": "",
        "due": 0,
        "valid_until": "2026-12-15",
        "payment": PaymentTerms(),
        "lines": (first, replace(second, least="4", most="12"), replace(third, optional=True)),
        "plan": (PlanStep("Acompte", 100000, "30"), PlanStep("Solde <b>", 240316, "", "on_date", "2027-01-31")),
        "deposit_term": "arrhes",
    }
    return replace(invoice, **values | changes)


def test_everything_that_makes_it_a_quote_is_printed() -> None:
    page = render_html(Paper(quote(), pay_url=samples.PAY_URL)).replace("\u202f", "\xa0").replace("&nbsp;", "\xa0")
    for words in ("Devis", "D2026-0007-v2", "Valable", "15 décembre 2026", "En option, hors total", "de 4 à 12"):
        assert words in page
    for words in ("Plan de facturation", "À la signature", "31 janvier 2027", "arrhes", "Bon pour accord"):
        assert words in page
    assert "Solde &lt;b&gt;" in page
    assert samples.PAY_URL in page
    for words in ("IBAN", "Net à payer", "Payer en ligne"):
        assert words not in page


def test_it_is_drawn_faithfully() -> None:
    assert pdf.render_pdf(Paper(quote(), pay_url=samples.PAY_URL), strict=True).startswith(b"%PDF")


def test_a_plain_quote_has_no_empty_boxes() -> None:
    page = render_html(Paper(quote(plan=(), deposit_term="", version=1)))
    assert "Plan de facturation" not in page
    assert "Version" not in page
