"""A registration as it is being typed: the form of the order with a block for each attendee, and what it comes to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from babel import lists
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_payments import ports
from wagtail_payments.actions import baskets, ticket_deposits
from wagtail_payments.actions.baskets import CodeRefused, Place
from wagtail_payments.actions.invoices import mode_of
from wagtail_payments.actions.wishes import Buyer, Wish
from wagtail_payments.core import money
from wagtail_payments.core.tickets import Sale
from wagtail_payments.portal import questionnaire, shown
from wagtail_payments.portal.events import BoxOffice, Ticket
from wagtail_payments.portal.registration_form import ORGANISATION, AttendeeForm, RegistrationForm
from wagtail_payments.records.registrations import Registration

KEY = re.compile(r"[0-9a-f]{32}")
LATER = "later"


@dataclass(frozen=True, slots=True)
class Block:
    """One attendee of the form; ``number`` counts through the whole order, for people."""

    ticket: Ticket
    number: int
    place: int
    form: AttendeeForm

    @property
    def label(self) -> str:
        """Which attendee this is."""
        return _("Attendee %(number)d") % {"number": self.number}


class Booking:
    """The whole form of one visit; ``data`` is what was sent, None where it is shown for the first time."""

    def __init__(self, box: BoxOffice, data: Mapping[str, Any] | None = None) -> None:
        self.box, self.data = box, data
        self.providers = shown.providers_of(box.event.site, mode_of(box.event.site))
        self.offered = [ticket for ticket in box.tickets if self._is_offered(ticket)]
        self.form = RegistrationForm(box, self.offered, bool(self.providers), data)
        if data is not None:
            self.form.full_clean()
        self.form_key = self._key()
        self.blocks = list(self._blocks())

    def _is_offered(self, ticket: Ticket) -> bool:
        """What is on sale, and what somebody chose while it still was."""
        chosen = (self.data or {}).get(f"tickets-{ticket.pk}", "")
        return ticket.is_open or (ticket.sale is Sale.SOLD_OUT and str(chosen).strip() not in ("", "0"))

    def _key(self) -> str:
        sent = str((self.data or {}).get("form_key", ""))
        return sent if KEY.fullmatch(sent) else ports.new_id()

    @property
    def asks_each(self) -> bool:
        """Is something asked of every attendee, be it only one?"""
        return bool(questionnaire.asked_now(self.box.event, of_each=True))

    @property
    def has_blocks(self) -> bool:
        """May attendees be named at all?"""
        return self.asks_each or self.box.event.asks_names

    def _blocks(self) -> Iterator[Block]:
        """A block for each seat; for a single one nobody is asked but the buyer, unless there are questions."""
        numbers = self.form.numbers
        if not self.has_blocks or (sum(numbers.values()) == 1 and not self.asks_each):
            return
        counter = 0
        for ticket in self.offered:
            for place in range(numbers[ticket.pk]):
                counter += 1
                prefix = f"attendee-{ticket.pk}-{place}"
                sent = self.data if self.data is not None and f"{prefix}-shown" in self.data else None
                yield Block(ticket, counter, place, AttendeeForm(self.box, sent, prefix=prefix))

    @property
    def patterns(self) -> list[Block]:
        """A block for each ticket type, for the script to copy."""
        if not self.has_blocks:
            return []
        return [
            Block(ticket, 0, 0, AttendeeForm(self.box, prefix=f"attendee-{ticket.pk}-__n__")) for ticket in self.offered
        ]

    @property
    def needs_blocks(self) -> bool:
        """Are there attendees who were not asked for yet?"""
        return any(not block.form.is_bound for block in self.blocks)

    def is_valid(self) -> bool:
        """Is all that was typed as it should be?"""
        attendees = [block.form.is_valid() for block in self.blocks]
        return self.form.is_valid() and all(attendees)

    def forget_errors(self) -> None:
        """Show what was typed without complaining: the visitor is not done yet."""
        for form in self.forms:
            if form.is_bound:
                form.full_clean()
                form.forget_errors()

    @property
    def forms(self) -> list[RegistrationForm | AttendeeForm]:
        """The order's form and those of the attendees."""
        return [self.form, *(block.form for block in self.blocks)]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong, in the order of the page, each with the id of its field; without one for the whole."""
        found: list[tuple[str, str]] = [("", str(error)) for error in self.form.non_field_errors()]
        for form in self.forms:
            fields: list[forms.BoundField] = [field for field in form if field.errors]
            found += [(field.id_for_label or f"{field.auto_id}_0", str(field.errors[0])) for field in fields]
        return found

    @cached_property
    def _basket(self) -> baskets.Basket | None:
        """What is chosen, priced as of now; without the code where it does not work, None where nothing can be said."""
        for code in (self.code, ""):
            try:
                return self._filled(code)
            except CodeRefused:
                continue
            except baskets.BasketRefused:
                return None
        return None

    def _filled(self, code: str) -> baskets.Basket:
        box = self.box
        places = [Place(pk) for pk, number in self.form.numbers.items() for _seat in range(number)]
        return baskets.fill(event=box.event, places=places, code=code, seen={}, available=box.available, now=box.now)

    def check_code(self) -> None:
        """Raise ``CodeRefused`` where the discount code does not work for what was chosen."""
        try:
            self._filled(self.code)
        except CodeRefused:
            raise
        except baskets.BasketRefused:
            return

    @property
    def code(self) -> str:
        """The discount code as typed."""
        return str(self.form.cleaned_data.get("code") or "") if self.form.is_bound else ""

    @property
    def total_words(self) -> str:
        """What it comes to, written."""
        return self.box.writer.money(self._basket.totals.gross if self._basket else 0)

    @property
    def promised(self) -> str:
        """What is promised to be paid at once, as it is sent back with the form."""
        return ticket_deposits.promised(event=self.box.event, now=self.box.now)

    @property
    def plan_pattern(self) -> str:
        """What is paid now and what later, with places for the two amounts; nothing where all is paid now."""
        terms = self.box.event.deposit_terms
        if terms is None or not self.promised:
            return ""
        due_on = terms.due_on(self.box.event.starts_at.astimezone(self.box.event.zone).date())
        return _("Today %(percent)s = [deposit], the balance of [balance] is due by %(date)s.") % {
            "percent": self.box.writer.percent(f"{terms.percent.normalize():f}"),
            "date": self.box.writer.date(due_on.isoformat()),
        }

    @property
    def plan_words(self) -> str:
        """What is paid now and what later of what is chosen."""
        gross = self._basket.totals.gross if self._basket else 0
        plan = ticket_deposits.plan_of(event=self.box.event, gross=gross, now=self.box.now)
        if plan is None:
            return ""
        money_of = self.box.writer.money
        words = self.plan_pattern.replace("[deposit]", money_of(plan.deposit))
        return words.replace("[balance]", money_of(plan.balance))

    @property
    def deposit_hundredths(self) -> int:
        """The deposit in hundredths of a percent, for the script to work it out."""
        return int((self.box.event.deposit_percent or 0) * 100)

    @property
    def discount_words(self) -> str:
        """That the discount code counts, where it does."""
        if self._basket is None or self._basket.code is None:
            return ""
        return _("The discount code %(code)s is counted in.") % {"code": self._basket.code.code}

    @property
    def digits(self) -> int:
        """How many decimals the currency has."""
        return money.exponent(self.box.writer.currency)

    @property
    def several(self) -> bool:
        """Is there more than one kind of ticket to choose from?"""
        return len(self.offered) > 1

    @property
    def label_pattern(self) -> str:
        """How the script names one more attendee."""
        return _("Attendee %(number)d")

    @property
    def provider_words(self) -> str:
        """Who handles payments."""
        return str(lists.format_list(self.providers, style="or", locale=self.box.writer.locale))

    @property
    def is_free(self) -> bool:
        """Is there nothing to pay, whatever is chosen?"""
        return not any(ticket.minor for ticket in self.offered)

    def wish(self) -> Wish:
        """Return the registration that is asked for; only once it is valid."""
        cleaned, box = self.form.cleaned_data, self.box
        return Wish(
            event_id=box.event.pk,
            places=self._places(),
            buyer=_buyer(cleaned),
            language=box.language,
            form_key=self.form_key,
            code=self.code,
            seen=self._seen(),
            answers=self.form.answers,
            consents=self.form.agreed,
            pays_later=cleaned.get("pays") == LATER,
            promised=(self.data or {}).get("promised"),
            shown_right=(self.data or {}).get("shown_right"),
            begins_early=self.form.begins_early,
        )

    def _places(self) -> list[Place]:
        named = {(block.ticket.pk, block.place): block.form for block in self.blocks}
        places = []
        for pk, number in self.form.numbers.items():
            for place in range(number):
                form = named.get((pk, place))
                cleaned: dict[str, Any] = form.cleaned_data if form else {}
                answers = form.answers if form else {}
                places.append(Place(pk, cleaned.get("name", ""), cleaned.get("email", ""), answers))
        return places

    @property
    def was_sent(self) -> bool:
        """Was this very form sent before? Then it has its seats, however full it is now."""
        return Registration.objects.filter(form_key=self.form_key).exists()

    def is_of(self, made: Registration) -> bool:
        """Is this what was registered, so that sending it twice is sending it once?"""
        taken = Counter(made.seats.values_list("ticket_type", flat=True))
        wanted = {pk: number for pk, number in self.form.numbers.items() if number}
        return dict(taken) == wanted and made.email == self.form.cleaned_data["email"]

    def _seen(self) -> dict[int, str]:
        """The prices that stood on the page; what is no number was never shown by us."""
        found = {}
        for ticket in self.offered:
            sent = str((self.data or {}).get(f"seen-{ticket.pk}", ""))
            try:
                if sent and Decimal(sent).is_finite():
                    found[ticket.pk] = sent
            except InvalidOperation:
                continue
        return found

    def refuse_seats(self, left: Mapping[int, int]) -> None:
        """Say at each ticket how many can still be had."""
        for pk, number in left.items():
            few = ngettext("Only %(left)d is left.", "Only %(left)d are left.", number) % {"left": number}
            self.refuse(str(pk), few if number else _("None is left."))

    def refuse(self, field: str, text: str) -> None:
        """Say what is wrong with a ticket type, the code, or the whole."""
        name = f"tickets-{field}" if field.isdecimal() else field
        self.form.add_error(name if name in self.form.fields else None, text)


def _buyer(cleaned: Mapping[str, Any]) -> Buyer:
    """A consumer's address is not asked for; the country is the seller's unless an organisation says another."""
    person = {name: cleaned[name] for name in ("name", "email", "phone")}
    if not cleaned.get("organisation"):
        return Buyer(**person, country=cleaned.get("country") or "FR")
    invoice = {name: cleaned[name] for name in (*ORGANISATION, "order_reference")}
    return Buyer(**person, kind="professional", **invoice)
