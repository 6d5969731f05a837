"""Letters to whoever registered: confirmed, given up, or paid for a seat that was gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_payments.core.cancellation import Policy
from wagtail_payments.mail import attendees, calendars, event_templates, ticket_deposits, withdrawals, writing
from wagtail_payments.mail.event_words import (
    EventFacts,
    NoSeat,
    Rows,
    coming,
    filled,
    names,
    seat_rows,
    tickets,
    why_no_seat,
)
from wagtail_payments.mail.registrants import buyer, join_online, link_of, post_to, words_to
from wagtail_payments.mail.templates import Template
from wagtail_payments.mail.wordings import InvoiceFacts
from wagtail_payments.printing.amounts import NBSP, Writer, grouped, method_name
from wagtail_payments.printing.moments import Clock
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.events import Event
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.payments import Payment, available_credit
from wagtail_payments.records.registrations import Cancellation, Registration


def was_confirmed(*, registration: Registration) -> bool:
    """Was the letter written that confirms a registration?"""
    return writing.already_written(_registered_once(registration)) is not None


def registered(*, registration: Registration, enclosed: Sequence[IssuedDocument], now: datetime) -> Letter | None:
    """Write the letter that confirms a registration, once, with its papers, calendar file and link to join."""
    once, event = _registered_once(registration), registration.event
    standing = writing.already_written(once)
    if standing is not None:
        return standing
    link, mark = link_of(registration), writing.place()
    reader, seats = buyer(registration), coming(registration)
    with translation.override(registration.language):
        facts = EventFacts(event, registration.language)
        values = {
            "join_online": join_online(event),
            "how_to_pay": _how_to_pay(registration) or ticket_deposits.later(registration),
            "enclosed": _enclosures(enclosed),
            "may_cancel": _may_cancel(registration),
        }
        words = words_to(
            reader,
            registration,
            event,
            template=event_templates.REGISTERED,
            values=values,
            facts=[
                *facts.rows(),
                *seat_rows(seats, registration.language),
                *_money(registration),
                *withdrawals.right_rows(registration),
            ],
            url=mark if link else "",
        )
    calendar = calendars.invitation(registration=registration, event=event, now=now, seats=seats)
    post = post_to(
        reader, registration, event, kind="registered", link=link, enclosed=enclosed, calendar=calendar, once=once
    )
    attendees.invited(registration=registration, seats=seats, now=now)
    return writing.write(post, words, mark=mark if link else "", now=now)


def registration_cancelled(*, cancellation: Cancellation, now: datetime) -> Letter | None:
    """Write what was given up and what comes back, once; calendars lose the appointment when nobody comes any more."""
    registration = cancellation.registration
    event, once = registration.event, f"registration_cancelled:{cancellation.pk}"
    standing = writing.already_written(once)
    if standing is not None:
        return standing
    link, mark, reader = link_of(registration), writing.place(), buyer(registration)
    left = len(coming(registration))
    with translation.override(registration.language):
        facts = EventFacts(event, registration.language)
        values = {
            "what_ended": _what_ended(cancellation, facts),
            "reason": _because(cancellation.reason if cancellation.by_organiser else ""),
            "money": "\n\n".join(filter(None, _what_comes_back(cancellation))),
            "who_still_comes": _who_still_comes(left),
        }
        words = words_to(
            reader,
            registration,
            event,
            template=_cancelled_template(event, left),
            values=values,
            facts=[*facts.rows(), *_given_up(cancellation)],
            url=mark if link else "",
        )
    notes, kind = (cancellation.credit_note, cancellation.balance_note), "registration_cancelled"
    enclosed = [note.document for note in notes if note]
    calendar = (calendars.invitation if left else calendars.withdrawal)(registration=registration, event=event, now=now)
    post = post_to(reader, registration, event, kind=kind, link=link, enclosed=enclosed, calendar=calendar, once=once)
    attendees.uninvited(cancellation=cancellation, now=now)
    return writing.write(post, words, mark=mark if link else "", now=now)


def seat_lost(*, registration: Registration, payment: Payment, now: datetime) -> Letter | None:
    """Write that a payment came when there was no seat for it, and goes back whole; once."""
    event, once = registration.event, f"seat_lost:{payment.pk}"
    reader, why = buyer(registration), why_no_seat(registration)
    with translation.override(registration.language):
        facts = EventFacts(event, registration.language)
        amount = Writer(registration.language, payment.currency).money(payment.amount)
        values = {
            "amount": amount,
            "why": _why_lost(why) % {"event": facts.name, "amount": amount},
            "reason": _because(event.cancellation_reason) if why is NoSeat.CALLED_OFF else "",
        }
        words = words_to(
            reader,
            registration,
            event,
            template=event_templates.SEAT_LOST if why is NoSeat.TAKEN else event_templates.SEAT_GIVEN_BACK,
            values=values,
            facts=[*facts.rows(), (_("Amount"), amount)],
        )
    post = post_to(reader, registration, event, kind="seat_lost", once=once)
    return writing.already_written(once) or writing.write(post, words, now=now)


def unpaid(*, registration: Registration, attempt: PaymentAttempt, now: datetime) -> Letter | None:
    """Write that a bank refused, and that the seats are free again; once."""
    event, once = registration.event, f"payment_failed:{attempt.pk}"
    reader = buyer(registration)
    with translation.override(registration.language):
        facts = EventFacts(event, registration.language)
        values = {
            "amount": Writer(registration.language, attempt.currency).money(attempt.amount),
            "what_now": _what_now(event, now),
            "reason": _because(event.cancellation_reason) if event.is_cancelled else "",
        }
        words = words_to(
            reader, registration, event, template=event_templates.UNPAID, values=values, facts=facts.rows()
        )
    post = post_to(reader, registration, event, kind="payment_failed", once=once)
    return writing.already_written(once) or writing.write(post, words, now=now)


def _why_lost(why: NoSeat) -> str:
    match why:
        case NoSeat.CALLED_OFF:
            return _(
                "Your payment of %(amount)s for “%(event)s” reached us, but the event is cancelled and does not"
                " take place. We are sorry."
            )
        case NoSeat.GIVEN_BACK:
            return _("Your payment of %(amount)s for “%(event)s” reached us after you had given the seats back.")
        case NoSeat.TAKEN:
            return _(
                "Your payment of %(amount)s for “%(event)s” reached us after the time to pay had ended,"
                " and the seats had been taken meanwhile. We are sorry."
            )


def _what_now(event: Event, now: datetime) -> str:
    """Whether it is of any use to register anew."""
    if event.is_cancelled:
        return _("The event is cancelled and does not take place. Nothing is owed.")
    if event.starts_at <= now:
        return _("The seats kept for you are free again, and nothing is owed.")
    return _("The seats kept for you are free again, and nothing is owed. You are welcome to register anew.")


def _registered_once(registration: Registration) -> str:
    return f"registered:{registration.pk}"


def _money(registration: Registration) -> Rows:
    """What it costs, and what of it is paid and how, or how to pay it."""
    invoice = registration.invoice
    writer = Writer(registration.language, registration.currency)
    if invoice is None:
        return [(_("Total"), _("Free of charge"))]
    rows = [(_("Total"), writer.money(registration.gross)), *ticket_deposits.rows(registration)]
    paid = invoice.balance().paid
    if paid:
        allocation = invoice.allocations.select_related("payment").order_by("pk").first()
        method = method_name(allocation.payment.method) if allocation else ""
        rows.append((_("Already paid"), f"{writer.money(paid)} ({method})" if method else writer.money(paid)))
    return filled([*rows, *_account(registration)])


def _account(registration: Registration) -> Rows:
    """The account to transfer to, where something is to be paid."""
    document = registration.invoice.document if registration.invoice else None
    if not registration.pays_later or document is None or not document.frozen.payment.iban:
        return []
    terms = document.frozen.payment
    return [
        (_("Account holder"), terms.account_holder or document.frozen.seller.name),
        (_("IBAN"), grouped(terms.iban, 4).replace(NBSP, " ")),
        (_("BIC"), terms.bic),
        (_("Reference"), document.number),
    ]


def _how_to_pay(registration: Registration) -> str:
    if not registration.pays_later or registration.invoice is None:
        return ""
    facts = InvoiceFacts(registration.invoice)
    if not facts.due:
        return ""
    said = {"amount": facts.writer.money(facts.due), "date": facts.due_on, "number": registration.invoice.number}
    if facts.due_on:
        return _("Please transfer %(amount)s by %(date)s, with the reference %(number)s.") % said
    return _("Please transfer %(amount)s, with the reference %(number)s.") % said


def _enclosures(enclosed: Sequence[IssuedDocument]) -> str:
    kinds = {document.kind for document in enclosed}
    if {"invoice", "receipt"} <= kinds:
        return _("Your invoice, your receipt and a file for your calendar are attached.")
    if "invoice" in kinds:
        return _("Your invoice and a file for your calendar are attached.")
    return _("A file for your calendar is attached.")


def _may_cancel(registration: Registration) -> str:
    """What the organiser allows, as long as it is of any use to the reader."""
    event = registration.event
    until = event.terms.free_until(event.starts_at)
    if until is None or until <= registration.created_at:
        return ""
    moment = Clock(event.time_zone, registration.language).moment(until)
    if event.terms.policy is Policy.FEE and event.terms.fee_percent:
        percent = Writer(registration.language, registration.currency).percent(f"{event.terms.fee_percent:f}")
        return _("You can cancel free of charge until %(moment)s; after that %(percent)s of the price is kept.") % {
            "moment": moment,
            "percent": percent,
        }
    return _("You can cancel free of charge until %(moment)s.") % {"moment": moment}


def _cancelled_template(event: Event, left: int) -> Template:
    if event.is_cancelled:
        return event_templates.CALLED_OFF
    return event_templates.SEATS_CANCELLED if left else event_templates.CANCELLED


def _what_ended(cancellation: Cancellation, facts: EventFacts) -> str:
    """Who cancelled what."""
    said = {"event": facts.name, "date": facts.day}
    if cancellation.registration.event.is_cancelled:
        return _("“%(event)s” on %(date)s is cancelled and does not take place. We are sorry.") % said
    if cancellation.by_organiser:
        return _("The organiser has cancelled the seats listed below for “%(event)s” (%(date)s).") % said
    if hasattr(cancellation, "withdrawal"):
        return _("You have withdrawn from your registration for “%(event)s” (%(date)s).") % said
    return _("You have cancelled the seats listed below for “%(event)s” (%(date)s).") % said


def _because(reason: str) -> str:
    return _("Reason: %(reason)s") % {"reason": reason} if reason else ""


def _what_comes_back(cancellation: Cancellation) -> list[str]:
    """The money in words: the fee that is kept, and the way of the rest."""
    notes = [note for note in (cancellation.credit_note, cancellation.balance_note) if note is not None]
    writer = Writer(cancellation.registration.language, cancellation.currency)
    kept = (
        _("As agreed, a fee of %(fee)s is kept.") % {"fee": writer.money(cancellation.fee)} if cancellation.fee else ""
    )
    if not notes:
        return [kept]
    sent = sum(refund.amount for note in notes for refund in note.refunds.all())
    left, credited = sum(map(available_credit, notes)), sum(note.gross for note in notes)
    said = {"credited": writer.money(credited), "sent": writer.money(sent), "left": writer.money(left)}
    if left > 0:
        by_hand = _("The organiser sends %(left)s back to you.") % said
        kept = f"{kept} {by_hand}".strip()
    if not sent:
        return [kept, _("Your invoice is lowered by %(credited)s. The credit note is attached.") % said]
    how = _(
        "We are sending %(sent)s back the way you paid; your bank may take up to ten days to show it."
        " The credit note over %(credited)s is attached."
    )
    return [kept, how % said]


def _who_still_comes(left: int) -> str:
    if not left:
        return _("The attached file takes it out of your calendar.")
    text = ngettext("%(left)d seat stays booked for you.", "%(left)d seats stay booked for you.", left)
    return text % {"left": left}


def _given_up(cancellation: Cancellation) -> Rows:
    registration = cancellation.registration
    seats = list(cancellation.seats.select_related("ticket_type"))
    writer = Writer(registration.language, cancellation.currency)
    back = cancellation.gross - cancellation.fee
    return filled(
        [
            (_("Given up"), tickets(seats, registration.language)),
            (_("Attendees"), names(seats)),
            (_("Price"), writer.money(cancellation.gross) if cancellation.gross else ""),
            (_("Fee kept"), writer.money(cancellation.fee) if cancellation.fee else ""),
            (_("Comes back"), writer.money(back) if cancellation.gross else ""),
        ]
    )
