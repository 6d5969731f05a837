"""The letter that asks for several invoices together, with one link to pay them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.mail import posts, templates, vocabulary, writing
from wagtail_payments.mail.placeholders import Linked
from wagtail_payments.mail.reminders import NOWHERE, Reminded, listing, pay_together
from wagtail_payments.mail.templates import Said, Template
from wagtail_payments.mail.writing import LaidOut, Words
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link

KIND = "payment_request"


def payment_request(*, link: Link, about: Sequence[Reminded], by: Any, now: datetime, once: str) -> Letter:
    """Write the letter that asks for these invoices of one customer; ``link`` pays them together."""
    first = about[0].invoice
    mark, marks = writing.place(), [writing.place() for _one in about]
    further = {its_mark: one.link for its_mark, one in zip(marks, about, strict=True) if one.link}
    post = replace(posts.to_customer(KIND, first, link, by=by, once=once), further=further)
    return writing.write(post, _words(about, marks, mark, first.seller.today(now)), mark=mark, now=now)


def preview(*, about: Sequence[Reminded], now: datetime) -> LaidOut:
    """Return that letter as it would be written; its links lead nowhere."""
    first = about[0].invoice
    words = _words(about, [NOWHERE] * len(about), NOWHERE, first.seller.today(now))
    return writing.lay_out(KIND, words, seller=first.seller, language=first.language)


def _words(about: Sequence[Reminded], urls: Sequence[str], url: str, today: date) -> Words:
    with translation.override(about[0].invoice.language):
        return listing(about, TOGETHER, urls, Linked(url, pay_together()), today, {})


def _together() -> Said:
    paragraphs = (
        _("Hello {{ customer }},"),
        _("{{ count }} of our invoices are still to be paid, {{ due }} in all. They are listed below."),
        _("You can pay them all at once, without an account:"),
        "#LINK",
        _("Have you paid just now, or is something wrong with an invoice? Simply reply to this e-mail."),
        _("Kind regards") + "\n{{ seller }}",
    )
    return Said(_("{{ count }} invoices from {{ seller }}: {{ due }}"), templates.joined(*paragraphs))


TOGETHER = templates.register(
    Template(
        KIND,
        gettext_lazy("Several invoices together"),
        gettext_lazy("When you ask for several invoices of a customer together."),
        vocabulary.TOGETHER,
        _together,
        pay_together,
    )
)
