"""Opening a link: what is kept of it, and what is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.test import Client

from tests import factories
from tests.portal.conftest import FIREFOX, link_of, open_link, url
from wagtail_payments.mail.links import token_of
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Opening

SCANNERS = [
    "",
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "Slackbot-LinkExpanding 1.0",
    "WhatsApp/2.23.20.0",
    "BingPreview/1.0b",
    "Mozilla/5.0 (compatible; Barracuda Sentinel)",
    "python-requests/2.32",
    "curl/8.5.0",
]


def rows() -> dict[str, int]:
    """Count every row there is, but for those of Django's sessions."""
    tables = [model for model in apps.get_models() if model._meta.app_label not in ("sessions", "wagtailsearch")]
    return {model._meta.label: model._base_manager.count() for model in tables}


def test_an_opening_is_kept_as_evidence(browser: Client, issued: Callable[..., Invoice]) -> None:
    invoice = issued()
    open_link(browser, invoice)
    opening = Opening.objects.get()
    assert (opening.link, opening.generation, opening.user_agent) == (link_of(invoice), 1, FIREFOX)


def test_a_browser_that_names_itself_strangely_is_let_in(issued: Callable[..., Invoice]) -> None:
    """PostgreSQL keeps no NUL, and not every server refuses one in a header."""
    answer = open_link(Client(headers={"user-agent": "Mozilla\x00/5.0 " + "é" * 500}), issued())
    assert answer.status_code == 303
    assert Opening.objects.get().user_agent.startswith("Mozilla/5.0 é")


@pytest.mark.parametrize("agent", SCANNERS)
def test_a_machine_that_looks_at_links_is_no_reader(issued: Callable[..., Invoice], agent: str) -> None:
    answer = open_link(Client(headers={"user-agent": agent}), issued())
    assert answer.status_code == 303
    assert not Opening.objects.exists()


def test_looking_ahead_is_no_reading(browser: Client, issued: Callable[..., Invoice]) -> None:
    open_link(browser, issued(), headers={"sec-purpose": "prefetch"})
    token = token_of(link_of(issued()))
    assert browser.head(f"/payments/l/{token}/").status_code == 303
    assert not Opening.objects.exists()


def test_staff_are_no_readers(browser: Client, issued: Callable[..., Invoice]) -> None:
    browser.force_login(factories.make_user("view_invoice"))
    assert open_link(browser, issued()).status_code == 303
    assert not Opening.objects.exists()


def test_looking_changes_nothing_but_the_evidence(browser: Client, issued: Callable[..., Invoice]) -> None:
    invoice = issued()
    browser.get(url("pdf", invoice))
    open_link(browser, invoice)
    browser.get(url("pdf", invoice))
    before = rows()
    open_link(browser, invoice)
    for name in ("document", "pdf"):
        browser.get(url(name, invoice))
        browser.head(url(name, invoice))
    after = rows()
    assert {label for label in after if after[label] != before[label]} == {"wagtail_payments.Opening"}


def test_an_address_from_outside_is_never_followed(browser: Client, issued: Callable[..., Invoice]) -> None:
    answer = open_link(browser, issued(), query_params={"next": "https://evil.example/", "url": "//evil.example"})
    assert answer["Location"].startswith("/payments/d/")


def test_a_forged_host_is_not_answered(issued: Callable[..., Invoice]) -> None:
    answer = open_link(Client(headers={"host": "evil.example"}), issued())
    assert answer.status_code == 400
