"""Comparing our books with what providers hold, and healing what no message ever told. Every run is bounded."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from wagtail_payments.actions import attempts, checkout, deliveries, disputes, refunds, reversals, sweeps, wiping
from wagtail_payments.actions.payments import Mismatch
from wagtail_payments.core import notices
from wagtail_payments.core.lifecycle import LIVE_ATTEMPT_STATES, OPEN_DISPUTE_STATES, AttemptState, RefundState
from wagtail_payments.core.notices import Progress
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import Gateway, GatewayRefused, GatewayUnavailable, UnknownGateway
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.deliveries import Heartbeat
from wagtail_payments.records.disputes import Dispute
from wagtail_payments.records.payments import Payment, Refund

logger = logging.getLogger(__name__)

HEARTBEAT = "reconcile"
# How often a try is asked for, by its age: often while a customer may be waiting, seldom while a bank is.
BANDS: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(hours=1), timedelta(minutes=2)),
    (timedelta(days=1), timedelta(minutes=30)),
    (timedelta(days=60), timedelta(hours=6)),
)
MOST_ATTEMPTS = 100
MOST_REFUNDS = 50
MOST_UNANSWERED = 3
# So long after the last time it was asked for, a refund that the provider does not list was never made.
NEVER_MADE = refunds.KEY_LIVES + timedelta(hours=4)
JUST_ASKED = timedelta(minutes=1)
# What a provider lists is looked through more seldom, and as far back as banks change their minds.
LISTED_EVERY = timedelta(minutes=15)
SESSIONS_BACK = timedelta(days=3)
REFUNDS_BACK = timedelta(days=30)
DISPUTES_BACK = timedelta(days=120)
MOST_DISPUTES = 50


@dataclass
class Report:
    """How reconciling went: how much was compared, put right, and still differs; how often nobody answered."""

    checked: int = 0
    healed: int = 0
    differences: int = 0
    unanswered: int = 0

    @property
    def may_go_on(self) -> bool:
        """Is it worth asking on? A provider that is down costs a time-out for each question."""
        return self.unanswered < MOST_UNANSWERED

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Note what a provider did not answer, or refused to; the next run asks again."""
        try:
            yield
        except UnknownGateway as error:
            logger.warning("The settings have no gateway %s (any more)", error)
            self.differences += 1
        except GatewayUnavailable as error:
            logger.warning("No answer while reconciling: %s", error)
            self.unanswered += 1
        except (GatewayRefused, Mismatch) as error:
            logger.warning("It does not fit: %s", error)
            self.differences += 1
        except Exception:  # one row that trips us must not keep the others from being compared
            logger.exception("Could not be compared")
            self.differences += 1


def run(*, now: datetime) -> Report:
    """Compare what is due to be compared; heal through the same verbs as messages do. Two at once do no harm."""
    report = Report()
    for attempt in _due_attempts(now):
        if report.may_go_on:
            with report.asking():
                _check_attempt(attempt, report, now)
    for refund in _due_refunds(now):
        if report.may_go_on:
            with report.asking():
                _check_refund(refund, report, now)
    for hostname, gateway in registry.everywhere():
        if report.may_go_on and _takes_turn(gateway.slug, hostname, now):
            with report.asking():
                _look_through(gateway, report, now)
    Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": now, "result": asdict(report)})
    return report


def _due_attempts(now: datetime) -> list[PaymentAttempt]:
    """Tries that may still bring money, and paid ones whose fee is not known; the longest unasked first."""
    open_ended = Q(state__in=LIVE_ATTEMPT_STATES) | Q(state=AttemptState.SUCCEEDED, payment__fee=None)
    rows = PaymentAttempt.objects.select_related("invoice", "site").filter(open_ended, _is_due(now))
    return list(rows.order_by(F("checked_at").asc(nulls_first=True), "pk")[:MOST_ATTEMPTS])


def _is_due(now: datetime) -> Q:
    due, younger = Q(), timedelta(0)
    for age, pause in BANDS:
        in_band = Q(created_at__gt=now - age, created_at__lte=now - younger)
        unasked = Q(checked_at=None, created_at__lte=now - JUST_ASKED) | Q(checked_at__lte=now - pause)
        due |= in_band & unasked
        younger = age
    return due


def _check_attempt(attempt: PaymentAttempt, report: Report, now: datetime) -> None:
    report.checked += 1
    attempts.note_asked(attempt, now)  # one that can't be asked at all goes to the end of the line too
    report.healed += _bring_up_to_date(attempt, now)


def _bring_up_to_date(attempt: PaymentAttempt, now: datetime) -> bool:
    """Did asking change anything? What is open for something else than is asked for now is ended."""
    before = _known(attempt)
    gateway = registry.get(attempt.gateway, attempt.site)
    attempt = attempts.look(gateway=gateway, attempt=attempt, now=now)
    if attempt.state == AttemptState.OPEN and checkout.is_outdated(attempt):
        attempt = checkout.withdraw(attempt=attempt, now=now)
    return _known(attempt) != before


def _known(attempt: PaymentAttempt) -> tuple[object, ...]:
    fee = Payment.objects.filter(attempt=attempt).values_list("fee", flat=True).first()
    return attempt.state, attempt.session_id, fee


def _due_refunds(now: datetime) -> list[Refund]:
    """Refunds of ours whose end we do not know, and whose key may be used no more or once again."""
    rows = Refund.objects.exclude(gateway=refunds.MANUAL)
    rows = rows.filter(state__in=refunds.UNANSWERED, requested_at__lte=now - JUST_ASKED)
    rows = rows.select_related("payment__attempt__site", "payment__seller")
    return sweeps.turn("refunds", rows, most=MOST_REFUNDS, now=now)


def _check_refund(refund: Refund, report: Report, now: datetime) -> None:
    """Ask again while the key lives, else look whether it was made."""
    report.checked += 1
    if now - refund.requested_at <= refunds.KEY_LIVES:
        report.healed += refunds.ask_gateway(refund_id=refund.pk, now=now).state != refund.state
        return
    attempt = refund.payment.attempt
    if attempt is None:
        return
    gateway = registry.get(refund.gateway, attempt.site)
    made = [state for state in gateway.read_refunds(refund.payment.payment_id or "") if _is_it(refund, state)]
    for state in made:
        _observe(refund.payment, state, report, now)
    if not made:
        report.differences += 1
        if now - refund.requested_at > NEVER_MADE:
            refunds.move(refund.pk, RefundState.FAILED, _("The provider knows nothing of it."), now)


def _is_it(refund: Refund, state: notices.RefundState) -> bool:
    return state.our_key == refund.idempotency_key or state.id == refund.refund_id


def _takes_turn(slug: str, hostname: str, now: datetime) -> bool:
    """Take the turn to look through a provider's lists, if it is time and nobody else has taken it."""
    name = f"{HEARTBEAT}:{hashlib.sha256(f'{slug}:{hostname}'.encode()).hexdigest()[:16]}"
    _beat, is_first = Heartbeat.objects.get_or_create(name=name, defaults={"at": now})
    late = Heartbeat.objects.filter(name=name, at__lte=now - LISTED_EVERY)
    return is_first or bool(late.update(at=now))


def _look_through(gateway: Gateway, report: Report, now: datetime) -> None:
    """What the provider lists as paid or refunded lately, and we may never have heard of."""
    for session in gateway.made_since(_back_to(gateway, now)):
        report.checked += 1
        _check_session(gateway, session, report, now)
    for payment_id, refund in gateway.refunds_since(now - REFUNDS_BACK):
        payments = Payment.objects.filter(gateway=gateway.slug, account=gateway.account, payment_id=payment_id)
        payment = payments.first() if payment_id else None
        if payment is not None:
            report.checked += 1
            _observe(payment, refund, report, now)
    for payment_id, dispute in gateway.disputes_since(now - DISPUTES_BACK):
        _check_dispute(gateway, payment_id, dispute, report, now)
    for old in sweeps.turn("disputes", _old_disputes(gateway, now), most=MOST_DISPUTES, now=now):
        for dispute in gateway.read_disputes(old.payment.payment_id or ""):
            _check_dispute(gateway, old.payment.payment_id or "", dispute, report, now)


def _old_disputes(gateway: Gateway, now: datetime) -> QuerySet[Dispute]:
    """Those that no list of lately opened ones holds any more, and no bank has decided."""
    rows = Dispute.objects.filter(gateway=gateway.slug, account=gateway.account, state__in=OPEN_DISPUTE_STATES)
    return rows.filter(opened_at__lt=now - DISPUTES_BACK).select_related("payment")


def _check_dispute(
    gateway: Gateway, payment_id: str, state: notices.DisputeState, report: Report, now: datetime
) -> None:
    payments = Payment.objects.filter(gateway=gateway.slug, account=gateway.account, payment_id=payment_id)
    payment = payments.select_related("attempt__invoice__seller").first() if payment_id else None
    if payment is None:
        return
    report.checked += 1
    if disputes.is_news(payment=payment, state=state):
        with report.asking():
            disputes.apply(payment=payment, state=state, now=now)
            report.healed += 1


def _back_to(gateway: Gateway, now: datetime) -> datetime:
    """Test money that was wiped would come back as money that nobody knows."""
    wiped = None if gateway.live else Heartbeat.objects.filter(name=wiping.WIPED).first()
    return max(now - SESSIONS_BACK, wiped.at) if wiped else now - SESSIONS_BACK


def _check_session(gateway: Gateway, state: notices.CheckoutState, report: Report, now: datetime) -> None:
    rows = PaymentAttempt.objects.select_related("invoice", "site").filter(gateway=gateway.slug)
    attempt = rows.filter(session_id=state.session_id).first()
    if attempt is None:
        _check_unknown(gateway, state, report, now)
    elif attempt.account == gateway.account and _is_behind(attempt, state):
        _check_attempt(attempt, report, now)


def _is_behind(attempt: PaymentAttempt, state: notices.CheckoutState) -> bool:
    """The provider says paid, and we have no payment."""
    return state.progress is Progress.SUCCEEDED and not Payment.objects.filter(attempt=attempt).exists()


def _check_unknown(gateway: Gateway, state: notices.CheckoutState, report: Report, now: datetime) -> None:
    """Money that bears a mark of ours: a try that still waits for its answer asks under its own key."""
    if not state.our_key:
        return
    waiting = PaymentAttempt.objects.select_related("invoice", "site").filter(gateway=gateway.slug, session_id=None)
    attempt = waiting.filter(idempotency_key=state.our_key).first()
    if attempt is not None:
        _check_attempt(attempt, report, now)
    if not PaymentAttempt.objects.filter(gateway=gateway.slug, session_id=state.session_id).exists():
        report.differences += 1
        deliveries.show_unknown_session(gateway=gateway.slug, session_id=state.session_id, now=now)


def _observe(payment: Payment, state: notices.RefundState, report: Report, now: datetime) -> None:
    known = Refund.objects.filter(payment=payment, refund_id=state.id).first()
    if known is not None and known.state == RefundState(state.progress.value):
        return
    before = known.state if known else ""
    after = reversals.observe(payment_id=payment.pk, state=state, now=now)
    if after.state != before:
        report.healed += 1
    else:
        report.differences += 1
