"""How amounts, quantities, dates and names are written in the language and currency of a document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property

from babel import Locale, UnknownLocaleError, dates, numbers
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wagtail_payments.core import money

NBSP = "\u00a0"


class Writer:
    """Writes the facts of one document; no text it returns breaks inside a number."""

    def __init__(self, language: str, currency: str) -> None:
        self.language = language
        self.currency = currency

    @cached_property
    def locale(self) -> Locale:
        """The locale of the language; English for one that nobody knows."""
        for wanted in (self.language, self.language.split("-")[0]):
            try:
                return Locale.parse(wanted.replace("-", "_"))
            except (UnknownLocaleError, ValueError):
                continue
        return Locale("en")

    def money(self, minor: int) -> str:
        """Write minor units with the currency: ``1 240,50 €``."""
        return money.formatted(minor, self.currency, str(self.locale))

    def figures(self, minor: int) -> str:
        """Write minor units without the currency: ``1 240,50``."""
        digits = money.exponent(self.currency)
        return self._decimal(money.to_major(minor, self.currency), digits, digits)

    def price(self, amount: str) -> str:
        """Write a unit price with the currency's decimals, or as many of its six as it has."""
        return self._decimal(Decimal(amount), money.exponent(self.currency), 6)

    def quantity(self, amount: str) -> str:
        """Write a quantity with as many decimals as it has."""
        return self._decimal(Decimal(amount), 0, 6)

    def percent(self, rate: str) -> str:
        """Write a rate or a discount, given in percent: ``5,5 %``."""
        text = numbers.format_percent(Decimal(rate) / 100, locale=self.locale, decimal_quantization=False)
        return _unbroken(text)

    def date(self, iso: str) -> str:
        """Write an ISO date in full: ``15 décembre 2026``; nothing for nothing."""
        if not iso:
            return ""
        day = date.fromisoformat(iso)
        written = str(dates.format_date(day, "long", locale=self.locale))
        return f"1er{written[1:]}" if self.locale.language == "fr" and day.day == 1 else written

    def country(self, code: str) -> str:
        """Return the name of a country."""
        return str(self.locale.territories.get(code, code))

    def _decimal(self, value: Decimal, fewest: int, most: int) -> str:
        pattern = "#,##0" + ("." + "0" * fewest + "#" * (most - fewest) if most else "")
        return _unbroken(numbers.format_decimal(value, format=pattern, locale=self.locale))


def _unbroken(text: str) -> str:
    """Babel's narrow no-break space is taken for a place to break by the renderer."""
    return text.replace("\u202f", NBSP).replace(" ", NBSP)


def grouped(identifier: str, *sizes: int) -> str:
    """Write an identifier in groups: ``grouped("123456789", 3)`` is ``123 456 789``; the last size repeats."""
    text, groups = "".join(identifier.split()), list[str]()
    while text:
        size = sizes[min(len(groups), len(sizes) - 1)]
        groups.append(text[:size])
        text = text[size:]
    return NBSP.join(groups)


def method_within(code: str) -> str:
    """Return the same name as it stands inside a sentence; names of brands keep their capital."""
    name = method_name(code)
    is_word = code in {"transfer", "cheque", "cash", "terminal", "card", "sepa_debit"} and not name[:2].isupper()
    return name[:1].lower() + name[1:] if is_word else name


def method_name(code: str) -> str:
    """Return how a way to pay is called; a code we have no word for is shown with a capital."""
    names = {
        "transfer": _("Bank transfer"),
        "cheque": _("Cheque"),
        "cash": _("Cash"),
        "terminal": _("Card terminal"),
        "card": _("Card"),
        "sepa_debit": _("SEPA direct debit"),
        "link": pgettext("payment method", "Link"),
        "paypal": _("PayPal"),
        "bancontact": _("Bancontact"),
        "ideal": _("iDEAL"),
        "klarna": _("Klarna"),
        "other": _("Other"),
    }
    return names.get(code) or code.replace("_", " ").capitalize()
