"""What is credited: everything, by line, or by VAT rate; and for a refund, which payment goes back and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions.credits import Creditable, LineWish, VatKey, Wanted
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.number_fields import AmountField, DecimalAnyMark, decimal_mark, shown_number
from wagtail_payments.admin.refund_forms import ReasonForm, WayField, payment_label
from wagtail_payments.admin.refund_words import MANUAL
from wagtail_payments.core import crediting
from wagtail_payments.core.creditable import Left, LineLeft
from wagtail_payments.records.payments import Payment

EVERYTHING, LINES, AMOUNTS = "everything", "lines", "amounts"
MOST_LINES = 200  # with more, a form would have more fields than a server takes


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the invoice in the form: what is left of it, and its two boxes."""

    line: LineLeft
    quantity: BoundField
    amount: BoundField

    @property
    def left_quantity(self) -> str:
        """The quantity that is left, as people write it."""
        return shown_number(self.line.left_quantity)

    @property
    def errors(self) -> list[str]:
        """What is wrong in either box."""
        return [*self.quantity.errors, *self.amount.errors]


class CreditForm(ReasonForm):
    """Three ways to say what is credited. Boxes are empty at first, so that what was typed is meant."""

    def __init__(self, *args: Any, left: Left, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.left, self.currency = left, currency
        self.groups = [group for group in left.groups if group.left > 0]
        self.lines = [line for line in left.lines if line.left] if len(left.lines) <= MOST_LINES else []
        self.credited: crediting.Credit | None = None
        self.fields["what"] = self._choice()
        for line in self.lines:
            self._add_line(line)
        for place, group in enumerate(self.groups):
            self.fields[f"amount_{place}"] = self._amount(group)
        self.order_fields(["what", *(name for name in self.fields if name.startswith(("line_", "amount_"))), "reason"])

    def _choice(self) -> forms.ChoiceField:
        whole = gettext("Everything that is left: %(left)s") % {"left": in_words(self.left.gross, self.currency)}
        ways = [(EVERYTHING, whole), (LINES, gettext("By line")), (AMOUNTS, gettext("By amount, for each VAT rate"))]
        offered = ways if self.lines else [ways[0], ways[2]]
        return forms.ChoiceField(
            label=_("What is credited"),
            choices=offered,
            initial=EVERYTHING,
            required=False,
            widget=forms.RadioSelect,
        )

    def _add_line(self, line: LineLeft) -> None:
        name = {"number": line.number}
        quantity = DecimalAnyMark(required=False, min_value=Decimal("0.0001"), max_digits=14, decimal_places=4)
        quantity.label = gettext("Line %(number)d, quantity to credit") % name
        amount = AmountField(currency=self.currency, required=False)
        amount.label = gettext("Line %(number)d, or amount to credit, VAT included") % name
        for suffix, field in (("quantity", quantity), ("amount", amount)):
            field.widget.attrs |= {"aria-label": str(field.label), "size": 9}
            self.fields[f"line_{line.number}_{suffix}"] = field

    def _amount(self, group: Creditable) -> AmountField:
        left = in_words(group.left, self.currency)
        return AmountField(
            currency=self.currency,
            allow_zero=True,
            required=False,
            label=_group_label(group),
            help_text=_("At most %(left)s, VAT included.") % {"left": left},
        )

    def line_rows(self) -> Iterator[LineRow]:
        """Yield the rows of the table of lines."""
        for line in self.lines:
            yield LineRow(line, self[f"line_{line.number}_quantity"], self[f"line_{line.number}_amount"])

    def amount_fields(self) -> Iterator[BoundField]:
        """Yield the boxes of the VAT rates."""
        return (self[name] for name in self.fields if name.startswith("amount_"))

    def other_fields(self) -> Iterator[BoundField]:
        """Yield what stands below: payment, way, reason."""
        boxes = ("what", "line_", "amount_")
        return (field for field in self.visible_fields() if not field.name.startswith(boxes))

    def clean(self) -> dict[str, Any]:
        """Refuse nothing at all, more than is left, and boxes filled in that the choice leaves aside."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            self._refuse_unused()
        if not self.errors:
            self._credit()
        return data

    def _chosen(self) -> str:
        return self.cleaned_data.get("what") or AMOUNTS

    def _refuse_unused(self) -> None:
        used = {LINES: "line_", AMOUNTS: "amount_"}.get(self._chosen(), "?")
        boxes = [name for name in self.fields if name.startswith(("line_", "amount_"))]
        unused = [name for name in boxes if self.cleaned_data.get(name) and not name.startswith(used)]
        if unused:
            self.add_error("what", _("You filled in boxes that this choice does not use. Choose again or empty them."))

    def _credit(self) -> None:
        try:
            self.credited = _drawn(self.left, self.wanted())
        except crediting.TooMuchOfLine as problem:
            number = problem.line.number
            box = "quantity" if self.cleaned_data.get(f"line_{number}_quantity") is not None else "amount"
            self.add_error(f"line_{number}_{box}", _("That is more than is left."))
        except crediting.TooMuch as problem:
            places = {group.key: place for place, group in enumerate(self.groups)}
            box = f"amount_{places[problem.group.key]}" if self._chosen() == AMOUNTS else ""
            self.add_error(box or None, _("That is more than is left."))
        except crediting.CannotCredit:
            raise ValidationError(_("Write at least one amount.")) from None

    def wanted(self) -> Wanted:
        """Return what is to be credited, as the verbs take it."""
        chosen = self._chosen()
        if chosen == EVERYTHING:
            return None
        return self._line_wishes() if chosen == LINES else self.amounts()

    def _line_wishes(self) -> list[LineWish]:
        found = []
        for line in self.lines:
            quantity = self.cleaned_data.get(f"line_{line.number}_quantity")
            amount = self.cleaned_data.get(f"line_{line.number}_amount")
            if quantity is not None or amount is not None:
                found.append(LineWish(line.number, quantity, amount if quantity is None else None))
        return found

    def amounts(self) -> dict[VatKey, int]:
        """Return the amounts per VAT group, without zeros."""
        typed = {group.key: self.cleaned_data.get(f"amount_{place}") or 0 for place, group in enumerate(self.groups)}
        return {key: amount for key, amount in typed.items() if amount}

    def total(self) -> int:
        """Return what is credited in all, gross minor units."""
        return self.credited.gross if self.credited is not None else 0


def _drawn(left: Left, wanted: Wanted) -> crediting.Credit:
    if wanted is None:
        return crediting.everything(left, "")
    if isinstance(wanted, Mapping):
        return crediting.by_rate(left, wanted, "")
    return crediting.by_line(left, wanted)


def _group_label(group: Creditable) -> str:
    if group.row.category == "S":
        return gettext("Amount at %(rate)s %% VAT") % {"rate": group.row.rate.replace(".", decimal_mark())}
    return gettext("Amount without VAT (%(why)s)") % {"why": group.row.wording or group.row.category}


class RefundForm(CreditForm):
    """A credit note, and the payment that goes back with it."""

    def __init__(self, *args: Any, payments: Sequence[Payment], **options: Any) -> None:
        super().__init__(*args, **options)
        self.payments = {str(payment.pk): payment for payment in payments}
        choices = [(key, payment_label(payment)) for key, payment in self.payments.items()]
        self.fields["payment"] = forms.ChoiceField(label=_("Which payment"), choices=choices, initial=choices[0][0])
        if len(choices) == 1:
            self.fields["payment"].widget = forms.HiddenInput()
        self.fields["way"] = WayField(payments)
        boxes = [name for name in self.fields if name.startswith(("what", "line_", "amount_"))]
        self.order_fields([*boxes, "payment", "way", "reason"])

    def payment(self) -> Payment:
        """Return the chosen payment."""
        return self.payments[self.cleaned_data["payment"]]

    def by_hand(self) -> bool:
        """Does the editor send the money?"""
        return bool(self.cleaned_data["way"] == "hand" or self.payment().gateway == MANUAL)
