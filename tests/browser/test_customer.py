"""A customer with a real browser: opens, reads, pays, asks; on a phone, by keyboard, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.portal.conftest import link_of
from wagtail_payments.actions import invoices, payments
from wagtail_payments.mail.links import attempt_url, url_of
from wagtail_payments.pages.models import InvoicePage
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESKTOP, PHONE, TINY = {"width": 1280, "height": 900}, {"width": 360, "height": 740}, {"width": 320, "height": 568}
LINES = [("Two days of training\nAt your office, six people", "2", "450.00", "20"), ("Book", "6", "12.50", "5.5")]


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Open a new browser window of a size: ``visit(PHONE, java_script_enabled=False)``."""
    site, contexts = factories.default_site(), []
    site.hostname, site.port = "localhost", int(live_server.url.rpartition(":")[2])
    site.save()

    def open_window(size: Any = DESKTOP, **options: Any) -> Page:
        contexts.append(chromium.new_context(viewport=size, **options))
        return contexts[-1].new_page()

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def invoice(clock: Any, visit: Any) -> Invoice:
    """An issued invoice in English."""
    draft = factories.make_invoice(language="en", title="Spring training", lines=LINES)
    return invoices.issue(invoice_id=draft.pk, by=None, now=clock())


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def assert_no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def pay_all(invoice: Invoice, clock: Any) -> None:
    payments.record(
        invoice=invoice,
        amount=invoice.gross,
        method="transfer",
        received_on=invoice.seller.today(clock()),
        reference="VIR",
        by=None,
        now=clock(),
        form_key="once",
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE, TINY], ids=["desktop", "phone", "tiny"])
def test_the_page_is_clear_at_every_size(visit: Callable[..., Page], invoice: Invoice, size: Any) -> None:
    page = visit(size)
    page.goto(url_of(link_of(invoice)))
    expect(page).to_have_title(f"Invoice {invoice.number}")
    assert_no_sideways_scrolling(page)
    assert_accessible(page)


def test_on_a_phone_the_button_is_seen_without_scrolling(visit: Callable[..., Page], invoice: Invoice) -> None:
    page = visit(PHONE)
    page.goto(url_of(link_of(invoice)))
    button = page.get_by_role("button", name="Pay €1,159.13")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]
    assert box["height"] >= 44


def test_everything_to_press_is_large_enough(visit: Callable[..., Page], invoice: Invoice) -> None:
    page = visit(PHONE)
    page.goto(url_of(link_of(invoice)))
    page.locator("summary").click()
    for target in page.locator(".wp-button, .wp-copy, .wp-link--target, .wp-input, summary").all():
        box = target.bounding_box()
        assert box is None or box["height"] >= 44, target.inner_text()


def test_the_keyboard_reaches_everything_in_order(visit: Callable[..., Page], invoice: Invoice) -> None:
    page = visit()
    page.goto(url_of(link_of(invoice)))
    reached: list[str] = []
    outlines: set[str] = set()
    while "Send the question" not in reached:
        page.keyboard.press("Tab")
        outlines.add(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
        reached.append(page.evaluate("(document.activeElement.innerText || document.activeElement.name).trim()"))
    assert reached[:4] == [
        page.locator(".wp-button--main").inner_text(),
        "Pay by bank transfer",
        "Download PDF",
        "Ask a question",
    ]
    assert reached[-3:] == ["question-email", "question-text", "Send the question"]
    assert "none" not in outlines


def test_the_transfer_unfolds_by_keyboard(visit: Callable[..., Page], invoice: Invoice) -> None:
    page = visit()
    page.goto(url_of(link_of(invoice)))
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("FR76 3000 6000")).to_be_visible()
    expect(page.get_by_role("img", name="Code for your banking app")).to_be_visible()
    assert_accessible(page)


def test_without_javascript_a_question_is_asked_and_nothing_typed_is_lost(
    visit: Callable[..., Page], invoice: Invoice
) -> None:
    page = visit(PHONE, java_script_enabled=False)
    page.goto(url_of(link_of(invoice)))
    page.locator("summary").click()
    expect(page.get_by_text("FR76 3000 6000")).to_be_visible()
    page.get_by_label("Your e-mail address").fill("not an address")
    page.get_by_label("Your question").fill("Which room?")
    page.get_by_role("button", name="Send the question").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not an e-mail address")
    expect(page.get_by_label("Your question")).to_have_value("Which room?")
    page.get_by_label("Your e-mail address").fill("julie@example.org")
    page.get_by_role("button", name="Send the question").click()
    expect(page.get_by_role("status")).to_contain_text("Your question is on its way")
    assert Letter.objects.filter(kind="question").count() == 1


def test_what_is_wrong_is_announced_and_focused(visit: Callable[..., Page], invoice: Invoice) -> None:
    page = visit()
    page.goto(url_of(link_of(invoice)))
    page.get_by_role("button", name="Send the question").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_accessible(page)
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.get_by_label("Your e-mail address")).to_be_focused()


def test_a_paid_invoice_offers_its_receipt(visit: Callable[..., Page], invoice: Invoice, clock: Any) -> None:
    pay_all(invoice, clock)
    page = visit(PHONE)
    page.goto(url_of(link_of(invoice)))
    expect(page.get_by_text("Paid on March 16, 2026. Thank you!")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Receipt TEST-R2026-0001").click()
    assert waiting.value.suggested_filename == "TEST-R2026-0001.pdf"
    assert_accessible(page)


def test_the_counter_in_a_sites_own_words(visit: Callable[..., Page], invoice: Invoice) -> None:
    home = factories.default_site().root_page
    home.add_child(instance=InvoicePage(title="Your invoices", slug="desk", introduction="<p>Welcome.</p>"))
    page = visit()
    page.goto(url_of(link_of(invoice)))
    assert "/desk/" in page.url
    expect(page.get_by_text("Welcome.")).to_be_visible()
    assert_accessible(page)
    page.goto(page.url.partition("/desk/")[0] + "/desk/")
    expect(page.get_by_text("open the link in the e-mail", exact=False)).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("state", ["succeeded", "processing", "failed", "expired"])
def test_coming_back_is_calm_and_clear(visit: Callable[..., Page], invoice: Invoice, clock: Any, state: str) -> None:
    attempt = attempt_in(invoice, state, clock)
    page = visit(PHONE)
    page.goto(attempt_url(attempt))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_no_sideways_scrolling(page)
    assert_accessible(page)


def test_waiting_ends_by_itself_when_the_money_arrives(
    visit: Callable[..., Page], invoice: Invoice, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wagtail_payments.actions.checkout.refresh", lambda *, attempt, now: attempt)
    attempt = attempt_in(invoice, "open", clock)
    page = visit(PHONE, java_script_enabled=False)
    page.goto(attempt_url(attempt))
    expect(page.get_by_text("We are waiting for your payment")).to_be_visible()
    PaymentAttempt.objects.filter(pk=attempt.pk).update(state="succeeded")
    expect(page.get_by_text("Thank you, your payment has arrived")).to_be_visible(timeout=6000)


def attempt_in(invoice: Invoice, state: str, clock: Any) -> PaymentAttempt:
    return factories.make_attempt(
        invoice,
        state=state,
        idempotency_key="b" * 32,
        created_at=clock(),
    )


def test_a_dead_link_is_a_designed_page(visit: Callable[..., Page], invoice: Invoice) -> None:
    page = visit(PHONE)
    page.goto(url_of(link_of(invoice)) + "x/")
    page.goto(page.url.partition("/payments/")[0] + "/payments/l/nothing/")
    expect(page.get_by_role("heading", name="This link is no longer valid")).to_be_visible()
    assert_accessible(page)


def test_the_page_passes_a_strict_content_policy(visit: Callable[..., Page], invoice: Invoice) -> None:
    page, refused = visit(), []
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )

    def strictly(route: Any) -> None:
        answer = route.fetch(max_redirects=0)
        headers = answer.headers | {"content-security-policy": "default-src 'self'"}
        route.fulfill(response=answer, headers=headers)

    page.goto(url_of(link_of(invoice)))
    page.route("**/payments/d/**", strictly)
    page.reload()
    expect(page.locator(".wp-button--main")).to_have_css("background-color", "rgb(29, 95, 168)")
    assert refused == []


def test_text_at_twice_the_size_still_fits(visit: Callable[..., Page], invoice: Invoice) -> None:
    page = visit({"width": 640, "height": 800})
    page.goto(url_of(link_of(invoice)))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_no_sideways_scrolling(page)
