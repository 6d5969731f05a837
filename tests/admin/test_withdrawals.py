"""The right to withdraw in the admin: the seller's defaults, what an alert leads to, what is proposed to pay back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.actions.signers import HERE, PLAN, proven, sent_quote, sign
from tests.actions.test_advances import advance, take
from tests.admin.business import record_payment
from tests.admin.test_events import TICKET, words
from tests.admin.test_events import place as event_place
from tests.admin.test_events import post as post_event
from tests.admin.test_quotes import add as add_quote
from tests.admin.test_quotes import place as quote_place
from tests.admin.test_registrations import place as registration_place
from tests.admin.test_settings import save as save_seller
from tests.stories.organiser import register
from wagtail_payments.actions import billing, credits, invoices, registration_withdrawals, withdrawals
from wagtail_payments.models import Alert, Event, Invoice, Quote, Registration

pytestmark = pytest.mark.django_db
WHO = {"name": "Julie Martin", "email": "julie@example.org"}


class TestTheSellersDefaults:
    def test_they_stand_in_the_settings(self) -> None:
        seller, boss = factories.seller_of_default_site(), Client()
        boss.force_login(factories.make_superuser())
        assert (seller.quote_no_withdrawal, seller.event_no_withdrawal) == ("", "dated_leisure")
        save_seller(boss, seller, quote_no_withdrawal="made_to_measure", event_no_withdrawal="")
        seller.refresh_from_db()
        assert (seller.quote_no_withdrawal, seller.event_no_withdrawal) == ("made_to_measure", "")

    def test_a_new_quote_takes_it_and_may_have_another(self, admin: Client) -> None:
        seller = factories.seller_of_default_site()
        seller.quote_no_withdrawal = "made_to_measure"
        seller.save()
        assert admin.get(quote_place("add")).context["form"]["no_withdrawal"].value() == "made_to_measure"
        add_quote(admin, no_withdrawal="digital")
        assert Quote.objects.get().no_withdrawal == "digital"

    def test_a_new_event_takes_it_and_may_have_another(self, admin: Client) -> None:
        seller = factories.seller_of_default_site()
        assert admin.get(event_place("add")).context["form"]["no_withdrawal"].value() == "dated_leisure"
        seller.event_no_withdrawal = ""
        seller.save()
        assert admin.get(event_place("add")).context["form"]["no_withdrawal"].value() == ""
        post_event(admin, event_place("add"), ticket_types=[TICKET], no_withdrawal="digital")
        assert Event.objects.get().no_withdrawal == "digital"


@pytest.fixture
def left(clock: Any) -> Quote:
    """A quote in two parts that was signed, whose first part was invoiced, and then withdrawn from."""
    now = clock()
    quote = sent_quote(now, customer=factories.make_consumer(), language="en", plan=PLAN, deposit_term="acompte")
    sign(quote, proven(quote, now), now)
    draft = billing.bill(quote_id=quote.pk, step=0, by=None, now=now)
    invoices.issue(invoice_id=draft.pk, by=None, now=now)
    return quote


def leave(quote: Quote, now: datetime) -> str:
    """Withdraw; return what the desk then says."""
    withdrawals.withdraw(quote_id=quote.pk, now=now, trace=HERE, **WHO)
    return quote_place("desk", quote.pk)


class TestWhatIsProposed:
    def panel(self, client: Client, url: str) -> Any:
        return BeautifulSoup(client.get(url).content, "html.parser").select_one("#withdrawal-section")

    def test_nobody_has_withdrawn_so_nothing_is_said(self, admin: Client, left: Quote) -> None:
        assert self.panel(admin, quote_place("desk", left.pk)) is None

    def test_the_statement_and_what_was_paid_with_the_way_back(self, admin: Client, left: Quote, now: datetime) -> None:
        invoice = Invoice.objects.get(document__isnull=False)
        record_payment(invoice, invoice.gross, now)
        panel = self.panel(admin, leave(left, now))
        assert "I, Julie Martin, withdraw from the contract" in panel.get_text()
        assert "€432.00 was paid: credit it, and send the money back." in panel.get_text()
        url = panel.select_one("a.button")["href"]
        assert url == reverse("wagtail_payments_invoice:refund", args=[invoice.pk])
        assert admin.get(url).status_code == 200

    def test_what_was_not_paid_is_credited(self, admin: Client, left: Quote, now: datetime) -> None:
        panel = self.panel(admin, leave(left, now))
        assert "Nothing was paid: credit it" in panel.get_text()
        assert admin.get(panel.select_one("a.button")["href"]).status_code == 200

    def test_what_is_credited_is_still_to_be_sent_back_until_it_is(
        self, admin: Client, left: Quote, now: datetime
    ) -> None:
        invoice = Invoice.objects.get(document__isnull=False)
        record_payment(invoice, invoice.gross, now)
        url = leave(left, now)
        credits.credit(invoice_id=invoice.pk, amounts=None, reason="", by=None, now=now, form_key="k")
        panel = self.panel(admin, url)
        assert "€432.00 is still to be sent back" in panel.get_text()
        assert admin.get(panel.select_one("a.button")["href"]).status_code == 200

    def test_nothing_left_is_said_without_a_button(self, admin: Client, left: Quote, now: datetime) -> None:
        invoice, url = Invoice.objects.get(document__isnull=False), leave(left, now)
        credits.credit(invoice_id=invoice.pk, amounts=None, reason="", by=None, now=now, form_key="k")
        panel = self.panel(admin, url)
        assert "nothing is left to send back" in panel.get_text()
        assert not panel.select("a.button")

    def test_a_deposit_from_before_that_the_draft_has_taken_is_paid_back_too(
        self, admin: Client, clock: Any, now: datetime
    ) -> None:
        julie = factories.make_consumer()
        quote = sent_quote(now, customer=julie, language="en")
        sign(quote, proven(quote, now), now)
        whole = billing.bill(quote_id=quote.pk, by=None, now=now)
        deposit = advance(julie, now, term="acompte")
        take(whole, deposit, now)
        record_payment(deposit, deposit.gross, now)
        said = self.panel(admin, leave(quote, now)).get_text()
        assert deposit.number in said
        assert "€360.00 was paid: credit it, and send the money back." in said

    def test_who_may_not_pay_back_reads_it_and_has_no_button(
        self, signed_in: Callable[..., Client], left: Quote, now: datetime
    ) -> None:
        panel = self.panel(signed_in("view_quote"), leave(left, now))
        assert "Nothing was paid" in panel.get_text()
        assert not panel.select(".wp-rows a")


class TestWhereTheAlertLeads:
    def linked(self, client: Client) -> list[str]:
        page = BeautifulSoup(client.get("/admin/").content, "html.parser")
        return [link["href"] for link in page.select("#payments-alerts-section li a")]

    def test_to_the_desk_of_the_quote(self, admin: Client, left: Quote, now: datetime) -> None:
        desk = leave(left, now)
        assert Alert.objects.get(kind="withdrawal").quote == left
        assert desk in self.linked(admin)

    def test_to_the_registration(self, admin: Client, registered: Registration, now: datetime) -> None:
        registration_withdrawals.withdraw(registration=registered, now=now, trace=HERE, **WHO)
        assert registration_place("inspect", registered.pk) in self.linked(admin)

    def test_nowhere_for_who_may_not_go_there(
        self, signed_in: Callable[..., Client], left: Quote, registered: Registration, now: datetime
    ) -> None:
        leave(left, now)
        registration_withdrawals.withdraw(registration=registered, now=now, trace=HERE, **WHO)
        assert self.linked(signed_in("view_alert")) == []


@pytest.fixture
def registered(clock: Any) -> Registration:
    """Confirmed, to be paid by transfer, with the right to withdraw."""
    return register(factories.make_event(no_withdrawal="", pays_later=True), pays_later=True)


class TestTheRegistration:
    def test_until_when_then_what_was_declared(self, admin: Client, registered: Registration, now: datetime) -> None:
        before = words(admin.get(registration_place("inspect", registered.pk)))
        assert "Withdrawal Possible until March 30, 2026" in before
        made = registration_withdrawals.withdraw(registration=registered, now=now, trace=HERE, **WHO)
        shown = words(admin.get(registration_place("inspect", registered.pk)))
        assert " ".join(made.statement.replace("\u00a0", " ").split()) in shown.replace("\u00a0", " ")
        assert "Withdrawn from by Julie Martin" in shown

    def test_the_exception_as_it_was_said(self, admin: Client, registered: Registration) -> None:
        Registration.objects.update(no_withdrawal="dated_leisure")
        assert "(C. conso. L221-28, 12°)" in words(admin.get(registration_place("inspect", registered.pk)))
