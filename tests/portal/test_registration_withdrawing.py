"""Leaving a registration at its page: two steps without a script, said before it is paid, refused in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.pages.events import add_event_page, sent, shown, ticket_of
from tests.portal.conftest import browser as browser
from tests.portal.conftest import new_browser
from tests.portal.test_registration_form import COMPANY, text_of
from tests.portal.test_registrations import Visitor, url
from wagtail_payments.actions import registration_withdrawals
from wagtail_payments.models import Cancellation, Event, Letter, Registration, Withdrawal
from wagtail_payments.portal import limits

WHO = {"name": "Julie Martin", "email": "julie@example.org"}
SOON = datetime(2026, 3, 20, 17, 0, tzinfo=UTC)
LATER = {"pays_later": True, "language": "en"}


@pytest.fixture
def event(sandbox: Any, db: None) -> Event:
    return factories.make_event(no_withdrawal="", pays_later=True)


@pytest.fixture
def visitor(browser: Client, event: Event, clock: Any, sandbox: Any) -> Visitor:
    return Visitor(browser, event, clock, sandbox)


@pytest.fixture
def made(visitor: Visitor) -> Registration:
    """Confirmed, to be paid by transfer."""
    return visitor.registers(2, **LATER)


class TestTwoSteps:
    def test_who_then_the_statement_then_it_is_done(self, visitor: Visitor, made: Registration) -> None:
        assert "Withdraw from the contract here" in visitor.sees(made)
        first = visitor.browser.get(url(made, "withdraw"))
        assert 'value="Julie Martin"' in first.content.decode()
        second = text_of(visitor.browser.post(url(made, "withdraw"), WHO))
        assert "I, Julie Martin, withdraw from the contract with Atelier Garonne that was made by registering" in second
        assert not Withdrawal.objects.exists()
        answer = visitor.presses(made, "withdraw", **WHO, confirmed="1")
        assert "Your withdrawal has arrived" in text_of(answer)
        said = visitor.sees(made)
        assert "You have withdrawn from this registration" in said
        assert "Withdraw from the contract here" not in said
        kept = Withdrawal.objects.get()
        assert (kept.name, kept.email, kept.agent[:11]) == ("Julie Martin", "julie@example.org", "Mozilla/5.0")

    def test_one_may_go_back_and_change_what_was_typed(self, visitor: Visitor, made: Registration) -> None:
        back = visitor.browser.post(url(made, "withdraw"), WHO | {"back": "1"})
        assert 'value="julie@example.org"' in back.content.decode()
        assert not Withdrawal.objects.exists()

    def test_the_wrong_address_is_said_and_nothing_is_done(self, visitor: Visitor, made: Registration) -> None:
        answer = visitor.browser.post(url(made, "withdraw"), {"name": "", "email": "x", "confirmed": "1"})
        assert answer.status_code == 422
        assert "Write your name." in text_of(answer)
        assert not Withdrawal.objects.exists()

    def test_pressed_twice_it_is_done_once_and_says_so(self, visitor: Visitor, made: Registration) -> None:
        for _time in range(2):
            answer = visitor.browser.post(url(made, "withdraw"), WHO | {"confirmed": "1"})
            assert answer["Location"].endswith("said=withdrawn")
        assert Cancellation.objects.count() == Letter.objects.filter(kind="withdrawal").count() == 1

    def test_asking_changes_nothing(self, visitor: Visitor, made: Registration) -> None:
        for method in ("get", "head"):
            getattr(visitor.browser, method)(url(made, "withdraw"))
        assert not Withdrawal.objects.exists()

    def test_too_often_waits(self, visitor: Visitor, made: Registration, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "allows", lambda *_asked: False)
        answer = visitor.browser.post(url(made, "withdraw"), WHO | {"confirmed": "1"})
        assert answer["Location"].endswith("said=wait")
        assert not Withdrawal.objects.exists()

    def test_cancelling_says_that_withdrawing_costs_nothing(self, visitor: Visitor, made: Registration) -> None:
        Event.objects.update(cancellation="fee", cancellation_days=200)
        said = text_of(visitor.browser.get(url(made, "cancel")))
        assert "Then all seats are given up, and the whole price comes back." in said


class TestWhoMay:
    def test_whoever_has_not_opened_the_link_finds_nothing(self, made: Registration) -> None:
        foreign = new_browser()
        assert foreign.get(url(made, "withdraw")).status_code == 404
        assert foreign.post(url(made, "withdraw"), WHO | {"confirmed": "1"}).status_code == 404
        assert not Withdrawal.objects.exists()

    def test_staff_may_look_at_the_page_and_not_withdraw_for_others(self, made: Registration) -> None:
        staff = new_browser()
        staff.force_login(factories.make_editor())
        assert staff.get(url(made)).status_code == 200
        assert staff.post(url(made, "withdraw"), WHO | {"confirmed": "1"}).status_code == 404
        assert not Withdrawal.objects.exists()


class TestWhereItIsNotPossible:
    def refused(self, visitor: Visitor, made: Registration) -> str:
        answer = visitor.browser.post(url(made, "withdraw"), WHO | {"confirmed": "1"})
        assert answer["Location"].endswith("said=no_withdrawal")
        said = text_of(visitor.browser.get(answer["Location"]))
        assert "This contract can’t be left here." in said
        assert "Withdraw from the contract here" not in said
        return said

    def test_after_the_fourteen_days_the_page_says_when_they_ended(
        self, visitor: Visitor, made: Registration, clock: Any
    ) -> None:
        clock.advance(days=16)
        assert "The time to withdraw ended on March 30, 2026." in self.refused(visitor, made)

    def test_the_exception_is_said_with_its_reason(self, visitor: Visitor) -> None:
        Event.objects.update(no_withdrawal="dated_leisure")
        assert "(C. conso. L221-28, 12°)" in self.refused(visitor, visitor.registers(**LATER))

    def test_begun_as_was_asked_for(self, visitor: Visitor, clock: Any) -> None:
        Event.objects.update(starts_at=SOON, ends_at=SOON + timedelta(hours=3))
        visitor.event.refresh_from_db()
        made = visitor.registers(**LATER, begins_early=True)
        assert "You may withdraw until it begins." in visitor.sees(made)
        clock.advance(days=5)
        assert "The right to withdraw ended as it began." in self.refused(visitor, made)

    def test_refused_in_the_moment_in_between(
        self, visitor: Visitor, made: Registration, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(**_options: Any) -> None:
            raise registration_withdrawals.WithdrawalRefused

        monkeypatch.setattr(registration_withdrawals, "withdraw", refuse)
        answer = visitor.browser.post(url(made, "withdraw"), WHO | {"confirmed": "1"})
        assert answer["Location"].endswith("said=no_withdrawal")

    def test_a_business_reads_nothing_of_it(self, visitor: Visitor, made: Registration) -> None:
        Registration.objects.update(kind="professional", organisation="Librairie")
        said = visitor.sees(made)
        assert "You may withdraw" not in said
        assert "Withdraw from the contract here" not in said


class TestBeforePaying:
    def test_the_right_stands_at_the_form(self, browser: Client, event: Event) -> None:
        said = text_of(browser.get(add_event_page(event).url))
        assert "Private persons may withdraw within 14 days without giving a reason" in said

    def test_the_exception_stands_at_the_form_with_its_reason(self, browser: Client, event: Event) -> None:
        Event.objects.update(no_withdrawal="dated_leisure")
        page = add_event_page(event)
        assert "there is no right of withdrawal (C. conso. L221-28, 12°)" in text_of(browser.get(page.url))

    def test_what_costs_nothing_says_nothing_of_it(self, browser: Client, event: Event) -> None:
        event.ticket_types.update(price=0)
        assert "withdraw" not in shown(browser, add_event_page(event))

    def test_a_right_that_has_just_changed_is_shown_again_and_nothing_is_kept(
        self, browser: Client, event: Event
    ) -> None:
        page = add_event_page(event)
        assert '<input type="hidden" name="shown_right" value="">' in shown(browser, page)
        Event.objects.update(no_withdrawal="digital")
        answer = browser.post(page.url, sent(event, shown_right=""))
        assert answer.status_code == 409
        assert "The right to withdraw has just changed." in text_of(answer)
        assert not Registration.objects.exists()

    def test_it_is_kept_as_it_was_said(self, browser: Client, event: Event) -> None:
        page = add_event_page(event)
        browser.post(page.url, sent(event, shown_right=""))
        assert Registration.objects.get().no_withdrawal == ""


class TestSoSoon:
    @pytest.fixture
    def soon(self, event: Event) -> Any:
        Event.objects.update(starts_at=SOON, ends_at=SOON + timedelta(hours=3))
        event.refresh_from_db()
        return add_event_page(event)

    def test_a_private_person_has_to_ask_that_it_takes_place(self, browser: Client, event: Event, soon: Any) -> None:
        said = text_of(browser.get(soon.url))
        assert "until the event begins" in said
        assert "I ask that the event takes place within the 14 days" in said
        answer = browser.post(soon.url, sent(event, shown_right=""))
        assert answer.status_code == 422
        assert "This has to be agreed to: “I ask that the event takes place" in text_of(answer)
        assert not Registration.objects.exists()

    def test_who_asks_for_it_is_registered_and_the_sentence_kept(
        self, browser: Client, event: Event, soon: Any
    ) -> None:
        browser.post(soon.url, sent(event, shown_right="", begins_early="on"))
        made = Registration.objects.get()
        assert made.begins_early
        assert made.right_ends_early
        assert made.consents[-1].startswith("I ask that the event takes place within the 14 days")

    def test_an_organisation_need_not(self, browser: Client, event: Event, soon: Any) -> None:
        browser.post(soon.url, sent(event, shown_right="", **COMPANY))
        made = Registration.objects.get()
        assert not made.is_of_consumer
        assert made.consents == []

    def test_who_takes_only_what_is_free_need_not(self, browser: Client, event: Event, soon: Any) -> None:
        free = factories.make_ticket_type(event, name="Helper", price=0, sort_order=9)
        order = {f"tickets-{ticket_of(event).pk}": "0", f"tickets-{free.pk}": "1"}
        asked = sent(event, shown_right="") | order | {f"attendee-{free.pk}-0-shown": "1"}
        assert browser.post(soon.url, asked).status_code == 303
        assert Registration.objects.get().consents == []

    def test_it_is_not_asked_where_the_event_is_later_or_there_is_an_exception(
        self, browser: Client, event: Event, soon: Any
    ) -> None:
        Event.objects.update(no_withdrawal="dated_leisure")
        assert "begins_early" not in shown(browser, soon)
        Event.objects.update(no_withdrawal="", ends_at=SOON + timedelta(days=30))
        assert "begins_early" not in shown(browser, soon)


def test_the_page_of_a_registration_asks_no_more_for_more_seats(visitor: Visitor) -> None:
    needed = []
    for number in (1, 6):
        made = visitor.registers(number, **LATER)
        with CaptureQueriesContext(connection) as statements:
            assert visitor.browser.get(url(made)).status_code == 200
        needed.append(len(statements))
    assert needed[0] == needed[1]
