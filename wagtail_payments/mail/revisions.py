"""The letter that tells a customer that the words of an invoice were revised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.mail import posts, templates, vocabulary, writing
from wagtail_payments.mail.placeholders import Linked
from wagtail_payments.mail.templates import MARKS, Said, Template
from wagtail_payments.mail.wordings import InvoiceFacts, notice_of
from wagtail_payments.mail.writing import Words
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.revisions import DocumentRevision


def invoice_revised(
    *,
    revision: DocumentRevision,
    link: Link | None,
    to: Sequence[str],
    cc: Sequence[str],
    text: str,
    by: Any,
    now: datetime,
) -> Letter:
    """Write the letter that brings a revision, once; ``text`` is what the editor adds."""
    document, mark = revision.document, writing.place()
    with translation.override(document.language):
        words = _words(revision, text, mark if link else "")
    once = f"invoice_revised:{revision.pk}"
    post = posts.to_customer("invoice_revised", document, link, by=by, once=once)
    post = replace(post, to=to, cc=cc, enclosed=[document])
    return writing.write(post, words, mark=mark, now=now)


def _words(revision: DocumentRevision, text: str, url: str) -> Words:
    document = revision.document
    printed, facts = document.current, InvoiceFacts(document.invoice)
    values = {
        "number": printed.number,
        "seller": printed.seller.name,
        "customer": printed.customer.contact or printed.customer.name,
        "revision": str(revision.revision),
        "changes": ", ".join(changes_in_words(revision.changed)),
        "message": text.replace("\r\n", "\n").strip(),
    }
    return templates.words(
        REVISED,
        seller=document.seller,
        language=document.language,
        values=values,
        linked=Linked(url, facts.button()),
        facts=facts.rows(),
        notice=notice_of(document.mode),
    )


def _built_in() -> Said:
    said = [
        _("Hello %(name)s,") % {"name": MARKS["customer"]},
        _("We have updated invoice %(number)s: %(changes)s.") % MARKS,
        _("Amounts, dates and what is due stay as they were. Revision %(revision)s is attached as a PDF.") % MARKS,
        "{{ message }}",
        "#LINK",
        _("Kind regards") + "\n{{ seller }}",
    ]
    return Said(_("Invoice %(number)s from %(seller)s was updated") % MARKS, templates.joined(*said))


REVISED = templates.register(
    Template(
        "invoice_revised",
        gettext_lazy("Invoice revised"),
        gettext_lazy("When you revise what is not fiscal on an invoice that was sent, and tell the customer."),
        vocabulary.REVISED,
        _built_in,
        lambda: _("See the invoice"),
        ((gettext_lazy("Invoice"), "number"),),
        needed=["message"],
    )
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
