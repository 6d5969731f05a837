"""The book of registrations: who registered for what, how far it is, and what it comes to."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from wagtail_payments import ports
from wagtail_payments.actions import registration_withdrawals
from wagtail_payments.admin import registration_answers
from wagtail_payments.admin import registrations as verbs
from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.columns import AmountColumn, Exported, ModeColumn, exported, exported_amount
from wagtail_payments.admin.books.facts import Cell, Reader, Section, Sheet, Verb, amount, amount_cell
from wagtail_payments.admin.books.filters import between, by_mode
from wagtail_payments.admin.permissions import allowed, may_see
from wagtail_payments.admin.places import event_desk_url
from wagtail_payments.admin.places_of_books import book_url, url_name, verb_url
from wagtail_payments.admin.timeline import timeline_of_registration
from wagtail_payments.core.lifecycle import TAKING_SEAT_STATES, SeatState
from wagtail_payments.records.events import Event
from wagtail_payments.records.registrations import Registration, Seat, answer_words, seat_states

# What matters most of the states of its seats stands for the whole.
LEADING = (SeatState.CONFIRMED, SeatState.PENDING, SeatState.HELD, SeatState.CANCELLED, SeatState.EXPIRED)


def state_of(registration: Any) -> str:
    """Return how a registration stands, in words; it was read ``with_seats``."""
    words = dict(seat_states())
    return next((str(words[state]) for state in LEADING if getattr(registration, state)), "")


def seats_of(registration: Any) -> int:
    """Return how many seats it has or still may have; it was read ``with_seats``."""
    return sum(getattr(registration, state) for state in (SeatState.HELD, *TAKING_SEAT_STATES))


class RegistrationFilterSet(WagtailFilterSet):
    """By event, by the state of a seat, by day."""

    event = django_filters.ModelChoiceFilter(
        label=_("Event"), queryset=lambda request: Event.objects.only("name", "starts_at"), empty_label=_("All")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=seat_states, empty_label=_("All"), widget=forms.RadioSelect, method="with_a_seat"
    )
    created = between("created_at", _("Registered"))
    mode = by_mode()

    class Meta:
        model = Registration
        fields: list[str] = []

    def with_a_seat(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep the registrations that have a seat in that state."""
        return rows.filter(Exists(Seat.objects.filter(registration=OuterRef("pk"), state=value)))


class RegistrationBook(Book):
    """Registrations: nobody edits or deletes one; its seats are cancelled, its attendees changed, by verbs."""

    model = Registration
    base_url_path = "payments/registrations"
    menu_icon = "clipboard-list"
    menu_item_name = "payments-registrations"
    verbs = frozenset({"change"})
    list_select_related = ("event",)
    default_ordering = ("-created_at", "-pk")
    filters = RegistrationFilterSet
    search_fields = ["name", "email", "organisation", "invoice__document__number"]
    empty_text = _("No registration yet. They appear here as soon as somebody registers for an event.")
    columns = [
        TitleColumn("name", label=_("Name"), get_url=book_url, sort_key="name"),
        Column("event", label=_("Event"), sort_key="event__name"),
        Column("seats", label=_("Seats"), accessor=seats_of, classname="wp-amount"),
        StatusTagColumn("state", label=_("State"), accessor=state_of, primary=lambda row: bool(row.confirmed)),
        AmountColumn("gross", label=_("Total"), sort_key="gross"),
        Column("created_at", label=_("Registered"), sort_key="created_at"),
        ModeColumn(),
    ]
    exports = [
        exported("event", _("Event"), "event.name"),
        exported("name", _("Name")),
        exported("email", _("E-mail")),
        exported("phone", _("Telephone")),
        exported("organisation", _("Organisation")),
        Exported("seats", _("Seats"), seats_of),
        Exported("state", _("State"), state_of),
        exported_amount("gross", _("Total")),
        exported("currency", _("Currency")),
        exported("discount", _("Discount code")),
        exported("created_at", _("Registered")),
        exported("mode", _("Mode"), "get_mode_display"),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return registrations with how many seats each has by state."""
        rows: Any = super().get_queryset(request)
        return rows.with_seats()

    def sheet(self, record: Registration, reader: Reader) -> Sheet:
        """Return what the page of a registration shows."""
        rows = Registration.objects.with_seats().select_related(
            "event__seller", "invoice__document", "balance__document"
        )
        seats = Seat.objects.select_related("ticket_type")
        full: Any = rows.prefetch_related(Prefetch("seats", queryset=seats), "event__questions").get(pk=record.pk)
        sheet = Sheet(str(full))
        _add_facts(sheet, full, reader)
        sheet.sections += [_seats(full, reader), _answers(full), _cancellations(full, reader), _timeline(full)]
        sheet.papers += _ways(full, reader)
        sheet.verbs += _verbs(full, reader)
        return sheet

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        """Return the URLs of the book, and those of its verbs."""
        return (*super().get_admin_urls_for_registration(), *(_path(name, view) for name, view in VIEWS.items()))


VIEWS: dict[str, Any] = {
    "cancel": verbs.CancelView,
    "attendee": verbs.AttendeeView,
    "answers": registration_answers.AnswersView,
    "confirm": verbs.ConfirmAgainView,
    "renew": verbs.RenewView,
}


def _path(name: str, view: Any) -> URLPattern:
    seat = "<int:seat_pk>/" if name == "attendee" else ""
    route = f"{RegistrationBook.base_url_path}/{name}/<int:pk>/{seat}"
    return path(route, view.as_view(), name=url_name(Registration, name))


def _add_facts(sheet: Sheet, order: Any, reader: Reader) -> None:
    sheet.add(_("State"), state_of(order), tag=True)
    sheet.add(_("Event"), str(order.event), url=event_desk_url(order.event_id) if may_see(reader.user, Event) else "")
    sheet.add(_("E-mail"), order.email)
    sheet.add(_("Telephone"), order.phone)
    sheet.add(_("Organisation"), order.organisation)
    sheet.add(_("Purchase order number"), order.order_reference)
    sheet.add(_("Total"), amount(order.gross, order.currency))
    sheet.add(_("Discount code"), order.discount)
    if order.invoice is not None:
        sheet.add(_("Invoice"), reader.invoice(order.invoice))
    if order.deposit:
        _add_deposit(sheet, order, reader)
    sheet.add(_("Pays by"), _("Bank transfer") if order.pays_later else "")
    sheet.add(_("Registered"), order.created_at)
    sheet.add(_("Confirmed"), order.confirmed_at)
    left = registration_withdrawals.standing_of(registration=order)
    sheet.add(_("Withdrawal"), left.statement if left else _right(order))
    sheet.add(_("Withdrawn on"), left.at if left else None)
    sheet.add(_("Language"), order.language)
    sheet.add(_("Agreed to"), "\n".join(order.consents))
    sheet.add(_("Mode"), order.get_mode_display(), tag=True)


def _right(order: Any) -> str:
    """Until when it may be left, as it was said when it was made; nothing where there is no contract to leave."""
    right = registration_withdrawals.right_to(registration=order, now=ports.now())
    if right is None or right.reason:
        return right.reason if right else ""
    day = {"day": date_format(right.last_day, "DATE_FORMAT")}
    return gettext("Possible until it begins") if right.ends_early else gettext("Possible until %(day)s") % day


def _add_deposit(sheet: Sheet, order: Any, reader: Reader) -> None:
    sheet.add(_("Deposit"), amount(order.deposit, order.currency))
    sheet.add(_("Balance due on"), order.balance_on)
    if not order.balance.is_draft:
        sheet.add(_("Invoice of the balance"), reader.invoice(order.balance))


def _seats(order: Any, reader: Reader) -> Section:
    columns = [_("Attendee"), _("E-mail"), _("Ticket type"), _("State"), _("Price")]
    may = allowed(reader.user, "change_registration")
    rows = []
    for seat in order.seats.all():
        lives = seat.state not in (SeatState.CANCELLED, SeatState.EXPIRED)
        url = verbs.attendee_url(seat) if may and lives else ""
        rows.append(
            [
                Cell(seat.attendee, url),
                Cell(seat.email),
                Cell(seat.ticket_type.name),
                Cell(seat.get_state_display(), tag=True),
                amount_cell(seat.gross, order.currency),
            ]
        )
    return Section(_("Seats"), columns, rows)


def _answers(order: Any) -> Section:
    rows = []
    for question in order.event.questions.all():
        if question.of_each:
            given = [(seat.attendee, seat.answers.get(question.key)) for seat in order.seats.all()]
        else:
            given = [(order.name, order.answers.get(question.key))]
        rows += [
            [Cell(question.label), Cell(who), Cell(answer_words(answer))]
            for who, answer in given
            if answer not in ("", None, [])
        ]
    return Section(_("Answers"), (_("Question"), _("Who"), _("Answer")), rows, _("Nothing was asked or answered."))


def _cancellations(order: Any, reader: Reader) -> Section:
    rows = [
        [
            Cell(row.at),
            Cell(gettext("The organiser") if row.by_organiser else gettext("The registrant")),
            amount_cell(row.gross - row.fee, row.currency),
            Cell(row.get_state_display(), tag=True),
            Cell(row.failure or row.reason),
        ]
        for row in order.cancellations.all()
    ]
    titles = (_("On"), _("By"), _("Comes back"), _("State"), _("Remark"))
    return Section(_("Cancellations"), titles, rows, _("Nothing was cancelled."))


def _timeline(order: Registration) -> Section:
    rows = [[Cell(moment.at), Cell(moment.text), Cell(moment.by)] for moment in timeline_of_registration(order)]
    return Section(_("Timeline"), (_("On"), _("What happened"), _("By")), rows, _("Nothing has happened yet."))


def _ways(order: Any, reader: Reader) -> list[Cell]:
    """The pages that lead on: one asks for the answers of the order, cancelling asks first."""
    found = []
    if registration_answers.asked_of(order) and seats_of(order) and allowed(reader.user, "change_registration"):
        found.append(Cell(_("Change the answers"), verb_url(order, "answers")))
    if order.confirmed and allowed(reader.user, "cancel_registration"):
        found.append(Cell(_("Cancel seats"), verb_url(order, "cancel")))
    return found


def _verbs(order: Any, reader: Reader) -> list[Verb]:
    if not allowed(reader.user, "change_registration"):
        return []
    found = []
    if order.confirmed:
        again = _("Sends the confirmation with the link once more, to %(email)s.") % {"email": order.email}
        found.append(Verb(_("Send the confirmation again"), verb_url(order, "confirm"), again))
    renew = _("Every link sent so far no longer opens; the next e-mail has the new one.")
    return [*found, Verb(_("Make a new link"), verb_url(order, "renew"), renew)]
