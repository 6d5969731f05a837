"""Questions of customers about quotes, and the answers: a thread that both sides keep."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_payments.actions import evidence
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.core.evidence import text_digest
from wagtail_payments.mail import quotes as quote_letters
from wagtail_payments.mail.addresses import checked
from wagtail_payments.records.agreements import QuoteQuestion
from wagtail_payments.records.guards import lock
from wagtail_payments.records.quotes import Quote


def ask(
    *, quote_id: int, name: str, email: str, text: str, now: datetime, ip: str = "", agent: str = ""
) -> QuoteQuestion:
    """Keep a customer's question and bring it to the seller; a reply to that letter goes to the customer.

    Raises ``QuoteRefused`` for a draft or an empty question, ``AddressRefused`` for an address that is none.
    """
    address = checked(email)
    with transaction.atomic(durable=True):
        quote = _sent(quote_id)
        question = _keep(quote, text, now, name=name[:200], email=address)
        evidence.add_step(
            quote=quote, kind="question", now=now, data={"sha256": text_digest(question.text)}, ip=ip, agent=agent
        )
        quote_letters.owner_question(quote=quote, question=question, now=now)
    return question


def answer(*, quote_id: int, text: str, by: Any, now: datetime) -> QuoteQuestion:
    """Keep the seller's answer and send it to whoever asked last, else to the customer; raises ``QuoteRefused``."""
    with transaction.atomic(durable=True):
        quote = _sent(quote_id)
        asked = quote.questions.filter(is_answer=False).order_by("at", "pk").last()
        to = asked.email if asked else quote.customer.email
        reply = _keep(quote, text, now, is_answer=True, email=to, by=by)
        evidence.add_step(quote=quote, kind="answer", now=now, data={"sha256": text_digest(reply.text)}, by=by)
        quote_letters.answer(quote=quote, answer=reply, to=to, asked=asked.text if asked else "", by=by, now=now)
    return reply


def _sent(quote_id: int) -> Quote:
    (quote,) = lock(Quote, quote_id)
    if quote.is_draft:
        raise QuoteRefused(_("This quote is still a draft: send it first."))
    return quote


def _keep(quote: Quote, text: str, now: datetime, **fields: Any) -> QuoteQuestion:
    written = text.replace("\x00", "").strip()
    if not written:
        raise QuoteRefused(_("Write something first."))
    question: QuoteQuestion = QuoteQuestion.objects.create(quote=quote, text=written, at=now, **fields)
    return question
