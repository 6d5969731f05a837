"""A registrant's own page: what it says at each moment, and what can be done there, by whoever holds the link alone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.pages.events import add_event_page, ask
from tests.portal.conftest import browser as browser
from tests.portal.conftest import new_browser
from wagtail_payments.actions import clockwork, links, payments, registrations
from wagtail_payments.actions.baskets import Place
from wagtail_payments.actions.wishes import Buyer, Wish
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.mail.links import attempt_url, token_of
from wagtail_payments.models import (
    Cancellation,
    Event,
    Letter,
    Link,
    PaymentAttempt,
    Question,
    Refund,
    Registration,
    Seat,
)
from wagtail_payments.portal import limits

GOOD = {"question-email": "julie@example.org", "question-text": "May I bring my dog?"}


class Visitor:
    """Somebody who registered in this browser, or opened the link of the letter in it."""

    def __init__(self, browser: Client, event: Event, clock: Any, sandbox: Any) -> None:
        self.browser, self.event, self.clock, self.sandbox = browser, event, clock, sandbox

    def registers(self, number: int = 1, **fields: Any) -> Registration:
        """Send the form; this browser then has the registration."""
        ticket = self.event.ticket_types.all()[0]
        values: dict[str, Any] = {"language": "en", "form_key": f"{Registration.objects.count():032x}"}
        values["places"] = [Place(ticket.pk) for _seat in range(number)]
        buyer = Buyer("Julie Martin", "julie@example.org")
        wish = Wish(event_id=self.event.pk, buyer=buyer, **values | fields)
        made = registrations.register(wish=wish, now=self.clock())
        self.opens(made)
        return made

    def opens(self, made: Registration) -> Any:
        """Open the link that stands in the letter."""
        return self.browser.get(f"/payments/l/{token_of(made.link)}/")

    def pays(self, made: Registration, how: str = "pay") -> PaymentAttempt:
        """Go to the provider and come back."""
        self.presses(made, "pay")
        attempt = PaymentAttempt.objects.get(shares__live_for=made.invoice)
        getattr(self.sandbox, how)(attempt.session_id)
        self.clock.advance(minutes=1)
        self.browser.get(attempt_url(attempt).removeprefix("http://localhost"))
        return attempt

    def presses(self, made: Registration, what: str, **data: Any) -> Any:
        """Press a button of the page; return what is shown then, except at the provider."""
        return self.browser.post(url(made, what), data, follow=what != "pay")

    def sees(self, made: Registration) -> str:
        """Look at the page."""
        return text_of(self.browser.get(url(made)))


def url(made: Registration, *rest: object) -> str:
    return "/".join([f"/payments/e/{made.public_id}", *(str(part) for part in rest), ""])


def text_of(answer: Any) -> str:
    """Return what is read on the page, without tags."""
    html = answer.content.decode().replace("&#x27;", "'")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


@pytest.fixture
def event(sandbox: Any, db: None) -> Event:
    return factories.make_event(cancellation="free_until", cancellation_days=7)


@pytest.fixture
def visitor(browser: Client, event: Event, clock: Any, sandbox: Any) -> Visitor:
    return Visitor(browser, event, clock, sandbox)


@pytest.mark.parametrize("rest", [(), ("cancel",)])
def test_more_attendees_cost_no_more_statements(visitor: Visitor, event: Event, rest: tuple[str, ...]) -> None:
    Event.objects.update(pays_later=True)
    ask(event, "Diet", of_each=True)
    needed = []
    for number in (2, 8):
        made = visitor.registers(number, pays_later=True)
        with CaptureQueriesContext(connection) as statements:
            assert visitor.browser.get(url(made, *rest)).status_code == 200
        needed.append(len(statements))
    assert needed[0] == needed[1], needed


class TestWhoMaySee:
    def test_the_link_of_the_letter_opens_it_at_a_clean_address(self, visitor: Visitor) -> None:
        made = visitor.registers()
        answer = visitor.opens(made)
        assert (answer.status_code, answer["Location"]) == (303, url(made))
        assert answer["Referrer-Policy"] == "no-referrer"
        assert made.link.openings.count() == 2

    def test_foreign_missing_renewed_and_revoked_look_alike(self, visitor: Visitor, clock: Any) -> None:
        made = visitor.registers()
        foreign = new_browser().get(url(made))
        missing = visitor.browser.get(f"/payments/e/{'0' * 32}/")
        links.renew(link=made.link, by=None, now=clock())
        renewed = visitor.browser.get(url(made))
        links.revoke(link=made.link, by=None, now=clock())
        revoked = visitor.browser.get(url(made))
        assert {answer.status_code for answer in (foreign, missing, renewed, revoked)} == {404}
        assert foreign.content == missing.content == renewed.content == revoked.content

    @pytest.mark.parametrize(
        ("method", "rest"),
        [
            ("post", ["pay"]),
            ("post", ["more-time"]),
            ("post", ["give-back"]),
            ("post", ["seats", 1]),
            ("post", ["answers"]),
            ("get", ["papers", 1]),
            ("get", ["cancel"]),
            ("post", ["cancel"]),
            ("post", ["question"]),
        ],
    )
    def test_nothing_of_it_is_there_for_others(self, visitor: Visitor, method: str, rest: list[object]) -> None:
        made = visitor.registers()
        answer = getattr(new_browser(), method)(url(made, *rest))
        assert answer.status_code == 404
        assert Seat.objects.get().state == "held"

    def test_staff_see_it_by_permission(self, visitor: Visitor) -> None:
        made, staff = visitor.registers(), new_browser()
        staff.force_login(factories.make_user("view_invoice"))
        assert staff.get(url(made)).status_code == 404
        staff.force_login(factories.make_user("view_registration"))
        assert "You are logged in as staff" in text_of(staff.get(url(made)))

    def test_its_link_opens_no_document_and_the_reverse(self, visitor: Visitor) -> None:
        made = visitor.registers()
        visitor.pays(made)
        clockwork.run_once(now=visitor.clock())
        assert visitor.browser.get(f"/payments/d/{made.public_id}/").status_code == 404
        assert visitor.browser.get(f"/payments/d/{made.public_id}/pdf/").status_code == 404
        for link in Link.objects.exclude(document=None):
            visitor.browser.get(f"/payments/l/{token_of(link)}/")
            assert visitor.browser.get(f"/payments/e/{link.public_id}/").status_code == 404

    def test_it_is_sent_privately(self, visitor: Visitor) -> None:
        answer = visitor.browser.get(url(visitor.registers()))
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert "noindex" in answer.headers["X-Robots-Tag"]

    def test_it_speaks_the_language_it_was_made_in(self, visitor: Visitor) -> None:
        answer = visitor.browser.get(url(visitor.registers(language="fr")))
        assert answer.headers["Content-Language"] == "fr"
        assert "Votre place est gardée jusqu’à" in text_of(answer)


class TestHeld:
    def test_it_says_how_long_in_words(self, visitor: Visitor, clock: Any) -> None:
        made = visitor.registers(2)
        clock.advance(minutes=10)
        said = visitor.sees(made)
        assert "Your seats are kept until" in said
        assert "25 minutes are left to pay." in said
        assert "Pay €240.00" in said

    def test_paying_leads_to_the_provider_and_back_to_a_confirmed_seat(self, visitor: Visitor) -> None:
        made = visitor.registers()
        first, second = (visitor.presses(made, "pay") for _time in range(2))
        assert first["Location"] == second["Location"]
        visitor.pays(made)
        assert "You are registered: 1 seat" in visitor.sees(made)

    def test_more_time_once_and_the_payment_lasts_as_long(self, visitor: Visitor, clock: Any) -> None:
        made = visitor.registers()
        visitor.presses(made, "pay")
        clock.advance(minutes=20)
        said = text_of(visitor.presses(made, "more-time"))
        assert "Your seats are kept for longer." in said
        assert "35 minutes are left to pay." in said
        assert "I need more time" not in said
        clock.advance(minutes=20)
        assert visitor.presses(made, "pay")["Location"].startswith("http")
        assert "no longer kept" in text_of(visitor.presses(made, "more-time"))

    def test_when_too_little_time_is_left_to_pay_it_says_so(
        self, visitor: Visitor, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = visitor.registers()
        Registration.objects.update(hold_extended=True)
        clock.advance(minutes=10)
        answer = visitor.browser.post(url(made, "pay"), follow=True)
        assert "Too little time is left to pay online." in text_of(answer)
        assert "25 minutes are left to pay." in text_of(answer)

    def test_given_back_they_are_free_at_once(self, visitor: Visitor) -> None:
        made = visitor.registers()
        said = text_of(visitor.presses(made, "give-back"))
        assert "You gave the seats back" in said
        assert Seat.objects.get().state == "cancelled"
        assert "no longer kept" in text_of(visitor.presses(made, "give-back"))

    def test_unpaid_they_lapse_and_one_can_begin_again(self, visitor: Visitor, event: Event, clock: Any) -> None:
        page = add_event_page(event)
        made = visitor.registers()
        clock.advance(minutes=36)
        answer = visitor.browser.get(url(made))
        assert "Your seats are no longer kept" in text_of(answer)
        assert f'href="{page.url}#wp-form"' in answer.content.decode()
        assert "Not paid" in text_of(answer)
        answer = visitor.browser.post(url(made, "pay"), follow=True)
        assert "These seats are no longer kept for you." in text_of(answer)

    def test_the_way_in_online_is_only_for_who_is_confirmed(self, visitor: Visitor) -> None:
        Event.objects.update(online_url="https://meet.example/secret")
        made = visitor.registers()
        assert "secret" not in visitor.browser.get(url(made)).content.decode()
        visitor.pays(made)
        assert "https://meet.example/secret" in visitor.browser.get(url(made)).content.decode()

    def test_a_provider_that_does_not_answer_loses_nothing(
        self, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def silent(**_options: Any) -> PaymentAttempt:
            raise GatewayUnavailable

        made = visitor.registers()
        monkeypatch.setattr(registrations, "start_paying", silent)
        answer = visitor.browser.post(url(made, "pay"), follow=True)
        assert "Your seats are kept, and nothing was charged." in text_of(answer)


class TestComingBack:
    def back(self, visitor: Visitor, attempt: PaymentAttempt) -> Any:
        return visitor.browser.get(attempt_url(attempt).removeprefix("http://localhost"))

    def test_paid(self, visitor: Visitor) -> None:
        made = visitor.registers()
        answer = self.back(visitor, visitor.pays(made))
        assert "Thank you, you are registered" in text_of(answer)
        assert f'href="{url(made)}"' in answer.content.decode()

    def test_with_the_bank(self, visitor: Visitor) -> None:
        made = visitor.registers()
        answer = self.back(visitor, visitor.pays(made, "pay_by_sepa"))
        assert "Your seats are kept meanwhile." in text_of(answer)
        assert "Your bank is confirming the payment" in visitor.sees(made)

    def test_when_the_seats_were_gone(self, visitor: Visitor, event: Event, clock: Any) -> None:
        made = visitor.registers()
        visitor.presses(made, "pay")
        attempt = PaymentAttempt.objects.get()
        Event.objects.update(capacity=0)
        Seat.objects.update(hold_until=clock())
        visitor.sandbox.pay(attempt.session_id)
        clock.advance(minutes=1)
        answer = self.back(visitor, attempt)
        assert "The money goes back to you by itself." in text_of(answer)
        assert "The seats are gone" in visitor.sees(made)

    def test_in_another_browser_nothing_else_is_shown(self, visitor: Visitor) -> None:
        made = visitor.registers()
        address = attempt_url(visitor.pays(made)).removeprefix("http://localhost")
        html = new_browser().get(address).content.decode()
        assert "Thank you, you are registered" in html
        for private in (made.name, made.email, made.public_id):
            assert private not in html

    def test_giving_up_at_the_provider_leads_to_the_registration(self, visitor: Visitor, event: Event) -> None:
        made = visitor.registers()
        visitor.presses(made, "pay")
        session = visitor.sandbox.client().v1.checkout.sessions.retrieve(PaymentAttempt.objects.get().session_id)
        assert session.cancel_url == f"{event.site.root_url}{url(made)}"


class TestWhoComes:
    def test_a_name_can_be_changed_until_it_begins(self, visitor: Visitor, event: Event, clock: Any) -> None:
        question = ask(event, "Diet", of_each=True)
        made = visitor.registers()
        seat = made.seats.get()
        changed = {f"seat-{seat.pk}-name": "Ana", f"seat-{seat.pk}-question-{question.key}": "Vegan"}
        said = text_of(visitor.presses(made, f"seats/{seat.pk}", **changed))
        assert "Your change is kept." in said
        assert "Ana" in said
        seat.refresh_from_db()
        assert (seat.name, seat.answers) == ("Ana", {question.key: "Vegan"})
        visitor.pays(made)
        Event.objects.update(starts_at=clock())
        assert "can no longer be changed" in text_of(
            visitor.presses(made, f"seats/{seat.pk}", **{f"seat-{seat.pk}-name": "Eve"})
        )
        seat.refresh_from_db()
        assert seat.name == "Ana"

    def test_an_answer_to_what_is_no_longer_asked_outlives_every_change(self, visitor: Visitor, event: Event) -> None:
        diet, size = ask(event, "Diet", of_each=True, required=True), ask(event, "Size", of_each=True)
        made = visitor.registers()
        seat = made.seats.get()
        prefix = f"seat-{seat.pk}-question-"
        visitor.presses(made, f"seats/{seat.pk}", **{prefix + diet.key: "Vegan", prefix + size.key: "M"})
        Question.objects.filter(pk=diet.pk).update(is_withdrawn=True)
        assert prefix + diet.key not in visitor.browser.get(url(made)).content.decode()
        sent = {prefix + size.key: "L", prefix + diet.key: "Meat"}
        assert "Your change is kept." in text_of(visitor.presses(made, f"seats/{seat.pk}", **sent))
        seat.refresh_from_db()
        assert seat.answers == {diet.key: "Vegan", size.key: "L"}

    def test_a_moment_is_shown_as_browsers_read_it_and_outlives_a_change(self, visitor: Visitor, event: Event) -> None:
        question, ticket = ask(event, "When?", field_type="datetime", of_each=True), event.ticket_types.all()[0]
        kept = "2026-05-01T09:30:00+02:00"
        made = visitor.registers(places=[Place(ticket.pk, "Julie", "", {question.key: kept})])
        seat = made.seats.get()
        field = re.search(
            r'type="datetime-local"[^>]* value="([^"]*)"', visitor.browser.get(url(made)).content.decode()
        )
        assert field is not None
        assert field[1] == "2026-05-01T09:30"
        name = f"seat-{seat.pk}-"
        visitor.presses(made, f"seats/{seat.pk}", **{f"{name}name": "Inès", f"{name}question-{question.key}": field[1]})
        seat.refresh_from_db()
        assert (seat.name, seat.answers) == ("Inès", {question.key: kept})

    def test_a_new_attendee_is_invited_once_the_seats_are_confirmed(self, visitor: Visitor) -> None:
        made = visitor.registers(2)
        visitor.pays(made)
        clockwork.run_once(now=visitor.clock())
        seat = made.seats.all()[1]
        ana = {f"seat-{seat.pk}-name": "Ana", f"seat-{seat.pk}-email": "ana@example.org"}
        for _click in range(2):
            visitor.presses(made, f"seats/{seat.pk}", **ana)
        assert Letter.objects.get(to=["ana@example.org"]).link is None
        visitor.presses(made, f"seats/{seat.pk}", **ana | {f"seat-{seat.pk}-email": ""})
        kinds = Letter.objects.filter(to=["ana@example.org"]).order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["registered", "registration_cancelled"]

    def test_it_can_not_be_used_to_write_to_strangers_without_end(
        self, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "PER_ADDRESS", 2)
        made = visitor.registers()
        seat = made.seats.get()
        said = [
            text_of(visitor.presses(made, f"seats/{seat.pk}", **{f"seat-{seat.pk}-email": f"a{number}@example.org"}))
            for number in range(3)
        ]
        assert ["Your change is kept." in text for text in said] == [True, True, False]
        assert "That was many tries in a short time." in said[2]
        seat.refresh_from_db()
        assert seat.email == "a1@example.org"

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, visitor: Visitor) -> None:
        made = visitor.registers()
        seat = made.seats.get()
        typed = {f"seat-{seat.pk}-name": "Ana", f"seat-{seat.pk}-email": "ana@"}
        answer = visitor.presses(made, f"seats/{seat.pk}", **typed)
        assert answer.status_code == 422
        assert "This is not an e-mail address." in text_of(answer)
        assert 'value="ana@"' in answer.content.decode()

    def test_anothers_seat_is_not_there(self, visitor: Visitor) -> None:
        mine, other = visitor.registers(), visitor.registers()
        assert visitor.presses(mine, f"seats/{other.seats.get().pk}").status_code == 404


class TestPapers:
    def test_invoice_receipt_and_calendar_can_be_had(self, visitor: Visitor) -> None:
        made = visitor.registers()
        assert visitor.browser.get(f"/payments/e/{made.public_id}/event.ics").status_code == 404
        visitor.pays(made)
        clockwork.run_once(now=visitor.clock())
        html = visitor.browser.get(url(made)).content.decode()
        papers = re.findall(r'href="([^"]*/papers/\d+/)\?download"', html)
        assert len(papers) == 2
        for paper in papers:
            assert visitor.browser.get(paper).content.startswith(b"%PDF")
            assert new_browser().get(paper).status_code == 404
        answer = visitor.browser.get(f"/payments/e/{made.public_id}/event.ics")
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert "METHOD:PUBLISH" in answer.content.decode()

    def test_the_paper_of_another_is_not_there(self, visitor: Visitor) -> None:
        mine, other = visitor.registers(), visitor.registers()
        visitor.pays(mine)
        visitor.pays(other)
        other.invoice.refresh_from_db()
        assert visitor.browser.get(url(mine, "papers", other.invoice.document_id)).status_code == 404


class TestCancelling:
    def confirm(self, visitor: Visitor, made: Registration, *seats: Seat, **changed: str) -> Any:
        """Choose seats, see what comes back, and confirm; return the two pages."""
        asked = visitor.browser.get(url(made, "cancel"), {"seat": [seat.pk for seat in seats]})
        fields = dict(re.findall(r'name="(back|form_key)" value="([^"]*)"', asked.content.decode()))
        sent = {"seat": [str(seat.pk) for seat in seats], **fields, **changed}
        return asked, visitor.browser.post(url(made, "cancel"), sent, follow=True)

    def test_whole_with_the_money_quoted_first(self, visitor: Visitor) -> None:
        made = visitor.registers()
        visitor.pays(made)
        asked, done = self.confirm(visitor, made, made.seats.get())
        assert "€120.00 go back the way you paid." in text_of(asked)
        assert "This registration is cancelled" in text_of(done)
        assert Refund.objects.get().amount == 12_000
        assert Seat.objects.get().state == "cancelled"

    def test_looking_at_the_quote_cancels_nothing(self, visitor: Visitor) -> None:
        made = visitor.registers()
        visitor.pays(made)
        visitor.browser.get(url(made, "cancel"), {"seat": made.seats.get().pk})
        assert not Cancellation.objects.exists()

    def test_single_attendees(self, visitor: Visitor) -> None:
        made = visitor.registers(3)
        visitor.pays(made)
        assert "Which seats do you give up?" in text_of(visitor.browser.get(url(made, "cancel")))
        _asked, done = self.confirm(visitor, made, made.seats.all()[0])
        assert "You are registered: 2 seats" in text_of(done)
        assert "€120.00 come back to you" in text_of(done)
        assert Refund.objects.get().amount == 12_000

    def test_the_fee_that_is_kept_is_said(self, visitor: Visitor, event: Event, clock: Any) -> None:
        Event.objects.update(cancellation="fee", cancellation_fee=Decimal(25), starts_at=clock() + timedelta(days=3))
        made = visitor.registers()
        visitor.pays(made)
        asked, _done = self.confirm(visitor, made, made.seats.get())
        assert "€30.00 of €120.00 are kept" in text_of(asked)
        assert Refund.objects.get().amount == 9_000

    def test_a_quote_that_changed_is_shown_again(self, visitor: Visitor) -> None:
        made = visitor.registers()
        visitor.pays(made)
        _asked, done = self.confirm(visitor, made, made.seats.get(), back="1")
        assert done.status_code == 409
        assert "What comes back has changed meanwhile." in text_of(done)
        assert not Cancellation.objects.exists()

    def test_sent_twice_it_is_one(self, visitor: Visitor) -> None:
        made = visitor.registers(2)
        visitor.pays(made)
        first, second = made.seats.all()
        self.confirm(visitor, made, first, form_key="a" * 32)
        _asked, done = self.confirm(visitor, made, second, form_key="a" * 32)
        assert "It is cancelled." in text_of(done)
        assert Cancellation.objects.count() == 1

    @pytest.mark.parametrize("sent", [{}, {"back": "x"}, {"back": "12000"}, {"back": "9" * 99, "form_key": "a" * 32}])
    def test_a_form_that_we_never_showed_is_refused(self, visitor: Visitor, sent: dict[str, str]) -> None:
        made = visitor.registers()
        visitor.pays(made)
        assert visitor.browser.post(url(made, "cancel"), sent).status_code == 404
        assert not Cancellation.objects.exists()

    @pytest.mark.parametrize("fields", [{"cancellation": "never"}, {"cancellation_days": 300}])
    def test_it_is_not_offered_where_it_is_not_allowed(
        self, visitor: Visitor, event: Event, fields: dict[str, Any]
    ) -> None:
        made = visitor.registers()
        visitor.pays(made)
        Event.objects.update(**fields)
        assert "Cancel seats" not in visitor.sees(made)
        answer = visitor.browser.get(url(made, "cancel"), follow=True)
        assert "can no longer be changed here" in text_of(answer)

    def test_what_the_organiser_called_off_says_why(self, visitor: Visitor, clock: Any) -> None:
        made = visitor.registers()
        visitor.pays(made)
        Event.objects.update(cancelled_at=clock(), cancellation_reason="The teacher is ill.")
        clockwork.run_once(now=clock())
        assert "The teacher is ill." in visitor.sees(made)


class TestAsking:
    def test_a_question_goes_to_the_organiser(self, visitor: Visitor, event: Event) -> None:
        Event.objects.update(organiser_email="team@atelier.example")
        made = visitor.registers()
        answer = visitor.presses(made, "question", **GOOD)
        letter = Letter.objects.get(kind="question")
        assert "Your question is on its way." in text_of(answer)
        assert (letter.to, letter.reply_to) == (["team@atelier.example"], "julie@example.org")
        assert made.link.public_id not in letter.html

    def test_what_is_wrong_keeps_what_was_typed(self, visitor: Visitor) -> None:
        made = visitor.registers()
        answer = visitor.presses(made, "question", **GOOD | {"question-email": "julie@"})
        assert answer.status_code == 422
        assert "May I bring my dog?" in text_of(answer)
        assert not Letter.objects.filter(kind="question").exists()


def test_money_by_hand_shows_as_paid(visitor: Visitor, event: Event, clock: Any) -> None:
    Event.objects.update(pays_later=True)
    visitor.event = Event.objects.get()
    made = visitor.registers(pays_later=True)
    assert "€120.00 are still to be paid by bank transfer" in visitor.sees(made)
    moment: datetime = clock()
    payments.record(
        invoice=made.invoice, amount=12_000, method="transfer", received_on=moment.date(), reference="",
        by=None, now=moment, form_key="k",
    )  # fmt: skip
    assert "still to be paid" not in visitor.sees(made)
