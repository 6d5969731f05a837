"""Writing the letter that brings an invoice or a quote: filled in, tried on oneself, sent."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext

from wagtail_payments.admin.compose_form import ComposeForm
from wagtail_payments.admin.record_verbs import RecordVerb


class Composing(RecordVerb):
    """The letter as a form, with two buttons: send, and a test to oneself."""

    form_class: type[ComposeForm]

    def unready(self) -> HttpResponseBase | None:
        """Return where one goes where nothing can be sent now, or None."""
        raise NotImplementedError

    def first_words(self) -> dict[str, Any]:
        """Return subject and text that one begins with."""
        raise NotImplementedError

    def send(self, form: ComposeForm) -> HttpResponseBase:
        """Send the letter, and answer."""
        raise NotImplementedError

    def test(self, **words: Any) -> None:
        """Send subject and text to oneself."""
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the letter, filled in."""
        customer = self.record.customer
        to = {"to": [customer.email] if customer.email else [], "cc": customer.cc}
        return self.unready() or self._shown(self.form_class(initial=to | self.first_words()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send, or send a test to oneself."""
        is_test = "test" in request.POST
        form = self.form_class(request.POST, is_test=is_test)
        if not form.is_valid():
            return self._shown(form)
        return self._tested(form) if is_test else self.send(form)

    def _tested(self, form: ComposeForm) -> HttpResponseBase:
        if not self.person.email:
            messages.error(self.request, gettext("Your account has no e-mail address: add one under Account."))
            return self._shown(form)
        self.test(**form.words())
        messages.success(self.request, gettext("A test is on its way to %(address)s.") % {"address": self.person.email})
        return self._shown(form)

    def _shown(self, form: ComposeForm) -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(form=form, placeholders=form.placeholders))

    def on_its_way(self, number: str, form: ComposeForm) -> HttpResponseBase:
        """Say to whom it goes, at the desk."""
        said = {"number": number, "people": ", ".join(form.cleaned_data["to"])}
        return self.done(gettext("%(number)s is on its way to %(people)s.") % said)
