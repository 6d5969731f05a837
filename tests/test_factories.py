"""The rows that other tests stand on are valid themselves."""

from __future__ import annotations

import socket

import pytest

from tests import factories
from tests.conftest import NetworkForbidden
from wagtail_payments import ports


@pytest.mark.django_db
def test_every_row_that_tests_start_from_is_valid() -> None:
    rows = [
        factories.make_seller(),
        factories.make_small_seller(),
        factories.make_customer(),
        factories.make_consumer(),
        factories.make_belgian(),
        factories.make_public_body(),
        factories.make_item(),
        factories.make_invoice(),
        event := factories.make_event(),
        event.ticket_types.get(),
    ]
    for row in rows:
        row.full_clean()


@pytest.mark.django_db
def test_a_draft_has_its_lines_and_its_totals() -> None:
    invoice = factories.make_invoice(lines=[("Training", "2", "450.00", "20"), ("Book", "1", "10.00", "5.5")])
    invoice.refresh_from_db()
    assert (invoice.net, invoice.tax, invoice.gross) == (91000, 18055, 109055)
    assert invoice.lines.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_site_is_found_even_where_a_test_emptied_the_database() -> None:
    assert factories.default_site().root_page.depth == 2
    assert factories.make_invoice().site.is_default_site


@pytest.mark.django_db(transaction=True)
def test_a_second_test_that_commits_finds_a_site_too() -> None:
    assert factories.make_invoice().site.is_default_site


def test_the_clock_stands_until_it_is_moved(clock) -> None:
    before = ports.now()
    clock.advance(hours=1)
    assert (ports.now() - before).total_seconds() == 3600


def test_no_test_leaves_this_machine() -> None:
    with socket.socket() as sock, pytest.raises(NetworkForbidden):
        sock.connect(("192.0.2.1", 80))


@pytest.mark.django_db
def test_a_user_holds_exactly_the_permissions_named() -> None:
    user = factories.make_user("issue_invoice")
    assert user.has_perm("wagtail_payments.issue_invoice")
    assert user.has_perm("wagtailadmin.access_admin")
    assert not user.has_perm("wagtail_payments.make_refund")
    assert factories.make_editor().has_perm("wagtail_payments.make_refund")
