"""Events in the admin: planned on one screen, listed with their sales, shown at a desk."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.admin.conftest import formset
from tests.stories.organiser import register
from wagtail_payments.actions import events
from wagtail_payments.actions.baskets import Place
from wagtail_payments.models import Event, Letter, Question

pytestmark = pytest.mark.django_db
TICKET = {
    "name": "Entry",
    "price": "40",
    "price_includes_vat": "on",
    "vat_category": "S",
    "vat_rate": "20",
    "vat_reason": "",
    "least": "0",
    "most": "10",
}
EMPTY: dict[str, list[dict[str, str]]] = {"ticket_types": [], "discount_codes": [], "questions": [], "consents": []}


def place(name: str, *args: int) -> str:
    return reverse(f"wagtail_payments_event:{name}", args=args)


def event_form(**fields: Any) -> dict[str, Any]:
    """What a browser posts: everything that stands on the fresh form, and the little that is typed."""
    parts = {name: fields.pop(name, rows) for name, rows in EMPTY.items()}
    initial = fields.pop("initial", {})
    data: dict[str, Any] = {
        "name": "Workshop",
        "language": "fr",
        "starts_at": "2026-06-12 09:30",
        "ends_at": "2026-06-12 17:00",
        "time_zone": "Europe/Paris",
        "place": "Atelier Garonne",
        "address": "",
        "online_url": "",
        "capacity": "12",
        "shows_seats_left": "on",
        "opens_at": "",
        "closes_at": "",
        "hold_minutes": "35",
        "asks_names": "on",
        "cancellation": "never",
        "cancellation_days": "7",
        "cancellation_fee": "50",
        "reminder_days": "",
        "notify": "at_once",
        "organiser_email": "",
    }
    for name, rows in parts.items():
        data |= formset(name, rows, initial=initial.get(name, 0))
    return data | fields


def standing(event: Event, **fields: Any) -> dict[str, Any]:
    """The form of an event that was saved before, as it stands."""
    row = event.ticket_types.get()
    ticket = TICKET | {"name": row.name, "price": f"{row.price:f}", "id": str(row.pk)} | fields.pop("ticket", {})
    values = {"name": event.name, "place": event.place, "address": event.address, "capacity": str(event.capacity)}
    initial = {"ticket_types": 1} | fields.pop("initial", {})
    return event_form(ticket_types=[ticket], initial=initial, **values | fields)


def post(client: Client, url: str, **fields: Any) -> Any:
    return client.post(url, event_form(**fields))


def faults(answer: Any) -> str:
    soup = BeautifulSoup(answer.content, "html.parser")
    return " ".join(part.get_text(" ", strip=True) for part in soup.select(".error-message, .messages, .help-critical"))


def words(answer: Any) -> str:
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ").split()).replace("\u00a0", " ")


def test_name_dates_place_seats_and_one_priced_ticket_are_enough(admin: Client) -> None:
    factories.seller_of_default_site()
    fresh = admin.get(place("add"))
    soup = BeautifulSoup(fresh.content, "html.parser")
    assert soup.select_one('[name="time_zone"] option[selected]')["value"] == "Europe/Paris"  # type: ignore[index]
    assert soup.select_one('[name="ticket_types-0-vat_rate"]')["value"] == "20"  # type: ignore[index]
    answer = post(admin, place("add"), ticket_types=[TICKET])
    assert answer.status_code == 302, faults(answer)
    event = Event.objects.get()
    assert answer["Location"] == place("desk", event.pk)
    assert (event.starts_at, event.capacity) == (datetime(2026, 6, 12, 7, 30, tzinfo=UTC), 12)
    ticket = event.ticket_types.get()
    assert (ticket.price, ticket.vat_rate) == (Decimal(40), Decimal(20))
    assert admin.get(answer["Location"]).status_code == 200


def test_times_are_typed_on_the_clock_of_the_event_whatever_the_editors(admin: Client) -> None:
    factories.seller_of_default_site()
    times = {"starts_at": "2026-03-28 09:30", "ends_at": "2026-03-29 09:30", "closes_at": "2026-03-27 12:00"}
    answer = post(admin, place("add"), ticket_types=[TICKET], time_zone="America/New_York", **times)
    assert answer.status_code == 302, faults(answer)
    event = Event.objects.get()
    assert (event.starts_at, event.closes_at) == (
        datetime(2026, 3, 28, 13, 30, tzinfo=UTC),
        datetime(2026, 3, 27, 16, 0, tzinfo=UTC),
    )
    shown = BeautifulSoup(admin.get(place("edit", event.pk)).content, "html.parser")
    assert shown.select_one('[name="starts_at"]')["value"] == "2026-03-28 09:30"  # type: ignore[index]


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("2026-03-28 10:00", "2026-03-29 10:00", ((28, 9), (29, 8))),  # summer time begins in Paris
        ("2026-10-24 10:00", "2026-10-25 10:00", ((24, 8), (25, 9))),  # and ends
    ],
)
def test_a_clock_that_is_changed_during_the_event_keeps_its_hours(
    admin: Client, begins: str, ends: str, expected: Any
) -> None:
    factories.seller_of_default_site()
    answer = post(admin, place("add"), ticket_types=[TICKET], starts_at=begins, ends_at=ends)
    assert answer.status_code == 302, faults(answer)
    event = Event.objects.get()
    assert tuple((moment.day, moment.hour) for moment in (event.starts_at, event.ends_at)) == expected


@pytest.mark.parametrize("hour", ["2026-03-29 02:30", "2026-10-25 02:30"])
def test_an_hour_that_the_clock_skips_or_shows_twice_is_asked_again(admin: Client, hour: str) -> None:
    factories.seller_of_default_site()
    answer = post(admin, place("add"), ticket_types=[TICKET], closes_at=hour)
    assert "The clock is changed at that moment" in faults(answer)
    assert not Event.objects.exists()


def test_every_time_of_a_ticket_hangs_on_the_same_clock(admin: Client) -> None:
    factories.seller_of_default_site()
    early = TICKET | {"early_price": "30", "early_until": "2026-05-01 00:00"}
    post(admin, place("add"), ticket_types=[early], time_zone="Asia/Tokyo")
    ticket = Event.objects.get().ticket_types.get()
    assert ticket.early_until == datetime(2026, 4, 30, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ticket", "sentence"),
    [
        ({"vat_rate": "12"}, "Line 1: this VAT rate does not exist in France."),
        ({"vat_rate": ""}, "Line 1: write the VAT rate, or choose why there is no VAT."),
        ({"vat_category": "AE", "vat_reason": "VATEX-EU-AE"}, "Select a valid choice"),
        ({"price": "-1"}, "This can't be negative"),
    ],
)
def test_a_price_that_could_not_be_invoiced_is_refused_beside_its_field(
    admin: Client, ticket: dict[str, str], sentence: str
) -> None:
    factories.seller_of_default_site()
    answer = post(admin, place("add"), ticket_types=[TICKET | ticket])
    assert sentence in faults(answer)
    assert not Event.objects.exists()


def test_a_reminder_that_would_never_be_sent_is_refused(admin: Client) -> None:
    factories.seller_of_default_site()
    answer = post(admin, place("add"), ticket_types=[TICKET], reminder_days="0")
    assert "Write 1 or more days, or nothing to send no reminder." in faults(answer)
    assert not Event.objects.exists()


def test_an_event_without_a_ticket_type_is_not_saved(admin: Client) -> None:
    factories.seller_of_default_site()
    assert "Add at least one ticket type" in words(post(admin, place("add")))


def test_a_small_business_has_its_exemption_on_the_fresh_ticket(admin: Client) -> None:
    seller = factories.seller_of_default_site()
    seller.vat_regime = "franchise"
    seller.save()
    soup = BeautifulSoup(admin.get(place("add")).content, "html.parser")
    assert soup.select_one('[name="ticket_types-0-vat_category"] option[selected]')["value"] == "E"  # type: ignore[index]
    offered = [option["value"] for option in soup.select('[name="ticket_types-0-vat_category"] option')]
    assert not {"AE", "K", "G"} & set(offered)


def test_without_a_seller_one_is_sent_to_fill_it_in(admin: Client) -> None:
    assert admin.get(place("add"))["Location"] == reverse("wagtail_payments_seller:open")


@pytest.mark.parametrize(
    ("currency", "typed", "why"),
    [
        ("JPY", "40.5", "Write a whole number: JPY has no decimals."),
        ("EUR", "40,505", "Write no more than 2 decimals: EUR has no smaller unit."),
        ("JPY", "4000", ""),
        ("JPY", "4000.000", ""),
        ("KWD", "40.505", ""),
    ],
)
def test_a_price_has_no_more_decimals_than_the_currency(admin: Client, currency: str, typed: str, why: str) -> None:
    seller = factories.seller_of_default_site()
    seller.currency = currency
    seller.save()
    early = {"early_price": typed, "early_until": "2026-05-01 12:00"}
    code = {"code": "FRIENDS", "percent": "", "amount": typed}
    answer = post(admin, place("add"), ticket_types=[TICKET | {"price": typed} | early], discount_codes=[code])
    assert answer.status_code == (200 if why else 302), faults(answer)
    assert words(answer).count(why) == 3 if why else Event.objects.exists()


def test_questions_codes_and_consents_are_written_on_the_same_screen(admin: Client) -> None:
    factories.seller_of_default_site()
    question = {"label": "Diet?", "field_type": "dropdown", "choices": "Meat\nVegan", "of_each": "on"}
    code = {"code": " friends 10 ", "percent": "10", "amount": ""}
    answer = post(
        admin,
        place("add"),
        ticket_types=[TICKET],
        questions=[question],
        discount_codes=[code],
        consents=[{"text": "I agree to be photographed.", "required": ""}],
    )
    assert answer.status_code == 302, faults(answer)
    event = Event.objects.get()
    assert event.questions.get().key
    assert event.discount_codes.get().code == "FRIENDS10"
    assert not event.consents.get().required


def test_a_question_keeps_its_key_when_its_words_change(admin: Client) -> None:
    event = factories.make_event()
    kept = Question.objects.create(event=event, label="Diet", field_type="singleline")
    row = {"id": str(kept.pk), "label": "What do you eat?", "field_type": "singleline"}
    answer = admin.post(
        place("edit", event.pk), standing(event, questions=[row], initial={"ticket_types": 1, "questions": 1})
    )
    assert answer.status_code == 302, faults(answer)
    assert (event.questions.get().label, event.questions.get().key) == ("What do you eat?", kept.key)


def test_names_in_other_languages_are_kept_and_shown_again(admin: Client, settings: Any) -> None:
    settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "Français"), ("en", "English")]
    factories.seller_of_default_site()
    answer = post(
        admin,
        place("add"),
        ticket_types=[TICKET | {"said-name-en": "Full price"}],
        **{"said-name-en": "Bookbinding", "said-place-en": ""},
    )
    assert answer.status_code == 302, faults(answer)
    event = Event.objects.get()
    assert event.said("name", "en") == "Bookbinding"
    assert event.translations == {"en": {"name": "Bookbinding"}}
    assert event.ticket_types.get().said("name", "en") == "Full price"
    shown = BeautifulSoup(admin.get(place("edit", event.pk)).content, "html.parser")
    (field,) = shown.select('[name="said-name-en"]')
    assert field["value"] == "Bookbinding"
    assert len(shown.select('[name="ticket_types-0-said-name-en"]')) == 1


def test_a_site_of_one_language_is_not_asked_for_others(admin: Client, settings: Any) -> None:
    settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "Français")]
    factories.seller_of_default_site()
    assert "In other languages" not in words(admin.get(place("add")))


def test_prices_may_change_after_tickets_are_sold_and_capacity_may_fall_below(admin: Client, clock: Any) -> None:
    event = factories.make_event()
    registration = register(event, 3, pays_later=False)
    answer = admin.post(place("edit", event.pk), standing(event, ticket={"price": "99"}, capacity="1"), follow=True)
    event.refresh_from_db()
    assert (event.capacity, event.ticket_types.get().price) == (1, Decimal(99))
    assert "2 seats over" in words(answer)
    assert "2 over" in words(admin.get(place("desk", event.pk)))
    registration.refresh_from_db()
    assert registration.gross != 3 * 99_00


def test_a_ticket_type_that_was_sold_is_not_deleted_but_sold_no_longer(admin: Client, clock: Any) -> None:
    event = factories.make_event()
    register(event)
    form = standing(event, ticket={"DELETE": "on"})
    answer = admin.post(place("edit", event.pk), form)
    assert "has been sold, so it can't be deleted" in words(answer).replace("\u2019", "'")
    assert event.ticket_types.count() == 1
    assert admin.post(place("edit", event.pk), standing(event, ticket={"is_withdrawn": "on"})).status_code == 302
    assert event.ticket_types.get().is_withdrawn


def test_a_question_with_answers_is_not_deleted_and_one_without_is(admin: Client, clock: Any) -> None:
    event = factories.make_event()
    asked, idle = [Question.objects.create(event=event, label=label) for label in ("Diet", "Size")]
    register(event, 1, answers={asked.key: "Vegan", idle.key: ""})
    rows = [
        {"id": str(row.pk), "label": row.label, "field_type": "singleline", "DELETE": "on"} for row in (asked, idle)
    ]
    initial = {"ticket_types": 1, "questions": 2}
    answer = admin.post(place("edit", event.pk), standing(event, questions=rows, initial=initial))
    assert "“Diet” has been answered" in words(answer)
    assert "Tick “no longer asked”" in words(answer)
    del rows[0]["DELETE"]
    rows[0]["is_withdrawn"] = "on"
    assert admin.post(place("edit", event.pk), standing(event, questions=rows, initial=initial)).status_code == 302
    (kept,) = event.questions.all()
    assert (kept.label, kept.is_withdrawn) == ("Diet", True)


def test_a_change_of_time_offers_to_tell_everybody_and_only_then_tells(admin: Client, clock: Any) -> None:
    event = factories.make_event()
    factories.make_ticket_type(event, price=0)
    free = event.ticket_types.get(price=0)
    event.ticket_types.exclude(pk=free.pk).delete()
    event = Event.objects.get(pk=event.pk)
    register(event, [Place(free.pk)])
    moved = admin.post(place("edit", event.pk), standing(event, starts_at="2026-06-12 10:00"), follow=True)
    assert place("announce", event.pk) in moved.content.decode()
    assert not Letter.objects.filter(kind="event_changed").exists()
    assert "1 registration gets an e-mail" in words(admin.get(place("announce", event.pk)))
    form = BeautifulSoup(admin.get(place("announce", event.pk)).content, "html.parser").select_one('[name="seen"]')
    assert form is not None
    for sent in (form["value"], form["value"], "", "9" * 5000):
        admin.post(place("announce", event.pk), {"seen": sent})
        assert Letter.objects.filter(kind="event_changed").count() == 1
    event.refresh_from_db()
    assert event.calendar_sequence == 1
    renamed = admin.post(
        place("edit", event.pk), standing(event, name="Reliure", starts_at="2026-06-12 10:00"), follow=True
    )
    assert "Tell everybody who comes" not in words(renamed)


def test_saving_the_form_never_takes_back_what_an_action_wrote(admin: Client, clock: Any) -> None:
    event = factories.make_event(calendar_sequence=4, lock_count=7)
    admin.post(place("edit", event.pk), standing(event, name="Reliure"))
    event.refresh_from_db()
    assert (event.name, event.calendar_sequence) == ("Reliure", 4)
    assert event.lock_count > 7


def test_a_cancelled_event_is_not_edited_any_more(admin: Client, now: datetime, clock: Any) -> None:
    event = factories.make_event()
    events.cancel(event_id=event.pk, reason="Storm", by=None, now=now)
    for answer in (admin.get(place("edit", event.pk)), admin.post(place("edit", event.pk), standing(event, name="X"))):
        assert answer["Location"] == place("desk", event.pk)
    event.refresh_from_db()
    assert event.name != "X"


def test_an_event_somebody_registered_for_stays_and_a_mistake_goes(admin: Client, clock: Any) -> None:
    event, mistake = factories.make_event(), factories.make_event()
    register(event)
    assert admin.post(place("delete", event.pk))["Location"] == place("desk", event.pk)
    admin.post(place("delete", mistake.pk))
    assert list(Event.objects.all()) == [event]


def rows_of(answer: Any) -> list[str]:
    soup = BeautifulSoup(answer.content, "html.parser")
    found = [" ".join(row.get_text(" ").split()) for row in soup.select("main .listing tbody tr")]
    return [row.replace("\u00a0", " ") for row in found]


def test_a_text_changed_in_another_language_alone_is_kept(admin: Client, settings: Any) -> None:
    settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "Français"), ("en", "English")]
    event = factories.make_event()
    form = standing(event, ticket={"said-name-en": "Full price"})
    assert admin.post(place("edit", event.pk), form).status_code == 302
    assert event.ticket_types.get().translations == {"en": {"name": "Full price"}}
    too_long = standing(event, ticket={"said-name-en": "x" * 121})
    assert admin.post(place("edit", event.pk), too_long).status_code == 200
