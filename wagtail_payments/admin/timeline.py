"""What happened to an invoice or a registration, newest first: the log, openings of its link, letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from wagtail.admin.utils import get_user_display_name
from wagtail.log_actions import registry

from wagtail_payments.admin.invoice_money import payments_about
from wagtail_payments.admin.log_words import PREFIX, known_action, sentence_of, wagtail_sentence
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import DeliveryReport, Letter, delivery_states, letter_kinds
from wagtail_payments.records.links import Opening
from wagtail_payments.records.registrations import Registration
from wagtail_payments.records.reminders import Reminder, when

# A letter tells more than the log entry about its sending.
TOLD_BY_LETTERS = frozenset({f"{PREFIX}send", f"{PREFIX}send_test"})
# Reports that are bad news stand out.
BAD_NEWS = frozenset({"bounced", "rejected", "failed", "complained"})
BAD_ACTIONS = frozenset({"payment_failed", "refund_failed", "disputed", "debit_returned"})
MOST_EACH = 100


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: when, what, by whom, and how it looks."""

    at: datetime
    text: str
    icon: str
    by: str = ""
    is_bad: bool = False


def timeline(invoice: Invoice) -> list[Moment]:
    """Return the moments of an invoice, newest first; a fixed number of queries however many there are.

    What happened at the same moment stays in this order: a letter is written after what it tells of.
    """
    moments: list[Moment] = []
    if invoice.document_id is not None:
        moments += [
            *lettered(letters_about(invoice)),
            *opened(Opening.objects.filter(link__document=invoice.document_id)),
        ]
    moments += [*unsent_reminders(invoice), *logged(invoice)]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def unsent_reminders(invoice: Invoice) -> Iterator[Moment]:
    """Yield the reminders that were not sent, and why; those that were have a letter."""
    for row in invoice.reminders.filter(state="skipped").order_by("-pk")[:MOST_EACH]:
        said = {"when": when(row.days) if row.days is not None else _("by hand"), "why": row.outcome}
        yield Moment(row.made_at, _("Reminder %(when)s not sent: %(why)s") % said, "date")


def letters_about(invoice: Invoice) -> QuerySet[Letter]:
    """Return the letters about an issued invoice, its credit notes, and receipts for its money; newest first."""
    paid = payments_about(invoice).values("pk")
    about = (
        Q(document=invoice.document_id)
        | Q(document__credit_note__invoice=invoice)
        | Q(document__receipt__payment__in=paid)
        | Q(document__receipt__refund__payment__in=paid)
    )
    reminded = Reminder.objects.filter(invoice=invoice, letter__isnull=False).values("letter")
    return Letter.objects.filter(about | Q(pk__in=reminded)).order_by("-pk")


ICONS = {
    "issue": "check",
    "record_payment": "download",
    "payment": "download",
    "payment_failed": "warning",
    "promise": "calendar-alt",
    "promise_withdrawn": "calendar-alt",
    "promise_broken": "warning",
    "credit": "minus",
    "refund": "rotate",
    "refund_done": "rotate",
    "refund_failed": "warning",
    "disputed": "warning",
    "debit_returned": "warning",
    "dispute_won": "check",
    "write_off": "cross",
    "recover": "rotate",
    "credit_used": "minus",
    "credit_carried": "minus",
    "money_used": "download",
    "correct": "copy",
    "correction": "edit",
    "revise": "edit",
    "link_renewed": "link",
    "link_revoked": "link",
    "duplicate": "copy",
    "deposit": "doc-full",
    "quote_billed": "doc-full",
    "deposit_decided": "edit",
    "deposit_taken": "doc-full",
    "deposit_let_go": "cross",
    "proforma": "doc-empty",
    "letter_resent": "mail",
    "muted": "cross",
    "unmuted": "check",
    "reminder_arrived": "check",
    "confirmed": "check",
    "balance_asked": "doc-full",
    "seat_lost": "warning",
    "registration_cancelled": "cross",
    "registration_withdrawn": "undo",
    "event_cancelled": "cross",
    "event_changed": "mail",
    "event_message": "mail",
}


def timeline_of_registration(registration: Registration) -> list[Moment]:
    """Return the moments of a registration, newest first; its money has its own on the invoice."""
    openings = Opening.objects.filter(link__registration=registration)
    moments = [*lettered(registration.letters.order_by("-pk")), *opened(openings), *logged(registration)]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def logged(instance: Model) -> Iterator[Moment]:
    """Yield what the log knows of a record."""
    entries = registry.get_logs_for_instance(instance).select_related("user").order_by("-timestamp", "-pk")[:MOST_EACH]
    for entry in entries:
        if entry.action in TOLD_BY_LETTERS:
            continue
        ours = known_action(entry.action)
        name = entry.action.removeprefix(PREFIX)
        yield Moment(
            at=entry.timestamp,
            text=sentence_of(entry.action, entry.data or {})
            if ours
            else wagtail_sentence(entry.action, str(instance._meta.model_name)),
            icon=ICONS.get(name, "edit"),
            by=_person(entry.user),
            is_bad=name in BAD_ACTIONS,
        )


def _person(user: Any) -> str:
    return get_user_display_name(user) if user is not None else ""


def opened(openings: QuerySet[Opening]) -> Iterator[Moment]:
    """Yield the openings of a link."""
    for opening in openings.order_by("-at")[:MOST_EACH]:
        yield Moment(at=opening.at, text=_("The customer opened the link"), icon="view")


def lettered(letters: QuerySet[Letter]) -> Iterator[Moment]:
    """Yield letters, newest first, and what became of them."""
    shown = list(letters.select_related("created_by")[:MOST_EACH])
    for letter in shown:
        yield Moment(letter.created_at, written(letter), "mail", _person(letter.created_by))
        if letter.state in ("unknown", "withdrawn"):
            is_bad = letter.state == "unknown"
            yield Moment(
                letter.due_at, str(letter.get_state_display()), "warning" if is_bad else "cross", is_bad=is_bad
            )
        if letter.state == "failed":
            yield Moment(letter.due_at, _("Could not be sent: %(why)s") % {"why": letter.error}, "warning", is_bad=True)
    reports = DeliveryReport.objects.filter(letter__in=[letter.pk for letter in shown]).order_by("-at")
    for report in reports[:MOST_EACH]:
        yield _reported(report)


def written(letter: Letter) -> str:
    """Say to whom a letter was written and what it is about."""
    kind = dict(letter_kinds()).get(letter.kind, letter.kind)
    people = ", ".join([*letter.to, *letter.cc])
    return _("%(kind)s mailed to %(people)s") % {"kind": kind, "people": people}


def _reported(report: DeliveryReport) -> Moment:
    word = dict(delivery_states()).get(report.event, report.event)
    text = _("%(what)s: %(who)s") % {"what": word, "who": report.recipient} if report.recipient else str(word)
    detail = f" ({report.detail})" if report.detail and report.event in BAD_NEWS else ""
    is_bad = report.event in BAD_NEWS
    return Moment(report.at, f"{text}{detail}", "warning" if is_bad else "check", is_bad=is_bad)
