"""The book of reminders: what was sent and what was not, those first that only a person can decide about."""

from __future__ import annotations

from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from wagtail_payments import ports
from wagtail_payments.actions import reminders_by_hand
from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.facts import Reader, Sheet, Verb
from wagtail_payments.admin.books.verbs import Said, verb_path
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places_of_books import book_url, verb_url
from wagtail_payments.records.reminders import Reminder, when

SEND = "send_reminder"
DOUBTFUL = Q(state="written", letter__state__in=["unknown", "failed"])


class ReminderFilterSet(WagtailFilterSet):
    """By state, reason and tone."""

    class Meta:
        model = Reminder
        fields = ["state", "reason", "tone", "by_hand"]


class ReminderBook(Book):
    """Reminders: those that perhaps never left come first."""

    model = Reminder
    base_url_path = "payments/reminders"
    menu_icon = "date"
    menu_item_name = "payments-reminders"
    default_ordering = ("urgency", "-pk")
    filters = ReminderFilterSet
    list_select_related = ("invoice__document", "invoice__customer", "letter")
    search_fields = ["invoice__document__number", "invoice__customer__name", "invoice__customer__email"]
    empty_text = _("No reminder yet. They go out by themselves, as planned under Settings, or by hand.")
    columns = [
        TitleColumn("invoice", label=_("Invoice"), get_url=book_url),
        Column("customer", label=_("Customer"), accessor=lambda row: str(row.invoice.customer), classname="wp-wide"),
        Column("days", label=_("When"), accessor=lambda row: _when(row), sort_key="days"),
        Column("planned_on", label=_("Planned for"), sort_key="planned_on", classname="wp-wide"),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="outcome",
            primary=lambda row: row.state == "written" and not row.is_doubtful,
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reminder]:
        """Return reminders with how much each needs a person."""
        urgency = Case(When(DOUBTFUL, then=Value(0)), default=Value(1))
        return super().get_queryset(request).annotate(urgency=urgency).defer("letter__text", "letter__html")

    def sheet(self, record: Reminder, reader: Reader) -> Sheet:
        """Return what the page of a reminder shows."""
        sheet = Sheet(f"{record.invoice.number} · {_when(record)}", warning=_warning(record))
        sheet.add(_("Invoice"), reader.invoice(record.invoice))
        sheet.add(_("Customer"), str(record.invoice.customer))
        sheet.add(_("Tone"), record.get_tone_display())
        sheet.add(_("Planned for"), record.planned_on)
        sheet.add(_("State"), record.outcome, tag=True)
        if record.letter is not None:
            sheet.add(_("Letter"), reader.record(record.letter))
            sheet.add(_("Sent"), record.letter.sent_at)
        sheet.add(_("By"), str(record.made_by or ""))
        if record.is_doubtful and allowed(reader.user, SEND):
            sheet.verbs += _decisions(record)
        return sheet

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        """Return the URLs of the book, and those of its buttons."""
        return (
            *super().get_admin_urls_for_registration(),
            verb_path(Reminder, self.base_url_path, "send", SEND, send),
            verb_path(Reminder, self.base_url_path, "arrived", SEND, arrived),
        )


def send(reminder: Reminder, request: HttpRequest) -> Said:
    """Send a reminder that perhaps never left."""
    if not reminders_by_hand.send_now(reminder=reminder, now=ports.now()):
        return Said(gettext("Nobody is in doubt about this reminder any more."), went_well=False)
    after = Reminder.objects.get(pk=reminder.pk)
    if after.state == "skipped":
        return Said(gettext("It was not sent: %(why)s.") % {"why": after.outcome}, went_well=False)
    return Said(gettext("The reminder is on its way."))


def arrived(reminder: Reminder, request: HttpRequest) -> Said:
    """Believe that a reminder that perhaps never left was sent."""
    if not reminders_by_hand.it_was_sent(reminder=reminder, by=request.user, now=ports.now()):
        return Said(gettext("Nobody is in doubt about this reminder any more."), went_well=False)
    return Said(gettext("Noted: it was sent."))


def _when(row: Reminder) -> str:
    return gettext("by hand") if row.days is None else when(row.days)


def _warning(reminder: Reminder) -> str:
    letter = reminder.letter
    if letter is None or not reminder.is_doubtful:
        return ""
    if letter.state == "failed":
        return gettext("This letter could not be sent. %(error)s") % {"error": letter.error}
    return gettext("This reminder perhaps never left, and is not sent again by itself. Please decide.")


def _decisions(reminder: Reminder) -> list[Verb]:
    send_now = Verb(
        _("Send it now"),
        verb_url(reminder, "send"),
        _("At worst it comes twice. What has been paid since is not reminded of."),
    )
    was_sent = Verb(
        _("It was sent"), verb_url(reminder, "arrived"), _("Nothing is sent. Choose this if the customer has it.")
    )
    return [send_now, was_sent] if reminder.letter and reminder.letter.state == "unknown" else [send_now]
