"""An editor with a real browser: writes, sees totals and preview, issues, sends; on a phone, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.browser.conftest import DESKTOP, PHONE, signed_in
from wagtail_payments import ports
from wagtail_payments.actions import invoices, payments
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.payments import Payment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINES = [("Two days of training\nAt your office", "2", "450.00", "20"), ("Book", "6", "12.50", "5.5")]


@pytest.fixture
def editor(transactional_db: None, settings: Any) -> Any:
    """An editor of a site that sells."""
    settings.WAGTAIL_GRAVATAR_PROVIDER_URL = None
    factories.seller_of_default_site()
    return factories.make_editor()


@pytest.fixture
def visit(chromium: Browser, live_server: Any, editor: Any, client: Any) -> Iterator[Callable[..., Page]]:
    """Open a window of the admin in which the editor is signed in: ``visit(PHONE)``."""
    with signed_in(chromium, live_server.url, client, editor) as open_window:
        yield open_window


def place(name: str, *args: int) -> str:
    return reverse(f"wagtail_payments_invoice:{name}", args=args)


def amount_due(page: Page) -> Any:
    return page.locator("[data-payments-totals] .wp-totals__gross dd")


def test_an_invoice_is_written_issued_and_sent(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto(place("add"))
    page.get_by_role("button", name="Choose a customer").click()
    page.get_by_role("tab", name="New customer").click()
    dialog = page.locator(".modal-content")
    dialog.get_by_label("Name", exact=False).first.fill("Studio Lune")
    dialog.get_by_label("E-mail").fill("hello@lune.example")
    dialog.get_by_label("Street").fill("1 rue du Puits")
    dialog.get_by_label("Postcode").fill("31000")
    dialog.get_by_label("Town").fill("Toulouse")
    dialog.get_by_role("button", name="Add this customer").click()
    expect(page.get_by_text("Studio Lune").first).to_be_visible()

    page.locator('[name="title"]').fill("Logo")
    page.locator('[name="lines-0-description"]').fill("Drawing")
    page.locator('[name="lines-0-unit_price"]').fill("100,50")
    expect(amount_due(page)).to_have_text("€120.60")
    page.get_by_role("button", name=re.compile("Add line", re.IGNORECASE)).click()
    page.locator('[name="lines-1-description"]').fill("Printing")
    page.locator('[name="lines-1-unit_price"]').fill("10")
    expect(amount_due(page)).to_have_text("€132.60")
    page.get_by_role("button", name="Save and review").click()

    expect(page.get_by_text("Ready to be issued")).to_be_visible()
    page.get_by_role("link", name="Issue and send").click()
    expect(page.locator('[name="to"]')).to_have_value("hello@lune.example")
    page.get_by_role("button", name="Issue and send").click()

    invoice = Invoice.objects.get()
    expect(page.get_by_text(f"{invoice.number} is on its way")).to_be_visible()
    expect(page.locator(".wp-due__amount")).to_have_text("€132.60")
    assert Letter.objects.get(kind="invoice").to == ["hello@lune.example"]


def test_the_catalogue_fills_in_a_line(visit: Callable[..., Page]) -> None:
    factories.make_item(vat_category="E", vat_rate=0, vat_reason="VATEX-EU-132-1I")
    page = visit()
    page.goto(place("add"))
    page.get_by_role("button", name="Fill in from the catalogue").first.click()
    page.get_by_role("link", name="Training day").click()
    expect(page.locator('[name="lines-0-unit_price"]')).to_have_value("1200")
    expect(page.locator('[name="lines-0-vat_reason"]')).to_have_value("VATEX-EU-132-1I")
    expect(page.locator('[name="lines-0-vat_rate"]')).to_be_hidden()
    expect(amount_due(page)).to_have_text("€1,200.00")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_box_and_choice_fits_its_place(visit: Callable[..., Page], size: dict[str, int]) -> None:
    page = visit(size)
    for address in (place("add"), *(reverse(f"wagtail_payments_{name}:add") for name in ("catalogue", "customer"))):
        page.goto(address)
        for box in page.locator("main [type=checkbox]:visible, main input.wp-number:visible").all():
            shape = box.bounding_box()
            assert shape is not None
            assert min(shape["width"], shape["height"]) >= 16, box.get_attribute("name")
        for choice in page.locator("main .w-field-row select:visible").all():
            end = "field => field.getBoundingClientRect().right"
            place_end = "field => field.closest('.w-field-row > *').getBoundingClientRect().right"
            assert choice.evaluate(end) <= choice.evaluate(place_end), choice.get_attribute("name")


def test_choosing_a_customer_sets_the_language(visit: Callable[..., Page]) -> None:
    factories.make_belgian()
    page = visit()
    page.goto(place("add"))
    expect(page.locator('#w-editor-form [name="language"]')).to_have_value("fr")
    page.get_by_role("button", name="Choose a customer").click()
    page.get_by_role("link", name="Boekhandel").click()
    expect(page.locator('#w-editor-form [name="language"]')).to_have_value("en")


def test_a_category_without_vat_asks_for_a_reason_instead_of_a_rate(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto(place("edit", factories.make_invoice().pk))
    rate, reason = page.locator('[name="lines-0-vat_rate"]'), page.locator('[name="lines-0-vat_reason"]')
    expect(reason).to_be_hidden()
    page.locator('[name="lines-0-vat_category"]').select_option("AE")
    expect(rate).to_be_hidden()
    expect(reason).to_be_visible()
    expect(amount_due(page)).to_have_text("€1,200.00")
    page.locator('[name="lines-0-vat_category"]').select_option("S")
    expect(rate).to_have_value("20")
    expect(amount_due(page)).to_have_text("€1,440.00")


def test_the_preview_shows_page_letter_and_pdf_of_what_is_typed(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto(place("edit", factories.make_invoice().pk))
    page.locator('[name="title"]').fill("Autumn course")
    page.get_by_role("button", name="Toggle preview").click()
    modes = page.locator("#id_preview_mode")
    frame = page.frame_locator("#w-preview-iframe")
    expect(frame.get_by_text("Autumn course").first).to_be_visible(timeout=20_000)
    modes.select_option("email")
    # The panel swaps its frame when the new one is drawn, and hears no other wish before.
    expect(page.locator("#w-preview-iframe")).to_have_attribute("src", re.compile("mode=email"), timeout=20_000)
    expect(frame.get_by_text("€1,440.00").or_(frame.get_by_text("1 440,00 €")).first).to_be_visible(timeout=20_000)
    with page.expect_response(lambda answer: "mode=pdf" in answer.url, timeout=20_000) as answered:
        modes.select_option("pdf")
    assert answered.value.headers["content-type"].startswith("application/pdf")
    assert Invoice.objects.get().is_draft


@pytest.fixture
def issued(editor: Any) -> Invoice:
    """An issued invoice, partly paid, with a letter."""
    now, draft = ports.now(), factories.make_invoice(lines=LINES)
    words = {"to": ["nadia@librairie.example"], "cc": [], "subject": "Invoice {{ number }}", "text": "{{ link }}"}
    invoice = invoices.issue_and_send(invoice_id=draft.pk, by=editor, now=now, **words)
    day = {"received_on": invoice.seller.today(now), "form_key": "key"}
    payments.record(invoice=invoice, amount=20_00, method="cash", reference="", by=editor, now=now, **day)
    return invoice


def pages_of(issued: Invoice) -> list[str]:
    draft = factories.make_invoice(lines=LINES)
    return [
        place("list"),
        place("add"),
        *(place(name, draft.pk) for name in ("edit", "review", "compose")),
        *(place(name, issued.pk) for name in ("desk", "pay", "refund", "credit", "link", "link_renew", "duplicate")),
    ]


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")], ids=["desktop", "dark", "phone"]
)
def test_every_page_fits_its_window_and_is_clean_to_axe(
    visit: Callable[..., Page], issued: Invoice, size: dict[str, int], scheme: str
) -> None:
    page, found = visit(size, color_scheme=scheme), []
    for address in pages_of(issued):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            found.append(f"{address}: {width} px wide")
        results = Axe().run(page, context="main", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        for violation in results.response["violations"]:
            found += [f"{address}: {violation['id']} {node['html'][:160]}" for node in violation["nodes"]]
    assert not found, "\n".join(found)


def test_a_payment_is_recorded_without_javascript(visit: Callable[..., Page], issued: Invoice) -> None:
    page = visit(java_script_enabled=False)
    page.goto(place("desk", issued.pk))
    page.get_by_role("link", name="Record a payment").click()
    page.locator('[name="amount"]').fill("99,99")
    page.get_by_role("button", name="Record the payment").click()
    expect(page.get_by_text("Recorded: €99.99")).to_be_visible()
    assert Payment.objects.filter(amount=99_99).count() == 1


def test_the_totals_are_brought_up_to_date_by_a_save_without_javascript(
    visit: Callable[..., Page], editor: Any
) -> None:
    draft = factories.make_invoice()
    page = visit(java_script_enabled=False)
    page.goto(place("edit", draft.pk))
    page.locator('[name="lines-0-unit_price"]').fill("10,5")
    page.get_by_role("button", name="Save draft").click()
    expect(amount_due(page)).to_have_text("€12.60")
    draft.refresh_from_db()
    assert draft.gross == 12_60


def test_what_is_wrong_stays_typed_and_is_told_beside_the_field(visit: Callable[..., Page], editor: Any) -> None:
    page = visit()
    page.goto(place("edit", factories.make_invoice().pk))
    page.locator('[name="memo"]').evaluate("field => { field.value = 'Written with care' }")
    page.locator('[name="lines-0-unit_price"]').fill("ten")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Write a number").first).to_be_visible()
    expect(page.locator('[name="lines-0-unit_price"]')).to_have_value("ten")
    expect(page.locator('[name="memo"]')).to_have_value("Written with care")
