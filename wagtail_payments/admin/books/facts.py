"""What a record's page shows, as plain data: facts, tables, papers and the verbs that are possible now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.utils.translation import get_language

from wagtail_payments.admin import places, places_of_books
from wagtail_payments.admin.books.guards import may_read
from wagtail_payments.admin.permissions import may_see
from wagtail_payments.core import money
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.quotes import Quote


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, perhaps with a link; ``number`` aligns it to the right, ``tag`` draws it as a status."""

    text: Any
    url: str = ""
    number: bool = False
    tag: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled cell."""

    label: Any
    cell: Cell


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a heading; ``empty`` is said where it has no rows. ``text`` shows a long text instead."""

    heading: Any
    columns: Sequence[Any] = ()
    rows: Sequence[Sequence[Cell]] = ()
    empty: Any = ""
    text: str = ""

    @property
    def heads(self) -> list[tuple[Any, bool]]:
        """The titles of the columns, and whether figures stand below."""
        first: Sequence[Cell] = self.rows[0] if self.rows else ()
        return [(title, bool(first) and first[place].number) for place, title in enumerate(self.columns)]


@dataclass(frozen=True, slots=True)
class Verb:
    """A button that posts to ``url``; ``explains`` says in one sentence what will happen."""

    label: Any
    url: str
    explains: Any


@dataclass(slots=True)
class Sheet:
    """One record as its page shows it."""

    title: str
    facts: list[Fact] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    papers: list[Cell] = field(default_factory=list)
    verbs: list[Verb] = field(default_factory=list)
    warning: str = ""

    def add(self, label: Any, value: Any, *, url: str = "", tag: bool = False) -> None:
        """Add a fact, unless there is nothing to say."""
        cell = value if isinstance(value, Cell) else Cell(value, url, tag=tag)
        if cell.text not in ("", None):
            self.facts.append(Fact(label, cell))


def amount(minor: int | None, currency: str) -> str:
    """Write minor units of a currency in the admin's language."""
    return "" if minor is None else money.formatted(minor, currency, get_language() or "en")


def amount_cell(minor: int | None, currency: str) -> Cell:
    """Return an amount, aligned to the right."""
    return Cell(amount(minor, currency), number=True)


class Reader:
    """Makes links, but only to what this user may open."""

    def __init__(self, user: Any) -> None:
        self.user = user

    def invoice(self, invoice: Invoice) -> Cell:
        """Return the invoice's number, leading to its desk."""
        return Cell(str(invoice), places.desk_url(invoice.pk) if may_see(self.user, Invoice) else "")

    def quote(self, quote: Quote) -> Cell:
        """Return the quote's number, leading to its desk."""
        return Cell(str(quote), places.quote_desk_url(quote.pk) if may_see(self.user, Quote) else "")

    def record(self, record: Model, text: Any = None) -> Cell:
        """Return a record of a book, leading to its page."""
        url = places_of_books.book_url(record) if may_read(self.user, type(record)) else ""
        return Cell(in_words(record) if text is None else text, url)


def in_words(record: Model) -> str:
    """Return what a record is called: its amount if it is money, else its own name."""
    minor = getattr(record, "amount", None)
    return str(record) if minor is None else amount(minor, getattr(record, "currency", ""))
