"""To whom a letter about an invoice, a quote or another document goes: its customer, or the seller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wagtail_payments.mail import writing
from wagtail_payments.mail.writing import Post, Words
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link


def to_customer(kind: str, about: Any, link: Link | None, *, by: Any = None, once: str | None = None) -> Post:
    """Return the envelope of a letter to the customer of an invoice, a quote or a document.

    A reply goes to the seller.
    """
    customer = about.customer
    return Post(
        kind=kind,
        seller=about.seller,
        language=about.language,
        to=[customer.email] if customer else [],
        cc=customer.cc if customer else (),
        reply_to=about.seller.email,
        customer=customer,
        document=_document(about),
        link=link,
        by=by,
        once=once,
    )


def to_seller(
    kind: str,
    about: Any,
    words: Words,
    *,
    now: datetime,
    once: str = "",
    reply_to: str = "",
    enclosed: Sequence[IssuedDocument] = (),
) -> Letter:
    """Write to the seller about an invoice, a quote or a document, once for the occasion.

    A reply goes to the customer.
    """
    seller, customer = about.seller, about.customer
    post = Post(
        kind=kind,
        seller=seller,
        language=seller.language,
        to=[seller.copy_to or seller.email],
        reply_to=reply_to or (customer.email if customer else ""),
        customer=customer,
        document=_document(about),
        enclosed=enclosed,
        once=once or None,
    )
    return (writing.already_written(once) if once else None) or writing.write(post, words, now=now)


def _document(about: Any) -> IssuedDocument | None:
    document: IssuedDocument | None = about if isinstance(about, IssuedDocument) else about.document
    return document
