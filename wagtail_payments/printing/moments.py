"""How days and times of an event are written: always by the clock of the place where it is."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import dates
from django.utils.translation import gettext as _

from wagtail_payments.printing.amounts import Writer


class Clock:
    """Writes moments in a time zone and a language; whose clock it is, is said where it may be another's."""

    def __init__(self, time_zone: str, language: str, *, says_zone: bool = False) -> None:
        self.zone = ZoneInfo(time_zone)
        self.writer = Writer(language, "EUR")
        self.says_zone = says_zone

    def day(self, at: datetime) -> str:
        """Write a day with its weekday."""
        local = at.astimezone(self.zone)
        written = str(dates.format_date(local.date(), "full", locale=self.writer.locale))
        first_in_french = self.writer.locale.language == "fr" and local.day == 1
        return written.replace(" 1 ", " 1er ", 1) if first_in_french else written

    def time(self, at: datetime) -> str:
        """Write a time of day."""
        local = at.astimezone(self.zone)
        return str(dates.format_time(local.timetz(), "short", tzinfo=self.zone, locale=self.writer.locale))

    def moment(self, at: datetime) -> str:
        """Write a day and a time: "Friday 12 June 2026 at 09:30", with the zone where that may be asked."""
        said = _("%(day)s at %(time)s") % {"day": self.day(at), "time": self.time(at)}
        return f"{said} ({self.zone_words})" if self.says_zone else said

    def span(self, starts: datetime, ends: datetime) -> str:
        """Write from when until when; the day once where it is the same."""
        if starts.astimezone(self.zone).date() == ends.astimezone(self.zone).date():
            hours = self.time(starts) if starts == ends else f"{self.time(starts)} – {self.time(ends)}"
            said = f"{self.day(starts)}, {hours}"
        else:
            said = f"{self.day(starts)}, {self.time(starts)} – {self.day(ends)}, {self.time(ends)}"
        return f"{said} ({self.zone_words})" if self.says_zone else said

    @property
    def zone_words(self) -> str:
        """Whose clock it is, by its city."""
        city = dates.get_timezone_location(self.zone, locale=self.writer.locale, return_city=True)
        return _("%(city)s time") % {"city": city}
