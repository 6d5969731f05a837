"""Amounts of money: whole minor units of an ISO 4217 currency, and the one rounding function."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from babel import numbers
from iso4217 import Currency


class UnknownCurrency(ValueError):
    """The code is not an ISO 4217 currency that can be charged."""


class NotAnAmount(ValueError):
    """The text is not an amount in the currency's decimals."""


LARGEST = 10**13 - 1  # minor units; far above any invoice, far below what a database column holds

# Products of quantities and prices need more digits than the 28 that decimals keep by default.
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
_TYPED = re.compile(r"([+-]?[0-9]{0,20})(?:[.,]([0-9]*))?")
# CLDR sets a code such as CHF off from the figure, but no sign such as €; Babel sets off neither.
_CODE_BEFORE_FIGURE = re.compile(r"(?<=[^\W\d_])(?=[0-9])")
_GROUPING = str.maketrans("", "", "'\u2019")


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Return how many decimals the currency has: 2 for EUR, 0 for JPY, 3 for TND (ISO 4217)."""
    try:
        digits = Currency(currency).exponent
    except ValueError as error:
        raise UnknownCurrency(currency) from error
    if digits is None or digits > 3:
        raise UnknownCurrency(currency)
    return int(digits)


def rounded(value: Decimal) -> int:
    """Round to a whole number, half away from zero: the commercial rule, the only one used here."""
    return int(value.quantize(Decimal(1), context=_EXACT))


def product(left: Decimal, right: Decimal) -> Decimal:
    """Multiply without losing a digit."""
    return _EXACT.multiply(left, right)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return ``amount`` (in units such as euros) as minor units (cents), rounded commercially."""
    return rounded(amount.scaleb(exponent(currency), context=_EXACT))


def to_major(minor: int, currency: str) -> Decimal:
    """Return minor units (cents) as an exact decimal in units (euros), with the currency's decimals."""
    return Decimal(minor).scaleb(-exponent(currency))


def rounded_to(amount: Decimal, currency: str) -> Decimal:
    """Return an amount (in units) with the currency's decimals, rounded commercially."""
    return to_major(to_minor(amount, currency), currency)


def parse(text: str, currency: str) -> int:
    """Read an amount a person typed, with decimal comma or point, as minor units.

    Raises ``NotAnAmount`` when it is no number, too large, or written with more decimals than the currency
    has: ``1.240`` is refused in euros, since some mean a thousand by it.
    """
    typed = _TYPED.fullmatch("".join(text.split()).translate(_GROUPING))
    whole, decimals = (typed[1], typed[2] or "") if typed else ("", "")
    if not (whole.strip("+-") or decimals) or len(decimals) > exponent(currency):
        raise NotAnAmount(text)
    minor = to_minor(Decimal(f"{whole}.{decimals}"), currency)
    if abs(minor) > LARGEST:
        raise NotAnAmount(text)
    return minor


def formatted(minor: int, currency: str, language: str) -> str:
    """Write minor units for a person, as ``1 240,50 €`` in French, without a break inside."""
    locale = language.replace("-", "_")
    text: str = numbers.format_currency(
        to_major(minor, currency),
        currency,
        locale=locale,
        currency_digits=False,
        format=_pattern(locale, exponent(currency)),
    )
    return _CODE_BEFORE_FIGURE.sub("\u00a0", text.replace("\u202f", "\u00a0").replace(" ", "\u00a0"))


@lru_cache(maxsize=64)
def _pattern(locale: str, digits: int) -> str:
    """The locale's own currency pattern with the ISO number of decimals, which CLDR sometimes lowers."""
    pattern: str = numbers.parse_pattern(numbers.Locale.parse(locale).currency_formats["standard"]).pattern
    decimals = "." + "0" * digits if digits else ""
    return pattern.split(";")[0].replace(".00", decimals)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Divide ``total`` minor units in proportion to ``weights``, so that the parts sum exactly.

    Largest remainder; ties go to the earlier weight. Raises ``ValueError`` for weights of both signs, and
    where every weight is zero but ``total`` is not.
    """
    if min(weights, default=0) < 0 < max(weights, default=0):
        raise ValueError("weights of both signs")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("nothing to spread over")
        return [0 for _ in weights]
    sign = -1 if total < 0 else 1
    shares = [divmod(abs(total) * abs(weight), abs(whole)) for weight in weights]
    left = abs(total) - sum(quotient for quotient, _ in shares)
    largest = sorted(range(len(weights)), key=lambda index: (-shares[index][1], index))[:left]
    return [sign * (quotient + (index in largest)) for index, (quotient, _) in enumerate(shares)]
