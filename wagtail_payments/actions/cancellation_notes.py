"""What given-up seats are owed, credited on the invoices that asked for it and sent back to who paid them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments.actions import alerts, credits, refunds
from wagtail_payments.core import money
from wagtail_payments.records import customer_credit
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Payment, available_credit
from wagtail_payments.records.registrations import Cancellation

Amounts = Mapping[credits.VatKey, int]  # gross minor units of each VAT group


def credited_of_each(owed: Cancellation, invoice: Invoice, now: datetime) -> dict[str, CreditNote]:
    """Credit the invoice of the balance first, where it was asked for, and what goes beyond it on that of the deposit.

    Interrupted between the two, the credit note that stands says what of it is done.
    """
    # The provider knows keys by its account, which several installations may share: a row's number is no key.
    key, amounts, notes = f"cancel:{owed.registration.public_id}:{owed.pk}", _amounts(owed), {}
    balance = owed.registration.balance
    if balance is not None and not balance.is_draft:
        first = _of_balance(balance, amounts, f"{key}:b")
        if first:
            notes["balance_note"] = _credited(owed, balance, first, f"{key}:b", now)
        amounts = {vat: rest for vat, amount in amounts.items() if (rest := amount - first.get(vat, 0))}
    if amounts:
        notes["credit_note"] = _credited(owed, invoice, amounts, key, now)
    return notes


def _of_balance(balance: Invoice, amounts: Amounts, key: str) -> Amounts:
    """What of these amounts the invoice of the balance holds, or held when it was credited for them."""
    standing = CreditNote.objects.select_related("document").filter(form_key=key).first()
    if standing is not None:
        return {credits.key_of(row): row.base + row.tax for row in standing.document.frozen.vat}
    left = {group.key: group.left for group in credits.creditable(balance)}
    found = {vat: min(amount, left.get(vat, 0)) for vat, amount in amounts.items()}
    return {vat: amount for vat, amount in found.items() if amount}


def _credited(owed: Cancellation, invoice: Invoice, amounts: Amounts, key: str, now: datetime) -> CreditNote:
    """Credit it, and have each provider send back what came through it; what came by hand is for the editors."""
    wish = refunds.Wish(
        0, by_hand=False, reason=owed.reason or _reason(owed), by=owed.requested_by, form_key=key, tells=False
    )
    note = _noted(invoice, amounts, wish, now)
    for payment, paid in _paying(invoice):
        amount = min(available_credit(note), paid, payment.refundable())
        if payment.gateway != refunds.MANUAL and amount > 0 and not payment.refunds.filter(credit_note=note).exists():
            rest = replace(wish, amount=amount, form_key=f"{key}:{payment.pk}")
            refunds.refund_credit_note(credit_note=note, payment=payment, wish=rest, now=now)
    _show_by_hand(owed, invoice, note, now)
    return note


def _noted(invoice: Invoice, amounts: Amounts, wish: refunds.Wish, now: datetime) -> CreditNote:
    """The credit note, with the refund of what paid most of it."""
    online = [payment for payment, _paid in _paying(invoice) if payment.gateway != refunds.MANUAL]
    if not online:
        return credits.credit(
            invoice_id=invoice.pk,
            amounts=amounts,
            reason=wish.reason,
            by=wish.by,
            now=now,
            form_key=wish.form_key,
            tells=False,
        )
    note, _refund = refunds.refund_invoice(
        invoice_id=invoice.pk, amounts=amounts, payment_id=online[0].pk, wish=wish, now=now
    )
    return note


def _show_by_hand(owed: Cancellation, invoice: Invoice, note: CreditNote, now: datetime) -> None:
    """Nobody but the organiser can send back a transfer, a cheque or cash."""
    by_hand = sum(paid for payment, paid in _paying(invoice) if payment.gateway == refunds.MANUAL)
    amount = min(available_credit(note), by_hand)
    if amount <= 0:
        return
    language = owed.registration.event.seller.language
    with override(language):
        text = _(
            "%(name)s has cancelled (%(event)s) and had not paid online: send %(amount)s back, and record that refund."
        ) % {
            "name": owed.registration.name,
            "event": owed.registration.event,
            "amount": money.formatted(amount, note.currency, language),
        }
    about = {"invoice": invoice, "registration": owed.registration}
    alerts.raise_once(kind="send_back", key=str(note.pk), text=text, now=now, **about)


def _reason(owed: Cancellation) -> str:
    with override(owed.registration.language):
        name = owed.registration.event.said("name", owed.registration.language)
        return _("Registration cancelled: %(event)s") % {"event": name}


def fees_of(owed: Cancellation) -> dict[credits.VatKey, int]:
    """Return what is kept of each VAT group: each keeps by what was asked for its seats."""
    asked = _asked(owed)
    shares = money.spread(owed.fee, list(asked.values())) if owed.gross else [0] * len(asked)
    return dict(zip(asked, shares, strict=True))


def _asked(owed: Cancellation) -> Counter[credits.VatKey]:
    """What was asked for the seats of each VAT group: their prices, or no more than their deposits yet."""
    asked: Counter[credits.VatKey] = Counter()
    seats = list(owed.seats.all())
    only_deposits = owed.gross != sum(seat.gross for seat in seats)
    for seat in seats:
        category, rate, reason = seat.vat
        asked[category, rate, reason] += seat.deposit if only_deposits else seat.gross
    return asked


def _amounts(owed: Cancellation) -> Amounts:
    """What is credited of each VAT group."""
    fees = fees_of(owed)
    left = {key: asked - fees[key] for key, asked in _asked(owed).items()}
    return {key: amount for key, amount in left.items() if amount}


def _paying(invoice: Invoice) -> list[tuple[Payment, int]]:
    """The payments that still stand behind an invoice, with what each pays; the largest first."""
    rows = customer_credit.payments_behind(invoice).order_by("pk")
    held = [(payment, customer_credit.paid_towards(payment, invoice)) for payment in rows]
    return sorted(((payment, paid) for payment, paid in held if paid > 0), key=lambda row: -row[1])
