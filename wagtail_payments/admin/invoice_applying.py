"""Credit and money left over used for an invoice by one click; which there are, and for which invoices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from wagtail_payments.actions import applying, checkout
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.records import customer_credit
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Payment
from wagtail_payments.reports.customer_balances import Standing, of_customer

MOST_OFFERED = 5


@dataclass(frozen=True, slots=True)
class Offers:
    """What could be used on this invoice, and on which others what this one left could be used."""

    notes: list[CreditNote]
    payments: list[Payment]
    others: list[Invoice]
    standing: Standing | None

    @property
    def is_something(self) -> bool:
        """Could anything be used here?"""
        return bool(self.notes or self.payments)


def offers_of(invoice: Invoice, *, due: int, left: int) -> Offers:
    """Return what a desk offers; ``left`` is what credit notes and payments of the invoice still have."""
    if invoice.is_draft:
        return Offers([], [], [], None)
    of = {"seller": invoice.seller, "currency": invoice.currency}
    standing = next(iter(of_customer(customer=invoice.customer, mode=invoice.mode, **of)), None)
    has_credit = standing is not None and standing.credit > 0
    notes = list(customer_credit.credit_notes_for(invoice)[:MOST_OFFERED]) if due > 0 and has_credit else []
    payments = list(customer_credit.payments_for(invoice)[:MOST_OFFERED]) if due > 0 and has_credit else []
    others = list(customer_credit.open_invoices(invoice)[:MOST_OFFERED]) if left > 0 else []
    return Offers(notes, payments, others, standing)


class UseView(InvoiceVerb):
    """Uses something for this invoice; pressing twice uses it once. No money moves."""

    http_method_names = ["post"]
    permissions = ("record_payment",)

    def use(self) -> int:
        """Use it, and return how much; may raise ``ApplyRefused``."""
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int, **_keys: Any) -> HttpResponseBase:
        """Use it and show the invoice."""
        try:
            used = self.use()
        except applying.ApplyRefused as error:
            return self.refused(error)
        checkout.withdraw_outdated(invoice=self.invoice, now=self.now)
        if not used:
            return self.to_desk()
        amount = in_words(used, self.invoice.currency)
        return self.done(gettext("%(amount)s were used for %(number)s.") % {"amount": amount, "number": self.invoice})


class UseCreditView(UseView):
    """What a credit note of the same customer has left."""

    def use(self) -> int:
        """Apply the credit note."""
        notes = customer_credit.credit_notes_in_reach(self.invoice)
        note = get_object_or_404(notes, pk=self.kwargs["note_pk"])
        return applying.use_credit_note(credit_note=note, invoice_id=self.invoice.pk, by=self.person, now=self.now)


class UseMoneyView(UseView):
    """What a payment of the same customer has left over."""

    def use(self) -> int:
        """Allocate the payment."""
        payments = customer_credit.payments_in_reach(self.invoice)
        payment = get_object_or_404(payments, pk=self.kwargs["payment_pk"])
        return applying.use_payment(payment=payment, invoice_id=self.invoice.pk, by=self.person, now=self.now)
