"""A date with its time as the clock on the wall shows it, in a time zone of the form's own choice."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput

UTC = ZoneInfo("UTC")


class MomentField(forms.DateTimeField):
    """Reads and shows moments on the clock of ``zone``, whatever time zone the person who types is in.

    A time that the clock skips, or shows twice, when summer time begins or ends is refused.
    """

    widget = AdminDateTimeInput
    zone: tzinfo = UTC
    default_error_messages = {
        "clock": _("The clock is changed at that moment: this time does not exist, or twice. Choose another one."),
    }

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment in UTC's own terms, aware; raises ``ValidationError``."""
        with timezone.override(UTC):
            read = super().to_python(value)
        if read is None or (isinstance(value, datetime) and timezone.is_aware(value)):
            return read
        wall = read.replace(tzinfo=None)
        moment = wall.replace(tzinfo=self.zone)
        if moment.utcoffset() != moment.replace(fold=1).utcoffset():
            raise ValidationError(self.error_messages["clock"], code="clock")
        return moment.astimezone(UTC)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored moment on the clock of the zone; what a person typed stays as typed."""
        if isinstance(value, datetime) and timezone.is_aware(value):
            return value.astimezone(self.zone).replace(tzinfo=None)
        return value


def zone_of(name: str) -> ZoneInfo | None:
    """Return a time zone, or None for a name that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


class OnTheClock(forms.Form):
    """A form that gives its moments the zone they are typed in."""

    def set_clock(self, zone: tzinfo | None) -> None:
        """Let every moment of the form be read and shown in that zone."""
        for field in self.fields.values():
            if isinstance(field, MomentField):
                field.zone = zone or UTC
