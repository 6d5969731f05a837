"""The letter that brings a pro forma."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.mail import posts, templates, vocabulary, writing
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.placeholders import Linked
from wagtail_payments.mail.templates import MARKS, Said, Template
from wagtail_payments.mail.wordings import notice_of
from wagtail_payments.mail.writing import Words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link


def proforma(
    *, document: IssuedDocument, link: Link, customer: Customer, to: Sequence[str], by: Any, now: datetime
) -> Letter:
    """Write the letter that brings a pro forma; it asks for no money."""
    mark = writing.place()
    with translation.override(document.language):
        words = _words(document, mark)
    post = posts.to_customer("proforma", document, link, by=by)
    post = replace(post, to=to, cc=customer.cc, customer=customer, enclosed=[document])
    return writing.write(post, words, mark=mark, now=now)


def _words(document: IssuedDocument, mark: str) -> Words:
    printed = document.frozen
    amount = Writer(document.language, document.currency).money(printed.gross)
    values = {
        "number": printed.number,
        "seller": one_line(printed.seller.name),
        "customer": one_line(printed.customer.contact or printed.customer.name),
        "amount": amount,
    }
    return templates.words(
        PROFORMA,
        seller=document.seller,
        language=document.language,
        values=values,
        linked=Linked(mark, PROFORMA.button()),
        facts=[(_("Number"), printed.number), (_("Total"), amount)],
        notice=notice_of(document.mode),
    )


def _built_in() -> Said:
    said = [
        _("Hello %(name)s,") % {"name": MARKS["customer"]},
        _("Here is our pro forma %(number)s of %(amount)s. It is attached as a PDF.") % MARKS,
        _("It is not an invoice: nothing is to be paid on it."),
        "#LINK",
        _("Kind regards") + "\n{{ seller }}",
    ]
    return Said(_("Pro forma %(number)s from %(seller)s: %(amount)s") % MARKS, templates.joined(*said))


PROFORMA = templates.register(
    Template(
        "proforma",
        gettext_lazy("Pro forma"),
        gettext_lazy("With a pro forma."),
        vocabulary.ABOUT_DOCUMENT,
        _built_in,
        lambda: _("See the pro forma"),
        ((gettext_lazy("Number"), "number"), (gettext_lazy("Total"), "amount")),
    )
)
