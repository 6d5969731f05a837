"""Tickets paid in two parts: the deposit confirms the seats, the balance is asked for by itself before the event.

The draft of the balance holds the whole order. It is made with the registration, before the draft of its deposit, so
that whoever locks both locks them in the order of their keys. It takes its number only when the balance is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports
from wagtail_payments.actions import alerts, bills, cancellation_notes, checkout, invoices, journal, sweeps
from wagtail_payments.actions.baskets import Basket, PriceChanged
from wagtail_payments.core import money, ticket_deposits
from wagtail_payments.core.lifecycle import InvoiceKind, SeatState
from wagtail_payments.core.ticket_deposits import ASKED_BEFORE, Plan
from wagtail_payments.mail import letters
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.deposits import Deposit, Term, Unpaid
from wagtail_payments.records.events import Event
from wagtail_payments.records.guards import hold, lock
from wagtail_payments.records.invoices import Invoice, InvoiceLine
from wagtail_payments.records.registrations import Cancellation, Registration, Seat


def plan_of(*, event: Event, gross: int, now: datetime) -> Plan | None:
    """Return how an order of that price, minor units, is paid if it is placed now; None where all is paid at once."""
    terms = event.deposit_terms
    return terms.plan(gross, _day(event, event.starts_at), _day(event, now)) if terms else None


def promised(*, event: Event, now: datetime) -> str:
    """Return what an event promises now as a text that changes with it, to be sent back with the form."""
    terms = event.deposit_terms
    return terms.named(_day(event, event.starts_at), _day(event, now)) if terms else ""


def refuse_changed(*, event: Event, seen: str | None, now: datetime) -> None:
    """Raise ``PriceChanged`` where somebody was shown another deposit than would be charged; None was shown none."""
    if seen is not None and seen != promised(event=event, now=now):
        raise PriceChanged(_("What is to be paid at once has just changed. Please look at it again."))


def seat_shares(*, basket: Basket, deposit: int) -> list[int]:
    """Return what each seat has of the order's deposit, in the order of its places."""
    if not deposit:
        return [0] * len(basket.places)
    vat = {row.pk: bills.vat_key(row) for row, _number, _price in basket.rows}
    groups = [vat[place.ticket_type] for place in basket.places]
    return ticket_deposits.shares(deposit, basket.seat_prices, groups)


def draft(*, registration: Registration, basket: Basket, now: datetime) -> Invoice:
    """Write the draft of an order's deposit, whose balance is drafted already."""
    contract, event = registration.balance, registration.event
    assert contract is not None and event.deposit_percent is not None  # noqa: S101, PT018 - asked for both just now
    invoice: Invoice = Invoice.objects.create(
        **{name: getattr(contract, name) for name in ALIKE},
        kind=InvoiceKind.DEPOSIT,
        gross=registration.deposit,
        **bills.paid_now(registration),
    )
    InvoiceLine.objects.bulk_create(_deposit_lines(invoice, registration, basket))
    Deposit.objects.create(
        invoice=invoice,
        contract=contract,
        percent=event.deposit_percent,
        amount=registration.deposit,
        term=Term.ACOMPTE,
        if_unpaid=Unpaid.KEEP,
    )
    return invoice


ALIKE = ("seller", "site", "customer", "mode", "title", "language", "currency", "order_reference", "nature")


def _deposit_lines(invoice: Invoice, registration: Registration, basket: Basket) -> list[InvoiceLine]:
    """A line for each VAT group, gross: what its seats have of the deposit."""
    event, parts = registration.event, Counter[tuple[str, str, str]]()
    vat = {row.pk: row for row, _number, _price in basket.rows}
    for place, share in zip(basket.places, seat_shares(basket=basket, deposit=registration.deposit), strict=True):
        parts[bills.vat_key(vat[place.ticket_type])] += share
    with override(registration.language):
        percent = Writer(registration.language, registration.currency).percent(f"{event.deposit_percent:f}")
        said = _("Deposit of %(percent)s") % {"percent": percent}
    description = f"{said}\n{invoice.title}, {bills.day_in_words(registration)}"
    return [
        _gross_line(invoice, place, description, Decimal(1), share, key)
        for place, (key, share) in enumerate(parts.items())
        if share
    ]


def _gross_line(
    invoice: Invoice, place: int, description: str, quantity: Decimal, price: int, vat: Sequence[str]
) -> InvoiceLine:
    category, rate, reason = vat
    return InvoiceLine(
        invoice=invoice,
        sort_order=place,
        description=description,
        quantity=quantity,
        unit_price=money.to_major(price, invoice.currency),
        price_includes_vat=True,
        vat_category=category,
        vat_rate=Decimal(rate),
        vat_reason=reason,
    )


def ask_due(*, now: datetime, most: int = 100) -> int:
    """Ask for the balances that are due in a week, or sooner: the final invoice with its letter, at most once each."""
    return sweeps.sweep("balances", _due(now), lambda row: _ask(row, now), most=most, now=now)


def _due(now: datetime) -> QuerySet[Registration]:
    """Confirmed by their deposit, with nothing of a cancellation left to do that would change what is owed."""
    confirmed = Seat.objects.filter(registration=OuterRef("pk"), state=SeatState.CONFIRMED)
    unsettled = Cancellation.objects.filter(registration=OuterRef("pk")).exclude(state="done")
    rows: QuerySet[Registration] = Registration.objects.filter(
        balance_on__lte=(now + ASKED_BEFORE).date(),
        balance__document=None,
        invoice__document__isnull=False,
        event__cancelled_at=None,
    )
    return rows.filter(Exists(confirmed), ~Exists(unsettled)).select_related("event__seller")


def _ask(registration: Registration, now: datetime) -> int:
    try:
        asked = _asked(registration, now)
    except (invoices.InvoiceNotReady, invoices.ClockWentBack) as problem:
        _show_unasked(registration, problem, now)
        return 0
    alerts.settle_by_itself(kind="balance", key=str(registration.pk), now=now)
    return int(asked)


def _asked(registration: Registration, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        (event,) = lock(Event, registration.event_id)
        hold(Invoice, *_keys(registration))
        fresh = _due(now).select_related("balance", "invoice__customer").filter(pk=registration.pk).first()
        contract: Invoice | None = fresh.balance if fresh else None
        if fresh is None or contract is None:  # cancelled, called off or asked for meanwhile
            return False
        if invoices.mode_of(event.site) != fresh.mode:  # a test is not asked for in earnest
            return False
        fresh.event = event
        _rewrite(contract, fresh)
        if contract.due_on is None or contract.due_on < event.seller.today(now):
            contract.due_on = event.seller.today(now)
        issued = invoices.issue_locked(invoice=contract, by=None, now=now)
        ports.failpoint("balance.issued")
        if issued.balance().due > 0:
            letters.balance(registration=fresh, now=now)
        journal.note(fresh, "balance_asked", now=now, data={"amount": issued.gross, "currency": fresh.currency})
    return True


def _keys(registration: Registration) -> list[int]:
    return [key for key in (registration.balance_id, registration.invoice_id) if key is not None]


def _rewrite(contract: Invoice, registration: Registration) -> None:
    """Once seats were given up, the order is what is left of it, and what was kept of the others."""
    given_up = list(registration.cancellations.prefetch_related("seats"))
    if not given_up:
        return
    seats = list(registration.seats.filter(state=SeatState.CONFIRMED).select_related("ticket_type").order_by("pk"))
    with override(registration.language):
        lines = [*_lines_of(contract, registration, seats), *_kept_lines(contract, given_up)]
    contract.lines.all().delete()
    for place, line in enumerate(lines):
        line.sort_order = place
    InvoiceLine.objects.bulk_create(lines)
    contract.discount_percent = contract.discount_amount = Decimal(0)  # the prices of seats are after the discount
    invoices.store_totals(invoice=contract)
    contract.save()


def _lines_of(contract: Invoice, registration: Registration, seats: Sequence[Seat]) -> list[InvoiceLine]:
    alike = Counter((seat.ticket_type, seat.gross, tuple(seat.vat)) for seat in seats)
    return [
        _gross_line(contract, 0, bills.described(registration, ticket), Decimal(number), price, vat)
        for (ticket, price, vat), number in alike.items()
    ]


def _kept_lines(contract: Invoice, given_up: Sequence[Cancellation]) -> list[InvoiceLine]:
    """What was kept of each VAT group: just what its credit note left of the deposit."""
    kept: Counter[tuple[str, ...]] = Counter()
    for row in given_up:
        kept.update(cancellation_notes.fees_of(row))
    description = _("Fee for seats that were cancelled")
    return [_gross_line(contract, 0, description, Decimal(1), fee, vat) for vat, fee in kept.items() if fee]


def _show_unasked(registration: Registration, problem: Exception, now: datetime) -> None:
    with override(registration.event.seller.language):
        text = _("The balance of %(name)s (%(event)s) can't be asked for: %(why)s Mend it; it is tried again.") % {
            "name": registration.name,
            "event": registration.event,
            "why": problem,
        }
    key = str(registration.pk)
    alerts.raise_once(kind="balance", key=key, text=text, now=now, registration=registration)


def start_paying(
    *, registration: Registration, now: datetime, return_url: Callable[[PaymentAttempt], str], cancel_url: str
) -> PaymentAttempt:
    """Open the payment of a balance that was asked for, or return the one that is open.

    Raises what ``checkout.start`` raises.
    """
    balance = registration.balance
    if balance is None or balance.is_draft:
        raise checkout.NothingToPay
    return checkout.start(invoice=balance, now=now, return_url=return_url, cancel_url=cancel_url)


def _day(event: Event, moment: datetime) -> date:
    return moment.astimezone(event.zone).date()
