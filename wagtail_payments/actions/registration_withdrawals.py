"""A consumer leaves a registration within the time the law gives: the seats are free, and the whole price comes back.

The seats and the money follow the one path of cancellations, which credits and refunds exactly once.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments import ports, signals
from wagtail_payments.actions import alerts, cancellations, journal, withdrawals
from wagtail_payments.actions.signing import Trace
from wagtail_payments.actions.withdrawals import Right, WithdrawalRefused
from wagtail_payments.core.lifecycle import SeatState
from wagtail_payments.mail import withdrawals as letters
from wagtail_payments.mail.addresses import checked
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.events import Event
from wagtail_payments.records.exemptions import exemption_reasons
from wagtail_payments.records.guards import lock
from wagtail_payments.records.registrations import Cancellation, Registration
from wagtail_payments.records.withdrawals import Withdrawal


def right_to(*, registration: Registration, now: datetime) -> Right | None:
    """Return the right to withdraw, in the active language; None where the law gives none to begin with.

    It gives one to private persons who pay, from the moment it is confirmed: C. conso. L221-18.
    """
    if not registration.is_of_consumer or registration.confirmed_at is None:
        return None
    last, event = registration.last_day_to_withdraw, registration.event
    if registration.no_withdrawal:
        return Right(last, str(exemption_reasons()[registration.no_withdrawal]))
    early = registration.right_ends_early
    in_time = event.seller.today(now) <= last and not (early and event.starts_at <= now)
    return Right(last, is_open=in_time and not event.is_cancelled, ends_early=early)


def statement_of(*, registration: Registration, name: str) -> str:
    """Return the statement that is shown, confirmed and kept, in the language of the registration."""
    language, event = registration.language, registration.event
    agreed_on = event.seller.today(registration.confirmed_at or registration.created_at)
    with translation.override(language):
        said = {
            "name": " ".join(name.split()),
            "event": " ".join(event.said("name", language).split()),
            "seller": event.seller.name,
            "day": Writer(language, registration.currency).date(agreed_on.isoformat()),
        }
        return (
            _(
                "I, %(name)s, withdraw from the contract with %(seller)s that was made by registering for "
                "“%(event)s” on %(day)s."
            )
            % said
        )


def standing_of(*, registration: Registration) -> Withdrawal | None:
    """Return the withdrawal from a registration, if there is one."""
    found: Withdrawal | None = Withdrawal.objects.filter(cancellation__registration=registration).first()
    return found


def withdraw(*, registration: Registration, name: str, email: str, now: datetime, trace: Trace) -> Withdrawal:
    """Keep the withdrawal, acknowledge it at once, give the seats up and pay back; pressing twice is doing it once.

    Raises ``WithdrawalRefused``, or ``AddressRefused`` for an address that is none.
    """
    address = checked(email)
    with transaction.atomic(durable=True):
        (event,) = lock(Event, registration.event_id)
        made = standing_of(registration=registration)
        if made is None:
            fresh = Registration.objects.select_related("invoice").get(pk=registration.pk)
            fresh.event = event
            made = _left(fresh, name, address, now, trace)
        ports.failpoint("withdraw.before_commit")
    assert made.cancellation_id is not None  # noqa: S101 - by the constraint: it is of no quote
    cancellations.settle(cancellation_id=made.cancellation_id, now=now)
    return made


def _left(registration: Registration, name: str, email: str, now: datetime, trace: Trace) -> Withdrawal:
    _refuse(registration, now)
    statement = statement_of(registration=registration, name=name)
    made = withdrawals.declared(statement=statement, name=name, email=email, now=now, trace=trace)
    made.cancellation = _cancelled(registration, now)
    made.save(force_insert=True)
    letters.registration_withdrawn(registration=registration, withdrawal=made, now=now)
    letters.owner_registration_withdrawn(registration=registration, withdrawal=made, now=now)
    _alert(registration, now)
    journal.note(registration, "registration_withdrawn", now=now, data={"name": made.name})
    told = {"registration": registration, "withdrawal": made}
    signals.send_on_commit(signals.registration_withdrawn, Registration, **told)
    return made


def _cancelled(registration: Registration, now: datetime) -> Cancellation:
    """All of its seats: the key of the cancellation keeps a second withdrawal out, whatever happens to the lock."""
    language = registration.language
    with translation.override(language):
        reason = _("Withdrawal: %(event)s") % {"event": registration.event.said("name", language)}
    seats = registration.seats.filter(state=SeatState.CONFIRMED).values_list("pk", flat=True)
    return cancellations.cancel_locked(
        event=registration.event,
        registration=registration,
        seat_ids=list(seats),
        back=None,
        by_organiser=False,
        withdraws=True,
        reason=reason,
        by=None,
        now=now,
        form_key=f"withdrawal:{registration.public_id}",
    )


def _refuse(registration: Registration, now: datetime) -> None:
    right = right_to(registration=registration, now=now)
    if right is None:
        raise WithdrawalRefused(_("This is no contract that can be left this way. Write to the organiser."))
    if right.reason:
        raise WithdrawalRefused(right.reason)
    if not right.is_open:
        raise WithdrawalRefused(_("The time to withdraw is over. Write to the organiser."))
    if not registration.seats.filter(state=SeatState.CONFIRMED).exists():
        raise WithdrawalRefused(_("No seat is left to withdraw from: it was cancelled before."))


def _alert(registration: Registration, now: datetime) -> None:
    with translation.override(registration.event.seller.language):
        text = _(
            "%(name)s has withdrawn from %(event)s, as the law allows. The seats are free, and what was paid online "
            "goes back by itself."
        ) % {"name": registration.name[:100], "event": registration.event}
    key = f"registration:{registration.pk}"
    alerts.raise_once(kind="withdrawal", key=key, text=text, now=now, registration=registration)
