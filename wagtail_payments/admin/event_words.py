"""Events in the words of the admin: their days on their own clocks, their seats, how their sale stands."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wagtail_payments.admin.status_words import StatusTag
from wagtail_payments.core.tickets import Sale
from wagtail_payments.records.events import Event


def days_of(event: Event) -> str:
    """Return when it begins, and the last day where that is another one."""
    begins, ends = event.starts_at.astimezone(event.zone), event.ends_at.astimezone(event.zone)
    first = f"{date_format(begins, 'SHORT_DATE_FORMAT')} {date_format(begins, 'TIME_FORMAT')}"
    return first if begins.date() == ends.date() else f"{first} – {date_format(ends, 'SHORT_DATE_FORMAT')}"


def hours_of(event: Event) -> str:
    """Return from when until when, in full, with the zone of the clock."""
    begins, ends = event.starts_at.astimezone(event.zone), event.ends_at.astimezone(event.zone)
    last = date_format(ends, "TIME_FORMAT" if begins.date() == ends.date() else "DATETIME_FORMAT")
    return f"{date_format(begins, 'DATETIME_FORMAT')} – {last} ({event.time_zone.replace('_', ' ')})"


def free_words(event: Any) -> str:
    """Return how many seats are left, or how many too many were given; ``event`` was read ``with_sales``."""
    return left_words(event.capacity, event.taken)


def left_words(size: int | None, taken: int) -> str:
    """Return what is left of a number of seats in words."""
    if size is None:
        return _("no limit")
    over = taken - size
    return _("%(over)d over") % {"over": over} if over > 0 else str(-over)


def sale_tag(event: Event, sale: Sale, *, is_over: bool) -> StatusTag:
    """Return how selling stands, as a tag."""
    if is_over and not event.is_cancelled:
        return StatusTag(sale, pgettext("event", "Over"), "quiet")
    words = {
        Sale.OPEN: (_("On sale"), "done"),
        Sale.NOT_YET: (_("Not yet on sale"), "quiet"),
        Sale.CLOSED: (_("Registration closed"), "quiet"),
        Sale.SOLD_OUT: (_("Sold out"), "open"),
        Sale.CANCELLED: (pgettext("event", "Cancelled"), "late"),
    }
    label, tone = words[sale]
    return StatusTag(sale, label, tone)
