"""The home page: the sums, what needs a person, and what a newcomer still has to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.admin.business import Business, make_delivery, more_alerts, more_payments, open_business, record_payment
from tests.stories.organiser import register
from wagtail_payments import ports
from wagtail_payments.actions import alerts, clockwork, invoices
from wagtail_payments.actions.baskets import Place
from wagtail_payments.admin.readiness import Readiness
from wagtail_payments.models import Heartbeat, Payment, Seller

pytestmark = pytest.mark.django_db
SignedIn = Callable[..., Client]
LIVE_KEYS = {"GATEWAYS": {"stripe": {"SECRET_KEY": "sk_live_0000000000000000", "WEBHOOK_SECRETS": ["whsec_live"]}}}
NO_GATEWAY: dict[str, Any] = {"GATEWAYS": {}}


@pytest.fixture
def business(clock: Any, now: datetime) -> Business:
    return open_business(now)


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(factories.make_superuser())
    return client


def beat(now: datetime) -> None:
    Heartbeat.objects.update_or_create(name=clockwork.HEARTBEAT, defaults={"at": now})


def seen(client: Client) -> BeautifulSoup:
    answer = client.get("/admin/")
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def summary(client: Client) -> list[str]:
    lines = seen(client).select(".w-summary__list li")
    return [" ".join(line.get_text(" ").split()).replace("\u00a0", " ") for line in lines]


def steps() -> dict[str, bool]:
    readiness = Readiness(factories.default_site(), ports.now())
    return {str(step.label): step.done for step in readiness.steps}


def test_the_sums_are_of_the_money_that_the_site_takes_now(
    boss: Client, business: Business, now: datetime, clock: Any
) -> None:
    invoices.issue(invoice_id=factories.make_invoice(due_days=0).pk, by=None, now=now)
    clock.advance(days=3)
    told = summary(boss)
    assert "€1,440.00 due (test)" in told
    assert "€1,440.00 overdue (test)" in told
    assert "€1,420.00 received this month (test)" in told


def test_nothing_overdue_is_no_line(boss: Client, business: Business) -> None:
    told = summary(boss)
    assert "€0.00 due (test)" in told
    assert not [line for line in told if "overdue" in line]


def test_the_sums_lead_to_what_they_are_made_of(boss: Client, business: Business, now: datetime, clock: Any) -> None:
    invoices.issue(invoice_id=factories.make_invoice(due_days=0).pk, by=None, now=now)
    clock.advance(days=3)
    links = [
        link["href"]
        for link in seen(boss).select(".w-summary__list a")
        if "/payments/" in link["href"] or "ledger" in link["href"]
    ]
    assert len(links) == 3
    for link in links:
        assert len(boss.get(link).context["object_list"]) >= 1, link


def test_the_sums_are_shown_to_who_may_see_them(signed_in: SignedIn, business: Business) -> None:
    assert not [line for line in summary(signed_in("view_customer")) if "€" in line]
    assert [line for line in summary(signed_in("view_invoice")) if "€" in line] == ["€0.00 due (test)"]
    assert [line for line in summary(signed_in("view_payment")) if "€" in line] == [
        "€1,420.00 received this month (test)"
    ]


def test_without_a_seller_there_are_no_sums_but_the_first_step(boss: Client) -> None:
    page = seen(boss)
    assert "€" not in page.select_one(".w-summary__list").get_text()
    ready = page.select_one("#payments-ready-section")
    assert "Say who you are" in ready.get_text()


def test_the_home_page_asks_few_questions_and_not_more_for_more_rows(
    boss: Client, business: Business, now: datetime
) -> None:
    asked = []
    for count in (2, 40):
        more_payments(business, now, count)
        more_alerts(business, now, count)
        boss.get("/admin/")
        with CaptureQueriesContext(connection) as queries:
            boss.get("/admin/")
        ours = [query for query in queries.captured_queries if "wagtail_payments" in query["sql"]]
        asked.append(len(ours))
    assert asked[0] == asked[1]
    assert asked[1] <= 20


def test_a_red_banner_appears_when_the_clockwork_stands_still(
    boss: Client, business: Business, now: datetime, clock: Any
) -> None:
    beat(now)
    assert not seen(boss).select(".help-critical")
    clock.advance(minutes=31)
    assert "payments_run" in seen(boss).select_one(".help-critical").get_text()


def test_the_banner_waits_until_there_is_work_for_the_clockwork(boss: Client) -> None:
    factories.settle_site()
    assert not seen(boss).select(".help-critical")


def test_how_late_the_clockwork_may_be_is_a_setting(
    boss: Client, business: Business, now: datetime, clock: Any, settings: Any
) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"HEARTBEAT_MINUTES": 5}
    beat(now)
    clock.advance(minutes=6)
    assert seen(boss).select(".help-critical")


def test_open_alerts_are_shown_with_a_button_until_one_presses_it(boss: Client, business: Business) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = boss.cookies
    panel = seen(client).select_one("#payments-alerts-section")
    assert "Please look" in panel.get_text()
    form = next(form for form in panel.select("form") if "Please look" in form.find_parent("li").get_text())
    fields = {field["name"]: field["value"] for field in form.select("input")}
    answer = client.post(form["action"], fields)
    assert answer["Location"] == "/admin/"
    assert "Please look" not in seen(client).select_one("#payments-alerts-section").get_text()


def test_only_the_newest_alerts_are_shown_and_the_rest_is_a_click_away(
    boss: Client, business: Business, now: datetime
) -> None:
    more_alerts(business, now, 9)
    panel = seen(boss).select_one("#payments-alerts-section")
    assert len(panel.select("li")) == 5
    assert "All alerts" in panel.get_text()


def test_an_alert_is_text_whatever_stands_in_it(boss: Client, business: Business, now: datetime) -> None:
    alerts.raise_once(kind="mismatch", key="x", text="<b onclick=alert(1)>hello</b>", now=now)
    assert b"<b onclick" not in boss.get("/admin/").content


def test_alerts_are_shown_to_who_may_read_them(signed_in: SignedIn, business: Business) -> None:
    assert not seen(signed_in("view_invoice")).select("#payments-alerts-section")
    reader = seen(signed_in("view_alert"))
    assert reader.select("#payments-alerts-section li")
    assert not reader.select("#payments-alerts-section form")


def test_the_panel_of_steps_is_for_who_sets_things_up(signed_in: SignedIn) -> None:
    assert not seen(signed_in("view_invoice")).select("#payments-ready-section")
    assert seen(signed_in("change_seller")).select("#payments-ready-section")


def test_the_steps_are_done_one_by_one(clock: Any, now: datetime, settings: Any) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | LIVE_KEYS
    settings.DEFAULT_FROM_EMAIL = "webmaster@localhost"
    todo = [
        "Say who you are",
        "Choose your VAT regime",
        "Give your e-mails a sender",
        "Hear from your payment provider",
        "See an invoice paid",
        "Start the clockwork",
    ]
    assert [label for label, done in steps().items() if not done] == todo
    factories.settle_site()
    assert [label for label, done in steps().items() if not done] == todo[2:]
    settings.DEFAULT_FROM_EMAIL = "Atelier <bonjour@atelier.example>"
    make_delivery(now)
    beat(now)
    draft = factories.make_invoice()
    invoice = invoices.issue(invoice_id=draft.pk, by=None, now=now)
    assert [label for label, done in steps().items() if not done] == ["See an invoice paid"]
    record_payment(invoice, 100, now)
    assert all(steps().values())


def test_the_panel_is_gone_when_all_is_done(boss: Client, clock: Any, now: datetime, settings: Any) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | NO_GATEWAY
    factories.settle_site()
    invoice = invoices.issue(invoice_id=factories.make_invoice().pk, by=None, now=now)
    record_payment(invoice, 100, now)
    assert seen(boss).select("#payments-ready-section")
    beat(now)
    assert not seen(boss).select("#payments-ready-section")


def test_without_a_provider_the_account_for_transfers_is_asked_for(clock: Any, settings: Any) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | NO_GATEWAY
    seller = factories.make_seller(iban="")
    factories.settle_site(seller)
    assert steps()["Give the account that money goes to"] is False
    Seller.objects.update(iban="FR7630006000011234567890189")
    assert steps()["Give the account that money goes to"] is True


def test_test_keys_are_not_real_money(clock: Any) -> None:
    factories.settle_site()
    assert steps()["Take real money"] is False


def test_a_provider_that_fell_silent_is_noticed(clock: Any, now: datetime) -> None:
    factories.settle_site()
    make_delivery(now - timedelta(days=9))
    assert steps()["Hear from your payment provider"] is True
    invoice = invoices.issue(invoice_id=factories.make_invoice().pk, by=None, now=now)
    record_payment(invoice, 100, now)
    assert steps()["Hear from your payment provider"] is True
    _online_payment(invoice, now)
    assert steps()["Hear from your payment provider"] is False


def _online_payment(invoice: Any, now: datetime) -> None:
    Payment.objects.create(
        seller=invoice.seller,
        gateway="stripe",
        payment_id="pi_1",
        mode="test",
        method="card",
        amount=1,
        received_on=now.date(),
        received_at=now,
    )


def test_every_step_to_do_leads_somewhere_that_opens(boss: Client, clock: Any, now: datetime) -> None:
    for link in seen(boss).select("#payments-ready-section a[href^='/']"):
        assert boss.get(link["href"], follow=True).status_code == 200, link


def test_a_user_of_another_trade_sees_nothing_of_ours(business: Business) -> None:
    stranger = Client()
    stranger.force_login(factories.make_user())
    page = seen(stranger)
    assert not page.select("#payments-alerts-section, #payments-ready-section, .help-critical")


def test_the_next_event_stands_there_with_its_seats(clock: Any, now: datetime, signed_in: SignedIn) -> None:
    factories.make_event(name="Later", starts_at=now + timedelta(days=90), ends_at=now + timedelta(days=91))
    event = factories.make_event(name="Sooner", starts_at=now + timedelta(days=9), ends_at=now + timedelta(days=9))
    register(event, [Place(factories.make_ticket_type(event, price=0).pk)] * 2)
    (line,) = [line for line in summary(signed_in("view_event")) if "Sooner" in line]
    assert line.startswith("Sooner, ")
    assert line.endswith(": 2 sold, free: 8")
    assert not [line for line in summary(signed_in("view_invoice")) if "Sooner" in line]
