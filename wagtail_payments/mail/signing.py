"""Letters about signing: the code, the signed copy for both sides, and that a consumer has withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.mail import codes, posts, quote_templates, templates, withdrawals, writing
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.placeholders import Linked, plain
from wagtail_payments.mail.templates import Template
from wagtail_payments.mail.wordings import link_to, notice_of
from wagtail_payments.mail.writing import Post, Words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.printing.moments import Clock
from wagtail_payments.records.agreements import Agreement, SigningCode
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.quotes import Quote
from wagtail_payments.records.withdrawals import Withdrawal


def code(*, quote: Quote, row: SigningCode, now: datetime) -> Letter:
    """Bring the code to whoever wants to sign; it says nothing of what is in the quote, nor what anybody typed."""
    with translation.override(quote.language):
        values = {"code": codes.PLACE, "minutes": str(row.MINUTES)}
        words = _words(quote, quote_templates.SIGNING_CODE, values)
    post = Post(
        kind=codes.KIND,
        seller=quote.seller,
        language=quote.language,
        to=[row.email],
        reply_to=quote.seller.email,
        document=quote.document,
        once=codes.once_of(row),
    )
    return writing.write(post, words, now=now)


def signed(*, quote: Quote, agreement: Agreement, now: datetime) -> Letter:
    """Send the signed quote with its certificate to whoever signed, once."""
    once, link = f"quote_signed:{quote.pk}", link_to(quote.paper)
    mark = writing.place() if link else ""
    with translation.override(quote.language):
        values = _said(quote, agreement, quote.language) | {
            "title": one_line(quote.title),
            "name": one_line(agreement.name),
            "signed_on": _moment(quote, agreement.at, quote.language),
        }
        facts = _facts(quote, agreement, quote.language)
        words = _words(quote, quote_templates.QUOTE_SIGNED, values, facts=facts, url=mark)
    post = Post(
        kind="quote_signed",
        seller=quote.seller,
        language=quote.language,
        to=[agreement.email],
        cc=[quote.customer.email] if quote.customer.email else [],
        reply_to=quote.seller.email,
        customer=quote.customer,
        document=quote.document,
        link=link,
        once=once,
    )
    return writing.already_written(once) or writing.write(post, words, mark=mark, now=now)


def owner_signed(*, quote: Quote, agreement: Agreement, now: datetime) -> Letter:
    """Send the signed quote to the seller, once."""
    with translation.override(quote.seller.language):
        said = _said(quote, agreement, quote.seller.language)
        words = Words(
            subject=_("%(customer)s has signed quote %(number)s") % said,
            paragraphs=[
                plain(_("%(customer)s has signed quote %(number)s: %(amount)s.") % said),
                plain(_("The signed quote is attached, with the certificate of the signature.")),
            ],
            facts=_facts(quote, agreement, quote.seller.language),
            notice=notice_of(quote.mode),
        )
    return posts.to_seller(
        "owner_quote_signed", quote, words, reply_to=agreement.email, once=f"owner_quote_signed:{quote.pk}", now=now
    )


def withdrawn(*, quote: Quote, withdrawal: Withdrawal, now: datetime) -> Letter:
    """Acknowledge a withdrawal at once, with its content, date and time: C. conso. D221-5.

    Who signed hears of it too: the address typed now is not proven, and may have a slip.
    """
    with translation.override(quote.language):
        values = {
            "statement": withdrawal.statement,
            "name": one_line(withdrawal.name),
            "received_on": withdrawals.received_on(withdrawal, quote.seller, quote.language),
        }
        facts = _withdrawal_facts(quote, withdrawal, quote.language)
        words = _words(quote, quote_templates.WITHDRAWAL, values, facts=facts)
    post = Post(
        kind="withdrawal",
        seller=quote.seller,
        language=quote.language,
        to=[withdrawal.email],
        cc=[quote.agreement.email],
        reply_to=quote.seller.email,
        customer=quote.customer,
        document=quote.document,
        once=f"withdrawal:{quote.pk}",
    )
    return writing.write(post, words, now=now)


def owner_withdrawn(*, quote: Quote, withdrawal: Withdrawal, now: datetime) -> Letter:
    """Tell the seller that a consumer has withdrawn, and what the law asks for now."""
    with translation.override(quote.seller.language):
        said = {"number": quote.number, "customer": one_line(quote.customer.name)}
        words = Words(
            subject=_("%(customer)s has withdrawn from quote %(number)s") % said,
            paragraphs=[
                plain(_("%(customer)s has withdrawn from quote %(number)s, as the law allows.") % said),
                *withdrawals.blocks(withdrawal.statement),
                plain(_("Send back what was paid within 14 days (C. conso. L221-24). Nothing is sent by itself.")),
            ],
            facts=_withdrawal_facts(quote, withdrawal, quote.seller.language),
            notice=notice_of(quote.mode),
        )
    return posts.to_seller(
        "owner_withdrawal", quote, words, reply_to=withdrawal.email, once=f"owner_withdrawal:{quote.pk}", now=now
    )


def _words(
    quote: Quote,
    template: Template,
    values: dict[str, str],
    *,
    facts: Sequence[tuple[str, str]] = (),
    url: str = "",
) -> Words:
    """Words to the customer, in the active language."""
    return templates.words(
        template,
        seller=quote.seller,
        language=quote.language,
        values={"number": quote.number, "seller": one_line(quote.seller.name)} | values,
        linked=Linked(url, template.button()),
        facts=facts,
        notice=notice_of(quote.mode),
    )


def _said(quote: Quote, agreement: Agreement, language: str) -> dict[str, str]:
    return {
        "number": quote.number,
        "seller": one_line(quote.seller.name),
        "customer": one_line(quote.customer.name),
        "amount": Writer(language, quote.currency).money(agreement.gross),
    }


def _facts(quote: Quote, agreement: Agreement, language: str) -> Sequence[tuple[str, str]]:
    rows = [
        (_("Quote"), quote.number),
        (_("Subject"), one_line(quote.title)),
        (_("Agreed total"), Writer(language, quote.currency).money(agreement.gross)),
        (_("Signed by"), ", ".join(filter(None, (one_line(agreement.name), one_line(agreement.role))))),
        (_("Signed on"), _moment(quote, agreement.at, language)),
    ]
    return [(label, value) for label, value in rows if value]


def _withdrawal_facts(quote: Quote, withdrawal: Withdrawal, language: str) -> Sequence[tuple[str, str]]:
    return [(_("Quote"), quote.number), *withdrawals.rows(withdrawal, quote.seller, language)]


def _moment(quote: Quote, at: datetime, language: str) -> str:
    return Clock(quote.seller.time_zone, language, says_zone=True).moment(at.astimezone(UTC))
