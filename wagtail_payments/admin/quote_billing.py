"""Invoicing an agreed quote from its desk: each part of the plan with its button, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import billing, contracts
from wagtail_payments.actions.billing import BillingRefused, StepStanding
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.desk_verbs import Verb
from wagtail_payments.admin.permissions import allowed, may_see
from wagtail_payments.admin.places import QUOTES, desk_url, invoice_url, quote_desk_url
from wagtail_payments.admin.quote_verbs import ConfirmedQuoteVerb
from wagtail_payments.admin.status_words import StatusTag, tag_of
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.records.agreements import Agreement
from wagtail_payments.records.deposits import PART_KINDS
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.quotes import Quote, plan_moments


@dataclass(frozen=True, slots=True)
class BillingRow:
    """A part of the plan as shown: when it is invoiced, what became of it, and its button or why there is none."""

    step: StepStanding
    when: str
    tag: StatusTag | None
    invoice_url: str = ""
    bill_url: str = ""
    why_not: str = ""


def billing_of(quote: Quote, agreement: Agreement | None, user: Any, today: date) -> dict[str, Any]:
    """Return what the desk shows of invoicing: nothing before the quote was agreed to."""
    if agreement is None:
        return {}
    standing = billing.standing(quote=quote)
    sees, bills = may_see(user, Invoice), allowed(user, "add_invoice")
    rows = [_row(quote, step, today, sees=sees, bills=bills) for step in standing.steps]
    return {"billing": standing, "billing_rows": rows}


def _row(quote: Quote, step: StepStanding, today: date, *, sees: bool, bills: bool) -> BillingRow:
    invoice = step.invoice
    can = bills and invoice is None and not step.why_not
    nobody = "" if bills else gettext("You may not write invoices.")
    return BillingRow(
        step=step,
        when=_when(step),
        tag=tag_of(invoice, today) if invoice is not None else None,
        invoice_url=desk_url(invoice.pk) if invoice is not None and sees else "",
        bill_url=bill_url(quote, step.number) if can else "",
        why_not="" if invoice is not None else step.why_not or nobody,
    )


def _when(step: StepStanding) -> str:
    if step.moment == "on_date":
        return date_format(date.fromisoformat(step.on), "DATE_FORMAT")
    return str(dict(plan_moments()).get(step.moment, ""))


def bill_url(quote: Quote, step: int) -> str:
    """Return where a part of a quote is invoiced."""
    return reverse(f"{QUOTES}:bill", args=(quote.pk, step))


def verb_of(quote: Quote, user: Any) -> Verb | None:
    """Return why a quote can't be invoiced, among what is not possible; None where its plan has buttons."""
    why = contracts.why_not(quote) if allowed(user, "add_invoice") else ""
    return Verb(gettext("Invoice what was agreed"), "", "doc-full", why) if why else None


def quote_link(invoice: Invoice) -> dict[str, Any] | None:
    """Return the quote that an invoice is for, with where it is; None for all others."""
    quote = _quote_of(invoice)
    return {"quote": quote, "url": quote_desk_url(quote.pk)} if quote is not None else None


def _quote_of(invoice: Invoice) -> Quote | None:
    """An invoice with everything its view reads at once needs no question here."""
    contract = getattr(invoice, "contract", None)
    if contract is not None:
        whole: Quote = contract.quote
        return whole
    step = invoice.deposit.step if invoice.kind in PART_KINDS and hasattr(invoice, "deposit") else None
    return step.quote if step is not None else None


class BillView(ConfirmedQuoteVerb):
    """One part of what was agreed, as the draft of an invoice."""

    page_title = _("Invoice what was agreed")
    permissions = ("add_invoice",)
    button = _("Make the draft")
    step = 0

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Take the number of the part out of the address."""
        self.step = options.pop("step")
        return super().dispatch(request, *args, **options)

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask; what can't be invoiced says why, and a draft that stands is opened."""
        part, why = self._part()
        if part is None or why:
            return self.refused(why)
        if part.invoice is not None:
            return redirect(invoice_url("review", part.invoice.pk))
        return super().get(request, pk)

    def _part(self) -> tuple[StepStanding | None, str]:
        if not Agreement.objects.filter(quote=self.quote).exists():
            return None, contracts.why_not(self.quote)
        steps = billing.standing(quote=self.quote).steps
        if self.step >= len(steps):
            return None, gettext("This quote has no such part.")
        return steps[self.step], steps[self.step].why_not

    def question(self) -> str:
        """Say what will be made, and that nothing leaves yet."""
        part = billing.standing(quote=self.quote).steps[self.step]
        said = {
            "part": part.label,
            "amount": in_words(part.amount, self.quote.currency),
            "kind": _kind(part, self.quote),
        }
        return (
            gettext(
                "“%(part)s”, %(amount)s: %(kind)s. It is a draft that you review and issue; nothing is sent by itself."
            )
            % said
        )

    def perform(self) -> HttpResponseBase:
        """Make it, and lead to its review."""
        try:
            draft = billing.bill(quote_id=self.quote.pk, step=self.step, by=self.person, now=self.now)
        except BillingRefused as error:
            return self.refused(error)
        messages.success(self.request, gettext("The invoice is a draft now. Review it, then issue and send it."))
        return redirect(invoice_url("review", draft.pk))


def _kind(part: StepStanding, quote: Quote) -> str:
    if part.kind is InvoiceKind.DEPOSIT:
        return gettext("a deposit invoice, due at once")
    if part.kind is InvoiceKind.INTERIM:
        return gettext("an interim invoice for work that is done")
    if len(quote.agreement.frozen.plan) > 1:
        return gettext("the final invoice, which deducts the parts before it")
    return gettext("one invoice for everything that was agreed")
