"""How many statements the database is asked for what happens most, so that nobody makes it slow without noticing.

Counted is all that Django sends, BEGIN, SAVEPOINT and COMMIT too. What the process remembers (content types, the
site's paths) is remembered before counting. The lists of the books and of invoices are counted in ``tests/admin``.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Site

from tests import factories
from tests.admin import business as business_of_lists
from tests.pages.events import add_event_page, hidden, shown
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import wish
from wagtail_payments import ports
from wagtail_payments.actions import (
    invoices,
    letter_words,
    payments,
    quote_questions,
    quote_versions,
    receipts,
    registrations,
    renditions,
    seats,
)
from wagtail_payments.mail import templates
from wagtail_payments.mail.links import attempt_url
from wagtail_payments.mail.templates import Said
from wagtail_payments.models import Customer, Invoice, Payment, PaymentAttempt
from wagtail_payments.pages.models import EventPage

EARLIER = 30


def statements(act: Callable[[], Any]) -> list[str]:
    """Do something; return what the database was asked."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured.captured_queries]


def until_last_commit(asked: list[str]) -> list[str]:
    """Leave out what came after the last transaction."""
    last = max(place for place, sql in enumerate(asked) if sql == "COMMIT")
    return asked[: last + 1]


def listed(asked: list[str]) -> str:
    return "\n".join(f"{place} {sql[:140]}" for place, sql in enumerate(asked, start=1))


@pytest.fixture(autouse=True)
def _no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFs are drawn after the commit; here only what comes before it counts."""
    monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)


# Settling


def paid_session(business: Business) -> dict[str, tuple[bytes, str]]:
    """A customer pays; return Stripe's messages about it by their type, none of them delivered."""
    invoice = business.send_invoice()
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.deliver_webhooks()
    business.sandbox.pay(attempt.session_id)
    return {json.loads(body)["type"]: (body, header) for body, header in business.sandbox.pending_webhooks()}


def after_verifying(asked: list[str]) -> list[str]:
    """Leave out what was asked to find the site and its key, before the message was believed."""
    stored = next(place for place, sql in enumerate(asked) if "wagtail_payments_webhookdelivery" in sql)
    return asked[stored:]


@pytest.mark.parametrize("kind", ["checkout.session.completed", "payment_intent.succeeded"])
def test_from_verified_message_to_committed_money_at_most_26_statements(business: Business, kind: str) -> None:
    """Whichever of Stripe's messages comes first: stored, read back, settled, fee and all, booked, committed."""
    paid_session(business)
    business.deliver_webhooks()
    body, header = paid_session(business)[kind]
    before = Payment.objects.count()
    asked = until_last_commit(after_verifying(statements(lambda: business._post(body, header))))
    assert Payment.objects.count() == before + 1
    for table in ("payment", "allocation", "entry", "entryline"):
        name = connection.ops.quote_name(f"wagtail_payments_{table}")
        assert any(sql.startswith(f"INSERT INTO {name}") for sql in asked), table
    assert len(asked) <= 26, listed(asked)


# Issuing, recording, receipts: as many for the thirtieth as for the first


@pytest.fixture
def issue(transactional_db: None, now: datetime) -> Callable[..., Invoice]:
    factories.settle_site()

    def issue(**fields: Any) -> Invoice:
        return invoices.issue(invoice_id=factories.make_invoice(**fields).pk, by=None, now=now)

    return issue


def grows_not(act: Callable[[Any], Any], subject: Callable[[], Any]) -> list[str]:
    """Do it a second time and again after many more; return what was asked, which must be as much."""
    act(subject())
    second = subject()
    few = statements(lambda: act(second))
    for _ in range(EARLIER):
        act(subject())
    late = subject()
    many = statements(lambda: act(late))
    assert len(few) == len(many), listed(few) + "\n\n" + listed(many)
    return many


def test_issuing_takes_as_many_statements_however_many_were_issued_before(
    transactional_db: None, now: datetime
) -> None:
    factories.settle_site()
    asked = grows_not(
        lambda draft: invoices.issue(invoice_id=draft.pk, by=None, now=now), lambda: factories.make_invoice()
    )
    assert len(until_last_commit(asked)) <= 32, listed(asked)


def test_issuing_takes_as_many_statements_for_fifty_lines_as_for_one(transactional_db: None, now: datetime) -> None:
    factories.settle_site()
    counts = []
    for lines in (1, 1, 50):  # the first begins the series
        draft = factories.make_invoice(lines=[("Training", "1", "10.00", "20")] * lines)
        counts.append(len(statements(lambda key=draft.pk: invoices.issue(invoice_id=key, by=None, now=now))))  # type: ignore[misc]
    assert counts[1] == counts[2]


def test_recording_a_payment_takes_as_many_statements_however_many_came_before(
    issue: Callable[..., Invoice], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "give", lambda **_: None)
    asked = grows_not(lambda invoice: transfer(invoice, now), issue)
    assert len(until_last_commit(asked)) <= 18, listed(asked)


def test_a_receipt_takes_as_many_statements_however_many_were_given_before(
    issue: Callable[..., Invoice], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    give = receipts.give
    monkeypatch.setattr(receipts, "give", lambda **_: None)
    asked = grows_not(lambda payment: give(payment_id=payment.pk, now=now), lambda: transfer(issue(), now))
    given = asked[: asked.index("COMMIT") + 1]  # its letters go out after that, each in transactions of its own
    assert len(given) <= 29, listed(given)


def transfer(invoice: Invoice, now: datetime) -> Payment:
    return payments.record(
        invoice=invoice,
        amount=5000,
        method="transfer",
        received_on=invoice.seller.today(now),
        reference="VIR",
        by=None,
        now=now,
        form_key=f"form {invoice.pk}",
    )


# Seats


def test_placing_a_registration_takes_as_many_statements_however_many_seats_are_sold(business: Business) -> None:
    event = factories.make_event(capacity=None, pays_later=True)
    people = itertools.count()
    asked = grows_not(
        lambda wanted: registrations.register(wish=wanted, now=ports.now()),
        lambda: wish(event, name=f"Buyer{next(people)} Martin"),
    )
    assert len(asked) <= 25, listed(asked)


def test_a_deposit_adds_its_own_invoice_and_no_more_however_many_seats_are_sold(business: Business) -> None:
    event = factories.make_event(capacity=None, deposit_percent=30, balance_days=14)
    people = itertools.count()
    asked = grows_not(
        lambda wanted: registrations.register(wish=wanted, now=ports.now()),
        lambda: wish(event, name=f"Buyer{next(people)} Martin"),
    )
    assert len(asked) <= 25, listed(asked)


def test_placing_ten_seats_takes_as_many_statements_as_one(business: Business) -> None:
    event = factories.make_event(capacity=None)
    counts = []
    for number in (1, 1, 10):
        wanted = wish(event, number, name=f"Buyer{number}{len(counts)} Martin")
        counts.append(len(statements(lambda: registrations.register(wish=wanted, now=ports.now()))))  # noqa: B023
    assert counts[1] == counts[2]


def test_sold_out_is_said_in_a_few_statements(business: Business) -> None:
    event = factories.make_event(capacity=1, pays_later=True)
    registrations.register(wish=wish(event, pays_later=True), now=ports.now())
    wanted = wish(event, name="Paul Roux")

    def refused() -> None:
        with pytest.raises(seats.NotEnoughSeats):
            registrations.register(wish=wanted, now=ports.now())

    asked = statements(refused)
    assert len(asked) <= 8, listed(asked)


class Visitor:
    """Somebody who registers from the event's page to the end, in a browser of their own."""

    def __init__(self, business: Business, page: EventPage, number: int) -> None:
        self.business, self.page, self.browser = business, page, Client()
        self.buyer = {"name": f"Julie{number} Martin", "email": f"julie{number}@example.org"}

    def register(self, ticket: int) -> str:
        """Look at the page and send the form; return where that leads."""
        form = hidden(shown(self.browser, self.page))
        answer = self.browser.post(self.page.url, self.buyer | form | {f"tickets-{ticket}": "1"})
        assert answer.status_code == 303, answer.content
        return str(answer["Location"])

    def register_free(self, ticket: int) -> None:
        assert self.browser.get(self.register(ticket)).status_code == 200

    def register_and_pay(self, ticket: int) -> None:
        """Three requests: the page, the form, and back from the provider, who is asked there how it went."""
        self.register(ticket)
        attempt = PaymentAttempt.objects.latest("pk")
        self.business.sandbox.pay(attempt.session_id)
        self.business.clock.advance(minutes=1)
        thanks = self.browser.get(attempt_url(attempt).removeprefix("http://localhost"))
        assert thanks.status_code == 200


@pytest.mark.parametrize(
    ("price", "act", "most"), [(0, Visitor.register_free, 65), (120, Visitor.register_and_pay, 111)]
)
def test_a_whole_registration_takes_as_many_statements_however_many_came_before(
    business: Business, price: int, act: Callable[[Visitor, int], None], most: int
) -> None:
    """All three requests with every letter that leaves in them; the provider's messages come on top, and the PDFs."""
    event = factories.make_event(capacity=None, ticket_types=False)
    ticket = factories.make_ticket_type(event, price=price).pk
    page, people = add_event_page(event), itertools.count()
    asked = grows_not(lambda visitor: act(visitor, ticket), lambda: Visitor(business, page, next(people)))
    assert len(asked) <= most, listed(asked)


# Lists


def seller_with_a_site(number: int) -> None:
    site = Site.objects.create(hostname=f"{number}.example", root_page=factories.default_site().root_page)
    factories.settle_site(factories.make_seller(name=f"Seller {number}"), site)


LISTS: dict[str, Callable[[int], Any]] = {
    "wagtail_payments_customer:list": lambda number: factories.make_customer(name=f"Customer {number}"),
    "wagtail_payments_catalogue:list": lambda number: factories.make_item(name=f"Item {number}"),
    "wagtail_payments_seller:index": lambda number: seller_with_a_site(number),
    "wagtail_payments_quote:list": lambda number: business_of_lists.sent_quote(factories.make_quote(), ports.now()),
    "wagtail_payments_event:list": lambda number: factories.make_event(),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_often_for_sixty_rows_as_for_ten(db: None, client: Client, name: str) -> None:
    client.force_login(factories.make_superuser())
    factories.settle_site()
    counts = []
    for rows in (range(10), range(10, 60)):
        for number in rows:
            LISTS[name](number)
        assert client.get(reverse(name)).status_code == 200
        counts.append(len(statements(lambda: client.get(reverse(name)))))
    assert counts[0] == counts[1] <= 20


# Pages of one record with a list on them


def asked_on(client: Client, place: str, *keys: int) -> int:
    url = reverse(place, args=keys)
    assert client.get(url).status_code == 200
    return len(statements(lambda: client.get(url)))


def test_the_desk_of_a_quote_asks_as_often_for_many_versions_questions_and_letters(
    transactional_db: None, client: Client, clock: Any, now: datetime
) -> None:
    client.force_login(factories.make_superuser())
    factories.settle_site()
    quote = business_of_lists.sent_quote(factories.make_quote(), now)
    counts = []
    for more in (2, 10):
        for number in range(more):
            draft = quote_versions.revise(quote_id=quote.pk, by=None, now=now)
            quote = business_of_lists.sent_quote(draft, now)
            asked = {"name": "Nadia", "email": "nadia@librairie.example", "text": f"Is {number} included?"}
            quote_questions.ask(quote_id=quote.pk, now=now, **asked)
        counts.append(asked_on(client, "wagtail_payments_quote:desk", quote.pk))
    assert counts[0] == counts[1] <= 40


def test_the_list_of_letters_words_asks_as_often_for_many_words_of_ones_own(
    db: None, client: Client, clock: Any, now: datetime
) -> None:
    """As often for all letters in the seller's own words, in each language, as for none."""
    client.force_login(factories.make_superuser())
    seller = factories.settle_site().seller
    place = "wagtail_payments_seller:words"
    few = asked_on(client, place, seller.pk)
    for template in templates.registered_templates():
        for language in ("en", "fr"):
            letter_words.keep(
                seller=seller, template=template, language=language, said=Said("S", "T"), by=None, now=now
            )
    assert few == asked_on(client, place, seller.pk) <= 20


def test_the_page_of_a_customer_asks_as_often_for_many_documents(
    db: None, client: Client, clock: Any, now: datetime
) -> None:
    client.force_login(factories.make_superuser())
    factories.settle_site()
    customer = factories.make_customer()
    counts = []
    for more in (2, 20):
        for _ in range(more):
            draft = factories.make_invoice(customer=customer)
            invoice = invoices.issue(invoice_id=draft.pk, by=None, now=now)
            business_of_lists.record_payment(invoice, invoice.gross + 100, now)
        counts.append(asked_on(client, "wagtail_payments_customer:edit", customer.pk))
    assert counts[0] == counts[1] <= 30


def test_a_count_that_grows_is_noticed(db: None) -> None:
    def ask_for_each(_: Any) -> None:
        for customer in Customer.objects.all():
            customer.invoices.count()

    with pytest.raises(AssertionError):
        grows_not(ask_for_each, factories.make_customer)
