"""What a consumer's withdrawal leaves to do, on the desk of the quote: each invoice with the way to pay it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_payments.actions import credits
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.permissions import allowed, may_see
from wagtail_payments.admin.places import desk_url, invoice_url
from wagtail_payments.records.contracts import invoices_of
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import available_credit
from wagtail_payments.records.quotes import Quote
from wagtail_payments.records.withdrawals import Withdrawal


@dataclass(frozen=True, slots=True)
class ToPayBack:
    """An invoice of a contract that was left: what is to be done about it, and where; no address where it is done."""

    invoice: Invoice
    sentence: str
    desk_url: str
    url: str = ""
    label: str = ""


def withdrawal_of(quote: Quote, user: Any) -> dict[str, Any]:
    """Return what the desk shows of a withdrawal: nothing where nobody has withdrawn."""
    made = Withdrawal.objects.filter(quote=quote).first()
    if made is None:
        return {}
    issued = list(invoices_of(quote).select_related("document"))
    sees, pays = may_see(user, Invoice), allowed(user, "make_refund")
    return {"withdrawal": made, "to_pay_back": list(_rows(issued, sees=sees, pays=pays))}


def _rows(issued: list[Invoice], *, sees: bool, pays: bool) -> Iterator[ToPayBack]:
    for invoice in issued:
        sentence, url, label = _proposal(invoice)
        seen = desk_url(invoice.pk) if sees else ""
        yield ToPayBack(invoice, sentence, seen, url if pays else "", label if pays else "")


def _proposal(invoice: Invoice) -> tuple[str, str, str]:
    """What is to be done, where, and what the button says."""
    paid, left = invoice.balance().paid, credits.left_of(invoice).gross
    if left > 0 and paid > 0:
        sentence = _("%(paid)s was paid: credit it, and send the money back.") % {
            "paid": in_words(paid, invoice.currency)
        }
        return sentence, invoice_url("refund", invoice.pk), _("Credit and pay back")
    if left > 0:
        return (
            _("Nothing was paid: credit it, so that nothing is due."),
            invoice_url("credit", invoice.pk),
            _("Credit"),
        )
    for note in invoice.credit_notes.all():
        kept = available_credit(note)
        if kept > 0:
            sentence = _("It is credited; %(kept)s is still to be sent back.") % {
                "kept": in_words(kept, invoice.currency)
            }
            url = reverse("wagtail_payments_invoice:refund_credit", args=(invoice.pk, note.pk))
            return sentence, url, _("Send it back")
    return _("Credited, and nothing is left to send back."), "", ""
