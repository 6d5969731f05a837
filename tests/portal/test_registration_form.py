"""The form of an event: what is asked, what is kept of what was typed, and the way to the payment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.pages.events import BUYER, add_event_page, ask, hidden, sent, shown, ticket_of
from tests.portal.conftest import browser as browser
from tests.portal.conftest import new_browser
from wagtail_payments.actions import registrations
from wagtail_payments.checks import keeping
from wagtail_payments.core.capacity import Availability
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.mail.links import attempt_url
from wagtail_payments.models import Consent, DiscountCode, Event, Invoice, PaymentAttempt, Registration, Seat
from wagtail_payments.pages.models import EventPage
from wagtail_payments.portal.limits import PER_ADDRESS, WRONG_CODES

AT_HOME: dict[str, Any] = {"REMOTE_ADDR": "80.12.34.56"}
COMPANY = {
    "organisation": "Librairie du Canal",
    "street": "3 quai de la Daurade",
    "postcode": "31000",
    "city": "Toulouse",
    "country": "FR",
    "siren": "404833048",
    "vat_number": "FR83404833048",
    "order_reference": "BC-7",
}


@pytest.fixture
def event(sandbox: Any, db: None) -> Event:
    return factories.make_event()


@pytest.fixture
def page(event: Event) -> EventPage:
    return add_event_page(event)


def text_of(answer: Any) -> str:
    """Return what is read on the page, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode().replace("&#x27;", "'")))


def blind_at_first(shortage: Any) -> Any:
    """Let the first look see no shortage."""
    looks: list[Any] = []

    def look(available: Availability, wanted: Any) -> Any:
        looks.append(wanted)
        return shortage(available, wanted) if len(looks) > 1 else {}

    return look


class TestTheWayToThePayment:
    def test_three_requests_from_the_page_to_paid(
        self, browser: Client, page: EventPage, event: Event, sandbox: Any, clock: Any
    ) -> None:
        form = shown(browser, page)
        answer = browser.post(page.url, BUYER | hidden(form) | {f"tickets-{ticket_of(event).pk}": "1"})
        attempt = PaymentAttempt.objects.get()
        assert (answer.status_code, answer["Location"]) == (303, f"{attempt.url}#")
        sandbox.pay(attempt.session_id)
        clock.advance(minutes=1)
        thanks = browser.get(attempt_url(attempt).removeprefix("http://localhost"))
        assert "Thank you, you are registered" in thanks.content.decode()
        assert Seat.objects.get().state == "confirmed"

    def test_the_fragment_of_the_form_is_ended_and_one_of_the_providers_kept(
        self, browser: Client, page: EventPage, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert f'action="{page.url}#wp-form"' in shown(browser, page)
        free = factories.make_ticket_type(event, price=0)
        choice = {f"tickets-{ticket_of(event).pk}": "0", f"tickets-{free.pk}": "1", "form_key": "f" * 32}
        answer = browser.post(page.url, sent(event, 0) | choice)
        assert answer["Location"] == f"/payments/e/{Registration.objects.get().public_id}/#"

        def opened(**_options: Any) -> PaymentAttempt:
            return PaymentAttempt(url="https://checkout.stripe.com/c/pay/cs_1#fidkdWxO")

        monkeypatch.setattr(registrations, "start_paying", opened)
        assert browser.post(page.url, sent(event))["Location"] == "https://checkout.stripe.com/c/pay/cs_1#fidkdWxO"

    def test_the_seat_is_held_and_no_number_is_taken(self, browser: Client, page: EventPage, event: Event) -> None:
        browser.post(page.url, sent(event, 2))
        registration = Registration.objects.get()
        assert (registration.gross, registration.language) == (24_000, "en")
        assert list(registration.seats.values_list("state", flat=True)) == ["held", "held"]
        assert not Invoice.objects.exclude(document=None).exists()

    def test_this_browser_may_see_it_at_once_and_no_other(self, browser: Client, page: EventPage, event: Event) -> None:
        browser.post(page.url, sent(event))
        mine = f"/payments/e/{Registration.objects.get().public_id}/"
        assert browser.get(mine).status_code == 200
        assert new_browser().get(mine).status_code == 404

    def test_sent_twice_it_is_one(self, browser: Client, page: EventPage, event: Event) -> None:
        first, second = (browser.post(page.url, sent(event)) for _time in range(2))
        assert first["Location"] == second["Location"]
        assert Registration.objects.count() == 1

    def test_the_last_seat_sent_twice_is_still_mine(self, browser: Client, page: EventPage, event: Event) -> None:
        Event.objects.update(capacity=1)
        first, second = (browser.post(page.url, sent(event)) for _time in range(2))
        assert first["Location"] == second["Location"]

    def test_sent_again_with_something_else_it_leads_to_what_is_held(
        self, browser: Client, page: EventPage, event: Event, clock: Any
    ) -> None:
        browser.post(page.url, sent(event))
        clock.advance(seconds=5)
        answer = browser.post(page.url, sent(event, 3), follow=True)
        assert Seat.objects.count() == 1
        assert "This form was already sent" in text_of(answer)

    def test_what_is_free_is_confirmed_at_once(self, browser: Client, event: Event, page: EventPage) -> None:
        event.ticket_types.update(price=0)
        answer = browser.post(page.url, sent(event), follow=True)
        assert "You are registered: 1 seat" in text_of(answer)
        assert not Invoice.objects.exists()

    def test_by_transfer_the_invoice_is_there_at_once(self, browser: Client, event: Event, page: EventPage) -> None:
        Event.objects.update(pays_later=True)
        answer = browser.post(page.url, sent(event, pays="later"), follow=True)
        assert "are still to be paid by bank transfer" in text_of(answer)
        assert Invoice.objects.get().number
        assert not PaymentAttempt.objects.exists()

    def test_a_transfer_that_is_not_offered_is_paid_online(
        self, browser: Client, event: Event, page: EventPage
    ) -> None:
        answer = browser.post(page.url, sent(event, pays="later"))
        assert answer["Location"] == f"{PaymentAttempt.objects.get().url}#"

    def test_a_provider_that_does_not_answer_loses_nothing(
        self, browser: Client, page: EventPage, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def silent(**_options: Any) -> PaymentAttempt:
            raise GatewayUnavailable

        monkeypatch.setattr(registrations, "start_paying", silent)
        answer = browser.post(page.url, sent(event), follow=True)
        assert "Your seats are kept, and nothing was charged. Try again." in text_of(answer)
        assert "Pay €120.00" in text_of(answer)

    def test_inside_a_transaction_of_the_hosts_it_is_refused_as_the_check_says(
        self, browser: Client, page: EventPage, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        assert browser.get(page.url).status_code == 200
        with pytest.raises(RuntimeError, match="durable"):
            browser.post(page.url, sent(event))
        (warned,) = keeping.atomic_requests()
        assert "nobody can register on an event page" in warned.msg

    def test_it_needs_our_own_form(self, page: EventPage, event: Event) -> None:
        assert Client(enforce_csrf_checks=True).post(page.url, sent(event)).status_code == 403

    def test_a_machine_that_fills_in_everything_is_let_run(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        answer = browser.post(page.url, sent(event, website="https://spam.example/"))
        assert (answer.status_code, answer["Location"]) == (303, page.url)
        assert not Registration.objects.exists()

    def test_many_registrations_from_one_place_are_stopped(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        event.ticket_types.update(price=0)
        Event.objects.update(capacity=None)
        for number in range(PER_ADDRESS):
            assert browser.post(page.url, sent(event, form_key=f"{number:032x}"), **AT_HOME).status_code == 303
        answer = browser.post(page.url, sent(event, form_key="f" * 32), **AT_HOME)
        assert (answer.status_code, Registration.objects.count()) == (429, PER_ADDRESS)
        assert 'value="Julie Martin"' in answer.content.decode()

    def test_what_is_sold_already_costs_no_statement(self, browser: Client, page: EventPage, event: Event) -> None:
        counts = []
        for number in range(4):
            with CaptureQueriesContext(connection) as asked:
                assert browser.post(page.url, sent(event, form_key=f"{number:032x}")).status_code == 303
            counts.append(len(asked))
        assert counts[3] == counts[1]


class TestNothingTypedIsLost:
    def test_errors_stand_on_top_and_at_their_fields(self, browser: Client, page: EventPage, event: Event) -> None:
        answer = browser.post(page.url, sent(event, name="", email="julie@", phone="+33 6 12", city="Albi"))
        html = answer.content.decode()
        assert answer.status_code == 422
        assert '<a class="wp-summary__link" href="#wp-name">Write your name.</a>' in html
        assert 'id="wp-email_error"' in html
        for typed in ('value="julie@"', 'value="+33 6 12"', 'value="Albi"'):
            assert typed in html
        assert not Registration.objects.exists()

    def test_the_form_keeps_its_key_and_shows_the_price_of_now(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        key = f"seen-{ticket_of(event).pk}"
        html = browser.post(page.url, sent(event, name="", **{key: "1.00"})).content.decode()
        assert hidden(html) | {"form_key": "a" * 32, key: "120.000"} == hidden(html)

    def test_no_ticket_at_all(self, browser: Client, page: EventPage, event: Event) -> None:
        answer = browser.post(page.url, sent(event, 0))
        assert "Choose at least one ticket." in text_of(answer)

    @pytest.mark.parametrize("number", ["-1", "eleven", "11", "99999999999999999999"])
    def test_a_number_that_is_none(self, browser: Client, page: EventPage, event: Event, number: str) -> None:
        answer = browser.post(page.url, sent(event) | {f"tickets-{ticket_of(event).pk}": number})
        assert answer.status_code == 422
        assert f'value="{number}"' in answer.content.decode()

    def test_full_while_typing(self, browser: Client, page: EventPage, event: Event) -> None:
        Event.objects.update(capacity=2)
        answer = browser.post(page.url, sent(event, 3, phone="06 12"))
        assert answer.status_code == 409
        assert "Only 2 are left." in text_of(answer)
        assert 'value="06 12"' in answer.content.decode()

    def test_what_is_known_to_be_full_takes_no_lock(self, browser: Client, page: EventPage, event: Event) -> None:
        Event.objects.update(capacity=0)
        before = Event.objects.get().lock_count
        browser.post(page.url, sent(event))
        assert Event.objects.get().lock_count == before

    def test_whoever_is_faster_between_looking_and_taking(
        self, browser: Client, page: EventPage, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Availability, "shortage", blind_at_first(Availability.shortage))
        Event.objects.update(capacity=1)
        answer = browser.post(page.url, sent(event, 2))
        assert (answer.status_code, "Only 1 is left." in text_of(answer)) == (409, True)

    def test_sold_out_while_typing(self, browser: Client, page: EventPage, event: Event) -> None:
        Event.objects.update(capacity=0)
        answer = browser.post(page.url, sent(event))
        assert (answer.status_code, "None is left." in text_of(answer)) == (409, True)
        assert 'value="Julie Martin"' in answer.content.decode()

    def test_closed_while_typing(self, browser: Client, page: EventPage, event: Event, clock: Any) -> None:
        Event.objects.update(closes_at=clock())
        answer = browser.post(page.url, sent(event))
        assert answer.status_code == 409
        assert "Registration is closed. Nothing was charged." in text_of(answer)
        assert 'value="Julie Martin"' in answer.content.decode()

    def test_a_price_that_changed_is_seen_before_it_is_paid(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        data = sent(event)
        event.ticket_types.update(price=Decimal("150.00"))
        answer = browser.post(page.url, data)
        assert "has just changed" in text_of(answer)
        assert not Registration.objects.exists()
        assert browser.post(page.url, data | hidden(answer.content.decode())).status_code == 303
        assert Registration.objects.get().gross == 15_000

    def test_a_seller_that_may_not_invoice_sells_nothing(self, browser: Client, page: EventPage, event: Event) -> None:
        type(event.seller).objects.update(siren="", siret="")
        answer = browser.post(page.url, sent(event))
        assert answer.status_code == 503
        assert "Please write to bonjour@atelier.example." in text_of(answer)
        assert "SIREN" not in text_of(answer).split("SIREN ")[0]


class TestAttendees:
    def test_more_blocks_are_given_without_an_error_and_keep_what_was_typed(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        pk = ticket_of(event).pk
        one = {f"attendee-{pk}-0-shown": "1", f"attendee-{pk}-0-name": "Ana"}
        answer = browser.post(page.url, sent(event, 3, blocks=False, email="", **one))
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "wp-field__error" not in html
        assert [f'name="attendee-{pk}-{place}-name"' in html for place in range(4)] == [True, True, True, False]
        assert 'value="Ana"' in html
        assert not Registration.objects.exists()

    def test_an_empty_name_is_the_buyer(self, browser: Client, page: EventPage, event: Event) -> None:
        pk = ticket_of(event).pk
        browser.post(page.url, sent(event, 2, **{f"attendee-{pk}-1-name": "Ana"}))
        assert [seat.attendee for seat in Seat.objects.all()] == ["Julie Martin", "Ana"]

    def test_one_seat_is_the_buyers_without_a_block(self, browser: Client, page: EventPage) -> None:
        assert "Attendee 1" not in shown(browser, page).split("<template")[0]

    def test_nobody_is_named_where_no_names_are_asked(self, browser: Client, page: EventPage, event: Event) -> None:
        Event.objects.update(asks_names=False)
        assert browser.post(page.url, sent(event, 3, blocks=False)).status_code == 303
        assert Seat.objects.count() == 3

    def test_a_question_to_each_is_asked_of_one_too(self, browser: Client, page: EventPage, event: Event) -> None:
        question = ask(event, "Diet", of_each=True, required=True)
        prefix = f"attendee-{ticket_of(event).pk}-0"
        assert "Diet" in shown(browser, page).split("<template")[0]
        answer = browser.post(page.url, sent(event))
        assert "Please answer “Diet”." in text_of(answer)
        browser.post(page.url, sent(event, **{f"{prefix}-question-{question.key}": "Vegan"}))
        assert Seat.objects.get().answers == {question.key: "Vegan"}

    def test_an_address_that_is_none_is_said_at_its_attendee(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        pk = ticket_of(event).pk
        answer = browser.post(page.url, sent(event, 2, **{f"attendee-{pk}-1-email": "ana"}))
        assert f'href="#wp-attendee-{pk}-1-email"' in answer.content.decode()


class TestQuestions:
    @pytest.mark.parametrize(
        ("kind", "typed", "kept"),
        [
            ("singleline", "Hello", "Hello"),
            ("number", "1,5", "1.5"),
            ("date", "2026-05-01", "2026-05-01"),
            ("datetime", "2026-05-01T09:30", "2026-05-01T09:30:00+02:00"),
            ("checkbox", "on", True),
            ("radio", "B", "B"),
            ("dropdown", "A", "A"),
            ("checkboxes", ["A", "B"], ["A", "B"]),
            ("multiselect", ["B"], ["B"]),
            ("url", "https://example.org/", "https://example.org/"),
            ("email", "a@example.org", "a@example.org"),
            ("multiline", "a\r\nb", "a\r\nb"),
        ],
    )
    def test_every_kind_is_answered_and_kept(
        self, browser: Client, page: EventPage, event: Event, kind: str, typed: Any, kept: Any
    ) -> None:
        question = ask(event, "Which?", field_type=kind, choices="A\nB")
        assert f'name="question-{question.key}"' in shown(browser, page)
        answer = browser.post(page.url, sent(event, **{f"question-{question.key}": typed}))
        assert answer.status_code == 303, text_of(answer)
        assert Registration.objects.get().answers == {question.key: kept}

    @pytest.mark.parametrize("typed", ["1e9999999", "1e-9999999", "9" * 1000])
    def test_a_number_that_would_fill_the_memory_is_refused(
        self, browser: Client, page: EventPage, event: Event, typed: str
    ) -> None:
        question = ask(event, "How many?", field_type="number")
        answer = browser.post(page.url, sent(event, **{f"question-{question.key}": typed}))
        assert answer.status_code == 422
        assert f'value="{typed}"' in answer.content.decode()

    @pytest.mark.parametrize("typed", ["2026-05-01T09:30", "2026-13-45T09:30", "tomorrow"])
    def test_a_moment_survives_an_error_as_it_was_typed(
        self, browser: Client, page: EventPage, event: Event, typed: str
    ) -> None:
        question = ask(event, "When?", field_type="datetime")
        answer = browser.post(page.url, sent(event, name="", **{f"question-{question.key}": typed}))
        assert answer.status_code == 422
        assert f'value="{typed}"' in answer.content.decode()

    def test_what_was_answered_survives_an_error(self, browser: Client, page: EventPage, event: Event) -> None:
        question = ask(event, "Which?", field_type="checkboxes", choices="A\nB")
        html = browser.post(page.url, sent(event, name="", **{f"question-{question.key}": ["B"]})).content.decode()
        assert re.search(r'value="B"[^>]* checked', html)

    def test_what_is_no_longer_asked_stands_in_no_form(self, browser: Client, page: EventPage, event: Event) -> None:
        gone = {"required": True, "is_withdrawn": True}
        order = ask(event, "How did you hear of us?", **gone)
        each = ask(event, "Diet", of_each=True, **gone)
        html = shown(browser, page)
        assert order.key not in html
        assert each.key not in html
        assert browser.post(page.url, sent(event, **{f"question-{order.key}": "Press"})).status_code == 303
        assert (Registration.objects.get().answers, Seat.objects.get().answers) == ({}, {})

    def test_they_speak_the_visitors_language(self, browser: Client, page: EventPage, event: Event) -> None:
        ask(event, "Régime", translations={"en": {"label": "Diet"}})
        ticket = ticket_of(event)
        ticket.translations = {"en": {"name": "Full day"}}
        ticket.save()
        html = shown(browser, page)
        assert ("Diet" in html, "Régime" in html, "Full day" in html) == (True, False, True)

    def test_consents_are_kept_with_their_wording(self, browser: Client, page: EventPage, event: Event) -> None:
        terms = Consent.objects.create(event=event, text="I agree to the terms.")
        news = Consent.objects.create(event=event, text="Send me news.", required=False)
        answer = browser.post(page.url, sent(event))
        assert "This has to be agreed to: “I agree to the terms.”" in text_of(answer)
        browser.post(page.url, sent(event, **{f"consent-{terms.pk}": "on"}))
        Consent.objects.filter(pk=terms.pk).update(text="Other words.")
        assert Registration.objects.get().consents == ["I agree to the terms."]
        assert news.text not in Registration.objects.get().consents


class TestTheInvoice:
    def test_it_is_made_out_to_an_organisation(self, browser: Client, page: EventPage, event: Event) -> None:
        browser.post(page.url, sent(event, **COMPANY))
        registration = Registration.objects.get()
        customer = Invoice.objects.get().customer
        assert (registration.kind, registration.order_reference) == ("professional", "BC-7")
        assert (customer.name, customer.contact_name, customer.vat_number) == (
            "Librairie du Canal", "Julie Martin", "FR83404833048",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"siren": "404833047"}, "has a typing error"),
            ({"vat_number": "83404833048"}, "A VAT number begins with its country code"),
            ({"organisation": ""}, "Write the name of the organisation"),
            ({"street": ""}, "The invoice of an organisation needs its whole address."),
        ],
    )
    def test_what_is_wrong_with_it_is_said_with_the_part_open(
        self, browser: Client, page: EventPage, event: Event, wrong: dict[str, str], said: str
    ) -> None:
        answer = browser.post(page.url, sent(event, **COMPANY | wrong))
        assert said in text_of(answer)
        assert '<details class="wp-fold" open>' in answer.content.decode()

    def test_a_private_person_is_asked_for_no_address(self, browser: Client, page: EventPage, event: Event) -> None:
        browser.post(page.url, sent(event, country="FR"))
        assert Registration.objects.get().kind == "consumer"


class TestDiscountCodes:
    @pytest.fixture(autouse=True)
    def _code(self, event: Event) -> None:
        DiscountCode.objects.create(event=event, code="FRIENDS", percent=Decimal(10))

    def test_it_lowers_the_price(self, browser: Client, page: EventPage, event: Event) -> None:
        browser.post(page.url, sent(event, code="friends "))
        assert Registration.objects.get().gross == 10_800

    def test_it_can_be_tried_without_registering(self, browser: Client, page: EventPage, event: Event) -> None:
        answer = browser.post(page.url, sent(event, code="friends", look="code", name=""))
        assert answer.status_code == 200
        assert "€108.00" in text_of(answer)
        assert "Write your name." not in text_of(answer)
        assert not Registration.objects.exists()

    def test_every_wrong_code_gets_the_same_answer(
        self, browser: Client, page: EventPage, event: Event, clock: Any
    ) -> None:
        DiscountCode.objects.create(event=event, code="OLD", percent=Decimal(10), closes_at=clock())
        answers = [text_of(browser.post(page.url, sent(event, code=code))) for code in ("OLD ", "NEW ")]
        assert "This code does not work (any more)." in answers[0]
        without = [re.sub(r'value="[^"]*"', "", answer) for answer in answers]
        assert without[0] == without[1]

    def test_guessing_is_slowed(self, browser: Client, page: EventPage, event: Event, clock: Any) -> None:
        for number in range(WRONG_CODES):
            browser.post(page.url, sent(event, code=f"GUESS{number}", look="code"), **AT_HOME)
        answer = browser.post(page.url, sent(event, code="FRIENDS"), **AT_HOME)
        assert "This code does not work (any more)." in text_of(answer)
        clock.advance(hours=1)
        assert browser.post(page.url, sent(event, code="FRIENDS"), **AT_HOME).status_code == 303

    @pytest.mark.parametrize("wrong", [{}, {"form_key": "b" * 32}])
    def test_a_form_that_is_refused_lets_nobody_guess_any_longer(
        self, browser: Client, page: EventPage, event: Event, wrong: dict[str, str]
    ) -> None:
        browser.post(page.url, sent(event, form_key="b" * 32), **AT_HOME)
        refused = {"email": "no address", **wrong}
        for number in range(WRONG_CODES):
            browser.post(page.url, sent(event, code=f"GUESS{number}", **refused), **AT_HOME)
        answer = browser.post(page.url, sent(event, code="FRIENDS", **refused), **AT_HOME)
        assert answer.status_code == 422
        assert "€108.00" not in text_of(answer)
        assert "This code does not work (any more)." in text_of(answer)

    def test_a_code_that_works_stays_counted_in_on_a_form_that_is_refused(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        answer = browser.post(page.url, sent(event, code="friends", name=""))
        assert answer.status_code == 422
        assert "€108.00" in text_of(answer)

    def test_the_last_use_of_a_code_sent_twice_is_one_registration(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        DiscountCode.objects.update(most=1)
        for _time in range(2):
            assert browser.post(page.url, sent(event, code="friends")).status_code == 303
        assert Registration.objects.get().gross == 10_800


class TestWhatIsShown:
    def test_one_kind_of_ticket_starts_at_one_and_several_at_none(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        first = ticket_of(event)
        assert re.search(rf'name="tickets-{first.pk}" value="1"', shown(browser, page))
        second = factories.make_ticket_type(event, name="Student")
        html = shown(browser, page)
        for ticket in (first, second):
            assert re.search(rf'name="tickets-{ticket.pk}" value="0"', html)

    def test_it_works_by_every_means_of_entry(self, browser: Client, page: EventPage) -> None:
        html = shown(browser, page)
        for token in ("name", "email", "tel", "organization", "address-line1", "postal-code", "country"):
            assert f'autocomplete="{token}"' in html
        assert 'inputmode="numeric"' in html
        assert "<noscript>" in html

    def test_a_kind_that_is_sold_out_says_so_beside_the_others(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        gone = factories.make_ticket_type(event, name="Student", quantity=0)
        later = factories.make_ticket_type(event, name="Late", opens_at=datetime(2026, 6, 1, 8, tzinfo=UTC))
        page_text = shown(browser, page)
        assert f'name="tickets-{gone.pk}"' not in page_text
        assert f'name="tickets-{later.pk}"' not in page_text
        assert "Sold out" in page_text
        assert "Sold from Monday, June 1, 2026 at 10:00 AM" in page_text.replace("\u202f", " ")

    def test_the_early_price_says_until_when(self, browser: Client, page: EventPage, event: Event, clock: Any) -> None:
        event.ticket_types.update(early_price=Decimal("90.00"), early_until=clock() + timedelta(days=1))
        html = shown(browser, page)
        assert "€90.00" in html
        assert "then €120.00" in html

    def test_prices_without_vat_say_so_and_the_total_has_it(
        self, browser: Client, page: EventPage, event: Event
    ) -> None:
        event.ticket_types.update(price_includes_vat=False, price=Decimal("100.00"))
        html = shown(browser, page)
        assert "excl. VAT" in html
        assert "data-wp-amount>€120.00<" in html
