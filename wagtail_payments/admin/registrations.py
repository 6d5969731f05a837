"""What can be done with one registration: seats given up, an attendee changed, the confirmation sent again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments import ports
from wagtail_payments.actions import cancellations, links, registrations
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places_of_books import book_url, list_url, url_name
from wagtail_payments.admin.questions import QuestionsForm
from wagtail_payments.admin.record_verbs import RecordVerb
from wagtail_payments.admin.refund_forms import LONGEST_REASON
from wagtail_payments.core.lifecycle import SeatState
from wagtail_payments.records.links import Link
from wagtail_payments.records.registrations import Cancellation, Registration, Seat


class RegistrationVerb(RecordVerb):
    """A page or a verb about one registration."""

    model = Registration
    header_icon = "clipboard-list"

    @property
    def registration(self) -> Any:
        """The registration."""
        return self.record

    def is_seen_by(self, user: Any) -> bool:
        """Whoever may read the book of registrations."""
        return allowed(user, "view_registration")

    def records(self) -> Any:
        """Return the registrations to look in, with their events."""
        return Registration.objects.select_related("event__seller", "invoice")

    @property
    def desk_url(self) -> str:
        """Where the registration is."""
        return book_url(self.registration)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, the list, the registration, this page."""
        return [
            *super().get_breadcrumbs_items(),
            {"url": list_url(Registration), "label": _("Registrations")},
            {"url": self.desk_url, "label": str(self.registration)},
            {"url": "", "label": self.page_title},
        ]


class CancelForm(forms.Form):
    """Which seats, and why; ``back`` is what was quoted, in minor units."""

    seats = forms.ModelMultipleChoiceField(
        Seat.objects.none(), label=_("Seats to give up"), widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=LONGEST_REASON, help_text=_("The registrant reads it.")
    )
    form_key = forms.SlugField(max_length=64, widget=forms.HiddenInput)
    back = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, seats: Any, currency: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["seats"]
        field.queryset = seats
        field.label_from_instance = lambda seat: _label(seat, currency)


def _label(seat: Seat, currency: str) -> str:
    return f"{seat.attendee} – {seat.ticket_type.name}, {in_words(seat.gross, currency)}"


class CancelView(RegistrationVerb):
    """Give up all seats, or some: quoted first, then done; an organiser keeps no fee."""

    permissions = ("cancel_registration",)
    page_title = _("Cancel seats")
    template_name = "wagtail_payments/admin/events/cancel_registration.html"

    def _confirmed(self) -> Any:
        seats = self.registration.seats.filter(state=SeatState.CONFIRMED)
        return seats.select_related("ticket_type", "registration")

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the seats, all of them ticked."""
        seats = self._confirmed()
        if not seats:
            return self.refused(gettext("No seat of this registration is confirmed (any more)."))
        initial = {"form_key": ports.new_id(), "seats": [seat.pk for seat in seats]}
        return self._shown(CancelForm(seats, self.registration.currency, initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Quote, then do it."""
        key = request.POST.get("form_key", "").replace("\x00", "")
        if key and Cancellation.objects.filter(form_key=key, registration=self.registration).exists():
            return self.to_desk()  # a second click on a form that has done its work
        form = CancelForm(self._confirmed(), self.registration.currency, request.POST)
        if not form.is_valid() or "back_to_form" in request.POST:
            return self._shown(form)
        seats = list(form.cleaned_data["seats"])
        if "confirmed" in request.POST and form.cleaned_data["back"] is not None:
            return self._cancelled(form, seats)
        return self._quoted(form, seats)

    def _quoted(self, form: CancelForm, seats: Sequence[Seat]) -> HttpResponseBase:
        quote = cancellations.quote(event=self.registration.event, seats=seats, by_organiser=True, now=self.now)
        names = ", ".join(seat.attendee for seat in seats)
        back = in_words(quote.back, self.registration.currency)
        return self._shown(form, sentence=self._sentence(names, back if quote.back else ""), back=quote.back)

    def _sentence(self, names: str, back: str) -> str:
        if not back:
            return gettext("The seats of %(names)s are free again, and %(email)s is told.") % {
                "names": names,
                "email": self.registration.email,
            }
        return gettext(
            "The seats of %(names)s are free again. %(back)s are credited and what was paid of it goes back; "
            "%(email)s is told. This can't be undone."
        ) % {"names": names, "back": back, "email": self.registration.email}

    def _cancelled(self, form: CancelForm, seats: Sequence[Seat]) -> HttpResponseBase:
        data = form.cleaned_data
        try:
            made = cancellations.cancel(
                registration=self.registration,
                seat_ids=[seat.pk for seat in seats],
                back=data["back"],
                by_organiser=True,
                reason=data["reason"],
                by=self.person,
                now=self.now,
                form_key=data["form_key"],
            )
        except cancellations.CancellationRefused as error:
            return self.refused(error)
        if made.state == "refused":
            return self.refused(made.failure)
        return self.done(
            gettext("The seats are cancelled, and %(email)s is told.") % {"email": self.registration.email}
        )

    def _shown(self, form: CancelForm, **more: Any) -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(form=form, **more))


def attendee_url(seat: Seat) -> str:
    """Return where an attendee is changed."""
    return reverse(url_name(Registration, "attendee"), args=(seat.registration_id, seat.pk))


class AttendeeForm(QuestionsForm):
    """Who comes, and the answers asked of each; an organiser may leave any of them empty."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("A new address gets the invitation; whoever had the seat is told that it is no longer theirs."),
    )


class AttendeeView(RegistrationVerb):
    """Write down who comes on a seat."""

    permissions = ("change_registration",)
    page_title = _("Change the attendee")
    template_name = "wagtail_payments/admin/events/attendee.html"

    def get(self, request: HttpRequest, pk: int, seat_pk: int) -> HttpResponseBase:
        """Show the form."""
        seat = self._seat(seat_pk)
        return self._shown(self._form(seat, initial={"name": seat.name, "email": seat.email, **seat.answers}))

    def post(self, request: HttpRequest, pk: int, seat_pk: int) -> HttpResponseBase:
        """Keep it."""
        seat = self._seat(seat_pk)
        form = self._form(seat, data=request.POST)
        if not form.is_valid():
            return self._shown(form)
        data = form.cleaned_data
        try:
            registrations.change_attendee(
                seat=seat,
                name=data["name"],
                email=data["email"],
                answers=form.answers(),
                by=self.person,
                now=self.now,
            )
        except registrations.SeatGone:
            return self.refused(gettext("This seat was given up, so there is nothing to change."))
        return self.done(gettext("The attendee has been changed."))

    def _seat(self, pk: int) -> Seat:
        return get_object_or_404(Seat, pk=pk, registration=self.registration)

    def _form(self, seat: Seat, **options: Any) -> AttendeeForm:
        """What is no longer asked stands there only where it was answered."""
        questions = self.registration.event.questions.all()
        of_each = [row for row in questions if row.of_each]
        asked = [row for row in of_each if not row.is_withdrawn or seat.answers.get(row.key)]
        return AttendeeForm(asked, **options)

    def _shown(self, form: AttendeeForm) -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(form=form))


class ConfirmAgainView(RegistrationVerb):
    """Send the letter that confirms it once more, with the link as it is now."""

    http_method_names = ["post", "options"]
    permissions = ("change_registration",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send it."""
        if not registrations.confirm_again(registration=self.registration, by=self.person, now=self.now):
            return self.refused(gettext("It is waiting or being sent already, or was never confirmed."))
        return self.done(gettext("It is on its way to %(email)s.") % {"email": self.registration.email})


class RenewView(RegistrationVerb):
    """Make the next generation of the link."""

    http_method_names = ["post", "options"]
    permissions = ("change_registration",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Renew it."""
        link = get_object_or_404(Link, registration=self.registration)
        links.renew(link=link, by=self.person, now=self.now)
        return self.done(gettext("Earlier links no longer open. Send the confirmation again to give the new one."))
