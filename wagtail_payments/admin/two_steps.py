"""A form about money in two steps: filled in, then asked in one sentence that says what will happen."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase

from wagtail_payments import ports
from wagtail_payments.actions import corrections, credits, refunds
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.admin.refund_forms import ReasonForm
from wagtail_payments.admin.refund_words import what_became_of
from wagtail_payments.core.lifecycle import RefundState
from wagtail_payments.printing.sheet import Sheet
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.payments import Refund

REFUSALS = (credits.CreditRefused, refunds.RefundRefused, corrections.CorrectionRefused)


class InTwoSteps(InvoiceVerb):
    """A form, then the same form hidden behind one sentence and a button."""

    permissions: ClassVar[tuple[str, ...]] = ("make_refund",)
    template_name = "wagtail_payments/admin/invoices/refund.html"

    def make_form(self, **options: Any) -> ReasonForm | None:
        """Return the form, or None where there is nothing to send back."""
        raise NotImplementedError

    def why_not(self) -> str:
        """Say why there is no form."""
        raise NotImplementedError

    def sentence(self, form: Any) -> str:
        """Say what will happen."""
        raise NotImplementedError

    def preview(self, form: Any) -> Sheet | None:
        """Return the paper that will be issued, in words."""
        return None

    def perform(self, form: Any) -> HttpResponseBase:
        """Do it; may raise one of ``REFUSALS``."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Show the form."""
        form = self.make_form(initial={"form_key": ports.new_id()})
        return self._shown(form) if form is not None else self.refused(self.why_not())

    def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Check, ask, do."""
        form = self.make_form(data=request.POST)
        if form is None:
            return self._nothing_left(request)
        if not form.is_valid() or "back" in request.POST:
            return self._shown(form)
        try:
            if "confirmed" not in request.POST:
                return self._shown(form, sentence=self.sentence(form))
            return self.perform(form)
        except REFUSALS as error:
            return self.refused(error)

    def _nothing_left(self, request: HttpRequest) -> HttpResponseBase:
        """A second click on a form that has done its work is not an error."""
        key = request.POST.get("form_key", "").replace("\x00", "")  # PostgreSQL takes no NUL in a question
        credited = CreditNote.objects.filter(form_key=key).exists()
        if key and (credited or Refund.objects.filter(idempotency_key=key).exists()):
            return self.to_desk()
        return self.refused(self.why_not())

    def _shown(self, form: ReasonForm, sentence: str = "") -> HttpResponseBase:
        preview = self.preview(form) if sentence else None
        context = self.get_context_data(form=form, sentence=sentence, preview=preview)
        return self.render_to_response(context)

    def wish(self, form: Any, amount: int = 0) -> refunds.Wish:
        """Return the refund as the editor asked for it."""
        data = form.cleaned_data
        return refunds.Wish(amount, form.by_hand(), data["reason"], self.person, data["form_key"])

    def told(self, refund: Refund) -> HttpResponseBase:
        """Go back to the desk, saying how far the money is."""
        tell = messages.error if refund.state == RefundState.FAILED else messages.success
        tell(self.request, what_became_of(refund))
        return self.to_desk()
