"""Giving up an invoice: a reason, one sentence that says what will happen; and counting on it again."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import write_offs
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.invoice_verbs import ConfirmedVerb, InvoiceVerb


class WriteOffForm(forms.Form):
    """Why the invoice is given up."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Stays in the history of the invoice; the customer does not see it."),
    )


class WriteOffView(InvoiceVerb):
    """Give up what is due: a form, then the same form behind one sentence."""

    page_title = _("Write off")
    permissions = ("writeoff_invoice",)
    template_name = "wagtail_payments/admin/invoices/refund.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the form."""
        why_not = write_offs.why_not(invoice=self.invoice)
        return self.refused(why_not) if why_not else self._shown(WriteOffForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Check, ask, do."""
        form = WriteOffForm(request.POST)
        if not form.is_valid() or "back" in request.POST:
            return self._shown(form)
        if "confirmed" not in request.POST:
            return self._shown(form, sentence=self._sentence())
        reason = form.cleaned_data["reason"]
        try:
            write_offs.write_off(invoice_id=self.invoice.pk, reason=reason, by=self.person, now=self.now)
        except write_offs.WriteOffRefused as refusal:
            return self.refused(refusal)
        return self.done(gettext("Written off. It can still be paid."))

    def _shown(self, form: WriteOffForm, sentence: str = "") -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(form=form, sentence=sentence))

    def _sentence(self) -> str:
        text = gettext(
            "%(amount)s are booked as a bad debt and %(number)s is not reminded any more. Its link stays payable, "
            "and its VAT stays due until you credit it."
        )
        due = in_words(max(self.invoice.balance().due, 0), self.invoice.currency)
        return text % {"amount": due, "number": self.invoice.number}


class RecoverView(ConfirmedVerb):
    """Count on an invoice again that was given up."""

    page_title = _("Count on it again")
    permissions = ("writeoff_invoice",)
    button = _("Count on it again")

    def question(self) -> str:
        """Say what will happen."""
        text = gettext("The bad debt is taken out of the books again, and %(number)s counts as unpaid as before.")
        return text % {"number": self.invoice.number}

    def perform(self) -> HttpResponseBase:
        """Do it, or say why not."""
        try:
            write_offs.recover(invoice_id=self.invoice.pk, by=self.person, now=self.now)
        except write_offs.WriteOffRefused as refusal:
            return self.refused(refusal)
        return self.done(gettext("%(number)s counts as unpaid again.") % {"number": self.invoice.number})
