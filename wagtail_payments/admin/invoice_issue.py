"""From a draft to an invoice in the customer's hands: review, issue, send, a test to oneself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import advances, checkout, deposits, invoices
from wagtail_payments.actions.credits import CreditRefused
from wagtail_payments.actions.findings import Finding
from wagtail_payments.actions.numbers import ClockWentBack
from wagtail_payments.admin.compose_form import ComposeForm, InvoiceComposeForm
from wagtail_payments.admin.composing import Composing
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places import invoice_url
from wagtail_payments.admin.reviews import has_errors, reviewed
from wagtail_payments.mail import letters
from wagtail_payments.records.deposits import to_pay
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter

ISSUING = (invoices.InvoiceAlreadyIssued, invoices.InvoiceNotReady, ClockWentBack, CreditRefused)
# Within this time a second letter of the same person to the same people is a double click.
DOUBLE_CLICK = timedelta(seconds=10)


def sentence_about(error: Exception, invoice: Invoice) -> str:
    """Say in plain words why an invoice was not issued."""
    if isinstance(error, invoices.InvoiceAlreadyIssued):
        return gettext("This invoice has been issued already. Nothing was done a second time.")
    if isinstance(error, invoices.InvoiceNotReady):
        return gettext("Not issued yet: something is missing. It is listed below.")
    return str(error) or gettext("The clock of this machine stands before the last date of issue. Correct it first.")


def _not_deducted(invoice: Invoice) -> list[Finding]:
    """Deposits of the customer that wait for an order: it may be this one."""
    said = ", ".join(deposit.number for deposit in advances.waiting_for(invoice))
    message = gettext("Deposits of this customer that nothing deducts yet: %(numbers)s. Are they for this order?")
    return [Finding("warning", "deposit_waiting", message % {"numbers": said}, "deposits")] if said else []


class ReviewView(InvoiceVerb):
    """What still stands in the way, and the three ways on."""

    page_title = _("Review")
    template_name = "wagtail_payments/admin/invoices/review.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show errors and warnings in words; an issued invoice goes to its desk."""
        if not self.invoice.is_draft:
            return self.to_desk()
        found = [*invoices.review(invoice=self.invoice, now=self.now), *_not_deducted(self.invoice)]
        rows = reviewed(found, self.invoice, request.user)
        context = rows | {
            "totals": None if rows["errors"] else self.invoice.totals(),
            "to_pay": None if rows["errors"] else to_pay(self.invoice),
            "may_issue": allowed(request.user, "issue_invoice"),
            "mode": invoices.mode_of(self.invoice.site),
        }
        return self.render_to_response(self.get_context_data(**context))


class IssueView(InvoiceVerb):
    """Take the number; a double click takes one."""

    http_method_names = ["post"]
    permissions = ("issue_invoice",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Issue, and say the number."""
        try:
            invoice = invoices.issue(invoice_id=pk, by=self.person, now=self.now)
        except ISSUING as error:
            return not_issued(self, error)
        deposits.withdraw_outdated(contract=self.invoice, now=self.now)
        _withdraw_replaced(invoice, self.now)
        return self.done(gettext("Issued as %(number)s.") % {"number": invoice.number})


def _withdraw_replaced(invoice: Invoice, now: datetime) -> None:
    """Whoever still has the payment page of the invoice that was replaced can't pay it any more."""
    if invoice.corrects is not None:
        checkout.withdraw_outdated(invoice=invoice.corrects, now=now)


def not_issued(verb: InvoiceVerb, error: Exception) -> HttpResponseBase:
    """Answer with the reason: at the desk if it stands, else at the review."""
    messages.warning(verb.request, sentence_about(error, verb.invoice))
    standing = Invoice.objects.only("document").get(pk=verb.invoice.pk)
    return verb.to_desk() if not standing.is_draft else redirect(invoice_url("review", verb.invoice.pk))


class ComposeView(Composing, InvoiceVerb):
    """The letter that brings the invoice: written before it is sent, to whom and in which words."""

    permissions = ("issue_invoice",)
    template_name = "wagtail_payments/admin/invoices/compose.html"
    form_class = InvoiceComposeForm

    @property
    def page_title(self) -> Any:
        """For a draft, sending issues it."""
        return _("Issue and send") if self.invoice.is_draft else _("Send")

    def unready(self) -> HttpResponseBase | None:
        """A draft with errors goes back to the review."""
        if self.invoice.is_draft and has_errors(invoices.review(invoice=self.invoice, now=self.now)):
            return redirect(invoice_url("review", self.invoice.pk))
        return None

    def first_words(self) -> dict[str, Any]:
        """Return the usual words of an invoice."""
        return first_words(self.invoice)

    def test(self, **words: Any) -> None:
        """Send subject and text to oneself."""
        invoices.send_test(invoice=self.invoice, by=self.person, now=self.now, **words)

    def send(self, form: ComposeForm) -> HttpResponseBase:
        """Send; a draft is issued first."""
        return self._issued_and_sent(form) if self.invoice.is_draft else self._sent(form)

    def _issued_and_sent(self, form: ComposeForm) -> HttpResponseBase:
        try:
            invoice = invoices.issue_and_send(invoice_id=self.invoice.pk, by=self.person, now=self.now, **form.letter())
        except ISSUING as error:
            return not_issued(self, error)
        deposits.withdraw_outdated(contract=self.invoice, now=self.now)
        _withdraw_replaced(invoice, self.now)
        return self.on_its_way(invoice.number, form)

    def _sent(self, form: ComposeForm) -> HttpResponseBase:
        """Send once: the invoice is locked, so that of two clicks the second one sees the first one's letter."""
        with transaction.atomic():
            lock(Invoice, self.invoice.pk)
            if not self._was_just_sent(form.cleaned_data["to"]):
                invoices.send(invoice=self.invoice, by=self.person, now=self.now, **form.letter())
        return self.on_its_way(self.invoice.number, form)

    def _was_just_sent(self, to: Sequence[str]) -> bool:
        since = self.now - DOUBLE_CLICK
        letters_since = Letter.objects.filter(document=self.invoice.document, kind="invoice", created_at__gt=since)
        return any(letter.to == list(to) for letter in letters_since.filter(created_by=self.person))


def first_words(invoice: Invoice) -> dict[str, Any]:
    """Return the usual subject and text of an invoice's letter."""
    subject, text = letters.default_invoice_text(invoice=invoice, language=invoice.language)
    return {"subject": subject, "text": text}


class SendTestView(InvoiceVerb):
    """The letter with its usual words, to oneself."""

    http_method_names = ["post"]
    permissions = ("issue_invoice",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send it, and come back."""
        back = invoice_url("review", pk) if self.invoice.is_draft else self.desk_url
        if not self.person.email:
            account = reverse("wagtailadmin_account")
            sentence = gettext("Your account has no e-mail address.")
            messages.error(request, format_html('{} <a href="{}">{}</a>', sentence, account, gettext("Add one")))
            return redirect(back)
        invoices.send_test(invoice=self.invoice, by=self.person, now=self.now, **first_words(self.invoice))
        messages.success(request, gettext("A test is on its way to %(address)s.") % {"address": self.person.email})
        return redirect(back)
