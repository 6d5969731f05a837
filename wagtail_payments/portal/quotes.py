"""A quote's page: how it stands, what may be chosen of it, and what can be done with it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_payments.actions import quote_papers, signed_papers, withdrawals
from wagtail_payments.actions.quote_papers import ChoiceRefused
from wagtail_payments.actions.withdrawals import Right
from wagtail_payments.core.lifecycle import QuoteStatus
from wagtail_payments.core.snapshot import Document
from wagtail_payments.mail.links import url_of
from wagtail_payments.portal import access, logos, theme
from wagtail_payments.portal.quote_choices import ChoiceForm
from wagtail_payments.portal.shown import Attachment, Shown
from wagtail_payments.portal.situation import SOON_DAYS, Situation
from wagtail_payments.portal.withdrawing import right_words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.printing.moments import Clock
from wagtail_payments.printing.sheet import sheet
from wagtail_payments.records.agreements import Agreement, sent_to
from wagtail_payments.records.links import Link
from wagtail_payments.records.quotes import Quote


@dataclass(frozen=True, slots=True)
class Said:
    """A question, or an answer to it."""

    who: str
    when: str
    text: str
    is_answer: bool


@dataclass(frozen=True, slots=True)
class QuoteShown(Shown):
    """A quote's page; an address is empty where that can't be done as the quote stands."""

    is_quote: bool = True
    choices: ChoiceForm | None = None
    total_changes: bool = False
    sign_url: str = ""
    decline_url: str = ""
    withdraw_url: str = ""
    withdraw_note: str = ""
    signed_url: str = ""
    evidence_url: str = ""
    newer_url: str = ""
    thread: tuple[Said, ...] = ()


def quote_of(link: Link) -> Quote:
    """Return the quote that a link opens; raises ``Http404`` for any other document."""
    rows = Quote.objects.select_related("seller", "customer", "document", "site")
    quote: Quote | None = rows.filter(document=link.document_id).first()
    if quote is None:
        raise Http404
    return quote


def page_of(link: Link, now: datetime, data: Mapping[str, Any]) -> QuoteShown:
    """Return the page of a sent quote, in the active language; ``data`` may hold what was chosen."""
    quote, paper = quote_of(link), access.paper_of(link)
    today = quote.seller.today(now)
    status = quote.status_on(today)
    agreement = Agreement.objects.filter(quote=quote).first()
    is_open = status is QuoteStatus.SENT
    choices = ChoiceForm(quote, data) if is_open else None
    printed = agreement.frozen if agreement else paper.frozen
    total = _chosen_total(quote, choices) if choices is not None and choices.is_bound else printed.gross
    writer, right = Writer(quote.language, quote.currency), _right(quote, agreement, now)
    copy = signed_papers.copy_of(agreement) if agreement else None
    words = sheet(printed)
    return QuoteShown(
        sheet=words,
        heading=printed.title or words.title,
        label=_("Total") if total == printed.gross else _("Total with your choice"),
        amount=writer.money(total),
        situation=_situation(quote, status, agreement, today),
        theme_url=theme.url_of(paper.seller),
        logo_url=logos.url_of(printed.look.logo),
        totals=words.totals,
        attachments=_attachments(quote, link),
        pdf_url=_url("pdf", link),
        question_url=_url("question", link),
        choices=choices if choices is not None and choices.lines else None,
        total_changes=total != printed.gross,
        sign_url=_url("sign", link) + (choices.query() if choices else "") if is_open else "",
        decline_url=_url("decline", link) if is_open else "",
        withdraw_url=_url("withdraw", link) if right is not None and right.is_open else "",
        withdraw_note=right_words(right, writer) if status is QuoteStatus.SIGNED else "",
        signed_url=_url("signed", link) if copy is not None else "",
        evidence_url=_url("evidence", link) if agreement is not None else "",
        newer_url=_newer_url(quote) if status is QuoteStatus.SUPERSEDED else "",
        thread=_thread(quote),
    )


def final_of(link: Link, quote: Quote, document: Document) -> QuoteShown:
    """Return what is about to be signed, to be read: nothing on it leads anywhere else."""
    words = sheet(document)
    return QuoteShown(
        sheet=words,
        heading=document.title or words.title,
        label=_("Total"),
        amount=Writer(quote.language, quote.currency).money(document.gross),
        situation=Situation("calm", "pencil", ""),
        theme_url=theme.url_of(access.paper_of(link).seller),
        logo_url=logos.url_of(document.look.logo),
        totals=words.totals,
    )


def _chosen_total(quote: Quote, choices: ChoiceForm) -> int:
    try:
        chosen = choices.chosen() if choices.is_valid() else {}
        return quote_papers.agreed_document(quote=quote, chosen=chosen).gross
    except ChoiceRefused:
        return int(quote.gross)


def _situation(quote: Quote, status: QuoteStatus, agreement: Agreement | None, today: date) -> Situation:
    writer = Writer(quote.language, quote.currency)
    signed = {"name": agreement.name, "day": writer.date(agreement.on.isoformat())} if agreement else {}
    match status:
        case QuoteStatus.SENT:
            return _open(quote, writer, today)
        case QuoteStatus.EXPIRED:
            day = writer.date(quote.valid_until.isoformat() if quote.valid_until else "")
            ask = _("Ask below for a new one.")
            return Situation("late", "clock", _("This quote was valid until %(day)s") % {"day": day}, ask)
        case QuoteStatus.SIGNED:
            return Situation("done", "check", _("Signed by %(name)s on %(day)s. Thank you!") % signed)
        case QuoteStatus.ACCEPTED:
            return Situation("done", "check", _("Accepted by %(name)s on %(day)s. Thank you!") % signed)
        case QuoteStatus.DECLINED:
            return Situation("void", "back", _("You have declined this quote"), _("Changed your mind? Write below."))
        case QuoteStatus.SUPERSEDED:
            text = _("It was sent by e-mail. You have not got it? Ask below.")
            return Situation("soon", "alert", _("A newer version of this quote exists"), text)
        case QuoteStatus.WITHDRAWN:
            return Situation("void", "back", _("You have withdrawn from this contract"))
        case _:
            return Situation("void", "back", _("The seller has taken this quote back"), _("A question? Write below."))


def _open(quote: Quote, writer: Writer, today: date) -> Situation:
    until = quote.valid_until or today
    left, day = (until - today).days, writer.date(until.isoformat())
    if left == 0:
        return Situation("soon", "clock", _("Valid until today"))
    more = ngettext("One day left.", "%(days)s days left.", left) % {"days": left}
    tone, icon = ("soon", "clock") if left <= SOON_DAYS else ("calm", "calendar")
    return Situation(tone, icon, _("Valid until %(day)s") % {"day": day}, more)


def _right(quote: Quote, agreement: Agreement | None, now: datetime) -> Right | None:
    return withdrawals.right_to(quote=quote, agreement=agreement, now=now) if agreement else None


def _newer_url(quote: Quote) -> str:
    """The newer version's own link, only where it went to everybody who got this one."""
    newer = quote.versions().filter(document__isnull=False, version__gt=quote.version).first()
    if newer is None or newer.mode != quote.mode or not sent_to(quote) <= sent_to(newer):
        return ""
    link = Link.objects.filter(document=newer.document, revoked_at=None).select_related("site").first()
    return url_of(link) if link is not None else ""


def _thread(quote: Quote) -> tuple[Said, ...]:
    clock = Clock(quote.seller.time_zone, quote.language)
    return tuple(
        Said(quote.seller.name if row.is_answer else _("You"), clock.moment(row.at), row.text, row.is_answer)
        for row in quote.questions.all()
    )


def _attachments(quote: Quote, link: Link) -> tuple[Attachment, ...]:
    kept = quote.attachments.all()
    return tuple(
        Attachment(str(row), reverse("wagtail_payments:attachment", args=[link.public_id, row.pk])) for row in kept
    )


def _url(name: str, link: Link) -> str:
    return reverse(f"wagtail_payments:{name}", args=[link.public_id])
