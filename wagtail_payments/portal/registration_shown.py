"""Everything that stands on a registrant's page: how it stands, who comes, what can be done; templates lay it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_payments.actions import registration_withdrawals, seats
from wagtail_payments.actions.withdrawals import Right
from wagtail_payments.core.lifecycle import AttemptState, InvoiceKind, SeatState
from wagtail_payments.core.snapshot import Kind
from wagtail_payments.portal import history, theme
from wagtail_payments.portal.events import BoxOffice
from wagtail_payments.portal.registration_form import AttendeeForm
from wagtail_payments.portal.situation import CONFIRMATION_DAYS, Situation
from wagtail_payments.portal.withdrawing import right_words
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.links import Link
from wagtail_payments.records.registrations import Cancellation, Registration, Seat, seat_states

LEADING = (SeatState.HELD, SeatState.PENDING, SeatState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Attendee:
    """One seat, written for the registrant; ``form`` changes who comes, None where that is over."""

    pk: int
    name: str
    email: str
    ticket: str
    state: str
    is_coming: bool
    form: AttendeeForm | None
    url: str

    @property
    def is_open(self) -> bool:
        """Does its form need another look?"""
        return self.form is not None and self.form.is_bound


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice, a receipt or a credit note to keep."""

    label: str
    number: str
    url: str


class Standing:
    """One registration at a moment, spoken of in its own language; ``form`` is an attendee's as it was sent."""

    def __init__(
        self, link: Link, registration: Registration, box: BoxOffice, form: AttendeeForm | None = None
    ) -> None:
        self.link, self.registration, self.box, self.sent = link, registration, box, form
        self.seats: list[Seat] = list(registration.seats.select_related("ticket_type"))
        self.theme_url = theme.url_of(registration.event.seller)

    def _in(self, state: SeatState) -> list[Seat]:
        return [seat for seat in self.seats if seat.state == state]

    @property
    def held(self) -> list[Seat]:
        """Seats that wait for their payment and can still be had."""
        return [seat for seat in self._in(SeatState.HELD) if seats.takes_room(seat, self.box.now)]

    @property
    def state(self) -> SeatState:
        """What the whole order stands at: the state that matters most to the registrant."""
        if self._in(SeatState.CONFIRMED):
            return SeatState.CONFIRMED
        if self._in(SeatState.PENDING):
            return SeatState.PENDING
        if self.held:
            return SeatState.HELD
        return SeatState.CANCELLED if self._in(SeatState.CANCELLED) else SeatState.EXPIRED

    @property
    def situation(self) -> Situation:
        """How it stands, in words with an icon."""
        if self.box.event.is_cancelled:
            return self._called_off()
        say = {
            SeatState.CONFIRMED: self._confirmed,
            SeatState.PENDING: self._pending,
            SeatState.HELD: self._held,
            SeatState.CANCELLED: self._cancelled,
            SeatState.EXPIRED: self._expired,
        }
        return say[self.state]()

    def _confirmed(self) -> Situation:
        number = len(self._in(SeatState.CONFIRMED))
        sentence = ngettext("You are registered: %(number)d seat", "You are registered: %(number)d seats", number)
        return Situation("done", "check", sentence % {"number": number}, self._to_transfer())

    def _to_transfer(self) -> str:
        invoice = self.registration.invoice
        due = invoice.balance().due if invoice is not None and not invoice.is_draft else 0
        if not self.registration.pays_later or due <= 0:
            return ""
        said = {"amount": self.box.writer.money(due)}
        return _("%(amount)s are still to be paid by bank transfer: the invoice says how.") % said

    def _pending(self) -> Situation:
        detail = _("Your seats are kept. Your bank may take up to %(days)s days; you need do nothing.")
        sentence = _("Your bank is confirming the payment")
        return Situation("wait", "hourglass", sentence, detail % {"days": CONFIRMATION_DAYS})

    def _held(self) -> Situation:
        until = seats.hold_until(self.held) or self.box.now
        sentence = ngettext(
            "Your seat is kept until %(time)s", "Your seats are kept until %(time)s", len(self.held)
        ) % {"time": self.box.clock.time(until)}
        left = max((until - self.box.now) // timedelta(minutes=1), 1)
        detail = ngettext("One minute is left to pay.", "%(minutes)d minutes are left to pay.", left)
        return Situation("soon", "clock", sentence, detail % {"minutes": left})

    def _called_off(self) -> Situation:
        goes_back = _("What your bank still carries out goes back to you by itself.")
        said = [self.box.event.cancellation_reason, goes_back if self.state is SeatState.PENDING else ""]
        return Situation("late", "alert", _("This event is cancelled"), " ".join(filter(None, said)))

    def _cancelled(self) -> Situation:
        if not self.cancellations:
            return Situation("void", "back", _("You gave the seats back"), _("Nothing was charged."))
        if registration_withdrawals.standing_of(registration=self.registration) is not None:
            return Situation("void", "back", _("You have withdrawn from this registration"))
        return Situation("void", "back", _("This registration is cancelled"))

    def _expired(self) -> Situation:
        if self.is_paid:
            detail = _("Your payment came when they were given to others. The money goes back to you by itself.")
            return Situation("late", "alert", _("The seats are gone"), detail)
        detail = _("They were not paid in time, so they can be had by others. Nothing was charged.")
        return Situation("void", "clock", _("Your seats are no longer kept"), detail)

    @property
    def is_paid(self) -> bool:
        """Did money arrive for it?"""
        invoice = self.registration.invoice
        return invoice is not None and invoice.attempts.filter(state=AttemptState.SUCCEEDED).exists()

    @property
    def total(self) -> str:
        """What the whole order costs."""
        return self.box.writer.money(self.registration.gross) if self.registration.gross else _("Free of charge")

    @property
    def pay_label(self) -> str:
        """What the button says, or nothing where there is nothing to pay online."""
        if self.state is not SeatState.HELD:
            return ""
        return _("Pay %(amount)s") % {"amount": self.box.writer.money(self.registration.first_payment)}

    @property
    def balance_due(self) -> int:
        """What is still to pay of a balance that was asked for, in minor units."""
        balance = self.registration.balance
        return max(balance.balance().due, 0) if balance is not None and not balance.is_draft else 0

    @property
    def balance_label(self) -> str:
        """What the button says that pays the balance, or nothing."""
        due = self.balance_due
        return _("Pay the balance of %(amount)s") % {"amount": self.box.writer.money(due)} if due else ""

    @property
    def plan(self) -> str:
        """How an order in two parts is paid, until the balance is asked for."""
        made = self.registration
        if made.balance is None or not made.balance.is_draft or made.balance_on is None or self.state not in LEADING:
            return ""
        money, coming = self.box.writer.money, [seat for seat in self.seats if self._state_of(seat) in LEADING]
        said = {
            "deposit": money(sum(seat.deposit for seat in coming)),
            "balance": money(sum(seat.gross - seat.deposit for seat in coming)),
            "date": self.box.writer.date(made.balance_on.isoformat()),
        }
        return _("Deposit of %(deposit)s; the balance of %(balance)s is due by %(date)s.") % said

    @property
    def may_extend(self) -> bool:
        """Can the seats be kept longer, once?"""
        return self.state is SeatState.HELD and not self.registration.hold_extended

    @property
    def online_url(self) -> str:
        """The way in, only for who comes."""
        return self.box.event.online_url if self.state is SeatState.CONFIRMED else ""

    @property
    def has_calendar(self) -> bool:
        """Is there an appointment to put into a calendar?"""
        return self.state is SeatState.CONFIRMED and not self.box.event.is_cancelled

    @property
    def may_change(self) -> bool:
        """Can the names still be changed?"""
        return not self.box.event.is_cancelled and self.box.now < self.box.event.starts_at

    @property
    def may_change_answers(self) -> bool:
        """Can the answers of the order still be changed: is somebody to come, and has it not begun?"""
        return self.may_change and self.state in LEADING

    @property
    def cancellable(self) -> list[Seat]:
        """The seats that the registrant may give up now."""
        event = self.box.event
        allowed = event.terms.allows(event.starts_at, self.box.now) and not event.is_cancelled
        return self._in(SeatState.CONFIRMED) if allowed else []

    @cached_property
    def right(self) -> Right | None:
        """The right to withdraw; None where the law gives none, and where nothing is left or it was called off."""
        stands = bool(self._in(SeatState.CONFIRMED)) and not self.box.event.is_cancelled
        return registration_withdrawals.right_to(registration=self.registration, now=self.box.now) if stands else None

    @property
    def may_withdraw(self) -> bool:
        """Can the contract be left now?"""
        return self.right is not None and self.right.is_open

    @property
    def withdraw_note(self) -> str:
        """Until when it can be left, or why it can't."""
        return right_words(self.right, self.box.writer)

    @property
    def may_begin_again(self) -> bool:
        """Did it end without a seat, though there may still be some?"""
        return self.state in (SeatState.EXPIRED, SeatState.CANCELLED) and self.box.is_open

    @property
    def attendees(self) -> list[Attendee]:
        """Who comes on which seat."""
        words = dict(seat_states())
        return [self._attendee(seat, str(words[self._state_of(seat)])) for seat in self.seats]

    def _state_of(self, seat: Seat) -> SeatState:
        """A hold that has ended is over, whether or not anyone has noted it."""
        state = SeatState(seat.state)
        return SeatState.EXPIRED if state is SeatState.HELD and seat not in self.held else state

    def _attendee(self, seat: Seat, state: str) -> Attendee:
        coming = self._state_of(seat) in LEADING
        return Attendee(
            pk=seat.pk,
            name=seat.attendee,
            email=seat.email,
            ticket=seat.ticket_type.said("name", self.box.language),
            state=state,
            is_coming=coming,
            form=self._form(seat) if coming and self.may_change else None,
            url=reverse("wagtail_payments:registration_seat", args=[self.link.public_id, seat.pk]),
        )

    def _form(self, seat: Seat) -> AttendeeForm | None:
        if self.sent is not None and self.sent.prefix == prefix_of(seat):
            return self.sent
        form = form_of(seat, self.box)
        return form if form.visible else None

    @property
    def cancellations(self) -> list[Cancellation]:
        """What was given up, oldest first."""
        return list(self.registration.cancellations.order_by("pk"))

    @property
    def given_up(self) -> list[str]:
        """What was given up and what comes of it, in words."""
        return [self._given_up(row) for row in self.cancellations]

    def _given_up(self, row: Cancellation) -> str:
        said = {"day": self.box.clock.day(row.at), "amount": self.box.writer.money(row.gross - row.fee)}
        if not row.gross - row.fee:
            return _("Cancelled on %(day)s.") % said
        return _("Cancelled on %(day)s: %(amount)s come back to you, or are no longer to be paid.") % said

    @property
    def papers(self) -> list[Paper]:
        """The invoice with its receipts and credit notes."""
        found = [] if self.registration.invoice is None else papers_of(self.registration).order_by("pk")
        return [
            Paper(
                _label(paper),
                paper.number,
                reverse("wagtail_payments:registration_paper", args=[self.link.public_id, paper.pk]),
            )
            for paper in found
        ]


def papers_of(registration: Registration) -> QuerySet[IssuedDocument]:
    """Return the documents that the registrant may have: the invoice, its receipts and credit notes."""
    found = IssuedDocument.objects.none()
    for invoice in filter(None, (registration.invoice, registration.balance)):
        own = Q(pk=invoice.document_id) | Q(pk__in=history.papers(invoice).values("pk"))
        found = found | IssuedDocument.objects.filter(own)
    return found


def prefix_of(seat: Seat) -> str:
    """Return what the names of a seat's fields begin with."""
    return f"seat-{seat.pk}"


def form_of(seat: Seat, box: BoxOffice, data: object = None) -> AttendeeForm:
    """Return the form that changes who comes on a seat, filled in with what is known."""
    known = {"name": seat.name, "email": seat.email} | {f"question-{key}": said for key, said in seat.answers.items()}
    return AttendeeForm(box, data, prefix=prefix_of(seat), initial=known)


def _label(paper: IssuedDocument) -> str:
    labels = {
        Kind.INVOICE: _("Invoice"),
        Kind.CREDIT_NOTE: _("Credit note"),
        Kind.RECEIPT: _("Receipt"),
        Kind.REFUND_RECEIPT: _("Receipt of the refund"),
    }
    kind = Kind(paper.kind)
    parts = {InvoiceKind.DEPOSIT.value: _("Deposit invoice"), InvoiceKind.FINAL.value: _("Final invoice")}
    return parts.get(paper.frozen.variant, labels[kind]) if kind is Kind.INVOICE else labels[kind]
