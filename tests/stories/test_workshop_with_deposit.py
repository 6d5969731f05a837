"""A workshop with a deposit: 30 % confirm the seat, the balance is asked for by itself, and every way to give up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.stories.conftest import Business
from tests.stories.organiser import HOME, cancel, register, start_paying, states
from wagtail_payments import ports
from wagtail_payments.actions import cancellations, checkout, events, letter_words, ticket_deposits, wiping
from wagtail_payments.actions.baskets import Place
from wagtail_payments.mail import templates
from wagtail_payments.mail.templates import Said
from wagtail_payments.models import (
    Alert,
    Cancellation,
    CreditNote,
    Event,
    Invoice,
    Letter,
    Payment,
    PaymentAttempt,
    Refund,
    Registration,
)
from wagtail_payments.printing.amounts import Writer

ASKED_ON = datetime(2026, 5, 23, 8, 0, tzinfo=UTC)  # the balance is due on 29 May: two weeks before 12 June


@pytest.fixture
def workshop(business: Business) -> Event:
    return factories.make_event(
        deposit_percent=Decimal(30), balance_days=14, cancellation="fee", cancellation_days=7, cancellation_fee=50
    )


def fresh(registration: Registration) -> Registration:
    rows = Registration.objects.select_related("event__seller", "invoice__document", "balance__document")
    found: Registration = rows.get(pk=registration.pk)
    return found


def with_deposit(business: Business, workshop: Event, seats: Any = 1, **fields: Any) -> Registration:
    """Registered, with the deposit paid."""
    registration = register(workshop, seats, **fields)
    business.sandbox.pay(start_paying(registration).session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    return fresh(registration)


def to(business: Business, moment: datetime) -> None:
    """Time passes until then."""
    business.clock.advance(seconds=(moment - business.clock()).total_seconds())


def asked(business: Business, registration: Registration) -> Registration:
    """A week before it is due, the clockwork asks for the balance."""
    to(business, ASKED_ON)
    business.run_clockwork()
    return fresh(registration)


def pay_balance(business: Business, registration: Registration) -> PaymentAttempt:
    attempt = ticket_deposits.start_paying(
        registration=registration, now=ports.now(), return_url=lambda attempt: HOME, cancel_url=HOME
    )
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    return attempt


def invoiced(registration: Registration) -> list[tuple[str, int, int]]:
    """The kinds of its invoices, what they come to and what is due on them."""
    rows = [row for row in (registration.invoice, registration.balance) if row is not None and not row.is_draft]
    return [(row.kind, row.gross, row.balance().due) for row in rows]


def back(business: Business) -> list[int]:
    business.deliver_webhooks()
    business.run_clockwork()
    business.check_books()
    return sorted(Refund.objects.filter(state="succeeded").values_list("amount", flat=True))


def test_the_deposit_confirms_the_seat_and_the_balance_is_asked_for_by_itself(
    business: Business, workshop: Event
) -> None:
    registration = register(workshop)
    assert (registration.deposit, registration.gross, registration.balance_on) == (3600, 12_000, date(2026, 5, 29))
    attempt = start_paying(registration)
    assert attempt.amount == 3600
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    registration = fresh(registration)
    assert states(registration) == ["confirmed"]
    assert invoiced(registration) == [("deposit", 3600, 0)]
    letter = Letter.objects.get(kind="registered")
    assert "84,00" in letter.text
    assert "29 mai 2026" in letter.text

    to(business, datetime(2026, 5, 21, 8, 0, tzinfo=UTC))
    business.run_clockwork()
    assert invoiced(fresh(registration)) == [("deposit", 3600, 0)]
    registration = asked(business, registration)
    assert invoiced(registration) == [("deposit", 3600, 0), ("final", 8400, 8400)]
    final, document = registration.balance, registration.balance.document
    assert final.due_on == date(2026, 5, 29)
    assert (final.net + registration.invoice.net, final.tax + registration.invoice.tax) == (10_000, 2_000)
    assert [row.number for row in document.frozen.deducted] == [registration.invoice.number]
    letter = Letter.objects.get(kind="balance")
    assert letter.state == "sent"
    assert "84,00" in letter.text
    assert letter.link.document == document
    assert list(letter.enclosed.all()) == [document]

    business.run_clockwork()
    assert Letter.objects.filter(kind="balance").count() == 1
    pay_balance(business, registration)
    assert invoiced(fresh(registration)) == [("deposit", 3600, 0), ("final", 8400, 0)]
    assert Letter.objects.filter(kind="receipt").count() == 1
    assert Letter.objects.filter(kind="registered").count() == 1
    business.check_books()


def test_whoever_registers_when_the_balance_is_due_pays_all_at_once(business: Business, workshop: Event) -> None:
    to(business, datetime(2026, 5, 29, 6, 0, tzinfo=UTC))
    registration = register(workshop)
    assert (registration.deposit, registration.balance) == (0, None)
    assert start_paying(registration).amount == 12_000
    assert registration.invoice.kind == "standard"


def test_a_basket_left_behind_is_never_asked_for(business: Business, workshop: Event) -> None:
    registration = register(workshop)
    asked(business, registration)
    assert invoiced(fresh(registration)) == []
    assert not Letter.objects.exists()


def test_paid_by_transfer_the_deposit_is_invoiced_at_once_and_deducted_though_still_open(
    business: Business, workshop: Event
) -> None:
    Event.objects.update(pays_later=True)
    registration = fresh(register(workshop, pays_later=True))
    assert invoiced(registration) == [("deposit", 3600, 3600)]
    assert "36,00" in Letter.objects.get(kind="registered").text
    registration = asked(business, registration)
    assert invoiced(registration) == [("deposit", 3600, 3600), ("final", 8400, 8400)]
    business.check_books()


def test_given_up_with_only_the_deposit_paid_the_deposit_comes_back_with_a_503(
    business: Business, workshop: Event
) -> None:
    registration = with_deposit(business, workshop)
    seats = list(registration.seats.all())
    quote = cancellations.quote(event=workshop, seats=seats, by_organiser=False, now=ports.now())
    assert (quote.gross, quote.fee, quote.back) == (3600, 0, 3600)
    made = cancel(registration)
    assert made.state == "done"
    note = made.credit_note
    assert (note.invoice, note.gross, note.document.frozen.variant) == (registration.invoice, 3600, "deposit")
    assert back(business) == [3600]
    registration = asked(business, registration)
    assert invoiced(registration) == [("deposit", 3600, 0)]
    assert not Letter.objects.filter(kind="balance").exists()


def test_a_fee_is_never_higher_than_what_was_invoiced(business: Business, workshop: Event) -> None:
    Event.objects.update(cancellation_days=200)
    registration = with_deposit(business, Event.objects.get())
    made = cancel(registration)
    assert (made.gross, made.fee, made.state) == (3600, 3600, "done")
    assert back(business) == []
    assert not CreditNote.objects.exists()


def test_given_up_with_both_paid_each_comes_back_the_way_it_came(business: Business, workshop: Event) -> None:
    registration = asked(business, with_deposit(business, workshop))
    pay_balance(business, registration)
    made = cancel(registration)
    assert (made.gross, made.fee, made.state) == (12_000, 0, "done")
    assert (made.balance_note.gross, made.credit_note.gross) == (8400, 3600)
    assert back(business) == [3600, 8400]
    letter = Letter.objects.get(kind="registration_cancelled")
    assert letter.enclosed.count() == 2
    assert "120,00" in letter.text


def test_given_up_while_the_balance_is_open_it_is_no_longer_due(business: Business, workshop: Event) -> None:
    registration = asked(business, with_deposit(business, workshop))
    cancel(registration)
    assert back(business) == [3600]
    assert registration.balance.balance().due == 0


def test_a_fee_after_both_were_asked_for_stays_what_was_agreed(business: Business, workshop: Event) -> None:
    registration = asked(business, with_deposit(business, workshop))
    pay_balance(business, registration)
    to(business, datetime(2026, 6, 8, 8, 0, tzinfo=UTC))
    made = cancel(fresh(registration))
    assert (made.gross, made.fee, made.credit_note) == (12_000, 6000, None)
    assert back(business) == [6000]


def test_one_of_two_given_up_before_leaves_the_balance_of_the_other(business: Business, workshop: Event) -> None:
    Event.objects.update(cancellation_days=200, cancellation_fee=10)
    registration = with_deposit(business, Event.objects.get(), 2)
    gone, _stays = registration.seats.all()
    made = cancel(registration, gone)
    assert (made.gross, made.fee) == (3600, 1200)
    assert back(business) == [2400]
    registration = asked(business, registration)
    assert invoiced(registration) == [("deposit", 7200, 0), ("final", 8400, 8400)]
    assert [line.quantity for line in registration.balance.lines.all()] == [1, 1]
    business.check_books()


def test_one_of_two_given_up_after_is_credited_on_the_balance_first(business: Business, workshop: Event) -> None:
    registration = asked(business, with_deposit(business, workshop, 2))
    pay_balance(business, registration)
    first, second = registration.seats.all()
    made = cancel(registration, first)
    assert (made.balance_note.gross, made.credit_note) == (12_000, None)
    assert back(business) == [12_000]
    made = cancel(registration, second)
    assert (made.balance_note.gross, made.credit_note.gross) == (4800, 7200)
    assert back(business) == [4800, 7200, 12_000]
    assert sum(back(business)) == sum(payment.amount for payment in Payment.objects.all())


def test_rates_are_kept_apart_when_one_is_given_up_after(business: Business, workshop: Event) -> None:
    book = factories.make_ticket_type(workshop, name="Book", price=Decimal("55.00"), vat_rate=Decimal("5.5"))
    places = [Place(workshop.ticket_types.all()[0].pk), Place(book.pk)]
    registration = asked(business, with_deposit(business, workshop, places))
    pay_balance(business, registration)
    course, _book = registration.seats.all()
    made = cancel(registration, course)
    assert made.state == "done", made.failure
    assert made.balance_note.gross + made.credit_note.gross == 12_000
    assert sum(back(business)) == 12_000


@pytest.mark.parametrize(
    ("deposit", "fee", "first", "second", "at_once"),
    [(30, 17, "33.35", "33.33", True), (90, 30, "11.44", "9.90", False)],
)
def test_of_a_fee_no_cent_goes_back_and_is_asked_for_again(
    business: Business, workshop: Event, deposit: int, fee: int, first: str, second: str, at_once: bool
) -> None:
    """Two rates, and only one of them has a seat left: the fee is divided, and its VAT rounded, once."""
    Event.objects.update(deposit_percent=deposit, cancellation_days=365, cancellation_fee=fee)
    workshop.ticket_types.update(price=Decimal(first))
    ticket = workshop.ticket_types.get()
    other = factories.make_ticket_type(workshop, price=Decimal(second), vat_rate=Decimal("5.5"))
    places = [Place(kind.pk) for kind in (ticket, ticket, other, ticket)]
    registration = with_deposit(business, Event.objects.get(), places)
    given_up = registration.seats.order_by("pk")[:3]
    for seats in [given_up] if at_once else [[seat] for seat in given_up]:
        cancel(registration, *seats)
    registration = asked(business, registration)
    assert registration.balance is not None
    assert registration.balance.document is not None
    assert [row.rate for row in registration.balance.document.frozen.vat if row.base or row.tax] == ["20"]
    assert CreditNote.objects.count() == (1 if at_once else 3)
    business.check_books()


def test_called_off_each_payment_goes_back_exactly_once(business: Business, workshop: Event) -> None:
    one = with_deposit(business, workshop, name="Ada Roux")
    both = with_deposit(business, workshop, 2)
    one, both = asked(business, one), fresh(both)
    pay_balance(business, both)
    held = register(workshop, name="Paul Durand")
    events.cancel(event_id=workshop.pk, reason="The teacher is ill.", by=None, now=ports.now())
    for _beat in range(3):
        business.run_clockwork()
    assert back(business) == [3600, 7200, 16_800]
    assert set(Cancellation.objects.values_list("state", flat=True)) == {"done"}
    assert states(held) == ["cancelled"]
    assert invoiced(fresh(one)) == [("deposit", 3600, 0), ("final", 8400, 0)]


def test_called_off_before_the_balance_it_is_never_asked_for(business: Business, workshop: Event) -> None:
    registration = with_deposit(business, workshop)
    events.cancel(event_id=workshop.pk, reason="", by=None, now=ports.now())
    asked(business, registration)
    assert back(business) == [3600]
    assert not Letter.objects.filter(kind="balance").exists()


def test_a_cancellation_that_is_not_credited_yet_holds_the_balance_back(
    business: Business, workshop: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = with_deposit(business, workshop, 2)
    with monkeypatch.context() as patch:
        patch.setattr(cancellations, "settle", lambda **options: Cancellation.objects.get())
        cancel(registration, registration.seats.all()[0])
        to(business, ASKED_ON)
        assert ticket_deposits.ask_due(now=ports.now()) == 0
    business.run_clockwork()
    assert invoiced(fresh(registration)) == [("deposit", 7200, 0), ("final", 8400, 8400)]
    assert back(business) == [3600]


def test_a_balance_that_can_not_be_invoiced_is_shown_and_tried_again(
    business: Business, workshop: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = with_deposit(business, workshop)
    street, workshop.seller.street = workshop.seller.street, ""
    workshop.seller.save()
    registration = asked(business, registration)
    assert invoiced(registration) == [("deposit", 3600, 0)]
    assert "Julie Martin" in Alert.objects.get(kind="balance").text
    workshop.seller.street = street
    workshop.seller.save()
    business.run_clockwork()
    assert invoiced(fresh(registration))[1] == ("final", 8400, 8400)
    assert Alert.objects.get(kind="balance").settled_at is not None


def test_a_balance_paid_while_the_seats_are_given_up_goes_back_by_itself(business: Business, workshop: Event) -> None:
    registration = asked(business, with_deposit(business, workshop))
    attempt = ticket_deposits.start_paying(
        registration=registration, now=ports.now(), return_url=lambda attempt: HOME, cancel_url=HOME
    )
    business.sandbox.pay_by_sepa(attempt.session_id)
    business.deliver_webhooks()
    cancel(registration)
    business.sandbox.settle(attempt.session_id, paid=True)
    assert back(business) == [3600, 8400]
    assert not Alert.objects.filter(settled_at=None).exists()


def test_an_open_payment_of_the_balance_ends_with_the_seats(business: Business, workshop: Event) -> None:
    registration = asked(business, with_deposit(business, workshop))
    attempt = ticket_deposits.start_paying(
        registration=registration, now=ports.now(), return_url=lambda attempt: HOME, cancel_url=HOME
    )
    cancel(registration)
    attempt.refresh_from_db()
    assert attempt.state == "expired"


def test_nothing_is_left_to_pay_twice(business: Business, workshop: Event) -> None:
    registration = with_deposit(business, workshop)
    with pytest.raises(checkout.NothingToPay):
        pay_balance(business, registration)
    registration = asked(business, registration)
    pay_balance(business, registration)
    with pytest.raises(checkout.NothingToPay):
        pay_balance(business, registration)
    assert Invoice.objects.filter(kind="final").count() == 1


def test_wiping_test_money_takes_deposits_and_balances_along(business: Business, workshop: Event) -> None:
    asked(business, with_deposit(business, workshop))
    register(workshop, name="Paul Durand")
    cancel(Registration.objects.earliest("pk"))
    wiping.wipe_test_money(now=ports.now())
    assert not Invoice.objects.exists()
    assert not Registration.objects.exists()


def test_the_balance_is_asked_for_in_the_organisers_own_words(business: Business, workshop: Event) -> None:
    template = templates.find("balance")
    assert template is not None
    registration = with_deposit(business, workshop)
    said = Said("{{ event }} : {{ amount }}", "Bonjour {{ name }},\n\nLe {{ date }}, donc {{ due_on }}.\n\n#LINK")
    language = registration.language
    seller = workshop.seller
    letter_words.keep(seller=seller, template=template, language=language, said=said, by=None, now=ports.now())
    asked(business, registration)
    letter = Letter.objects.get(kind="balance")
    assert letter.subject.replace("\u00a0", " ").endswith(Writer(language, "EUR").money(8400).replace("\u00a0", " "))
    assert "12" in letter.text.split("donc", 1)[0]
    assert "29" in letter.text.split("donc", 1)[1]
    assert "{{ link }}" in letter.text
