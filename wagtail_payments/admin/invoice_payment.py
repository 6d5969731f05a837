"""Recording a payment on an invoice."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments import ports
from wagtail_payments.actions import checkout, payments
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.admin.payment_form import PaymentForm
from wagtail_payments.records.payments import Payment


class PayView(InvoiceVerb):
    """A transfer, a cheque, cash or a card terminal; the same form twice makes one payment."""

    page_title = _("Record a payment")
    permissions = ("record_payment",)
    template_name = "wagtail_payments/admin/invoices/pay.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the form with what is due; a draft is issued first."""
        if self.invoice.is_draft:
            return self.refused(gettext("This invoice is still a draft. Issue it first, then record the payment."))
        today = self.invoice.seller.today(self.now)
        initial = {"amount": self._due() or None, "method": "transfer", "received_on": today}
        return self._shown(self._form(initial=initial | {"form_key": ports.new_id()}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Record it, or say what is unusual about it first."""
        form = self._form(data=request.POST)
        if not form.is_valid():
            return self._shown(form)
        if Payment.objects.filter(form_key=form.cleaned_data["form_key"]).exists():
            return self.to_desk()  # the second click of a double click
        if not form.is_accepted():
            return self._shown(form, warnings=form.warnings())
        facts = {name: form.cleaned_data[name] for name in ("amount", "method", "received_on", "reference", "form_key")}
        try:
            payments.record(invoice=self.invoice, by=self.person, now=self.now, **facts)
        except payments.PaymentRefused as error:
            return self.refused(error)
        checkout.withdraw_outdated(invoice=self.invoice, now=self.now)
        return self.done(
            gettext("Recorded: %(amount)s.") % {"amount": in_words(facts["amount"], self.invoice.currency)}
        )

    def _form(self, **options: Any) -> PaymentForm:
        today = self.invoice.seller.today(self.now)
        return PaymentForm(currency=self.invoice.currency, due=self._due(), today=today, **options)

    def _shown(self, form: PaymentForm, warnings: Any = ()) -> HttpResponseBase:
        context = self.get_context_data(form=form, warnings=warnings, due=self._due())
        return self.render_to_response(context)

    def _due(self) -> int:
        return max(self.invoice.balance().due, 0)
