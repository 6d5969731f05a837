"""Deposits of tickets in the admin: set on the event, read on the registration, their drafts nobody's to touch."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.admin.test_events import TICKET, faults, place, post, words
from tests.admin.test_registrations import invoice_place
from tests.admin.test_registrations import place as registration_place
from tests.stories.organiser import register
from wagtail_payments.actions import clockwork
from wagtail_payments.models import Event, Invoice, Registration

pytestmark = pytest.mark.django_db


def test_percent_and_days_are_set_together(admin: Client) -> None:
    factories.seller_of_default_site()
    answer = post(admin, place("add"), ticket_types=[TICKET], deposit_percent="33,5", balance_days="14")
    assert answer.status_code == 302, faults(answer)
    event = Event.objects.get()
    assert (event.deposit_percent, event.balance_days) == (Decimal("33.5"), 14)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"deposit_percent": "30"}, "Say how many days before the event the balance is due."),
        ({"balance_days": "14"}, "Say how much is paid at once, or empty the days too."),
        ({"deposit_percent": "0", "balance_days": "14"}, "Write more than 0 and less than 100, or nothing."),
        ({"deposit_percent": "100", "balance_days": "14"}, "Write more than 0 and less than 100, or nothing."),
        ({"deposit_percent": "101", "balance_days": "14"}, "Write a percentage from 0 to 100."),
    ],
)
def test_what_makes_no_sense_is_refused_and_kept_on_the_form(admin: Client, typed: dict[str, str], said: str) -> None:
    factories.seller_of_default_site()
    answer = post(admin, place("add"), ticket_types=[TICKET], **typed)
    assert answer.status_code == 200
    assert said in faults(answer)
    assert all(f'value="{value}"' in answer.content.decode() for value in typed.values())
    assert not Event.objects.exists()


@pytest.fixture
def order(clock: Any) -> Registration:
    """Two seats with a deposit, invoiced at once, to be paid by transfer."""
    event = factories.make_event(deposit_percent=Decimal(30), balance_days=14, pays_later=True)
    return register(event, 2, pays_later=True)


def test_the_registration_shows_deposit_and_balance(admin: Client, order: Registration, clock: Any) -> None:
    shown = words(admin.get(registration_place("inspect", order.pk)))
    assert "Deposit €72.00" in shown
    assert "Balance due on" in shown
    assert "Invoice of the balance" not in shown
    clock.advance(seconds=(datetime(2026, 5, 23, tzinfo=UTC) - clock()).total_seconds())
    clockwork.run_once(now=clock())
    shown = words(admin.get(registration_place("inspect", order.pk)))
    assert "Invoice of the balance" in shown
    assert "Balance of €168.00 asked for" in shown


def test_the_draft_of_a_balance_is_in_no_list_and_nobodys_to_touch(admin: Client, order: Registration) -> None:
    balance = order.balance
    assert balance is not None
    listed = admin.get(invoice_place("list")).content.decode()
    assert invoice_place("desk", balance.pk) not in listed
    assert order.invoice.number in listed
    for name in ("edit", "delete", "issue"):
        answer = admin.post(invoice_place(name, balance.pk), follow=True)
        assert "becomes an invoice by itself" in words(answer)
        assert answer.redirect_chain[-1][0] == registration_place("inspect", order.pk)
    assert Invoice.objects.get(pk=balance.pk).is_draft
