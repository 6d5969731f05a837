"""Registrations in the admin: a book to read, with verbs of its own; their drafts are nobody's to touch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.admin.test_events import rows_of, words
from tests.stories.organiser import register, states
from wagtail_payments import ports
from wagtail_payments.actions.baskets import Place
from wagtail_payments.admin.permissions import is_in_the_books
from wagtail_payments.models import Event, Invoice, Letter, Question, Registration

pytestmark = pytest.mark.django_db


def place(name: str, *args: int) -> str:
    return reverse(f"wagtail_payments_book_registration_{name}", args=args)


def invoice_place(name: str, *args: int) -> str:
    return reverse(f"wagtail_payments_invoice:{name}", args=args)


@pytest.fixture
def event(clock: Any) -> Event:
    return factories.make_event(pays_later=True)


@pytest.fixture
def paid_later(event: Event) -> Registration:
    """Two seats, confirmed and invoiced, to be paid by transfer."""
    ticket = event.ticket_types.get()
    places = [Place(ticket.pk, name="Julie Martin"), Place(ticket.pk, name="Ada Roux", email="ada@example.org")]
    return register(event, places, pays_later=True)


def test_the_list_shows_event_buyer_seats_state_and_total(admin: Client, paid_later: Registration) -> None:
    (row,) = rows_of(admin.get(place("index")))
    assert row.startswith("Julie Martin Atelier de reliure 2 Confirmed €")


def test_the_list_filters_by_event_state_and_day_and_searches(admin: Client, paid_later: Registration) -> None:
    other = register(factories.make_event(name="Other"), 1, name="Paul Durand")

    def found(query: str) -> list[str]:
        listed = " ".join(rows_of(admin.get(f"{place('index')}?{query}")))
        return [name for name in ("Julie Martin", "Paul Durand") if name in listed]

    assert found(f"event={paid_later.event_id}") == ["Julie Martin"]
    assert found("state=held") == ["Paul Durand"]
    assert found("created_from=2030-01-01") == []
    assert found("q=paul%40example.org") == ["Paul Durand"]
    assert found(f"event={other.event_id}&state=confirmed") == []


def test_the_list_costs_the_same_however_long_it_is(admin: Client, event: Event) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(place("index")).status_code == 200
        return len(queries)

    register(event)
    cost()
    one = cost()
    for _ in range(5):
        register(event)
    assert cost() == one


def test_its_page_shows_seats_answers_consents_money_and_what_happened(admin: Client, event: Event) -> None:
    question = Question.objects.create(event=event, label="Diet?", of_each=True)
    seat = Place(event.ticket_types.get().pk, name="Ada Roux", answers={question.key: "Vegan"})
    registration = register(event, [seat], pays_later=True, consents=["I agree to be photographed."])
    shown = words(admin.get(place("inspect", registration.pk)))
    for text in (
        "Ada Roux",
        "Vegan",
        "I agree to be photographed.",
        registration.invoice.number,
        "Registered: the seats",
    ):
        assert text in shown
    assert f"Registration mailed to {registration.email}" in shown


def test_a_registration_is_neither_edited_nor_deleted(admin: Client, paid_later: Registration) -> None:
    for action in ("edit", "delete", "create"):
        with pytest.raises(Exception, match="not a valid view function"):
            place(action, paid_later.pk)


def test_seats_are_cancelled_after_the_quote_without_a_fee(admin: Client, paid_later: Registration) -> None:
    Event.objects.update(cancellation="fee", cancellation_days=400, cancellation_fee=Decimal(50))
    given_up, _kept = paid_later.seats.all()
    url = place("cancel", paid_later.pk)
    form = {"seats": [given_up.pk], "reason": "Ill", "form_key": ports.new_id()}
    asked = admin.post(url, form)
    back = asked.context["back"]
    assert back == given_up.gross
    assert "The seats of Julie Martin are free again." in words(asked)
    assert states(paid_later) == ["confirmed", "confirmed"]
    sent = form | {"back": str(back), "confirmed": "1"}
    for _click in range(2):
        assert admin.post(url, sent)["Location"] == place("inspect", paid_later.pk)
    assert states(paid_later) == ["cancelled", "confirmed"]
    made = paid_later.cancellations.get()
    assert (made.state, made.fee, made.by_organiser, made.requested_by is not None) == ("done", 0, True, True)
    assert paid_later.invoice.credit_notes.get().document is not None


def test_a_quote_that_is_no_longer_true_changes_nothing(admin: Client, paid_later: Registration) -> None:
    seat = paid_later.seats.first()
    sent = {"seats": [seat.pk], "form_key": ports.new_id(), "back": "1", "confirmed": "1", "reason": ""}
    answer = admin.post(place("cancel", paid_later.pk), sent, follow=True)
    assert "has changed meanwhile" in words(answer)
    assert states(paid_later) == ["confirmed", "confirmed"]


def test_an_attendee_is_changed_with_the_answers(admin: Client, event: Event) -> None:
    asked = Question.objects.create(event=event, label="Diet?", of_each=True, required=True)
    number = Question.objects.create(event=event, label="Age?", of_each=True, field_type="number")
    registration = register(event, 1, pays_later=True)
    seat = registration.seats.get()
    url = place("attendee", registration.pk, seat.pk)
    assert "Diet?" in words(admin.get(url))
    admin.post(url, {"name": "Ada Roux", "email": "ada@example.org", asked.key: "Vegan", number.key: "41.5"})
    seat.refresh_from_db()
    assert (seat.name, seat.email) == ("Ada Roux", "ada@example.org")
    assert seat.answers == {asked.key: "Vegan", number.key: "41.5"}
    assert Letter.objects.get(to=["ada@example.org"]).kind == "registered"


def test_an_address_that_is_too_long_to_keep_is_refused(admin: Client, event: Event) -> None:
    registration = register(event, 1, pays_later=True)
    seat = registration.seats.get()
    typed = {"name": "Ada Roux", "email": f"{'a' * 250}@example.org"}
    assert admin.post(place("attendee", registration.pk, seat.pk), typed).status_code == 200
    seat.refresh_from_db()
    assert seat.email == ""


def test_what_is_no_longer_asked_is_corrected_where_it_was_answered_and_nowhere_else(
    admin: Client, event: Event
) -> None:
    asked = Question.objects.create(event=event, label="Diet?", of_each=True)
    ticket = event.ticket_types.get()
    registration = register(event, [Place(ticket.pk, answers={asked.key: "Meat"}), Place(ticket.pk)], pays_later=True)
    Question.objects.filter(pk=asked.pk).update(is_withdrawn=True)
    answered, silent = registration.seats.order_by("pk")
    assert "Diet?" in words(admin.get(place("attendee", registration.pk, answered.pk)))
    assert "Diet?" not in words(admin.get(place("attendee", registration.pk, silent.pk)))
    for seat in (answered, silent):
        admin.post(place("attendee", registration.pk, seat.pk), {"name": "Ada Roux", "email": "", asked.key: "Vegan"})
    answered.refresh_from_db()
    silent.refresh_from_db()
    assert (answered.answers, silent.answers) == ({asked.key: "Vegan"}, {})


def test_answers_of_the_order_are_changed_and_noted(admin: Client, event: Event) -> None:
    asked = Question.objects.create(event=event, label="Source?", required=True)
    number = Question.objects.create(event=event, label="How many?", field_type="number")
    Question.objects.create(event=event, label="Diet?", of_each=True)
    registration = register(event, 1, pays_later=True, answers={asked.key: "A friend"}, consents=["I come."])
    url = place("answers", registration.pk)
    assert url in admin.get(place("inspect", registration.pk)).content.decode()
    shown = admin.get(url)
    assert "Diet?" not in words(shown)
    assert 'value="A friend"' in shown.content.decode()
    for _click in range(2):
        answer = admin.post(url, {asked.key: "<i>The paper</i>", number.key: "3"})
        assert answer["Location"] == place("inspect", registration.pk)
    registration.refresh_from_db()
    assert registration.answers == {asked.key: "<i>The paper</i>", number.key: "3"}
    assert registration.consents == ["I come."]
    page = admin.get(place("inspect", registration.pk))
    assert words(page).count("Answers changed") == 1
    assert "<i>The paper" not in page.content.decode()


def test_what_is_wrong_with_an_answer_is_said_and_nothing_typed_is_lost(admin: Client, event: Event) -> None:
    asked = Question.objects.create(event=event, label="Source?")
    number = Question.objects.create(event=event, label="How many?", field_type="number")
    registration = register(event, 1, pays_later=True, answers={number.key: "3"})
    answer = admin.post(place("answers", registration.pk), {asked.key: "The paper", number.key: "some"})
    assert answer.status_code == 200
    assert "Enter a number." in words(answer)
    assert 'value="The paper"' in answer.content.decode()
    registration.refresh_from_db()
    assert registration.answers == {number.key: "3"}


def test_what_an_order_is_no_longer_asked_is_corrected_only_where_it_was_answered(admin: Client, event: Event) -> None:
    asked = Question.objects.create(event=event, label="Source?", is_withdrawn=True)
    answered = register(event, 1, pays_later=True, answers={asked.key: "A friend"})
    silent = register(event, 1, pays_later=True, name="Paul Durand")
    assert "Source?" in words(admin.get(place("answers", answered.pk)))
    assert place("answers", silent.pk) not in admin.get(place("inspect", silent.pk)).content.decode()
    assert "Nothing is asked once per order." in words(admin.get(place("answers", silent.pk), follow=True))
    admin.post(place("answers", silent.pk), {asked.key: "Forged"})
    silent.refresh_from_db()
    assert silent.answers == {}


def test_answers_of_seats_that_were_given_up_are_only_read(
    admin: Client, signed_in: Callable[..., Client], event: Event
) -> None:
    asked = Question.objects.create(event=event, label="Source?")
    registration = register(event, 1, answers={asked.key: "A friend"})
    url, shown = place("answers", registration.pk), place("inspect", registration.pk)
    assert url not in signed_in("view_registration").get(shown).content.decode()
    admin = signed_in("view_registration", "change_registration")
    assert url in admin.get(shown).content.decode()
    registration.seats.update(state="cancelled")
    assert url not in admin.get(shown).content.decode()
    answer = admin.post(url, {asked.key: "The paper"}, follow=True)
    assert "All seats were given up, so there is nothing to change." in words(answer)
    registration.refresh_from_db()
    assert registration.answers == {asked.key: "A friend"}


def test_the_confirmation_is_sent_again_with_the_new_link(admin: Client, paid_later: Registration) -> None:
    letters = Letter.objects.filter(kind="registered", registration=paid_later, link__isnull=False)
    assert "It is waiting or being sent already" in words(admin.post(place("confirm", paid_later.pk), follow=True))
    letters.update(state="sent")
    before = paid_later.link.generation
    admin.post(place("renew", paid_later.pk))
    paid_later.link.refresh_from_db()
    assert paid_later.link.generation == before + 1
    answer = admin.post(place("confirm", paid_later.pk), follow=True)
    assert f"It is on its way to {paid_later.email}" in words(answer)
    assert letters.get().state == "queued"
    shown = words(admin.get(place("inspect", paid_later.pk)))
    assert "Letter sent again" in shown
    assert "Link renewed" in shown


@pytest.fixture
def draft(event: Event) -> Invoice:
    """The draft of seats that somebody is paying for."""
    invoice = register(event).invoice
    assert invoice is not None
    return invoice


def test_the_list_of_invoices_hides_drafts_of_registrations(admin: Client, draft: Invoice, now: datetime) -> None:
    other = factories.make_invoice(title="By hand")
    listed = admin.get(invoice_place("list")).content.decode()
    assert "By hand" in listed
    assert invoice_place("desk", draft.pk) not in listed
    assert invoice_place("desk", other.pk) in listed


def test_an_invoice_of_a_registration_is_listed_once_it_has_a_number(admin: Client, paid_later: Registration) -> None:
    assert paid_later.invoice.number in admin.get(invoice_place("list")).content.decode()


@pytest.mark.parametrize("name", ["edit", "delete", "compose", "review", "duplicate", "pay", "issue"])
def test_the_draft_of_a_registration_leads_to_it_whatever_one_wants(admin: Client, draft: Invoice, name: str) -> None:
    for ask in (admin.get, admin.post):
        answer: Any = ask(invoice_place(name, draft.pk))
        assert answer.status_code in (302, 405)
    draft.refresh_from_db()
    assert draft.is_draft
    answer = admin.post(invoice_place(name, draft.pk), follow=True)
    assert "becomes an invoice by itself when it is paid" in words(answer)
    assert answer.redirect_chain[-1][0] == place("inspect", draft.registration.pk)


def test_the_desk_of_such_a_draft_says_why_and_leads_on(admin: Client, draft: Invoice) -> None:
    answer = admin.get(invoice_place("desk", draft.pk))
    assert place("inspect", draft.registration.pk) in answer.content.decode()
    assert "becomes an invoice by itself" in words(answer)


def test_who_may_not_see_registrations_is_told_at_the_desk(signed_in: Callable[..., Client], draft: Invoice) -> None:
    browser = signed_in("view_invoice", "change_invoice")
    answer = browser.get(invoice_place("edit", draft.pk), follow=True)
    assert answer.redirect_chain == [(invoice_place("desk", draft.pk), 302)]
    assert place("inspect", draft.registration.pk) not in answer.content.decode()


def test_the_customer_of_a_registration_stays(draft: Invoice) -> None:
    assert is_in_the_books(draft.customer)
