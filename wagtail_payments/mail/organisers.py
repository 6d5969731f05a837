"""Letters to the organiser of an event: who has registered, and who paid when there was no seat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_payments.mail import writing
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.event_words import EventFacts, NoSeat, coming, filled, seat_rows, tickets, why_no_seat
from wagtail_payments.mail.placeholders import plain
from wagtail_payments.mail.registrants import notice_about
from wagtail_payments.mail.writing import Post, Words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.events import Event
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.payments import Payment
from wagtail_payments.records.registrations import Registration


def owner_registered(*, registrations: Sequence[Registration], event: Event, once: str, now: datetime) -> Letter | None:
    """Tell the organiser of one new registration, or of all of a day; ``once`` names the occasion."""
    standing = writing.already_written(once)
    if standing is not None or not registrations:
        return standing
    language = event.seller.language
    only = registrations[0] if len(registrations) == 1 else None
    with translation.override(language):
        facts = EventFacts(event, language)
        words = _of_one(only, facts) if only else _of_several(registrations, facts)
    return to_organiser(event, words, kind="owner_registered", once=once, registration=only, now=now)


def owner_seat_lost(*, registration: Registration, payment: Payment, now: datetime) -> Letter:
    """Tell the organiser that somebody paid when there was no seat, and that the money goes back; once."""
    event, once, why = registration.event, f"owner_seat_lost:{payment.pk}", why_no_seat(registration)
    language = event.seller.language
    with translation.override(language):
        facts = EventFacts(event, language)
        said = {
            "name": one_line(registration.name),
            "event": facts.name,
            "amount": Writer(language, payment.currency).money(payment.amount),
        }
        words = Words(
            subject=_lost_subject(why) % said,
            paragraphs=[
                plain(_why_lost(why) % said),
                plain(
                    _("%(amount)s goes back by itself, and %(name)s has been told. There is nothing you need to do.")
                    % said
                ),
            ],
            facts=[*facts.rows(), (_("E-mail"), registration.email), (_("Amount"), said["amount"])],
            notice=notice_about(registration),
        )
    return writing.already_written(once) or to_organiser(
        event, words, kind="owner_seat_lost", once=once, registration=registration, now=now
    )


def _lost_subject(why: NoSeat) -> str:
    if why is NoSeat.TAKEN:
        return _("%(name)s paid %(amount)s for %(event)s, but no seat was left")
    return _("%(name)s paid %(amount)s for %(event)s: it goes back")


def _why_lost(why: NoSeat) -> str:
    match why:
        case NoSeat.CALLED_OFF:
            return _("%(name)s paid for “%(event)s”, though it is cancelled.")
        case NoSeat.GIVEN_BACK:
            return _("%(name)s paid for “%(event)s” after giving the seats back.")
        case NoSeat.TAKEN:
            return _("%(name)s paid for “%(event)s” when the seats were gone.")


def _of_one(registration: Registration, facts: EventFacts) -> Words:
    said = {"name": one_line(registration.name), "event": facts.name}
    rows = [
        *facts.rows(),
        (_("Name"), said["name"]),
        (_("Organisation"), one_line(registration.organisation)),
        (_("E-mail"), registration.email),
        (_("Phone"), registration.phone),
        *seat_rows(coming(registration), facts.language),
        (_("Total"), _total(registration, facts)),
    ]
    return Words(
        subject=_("%(name)s has registered for %(event)s") % said,
        paragraphs=[plain(_("%(name)s has registered for “%(event)s”.") % said)],
        facts=filled(rows),
        notice=notice_about(registration),
    )


def _of_several(registrations: Sequence[Registration], facts: EventFacts) -> Words:
    number = len(registrations)
    paid = [registration for registration in registrations if not registration.is_free]
    said: dict[str, Any] = {"number": number, "event": facts.name}
    subject = ngettext(
        "%(number)d new registration for %(event)s", "%(number)d new registrations for %(event)s", number
    )
    text = ngettext(
        "There is %(number)d new registration for “%(event)s”:",
        "There are %(number)d new registrations for “%(event)s”:",
        number,
    )
    return Words(
        subject=subject % said,
        paragraphs=[plain(text % said)],
        facts=[_in_a_row(registration, facts) for registration in registrations],
        notice=notice_about(paid[0]) if paid else "",
    )


def _in_a_row(registration: Registration, facts: EventFacts) -> tuple[str, str]:
    parts = [tickets(coming(registration), facts.language), _total(registration, facts)]
    return one_line(registration.name), ", ".join(filter(None, parts))


def _total(registration: Registration, facts: EventFacts) -> str:
    if registration.is_free:
        return _("Free of charge")
    return Writer(facts.language, registration.currency).money(registration.gross)


def to_organiser(
    event: Event, words: Words, *, kind: str, once: str, registration: Registration | None, now: datetime
) -> Letter:
    """Write a letter to whoever organises an event; answers go to the registrant it is about."""
    invoice = registration.invoice if registration else None
    post = Post(
        kind=kind,
        seller=event.seller,
        language=event.seller.language,
        to=[event.contact],
        reply_to=registration.email if registration else "",
        customer=invoice.customer if invoice else None,
        registration=registration,
        once=once,
    )
    return writing.write(post, words, now=now)
