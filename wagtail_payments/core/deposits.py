"""A contract invoiced in parts: deposits by percent or amount, and the final invoice for what is left.

Everything is done per VAT group, in minor units. A deposit keeps its gross; its VAT is telescoped: the contract's VAT
up to there less the VAT of the parts before. The final invoice has the net, and the VAT, that are left, so that the
whole chain comes to the contract to the cent, net, VAT and gross of every rate. Computing VAT anew on each net would
miss the contract in about half of all chains.

Measured on 20,000 random chains of up to four deposits (tests/core/test_deposits.py): the VAT of a deposit and of the
final differs from base times rate by 1 cent at most, equal in 88 % of the final rates; where deposits were credited
or cancelled in part, by 2 cents at most (in 3 of 10,000), equal in 81 %. EN 16931 (BR-CO-17, BR-S-09) tolerates it.
No part is ever negative: what was invoiced beyond the contract is taken back by 503 credit notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from wagtail_payments.core import money
from wagtail_payments.core.tax import VatGroup
from wagtail_payments.core.totals import Totals, VatSubtotal

Rows = Sequence[VatSubtotal]


class MoreThanLeft(ValueError):
    """A deposit would take more than what is left of the contract."""


@dataclass(frozen=True, slots=True)
class Part:
    """An issued invoice of a part of the contract as it stands, its credit notes taken off.

    ``unpaid`` is what is still due on it, in minor units; ``cancels`` says that this is not waited for any more.
    """

    key: int
    rows: tuple[VatSubtotal, ...]
    unpaid: int = 0
    cancels: bool = False

    @property
    def gross(self) -> int:
        """What it comes to."""
        return gross_of(self.rows)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a credit note must take back of a part: unpaid and not waited for, or beyond the contract."""

    key: int
    rows: tuple[VatSubtotal, ...]
    is_unpaid: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a contract ends: what is taken back first, what is then deducted of which part, and what is left to ask."""

    taken_back: tuple[TakenBack, ...]
    deducted: tuple[Part, ...]
    rest: tuple[VatSubtotal, ...]


def gross_of(rows: Iterable[VatSubtotal]) -> int:
    """Return what VAT groups come to, VAT included."""
    return sum(row.gross for row in rows)


def of_percent(contract: Rows, percent: Decimal) -> int:
    """Return so many percent of a contract's gross, in minor units."""
    return money.rounded(Decimal(gross_of(contract)) * percent / 100)


def part(contract: Rows, amount: int, before: Iterable[Rows] = ()) -> tuple[VatSubtotal, ...]:
    """Divide a gross amount over the VAT groups that are left of a contract; groups without a share are left out.

    The shares follow what is left of each group's gross by largest remainder. Raises ``MoreThanLeft``.
    """
    before = list(before)
    left = _left(contract, before)
    remaining = [max(left[row.vat].gross, 0) for row in contract]
    if not 0 < amount <= sum(remaining):
        raise MoreThanLeft
    shares = money.spread(amount, remaining)
    exact = [gross_exact(row.vat, share) for row, share in zip(contract, shares, strict=True) if share]
    return telescoped(contract, exact, before)


def gross_exact(vat: VatGroup, gross: int) -> VatSubtotal:
    """Return a VAT group that comes to exactly that gross."""
    net = money.rounded(Decimal(gross) * 100 / (100 + vat.rate))
    return VatSubtotal(vat, net, gross - net)


def telescoped(contract: Rows, rows: Rows, before: Iterable[Rows] = ()) -> tuple[VatSubtotal, ...]:
    """Return the rows of a deposit with the same gross and the VAT that keeps the chain exact.

    A row beyond what is left of the contract, or of a group that is not in it, stays as it is.
    """
    agreed, invoiced = _sums([contract]), _sums(before)
    return tuple(_telescoped(row, agreed.get(row.vat), invoiced.get(row.vat)) for row in rows)


def _telescoped(row: VatSubtotal, agreed: VatSubtotal | None, before: VatSubtotal | None) -> VatSubtotal:
    before = before or VatSubtotal(row.vat, 0, 0)
    if agreed is None or not agreed.gross or before.gross + row.gross > agreed.gross:
        return row
    up_to_here = money.rounded(Decimal(agreed.tax) * (before.gross + row.gross) / agreed.gross)
    least, most = row.gross - (agreed.base - before.base), agreed.tax - before.tax
    tax = min(max(up_to_here - before.tax, least, 0), most, row.gross)
    return VatSubtotal(row.vat, row.gross - tax, tax)


def yielding(contract: Rows, parts: Iterable[Rows]) -> tuple[VatSubtotal, ...]:
    """Return the rows of a contract with the same gross, and with VAT that no part goes beyond.

    For a contract that is written anew around its parts, such as what was kept of them: neither was rounded for the
    other. A row whose parts come to more than it stays as it is.
    """
    invoiced = _sums(parts)
    return tuple(_yielding(row, invoiced.get(row.vat)) for row in contract)


def _yielding(row: VatSubtotal, before: VatSubtotal | None) -> VatSubtotal:
    if before is None or before.gross > row.gross:
        return row
    tax = min(max(row.tax, before.tax), row.gross - before.base)
    return VatSubtotal(row.vat, row.gross - tax, tax)


def settle(contract: Rows, parts: Sequence[Part]) -> Settlement:
    """Return how a contract ends after its parts, which stand in the order of their issue.

    Unpaid parts that are cancelled are taken back first; then, where the rest invoices more than the contract at some
    rate, the newest ones. The rest has a row for each group of the contract, none of them negative.
    """
    cancelled = {one.key: _share(one.rows, one.unpaid) for one in parts if one.cancels and one.unpaid}
    standing = {one.key: minus(one.rows, cancelled.get(one.key, ())) for one in parts}
    beyond = _beyond(contract, standing)
    kept = {key: minus(rows, beyond.get(key, ())) for key, rows in standing.items()}
    taken_back = [
        *(TakenBack(key, rows, is_unpaid=True) for key, rows in cancelled.items()),
        *(TakenBack(key, rows, is_unpaid=False) for key, rows in beyond.items()),
    ]
    deducted = [Part(one.key, kept[one.key], one.unpaid) for one in parts if _is_something(kept[one.key])]
    rest = _left(contract, (one.rows for one in deducted))
    return Settlement(tuple(taken_back), tuple(deducted), tuple(rest[row.vat] for row in contract))


def fits(contract: Rows, parts: Iterable[Rows]) -> bool:
    """Do parts stay within a contract, net and VAT of each group?"""
    agreed = _sums([contract])
    return all(
        vat in agreed and row.base <= agreed[vat].base and row.tax <= agreed[vat].tax
        for vat, row in _sums(parts).items()
    )


def minus(rows: Rows, less: Rows) -> tuple[VatSubtotal, ...]:
    """Take VAT groups off others; the groups of ``rows`` stay, in their order."""
    off = _sums([less])
    return tuple(_less(row, off.get(row.vat)) for row in rows)


def _is_something(rows: Rows) -> bool:
    return any(row.base or row.tax for row in rows)


def _less(row: VatSubtotal, off: VatSubtotal | None) -> VatSubtotal:
    return VatSubtotal(row.vat, row.base - off.base, row.tax - off.tax) if off else row


def _sums(parts: Iterable[Rows]) -> dict[VatGroup, VatSubtotal]:
    found: dict[VatGroup, VatSubtotal] = {}
    for rows in parts:
        for row in rows:
            before = found.get(row.vat, VatSubtotal(row.vat, 0, 0))
            found[row.vat] = VatSubtotal(row.vat, before.base + row.base, before.tax + row.tax)
    return found


def _left(contract: Rows, before: Iterable[Rows]) -> dict[VatGroup, VatSubtotal]:
    invoiced = _sums(before)
    return {row.vat: _less(row, invoiced.get(row.vat)) for row in contract}


def _share(rows: Rows, amount: int) -> tuple[VatSubtotal, ...]:
    """A gross amount of an invoice, divided over its groups: all of it takes all, to the cent."""
    shares = money.spread(min(amount, gross_of(rows)), [row.gross for row in rows])
    return tuple(_portion(row, share) for row, share in zip(rows, shares, strict=True) if share)


def _portion(row: VatSubtotal, gross: int) -> VatSubtotal:
    tax = money.rounded(Decimal(row.tax) * gross / row.gross)
    return VatSubtotal(row.vat, gross - tax, tax)


def _beyond(contract: Rows, standing: Mapping[int, Rows]) -> dict[int, tuple[VatSubtotal, ...]]:
    """What the parts invoice beyond the contract, net and VAT of each group apart, taken from the newest ones."""
    agreed, invoiced = _sums([contract]), _sums(standing.values())
    excess = {vat: _over(row, agreed.get(vat)) for vat, row in invoiced.items()}
    found = {}
    for key, rows in reversed(list(standing.items())):
        taken = tuple(_taken(rows, excess))
        if taken:
            found[key] = taken
            excess |= {row.vat: _less(excess[row.vat], row) for row in taken}
    return found


def _over(row: VatSubtotal, agreed: VatSubtotal | None) -> VatSubtotal:
    over = _less(row, agreed)
    return VatSubtotal(row.vat, max(over.base, 0), max(over.tax, 0))


def _taken(rows: Rows, excess: Mapping[VatGroup, VatSubtotal]) -> Iterator[VatSubtotal]:
    for row in rows:
        over = excess[row.vat]
        taken = VatSubtotal(row.vat, min(over.base, row.base), min(over.tax, row.tax))
        if taken.base or taken.tax:
            yield taken


def with_rows(added: Totals, groups: Sequence[VatGroup], rows: Rows) -> Totals:
    """Return totals with other rows of the same gross; ``groups`` are those of its lines.

    Of each group, its first line takes the cent by which the net differs.
    """
    wanted = {row.vat: row for row in rows}
    kept = tuple(wanted.get(row.vat, row) for row in added.vat)
    nets = [line.net for line in added.lines]
    for old, new in zip(added.vat, kept, strict=True):
        nets[groups.index(old.vat)] += new.base - old.base
    lines = tuple(replace(line, net=net) for line, net in zip(added.lines, nets, strict=True))
    net, tax = sum(row.base for row in kept), sum(row.tax for row in kept)
    return replace(
        added, lines=lines, vat=kept, lines_net=sum(nets), discount=sum(nets) - net, net=net, tax=tax, gross=net + tax
    )
