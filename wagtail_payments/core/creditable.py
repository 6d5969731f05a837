"""What of an invoice can still be credited: of each VAT group and of each line. Gross minor units.

A line is worth its share of what its VAT group comes to, VAT and discount on the whole included, so that the lines of
a group sum to the group. On a final invoice it is worth all of its price, though only what the deposits left is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from wagtail_payments.core import money
from wagtail_payments.core.snapshot import Document, Line, VatRow

VatKey = tuple[str, str, str]  # category, rate in percent as printed, exemption reason


@dataclass(frozen=True, slots=True)
class Creditable:
    """What of one VAT group of an invoice can still be credited, gross minor units."""

    row: VatRow
    gross: int
    credited: int
    credited_tax: int

    @property
    def key(self) -> VatKey:
        """How the group is named."""
        return key_of(self.row)

    @property
    def left(self) -> int:
        """What is left to credit."""
        return self.gross - self.credited


@dataclass(frozen=True, slots=True)
class LineLeft:
    """A line of an invoice, by its ``number`` from 1: its gross worth, what was credited of it, what is left.

    ``left`` is never more than what is left of its VAT group; ``taken_quantity`` was credited by quantity.
    """

    number: int
    line: Line
    gross: int
    taken: int
    taken_quantity: Decimal
    left: int

    @property
    def quantity(self) -> Decimal:
        """The quantity on the invoice."""
        return Decimal(self.line.quantity)

    @property
    def left_quantity(self) -> Decimal:
        """The quantity that can still be credited."""
        return max(self.quantity - self.taken_quantity, Decimal(0)) if self.left else Decimal(0)

    @property
    def key(self) -> VatKey:
        """The VAT group it belongs to."""
        return (self.line.vat_category, self.line.vat_rate, self.line.vat_reason)

    def gross_of(self, quantity: Decimal) -> int:
        """Return what so much more of it is worth: cumulated, so that the whole quantity is the whole line."""
        before = _portion(self.gross, self.taken_quantity, self.quantity)
        after = _portion(self.gross, self.taken_quantity + quantity, self.quantity)
        return min(after - before, self.left)


@dataclass(frozen=True, slots=True)
class Left:
    """All that can still be credited of an invoice, by VAT group and by line."""

    currency: str
    groups: tuple[Creditable, ...]
    lines: tuple[LineLeft, ...]

    @property
    def gross(self) -> int:
        """What is left in all."""
        return sum(group.left for group in self.groups)


def key_of(row: VatRow) -> VatKey:
    """Return how the VAT group of a printed row is named."""
    return (row.category, row.rate, row.reason)


def what_is_left(invoice: Document, notes: Iterable[Document]) -> Left:
    """Return what can still be credited of an issued invoice, after the credit notes on it."""
    before: dict[VatKey, tuple[int, int]] = {}
    taken: dict[int, tuple[int, Decimal]] = {}
    for note in notes:
        for row in note.vat:
            gross, tax = before.get(key_of(row), (0, 0))
            before[key_of(row)] = (gross + row.base + row.tax, tax + row.tax)
        for line in note.lines:
            gross, quantity = taken.get(line.of_line, (0, Decimal(0)))
            taken[line.of_line] = (gross + line.of_gross, quantity + Decimal(line.of_quantity or 0))
    groups = tuple(Creditable(row, row.base + row.tax, *before.get(key_of(row), (0, 0))) for row in invoice.vat)
    return Left(invoice.currency, groups, tuple(_lines_left(invoice, groups, taken)))


def _lines_left(
    invoice: Document, groups: Sequence[Creditable], taken: Mapping[int, tuple[int, Decimal]]
) -> Iterable[LineLeft]:
    worth = _worth_of_lines(invoice)
    left_of = {group.key: group.left for group in groups}
    for number, line in enumerate(invoice.lines, start=1):
        gross, quantity = taken.get(number, (0, Decimal(0)))
        key = (line.vat_category, line.vat_rate, line.vat_reason)
        left = max(min(worth[number] - gross, left_of.get(key, 0)), 0)
        yield LineLeft(number, line, worth[number], gross, quantity, left)


def _worth_of_lines(invoice: Document) -> dict[int, int]:
    """Each line's gross share of its VAT group: by what it comes to with VAT, before the discount on the whole.

    What was deducted of the group was asked for by deposits, and belongs to the lines as well.
    """
    worth: dict[int, int] = {}
    deducted = Counter[VatKey]()
    for row in (row for part in invoice.deducted for row in part.vat):
        deducted[key_of(row)] += row.base + row.tax
    for row in invoice.vat:
        numbers = [
            number
            for number, line in enumerate(invoice.lines, start=1)
            if (line.vat_category, line.vat_rate, line.vat_reason) == key_of(row)
        ]
        weights = [_with_vat(invoice.lines[number - 1]) for number in numbers]
        whole = row.base + row.tax + deducted[key_of(row)]
        shares = money.spread(whole, weights) if any(weights) else [0 for _ in weights]
        worth |= dict(zip(numbers, shares, strict=True))
    return {number: worth.get(number, 0) for number in range(1, len(invoice.lines) + 1)}


def _with_vat(line: Line) -> int:
    """A line with VAT in ten-thousandths of a minor unit, so that nothing is rounded yet."""
    if line.price_includes_vat:
        return line.amount * 10_000
    return int(line.net * (10_000 + Decimal(line.vat_rate) * 100))


def _portion(gross: int, part: Decimal, whole: Decimal) -> int:
    return money.rounded(gross * part / whole) if whole else 0
