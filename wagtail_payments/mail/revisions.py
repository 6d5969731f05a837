"""The letter that tells a customer that the words of an invoice were revised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.mail import writing
from wagtail_payments.mail.placeholders import button_to, plain
from wagtail_payments.mail.wordings import InvoiceFacts, notice_of
from wagtail_payments.mail.writing import Post, Words
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.revisions import DocumentRevision


def invoice_revised(
    *, revision: DocumentRevision, link: Link, to: Sequence[str], cc: Sequence[str], text: str, by: Any, now: datetime
) -> Letter:
    """Write the letter that brings a revision, once; ``text`` is what the editor adds."""
    document, mark = revision.document, writing.place()
    with translation.override(document.language):
        words = _words(revision, text, mark)
    post = Post(
        kind="invoice_revised",
        seller=document.seller,
        language=document.language,
        to=to,
        cc=cc,
        reply_to=document.seller.email,
        customer=document.customer,
        document=document,
        link=link,
        enclosed=[document],
        by=by,
        once=f"invoice_revised:{revision.pk}",
    )
    return writing.write(post, words, mark=mark, now=now)


def _words(revision: DocumentRevision, text: str, mark: str) -> Words:
    printed, facts = revision.document.current, InvoiceFacts(revision.document.invoice)
    said = {
        "number": printed.number,
        "seller": printed.seller.name,
        "revision": revision.revision,
        "changes": ", ".join(changes_in_words(revision.changed)),
    }
    name = printed.customer.contact or printed.customer.name
    paragraphs = [
        _("Hello %(name)s,") % {"name": name} if name else _("Hello,"),
        _("We have updated invoice %(number)s: %(changes)s.") % said,
        _("Amounts, dates and what is due stay as they were. Revision %(revision)s is attached as a PDF.") % said,
        *[part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()],
    ]
    closing = _("Kind regards") + "\n" + printed.seller.name
    return Words(
        subject=_("Invoice %(number)s from %(seller)s was updated") % said,
        paragraphs=[*map(plain, paragraphs), button_to(mark, facts.button()), plain(closing)],
        facts=facts.rows(),
        button=facts.button(),
        url=mark,
        notice=notice_of(revision.document.mode),
    )


def changes_in_words(changed: Sequence[str]) -> Iterator[str]:
    """Yield what a revision changed, in the active language."""
    words = {
        "order_reference": _("the purchase order number"),
        "memo": _("the memo"),
        "custom_fields": _("the further details"),
        "attachments": _("the attachments"),
    }
    return (words[name] for name in changed if name in words)
