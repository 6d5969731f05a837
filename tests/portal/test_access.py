"""Who may see a document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.portal.conftest import link_of, new_browser, open_link, renew, url
from wagtail_payments.actions import links
from wagtail_payments.mail.links import token_of
from wagtail_payments.portal.access import MOST_GRANTS
from wagtail_payments.records.invoices import Invoice


def cookie_of(browser: Client, invoice: Invoice, secure: bool = False) -> Any:
    return browser.cookies[f"{'__Host-' if secure else ''}wp-{link_of(invoice).public_id}"]


def test_opening_a_link_leads_to_an_address_without_the_token(browser: Client, issued: Callable[..., Invoice]) -> None:
    answer = open_link(browser, issued())
    assert answer.status_code == 303
    assert "/l/" not in answer["Location"]
    assert browser.get(answer["Location"]).status_code == 200


def test_the_clean_address_opens_nothing_by_itself(browser: Client, issued: Callable[..., Invoice]) -> None:
    assert browser.get(url("document", issued())).status_code == 404


def test_the_cookie_of_one_document_does_not_open_another(browser: Client, issued: Callable[..., Invoice]) -> None:
    mine, other = issued(), issued()
    open_link(browser, mine)
    assert browser.get(url("document", other)).status_code == 404
    browser.cookies[f"wp-{link_of(other).public_id}"] = cookie_of(browser, mine).value
    assert browser.get(url("document", other)).status_code == 404


@pytest.mark.parametrize("value", ["", "1", "1.2:x", "é", "9" * 5000, "1.1760000000"])
def test_a_made_up_cookie_opens_nothing(browser: Client, issued: Callable[..., Invoice], value: str) -> None:
    invoice = issued()
    answer = browser.get(url("document", invoice), headers={"cookie": f"wp-{link_of(invoice).public_id}={value}"})
    assert answer.status_code == 404


def test_a_renewed_link_ends_every_visit_at_once(browser: Client, issued: Callable[..., Invoice], clock: Any) -> None:
    invoice = issued()
    open_link(browser, invoice)
    renew(invoice, clock())
    assert browser.get(url("document", invoice)).status_code == 404
    open_link(browser, invoice)
    assert browser.get(url("document", invoice)).status_code == 200


def test_a_revoked_link_ends_every_visit_at_once(browser: Client, issued: Callable[..., Invoice], clock: Any) -> None:
    invoice = issued()
    open_link(browser, invoice)
    links.revoke(link=link_of(invoice), by=None, now=clock())
    assert browser.get(url("document", invoice)).status_code == 404
    assert open_link(browser, invoice).status_code == 404


def test_an_expired_link_ends_every_visit(browser: Client, issued: Callable[..., Invoice], clock: Any) -> None:
    invoice = issued()
    open_link(browser, invoice)
    link = link_of(invoice)
    link.expires_at = clock() + timedelta(hours=1)
    link.save()
    assert browser.get(url("document", invoice)).status_code == 200
    clock.advance(hours=2)
    assert browser.get(url("document", invoice)).status_code == 404


def test_a_visit_lasts_thirty_days(browser: Client, issued: Callable[..., Invoice], clock: Any) -> None:
    invoice = issued()
    open_link(browser, invoice)
    clock.advance(days=29)
    assert browser.get(url("document", invoice)).status_code == 200
    clock.advance(days=2)
    assert browser.get(url("document", invoice)).status_code == 404


def test_the_cookie_is_for_this_host_only_over_https(browser: Client, issued: Callable[..., Invoice]) -> None:
    invoice = issued()
    answer = open_link(browser, invoice, secure=True)
    cookie = cookie_of(browser, invoice, secure=True)
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
    assert not cookie["domain"]
    assert browser.get(answer["Location"], secure=True).status_code == 200
    assert browser.get(answer["Location"], secure=False).status_code == 404


def test_a_browser_keeps_a_limited_number_of_documents(
    browser: Client, issued: Callable[..., Invoice], clock: Any
) -> None:
    opened = []
    for _number in range(MOST_GRANTS + 3):
        opened.append(issued())
        clock.advance(minutes=1)
        open_link(browser, opened[-1])
    alive = [browser.get(url("document", invoice)).status_code == 200 for invoice in opened]
    assert alive == [False] * 3 + [True] * MOST_GRANTS


def test_a_rotated_key_keeps_visits_and_links_alive(
    browser: Client, issued: Callable[..., Invoice], settings: Any
) -> None:
    invoice = issued()
    opening = f"/payments/l/{token_of(link_of(invoice))}/"
    open_link(browser, invoice)
    older = settings.WAGTAIL_PAYMENTS["LINK_KEYS"]
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"LINK_KEYS": {"new": "another key"} | older}
    assert browser.get(url("document", invoice)).status_code == 200
    assert new_browser().get(opening).status_code == 303
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"LINK_KEYS": {"new": "another key"}}
    assert browser.get(url("document", invoice)).status_code == 404
    assert new_browser().get(opening).status_code == 404


def test_staff_see_what_their_permission_is_for(browser: Client, issued: Callable[..., Invoice]) -> None:
    invoice = issued(language="en")
    browser.force_login(factories.make_user("view_customer"))
    assert browser.get(url("document", invoice)).status_code == 404
    browser.force_login(factories.make_user("view_invoice"))
    answer = browser.get(url("document", invoice))
    assert answer.status_code == 200
    assert "does not count" in answer.content.decode()
