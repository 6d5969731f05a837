"""The book of letters: every e-mail we wrote, whether it left, and whether it arrived."""

from __future__ import annotations

from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from wagtail_payments import ports
from wagtail_payments.actions import journal
from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.columns import RecordColumn
from wagtail_payments.admin.books.facts import Cell, Reader, Section, Sheet, Verb
from wagtail_payments.admin.books.filters import between
from wagtail_payments.admin.books.verbs import Said, verb_path
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places_of_books import book_url, verb_url
from wagtail_payments.mail import codes, outbox
from wagtail_payments.records.letters import Letter, delivery_states

RESEND = "resend_letter"
ENDED = frozenset({"sent", "unknown", "failed"})


class LetterFilterSet(WagtailFilterSet):
    """By date, state, delivery and kind."""

    created = between("created_at", _("Written"))

    class Meta:
        model = Letter
        fields = ["state", "delivery", "kind"]


class LetterBook(Book):
    """E-mails: those that perhaps never left come first, since only a person can decide about them."""

    model = Letter
    base_url_path = "payments/letters"
    menu_icon = "mail"
    menu_item_name = "payments-letters"
    default_ordering = ("urgency", "-pk")
    filters = LetterFilterSet
    list_select_related = ("registration__event",)
    search_fields = ["subject", "customer__name", "document__number", "registration__name", "to"]
    empty_text = _("No letter yet. Invoices, receipts and all other e-mails appear here, with what became of each.")
    columns = [
        TitleColumn("subject", label=_("Subject"), get_url=book_url),
        Column("to", label=_("To"), accessor=lambda letter: ", ".join(letter.to)),
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
        RecordColumn("registration", label=_("Registration")),
        Column("created_at", label=_("Written"), sort_key="created_at"),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            sort_key="state",
            primary=lambda letter: letter.state == "sent",
        ),
        Column("delivery", label=_("Delivery"), accessor="get_delivery_display", sort_key="delivery"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        """Return letters with how much each needs a person: perhaps not sent, not sent, the rest."""
        urgency = Case(When(state="unknown", then=Value(0)), When(state="failed", then=Value(1)), default=Value(2))
        return super().get_queryset(request).annotate(urgency=urgency).defer("text", "html")

    def sheet(self, record: Letter, reader: Reader) -> Sheet:
        """Return what the page of a letter shows. Its link stands there as a placeholder, never as a token."""
        sheet = Sheet(record.subject, warning=_warning(record))
        sheet.add(_("To"), ", ".join(record.to))
        sheet.add(_("Copy to"), ", ".join(record.cc))
        sheet.add(_("Kind"), record.get_kind_display())
        sheet.add(_("State"), record.get_state_display(), tag=True)
        sheet.add(_("Delivery"), record.get_delivery_display(), tag=True)
        _add_journey(sheet, record, reader)
        sheet.sections += [_reports(record), Section(_("Message"), text=record.text)]
        if record.state in ENDED and not _sent_once(record) and allowed(reader.user, RESEND):
            sheet.verbs.append(_resend(record))
        return sheet

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        """Return the URLs of the book, and that of its button."""
        verb = verb_path(Letter, self.base_url_path, "resend", RESEND, send_again)
        return (*super().get_admin_urls_for_registration(), verb)


def send_again(letter: Letter, request: HttpRequest) -> Said:
    """Queue a letter again, and write it down in the history of its invoice or its registration."""
    now = ports.now()
    if why_not := _sent_once(letter):
        return Said(why_not, went_well=False)
    if not outbox.send_again(letter=letter, now=now):
        return Said(gettext("This letter is already waiting or being sent."), went_well=False)
    document = letter.document
    about = getattr(document, "invoice", None) or getattr(document, "quote", None) or letter.registration
    if about is not None:
        journal.note(about, "letter_resent", now=now, by=request.user, data={"to": letter.to, "kind": letter.kind})
    return Said(gettext("The letter is on its way again to %(to)s.") % {"to": ", ".join(letter.to)})


def _sent_once(letter: Letter) -> str:
    """Why a letter of that kind is not sent again, or nothing."""
    if letter.kind == "reminder":
        return gettext("A reminder is sent once. Decide under Reminders about one in doubt.")
    if letter.kind == codes.KIND:
        return gettext("A code works for a few minutes. Whoever wants to sign asks for a new one.")
    return ""


def _warning(letter: Letter) -> str:
    if letter.state == "unknown" and letter.kind == "reminder":
        return gettext("This reminder perhaps never left. Decide about it under Reminders.")
    if letter.state == "withdrawn":
        return gettext("Something came up before it left, such as a payment: it was not sent.")
    if letter.state == "unknown":
        return gettext("This letter perhaps never left. Ask the person, or send it again: at worst it comes twice.")
    if letter.state == "failed":
        return gettext("This letter could not be sent. %(error)s") % {"error": letter.error}
    return ""


def _add_journey(sheet: Sheet, letter: Letter, reader: Reader) -> None:
    document = letter.document
    if document is not None and hasattr(document, "invoice"):
        sheet.add(_("Invoice"), reader.invoice(document.invoice))
    elif document is not None:
        sheet.add(_("Document"), document.number)
    if letter.registration is not None:
        sheet.add(_("Registration"), reader.record(letter.registration))
    sheet.add(_("Customer"), str(letter.customer or ""))
    sheet.add(_("Enclosed"), ", ".join(paper.number for paper in letter.enclosed.all()))
    sheet.add(_("Written"), letter.created_at)
    sheet.add(_("Sent"), letter.sent_at)
    sheet.add(_("Tries"), letter.tries)
    sheet.add(_("What went wrong"), letter.error)
    sheet.add(_("Answers go to"), letter.reply_to)


def _reports(letter: Letter) -> Section:
    words = dict(delivery_states())
    rows = [
        [Cell(words.get(report.event, report.event)), Cell(report.recipient), Cell(report.at), Cell(report.detail)]
        for report in letter.reports.all()
    ]
    empty = _("No report. Reports come when the site sends its e-mail through a service that tells about delivery.")
    return Section(_("What the mail service told us"), (_("Event"), _("Recipient"), _("At"), _("Detail")), rows, empty)


def _resend(letter: Letter) -> Verb:
    explains = _("Sends the same e-mail once more, to %(to)s.") % {"to": ", ".join(letter.to)}
    return Verb(_("Send again"), verb_url(letter, "resend"), explains)
