"""Letters about quotes: the one that brings a quote, answers to questions, and what the seller is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.mail import drafted, posts, quote_templates, templates, vocabulary, writing
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.placeholders import Linked, fill, fill_line, plain
from wagtail_payments.mail.wordings import link_to, notice_of
from wagtail_payments.mail.writing import LaidOut, Words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.agreements import Agreement, QuoteQuestion, sent_to
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.quotes import Quote

QUOTE_PLACEHOLDERS: dict[str, Any] = vocabulary.QUOTE
QUOTE_SUBJECT_PLACEHOLDERS: dict[str, Any] = quote_templates.QUOTE.in_subject


@dataclass(frozen=True)
class QuoteFacts:
    """A quote in words, in the active language: sent, or a draft as it stands, saved or not."""

    quote: Quote

    @cached_property
    def writer(self) -> Writer:
        """Writes amounts and dates in the language of the quote."""
        return Writer(self.quote.language, self.quote.currency)

    @cached_property
    def total(self) -> int:
        """The total in minor units; raises what adding up a draft raises."""
        return self.quote.totals().gross if self.quote.is_draft else self.quote.gross

    @cached_property
    def valid_until(self) -> str:
        """The last day it is valid, in words, or nothing."""
        expiry = self.quote.expiry(self.quote.seller.today(ports.now()))
        return self.writer.date(expiry.isoformat()) if expiry else ""

    def values(self) -> dict[str, str]:
        """Return what the placeholders stand for."""
        quote = self.quote
        return {
            "number": quote.number or _("(number)"),
            "title": one_line(quote.title),
            "amount": self.writer.money(self.total),
            "valid_until": self.valid_until,
            "customer": one_line(quote.customer.contact_name or quote.customer.name),
            "seller": one_line(quote.seller.name),
        }

    def rows(self) -> list[tuple[str, str]]:
        """Return the facts that stand in the small table."""
        rows = [
            (_("Quote"), self.quote.number),
            (_("Subject"), self.quote.title),
            (_("Total"), self.writer.money(self.total)),
            (_("Valid until"), self.valid_until),
        ]
        return [(label, value) for label, value in rows if value]

    def words(self, *, subject: str, text: str, url: str, notice: str = "") -> Words:
        """Return the letter with an editor's subject and text."""
        values = self.values()
        return Words(
            subject=fill_line(subject, values),
            paragraphs=fill(text, values, Linked(url, _("See your quote online"))),
            facts=self.rows(),
            button=_("See the quote"),
            url=url,
            notice=notice or (notice_of(self.quote.mode) if self.quote.number else ""),
        )


def default_quote_text(*, quote: Quote, language: str) -> tuple[str, str]:
    """Return the subject and text that an editor begins with, placeholders not yet filled in.

    They are the seller's own words where there are some.
    """
    template = quote_templates.QUOTE_CHANGED if quote.version > 1 else quote_templates.QUOTE
    return templates.said(template, seller=quote.seller, language=language)


def quote(
    *,
    quote: Quote,
    link: Link,
    to: Sequence[str],
    cc: Sequence[str],
    subject: str,
    text: str,
    by: Any,
    now: datetime,
) -> Letter:
    """Write the letter that brings a quote, with the subject and text of an editor, its PDF enclosed."""
    mark = writing.place()
    with translation.override(quote.language):
        words = QuoteFacts(quote).words(subject=subject, text=text, url=mark)
    post = replace(posts.to_customer("quote", quote, link, by=by), to=to, cc=cc, enclosed=[quote.paper])
    return writing.write(post, words, mark=mark, now=now)


def test(*, quote: Quote, to: str, subject: str, text: str, by: Any, now: datetime) -> Letter:
    """Write a quote's letter to the editor alone, marked as a test; a draft's link leads nowhere yet."""
    return drafted.test(quote, QuoteFacts, to=to, subject=subject, text=text, by=by, now=now)


def render_preview(*, quote: Quote, subject: str, text: str) -> LaidOut:
    """Return the letter as HTML and as text for the preview panel; its link leads nowhere.

    Raises what adding up the lines of a draft raises.
    """
    return drafted.preview("quote", quote, QuoteFacts, subject=subject, text=text)


def answer(*, quote: Quote, answer: QuoteQuestion, to: str, asked: str, by: Any, now: datetime) -> Letter:
    """Bring the seller's answer to whoever asked, with the question below and the link to the quote.

    An address that somebody typed, perhaps with a slip, and that has never got the quote learns nothing more of it.
    """
    is_known = to.lower() in sent_to(quote) | {quote.customer.email.lower()}
    link, mark = link_to(quote.paper) if is_known else None, writing.place()
    with translation.override(quote.language):
        facts, template = QuoteFacts(quote), quote_templates.QUOTE_ANSWER
        words = templates.words(
            template,
            seller=quote.seller,
            language=quote.language,
            values=facts.values() | {"answer": answer.text, "you_asked": _you_asked(asked)},
            linked=Linked(mark if link else "", template.button()),
            facts=facts.rows() if is_known else (),
            notice=notice_of(quote.mode),
        )
    post = replace(posts.to_customer("quote_answer", quote, link, by=by), to=[to], cc=[])
    return writing.write(post, words, mark=mark if link else "", now=now)


def _you_asked(asked: str) -> str:
    return _("You had asked:") + "\n\n" + asked if asked else ""


def owner_question(*, quote: Quote, question: QuoteQuestion, now: datetime) -> Letter:
    """Tell the seller what a customer asks about a quote; a reply goes to the customer."""
    with translation.override(quote.seller.language):
        said = _said(quote)
        words = Words(
            subject=_("Question about quote %(number)s from %(customer)s") % said,
            paragraphs=[plain(_("%(customer)s asks about quote %(number)s:") % said), *_blocks(question.text)],
            facts=_seller_rows(quote),
            notice=notice_of(quote.mode),
        )
    return posts.to_seller("owner_quote_question", quote, words, reply_to=question.email, now=now)


def owner_declined(*, quote: Quote, reason: str, now: datetime) -> Letter:
    """Tell the seller, once, that a customer said no, and why."""
    with translation.override(quote.seller.language):
        said = _said(quote)
        reasons = [plain(_("The reason given:")), *_blocks(reason)] if reason else [plain(_("No reason was given."))]
        words = Words(
            subject=_("%(customer)s has declined quote %(number)s") % said,
            paragraphs=[plain(_("%(customer)s has declined quote %(number)s of %(amount)s.") % said), *reasons],
            facts=_seller_rows(quote),
            notice=notice_of(quote.mode),
        )
    return posts.to_seller("owner_quote_declined", quote, words, once=f"quote_declined:{quote.pk}", now=now)


def owner_accepted(*, quote: Quote, agreement: Agreement, now: datetime) -> Letter:
    """Tell the seller, once, that a customer agreed: to how much, who, and how."""
    with translation.override(quote.seller.language):
        writer = Writer(quote.seller.language, quote.currency)
        said = _said(quote) | {"amount": writer.money(agreement.gross)}
        rows = [
            *_seller_rows(quote),
            (_("Agreed by"), ", ".join(filter(None, (one_line(agreement.name), one_line(agreement.role))))),
            (_("How"), str(agreement.get_how_display())),
            (_("Agreed total"), said["amount"]),
        ]
        words = Words(
            subject=_("%(customer)s has accepted quote %(number)s") % said,
            paragraphs=[plain(_("%(customer)s has accepted quote %(number)s: %(amount)s.") % said)],
            facts=rows,
            notice=notice_of(quote.mode),
        )
    return posts.to_seller("owner_quote_accepted", quote, words, once=f"quote_accepted:{quote.pk}", now=now)


def _said(quote: Quote) -> dict[str, str]:
    writer = Writer(quote.seller.language, quote.currency)
    return {
        "number": quote.number,
        "customer": one_line(quote.customer.name),
        "amount": writer.money(quote.gross),
    }


def _seller_rows(quote: Quote) -> list[tuple[str, str]]:
    said = _said(quote)
    rows = [
        (_("Quote"), said["number"]),
        (_("Subject"), one_line(quote.title)),
        (_("Customer"), said["customer"]),
        (_("Total"), said["amount"]),
    ]
    return [(label, value) for label, value in rows if value]


def _blocks(text: str) -> list[Any]:
    return [plain(block) for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
