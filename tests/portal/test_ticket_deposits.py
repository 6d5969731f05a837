"""What a visitor reads and does where a deposit is paid first: on the form, and on their own page."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.pages.events import add_event_page, hidden, sent, shown
from tests.portal.conftest import browser as browser
from tests.portal.conftest import new_browser
from tests.portal.test_registrations import Visitor, text_of, url
from wagtail_payments.actions import clockwork
from wagtail_payments.mail.links import attempt_url
from wagtail_payments.models import Event, PaymentAttempt, Registration
from wagtail_payments.pages.models import EventPage

ASKED_ON = datetime(2026, 5, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def event(sandbox: Any, db: None) -> Event:
    return factories.make_event(
        deposit_percent=Decimal(30), balance_days=14, cancellation="free_until", cancellation_days=7
    )


@pytest.fixture
def visitor(browser: Client, event: Event, clock: Any, sandbox: Any) -> Visitor:
    return Visitor(browser, event, clock, sandbox)


@pytest.fixture
def page(event: Event) -> EventPage:
    return add_event_page(event)


def asked(visitor: Visitor, made: Registration) -> None:
    visitor.clock.advance(seconds=(ASKED_ON - visitor.clock()).total_seconds())
    clockwork.run_once(now=visitor.clock())
    visitor.opens(made)


class TestForm:
    def test_it_says_what_is_paid_now_and_what_later(self, browser: Client, page: EventPage) -> None:
        said = text_of(browser.get(page.url))
        assert "Today 30% = €36.00, the balance of €84.00 is due by May 29, 2026." in said.replace("\xa0", " ")

    def test_for_more_tickets_it_says_more(self, browser: Client, page: EventPage, event: Event) -> None:
        said = text_of(browser.post(page.url, sent(event, 2, look="total")))
        assert "= €72.00, the balance of €168.00" in said

    def test_the_provider_asks_for_the_deposit_alone(self, browser: Client, page: EventPage, event: Event) -> None:
        promised = hidden(shown(browser, page))["promised"]
        browser.post(page.url, sent(event, promised=promised))
        assert PaymentAttempt.objects.get().amount == 3600

    def test_what_was_promised_is_never_charged_otherwise(self, browser: Client, page: EventPage, event: Event) -> None:
        promised = hidden(shown(browser, page))["promised"]
        Event.objects.update(deposit_percent=Decimal(60))
        answer = browser.post(page.url, sent(event, promised=promised))
        assert answer.status_code == 409
        assert "What is to be paid at once has just changed." in text_of(answer)
        assert "€72.00" in text_of(answer)
        assert not Registration.objects.exists()

    @pytest.mark.parametrize("fields", [{"deposit_percent": None, "balance_days": None}, {"balance_days": 300}])
    def test_where_all_is_paid_at_once_nothing_is_said(
        self, browser: Client, page: EventPage, fields: dict[str, Any]
    ) -> None:
        Event.objects.update(**fields)
        assert "the balance of" not in text_of(browser.get(page.url))


class TestOwnPage:
    def test_held_it_asks_for_the_deposit_and_says_the_rest(self, visitor: Visitor) -> None:
        said = visitor.sees(visitor.registers())
        assert "Pay €36.00" in said
        assert "Deposit of €36.00; the balance of €84.00 is due by May 29, 2026." in said

    def test_the_balance_is_paid_there_once_it_was_asked_for(self, visitor: Visitor) -> None:
        made = visitor.registers()
        visitor.pays(made)
        assert "Pay the balance" not in visitor.sees(made)
        assert "Nothing is left to pay" in text_of(visitor.presses(made, "balance"))
        asked(visitor, made)
        said = visitor.sees(made)
        assert "Pay the balance of €84.00" in said
        assert "is due by" not in said
        first, second = (visitor.browser.post(url(made, "balance")) for _click in range(2))
        assert first["Location"] == second["Location"]
        attempt = PaymentAttempt.objects.get(shares__live_for__balance_of=made)
        assert attempt.amount == 8400
        visitor.sandbox.pay(attempt.session_id)
        visitor.clock.advance(minutes=1)
        answer = visitor.browser.get(attempt_url(attempt).removeprefix("http://localhost"))
        assert "Thank you, your payment has arrived" in text_of(answer)
        clockwork.run_once(now=visitor.clock())
        assert "Pay the balance" not in visitor.sees(made)
        html = visitor.browser.get(url(made)).content.decode()
        assert html.count("?download") == 4  # two invoices, two receipts
        assert "Deposit invoice" in html
        assert "Final invoice" in html

    def test_for_others_there_is_none(self, visitor: Visitor) -> None:
        made = visitor.registers()
        visitor.pays(made)
        asked(visitor, made)
        foreign = new_browser().post(url(made, "balance"))
        missing = visitor.browser.post(f"/payments/e/{'0' * 32}/balance/")
        assert (foreign.status_code, foreign.content) == (404, missing.content)
        assert visitor.browser.get(url(made, "balance")).status_code == 405
        assert not PaymentAttempt.objects.filter(invoice__balance_of=made).exists()

    def test_cancelling_quotes_what_was_paid(self, visitor: Visitor) -> None:
        made = visitor.registers()
        visitor.pays(made)
        assert "€36.00 go back the way you paid." in text_of(visitor.browser.get(url(made, "cancel")))
        asked(visitor, made)
        said = text_of(visitor.browser.get(url(made, "cancel")))
        assert "€36.00 go back the way you paid." in said
        assert "€84.00 are no longer to be paid." in said

    def test_it_speaks_french(self, visitor: Visitor) -> None:
        said = visitor.sees(visitor.registers(language="fr")).replace("\xa0", " ")
        assert "Acompte de 36,00 € ; le solde de 84,00 € est à régler au plus tard le 29 mai 2026." in said
