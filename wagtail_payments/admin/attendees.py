"""Who comes to an event, with all answers: to read, to take away, to print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.admin import exports
from wagtail_payments.admin.event_verbs import EventVerb
from wagtail_payments.admin.event_words import hours_of
from wagtail_payments.admin.permissions import allowed, require
from wagtail_payments.admin.places import event_url
from wagtail_payments.admin.places_of_books import book_url
from wagtail_payments.core import money
from wagtail_payments.core.lifecycle import TAKING_SEAT_STATES
from wagtail_payments.records.events import Event, Question, TicketType
from wagtail_payments.records.registrations import Seat, answer_words, seat_states

PER_PAGE = 100
COMING = "coming"


class AttendeeFilter(forms.Form):
    """By ticket type, state and name; to begin with, whoever comes."""

    q = forms.CharField(label=gettext_lazy("Name or e-mail"), required=False)
    ticket = forms.ModelChoiceField(
        TicketType.objects.none(), label=gettext_lazy("Ticket type"), required=False, empty_label=gettext_lazy("All")
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def __init__(self, event: Event, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.event = event
        self.fields["ticket"].queryset = event.ticket_types.all()  # type: ignore[attr-defined]
        coming, everybody = (COMING, _("Confirmed or waiting for the bank")), ("all", _("All"))
        self.fields["state"].choices = [coming, *seat_states(), everybody]  # type: ignore[attr-defined]

    def seats(self) -> QuerySet[Seat]:
        """Return the seats, in the order of names; each with its ticket type and its order, in one query."""
        chosen = self.cleaned_data if self.is_valid() else {}
        seats = Seat.objects.filter(event=self.event, **_in_state(chosen.get("state") or COMING))
        if chosen.get("ticket"):
            seats = seats.filter(ticket_type=chosen["ticket"])
        for word in (chosen.get("q") or "").split():
            seats = seats.filter(_named(word))
        rows = seats.select_related("ticket_type", "registration__invoice__document")
        rows = rows.defer("registration__invoice__document__text")
        return rows.order_by("registration__name", "registration_id", "pk")


def _in_state(state: str) -> dict[str, Any]:
    if state == COMING:
        return {"state__in": TAKING_SEAT_STATES}
    return {} if state == "all" else {"state": state}


def _named(word: str) -> Q:
    own = Q(name__icontains=word) | Q(email__icontains=word)
    return own | Q(registration__name__icontains=word) | Q(registration__email__icontains=word)


class Listing:
    """The table of attendees: what everybody has, then a column for each question."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.questions: list[Question] = list(event.questions.all())
        self.states = dict(seat_states())

    @property
    def titles(self) -> list[str]:
        """The headings."""
        fixed = [_("Attendee"), _("E-mail"), _("Ticket type"), _("State"), _("Registered by")]
        return [*fixed, *(question.label for question in self.questions)]

    def cells(self, seat: Seat) -> list[str]:
        """Return what stands in the row of a seat, in the order of the headings."""
        order = seat.registration
        fixed = [seat.attendee, seat.email or order.email, seat.ticket_type.name, str(self.states[seat.state])]
        return [*fixed, order.name, *(self.answer(seat, question) for question in self.questions)]

    def answer(self, seat: Seat, question: Question) -> str:
        """Return what was answered to a question, as one text."""
        given = seat.answers if question.of_each else seat.registration.answers
        return answer_words(given.get(question.key))

    def file_titles(self) -> list[str]:
        """The headings of a file, which has more columns."""
        more = [_("Price"), _("Currency"), _("E-mail of the buyer"), _("Organisation"), _("Telephone"), _("Registered")]
        return [*self.titles, *more, _("Invoice"), _("Discount code"), _("Consents")]

    def file_row(self, seat: Seat) -> list[Any]:
        """Return the row of a seat in a file."""
        order = seat.registration
        price = money.to_major(seat.gross, order.currency)
        who = [order.email, order.organisation, order.phone, exports.cell(order.created_at)]
        number = order.invoice.number if order.invoice is not None else ""
        return [
            *self.cells(seat), price, order.currency, *who, number, order.discount, "\n".join(order.consents)
        ]  # fmt: skip

    def file_rows(self, seats: QuerySet[Seat]) -> Iterator[list[Any]]:
        """Yield the rows of a file, read in pieces."""
        return (self.file_row(seat) for seat in seats.iterator(chunk_size=1000))


class AttendeesView(EventVerb):
    """The list, page by page; ``export`` takes it away as a file."""

    http_method_names = ["get", "head", "options"]
    permissions = ("view_registration",)
    page_title = gettext_lazy("Attendees")
    template_name = "wagtail_payments/admin/events/attendees.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show or export the list."""
        form, listing = AttendeeFilter(self.event, request.GET), Listing(self.event)
        seats = form.seats()
        if request.GET.get("export") in (exports.CSV, exports.XLSX):
            require(request.user, "export_event")
            name = f"{self.event.name} {_('Attendees')}"
            rows = listing.file_rows(seats)
            return exports.file_response(request.GET["export"], titles=listing.file_titles(), rows=rows, name=name)
        page = Paginator(seats, PER_PAGE).get_page(request.GET.get("p"))
        context = self.get_context_data(
            form=form,
            titles=listing.titles,
            page_obj=page,
            rows=[(listing.cells(seat), book_url(seat.registration)) for seat in page],
            may_export=allowed(request.user, "export_event"),
            print_url=event_url("print", pk),
            query=_query(request),
        )
        return self.render_to_response(context)


def _query(request: HttpRequest) -> str:
    """What was filtered by, to be carried on."""
    return urlencode({name: request.GET[name] for name in ("q", "ticket", "state") if request.GET.get(name)})


class PrintView(EventVerb):
    """The whole list on paper: a box to tick at the door, and what was answered."""

    http_method_names = ["get", "head", "options"]
    permissions = ("view_registration",)
    template_name = "wagtail_payments/admin/events/attendees_print.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show all of it."""
        form, listing = AttendeeFilter(self.event, request.GET), Listing(self.event)
        rows = [listing.cells(seat) for seat in form.seats()]
        context = {"event": self.event, "when": hours_of(self.event), "titles": listing.titles, "rows": rows}
        return self.render_to_response(context)
