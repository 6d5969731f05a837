"""Issuing any document: take its number and keep what is printed, word for word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wagtail_payments.actions import numbers
from wagtail_payments.core import snapshot
from wagtail_payments.core.numbering import Series
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.sellers import Seller


@dataclass(frozen=True, slots=True)
class Issue:
    """Who issues what, when; ``issued_on`` is the seller's local date."""

    seller: Seller
    customer: Customer | None
    series: Series
    mode: Mode
    issued_on: date
    at: datetime
    by: Any = None


def freeze(issue: Issue, printed: Callable[[str], snapshot.Document]) -> IssuedDocument:
    """Take the next number, ask for the document that bears it, and keep it, inside the caller's transaction.

    Raises ``ClockWentBack``.
    """
    taken = numbers.take(seller=issue.seller, series=issue.series, mode=issue.mode, issued_on=issue.issued_on)
    return keep(issue, taken, printed(taken.number))


def keep(issue: Issue, taken: numbers.Taken, document: snapshot.Document) -> IssuedDocument:
    """Keep a document under the number that it bears, word for word."""
    text = snapshot.to_text(document)
    return IssuedDocument.objects.create(
        seller=issue.seller,
        customer=issue.customer,
        mode=issue.mode,
        kind=document.kind,
        series=taken.series,
        year=taken.year,
        sequence=taken.sequence,
        number=taken.number,
        issued_on=issue.issued_on,
        issued_at=issue.at,
        language=document.language,
        currency=document.currency,
        net=document.net,
        tax=document.tax,
        gross=document.gross,
        text=text,
        sha256=snapshot.digest(text),
        issued_by=issue.by,
    )
