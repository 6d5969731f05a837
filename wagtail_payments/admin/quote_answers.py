"""What became of a quote, written down by an editor: accepted by word, declined, taken back; and answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import agreements, quote_questions, quotes
from wagtail_payments.actions.agreements import ChoiceRefused
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.admin.quote_answer_forms import AcceptForm, AnswerForm, ReasonedForm
from wagtail_payments.admin.quote_desk import why_not_accepted
from wagtail_payments.admin.quote_verbs import TEMPLATES, QuoteVerb
from wagtail_payments.core.lifecycle import QuoteEvent, QuoteState


class FormVerb(QuoteVerb):
    """A form about a quote and one verb; what is refused is told, and nothing typed is lost."""

    permissions = ("send_quote",)
    template_name = f"{TEMPLATES}/form.html"
    sentence: Any = ""
    button: Any = ""
    is_serious = False

    def make_form(self, *args: Any, **options: Any) -> Any:
        """Return the form."""
        raise NotImplementedError

    def perform(self, form: Any) -> str:
        """Do it, and say what was done; may raise ``QuoteRefused`` or ``ChoiceRefused``."""
        raise NotImplementedError

    def why_not(self) -> str:
        """Say why there is no form, or nothing."""
        return ""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the form, or say why there is none."""
        why = self.why_not()
        return self.refused(why) if why else self._shown(self.make_form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Do it, if the form is right."""
        form = self.make_form(request.POST, request.FILES)
        if not form.is_valid():
            why = self.why_not()
            return self.refused(why) if why else self._shown(form)
        try:
            return self.done(self.perform(form))
        except ChoiceRefused as error:
            form.add_error(None, str(error))
            return self._shown(form)
        except QuoteRefused as error:
            return self.refused(error)

    def _shown(self, form: Any) -> HttpResponseBase:
        words = {"sentence": self.sentence, "button": self.button, "is_serious": self.is_serious}
        return self.render_to_response(self.get_context_data(form=form, **words))


class AcceptView(FormVerb):
    """Accepted by phone or on paper."""

    page_title = _("Accepted by phone or on paper")
    sentence = _(
        "This quote then counts as agreed, by your word: keep what proves it. "
        "The quote can't be changed any more; what can be invoiced is what you choose here."
    )
    button = _("Record the acceptance")

    def make_form(self, *args: Any, **options: Any) -> AcceptForm:
        """Return the form; today and the contact person are likely."""
        today, customer = self.quote.seller.today(self.now), self.quote.customer
        initial = {"on": today, "name": customer.contact_name or customer.name}
        return AcceptForm(*args, quote=self.quote, today=today, initial=initial, **options)

    def why_not(self) -> str:
        """Say why it can't be accepted now."""
        return why_not_accepted(self.quote)

    def perform(self, form: AcceptForm) -> str:
        """Record it."""
        agreements.accept_by_word(
            quote_id=self.quote.pk, word=form.word(), chosen=form.chosen(), by=self.person, now=self.now
        )
        return gettext("%(number)s counts as accepted.") % {"number": self.quote.number}


class DeclineView(FormVerb):
    """The customer said no, and an editor writes it down."""

    page_title = _("Declined by the customer")
    sentence = _("The customer told you no. The link stays readable and says that the quote was declined.")
    button = _("Record that it was declined")
    is_serious = True

    def make_form(self, *args: Any, **options: Any) -> ReasonedForm:
        """Return the form."""
        return ReasonedForm(*args, **options)

    def why_not(self) -> str:
        """Say why it can't be declined now."""
        try:
            quotes.refuse_unless_open(quote=self.quote, now=self.now)
        except QuoteRefused as error:
            return str(error)
        return ""

    def perform(self, form: ReasonedForm) -> str:
        """Record it."""
        reason = form.cleaned_data["reason"]
        quotes.decline(quote_id=self.quote.pk, reason=reason, by=self.person, now=self.now)
        return gettext("%(number)s was declined.") % {"number": self.quote.number}


class CancelView(FormVerb):
    """The seller takes the quote back."""

    page_title = _("Cancel the quote")
    sentence = _("The customer can no longer accept it; the link stays readable and says so. Nobody is written to.")
    button = _("Cancel the quote")
    is_serious = True

    def make_form(self, *args: Any, **options: Any) -> ReasonedForm:
        """Return the form."""
        return ReasonedForm(*args, **options)

    def why_not(self) -> str:
        """Say why it can't be cancelled now."""
        return quotes.refusal(QuoteState(self.quote.state), QuoteEvent.CANCEL)

    def perform(self, form: ReasonedForm) -> str:
        """Cancel it."""
        quotes.cancel(quote_id=self.quote.pk, reason=form.cleaned_data["reason"], by=self.person, now=self.now)
        return gettext("%(number)s was cancelled.") % {"number": self.quote.number}


class AnswerView(FormVerb):
    """An answer to the customer, by e-mail and in the thread."""

    page_title = _("Answer the customer")
    sentence = _("Your answer goes by e-mail to whoever asked, and is kept with the quote.")
    button = _("Send the answer")

    def make_form(self, *args: Any, **options: Any) -> AnswerForm:
        """Return the form."""
        return AnswerForm(*args, **options)

    def why_not(self) -> str:
        """A draft has nobody to answer."""
        return gettext("This quote is still a draft: send it first.") if self.quote.is_draft else ""

    def perform(self, form: AnswerForm) -> str:
        """Send it."""
        quote_questions.answer(quote_id=self.quote.pk, text=form.cleaned_data["text"], by=self.person, now=self.now)
        return gettext("Your answer is on its way.")

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add what was asked."""
        return super().get_context_data(**options) | {"questions": self.quote.questions.all()}
