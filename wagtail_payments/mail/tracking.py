"""What the mail service reports about a letter, through django-anymail's one signal, whatever the service.

Openings and clicks are not looked at: nobody is watched here.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from anymail.signals import tracking
from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.mail import troubles
from wagtail_payments.records.letters import DeliveryReport, Letter

# In the order in which one replaces the other for the same recipient: reports come late and out of order.
RANKS: dict[str, int] = {
    event: rank
    for rank, event in enumerate(
        ("queued", "sent", "deferred", "delivered", "failed", "rejected", "bounced", "complained")
    )
}
TROUBLE = RANKS["failed"]


def connect() -> None:
    """Listen to django-anymail; called once, when the app is ready and ``anymail`` is installed."""
    tracking.connect(record, dispatch_uid="wagtail_payments.mail.tracking")


def record(sender: Any, event: Any, esp_name: str = "", **_others: Any) -> None:
    """Keep a report of the mail service, once however often it comes, and let the letter show what it means."""
    if event.event_type not in RANKS or not event.message_id:
        return
    letter = _letter_of(str(event.message_id))
    if letter is None:
        return
    with transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(tries=F("tries"))  # the lock: reports come in bursts
        if not _is_new(letter, event):
            return
        _keep(letter, event)
        Letter.objects.filter(pk=letter.pk).update(delivery=_summary(letter))
        if RANKS[event.event_type] >= TROUBLE:
            _tell(letter, event)


def _letter_of(message_id: str) -> Letter | None:
    bare = message_id.strip("<>")
    known = Q(provider_message_id=message_id) | Q(message_id=f"<{bare}>")
    return Letter.objects.filter(known).select_related("seller", "document").first()


def _is_new(letter: Letter, event: Any) -> bool:
    """Most services number their reports; the others are known by what they say."""
    if event.event_id:
        return not letter.reports.filter(event_id=str(event.event_id)[:200]).exists()
    same = {"event": event.event_type, "recipient": _recipient(event)}
    if event.timestamp:
        same["at"] = event.timestamp
    return not letter.reports.filter(**same).exists()


def _keep(letter: Letter, event: Any) -> None:
    report = DeliveryReport(
        letter=letter,
        event=event.event_type,
        recipient=_recipient(event),
        at=event.timestamp or ports.now(),
        detail=_detail(event)[:500],
        event_id=str(event.event_id or "")[:200],
    )
    report.save(force_insert=True)


def _recipient(event: Any) -> str:
    return str(event.recipient or "").lower()[:254]


def _detail(event: Any) -> str:
    said = (event.description, event.mta_response, event.reject_reason)
    return " ".join(str(part) for part in said if part).replace("\x00", "")


def _summary(letter: Letter) -> str:
    """The worst trouble of any recipient; without trouble, how far the slowest one is."""
    furthest: dict[str, int] = defaultdict(int)
    for event, recipient in letter.reports.values_list("event", "recipient"):
        furthest[recipient] = max(furthest[recipient], RANKS[event])
    troubled = [rank for rank in furthest.values() if rank >= TROUBLE]
    shown = max(troubled) if troubled else min(furthest.values())
    return next(event for event, rank in RANKS.items() if rank == shown)


def _tell(letter: Letter, event: Any) -> None:
    with translation.override(letter.seller.language):
        words = {
            "failed": _("the mail service could not send it."),
            "rejected": _("the mail service refused the address."),
            "bounced": _("the mail came back; check the address."),
            "complained": _("it was marked as spam."),
        }[event.event_type]
        troubles.tell_editors(letter, words, recipient=_recipient(event), now=ports.now())
