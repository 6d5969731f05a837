"""What an editor should look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wagtail_payments.records.deliveries import Alert
from wagtail_payments.records.payments import Refund


def raise_once(*, kind: str, key: str, text: str, now: datetime, **about: Any) -> Alert:
    """Show ``text`` to the editors, once per ``kind`` and ``key`` however often it happens.

    ``about`` names the records: invoice, quote, registration, payment, refund, dispute, attempt, delivery.
    """
    alert, _ = Alert.objects.get_or_create(
        raised_once=f"{kind}:{key}"[:120],
        defaults={"kind": kind, "text": text[:500], "raised_at": now, **about},
    )
    return alert


def raise_again(*, kind: str, key: str, text: str, now: datetime, **about: Any) -> Alert:
    """Show ``text`` to the editors, also where the alert of that ``kind`` and ``key`` was settled before."""
    shown = {"kind": kind, "text": text[:500], "raised_at": now, "settled_at": None, **about}
    alert, _ = Alert.objects.update_or_create(raised_once=f"{kind}:{key}"[:120], defaults=shown)
    return alert


def settle_by_itself(*, kind: str, key: str, now: datetime) -> None:
    """Take an alert off the home page because what it told of has been dealt with."""
    Alert.objects.filter(raised_once=f"{kind}:{key}"[:120], settled_at=None).update(settled_at=now)


def settle(*, alert: Alert, now: datetime) -> None:
    """Take an alert off the home page; it stays in the records. Who settles it has looked at what it is about."""
    Alert.objects.filter(pk=alert.pk, settled_at=None).update(settled_at=now)
    if alert.refund_id is not None:
        Refund.objects.filter(pk=alert.refund_id, needs_a_look=True).update(needs_a_look=False)
