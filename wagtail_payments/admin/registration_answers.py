"""The answers that were given once for a whole order, put right by an organiser."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import registrations
from wagtail_payments.admin.questions import QuestionsForm
from wagtail_payments.admin.registrations import RegistrationVerb
from wagtail_payments.records.events import Question
from wagtail_payments.records.registrations import Registration


def asked_of(order: Registration) -> list[Question]:
    """Return what an order answers once; what is no longer asked stands there only where it was answered."""
    once = [row for row in order.event.questions.all() if not row.of_each]
    return [row for row in once if not row.is_withdrawn or order.answers.get(row.key)]


class AnswersView(RegistrationVerb):
    """Write down what was answered once per order."""

    permissions = ("change_registration",)
    page_title = _("Change the answers")
    template_name = "wagtail_payments/admin/events/attendee.html"

    def led_away(self, request: HttpRequest) -> HttpResponseBase | None:
        """Where nothing is asked once per order, there is nothing to change."""
        self.asked = asked_of(self.registration)
        return None if self.asked else self.refused(gettext("Nothing is asked once per order."))

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the form."""
        return self._shown(QuestionsForm(self.asked, initial=self.registration.answers))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Keep it."""
        form = QuestionsForm(self.asked, request.POST)
        if not form.is_valid():
            return self._shown(form)
        try:
            registrations.change_answers(
                registration=self.registration, answers=form.answers(), by=self.person, now=self.now
            )
        except registrations.SeatGone:
            return self.refused(gettext("All seats were given up, so there is nothing to change."))
        return self.done(gettext("The answers have been changed."))

    def _shown(self, form: Any) -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(form=form))
