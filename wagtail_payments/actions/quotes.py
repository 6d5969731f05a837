"""What is done with quotes: sent once, revised by a newer version, answered. The number is taken here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from wagtail_payments import ports, signals
from wagtail_payments.actions import contracts, documents, evidence, journal, links, numbers, quote_papers, renditions
from wagtail_payments.actions.findings import Finding
from wagtail_payments.actions.invoices import mode_of
from wagtail_payments.actions.numbers import ClockWentBack
from wagtail_payments.actions.quote_findings import review
from wagtail_payments.core import numbering
from wagtail_payments.core.evidence import text_digest
from wagtail_payments.core.lifecycle import (
    LIVE_QUOTE_STATES,
    QUOTE_MOVES,
    QuoteEvent,
    QuoteState,
    QuoteStatus,
)
from wagtail_payments.core.numbering import Series
from wagtail_payments.mail import quotes as quote_letters
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.guards import lock
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.quotes import Quote

__all__ = [
    "ClockWentBack",
    "Finding",
    "QuoteNotReady",
    "QuoteRefused",
    "cancel",
    "decline",
    "mode_of",
    "move",
    "refusal",
    "refuse_unless_live",
    "refuse_unless_open",
    "review",
    "send",
    "send_again",
    "send_test",
    "store_totals",
]


CLICK = timedelta(seconds=10)


class QuoteRefused(Exception):
    """What was asked of a quote can't be done as it stands; the text says why, to a person."""


class QuoteNotReady(QuoteRefused):
    """The review found errors; ``findings`` says which."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(" ".join(finding.message for finding in findings))
        self.findings = findings


def store_totals(*, quote: Quote) -> None:
    """Keep a draft's totals beside it, so that lists need not add up; raises what adding up raises."""
    added = quote.totals()
    quote.net, quote.tax, quote.gross = added.net, added.tax, added.gross


def refusal(state: QuoteState, event: QuoteEvent) -> str:
    """Return why something can't happen to a quote in that state, nothing where it can."""
    if event in QUOTE_MOVES[state]:
        return ""
    if event is QuoteEvent.SEND:
        return _("This quote has already been sent. To change it, make a new version.")
    return {
        QuoteState.DRAFT: _("This quote is still a draft: send it first."),
        QuoteState.SENT: _("The customer has not agreed to this quote yet."),
        QuoteState.SIGNED: _("The customer has signed this quote: it stands. For an addition, make another quote."),
        QuoteState.ACCEPTED: _("The customer has accepted this quote: it stands. For an addition, make another quote."),
        QuoteState.DECLINED: _("The customer has declined this quote. Make a new version, or duplicate it."),
        QuoteState.SUPERSEDED: _("A newer version has replaced this quote."),
        QuoteState.CANCELLED: _("This quote was cancelled. To offer it again, duplicate it."),
        QuoteState.WITHDRAWN: _("The customer has withdrawn from this contract."),
    }[state]


def move(*, quote: Quote, event: QuoteEvent) -> None:
    """Put a quote that the caller's transaction holds into its next state; raises ``QuoteRefused``."""
    state = QuoteState(quote.state)
    if why := refusal(state, event):
        raise QuoteRefused(why)
    quote.state = QUOTE_MOVES[state][event]
    quote.live_slot = quote.family if QuoteState(quote.state) in LIVE_QUOTE_STATES else None
    if state is not QuoteState.DRAFT:  # the sender saves a draft, together with its document
        quote.save(update_fields=["state", "live_slot"])


def refuse_unless_live(*, quote: Quote, now: datetime) -> None:
    """Raise ``QuoteRefused`` unless the quote is in force: sent and not expired, signed or accepted."""
    if quote.status_on(quote.seller.today(now)) is QuoteStatus.EXPIRED:
        raise QuoteRefused(_("This quote has expired. Extend it first: that makes a new version of it."))
    if QuoteState(quote.state) not in LIVE_QUOTE_STATES:
        raise QuoteRefused(refusal(QuoteState(quote.state), QuoteEvent.DECLINE))


def refuse_unless_open(*, quote: Quote, now: datetime) -> None:
    """Raise ``QuoteRefused`` unless the customer can still answer: sent, and not expired."""
    refuse_unless_live(quote=quote, now=now)
    if QuoteState(quote.state) is not QuoteState.SENT:
        raise QuoteRefused(refusal(QuoteState(quote.state), QuoteEvent.DECLINE))


def send(
    *, quote_id: int, by: Any, now: datetime, to: Sequence[str], cc: Sequence[str], subject: str, text: str
) -> Quote:
    """Give the draft its number, freeze it and write its letter, all or nothing; the PDF is drawn right after.

    The version before is replaced. Raises ``Quote.DoesNotExist``, ``QuoteRefused``, ``QuoteNotReady`` or
    ``ClockWentBack``.
    """
    before = _earlier_ids(quote_id)
    with transaction.atomic(durable=True):
        *earlier, quote = lock(Quote, *before, quote_id)
        if why := refusal(QuoteState(quote.state), QuoteEvent.SEND):
            raise QuoteRefused(why)
        _refuse_findings(quote, now)
        quote.mode = mode_of(quote.site)
        _supersede(earlier, quote, now, by)
        document = _freeze(quote, earlier, by, now)
        ports.failpoint("quote.frozen")
        link = links.make_for(document=document, site=quote.site, now=now)
        evidence.add_step(quote=quote, kind="sent", now=now, data={"to": [*to, *cc]}, by=by)
        quote_letters.quote(quote=quote, link=link, to=to, cc=cc, subject=subject, text=text, by=by, now=now)
        journal.note(quote, "quote_sent", now=now, by=by, data={"number": document.number, "to": list(to)})
        renditions.draw_after_commit(document, now)
        signals.send_on_commit(signals.quote_sent, Quote, quote=quote)
    return quote


def _earlier_ids(quote_id: int) -> list[int]:
    """The versions before, whose keys are smaller and never change: known before the first lock."""
    family, version = Quote.objects.values_list("family", "version").get(pk=quote_id)
    return list(Quote.objects.filter(family=family, version__lt=version).order_by("pk").values_list("pk", flat=True))


def _refuse_findings(quote: Quote, now: datetime) -> None:
    prefetch_related_objects([quote], "lines", "attachments", "plan", "customer", "seller__wordings")
    errors = [finding for finding in review(quote=quote, now=now) if finding.level == "error"]
    if errors:
        raise QuoteNotReady(errors)


def _supersede(earlier: Sequence[Quote], quote: Quote, now: datetime, by: Any) -> None:
    """The version before is replaced; one that was agreed to meanwhile stands, and this one is not sent."""
    for version in earlier:
        state = QuoteState(version.state)
        if state in LIVE_QUOTE_STATES or state is QuoteState.DECLINED:
            move(quote=version, event=QuoteEvent.SUPERSEDE)
            evidence.add_step(quote=version, kind="superseded", now=now, data={"version": quote.version}, by=by)


def _freeze(quote: Quote, earlier: Sequence[Quote], by: Any, now: datetime) -> IssuedDocument:
    """Take the number, or that of the first version with this one's behind it, and keep what is printed."""
    on = quote.seller.today(now)
    issue = documents.Issue(quote.seller, quote.customer, Series.QUOTE, Mode(quote.mode), on, now, by)

    def printed(number: str) -> Any:
        return quote_papers.document_of(quote=quote, now=now, number=number, issued_on=on)

    first = next((version.document for version in earlier if version.document and version.mode == quote.mode), None)
    if first is None:
        document = documents.freeze(issue, printed)
    else:
        taken = _next_version(first, quote.version, on)
        document = documents.keep(issue, taken, printed(taken.number))
    move(quote=quote, event=QuoteEvent.SEND)
    quote.document, quote.valid_until, quote.draft_slot = document, quote.expiry(on), None
    quote.net, quote.tax, quote.gross = document.net, document.tax, document.gross
    quote.save()
    return document


def _next_version(first: IssuedDocument, version: int, on: date) -> numbers.Taken:
    """A later version counts in a series of its own, in which it bears the sequence of the first."""
    if first.issued_on > on:
        raise ClockWentBack(first.issued_on)
    number = numbering.version_number(first.number, version)
    return numbers.Taken(f"{Series.QUOTE}_v{version}", first.year, first.sequence, number)


def send_again(
    *, quote_id: int, by: Any, now: datetime, to: Sequence[str], cc: Sequence[str], subject: str, text: str
) -> Letter:
    """Write the letter of a sent quote again; raises ``QuoteRefused`` for a draft, or one that no longer stands."""
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        refuse_unless_live(quote=quote, now=now)
        if clicked := _just_sent(quote, to, by, now):
            return clicked
        link = links.open_link_for(document=quote.paper, site=quote.site, now=now)
        if link is None:
            raise QuoteRefused(_("The link of this quote was ended. Make a new link first, then send it again."))
        evidence.add_step(quote=quote, kind="sent_again", now=now, data={"to": [*to, *cc]}, by=by)
        letter = quote_letters.quote(quote=quote, link=link, to=to, cc=cc, subject=subject, text=text, by=by, now=now)
        journal.note(quote, "send", now=now, by=by, data={"to": list(to)})
    return letter


def _just_sent(quote: Quote, to: Sequence[str], by: Any, now: datetime) -> Letter | None:
    """Within seconds, a second letter of the same person to the same people is a double click."""
    letters = Letter.objects.filter(document=quote.document, kind="quote", created_by=by, created_at__gt=now - CLICK)
    return next((letter for letter in letters if letter.to == list(to)), None)


def send_test(*, quote: Quote, by: Any, now: datetime, subject: str, text: str) -> Letter:
    """Write the letter as the customer would get it, marked as a test, to the editor alone."""
    with transaction.atomic():
        letter = quote_letters.test(quote=quote, to=by.email, subject=subject, text=text, by=by, now=now)
        journal.note(quote, "send_test", now=now, by=by, data={"to": [by.email]})
    return letter


def cancel(*, quote_id: int, reason: str, by: Any, now: datetime) -> Quote:
    """Take a sent quote back; its link stays readable and says so, and not why. Raises ``QuoteRefused``."""
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        if contracts.is_invoiced(quote):
            raise QuoteRefused(_("A part of this quote was invoiced: it stands. Credit what should not be paid."))
        move(quote=quote, event=QuoteEvent.CANCEL)
        evidence.add_step(quote=quote, kind="cancelled", now=now, data={"reason_sha256": text_digest(reason)}, by=by)
        journal.note(quote, "quote_cancelled", now=now, by=by, data={"reason": reason[:500]})
    return quote


def decline(*, quote_id: int, reason: str, now: datetime, by: Any = None, ip: str = "", agent: str = "") -> Quote:
    """Keep that the customer said no, with the reason; the seller is told unless an editor (``by``) wrote it down.

    Raises ``QuoteRefused``, also once it has expired.
    """
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        refuse_unless_open(quote=quote, now=now)
        move(quote=quote, event=QuoteEvent.DECLINE)
        evidence.add_step(quote=quote, kind="declined", now=now, data={"reason": reason}, ip=ip, agent=agent, by=by)
        journal.note(quote, "quote_declined", now=now, by=by, data={"reason": reason[:500]})
        if by is None:
            quote_letters.owner_declined(quote=quote, reason=reason, now=now)
        signals.send_on_commit(signals.quote_declined, Quote, quote=quote)
    return quote
