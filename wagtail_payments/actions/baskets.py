"""What somebody wants to book, checked and priced as of now: what a visitor was shown is never charged differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_payments.core import discounts, money, totals
from wagtail_payments.core.capacity import Availability
from wagtail_payments.core.tickets import Sale, sale_of_event
from wagtail_payments.core.totals import Discount, LineInput, Totals
from wagtail_payments.records.events import DiscountCode, Event, TicketType
from wagtail_payments.records.registrations import Registration, taking


class BasketRefused(Exception):
    """This can't be booked as it is; the text says why and ``field`` where: a ticket type's key, or "code"."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NotOnSale(BasketRefused):
    """The event takes no registrations now; ``sale`` says why."""

    def __init__(self, sale: Sale) -> None:
        super().__init__(_("Registration is not open."))
        self.sale = sale


class PriceChanged(BasketRefused):
    """A ticket costs another price than the visitor was shown; nothing is charged until they have seen it."""


class CodeRefused(BasketRefused):
    """The discount code does not work now."""


@dataclass(frozen=True, slots=True)
class Place:
    """One seat that is wanted: for whom, and the answers by the questions' keys."""

    ticket_type: int
    name: str = ""
    email: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Basket:
    """Seats with their prices: ``seat_prices`` gross minor units in the order of ``places``, summing to the total."""

    places: Sequence[Place]
    rows: Sequence[tuple[TicketType, int, Decimal]]  # type, number, unit price in its own basis
    code: DiscountCode | None
    discount: Discount
    totals: Totals
    seat_prices: Sequence[int]


def sale_of(*, event: Event, available: Availability, now: datetime) -> Sale:
    """Return what a visitor of the event finds now."""
    types = [sale_of_type(row, available, now) for row in event.ticket_types.all()]
    return sale_of_event(event.window, event.starts_at, event.is_cancelled, types, now)


def sale_of_type(ticket_type: TicketType, available: Availability, now: datetime) -> Sale:
    """Return how one ticket type stands now, whatever the event's own window says."""
    if ticket_type.is_withdrawn:
        return Sale.CLOSED
    own = ticket_type.window.sale(now)
    return Sale.SOLD_OUT if own is Sale.OPEN and available.left(ticket_type.pk) == 0 else own


def fill(
    *, event: Event, places: Sequence[Place], code: str, seen: Mapping[int, str], available: Availability, now: datetime
) -> Basket:
    """Check and price what is wanted; ``seen`` is the unit price that was shown of each ticket type.

    Raises ``NotOnSale``, ``BasketRefused``, ``PriceChanged`` or ``CodeRefused``. Whether there is room is asked apart.
    """
    sale = sale_of(event=event, available=available, now=now)
    if sale not in (Sale.OPEN, Sale.SOLD_OUT):
        raise NotOnSale(sale)
    numbers = Counter(place.ticket_type for place in places)
    rows = _rows(event, numbers, seen, available, now)
    found = _code(event, code, now)
    currency = event.seller.currency
    lines = [_line(row, number, price) for row, number, price in rows]
    discount = _discount(found, lines, currency)
    try:
        added = totals.compute(lines, currency, discount)
    except totals.MixedPriceBasis as error:
        raise CodeRefused(_("This code can't be used for these tickets together."), "code") from error
    prices = _seat_prices(places, lines, rows, currency, added)
    return Basket(places, rows, found, discount, added, prices)


def _rows(
    event: Event, numbers: Mapping[int, int], seen: Mapping[int, str], available: Availability, now: datetime
) -> list[tuple[TicketType, int, Decimal]]:
    """What is wanted with its prices: each rounded as it is shown, so that so many of them cost so many times that."""
    types = {row.pk: row for row in event.ticket_types.all()}
    if not numbers or not set(numbers) <= set(types):
        raise BasketRefused(_("Choose at least one ticket."))
    rows = []
    for key, row in types.items():
        number = numbers.get(key, 0)
        if number:
            _refuse_type(row, number, available, now)
            price = row.price_at(now)
            if key in seen and Decimal(seen[key]) != price:
                raise PriceChanged(
                    _("The price of “%(ticket)s” has just changed. Please look at it again.") % {"ticket": row.name},
                    str(key),
                )
            rows.append((row, number, money.rounded_to(price, event.seller.currency)))
    return rows


def _refuse_type(row: TicketType, number: int, available: Availability, now: datetime) -> None:
    sale = sale_of_type(row, available, now)
    if sale in (Sale.NOT_YET, Sale.CLOSED):
        raise BasketRefused(_("“%(ticket)s” is not on sale now.") % {"ticket": row.name}, str(row.pk))
    if number < row.least:
        text = ngettext("Take at least %(least)d ticket.", "Take at least %(least)d tickets.", row.least)
        raise BasketRefused(text % {"least": row.least}, str(row.pk))
    if number > row.most:
        text = ngettext("At most %(most)d ticket per order.", "At most %(most)d tickets per order.", row.most)
        raise BasketRefused(text % {"most": row.most}, str(row.pk))


def _line(row: TicketType, number: int, price: Decimal) -> LineInput:
    return LineInput(Decimal(number), price, row.vat, row.price_includes_vat)


def _code(event: Event, typed: str, now: datetime) -> DiscountCode | None:
    """Every code that can't be used gets one answer: guessing must not tell which exist."""
    wanted = discounts.canonical(typed)
    if not wanted:
        return None
    code = next((row for row in event.discount_codes.all() if row.code == wanted), None)
    if code is None or code.as_core(event.seller.currency).problem(now, _used(code, now)):
        raise CodeRefused(_("This code does not work (any more)."), "code")
    return code


def _used(code: DiscountCode, now: datetime) -> int:
    """How many orders have used it: those that still take a seat."""
    if code.most is None:
        return 0
    taken = taking(now)
    seats = Registration.objects.filter(discount_code=code, seats__in=code.event.seats.filter(taken))
    return seats.distinct().count()


def _discount(code: DiscountCode | None, lines: Sequence[LineInput], currency: str) -> Discount:
    if code is None:
        return Discount()
    terms = code.as_core(currency)
    basket = sum(totals.line_amount(line, currency).amount for line in lines)
    return Discount(terms.percent, terms.minor_of(basket))


def _seat_prices(
    places: Sequence[Place],
    lines: Sequence[LineInput],
    rows: Sequence[tuple[TicketType, int, Decimal]],
    currency: str,
    added: Totals,
) -> list[int]:
    """Spread the gross of each VAT group over its seats, so that the seats sum to the order's total exactly."""
    vat_of = {row.pk: row.vat for row, _number, _price in rows}
    weight_of = {
        row.pk: totals.line_amount(line, currency).amount * _gross_of(row) // number
        for line, (row, number, _price) in zip(lines, rows, strict=True)
    }
    prices = [0] * len(places)
    for group in added.vat:
        indexes = [index for index, place in enumerate(places) if vat_of[place.ticket_type] == group.vat]
        weights = [weight_of[places[index].ticket_type] for index in indexes]
        shares = money.spread(group.gross, weights) if group.gross else [0] * len(weights)
        for index, share in zip(indexes, shares, strict=True):
            prices[index] = share
    return prices


def _gross_of(row: TicketType) -> int:
    """What makes the weight of a price: in thousandths, with the VAT that is not in it yet."""
    return 1000 if row.price_includes_vat else int(10 * (100 + row.vat.rate))
