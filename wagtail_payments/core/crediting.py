"""The lines and VAT of a credit note: by VAT rate, by line, or all that is left. Minor units throughout.

The VAT inside a credit is cumulated per group: several part credits end on the invoice's exact VAT, whichever way each
of them was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import lcm

from wagtail_payments.core import allocation, money
from wagtail_payments.core.creditable import Creditable, Left, LineLeft, VatKey
from wagtail_payments.core.snapshot import Line, VatRow


class CannotCredit(ValueError):
    """This can't be credited; the subclass says why."""


class NothingChosen(CannotCredit):
    """No amount above zero, or a negative one."""


class NoSuchPart(CannotCredit):
    """The invoice has no such VAT group or line."""


class TooMuch(CannotCredit):
    """More than is left of a VAT group, the argument."""

    def __init__(self, group: Creditable) -> None:
        super().__init__(group)
        self.group = group


class TooMuchOfLine(CannotCredit):
    """More than is left of a line, the argument."""

    def __init__(self, line: LineLeft) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True, slots=True)
class LineWish:
    """What is to be credited of a line: a quantity, or a gross amount in minor units."""

    number: int
    quantity: Decimal | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """The VAT rows and lines of a credit note."""

    vat: tuple[VatRow, ...]
    lines: tuple[Line, ...]

    @property
    def net(self) -> int:
        """The net amount."""
        return sum(row.base for row in self.vat)

    @property
    def tax(self) -> int:
        """The VAT."""
        return sum(row.tax for row in self.vat)

    @property
    def gross(self) -> int:
        """Net and VAT."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class _Part:
    """A gross amount of a group: of a line (by quantity or not), or of the group as a whole."""

    gross: int
    line: LineLeft | None = None
    quantity: Decimal | None = None


def by_rate(left: Left, amounts: Mapping[VatKey, int], description: str) -> Credit:
    """Return the credit of gross ``amounts`` per VAT group; each group is one line of that description.

    Raises ``CannotCredit``.
    """
    if not any(amounts.values()) or any(amount < 0 for amount in amounts.values()):
        raise NothingChosen
    if not set(amounts) <= {group.key for group in left.groups}:
        raise NoSuchPart
    parts = {key: [_Part(amount)] for key, amount in amounts.items() if amount}
    return _drawn(left, parts, description)


def by_line(left: Left, wishes: Sequence[LineWish]) -> Credit:
    """Return the credit of quantities or gross amounts of lines, each citing its line. Raises ``CannotCredit``."""
    lines = {line.number: line for line in left.lines}
    parts: dict[VatKey, list[_Part]] = {}
    if len({wish.number for wish in wishes}) < len(wishes):
        raise NoSuchPart
    for wish in sorted(wishes, key=lambda wish: wish.number):
        if wish.number not in lines:
            raise NoSuchPart
        part = _part_of(lines[wish.number], wish)
        parts.setdefault(lines[wish.number].key, []).append(part)
    if not parts:
        raise NothingChosen
    return _drawn(left, parts, "")


def _part_of(line: LineLeft, wish: LineWish) -> _Part:
    if wish.quantity is not None:
        if wish.quantity > line.left_quantity:
            raise TooMuchOfLine(line)
        gross = line.gross_of(wish.quantity)
    else:
        gross = wish.amount or 0
    if gross <= 0:
        raise NothingChosen
    if gross > line.left:
        raise TooMuchOfLine(line)
    return _Part(gross, line, wish.quantity)


def everything(left: Left, description: str) -> Credit:
    """Return the credit of all that is left: by line, or with that description where lines no longer say it.

    Raises ``NothingChosen``.
    """
    parts: dict[VatKey, list[_Part]] = {}
    for group in left.groups:
        of_group = [line for line in left.lines if line.key == group.key and line.left]
        if not group.left:
            continue
        fits = sum(line.left for line in of_group) == group.left
        parts[group.key] = [_rest_of(line) for line in of_group] if fits else [_Part(group.left)]
    if not parts:
        raise NothingChosen
    return _drawn(left, parts, description)


def exactly(left: Left, sums: Mapping[VatKey, tuple[int, int]], description: str) -> Credit:
    """Return the credit of exactly these net amounts and VAT per VAT group, each one line of that description.

    For what a settlement has worked out already. Raises ``CannotCredit``.
    """
    rows: list[VatRow] = []
    for group in left.groups:
        net, tax = sums.get(group.key, (0, 0))
        if net + tax > group.left:
            raise TooMuch(group)
        if net or tax:
            rows.append(replace(group.row, base=net, tax=tax))
    if len(rows) < len(sums):
        raise NoSuchPart
    lines = [_printed(_Part(row.base + row.tax), row.base, row, left.currency, description) for row in rows]
    return Credit(tuple(rows), tuple(lines))


def _rest_of(line: LineLeft) -> _Part:
    quantity = line.left_quantity
    return _Part(line.left, line, quantity if quantity and line.gross_of(quantity) == line.left else None)


def _drawn(left: Left, parts: Mapping[VatKey, Sequence[_Part]], description: str) -> Credit:
    rows: list[VatRow] = []
    lines: list[Line] = []
    for group in left.groups:
        of_group = parts.get(group.key)
        if not of_group:
            continue
        row = _row(group, sum(part.gross for part in of_group))
        rows.append(row)
        for part, net in zip(of_group, _nets(left, group, of_group, row.base), strict=True):
            lines.append(_printed(part, net, row, left.currency, description))
    lines.sort(key=lambda line: line.of_line)
    return Credit(tuple(rows), tuple(lines))


def _row(group: Creditable, gross: int) -> VatRow:
    if gross > group.left:
        raise TooMuch(group)
    (share,) = allocation.split_by_vat(gross, [(group.gross, group.row.tax)], [group.credited])
    return VatRow(group.row.category, group.row.rate, gross - share.tax, share.tax, group.row.reason, group.row.wording)


def _nets(left: Left, group: Creditable, parts: Sequence[_Part], base: int) -> list[int]:
    """The net of each part: as near as cents allow to what its line says."""
    of_group = [line for line in left.lines if line.key == group.key]
    net, gross = sum(line.line.net for line in of_group), sum(line.gross for line in of_group)
    ideal = [_ideal_net(part, group, net, gross) for part in parts]
    scale = lcm(*(net.denominator for net in ideal))
    weights = [int(net * scale) for net in ideal]
    return money.spread(base, weights if any(weights) else [part.gross for part in parts])


def _ideal_net(part: _Part, group: Creditable, lines_net: int, lines_gross: int) -> Fraction:
    per_gross = Fraction(group.row.base, group.gross)
    if part.line is None or part.quantity is None or not lines_net:
        return part.gross * per_gross
    share = Fraction(part.quantity) / Fraction(part.line.quantity)
    return Fraction(part.line.line.net * lines_gross, lines_net) * per_gross * share


def _printed(part: _Part, net: int, row: VatRow, currency: str, description: str) -> Line:
    """A line of the note, in the price basis of the invoice's; what the invoice took off is taken off here too."""
    cited = part.line.line if part.line is not None else None
    includes_vat = cited.price_includes_vat if cited is not None else False
    amount = part.gross if includes_vat else net
    quantity, unit, price = Decimal(1), "", money.to_major(amount, currency)
    text = cited.description if cited is not None else description
    discount = 0
    if cited is not None and part.quantity is not None:
        before = money.to_minor(money.product(part.quantity, Decimal(cited.unit_price)), currency)
        if before >= amount:
            quantity, unit, price = part.quantity, cited.unit, Decimal(cited.unit_price)
            discount = before - amount
        else:  # a cent more than the price says, from rounding the VAT
            text = f"{plain(part.quantity)} × {text}"
    return Line(
        description=text,
        quantity=plain(quantity),
        unit=unit,
        unit_price=plain(price) if cited is not None else f"{price:f}",
        price_includes_vat=includes_vat,
        discount=discount,
        discount_percent="",
        amount=amount,
        net=net,
        vat_category=row.category,
        vat_rate=row.rate,
        vat_reason=row.reason,
        of_line=part.line.number if part.line is not None else 0,
        of_gross=part.gross if part.line is not None else 0,
        of_quantity=plain(part.quantity) if part.quantity is not None else "",
    )


def plain(value: Decimal) -> str:
    """Write a decimal without trailing zeros and without an exponent."""
    return f"{value.normalize() + 0:f}"
