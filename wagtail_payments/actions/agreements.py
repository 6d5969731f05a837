"""Agreeing to a quote: what was chosen is frozen with its hash; by an editor's word, or by a signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_payments import signals
from wagtail_payments.actions import evidence, journal, quote_papers, quotes
from wagtail_payments.actions.quote_papers import ChoiceRefused, Chosen
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.core import snapshot
from wagtail_payments.core.evidence import bytes_digest, text_digest
from wagtail_payments.core.lifecycle import QuoteEvent, QuoteState
from wagtail_payments.mail import quotes as quote_letters
from wagtail_payments.records.agreements import Agreement
from wagtail_payments.records.guards import lock
from wagtail_payments.records.quotes import Quote

__all__ = ["ChoiceRefused", "Chosen", "QuoteRefused", "Word", "accept_by_word", "agree_locked", "refused_by_rule"]

SIGNED_ONLY = "signed_only"


@dataclass(frozen=True, slots=True)
class Word:
    """What an editor writes down of an acceptance by phone or on paper; ``file`` is the paper, scanned."""

    how: str  # phone or paper
    on: date
    name: str
    role: str = ""
    note: str = ""
    file: File[bytes] | None = None


def accept_by_word(*, quote_id: int, word: Word, chosen: Chosen, by: Any, now: datetime) -> Agreement:
    """Keep that the customer agreed by phone or on paper; what can be invoiced later is what was chosen.

    Raises ``QuoteRefused`` or ``ChoiceRefused``.
    """
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        _refuse_word(quote, word, now)
        agreement = Agreement(how=word.how, on=word.on, name=word.name, role=word.role, note=word.note, by=by)
        agreement.email = quote.customer.email
        quote_papers.agreed_document(quote=quote, chosen=chosen)  # refused before a file is kept
        if word.file is not None:
            agreement.file.save(word.file.name or "paper", word.file, save=False)
        agree_locked(quote=quote, agreement=agreement, chosen=chosen, now=now)
        journal.note(quote, "quote_accepted", now=now, by=by, data={"amount": agreement.gross, "name": word.name})
    return agreement


def agree_locked(
    *, quote: Quote, agreement: Agreement, chosen: Chosen, now: datetime, ip: str = "", agent: str = ""
) -> Agreement:
    """Freeze what the customer agreed to, inside a transaction that holds the quote, and tell the seller.

    The caller has checked that the quote is open. ``agreement`` comes with how, when and by whom; its text, totals and
    hashes are filled in here. Raises ``QuoteRefused`` or ``ChoiceRefused``.
    """
    signed = agreement.how == "signed"
    document = quote_papers.agreed_document(quote=quote, chosen=chosen)
    quotes.move(quote=quote, event=QuoteEvent.SIGN if signed else QuoteEvent.ACCEPT)
    agreement.quote, agreement.at = quote, now
    agreement.text = snapshot.to_text(document)
    agreement.sha256 = snapshot.digest(agreement.text)
    agreement.terms_sha256 = text_digest(document.terms) if document.terms else ""
    agreement.net, agreement.tax, agreement.gross = document.net, document.tax, document.gross
    agreement.save(force_insert=True)
    evidence.add_step(
        quote=quote,
        kind="signed" if signed else "accepted",
        now=now,
        data=facts_of(agreement),
        ip=ip,
        agent=agent,
        by=agreement.by,
    )
    if agreement.by is None and not signed:  # the letter about a signature brings the signed copy, once it is drawn
        quote_letters.owner_accepted(quote=quote, agreement=agreement, now=now)
    signals.send_on_commit(signals.quote_agreed, Quote, quote=quote, agreement=agreement)
    return agreement


def facts_of(agreement: Agreement) -> dict[str, object]:
    """Return what the chain of evidence says of an agreement: an editor's note by its hash, as customers get the chain.

    Raises ``OSError`` where its file can't be read.
    """
    facts = agreement.said() | {"note_sha256": text_digest(agreement.note) if agreement.note else ""}
    if agreement.file:
        with agreement.file.open("rb") as file:
            facts["file_sha256"] = bytes_digest(file.read())
    return {name: value for name, value in facts.items() if value != ""}


def refused_by_rule(quote: Quote) -> str:
    """Return why an editor's word does not count for this seller, or nothing."""
    if quote.seller.quote_rule != SIGNED_ONLY:
        return ""
    return _("Your settings say that only a signature counts. Change that under Settings first.")


def _refuse_word(quote: Quote, word: Word, now: datetime) -> None:
    today = quote.seller.today(now)
    if why := quotes.refusal(QuoteState(quote.state), QuoteEvent.ACCEPT):
        raise QuoteRefused(why)
    if why := refused_by_rule(quote):
        raise QuoteRefused(why)
    if quote.valid_until is not None and word.on > quote.valid_until:
        raise QuoteRefused(_("On that day the quote was no longer valid. Extend it first: that makes a new version."))
    if not quote.paper.issued_on <= word.on <= today:
        raise QuoteRefused(_("The customer can only have agreed between the day it was sent and today."))
    if not (word.note.strip() or word.file):
        raise QuoteRefused(_("Write a note on how the customer agreed, or add the paper as a file."))
