"""What a visitor sees of an event: when, where, for how much, how many seats are left, and what can be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.conf import settings as django_settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from wagtail_payments.actions import baskets, seats
from wagtail_payments.core import money
from wagtail_payments.core.capacity import Availability
from wagtail_payments.core.tickets import Sale
from wagtail_payments.core.withdrawal import last_day
from wagtail_payments.portal.situation import Situation
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.printing.moments import Clock
from wagtail_payments.records.events import Event, TicketType
from wagtail_payments.records.exemptions import exemption_reasons


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket type, written for a visitor. ``seen`` is the unit price as it is sent back with the form."""

    pk: int
    name: str
    description: str
    price: str
    notes: tuple[str, ...]
    sale: Sale
    state: str
    seen: str
    minor: int
    vat_rate: str
    price_includes_vat: bool
    least: int
    most: int

    @property
    def is_open(self) -> bool:
        """Can it be chosen now?"""
        return self.sale is Sale.OPEN


class BoxOffice:
    """One event as it stands at a moment, spoken of in one language. Asks the database once for what is taken."""

    def __init__(self, event: Event, language: str, now: datetime) -> None:
        self.event, self.language, self.now = event, language, now
        self.writer = Writer(language, event.seller.currency)
        from_afar = event.time_zone != django_settings.TIME_ZONE or bool(event.online_url)
        self.clock = Clock(event.time_zone, language, says_zone=from_afar)

    @cached_property
    def available(self) -> Availability:
        """What there is room for."""
        return seats.availability(event=self.event, now=self.now)

    @cached_property
    def sale(self) -> Sale:
        """What can be done now."""
        return baskets.sale_of(event=self.event, available=self.available, now=self.now)

    @property
    def is_open(self) -> bool:
        """Can somebody register now?"""
        return self.sale is Sale.OPEN

    @property
    def is_over(self) -> bool:
        """Has it ended?"""
        return self.event.ends_at <= self.now

    @property
    def name(self) -> str:
        """What it is called."""
        return self.event.said("name", self.language)

    @property
    def when(self) -> str:
        """From when until when, by its own clock."""
        return self.clock.span(self.event.starts_at, self.event.ends_at)

    @property
    def place(self) -> str:
        """Where it is."""
        return self.event.said("place", self.language)

    @property
    def address(self) -> list[str]:
        """How to find the place, line by line."""
        return [line for line in self.event.said("address", self.language).splitlines() if line.strip()]

    @property
    def is_online(self) -> bool:
        """Can one take part from anywhere?"""
        return bool(self.event.online_url)

    @cached_property
    def tickets(self) -> list[Ticket]:
        """Every ticket type that is or was sold, in the editor's order."""
        return [self._ticket(row) for row in self.event.ticket_types.all() if not row.is_withdrawn]

    def ticket_name(self, pk: int) -> str:
        """Return what a ticket type is called, also one that is no longer sold."""
        found = next((row for row in self.event.ticket_types.all() if row.pk == pk), None)
        return found.said("name", self.language) if found else ""

    @property
    def price(self) -> str:
        """What it costs: the lowest price, said as such where there are several."""
        prices = sorted({row.price_at(self.now) for row in self.event.ticket_types.all() if not row.is_withdrawn})
        if not prices:
            return ""
        if len(prices) == 1:
            return self._price(prices[0])
        said = {"price": self._price(prices[0] or prices[1])}
        return _("From %(price)s") % said if prices[0] else _("Free, or from %(price)s") % said

    @property
    def left(self) -> str:
        """How many seats are left, where the organiser shows it and it means anything."""
        left = self.available.event.left
        if not self.event.shows_seats_left or left is None or self.sale not in (Sale.OPEN, Sale.NOT_YET):
            return ""
        return ngettext("%(left)d seat left", "%(left)d seats left", left) % {"left": left}

    @property
    def cancelling(self) -> str:
        """What a registrant may take back, in words."""
        free_until = self.event.terms.free_until(self.event.starts_at)
        if free_until is None or not self.event.terms.allows(self.event.starts_at, self.now):
            return ""
        if self.event.terms.is_free(self.event.starts_at, self.now):
            return _("You may cancel free of charge until %(moment)s.") % {"moment": self.clock.moment(free_until)}
        return _("You may cancel until it begins; %(percent)s of the price is kept.") % {
            "percent": self.writer.percent(f"{self.event.terms.fee_percent.normalize():f}")
        }

    @property
    def withdrawing(self) -> str:
        """The right to withdraw of a private person who pays, or why there is none: C. conso. L221-5."""
        if self.event.no_withdrawal:
            return str(exemption_reasons()[self.event.no_withdrawal])
        if self.begins_early:
            return _(
                "Private persons may withdraw without giving a reason until the event begins, on the page of their "
                "registration (C. conso. L221-18, L221-25)."
            )
        return _(
            "Private persons may withdraw within 14 days without giving a reason, on the page of their registration "
            "(C. conso. L221-18)."
        )

    @property
    def begins_early(self) -> bool:
        """Does it all take place within the days to withdraw? Then whoever has the right asks for that: L221-25."""
        today, over = (self.event.seller.today(at) for at in (self.now, self.event.ends_at))
        return not self.event.no_withdrawal and over <= last_day(today)

    @property
    def situation(self) -> Situation | None:
        """What stands in the place of the form, or None where one can register."""
        match self.sale:
            case Sale.OPEN:
                return None
            case Sale.CANCELLED:
                return Situation("late", "alert", _("This event is cancelled"), self.event.cancellation_reason)
            case Sale.SOLD_OUT:
                return Situation("soon", "hourglass", _("Sold out"), _("A seat that is given back can be had here."))
            case Sale.NOT_YET:
                return Situation("calm", "clock", _("Registration is not open yet"), self._opens())
            case _:
                return self._closed()

    def _closed(self) -> Situation:
        if self.is_over:
            return Situation("void", "calendar", _("This event is over"))
        if self.event.starts_at <= self.now:
            return Situation("void", "calendar", _("This event has begun"), _("Registration is closed."))
        detail = _("Questions? Write to %(address)s.") % {"address": self.event.contact}
        return Situation("void", "lock", _("Registration is closed"), detail)

    def _opens(self) -> str:
        starts = [row.opens_at for row in self.event.ticket_types.all() if row.opens_at and not row.is_withdrawn]
        own = self.event.opens_at
        waits = own is not None and own > self.now
        opening = own if waits else min((at for at in starts if at > self.now), default=None)
        return _("It opens on %(moment)s.") % {"moment": self.clock.moment(opening)} if opening else ""

    def _price(self, price: Decimal) -> str:
        if not price:
            return pgettext("price", "Free")
        return self.writer.money(money.to_minor(price, self.writer.currency))

    def _ticket(self, row: TicketType) -> Ticket:
        price, sale = row.price_at(self.now), baskets.sale_of_type(row, self.available, self.now)
        minor = money.to_minor(price, self.writer.currency)
        return Ticket(
            pk=row.pk,
            name=row.said("name", self.language),
            description=row.said("description", self.language),
            price=self._price(price),
            notes=tuple(self._notes(row, price, sale)),
            sale=sale,
            state=self._state_of(row, sale),
            seen=f"{price:f}",
            minor=minor,
            vat_rate=f"{row.vat.rate:f}" if row.vat_category == "S" else "0",
            price_includes_vat=row.price_includes_vat,
            least=row.least,
            most=self._most(row),
        )

    def _most(self, row: TicketType) -> int:
        left = self.available.left(row.pk)
        return row.most if left is None else max(min(row.most, left), 1)

    def _notes(self, row: TicketType, price: Decimal, sale: Sale) -> list[str]:
        said: list[str] = []
        if price and row.vat_category == "S":
            said.append(_("incl. VAT") if row.price_includes_vat else _("excl. VAT"))
        if row.early is not None and self.now < row.early.until:
            later = {"moment": self.clock.moment(row.early.until), "price": self._price(row.price)}
            said.append(_("until %(moment)s, then %(price)s") % later)
        left = self.available.types[row.pk].left
        if self.event.shows_seats_left and left is not None and sale is Sale.OPEN:
            said.append(ngettext("%(left)d left", "%(left)d left", left) % {"left": left})
        return said

    def _state_of(self, row: TicketType, sale: Sale) -> str:
        match sale:
            case Sale.SOLD_OUT:
                return _("Sold out")
            case Sale.NOT_YET if row.opens_at:
                return _("Sold from %(moment)s") % {"moment": self.clock.moment(row.opens_at)}
            case Sale.OPEN:
                return ""
            case _:
                return _("No longer sold")


def with_parts(events: Any) -> Any:
    """Read events with all that their pages show."""
    return events.select_related("seller", "site").prefetch_related(
        "ticket_types", "discount_codes", "questions", "consents"
    )
