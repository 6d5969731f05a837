"""What a customer may choose of a quote: options with a tick, quantities within their bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol
from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from wagtail_payments.actions import papers
from wagtail_payments.actions.quote_papers import Chosen
from wagtail_payments.core import totals
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.quotes import Quote, QuoteLine

MARK = "chosen"  # stands in what was sent, so that nothing ticked is told from nothing sent
LONGEST = 20  # characters of a quantity


@dataclass(frozen=True, slots=True)
class Row:
    """A line of which something may be chosen; ``tick`` for an option, ``quantity`` where there are bounds."""

    name: str
    more: str
    price: str
    tick: BoundField | None
    quantity: BoundField | None


class ChoiceForm(forms.Form):
    """Ticks and quantities; unbound where nothing was sent, so that the quote stands as it was written."""

    def __init__(self, quote: Quote, data: Mapping[str, Any] | None = None, chosen: Chosen | None = None) -> None:
        self.quote, self.writer = quote, Writer(quote.language, quote.currency)
        self.lines: list[QuoteLine] = [line for line in quote.lines.all() if line.is_choosable]
        super().__init__(data if data and MARK in data else None, auto_id="wp-%s")
        for line in self.lines:
            self._add(line, chosen or {})

    def _add(self, line: QuoteLine, chosen: Chosen) -> None:
        least, most = line.bounds
        name = line.description.splitlines()[0] if line.description else ""
        if line.is_optional:
            ticked = line.pk in chosen
            self.fields[f"o-{line.pk}"] = forms.BooleanField(label=name, required=False, initial=ticked)
        if least != most:
            bounds = {"least": self._written(least), "most": self._written(most)}
            attrs = {"class": "wp-input wp-input--number", "inputmode": "decimal", "autocomplete": "off"}
            self.fields[f"q-{line.pk}"] = forms.CharField(
                label=_("Quantity of “%(line)s”") % {"line": name},
                help_text=_("From %(least)s to %(most)s") % bounds,
                initial=self._typeable(chosen.get(line.pk, line.quantity)),
                required=False,
                max_length=LONGEST,
                widget=forms.TextInput(attrs=attrs),
            )

    def clean(self) -> dict[str, Any]:
        """Read the quantities, a decimal comma too, and check the bounds of the lines that are taken."""
        for line in self.lines:
            name = f"q-{line.pk}"
            if name not in self.fields or not self._is_taken(line):
                continue
            least, most = line.bounds
            quantity = self._read(self.cleaned_data.get(name, ""))
            if quantity is None or not least <= quantity <= most:
                bounds = {"least": self._written(least), "most": self._written(most)}
                self.add_error(name, _("Give a quantity from %(least)s to %(most)s.") % bounds)
        return self.cleaned_data

    def chosen(self) -> dict[int, Decimal]:
        """Return the quantities by line, of a form that is valid or unbound."""
        if not self.is_bound:
            return {
                line.pk: self._read(str(self.fields[f"q-{line.pk}"].initial)) or line.quantity
                if f"q-{line.pk}" in self.fields
                else line.quantity
                for line in self.lines
                if not line.is_optional or self.fields[f"o-{line.pk}"].initial
            }
        return {
            line.pk: self._read(self.cleaned_data.get(f"q-{line.pk}", "")) or line.quantity
            for line in self.lines
            if self._is_taken(line)
        }

    def query(self) -> str:
        """Return what carries these choices to another page, as it was typed."""
        if not self.is_bound:
            return ""
        sent = [(name, self.data[name]) for name in self.fields if self.data.get(name)]
        return "?" + urlencode([(MARK, "1"), *sent])

    def rows(self) -> list[Row]:
        """Return what is shown, line by line."""
        return [self._row(line) for line in self.lines]

    def problems(self) -> list[tuple[str, str]]:
        """Return where what is wrong, for the summary on top."""
        return [(f"wp-{name}", str(error)) for name, errors in self.errors.items() for error in errors]

    def _row(self, line: QuoteLine) -> Row:
        first, _newline, rest = line.description.partition("\n")
        alone = totals.compute([line.as_core(self.quote.currency)], self.quote.currency)
        price = self.writer.money(alone.gross)
        least, most = line.bounds
        said = {"quantity": self._written(line.quantity), "unit": line.unit, "price": price}
        each = (
            _("%(price)s incl. VAT for %(quantity)s %(unit)s") % said
            if least != most
            else _("%(price)s incl. VAT") % said
        )
        names = (f"o-{line.pk}", f"q-{line.pk}")
        tick, quantity = (self[name] if name in self.fields else None for name in names)
        return Row(first, rest.strip(), each.strip(), tick, quantity)

    def _is_taken(self, line: QuoteLine) -> bool:
        return not line.is_optional or bool(self.cleaned_data.get(f"o-{line.pk}"))

    def _written(self, quantity: Decimal) -> str:
        return self.writer.quantity(papers.plain(quantity))

    def _typeable(self, quantity: Decimal) -> str:
        """Write a quantity as one types it: thousands are not set apart, as some would read a decimal mark there."""
        return papers.plain(quantity).replace(".", get_decimal_symbol(self.writer.locale))

    def _read(self, typed: str) -> Decimal | None:
        return _read(typed, self.writer.locale)


def _read(typed: str, locale: Locale) -> Decimal | None:
    """Read a quantity as people write it: with a comma or a point, with spaces, with thousands set apart.

    A comma or a point stands for thousands only where the language says so: "1,500" is 1500 in English, 1.5 in French.
    """
    text = "".join(typed.split())
    mark = get_group_symbol(locale)
    if re.fullmatch(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?:{re.escape(get_decimal_symbol(locale))}\d*)?", text):
        text = text.replace(mark, "")
    try:
        quantity = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return quantity if quantity.is_finite() and quantity.as_tuple().exponent >= -4 else None  # type: ignore[operator]
