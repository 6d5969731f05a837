"""Money for seats that did not end as it should: sent back where there was no seat, invoiced where that had failed.

The alert that told the editors is the list of what is left to do; it goes away by itself when it is done.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports
from wagtail_payments.actions import alerts, payments, receipts, refunds, sweeps
from wagtail_payments.mail import letters
from wagtail_payments.mail.event_words import NoSeat, why_no_seat
from wagtail_payments.records.deliveries import Alert
from wagtail_payments.records.payments import Payment
from wagtail_payments.records.registrations import Registration

NO_SEAT = ("seat_lost", "unallocated")


def mend(*, now: datetime, most: int = 100) -> int:
    """Send back what found no seat or was paid twice, and invoice what could not be invoiced; return how many."""
    done = sweeps.sweep("not_invoiced", _payments("not_invoiced"), lambda row: _invoice(row, now), most=most, now=now)
    return done + sweeps.sweep("no_seat", _payments(*NO_SEAT), lambda row: _send_back(row, now), most=most, now=now)


def _payments(*kinds: str) -> QuerySet[Payment]:
    """For seats, with an alert of these kinds that is not settled."""
    alerted = Alert.objects.filter(kind__in=kinds, settled_at=None, payment=OuterRef("pk"))
    of_balance = Q(attempt__invoice__balance_of__isnull=False, attempt__payment_request=None)  # not one of several
    for_seats = Q(attempt__event__isnull=False) | of_balance
    rows = Payment.objects.filter(for_seats, Exists(alerted))
    return rows.select_related("seller", "attempt")


def _send_back(payment: Payment, now: datetime) -> bool:
    """Within a minute, whole; what goes wrong at the provider is shown like every refund that failed."""
    left, lost = payment.unallocated(), _lost(payment)
    if left > 0:
        with override(payment.seller.language):
            reason = _reason(lost, payment)
        # The provider knows keys by its account, which several installations may share: a row's number is no key.
        key = f"unseated:{payment.attempt.idempotency_key}" if payment.attempt else f"unseated:{payment.pk}"
        wish = refunds.Wish(left, by_hand=False, reason=reason, by=None, form_key=key)
        ports.failpoint("unseated.before_refund")
        refunds.refund_overpayment(payment=payment, wish=wish, now=now)
    if lost is not None:  # of a second payment for a seat that stands, the refund's own letters tell enough
        letters.seat_lost(registration=lost, payment=payment, now=now)
        letters.owner_seat_lost(registration=lost, payment=payment, now=now)
    for kind in NO_SEAT:
        alerts.settle_by_itself(kind=kind, key=str(payment.pk), now=now)
    return left > 0


def _lost(payment: Payment) -> Registration | None:
    """The registration that has no seat for this money; None where it has one, and was paid twice."""
    rows = Registration.objects.filter(invoice__attempts__payment=payment, invoice__document=None)
    found: Registration | None = rows.select_related("event__seller").first()
    return found


def _reason(lost: Registration | None, payment: Payment) -> str:
    if lost is None:
        of_seats = payment.attempt is not None and payment.attempt.event_id is not None
        return _("It was paid twice") if of_seats else _("Nothing was left to pay")
    match why_no_seat(lost):
        case NoSeat.CALLED_OFF:
            return _("The event is cancelled")
        case NoSeat.GIVEN_BACK:
            return _("The seats had been given back")
        case NoSeat.TAKEN:
            return _("No seat was left")


def _invoice(payment: Payment, now: datetime) -> bool:
    if not payments.complete(payment_id=payment.pk, now=now):
        return False
    receipts.tell_again(payment=payment, now=now)
    alerts.settle_by_itself(kind="not_invoiced", key=str(payment.pk), now=now)
    return True
