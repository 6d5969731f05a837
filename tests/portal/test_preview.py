"""The previews beside an invoice's form."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from tests import factories
from tests.portal.test_links import rows
from wagtail_payments.portal import preview
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.sellers import Seller

MODES = ("page", "email", "pdf")


@pytest.fixture
def look(clock: Any, db: None) -> Callable[..., Any]:
    """Draw a preview as the editor's panel asks for it."""

    def draw(record: Invoice, mode: str = "page") -> Any:
        request = RequestFactory().get("/")
        request.user = AnonymousUser()
        request.is_preview = True  # type: ignore[attr-defined]
        return preview.serve(record, request, mode)

    return draw


@pytest.mark.parametrize("mode", MODES)
def test_a_draft_that_was_never_saved_has_every_preview(look: Callable[..., Any], mode: str) -> None:
    answer = look(factories.build_invoice(title="Not saved yet"), mode)
    assert answer.status_code == 200
    assert answer.content


def test_looking_leaves_no_trace(look: Callable[..., Any]) -> None:
    draft = factories.make_invoice()
    before = rows()
    for mode in MODES:
        look(draft, mode)
    assert rows() == before


def test_the_page_is_the_customers_with_nothing_to_press(look: Callable[..., Any]) -> None:
    page = look(factories.build_invoice(title="Spring", language="en")).content.decode()
    assert "This is a preview" in page
    assert "Draft: it has no number yet" in page
    assert 'type="button" disabled' in page
    assert "<form" not in page
    assert "€1,440.00" in page


def test_the_page_may_be_framed_by_the_admin_and_by_nobody_else(look: Callable[..., Any]) -> None:
    answer = look(factories.build_invoice())
    assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert answer.headers.get("X-Frame-Options") != "DENY"
    assert answer.headers["Cache-Control"] == "no-store, private"


def test_the_pdf_is_shown_and_not_kept(look: Callable[..., Any]) -> None:
    answer = look(factories.build_invoice(), "pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("inline")


def too_large_a_discount() -> Invoice:
    draft = factories.build_invoice(language="en")
    draft.discount_amount = Decimal(5000)
    return draft


def mixed_prices() -> Invoice:
    gross = factories.make_line("Book", "1", "10", "20", price_includes_vat=True)
    draft = factories.build_invoice(language="en", lines=[gross, factories.make_line("Day", "1", "10", "20")])
    draft.discount_amount = Decimal(1)
    return draft


def without_lines() -> Invoice:
    return factories.build_invoice(language="en", lines=[])


def without_a_customer() -> Invoice:
    draft = factories.build_invoice(language="en")
    draft.customer = None
    return draft


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (too_large_a_discount, "A discount is larger than what it reduces."),
        (mixed_prices, "A discount by amount needs prices that are all with or all without VAT."),
        (without_lines, "Choose a customer and write a line"),
        (without_a_customer, "Choose a customer and write a line"),
    ],
)
def test_what_is_not_right_yet_is_said_in_words(
    look: Callable[..., Any], wrong: Callable[[], Invoice], said: str, mode: str
) -> None:
    answer = look(wrong(), mode)
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_the_preview_speaks_the_invoices_language(look: Callable[..., Any]) -> None:
    assert 'lang="fr"' in look(factories.build_invoice(language="fr")).content.decode()


def test_building_a_preview_saves_nothing_of_the_draft(look: Callable[..., Any]) -> None:
    look(factories.build_invoice())
    assert not Invoice.objects.exists()
    assert Customer.objects.count() == Seller.objects.count() == 1
