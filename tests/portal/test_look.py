"""The seller's colours and logo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from tests import factories
from tests.portal.conftest import page_of
from tests.portal.test_payments import attempt_at, returned
from wagtail_payments.portal import logos
from wagtail_payments.records.fields import private_storage
from wagtail_payments.records.invoices import Invoice

NAME = "logos/0123456789abcdef0123456789abcdef.png"
PICTURE = b"\x89PNG\r\n\x1a\n the rest of it"


@pytest.fixture
def logo() -> str:
    """A logo in the private storage."""
    storage = private_storage()
    storage.delete(NAME)
    return storage.save(NAME, ContentFile(PICTURE))


def test_the_sellers_colours_come_as_a_stylesheet_of_their_own(browser: Client, issued: Callable[..., Invoice]) -> None:
    seller = factories.make_seller(colour="#123456", accent_colour="#0A5C2B")
    page = page_of(browser, issued(seller=seller))
    assert "/payments/theme/123456-0a5c2b.css" in page
    answer = browser.get("/payments/theme/123456-0a5c2b.css")
    assert answer.content.decode() == ":where(.wp-page){--wp-brand:#123456;--wp-accent:#0a5c2b}\n"
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("colours", ["12345-123456", "123456-12345g", "123456-123456}body{", "123456-123456%0a"])
def test_a_stylesheet_says_nothing_but_colours(browser: Client, colours: str) -> None:
    assert browser.get(f"/payments/theme/{colours}.css").status_code == 404


def test_the_logo_stands_on_the_page_and_is_served_by_its_content_name(
    browser: Client, issued: Callable[..., Invoice], logo: str
) -> None:
    seller = factories.make_seller(logo=logo)
    page = page_of(browser, issued(seller=seller))
    address = f"/payments/logo/{NAME.removeprefix('logos/')}"
    assert f'src="{address}" alt="Atelier Garonne"' in page
    answer = browser.get(address)
    assert (answer.content, answer.headers["Content-Type"]) == (PICTURE, "image/png")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"


def test_the_icon_stands_in_the_tab_and_beside_the_name(
    browser: Client, issued: Callable[..., Invoice], logo: str, clock: Any
) -> None:
    invoice = issued(seller=factories.make_seller(icon=logo))
    address = f"/payments/logo/{NAME.removeprefix('logos/')}"
    tab = f'<link rel="icon" type="image/png" href="{address}">'
    assert tab in page_of(browser, invoice)
    back = returned(browser, attempt_at(invoice, "open", clock)).content.decode()
    assert tab in back
    assert f'src="{address}" alt=""' in back


def test_without_an_icon_there_is_none(browser: Client, issued: Callable[..., Invoice]) -> None:
    assert 'rel="icon"' not in page_of(browser, issued())


@pytest.mark.parametrize(
    "path", ["../documents/a.pdf", "..%2fattachments%2f2026%2fa.pdf", "logo.png", "0123456789abcdef.svg"]
)
def test_no_other_file_can_be_asked_for(browser: Client, path: str) -> None:
    assert browser.get(f"/payments/logo/{path}").status_code == 404


def test_a_file_that_is_no_logo_of_ours_has_no_address() -> None:
    assert logos.url_of("attachments/2026/plan.png") == ""
    assert logos.url_of("logos/../documents/a.png") == ""
    assert logos.url_of("") == ""
