"""Noting the day on which a customer said they will pay."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from wagtail_payments.actions import promises
from wagtail_payments.admin.invoice_verbs import ConfirmedVerb, InvoiceVerb


class PromiseForm(forms.Form):
    """A day within the bounds."""

    planned_on = forms.DateField(label=_("The customer will pay on"), widget=AdminDateInput)

    def __init__(self, *args: Any, bounds: promises.Bounds, **options: Any) -> None:
        super().__init__(*args, **options)
        self.bounds = bounds

    def clean_planned_on(self) -> Any:
        """Refuse what lies outside."""
        day = self.cleaned_data["planned_on"]
        if not self.bounds.first <= day <= self.bounds.last:
            said = {"first": date_format(self.bounds.first), "last": date_format(self.bounds.last)}
            raise forms.ValidationError(gettext("Choose a day from %(first)s to %(last)s.") % said)
        return day


class PromiseView(InvoiceVerb):
    """The day a customer named, by phone for instance; it takes the place of one named before."""

    page_title = _("Plan the payment")
    permissions = ("record_payment",)
    template_name = "wagtail_payments/admin/invoices/promise.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the form with the day that stands."""
        bounds = self._bounds()
        if bounds is None:
            return self._nothing_to_plan()
        return self._shown(PromiseForm(bounds=bounds, initial={"planned_on": self.invoice.planned_on}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Keep the day."""
        bounds = self._bounds()
        if bounds is None:
            return self._nothing_to_plan()
        form = PromiseForm(request.POST, bounds=bounds)
        if not form.is_valid():
            return self._shown(form)
        day = form.cleaned_data["planned_on"]
        try:
            promises.make(invoice_id=pk, planned_on=day, by=self.person, by_customer=False, now=self.now)
        except promises.PromiseRefused as error:
            return self.refused(error)
        return self.done(gettext("The payment is planned for %(day)s.") % {"day": date_format(day)})

    def _bounds(self) -> promises.Bounds | None:
        today = self.invoice.seller.today(self.now)
        return promises.bounds(invoice=self.invoice, today=today, by_customer=False)

    def _nothing_to_plan(self) -> HttpResponseBase:
        return self.refused(gettext("There is nothing to plan for this invoice now."))

    def _shown(self, form: PromiseForm) -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(form=form, planned_on=self.invoice.planned_on))


class WithdrawPromiseView(ConfirmedVerb):
    """Takes the planned day back."""

    page_title = _("Take the planned day back")
    permissions = ("record_payment",)
    button = _("Take it back")

    def question(self) -> str:
        """Say what follows."""
        return gettext("The invoice no longer counts as planned, and reminders go on.")

    def perform(self) -> HttpResponseBase:
        """Take it back."""
        taken = promises.withdraw(invoice_id=self.invoice.pk, by=self.person, by_customer=False, now=self.now)
        if taken is None:
            return self.refused(gettext("No day is planned."))
        return self.done(gettext("The planned day is taken back."))
