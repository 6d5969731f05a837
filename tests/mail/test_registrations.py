"""Letters of registrations: what was booked, paid, changed and given up, to whom it concerns, in their language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.utils import translation
from icalendar import Calendar

from tests import factories
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.organiser import cancel, register, start_paying
from wagtail_payments import ports
from wagtail_payments.actions import events, receipts
from wagtail_payments.actions.baskets import Place
from wagtail_payments.actions.wishes import Buyer
from wagtail_payments.mail import letters, links, outbox, troubles
from wagtail_payments.models import Alert, Event, Letter, Payment, Registration, Seat

pytestmark = pytest.mark.django_db(transaction=True)

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\" style='x'"


@pytest.fixture
def now() -> datetime:
    """A Monday morning in March, months before the event."""
    return datetime(2026, 3, 16, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _standing(clock: Any) -> None:
    """Every test here lives at one moment."""


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def letter_to(address: str, kind: str = "registered") -> Letter:
    letter: Letter = Letter.objects.get(kind=kind, to=[address])
    return letter


def said(letter: Letter) -> str:
    return plain(letter.text)


def free_event(**fields: Any) -> Event:
    event = factories.make_event(ticket_types=False, **fields)
    factories.make_ticket_type(event, price=0)
    return event


def places(event: Event, *people: tuple[str, str]) -> Sequence[Place]:
    ticket = event.ticket_types.all()[0]
    return [Place(ticket.pk, name, email) for name, email in people]


def paid(business: Business, event: Event, seats: int = 1, **fields: Any) -> Registration:
    registration = register(event, seats, **fields)
    business.sandbox.pay(start_paying(registration).session_id)
    business.deliver_webhooks()
    business.clock.advance(minutes=1)
    business.run_clockwork()
    return Registration.objects.get(pk=registration.pk)


def sent(letter: Letter) -> mail.EmailMessage:
    outbox.deliver(letter_id=letter.pk, now=ports.now())
    message = mail.outbox[-1]
    assert message.subject == letter.subject
    return message


def test_a_free_registration_reads_well_as_plain_text() -> None:
    event = free_event(name="Open house", language="en", place="Atelier Garonne", address="")
    register(event, 2, language="en")
    letter = letter_to("julie@example.org")
    assert letter.subject == "You are registered: Open house, June 12, 2026"
    assert said(letter) == (
        "Hello Julie Martin,\n\n"
        "Your registration for “Open house” is confirmed. We look forward to seeing you!\n\n"
        "A file for your calendar is attached.\n\n"
        "On this page you find everything again, and can change who comes:\n\n"
        "Manage your registration: {{ link }}\n\n"
        "Kind regards\nAtelier Garonne\n\n"
        "Event: Open house\nWhen: Friday, June 12, 2026, 9:30 AM – 5:00 PM (Paris time)\nWhere: Atelier Garonne\n"
        "Tickets: 2 × Standard\nTotal: Free of charge\n\n"
        "--\nAtelier Garonne\n+33 5 61 00 00 00\nbonjour@atelier.example\n"
    )


def test_a_french_registration_is_french_whatever_the_editors_language() -> None:
    event = free_event(name="Open house", translations={"fr": {"name": "Portes ouvertes"}})
    with translation.override("en"):
        register(event)
    letter = letter_to("julie@example.org")
    assert plain(letter.subject) == "Inscription confirmée : Portes ouvertes, 12 juin 2026"
    assert "Quand : vendredi 12 juin 2026, 09:30 – 17:00 (heure de Paris)" in said(letter)
    assert "SUMMARY:Portes ouvertes" in letter.calendar


def test_it_leads_to_the_registration_and_nobody_can_guess_where() -> None:
    registration = register(free_event())
    letter = letter_to("julie@example.org")
    assert letter.registration == registration
    assert letter.link == registration.link
    url = links.url_of(registration.link)
    assert url not in letter.text + letter.html + letter.calendar
    assert url in sent(letter).body
    assert links.read_token(url.rstrip("/").rpartition("/")[2]) == registration.link


def test_paid_by_card_it_says_so_and_brings_invoice_and_receipt(business: Business) -> None:
    registration = paid(business, factories.make_event(), 2, language="en")
    letter = letter_to("julie@example.org")
    text = said(letter)
    assert "Total: €240.00\nAlready paid: €240.00 (Card)" in text
    assert "Your invoice, your receipt and a file for your calendar are attached." in text
    assert registration.invoice is not None
    assert letter.customer == registration.invoice.customer
    assert not Letter.objects.filter(kind="receipt").exists()
    assert letter.state == "sent"
    (message,) = [message for message in mail.outbox if message.subject == letter.subject]
    names = [attachment.filename for attachment in message.attachments]
    assert [name.rpartition(".")[2] for name in names] == ["pdf", "pdf", "ics"]


def test_a_second_payment_gets_a_receipt_alone(business: Business) -> None:
    paid(business, factories.make_event())
    payment = Payment.objects.get()
    receipts.give(payment_id=payment.pk, now=ports.now())
    assert Letter.objects.filter(kind="registered").count() == 1
    assert not Letter.objects.filter(kind="receipt").exists()


def test_a_seat_given_up_before_the_letter_is_not_confirmed_any_more(business: Business) -> None:
    registration = register(factories.make_event(cancellation="free_until"))
    business.sandbox.pay(start_paying(registration).session_id)
    business.deliver_webhooks()
    cancel(registration)
    business.run_clockwork()
    assert not Letter.objects.filter(kind="registered").exists()
    assert letter_to("julie@example.org", "receipt").enclosed.get().kind == "receipt"


def test_a_bank_that_refuses_is_told_without_an_invoice(business: Business) -> None:
    registration = register(factories.make_event(), language="en")
    attempt = start_paying(registration)
    for _ in range(2):
        letters.payment_failed(attempt=attempt, now=ports.now())
    letter = letter_to("julie@example.org", "payment_failed")
    assert plain(letter.subject) == "Your payment for Atelier de reliure did not go through"
    assert "nothing is owed" in letter.text
    assert not letter.enclosed.exists()


def test_a_letter_that_does_not_arrive_leads_editors_to_the_invoice() -> None:
    registration = register(factories.make_event(pays_later=True), pays_later=True)
    troubles.tell_editors(letter_to("julie@example.org"), "Refused", now=ports.now())
    assert Alert.objects.get(kind="letter").invoice == registration.invoice


def test_on_account_it_says_how_to_pay() -> None:
    registration = register(factories.make_event(pays_later=True), pays_later=True, language="en")
    text = said(letter_to("julie@example.org"))
    assert registration.invoice is not None
    number = registration.invoice.number
    assert f"Please transfer €120.00 by April 15, 2026, with the reference {number}." in text
    assert "IBAN: FR76 3000 6000 0112 3456 7890 189" in text
    assert f"Reference: {number}" in text
    assert "Your invoice and a file for your calendar are attached." in text
    assert "Already paid" not in text


def test_the_letter_goes_out_with_an_appointment_that_mail_programs_know() -> None:
    register(free_event())
    message = sent(letter_to("julie@example.org"))
    (part,) = [part for part in message.message().walk() if part.get_content_type() == "text/calendar"]
    assert part.get_filename() == "event.ics"
    assert part.get_param("method") == "PUBLISH"
    assert part.get_content_charset() == "utf-8"
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert Calendar.from_ical(content)["METHOD"] == "PUBLISH"


def test_what_nobody_wrote_by_hand_says_so() -> None:
    registration = register(free_event())
    assert sent(letter_to("julie@example.org")).message()["Auto-Submitted"] == "auto-generated"
    (written,) = letters.event_message(
        registration=registration, subject="Parking", text="Bring a coat.", by=None, now=ports.now()
    )
    assert sent(written).message()["Auto-Submitted"] is None


def test_answers_go_to_the_organiser() -> None:
    register(free_event(organiser_email="lea@atelier.example"))
    assert letter_to("julie@example.org").reply_to == "lea@atelier.example"
    assert letter_to("lea@atelier.example", "owner_registered").reply_to == "julie@example.org"


def test_where_it_is_online_the_letter_has_the_link() -> None:
    register(free_event(online_url="https://meet.example/?a=1&b=2", place="", address=""), language="en")
    letter = letter_to("julie@example.org")
    assert "Join online: https://meet.example/?a=1&b=2\n" in letter.text
    assert 'href="https://meet.example/?a=1&amp;b=2"' in letter.html
    assert letter.html.count('class="wp-button"') == 1


def test_the_letter_says_until_when_one_can_cancel() -> None:
    terms = {"cancellation": "fee", "cancellation_days": 7, "cancellation_fee": Decimal(50)}
    register(factories.make_event(pays_later=True, **terms), pays_later=True, language="en")
    wanted = "You can cancel free of charge until Friday, June 5, 2026 at 9:30 AM; after that 50% of the price is kept."
    assert wanted in said(letter_to("julie@example.org"))


def test_a_registration_is_confirmed_by_one_letter() -> None:
    registration = register(free_event())
    again = letters.registered(registration=registration, enclosed=(), now=ports.now())
    assert again == letter_to("julie@example.org")


def test_names_and_answers_are_text_in_every_letter(business: Business) -> None:
    seller = factories.seller_of_default_site()
    seller.name = MARKUP
    seller.save()
    event = free_event(name=MARKUP + " {{ link }} %(x)s", place=MARKUP, address=f"{MARKUP}\n=1+1", language="en")
    buyer = Buyer(name=f"{MARKUP} {{{{ link }}}}", email="julie@example.org", organisation=MARKUP)
    registration = register(event, places(event, (MARKUP, ""), ("Paul", "paul@example.org")), buyer=buyer)
    letters.event_changed(registration=registration, event=event, now=ports.now())
    letters.event_reminder(registration=registration, now=ports.now())
    letters.event_message(
        registration=registration,
        subject="{{ event }} {{ name }}",
        text="{{ place }}\n\n#LINK",
        by=None,
        now=ports.now(),
    )
    cancel(registration, by_organiser=True, reason=MARKUP)
    assert Letter.objects.count() == 11
    for letter in Letter.objects.all():
        assert "<script" not in letter.html, letter.kind
        assert "<img" not in letter.html, letter.kind
        assert "\n" not in letter.subject
        assert letter.text.count("{{ link }}") == (1 if letter.link else 0), letter.kind


def test_attendees_with_their_own_address_are_told_without_papers_and_without_the_buyers_link() -> None:
    event = free_event(online_url="https://meet.example/42")
    people = places(event, ("Julie Martin", ""), ("Paul Roux", "paul@example.org"), ("Zoé Petit", "JULIE@example.org"))
    register(event, people, language="en")
    theirs = letter_to("paul@example.org")
    assert theirs.link is None
    assert "{{ link }}" not in theirs.text + theirs.html
    assert not theirs.enclosed.exists()
    assert "Julie Martin has registered you for “Atelier de reliure”." in said(theirs)
    assert "Attendees: Paul Roux\n" in said(theirs)
    assert "https://meet.example/42" in theirs.text
    description = Calendar.from_ical(theirs.calendar).events[0]["DESCRIPTION"]
    assert "Attendees: Paul Roux\n" in description
    assert "Julie" not in description
    assert Letter.objects.filter(kind="registered").count() == 2


def test_whoever_cancels_in_time_reads_what_comes_back(business: Business) -> None:
    event = factories.make_event(cancellation="free_until", cancellation_days=7)
    registration = paid(business, event, language="en")
    made = cancel(registration)
    letter = letter_to("julie@example.org", "registration_cancelled")
    text = said(letter)
    assert letter.subject == "Registration cancelled: Atelier de reliure, June 12, 2026"
    assert "You have cancelled the seats listed below" in text
    assert "We are sending €120.00 back the way you paid" in text
    assert made.credit_note is not None
    assert list(letter.enclosed.all()) == [made.credit_note.document]
    assert "METHOD:CANCEL" in letter.calendar


def test_a_fee_that_is_kept_is_named_and_who_stays_is_told(business: Business) -> None:
    event = factories.make_event(cancellation="fee", cancellation_days=7, cancellation_fee=Decimal(50))
    registration = paid(business, event, 2, language="en")
    business.clock.advance(days=(event.starts_at - ports.now()).days - 2)
    cancel(registration, registration.seats.first())
    letter = letter_to("julie@example.org", "registration_cancelled")
    text = said(letter)
    assert letter.subject == "Seats cancelled: Atelier de reliure, June 12, 2026"
    assert "As agreed, a fee of €60.00 is kept." in text
    assert "Price: €120.00\nFee kept: €60.00\nComes back: €60.00" in text
    assert "1 seat stays booked for you." in text
    assert "METHOD:PUBLISH" in letter.calendar


def test_what_was_not_paid_yet_is_no_longer_asked_for() -> None:
    event = factories.make_event(pays_later=True, cancellation="free_until")
    cancel(register(event, pays_later=True, language="en"))
    text = said(letter_to("julie@example.org", "registration_cancelled"))
    assert "Your invoice is lowered by €120.00. The credit note is attached." in text


def test_an_event_called_off_says_why_and_does_not_say_you_cancelled() -> None:
    event = free_event()
    people = places(event, ("Julie Martin", ""), ("Paul Roux", "paul@example.org"))
    register(event, people, language="en")
    events.cancel(event_id=event.pk, reason="The teacher is ill.", by=None, now=ports.now())
    events.cancel_registrations_due(now=ports.now())
    for address in ("julie@example.org", "paul@example.org"):
        letter = letter_to(address, "registration_cancelled")
        assert letter.subject == "Cancelled: Atelier de reliure, June 12, 2026"
        assert "is cancelled and does not take place" in letter.text
        assert "Reason: The teacher is ill." in letter.text
        assert "You have cancelled" not in letter.text
        assert "METHOD:CANCEL" in letter.calendar


def test_whoever_still_has_a_seat_keeps_the_appointment() -> None:
    event = free_event(cancellation="free_until")
    people = places(event, ("Paul Roux", "paul@example.org"), ("Paul’s friend", "paul@example.org"))
    registration = register(event, people)
    cancel(registration, registration.seats.first())
    assert not Letter.objects.filter(kind="registration_cancelled", to=["paul@example.org"]).exists()


def test_paid_without_a_seat_both_sides_are_told(business: Business) -> None:
    event = factories.make_event(capacity=1)
    late = register(event, language="en")
    attempt = start_paying(late)
    business.clock.advance(minutes=33)
    Seat.objects.filter(registration=late).update(hold_until=ports.now() - timedelta(minutes=1))
    register(event, name="Paul Roux")
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    letter = letter_to("julie@example.org", "seat_lost")
    assert plain(letter.subject) == "No seat left: €120.00 for Atelier de reliure comes back to you"
    assert "no invoice was made" in letter.text
    owner = letter_to("bonjour@atelier.example", "owner_seat_lost")
    assert "Julie Martin" in owner.subject
    assert owner.language == "fr"


def test_a_change_reaches_whoever_comes_once_per_revision() -> None:
    event = free_event()
    people = places(event, ("Julie Martin", ""), ("Paul Roux", "paul@example.org"))
    registration = register(event, people, language="en")
    event.starts_at += timedelta(hours=1)
    event.save()
    events.announce_change(event_id=event.pk, by=None, now=ports.now())
    fresh = Event.objects.get(pk=event.pk)
    letters.event_changed(registration=registration, event=fresh, now=ports.now())
    for address in ("julie@example.org", "paul@example.org"):
        letter = letter_to(address, "event_changed")
        assert "It now is:\nFriday, June 12, 2026, 10:30 AM – 5:00 PM (Paris time)\nAtelier Garonne, 12" in said(letter)
        assert "SEQUENCE:1" in letter.calendar
    events.announce_change(event_id=event.pk, by=None, now=ports.now())
    assert Letter.objects.filter(kind="event_changed").count() == 4


def test_a_reminder_is_sent_at_most_once() -> None:
    registration = register(free_event(), language="en")
    for _ in range(2):
        letters.event_reminder(registration=registration, now=ports.now())
    letter = letter_to("julie@example.org", "event_reminder")
    assert letter.at_most_once
    assert letter.subject == "See you soon: Atelier de reliure, June 12, 2026"


def test_an_organisers_words_go_to_each_address_with_their_own_name() -> None:
    event = free_event()
    people = places(event, ("Anna", ""), ("Paul Roux", "paul@example.org"), ("Anna", ""))
    registration = register(event, people)
    text = "Dear {{ name }},\n\n{{ event }} on {{ date }}: {{ place }}. {{ unknown }}\n\n#LINK\n\n{{ seller }}"
    given = {"subject": "Parking at {{ event }}", "text": text, "by": None, "now": ports.now(), "once": "key"}
    for _ in range(2):
        letters.event_message(registration=registration, **given)
    buyer, guest = letter_to("julie@example.org", "event_message"), letter_to("paul@example.org", "event_message")
    assert buyer.subject == "Parking at Atelier de reliure"
    assert buyer.text.startswith("Dear Julie Martin,\n\nAtelier de reliure on 12 juin 2026: Atelier Garonne, 12 rue")
    assert "{{ unknown }}" in buyer.text
    assert guest.text.startswith("Dear Paul Roux,")
    assert buyer.text.count("{{ link }}") == 1
    assert "{{ link }}" not in guest.text
    assert "Gérer" not in guest.text


def test_only_whom_the_organiser_chose_is_written_to() -> None:
    event = free_event()
    people = places(event, ("Anna", "anna@example.org"), ("Paul Roux", "paul@example.org"))
    registration = register(event, people)
    chosen = [registration.seats.get(name="Anna")]
    letters.event_message(registration=registration, subject="x", text="y", by=None, now=ports.now(), seats=chosen)
    assert [letter.to for letter in Letter.objects.filter(kind="event_message")] == [["anna@example.org"]]


def test_a_preview_is_what_will_be_sent_and_writes_nothing() -> None:
    registration = register(free_event())
    before = Letter.objects.count()
    shown = letters.render_event_message(registration=registration, subject="Hi", text="Dear {{ name }}\n\n#LINK")
    assert "Dear Julie Martin" in shown.text
    assert Letter.objects.count() == before


def test_the_organiser_reads_who_registered_in_their_own_language() -> None:
    event = factories.make_event(pays_later=True)
    register(event, pays_later=True, language="en", buyer=Buyer("Julie Martin", "julie@example.org", "0601020304"))
    letter = letter_to("bonjour@atelier.example", "owner_registered")
    assert letter.language == "fr"
    assert plain(letter.subject) == "Nouvelle inscription de Julie Martin : Atelier de reliure"
    assert "Téléphone : 0601020304" in said(letter)
    assert "Total : 120,00 €" in said(letter)
    assert letter.link is None


def test_a_day_of_registrations_comes_as_one_list() -> None:
    event = free_event(notify="daily")
    people = [register(event, 2), register(event, name="Paul Roux")]
    letter = letters.owner_registered(registrations=people, event=event, once="day:1:2026-03-16", now=ports.now())
    assert letter is not None
    assert plain(letter.subject) == "2 nouvelles inscriptions : Atelier de reliure"
    assert "Julie Martin : 2 × Standard, Gratuit\nPaul Roux : 1 × Standard, Gratuit\n" in said(letter)


def test_every_occasion_fits_its_column() -> None:
    limit = Letter._meta.get_field("written_once").max_length
    event = free_event()
    Event.objects.filter(pk=event.pk).update(calendar_sequence=2**31 - 1)
    registration = register(event, places(event, ("Paul Roux", "paul@example.org")))
    letters.event_changed(registration=registration, event=Event.objects.get(pk=event.pk), now=ports.now())
    letters.event_message(registration=registration, subject="x", text="y", by=None, now=ports.now(), once="k" * 50)
    longest = max(len(letter.written_once or "") for letter in Letter.objects.all())
    assert longest + 12 <= limit, "keys have up to 19 digits"


def test_test_money_says_so_on_top() -> None:
    register(factories.make_event(pays_later=True), pays_later=True, language="en")
    assert letter_to("julie@example.org").text.startswith("* This is a test.")
    register(free_event(), name="Paul Roux", language="en")
    assert letter_to("paul@example.org").text.startswith("Hello Paul Roux")
