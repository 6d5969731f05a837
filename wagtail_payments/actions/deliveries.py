"""Messages of gateways: stored once, then taken as a hint to look. What counts is what the provider says when asked."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from wagtail_payments import ports
from wagtail_payments.actions import alerts, attempts, disputes
from wagtail_payments.actions.payments import Mismatch
from wagtail_payments.core.notices import Message, Progress
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import Gateway, GatewayError, GatewayUnavailable, MessageRefused
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.deliveries import WebhookDelivery
from wagtail_payments.records.fields import Mode

logger = logging.getLogger(__name__)

WAITING = ("new", "failed")
LEASE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=6)
MOST_TRIES = 20
PAID_STATES = (Progress.SUCCEEDED, Progress.PROCESSING)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a message: done, ignored or refused, and why."""

    state: str
    text: str = ""


def store(*, message: Message, body: str, hostname: str, now: datetime) -> WebhookDelivery:
    """Keep a verified message before anything is made of it; the same one again is only counted."""
    identity = {"gateway": message.gateway, "account": message.account, "message_id": message.id}
    rows = WebhookDelivery.objects.filter(**identity)
    if rows.update(copies=F("copies") + 1):
        return rows.get()
    try:
        with transaction.atomic():
            return WebhookDelivery.objects.create(
                **identity,
                type=message.type,
                hostname=hostname,
                live=message.live,
                session_id=message.session_id,
                payment_id=message.payment_id,
                body=body,
                sent_at=message.created_at,
                received_at=now,
            )
    except IntegrityError:  # a copy came in at the same moment
        rows.update(copies=F("copies") + 1)
        return rows.get()


def process(*, delivery_id: int, now: datetime, hurried: bool = False) -> WebhookDelivery:
    """Make of a stored message what is to be made of it, once; call it outside any transaction.

    A provider that does not answer leaves it waiting, with longer and longer pauses. ``hurried`` waits only
    as long as whoever sent the message would.
    """
    delivery = _leased(delivery_id, now)
    if delivery is None:
        return WebhookDelivery.objects.get(pk=delivery_id)
    try:
        outcome = _outcome(delivery, now, hurried)
    except Mismatch as problem:
        outcome = _Outcome("refused", str(problem))
    except GatewayUnavailable as error:
        return _later(delivery, "new", str(error), now)
    except GatewayError as error:
        return _later(delivery, "failed", str(error), now)
    except Exception as error:  # a message must never be lost to a fault of ours: it stays, and is tried again
        logger.exception("Delivery %s failed", delivery.pk)
        return _later(delivery, "failed", type(error).__name__, now)
    return _ended(delivery, outcome, now)


def process_due(*, now: datetime, limit: int = 50) -> int:
    """Process what is waiting, oldest first; return how many were brought to an end.

    Stops as soon as a provider does not answer: the others would wait for it too.
    """
    ready = Q(leased_until=None) | Q(leased_until__lte=now)
    waiting = WebhookDelivery.objects.filter(ready, state__in=WAITING, tries__lt=MOST_TRIES)
    ended = 0
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)[:limit]):
        delivery = process(delivery_id=pk, now=now)
        if delivery.state == "new":
            break
        ended += delivery.state not in WAITING
    return ended


def process_again(*, delivery_id: int, now: datetime) -> WebhookDelivery:
    """Process a message once more, whatever became of it, because a person says so."""
    WebhookDelivery.objects.filter(pk=delivery_id).update(state="new", leased_until=None)
    return process(delivery_id=delivery_id, now=now)


def _leased(delivery_id: int, now: datetime) -> WebhookDelivery | None:
    """The message, if nobody else is at it and it is not ended."""
    ready = Q(leased_until=None) | Q(leased_until__lte=now)
    mine = WebhookDelivery.objects.filter(ready, pk=delivery_id, state__in=WAITING)
    if not mine.update(leased_until=now + LEASE, tries=F("tries") + 1):
        return None
    ports.failpoint("delivery.leased")
    return WebhookDelivery.objects.get(pk=delivery_id)


def _later(delivery: WebhookDelivery, state: str, why: str, now: datetime) -> WebhookDelivery:
    wait = min(timedelta(minutes=2 ** min(delivery.tries, 10)), LONGEST_WAIT)
    delivery.state, delivery.outcome, delivery.leased_until = state, why[:500], now + wait
    delivery.save(update_fields=["state", "outcome", "leased_until"])
    return delivery


def _ended(delivery: WebhookDelivery, outcome: _Outcome, now: datetime) -> WebhookDelivery:
    delivery.state, delivery.outcome = outcome.state, outcome.text[:500]
    delivery.leased_until, delivery.processed_at = None, now
    delivery.save(update_fields=["state", "outcome", "leased_until", "processed_at"])
    return delivery


def _outcome(delivery: WebhookDelivery, now: datetime, hurried: bool) -> _Outcome:
    gateway = registry.of_hostname(delivery.gateway, delivery.hostname, hurried=hurried)
    try:
        message = gateway.reread(delivery.body)
    except MessageRefused as error:
        return _Outcome("ignored", error.reason)
    if not message.session_id and not message.payment_id:
        return _Outcome("ignored", gettext_noop("This kind of message changes nothing here."))
    attempt = _attempt_of(gateway, message)
    if attempt is None:
        return _foreign(delivery, message, gateway, now)
    return _applied(delivery, message, attempt, now, hurried)


def _attempt_of(gateway: Gateway, message: Message) -> PaymentAttempt | None:
    """The try a message is about, by ids that we stored or that the provider tells: never by its metadata."""
    rows = PaymentAttempt.objects.select_related("invoice", "site").filter(gateway=message.gateway)
    if message.session_id:
        return rows.filter(session_id=message.session_id).first()
    known = rows.filter(payment__payment_id=message.payment_id).first()
    if known is not None:
        return known
    session_id = gateway.session_of(message.payment_id)
    return rows.filter(session_id=session_id).first() if session_id else None


def _applied(
    delivery: WebhookDelivery, message: Message, attempt: PaymentAttempt, now: datetime, hurried: bool
) -> _Outcome:
    differing = _differing(attempt, message)
    if differing:
        attempts.show_mismatch(attempt=attempt, what=differing, now=now, delivery=delivery)
        return _Outcome("refused", differing)
    gateway = registry.get(attempt.gateway, attempt.site, hurried=hurried)
    state = gateway.read(attempt.session_id or "")
    ports.failpoint("delivery.read_back")
    attempts.apply(attempt=attempt, state=state, now=now, delivery=delivery)
    if message.dispute_id:
        disputes.look(gateway=gateway, attempt=attempt, now=now)
    return _Outcome("done")


def _differing(attempt: PaymentAttempt, message: Message) -> str:
    """Where a genuine message does not fit our own row, in words for the editor; empty where it fits."""
    pairs: dict[str, tuple[object, object]] = {
        "account": (attempt.account, message.account),
        "mode": (attempt.mode, Mode.LIVE.value if message.live else Mode.TEST.value),
    }
    if message.amount is not None:
        pairs["amount"] = (attempt.amount, message.amount)
        pairs["currency"] = (attempt.currency, message.currency)
    if message.our_key:
        pairs["key"] = (attempt.idempotency_key, message.our_key)
    return "; ".join(f"{name}: {ours} ≠ {theirs}" for name, (ours, theirs) in pairs.items() if ours != theirs)


def _foreign(delivery: WebhookDelivery, message: Message, gateway: Gateway, now: datetime) -> _Outcome:
    """A session that we do not know: another shop's, one whose id was lost on its way to us, or a forgery."""
    if not message.our_key:
        return _Outcome("ignored", gettext_noop("This payment did not start here."))
    attempt = _found_by_its_key(message, now)
    if attempt is not None and attempt.session_id == message.session_id:
        return _Outcome("done")
    if gateway.read(message.session_id).progress in PAID_STATES:
        show_unknown_session(gateway=gateway.slug, session_id=message.session_id, now=now, delivery=delivery)
    return _Outcome("ignored", gettext_noop("It bears a mark of ours, but it is no payment that we started."))


def _found_by_its_key(message: Message, now: datetime) -> PaymentAttempt | None:
    """A try that still waits for its answer asks again under its own key: the provider tells which session is its."""
    rows = PaymentAttempt.objects.select_related("invoice", "site").filter(gateway=message.gateway)
    attempt = rows.filter(idempotency_key=message.our_key, session_id=None).first()
    if attempt is None or attempt.account != message.account:
        return None
    return attempts.look(gateway=registry.get(attempt.gateway, attempt.site), attempt=attempt, now=now)


def show_unknown_session(
    *, gateway: str, session_id: str, now: datetime, delivery: WebhookDelivery | None = None
) -> None:
    """Tell the editors of money that claims to be for us and is for nothing we know."""
    text = _("At %(gateway)s somebody paid %(session)s, which bears a mark of ours but did not start here. Look there.")
    said = text % {"gateway": gateway.capitalize(), "session": session_id}
    alerts.raise_once(kind="unknown_session", key=session_id, text=said, now=now, delivery=delivery)
