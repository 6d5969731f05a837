"""Tickets sold in a currency without decimals, and in those with three: shown, paid, invoiced and given up exactly."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.pages.events import add_event_page, sent, shown
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import cancel, register, start_paying, states
from wagtail_payments import ports
from wagtail_payments.actions import checkout
from wagtail_payments.core import money
from wagtail_payments.models import DiscountCode, Event, Invoice, Letter, Payment, Refund, Registration, Rendition
from wagtail_payments.reports import verification

pytestmark = pytest.mark.django_db

# Currency, the price of one ticket, the same in minor units, the 20 % VAT in two of them.
SOLD = [("JPY", "5505", 5505, 1835), ("KWD", "12.510", 12_510, 4_170), ("TND", "120.5", 120_500, 40_167)]
in_each = pytest.mark.parametrize(("currency", "price", "minor", "tax"), SOLD)


def event_in(currency: str, price: str, **fields: Any) -> Event:
    """An event of a seller who keeps the books in that currency."""
    seller = factories.seller_of_default_site()
    seller.currency = currency
    seller.save()
    event = factories.make_event(ticket_types=False, seller=seller, language="en", **fields)
    factories.make_ticket_type(event, price=Decimal(price))
    return event


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def paid(business: Business, event: Event, seats: int) -> Registration:
    registration = register(event, seats, language="en")
    business.sandbox.pay(start_paying(registration).session_id or "")
    business.deliver_webhooks()
    business.clock.advance(minutes=1)
    business.run_clockwork()
    return registration


@in_each
def test_paid_online_it_is_invoiced_and_receipted_to_the_last_unit(
    business: Business, currency: str, price: str, minor: int, tax: int
) -> None:
    registration = paid(business, event_in(currency, price), 2)
    assert states(registration) == ["confirmed", "confirmed"]
    assert [seat.gross for seat in registration.seats.all()] == [minor, minor]
    payment, invoice = Payment.objects.get(), Invoice.objects.get(registration=registration)
    assert (payment.amount, payment.currency) == (2 * minor, currency)
    assert (invoice.gross, invoice.tax, invoice.currency) == (2 * minor, tax, currency)
    assert invoice.balance().due == 0
    assert Rendition.objects.count() == 2
    letter = Letter.objects.get(kind="registered")
    assert f"Total: {plain(money.formatted(2 * minor, currency, 'en'))}\n" in plain(letter.text)
    assert list(verification.verify(seller=invoice.seller, mode="test")) == []
    assert business.sandbox.balance() == {currency.lower(): 2 * minor}


@in_each
def test_a_fee_is_rounded_to_what_the_currency_has_and_the_rest_comes_back(
    business: Business, currency: str, price: str, minor: int, tax: int
) -> None:
    terms = {"cancellation": "fee", "cancellation_days": 7, "cancellation_fee": Decimal(50)}
    event = event_in(currency, price, **terms)
    registration = paid(business, event, 2)
    business.clock.advance(days=(event.starts_at - ports.now()).days - 2)
    made = cancel(registration, registration.seats.order_by("pk")[0])
    fee = money.rounded(Decimal(minor) / 2)
    assert (made.state, made.gross, made.fee) == ("done", minor, fee)
    business.deliver_webhooks()
    business.run_clockwork()
    refund = Refund.objects.get()
    assert (refund.amount, refund.state) == (minor - fee, "succeeded")
    assert f"Fee kept: {plain(money.formatted(fee, currency, 'en'))}\n" in plain(
        Letter.objects.get(kind="registration_cancelled").text
    )
    assert list(verification.verify(seller=event.seller, mode="test")) == []
    assert business.sandbox.balance() == {currency.lower(): minor + fee}


@in_each
def test_on_account_with_a_discount_the_invoice_is_what_the_seats_sum_to(
    business: Business, currency: str, price: str, minor: int, tax: int
) -> None:
    event = event_in(currency, price, pays_later=True)
    DiscountCode.objects.create(event=event, code="THIRD", percent=Decimal("33.33"))
    registration = register(event, 3, pays_later=True, code="third", language="en")
    invoice = Invoice.objects.get(registration=registration)
    assert invoice.number
    assert invoice.totals().gross == invoice.gross == registration.gross < 3 * minor
    assert sum(seat.gross for seat in registration.seats.all()) == registration.gross


def test_an_amount_off_is_one_of_the_currency(business: Business) -> None:
    event = event_in("JPY", "5500", pays_later=True)
    DiscountCode.objects.create(event=event, code="LESS", amount=Decimal(500))
    registration = register(event, 2, pays_later=True, code="less")
    assert registration.gross == 10_500
    assert Invoice.objects.get(registration=registration).totals().gross == 10_500


@in_each
def test_the_page_shows_and_takes_what_is_charged(
    business: Business, currency: str, price: str, minor: int, tax: int
) -> None:
    event, browser = event_in(currency, price), Client()
    page = add_event_page(event)
    html = shown(browser, page)
    said = plain(html)
    assert plain(money.formatted(minor, currency, "en")) in said
    assert f'data-wp-digits="{money.exponent(currency)}"' in html
    assert f'data-wp-minor="{minor}"' in html
    (structured,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    offer = json.loads(structured)["offers"][0]
    assert (offer["price"], offer["priceCurrency"]) == (f"{money.to_major(minor, currency):f}", currency)
    assert browser.post(page.url, sent(event, 2)).status_code == 303
    assert Registration.objects.get().gross == 2 * minor


@pytest.mark.parametrize("includes_vat", [True, False])
@pytest.mark.parametrize(("currency", "price", "one"), [("JPY", "10.5", 11), ("EUR", "10.505", 1051)])
def test_a_price_finer_than_the_currency_costs_so_many_times_what_is_shown(
    business: Business, currency: str, price: str, one: int, includes_vat: bool
) -> None:
    """The editor takes none; one may stand there from before the seller's currency changed."""
    event = event_in(currency, price, pays_later=True)
    event.ticket_types.update(price_includes_vat=includes_vat)
    registration = register(event, 2, pays_later=True)
    invoice = Invoice.objects.get(registration=registration)
    assert (invoice.gross if includes_vat else invoice.net) == 2 * one
    assert invoice.totals().gross == invoice.gross


def test_what_stripe_does_not_take_is_not_asked_for_and_the_seats_can_be_paid_otherwise(business: Business) -> None:
    registration = register(event_in("KWD", "12.515", pays_later=True))
    with pytest.raises(checkout.OnlinePaymentOff):
        start_paying(registration)
    assert states(registration) == ["held"]
    assert business.sandbox.objects("checkout.session") == []
    assert states(register(Event.objects.get(), name="Ada Roux", pays_later=True)) == ["confirmed"]
