"""Giving up seats: quoted first, kept as a row that says what is owed, then credited and refunded exactly once.

The seats are free with the first commit. The money follows right after, or by the clockwork where that was
interrupted: the row stays "owed" until its credit note stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports, signals
from wagtail_payments.actions import alerts, checkout, credits, journal, refunds, sweeps
from wagtail_payments.core import cancellation, money
from wagtail_payments.core.cancellation import Policy, Quote, Terms
from wagtail_payments.core.lifecycle import SeatState
from wagtail_payments.mail import letters
from wagtail_payments.records import customer_credit
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.events import Event
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Payment, available_credit
from wagtail_payments.records.registrations import Cancellation, Registration, Seat

Amounts = Mapping[credits.VatKey, int]  # gross minor units of each VAT group

WITHOUT_FEE = Terms(Policy.FEE, 0, Decimal(0))


class CancellationRefused(Exception):
    """These seats can't be given up; the text says why."""


class QuoteChanged(CancellationRefused):
    """What comes back is no longer what the visitor was shown; ``quote`` is what it is now."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(_("What comes back has changed meanwhile. Please look at it again."))
        self.quote = quote


def quote(*, event: Event, seats: Sequence[Seat], by_organiser: bool, now: datetime) -> Quote:
    """Return what giving up these seats now comes to; an organiser keeps no fee.

    Of seats whose balance was not asked for yet, no more than their deposits is at stake.
    """
    terms = WITHOUT_FEE if by_organiser else event.terms
    prices = [seat.gross for seat in seats]
    invoiced = [seat.deposit for seat in seats] if _owes_a_balance(seats) else None
    return cancellation.quote(prices, terms, event.starts_at, now, invoiced)


def _owes_a_balance(seats: Sequence[Seat]) -> bool:
    """Was a deposit asked for these seats of one order, and the rest not yet?"""
    if not any(seat.deposit for seat in seats):
        return False
    return bool(Invoice.objects.filter(balance_of=seats[0].registration_id, document=None).exists())


def cancel(
    *,
    registration: Registration,
    seat_ids: Sequence[int],
    back: int,
    by_organiser: bool,
    reason: str,
    by: Any,
    now: datetime,
    form_key: str,
) -> Cancellation:
    """Give up seats for what was quoted: ``back`` minor units. The same form twice is one cancellation.

    Raises ``CancellationRefused`` or ``QuoteChanged``; then nothing is changed. The money follows by itself.
    """
    with transaction.atomic(durable=True):
        (event,) = lock(Event, registration.event_id)
        standing: Cancellation | None = Cancellation.objects.filter(form_key=form_key).first()
        if standing is not None and standing.registration_id != registration.pk:
            raise CancellationRefused(_("This form was sent before. Please open it again."))
        if standing is None:
            standing = cancel_locked(
                event=event,
                registration=registration,
                seat_ids=seat_ids,
                back=back,
                by_organiser=by_organiser,
                reason=reason,
                by=by,
                now=now,
                form_key=form_key,
            )
        ports.failpoint("cancel.before_commit")
    return settle(cancellation_id=standing.pk, now=now)


def cancel_locked(
    *,
    event: Event,
    registration: Registration,
    seat_ids: Sequence[int],
    back: int | None,
    by_organiser: bool,
    reason: str,
    by: Any,
    now: datetime,
    form_key: str,
    withdraws: bool = False,
) -> Cancellation:
    """Give up seats inside a transaction that holds the event; without ``back`` whatever it comes to is taken.

    Who ``withdraws`` from the contract may do so whatever the organiser allows, and owes nothing.
    """
    given_up = list(registration.seats.filter(pk__in=seat_ids, state=SeatState.CONFIRMED))
    if not given_up or len(given_up) != len(set(seat_ids)):
        raise CancellationRefused(_("These seats are not confirmed (any more)."))
    whole = by_organiser or withdraws
    if not whole and not event.terms.allows(event.starts_at, now):
        raise CancellationRefused(_("Cancelling is no longer possible here. Please write to the organiser."))
    quoted = quote(event=event, seats=given_up, by_organiser=whole, now=now)
    if back is not None and quoted.back != back:
        raise QuoteChanged(quoted)
    made = Cancellation.objects.create(
        registration=registration,
        form_key=form_key,
        by_organiser=by_organiser,
        requested_by=by,
        reason=reason[:500],
        gross=quoted.gross,
        fee=quoted.fee,
        currency=registration.currency,
        state="owed" if quoted.back else "done",
        at=now,
    )
    Seat.objects.filter(pk__in=[seat.pk for seat in given_up]).update(state=SeatState.CANCELLED, cancellation=made)
    data = {"seats": len(given_up), "back": quoted.back, "currency": registration.currency}
    journal.note(registration, "registration_cancelled", now=now, by=by, data=data)
    if made.state == "done":
        letters.registration_cancelled(cancellation=made, now=now)
    signals.send_on_commit(signals.registration_cancelled, Registration, registration=registration, cancellation=made)
    return made


def settle(*, cancellation_id: int, now: datetime) -> Cancellation:
    """Credit what is owed and send back what of it was paid, once; what can't be done now is shown and kept.

    What was paid and could not be invoiced yet waits until it is.
    """
    owed = Cancellation.objects.select_related(
        "registration__invoice", "registration__balance", "registration__event__seller"
    ).get(pk=cancellation_id)
    invoice = owed.registration.invoice
    if owed.state == "done" or invoice is None or invoice.is_draft:
        return owed
    try:
        notes = _credited_of_each(owed, invoice, now)
    except (credits.CreditRefused, refunds.RefundRefused) as problem:
        return _refused(owed, str(problem), now)
    with transaction.atomic():
        undone = Cancellation.objects.filter(pk=owed.pk).exclude(state="done")
        ours = undone.update(state="done", failure="", **notes)
        alerts.settle_by_itself(kind="cancellation", key=str(owed.pk), now=now)
        done = Cancellation.objects.select_related(
            "registration__event__seller", "credit_note__document", "balance_note__document", "balance_note__invoice"
        ).get(pk=owed.pk)
        if ours:
            letters.registration_cancelled(cancellation=done, now=now)
    if done.balance_note is not None:  # nobody should pay what is no longer due
        checkout.withdraw_outdated(invoice=done.balance_note.invoice, now=now)
    return done


def settle_due(*, now: datetime, most: int = 100) -> int:
    """Settle cancellations whose money is still owed, ``most`` in a turn; return how many are done."""
    owed = Cancellation.objects.filter(state="owed", registration__invoice__document__isnull=False)
    return sweeps.sweep("cancellations", owed, lambda row: _is_settled(row, now), most=most, now=now)


def _is_settled(owed: Cancellation, now: datetime) -> bool:
    return settle(cancellation_id=owed.pk, now=now).state == "done"


def retry(*, cancellation_id: int, now: datetime) -> Cancellation:
    """Try one again that was refused, after somebody has looked."""
    Cancellation.objects.filter(pk=cancellation_id, state="refused").update(state="owed")
    return settle(cancellation_id=cancellation_id, now=now)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the money of a cancelled event is: registrations in all, those done, and those that need a look."""

    whole: int
    done: int
    refused: Sequence[Cancellation]


def progress(*, event: Event) -> Progress:
    """Return how far telling and refunding everybody is."""
    made = Cancellation.objects.filter(registration__event=event, form_key__startswith=event_key(event))
    states = Counter(made.order_by().values_list("state", flat=True))
    waiting = event.registrations.filter(seats__state=SeatState.CONFIRMED).distinct().count()
    refused = made.filter(state="refused").select_related("registration").order_by("pk")
    return Progress(states.total() + waiting, states["done"], list(refused[:100]))


def event_key(event: Event) -> str:
    """Return what the keys of all cancellations begin with that come of calling off an event."""
    return f"event:{event.pk}:"


def _credited_of_each(owed: Cancellation, invoice: Invoice, now: datetime) -> dict[str, CreditNote]:
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


def _refused(owed: Cancellation, why: str, now: datetime) -> Cancellation:
    undone = Cancellation.objects.filter(pk=owed.pk).exclude(state="done")
    if not undone.update(state="refused", failure=why[:500]):  # somebody else has settled it meanwhile
        return Cancellation.objects.get(pk=owed.pk)
    with override(owed.registration.event.seller.language):
        text = _("The cancellation of %(name)s (%(event)s) can't be credited: %(why)s") % {
            "name": owed.registration.name,
            "event": owed.registration.event,
            "why": why,
        }
    about = {"invoice": owed.registration.invoice, "registration": owed.registration}
    alerts.raise_once(kind="cancellation", key=str(owed.pk), text=text, now=now, **about)
    return Cancellation.objects.get(pk=owed.pk)
