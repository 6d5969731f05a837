"""How often something may be tried; counted in the database, so that it holds on many workers."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest

from wagtail_payments.portal import visitors
from wagtail_payments.records.deliveries import RateLimit
from wagtail_payments.records.links import Link

WINDOW = timedelta(hours=1)
PER_DOCUMENT = 10
PER_ADDRESS = 40
WRONG_CODES, WRONG_CODES_OF_ALL = 10, 200  # of one visitor; of all who come by the same proxy


def allows(request: HttpRequest, what: str, link: Link, now: datetime, *, most: int = PER_DOCUMENT) -> bool:
    """Count one more try of ``what`` on that document and from that address; may it go on?

    Addresses are kept as a hash, and no longer than the hour they count for.
    """
    here = _count(f"{what}:document:{link.public_id}", now) <= most
    return allows_address(request, what, now) and here


def allows_address(request: HttpRequest, what: str, now: datetime) -> bool:
    """Count one more try of ``what`` from that address alone, where there is no document yet; may it go on?

    An address that stands for many visitors, such as that of a proxy, is not held against them.
    """
    if visitors.is_shared(visitors.address(request)):
        return True
    return _count(_of_address(request, what), now) <= PER_ADDRESS


def count_wrong_code(request: HttpRequest, now: datetime) -> None:
    """Count one more discount code that did not work."""
    _count(_of_address(request, "code"), now)


def may_try_code(request: HttpRequest, now: datetime) -> bool:
    """May this address still try discount codes? Nothing is counted by asking."""
    most = WRONG_CODES_OF_ALL if visitors.is_shared(visitors.address(request)) else WRONG_CODES
    tried = RateLimit.objects.filter(key=_of_address(request, "code"), window=_window(now)).first()
    return tried is None or tried.count < most


def _of_address(request: HttpRequest, what: str) -> str:
    visitor = hashlib.sha256(visitors.address(request).encode()).hexdigest()[:32]
    return f"{what}:address:{visitor}"


def _window(now: datetime) -> int:
    return int(now.timestamp() // WINDOW.total_seconds())


def _count(key: str, now: datetime) -> int:
    window = _window(now)
    rows = RateLimit.objects.filter(key=key)
    if not rows.filter(window=window).update(count=F("count") + 1):
        rows.filter(window__lt=window).delete()
        _begin(key, window)
    # Gone already where a worker whose clock is ahead has begun the next hour.
    return rows.values_list("count", flat=True).filter(window=window).first() or 1


def _begin(key: str, window: int) -> None:
    try:
        with transaction.atomic():
            RateLimit.objects.create(key=key, window=window, count=1)
    except IntegrityError:  # another worker began the same window in the same moment
        RateLimit.objects.filter(key=key, window=window).update(count=F("count") + 1)
