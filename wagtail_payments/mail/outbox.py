"""Delivering letters: each is claimed before it is sent, so that a crash leaves a trace and no two workers send it.

Most letters arrive at least once, always under the same Message-ID. A letter marked ``at_most_once`` is never
sent again when its fate is not known: it becomes "perhaps not sent", for an editor to decide.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django_tasks import task

from wagtail_payments import ports
from wagtail_payments.mail import envelopes, failures, troubles
from wagtail_payments.mail.failures import Failure
from wagtail_payments.records.documents import Rendition
from wagtail_payments.records.letters import Letter

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # longer than any mail server takes
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
MOST_TRIES = len(PAUSES) + 1

# May a letter still leave? Asked under the locks of what it is about, in the transaction that claims it.
Claim = Callable[[], bool]
Guard = Callable[[int, Claim, datetime], bool]
_guards: dict[str, Guard] = {}

_waits: ContextVar[bool] = ContextVar("wagtail_payments_letters_wait", default=False)


@contextmanager
def left_to_the_clockwork() -> Iterator[None]:
    """Send nothing of what is written meanwhile: a webhook answers at once, the clockwork delivers within a minute."""
    token = _waits.set(True)
    try:
        yield
    finally:
        _waits.reset(token)


def guard(kind: str, asks: Guard) -> None:
    """Have letters of a kind asked about before each try to send them.

    ``asks`` gets the letter's key, the claim and the time. In one transaction it locks what it asks about, and either
    claims the letter and returns whether that worked, or puts it aside and returns False.
    """
    _guards[kind] = asks


def enqueue(letter: Letter) -> None:
    """Have a letter delivered once the transaction has committed; whatever fails there is left to the sweep."""
    if _waits.get():
        return
    letter_id = letter.pk
    transaction.on_commit(lambda: _hand_over(letter_id), robust=True)


def _hand_over(letter_id: int) -> None:
    deliver_letter.enqueue(letter_id)


@task()  # type: ignore[untyped-decorator]
def deliver_letter(letter_id: int) -> None:
    """Deliver one letter, on whatever task backend the host has chosen."""
    deliver(letter_id=letter_id, now=ports.now())


def deliver_due(*, now: datetime, limit: int = 100) -> int:
    """Deliver what is due, oldest first; return how many letters left."""
    _give_up_lost(now)
    due = _deliverable(now).order_by("due_at", "pk").values_list("pk", flat=True)[:limit]
    return sum(deliver(letter_id=letter_id, now=now) for letter_id in list(due))


def send_again(*, letter: Letter, now: datetime) -> bool:
    """Queue a letter again that was sent, failed or perhaps not sent; an editor asked for it.

    It gets a new Message-ID, else mail programs would hide it as a double. Returns whether it was queued:
    one that waits or is being sent already is left alone.
    """
    fresh: dict[str, Any] = {"state": "queued", "tries": 0, "due_at": now, "leased_until": None, "error": ""}
    ended = Letter.objects.filter(pk=letter.pk, state__in=["sent", "unknown", "failed"])
    queued = ended.update(**fresh, message_id=envelopes.new_message_id(), provider_message_id="", delivery="")
    if queued:
        enqueue(letter)
    return bool(queued)


def _deliverable(now: datetime) -> QuerySet[Letter]:
    """What may be claimed now. Nothing is sent before the papers it encloses stand."""
    due = Q(state="queued", due_at__lte=now)
    left_behind = Q(state="sending", leased_until__lte=now, at_most_once=False)
    drawn = Rendition.objects.filter(document=OuterRef("issueddocument"), revision=OuterRef("issueddocument__revision"))
    undrawn = Letter.enclosed.through.objects.filter(~Exists(drawn), letter=OuterRef("pk"))
    return Letter.objects.filter(due | left_behind).filter(~Exists(undrawn))


def deliver(*, letter_id: int, now: datetime) -> bool:
    """Try to deliver a letter if it is due and its papers are drawn; return whether it left.

    Never raises for a mail server that fails. Must not run inside a transaction.
    """
    if not (_claimed(letter_id, now) or _claimed_guarded(letter_id, now)):
        return False
    letter = Letter.objects.select_related("seller", "link__site", "document").get(pk=letter_id)
    ports.failpoint("letter.claimed")
    message = _message(letter, now)
    return message is not None and _send(letter, message, now)


def _claimed(letter_id: int, now: datetime) -> bool:
    """Claim a letter that nobody need be asked about; the claim is on record before anything leaves."""
    with transaction.atomic(durable=True):
        return _claim(_deliverable(now).filter(pk=letter_id).exclude(kind__in=_guards), now)


def _claimed_guarded(letter_id: int, now: datetime) -> bool:
    due = _deliverable(now).filter(pk=letter_id)
    kind = due.filter(kind__in=_guards).values_list("kind", flat=True).first()
    return kind is not None and _guards[kind](letter_id, lambda: _claim(due, now), now)


def _claim(letters: QuerySet[Letter], now: datetime) -> bool:
    claim = {"state": "sending", "leased_until": now + LEASE, "tries": F("tries") + 1}
    return bool(letters.update(**claim))


def _message(letter: Letter, now: datetime) -> EmailMultiAlternatives | None:
    try:
        return envelopes.message_of(letter)
    except Exception as error:
        logger.warning("Letter %s could not be put together", letter.pk, exc_info=error)
        with translation.override(letter.seller.language):
            _failed(letter, failures.before_sending(error), now)
        return None


def _send(letter: Letter, message: EmailMultiAlternatives, now: datetime) -> bool:
    ports.failpoint("letter.before_send")
    try:
        ports.send(message)
    except Exception as error:  # mail backends raise whatever their service's library raises
        logger.warning("Letter %s could not be sent", letter.pk, exc_info=error)
        with translation.override(letter.seller.language):
            _failed(letter, failures.while_sending(error), now)
        return False
    ports.failpoint("letter.after_send")
    given = {"state": "sent", "sent_at": now, "leased_until": None, "error": ""}
    Letter.objects.filter(pk=letter.pk).update(**given, provider_message_id=_provider_id(message))
    return True


def _provider_id(message: EmailMultiAlternatives) -> str:
    """The mail service's own id of the message, which django-anymail leaves on it."""
    status = getattr(message, "anymail_status", None)
    given = getattr(status, "message_id", None)
    return given[:200] if isinstance(given, str) else ""


def _failed(letter: Letter, failure: Failure, now: datetime) -> None:
    """Keep what went wrong: another try later, the end, or (at most once) a doubt for an editor."""
    if letter.at_most_once and not failure.surely_not_sent:
        _end(letter, "unknown", failure.words, now)
    elif failure.for_good or letter.tries >= MOST_TRIES:
        _end(letter, "failed", failure.words, now)
    else:
        later = {"state": "queued", "leased_until": None, "due_at": now + PAUSES[letter.tries - 1]}
        _ours(letter).update(**later, error=failure.words[:500])


def _end(letter: Letter, state: str, words: str, now: datetime) -> None:
    if _ours(letter).update(state=state, leased_until=None, error=words[:500]):
        troubles.tell_editors(letter, words, now=now)


def _ours(letter: Letter) -> QuerySet[Letter]:
    """The row as long as nobody else has claimed it since."""
    return Letter.objects.filter(pk=letter.pk, state="sending", tries=letter.tries)


def _give_up_lost(now: datetime) -> None:
    """Whoever was sending these has died: nobody knows whether they left, and they must not leave twice."""
    lost = Letter.objects.filter(state="sending", leased_until__lte=now, at_most_once=True)
    for letter in lost.select_related("seller"):
        with translation.override(letter.seller.language):
            _end(letter, "unknown", _("Sending was interrupted: perhaps it left, perhaps not."), now)
