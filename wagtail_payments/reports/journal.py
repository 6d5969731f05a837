"""The journal: every entry of the books with its debits and credits, in the order in which they were sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wagtail_payments.core import money
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.ledger import Chain, EntryLine, entry_kinds
from wagtail_payments.records.sellers import Seller
from wagtail_payments.reports.spreadsheet import Cell


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an entry; ``debit`` and ``credit`` in minor units, one of them zero."""

    sequence: int
    on: date
    kind: str
    document: str
    label: str
    account: str
    customer: str
    debit: int
    credit: int
    currency: str


@dataclass(frozen=True, slots=True)
class Closing:
    """How many entries the whole chain holds and what its last seal is: kept with an export, it proves a cut tail."""

    count: int
    head: str


def rows(*, seller: Seller, first: date, last: date, mode: str = Mode.LIVE) -> Iterator[Row]:
    """Yield the lines of the entries dated from the first day to the last, both included; one query."""
    lines = EntryLine.objects.filter(
        entry__chain__seller=seller, entry__chain__mode=mode, entry__on__range=(first, last)
    )
    lines = lines.select_related("entry__document", "customer").order_by("entry__sequence", "pk")
    for line in lines.iterator(chunk_size=1000):
        entry = line.entry
        yield Row(
            sequence=entry.sequence,
            on=entry.on,
            kind=entry.kind,
            document=entry.document.number if entry.document else "",
            label=entry.label,
            account=line.account,
            customer=line.customer.name if line.customer else "",
            debit=line.debit,
            credit=line.credit,
            currency=line.currency,
        )


def closing(*, seller: Seller, mode: str = Mode.LIVE) -> Closing:
    """Return the state of the chain now; zero entries where nothing was booked."""
    chain = Chain.objects.filter(seller=seller, mode=mode).first()
    return Closing(chain.count, chain.head) if chain else Closing(0, "")


def titles() -> list[str]:
    """Return the titles of the exported table, in the active language."""
    return [
        _("No."),
        _("Date"),
        _("Kind"),
        _("Document"),
        _("Text"),
        _("Account"),
        _("Customer"),
        _("Debit"),
        pgettext("side of an entry", "Credit"),
        _("Currency"),
    ]


def cells(row: Row) -> list[Cell]:
    """Return a row of the exported table, amounts in currency units, in the active language."""
    return [
        row.sequence,
        row.on,
        str(dict(entry_kinds()).get(row.kind, row.kind)),
        row.document,
        row.label,
        row.account,
        row.customer,
        money.to_major(row.debit, row.currency) if row.debit else None,
        money.to_major(row.credit, row.currency) if row.credit else None,
        row.currency,
    ]


def table(*, seller: Seller, first: date, last: date, mode: str = Mode.LIVE) -> Iterator[list[Cell]]:
    """Yield the exported table: the journal, then one row with the state of the chain."""
    # asked first: what is booked while the rows are read must not seem to be proved by them
    end = closing(seller=seller, mode=mode)
    for row in rows(seller=seller, first=first, last=last, mode=mode):
        yield cells(row)
    yield [end.count, None, _("Entries in the whole ledger, and the last seal"), "", end.head]
