"""Deposits and pro formas of a draft: what was asked for in advance, what is left, and the way to ask for more."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments import ports
from wagtail_payments.actions import advances, deposits
from wagtail_payments.admin.deposit_form import DepositForm
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places import invoice_url
from wagtail_payments.admin.status_words import tag_of
from wagtail_payments.core.deposits import gross_of
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.core.totals import CannotAddUp
from wagtail_payments.records.deposits import Unpaid, asked_for, settlement_of
from wagtail_payments.records.invoices import Invoice


class DepositsView(InvoiceVerb):
    """The deposits of a draft, what becomes of the unpaid ones, what the final invoice will ask for; its pro formas."""

    page_title = _("Deposits and pro formas")
    template_name = "wagtail_payments/admin/invoices/deposits.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show them."""
        context = self.get_context_data(
            deposits=[self._row(deposit) for deposit in asked_for(self.invoice)],
            choices=Unpaid.choices,
            proformas=self.invoice.proformas.select_related("document"),
            may_ask=self._may_ask(),
            waiting=[self._row(deposit) for deposit in advances.waiting_for(self.invoice)],
            may_take=self.invoice.is_draft and allowed(request.user, "change_invoice"),
            may_issue=self.invoice.is_draft and allowed(request.user, "issue_invoice"),
            **self._end(),
        )
        return self.render_to_response(context)

    def _may_ask(self) -> bool:
        """The parts of an agreed quote are invoiced from the quote."""
        is_agreed = hasattr(self.invoice, "contract")
        return self.invoice.is_draft and not is_agreed and allowed(self.request.user, "add_invoice")

    def _row(self, deposit: Invoice) -> dict[str, Any]:
        balance = deposit.balance()
        return {
            "deposit": deposit,
            "tag": tag_of(deposit, deposit.seller.today(self.now)),
            "may_go": not deposit.is_draft and deposit.deposit.step_id is None,
            "unpaid": balance.due if not deposit.is_draft and balance.due > 0 else 0,
        }

    def _end(self) -> dict[str, Any]:
        """What the final invoice of this draft would deduct, take back and ask for, as things stand."""
        if not self.invoice.is_draft or self.invoice.kind != InvoiceKind.FINAL:
            return {}
        try:
            whole = self.invoice.totals()
        except CannotAddUp:
            return {}
        settled = settlement_of(self.invoice, whole)
        beyond = [taken for taken in settled.taken_back if not taken.is_unpaid]
        return {
            "whole": whole.gross,
            "deducted": sum(part.gross for part in settled.deducted),
            "beyond": sum(gross_of(taken.rows) for taken in beyond),
            "rest": gross_of(settled.rest),
        }


class AskView(InvoiceVerb):
    """A form, then what it comes to per VAT rate, then the draft of the deposit invoice."""

    page_title = _("Ask for a deposit")
    permissions = ("add_invoice",)
    template_name = "wagtail_payments/admin/invoices/deposit_ask.html"

    def _form(self, data: Any = None) -> DepositForm:
        consumer = self.invoice.customer.is_consumer
        fresh = {"form_key": ports.new_id()}
        return DepositForm(data, currency=self.invoice.currency, is_consumer=consumer, initial=fresh)

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the form; an issued invoice goes to its desk."""
        if not self.invoice.is_draft:
            return self.refused(gettext("This invoice has been issued: a deposit is asked for before."))
        return self.render_to_response(self.get_context_data(form=self._form()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Check, show what it comes to, make the draft."""
        form = self._form(request.POST)
        if not form.is_valid() or "back" in request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        try:
            if "confirmed" in request.POST:
                return self._asked(form)
            rows = deposits.preview(contract=self.invoice, wish=form.wish())
        except deposits.DepositRefused as error:
            form.add_error(None, str(error))
            return self.render_to_response(self.get_context_data(form=form))
        return self.render_to_response(self.get_context_data(form=form, rows=rows, gross=gross_of(rows)))

    def _asked(self, form: DepositForm) -> HttpResponseBase:
        key = form.cleaned_data["form_key"]
        draft = deposits.ask(contract_id=self.invoice.pk, wish=form.wish(), by=self.person, now=self.now, form_key=key)
        messages.success(self.request, gettext("The deposit is a draft now. Review it, then issue and send it."))
        return redirect(invoice_url("review", draft.pk))


class DecideView(InvoiceVerb):
    """What becomes of a deposit that is not paid."""

    http_method_names = ["post"]
    permissions = ("issue_invoice",)

    def post(self, request: HttpRequest, pk: int, deposit_pk: int) -> HttpResponseBase:
        """Keep the choice."""
        deposit = get_object_or_404(Invoice, pk=deposit_pk, deposit__contract=self.invoice)
        choice = request.POST.get("if_unpaid", "")
        try:
            deposits.decide(deposit_id=deposit.pk, if_unpaid=choice, by=self.person, now=self.now)
        except deposits.DepositRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("Kept for when the final invoice is issued."))
        return redirect(invoice_url("deposits", pk))
