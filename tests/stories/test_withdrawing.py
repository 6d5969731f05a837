"""A consumer changes their mind in time: of what was signed online, and of what was registered for. All comes back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests import factories
from tests.actions.signers import HERE, PLAN, sent_quote
from tests.actions.signers import proven as proves
from tests.actions.signers import sign as signs
from tests.admin.test_invoices_money import refund_form
from tests.pages.events import add_event_page, sent
from tests.portal.conftest import link_of, open_link
from tests.stories.conftest import Business
from tests.stories.organiser import cancel, register, start_paying, states
from tests.stories.test_deposits import on_account, pay
from tests.stories.test_deposits import sent as issued
from wagtail_payments import ports
from wagtail_payments.actions import (
    billing,
    cancellations,
    checkout,
    events,
    payment_requests,
    registration_withdrawals,
    wiping,
    withdrawals,
)
from wagtail_payments.actions.wishes import Buyer
from wagtail_payments.actions.withdrawals import WithdrawalRefused
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.mail.links import token_of
from wagtail_payments.models import (
    Alert,
    Cancellation,
    CreditNote,
    Customer,
    Event,
    Invoice,
    Letter,
    Quote,
    Refund,
    Registration,
    Withdrawal,
)

ADDRESS = {"street": "3 quai de la Daurade", "postcode": "31000", "city": "Toulouse"}
WHO = {"name": "Julie Martin", "email": "julie@example.org"}


@pytest.fixture
def editor(db: None) -> Client:
    """An editor at their desk."""
    client = Client()
    client.force_login(factories.make_editor())
    return client


def read(answer: Any) -> str:
    """What is read on a page, without tags."""
    assert answer.status_code == 200, answer
    text = re.sub(r"<[^>]*>", " ", unescape(answer.content.decode()))
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("\u202f", " "))


def link_in(page: str, words: str) -> str:
    """The address of the link with these words."""
    found = re.search(rf'<a [^>]*?href="([^"]+)"[^>]*>(?:(?!</a>).)*?{re.escape(words)}', page, re.DOTALL)
    assert found is not None, words
    return unescape(found[1])


def to_withdraw(event: Event) -> Event:
    """The organiser grants the right."""
    event.no_withdrawal = ""
    event.save()
    return event


def withdraw(registration: Registration, **changes: Any) -> Withdrawal:
    values = WHO | {"now": ports.now(), "trace": HERE} | changes
    return registration_withdrawals.withdraw(registration=fresh(registration), **values)


def fresh(registration: Registration) -> Registration:
    found: Registration = Registration.objects.select_related("event__seller", "invoice").get(pk=registration.pk)
    return found


def confirmed(business: Business, event: Event, seats: int = 1, **fields: Any) -> Registration:
    """Somebody who has registered and paid."""
    registration = register(event, seats, **{"language": "en"} | fields)
    business.sandbox.pay(start_paying(registration).session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    return fresh(registration)


def test_signed_withdrawn_refunded(business: Business, editor: Client) -> None:
    julie = factories.make_consumer()
    quote = sent_quote(ports.now(), customer=julie, language="en", plan=PLAN, deposit_term="acompte")
    signs(quote, proves(quote, ports.now()), ports.now())
    deposit = issued(billing.bill(quote_id=quote.pk, step=0, by=None, now=ports.now()))
    pay(business, deposit)
    business.run_clockwork()
    assert business.sandbox.balance()["eur"] == deposit.gross == 432_00

    business.clock.advance(days=3)
    page = f"/payments/d/{link_of(quote.paper).public_id}/"
    open_link(business.customer, quote.paper)
    address = link_in(business.customer.get(page).content.decode(), "Withdraw from the contract here")
    first = business.customer.post(address, WHO)
    assert "Confirm your withdrawal" in read(first)
    assert not Withdrawal.objects.exists()
    assert "Your withdrawal has arrived" in read(business.customer.post(address, WHO | {"confirmed": "1"}, follow=True))
    business.run_clockwork()
    (acknowledged,) = [letter for letter in mail.outbox if letter.subject.startswith("Your withdrawal from quote")]
    assert acknowledged.to == ["julie@example.org"]
    assert "I, Julie Martin, withdraw from the contract" in acknowledged.body.replace("\n", " ")
    assert "2026-03-19 09:30:00" in acknowledged.body

    home = editor.get("/admin/").content.decode()
    assert unescape(Alert.objects.get(kind="withdrawal").text) in unescape(home)
    desk = editor.get(link_in(home, quote.number)).content.decode()
    assert "was paid: credit it, and send the money back" in unescape(desk)
    refunding = link_in(desk, "Credit and pay back")
    form = refund_form(editor.get(refunding), reason="Withdrawal", confirmed="1")
    editor.post(refunding, form)
    business.deliver_webhooks()
    business.run_clockwork()

    note = CreditNote.objects.get()
    assert (note.gross, note.document.frozen.variant, note.invoice) == (432_00, "deposit", deposit)
    assert Refund.objects.get().state == "succeeded"
    assert business.sandbox.balance().get("eur", 0) == 0
    assert all_is_back()
    assert "You have withdrawn from this contract" in read(business.customer.get(page))
    assert business.status(deposit) is Status.CREDITED
    assert "432.00" in read(business.open_link(deposit))
    assert "nothing is left to send back" in read(editor.get(desk_of(quote)))
    business.check_books()


def test_what_was_not_paid_yet_is_not_asked_for_any_more(business: Business) -> None:
    julie = factories.make_consumer()
    quote = sent_quote(ports.now(), customer=julie, language="en", plan=PLAN, deposit_term="acompte")
    signs(quote, proves(quote, ports.now()), ports.now())
    deposit = issued(billing.bill(quote_id=quote.pk, step=0, by=None, now=ports.now()))
    assert "Pay €432.00" in read(business.open_link(deposit))
    other = business.send_invoice(customer=julie)
    link = payment_requests.make(invoice_ids=[deposit.pk, other.pk], by=None, now=ports.now())
    withdrawals.withdraw(quote_id=quote.pk, now=ports.now(), trace=HERE, **WHO)

    left = read(business.open_link(deposit))
    assert "You have withdrawn from this contract: there is nothing to pay." in left
    assert "Pay €432.00" not in left
    with pytest.raises(checkout.OnlinePaymentOff, match="withdrawn"):
        checkout.start(invoice=deposit, now=ports.now(), return_url=lambda _: "", cancel_url="")
    with pytest.raises(payment_requests.RequestRefused, match=deposit.number):
        payment_requests.make(invoice_ids=[deposit.pk, other.pk], by=None, now=ports.now())
    assert payment_requests.payable_together(julie, ports.now()) == []
    third = business.send_invoice(customer=julie)
    assert payment_requests.payable_together(julie, ports.now()) == [[other, third]]
    assert link.payment_request is not None
    where = {"return_url": lambda _: "https://a.example/", "cancel_url": "https://a.example/"}
    together = checkout.start_together(request=link.payment_request, now=ports.now(), **where)
    assert [share.invoice for share in together.shares.all()] == [other]


def signed_deposit(julie: Customer) -> Invoice:
    """The first part of a quote that she signed, issued and sent."""
    quote = sent_quote(ports.now(), customer=julie, language="en", plan=PLAN, deposit_term="acompte")
    signs(quote, proves(quote, ports.now()), ports.now())
    return issued(billing.bill(quote_id=quote.pk, step=0, by=None, now=ports.now()))


def leaves(deposit: Invoice) -> None:
    quote = deposit.deposit.contract.contract.quote
    withdrawals.withdraw(quote_id=quote.pk, now=ports.now(), trace=HERE, **WHO)


def test_a_page_to_pay_that_stood_open_is_closed(business: Business) -> None:
    julie = factories.make_consumer()
    quote = sent_quote(ports.now(), customer=julie, language="en", plan=PLAN, deposit_term="acompte")
    signs(quote, proves(quote, ports.now()), ports.now())
    deposit = issued(billing.bill(quote_id=quote.pk, step=0, by=None, now=ports.now()))
    where = {"return_url": lambda _: "https://a.example/", "cancel_url": "https://a.example/"}
    begun = checkout.start(invoice=deposit, now=ports.now(), **where)
    assert not checkout.is_outdated(begun)
    withdrawals.withdraw(quote_id=quote.pk, now=ports.now(), trace=HERE, **WHO)
    begun.refresh_from_db()
    assert begun.state == "expired"


def test_two_contracts_that_were_left_are_not_said_to_be_paid(business: Business) -> None:
    julie = factories.make_consumer()
    pair = [signed_deposit(julie) for _ in range(2)]
    link = payment_requests.make(invoice_ids=[one.pk for one in pair], by=None, now=ports.now())
    assert link.payment_request is not None
    for deposit in pair:
        leaves(deposit)
    page = read(business.customer.get(f"/payments/l/{token_of(link)}/", follow=True))
    assert "All of it is paid" not in page
    assert "You have withdrawn from this contract: there is nothing to pay." in page


def all_is_back() -> bool:
    """Nothing is owed, nothing was sold, and of the provider's money only its fee is gone."""
    nothing = all(on_account(account) == 0 for account in ("411000", "419100", "445710", "706000"))
    return nothing and on_account("511700") == -on_account("627000")


def desk_of(quote: Quote) -> str:
    return f"/admin/payments/quotes/desk/{quote.pk}/"


def test_registered_withdrawn_refunded(business: Business, editor: Client) -> None:
    event = to_withdraw(factories.make_event(capacity=1))
    page = add_event_page(event)
    before = read(business.customer.get(page.url))
    assert "Private persons may withdraw within 14 days without giving a reason" in before
    business.customer.post(page.url, sent(event, shown_right=""))
    made = Registration.objects.get()
    business.sandbox.pay(start_paying(made).session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    confirming = Letter.objects.get(kind="registered")
    assert "until March 30, 2026 (C. conso. L221-18)" in confirming.text.replace("\n", " ")

    business.clock.advance(days=13)
    mine = f"/payments/e/{made.public_id}/"
    shown = business.customer.get(mine)
    assert "You may withdraw until March 30, 2026." in read(shown)
    address = link_in(shown.content.decode(), "Withdraw from the contract here")
    first = read(business.customer.post(address, WHO))
    assert "I, Julie Martin, withdraw from the contract" in first
    assert states(made) == ["confirmed"]
    done = read(business.customer.post(address, WHO | {"confirmed": "1"}, follow=True))
    assert "Your withdrawal has arrived" in done
    assert "You have withdrawn from this registration" in done
    business.deliver_webhooks()
    business.run_clockwork()

    assert states(made) == ["cancelled"]
    assert states(register(event, name="Paul Roux")) == ["held"], "somebody else may have the seat"
    assert CreditNote.objects.get().gross == Refund.objects.get().amount == 120_00
    assert Refund.objects.get().state == "succeeded"
    assert business.sandbox.balance().get("eur", 0) == 0
    assert all_is_back()
    subjects = [letter.subject for letter in mail.outbox if letter.to == ["julie@example.org"]]
    assert "Your withdrawal from Atelier de reliure has arrived" in subjects
    assert any(subject.startswith("Registration cancelled") for subject in subjects)
    cancelled = Letter.objects.get(kind="registration_cancelled")
    assert "You have withdrawn from your registration" in cancelled.text.replace("\n", " ")
    home = editor.get("/admin/").content.decode()
    assert unescape(Alert.objects.get(kind="withdrawal").text) in unescape(home)
    sheet = read(editor.get(link_in(home, "Julie Martin – Atelier de reliure")))
    assert "I, Julie Martin, withdraw from the contract" in sheet
    told = Letter.objects.get(kind="owner_withdrawal")
    assert told.to == [event.contact]
    business.check_books()


class TestAcknowledgement:
    def test_it_has_content_date_and_time_and_no_link_to_what_is_not_the_readers(self, business: Business) -> None:
        made = confirmed(business, to_withdraw(factories.make_event()))
        statement = withdraw(made, email="somebody@example.net").statement
        letter = Letter.objects.get(kind="withdrawal")
        assert letter.to == ["somebody@example.net"]
        text = letter.text.replace("\n", " ")
        assert statement in text
        assert "(Paris time)" in text
        assert "2026-03-16 09:30:00" in text
        assert "{{ link" not in letter.html + letter.text


class TestTheMoney:
    def test_the_whole_price_comes_back_whatever_the_organiser_keeps_of_a_cancellation(
        self, business: Business
    ) -> None:
        terms = {"cancellation": "fee", "cancellation_days": 200, "cancellation_fee": Decimal(50)}
        made = confirmed(business, to_withdraw(factories.make_event(**terms)), 2)
        withdraw(made)
        owed = Cancellation.objects.get()
        assert (owed.gross, owed.fee, owed.state, owed.by_organiser) == (240_00, 0, "done", False)
        assert Refund.objects.get().amount == 240_00
        business.deliver_webhooks()
        business.check_books()

    def test_seats_given_up_before_keep_their_terms_and_the_others_come_back_whole(self, business: Business) -> None:
        terms = {"cancellation": "fee", "cancellation_days": 200, "cancellation_fee": Decimal(50)}
        made = confirmed(business, to_withdraw(factories.make_event(**terms)), 2)
        cancel(made, made.seats.all()[0])
        withdraw(made)
        assert sorted(CreditNote.objects.values_list("gross", flat=True)) == [60_00, 120_00]

    def test_a_deposit_comes_back_and_no_balance_is_asked_for(self, business: Business) -> None:
        event = to_withdraw(factories.make_event(deposit_percent=Decimal(30), balance_days=14))
        made = confirmed(business, event)
        withdraw(made)
        business.deliver_webhooks()
        assert Refund.objects.get().amount == 36_00
        assert CreditNote.objects.get().document.frozen.variant == "deposit"
        business.clock.advance(seconds=(datetime(2026, 5, 24, tzinfo=UTC) - business.clock()).total_seconds())
        business.run_clockwork()
        assert not Invoice.objects.filter(kind="final", document__isnull=False).exists()
        assert on_account("419100") == on_account("411000") == 0
        business.check_books()

    def test_a_balance_that_was_asked_for_is_no_longer_due(self, business: Business) -> None:
        late = datetime(2026, 3, 24, 7, 30, tzinfo=UTC)
        terms = {"deposit_percent": Decimal(30), "balance_days": 2}
        event = factories.make_event(starts_at=late, ends_at=late + timedelta(days=60), **terms)
        made = confirmed(business, to_withdraw(event))
        business.clock.advance(days=1)
        business.run_clockwork()
        balance = Invoice.objects.get(balance_of=made)
        assert balance.balance().due == 84_00
        withdraw(made)
        business.deliver_webhooks()
        assert balance.balance().due == 0
        assert sum(Refund.objects.values_list("amount", flat=True)) == 36_00
        business.check_books()

    def test_what_was_not_paid_online_is_for_the_organiser_who_finds_it(self, business: Business) -> None:
        event = to_withdraw(factories.make_event(pays_later=True))
        made = register(event, pays_later=True, language="en")
        withdraw(made)
        assert not Refund.objects.exists()
        assert business.status(Invoice.objects.get(registration=made)) is Status.CREDITED
        alert = Alert.objects.get(kind="withdrawal")
        assert alert.registration == made


class TestTheRight:
    @pytest.fixture
    def event(self, business: Business) -> Event:
        return to_withdraw(factories.make_event())

    def test_it_lasts_fourteen_days_and_not_one_more(self, business: Business, event: Event) -> None:
        made = confirmed(business, event)
        business.clock.advance(seconds=(datetime(2026, 3, 30, 21, 59, tzinfo=UTC) - business.clock()).total_seconds())
        right = registration_withdrawals.right_to(registration=made, now=ports.now())
        assert right is not None
        assert right.is_open, "the last minute of 30 March in Paris"
        business.clock.advance(minutes=2)
        with pytest.raises(WithdrawalRefused, match="time to withdraw is over"):
            withdraw(made)
        assert states(made) == ["confirmed"]
        assert not Letter.objects.filter(kind="withdrawal").exists()

    def test_what_was_said_before_it_was_paid_stands_whatever_the_event_says_later(
        self, business: Business, event: Event
    ) -> None:
        made = confirmed(business, event)
        Event.objects.update(no_withdrawal="dated_leisure")
        assert withdraw(made).cancellation is not None

    def test_most_events_are_leisure_on_a_given_date(self, business: Business) -> None:
        made = confirmed(business, factories.make_event())
        with pytest.raises(WithdrawalRefused, match="L221-28, 12°"):
            withdraw(made)
        letter = Letter.objects.get(kind="registered")
        assert "(C. conso. L221-28, 12°)" in letter.text.replace("\n", " ")

    @pytest.mark.parametrize(
        "more",
        [
            {"kind": "professional", "organisation": "Librairie", "siren": "404833048"} | ADDRESS,
            {"vat_number": "FR83404833048"},
        ],
    )
    def test_a_business_has_none_and_is_told_of_none(
        self, business: Business, event: Event, more: dict[str, str]
    ) -> None:
        buyer = Buyer("Julie Martin", "julie@example.org", **more)
        made = confirmed(business, event, buyer=buyer)
        with pytest.raises(WithdrawalRefused, match="no contract that can be left"):
            withdraw(made)
        assert "L221-18" not in Letter.objects.get(kind="registered").text

    def test_what_costs_nothing_is_no_contract_to_leave(self, business: Business, event: Event) -> None:
        event.ticket_types.update(price=0)
        made = fresh(register(event, language="en"))
        with pytest.raises(WithdrawalRefused):
            withdraw(made)

    def test_before_it_is_paid_there_is_nothing_to_leave(self, business: Business, event: Event) -> None:
        with pytest.raises(WithdrawalRefused):
            withdraw(register(event, language="en"))

    def test_once_the_event_is_called_off_all_comes_back_without_it(self, business: Business, event: Event) -> None:
        made = confirmed(business, event)
        events.cancel(event_id=event.pk, reason="Flood", by=None, now=ports.now())
        with pytest.raises(WithdrawalRefused, match="over"):
            withdraw(made)

    def test_of_seats_that_were_given_up_nothing_is_left(self, business: Business, event: Event) -> None:
        made = confirmed(business, event)
        cancel(made, by_organiser=True)
        with pytest.raises(WithdrawalRefused, match="cancelled before"):
            withdraw(made)

    def test_twice_is_once(self, business: Business, event: Event) -> None:
        made = confirmed(business, event)
        assert withdraw(made) == withdraw(made)
        assert Letter.objects.filter(kind="withdrawal").count() == Cancellation.objects.count() == 1

    def test_after_it_cancelling_says_that_nothing_is_left(self, business: Business, event: Event) -> None:
        made = confirmed(business, event)
        withdraw(made)
        with pytest.raises(cancellations.CancellationRefused):
            cancel(made, *made.seats.all(), by_organiser=True, back=120_00)

    def test_wiping_test_money_takes_it_along(self, business: Business, event: Event) -> None:
        withdraw(confirmed(business, event))
        wiping.wipe_test_money(now=ports.now())
        assert not Withdrawal.objects.exists()
        assert not Alert.objects.exists()


class TestAnEventWithinTheFourteenDays:
    BEGINS = datetime(2026, 3, 20, 17, 0, tzinfo=UTC)

    def soon(self, hours: int = 3) -> Event:
        ends = self.BEGINS + timedelta(hours=hours)
        return to_withdraw(factories.make_event(starts_at=self.BEGINS, ends_at=ends))

    def when_it_has_begun(self, business: Business) -> None:
        business.clock.advance(seconds=(self.BEGINS - business.clock()).total_seconds())

    def test_asked_for_it_ends_the_right_as_it_begins(self, business: Business) -> None:
        made = confirmed(business, self.soon(), begins_early=True)
        assert "until the event begins" in Letter.objects.get(kind="registered").text.replace("\n", " ")
        business.clock.advance(days=4)
        right = registration_withdrawals.right_to(registration=made, now=ports.now())
        assert right is not None
        assert right.is_open
        self.when_it_has_begun(business)
        with pytest.raises(WithdrawalRefused, match="over"):
            withdraw(made)

    def test_not_asked_for_the_right_stays(self, business: Business) -> None:
        made = confirmed(business, self.soon())
        self.when_it_has_begun(business)
        assert withdraw(made).cancellation is not None

    def test_what_goes_on_beyond_them_can_be_left_while_they_last(self, business: Business) -> None:
        made = confirmed(business, self.soon(hours=24 * 30), begins_early=True)
        self.when_it_has_begun(business)
        assert withdraw(made).cancellation is not None
