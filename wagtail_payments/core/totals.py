"""From lines to the totals of a document, exactly as EN 16931 adds up.

VAT is computed once per rate on the whole document, never per line. Prices that include VAT keep
their gross to the cent (gross-exact): the net is derived from the gross, not the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from wagtail_payments.core import money
from wagtail_payments.core.tax import VatGroup


class CannotAddUp(ValueError):
    """These lines make no document; the subclass says why."""


class DiscountTooLarge(CannotAddUp):
    """A discount is larger than what it is taken from."""


class AmountTooLarge(CannotAddUp):
    """A line or the whole is more than ``money.LARGEST``."""


class MixedPriceBasis(CannotAddUp):
    """A discount by amount needs lines that are all net or all VAT-included; a percentage always works."""


@dataclass(frozen=True, slots=True)
class Discount:
    """A reduction, by percent or by minor units in the price basis of what it reduces; one of them is zero."""

    percent: Decimal = Decimal(0)
    minor: int = 0

    def of(self, amount: int) -> int:
        """Return the reduction of ``amount`` in minor units; raises ``DiscountTooLarge``."""
        reduction = self.minor + money.rounded(amount * self.percent / 100)
        if not 0 <= reduction <= max(amount, 0):
            raise DiscountTooLarge
        return reduction


NO_DISCOUNT = Discount()


@dataclass(frozen=True, slots=True)
class LineInput:
    """What a person typed on a line; ``unit_price`` is in units of the currency (euros), net or gross."""

    quantity: Decimal
    unit_price: Decimal
    vat: VatGroup
    price_includes_vat: bool = False
    discount: Discount = NO_DISCOUNT


@dataclass(frozen=True, slots=True)
class LineTotal:
    """A line in minor units: its amount and discount in its own price basis, and its net (BT-131)."""

    amount: int
    discount: int
    net: int


@dataclass(frozen=True, slots=True)
class VatSubtotal:
    """One row of the VAT breakdown (BG-23), in minor units."""

    vat: VatGroup
    base: int
    tax: int

    @property
    def gross(self) -> int:
        """Base and tax together."""
        return self.base + self.tax


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of a document in minor units (BT-106, 107, 109, 110, 112)."""

    lines: tuple[LineTotal, ...]
    vat: tuple[VatSubtotal, ...]
    lines_net: int
    discount: int
    net: int
    tax: int
    gross: int


@dataclass(slots=True)
class _Part:
    """The lines of one VAT group in one price basis."""

    vat: VatGroup
    includes_vat: bool
    indexes: list[int]
    before: int = 0
    reduction: int = 0

    def net_of(self, amount: int) -> int:
        if not self.includes_vat:
            return amount
        return money.rounded(Decimal(amount) * 100 / (100 + self.vat.rate))

    @property
    def base(self) -> int:
        return self.net_of(self.before - self.reduction)


def line_amount(line: LineInput, currency: str) -> LineTotal:
    """Return the line after its own discount, in its price basis; ``net`` still holds that same amount.

    Raises ``DiscountTooLarge`` or ``AmountTooLarge``.
    """
    before = money.to_minor(money.product(line.quantity, line.unit_price), currency)
    if before > money.LARGEST:
        raise AmountTooLarge
    reduction = line.discount.of(before)
    return LineTotal(before - reduction, reduction, before - reduction)


def compute(lines: Sequence[LineInput], currency: str, discount: Discount = NO_DISCOUNT) -> Totals:
    """Add up a document; raises ``DiscountTooLarge``, ``AmountTooLarge`` or ``MixedPriceBasis``.

    EN 16931: BR-CO-10, 11, 13, 14, 15, 17. The document discount is spread over the VAT groups
    by largest remainder.
    """
    amounts = [line_amount(line, currency) for line in lines]
    parts = _parts(lines, amounts)
    _spread_discount(parts, discount)
    subtotals = _subtotals(parts)
    nets = _line_nets(parts, amounts)
    lines_net, net = sum(nets), sum(row.base for row in subtotals)
    tax = sum(row.tax for row in subtotals)
    if net + tax > money.LARGEST:
        raise AmountTooLarge
    totals = tuple(LineTotal(line.amount, line.discount, n) for line, n in zip(amounts, nets, strict=True))
    return Totals(totals, subtotals, lines_net, lines_net - net, net, tax, net + tax)


def _parts(lines: Sequence[LineInput], amounts: Sequence[LineTotal]) -> list[_Part]:
    found: dict[tuple[VatGroup, bool], _Part] = {}
    for index, line in enumerate(lines):
        key = (line.vat, line.price_includes_vat)
        part = found.setdefault(key, _Part(line.vat, line.price_includes_vat, []))
        part.indexes.append(index)
        part.before += amounts[index].amount
    return list(found.values())


def _spread_discount(parts: Sequence[_Part], discount: Discount) -> None:
    if discount.minor and len({part.includes_vat for part in parts}) > 1:
        raise MixedPriceBasis
    for basis in (False, True):
        chosen = [part for part in parts if part.includes_vat is basis]
        before = [part.before for part in chosen]
        if not chosen:
            continue
        for part, reduction in zip(chosen, money.spread(discount.of(sum(before)), before), strict=True):
            part.reduction = reduction


def _subtotals(parts: Sequence[_Part]) -> tuple[VatSubtotal, ...]:
    """VAT per group: on the sum of net prices once, plus what the gross prices contain."""
    rows = []
    for vat in sorted({part.vat for part in parts}, key=lambda vat: (-vat.rate, vat.category, vat.reason)):
        of_group = [part for part in parts if part.vat == vat]
        net_base = sum(part.base for part in of_group if not part.includes_vat)
        tax = money.rounded(net_base * vat.rate / 100)
        tax += sum(part.before - part.reduction - part.base for part in of_group if part.includes_vat)
        rows.append(VatSubtotal(vat, sum(part.base for part in of_group), tax))
    return tuple(rows)


def _line_nets(parts: Sequence[_Part], amounts: Sequence[LineTotal]) -> list[int]:
    """The net of each line (BT-131); gross lines share their group's net by largest remainder."""
    nets = [line.amount for line in amounts]
    for part in parts:
        if part.includes_vat:
            weights = [amounts[index].amount for index in part.indexes]
            for index, net in zip(part.indexes, money.spread(part.net_of(part.before), weights), strict=True):
                nets[index] = net
    return nets
