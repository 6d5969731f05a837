"""The form of a draft: what is typed of an invoice or a quote, and what an invoice has besides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.staticfiles import versioned_static

from wagtail_payments.actions import findings
from wagtail_payments.admin import styles
from wagtail_payments.admin.invoice_instalments import DividedForm
from wagtail_payments.admin.invoice_lines import LineForm
from wagtail_payments.admin.languages import document_languages
from wagtail_payments.admin.number_fields import DecimalAnyMark
from wagtail_payments.admin.row_forms import staying
from wagtail_payments.admin.selling_form import SellingForm
from wagtail_payments.admin.text_fields import PairsField
from wagtail_payments.admin.vat_choice import tell_vat_problems
from wagtail_payments.core import totals
from wagtail_payments.records.drafts import DraftLine
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import payment_methods

BY_HAND = frozenset({"cheque", "cash", "terminal", "other"})


def offered_methods() -> list[tuple[str, Any]]:
    """Return the methods that an invoice can offer: those of providers, and the transfer."""
    return [(code, label) for code, label in payment_methods() if code not in BY_HAND]


class DraftForm(SellingForm, WagtailAdminModelForm):
    """A draft. Each save adds it up; what does not add up is told beside the field that is to blame."""

    EMPTY_FOR_ZERO: ClassVar[tuple[str, ...]] = ("discount_percent", "discount_amount")

    language = forms.ChoiceField(label=_("Language"), choices=document_languages)
    discount_percent = DecimalAnyMark(
        label=_("Discount on the whole, %"), max_digits=5, decimal_places=2, required=False
    )
    discount_amount = DecimalAnyMark(label=_("or discount, amount"), max_digits=14, decimal_places=3, required=False)
    custom_fields = PairsField(
        label=_("Further fields"),
        required=False,
        help_text=_("Printed at the top, one on each line: “Name: value”, for example “Project: New kitchen”."),
    )

    class Media:
        js = (versioned_static("wagtail_payments/admin/invoice_editor.js"),)
        css = {"all": (styles.SHEET,)}

    def __init__(self, *args: Any, **options: Any) -> None:
        self._added: totals.Totals | None = None
        self._checked = False
        super().__init__(*args, **options)
        self.offer_sites()
        for name in self.EMPTY_FOR_ZERO:
            self.initial[name] = self.initial.get(name) or None
        lines = self.formsets.get("lines")
        if lines is not None and not self.is_bound and not lines.initial_form_count():
            lines.extra = 1

    def clean(self) -> dict[str, Any]:
        """Read no discount as zero, and take the seller of the chosen site."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in self.EMPTY_FOR_ZERO:
            if name in data:
                data[name] = data[name] or 0
        seller = self.take_seller()
        if seller is not None:
            self.instance.currency = seller.currency
        return data

    def is_valid(self) -> bool:
        """Is every field right, and does it add up?"""
        return bool(super().is_valid()) and self._adds_up()

    def _adds_up(self) -> bool:
        if not self._checked:
            self._checked = True
            tell_vat_problems(list(self.line_forms()), self.instance.seller)
            self.check_parts()
            if not self._has_errors():
                self._add_up()
        return not self._has_errors()

    def check_parts(self) -> None:
        """Say what is wrong with the rows that a kind of draft has besides its lines."""

    def part_forms(self) -> list[forms.BaseForm]:
        """Return the forms of all rows of the draft."""
        return list(self.line_forms())

    def _has_errors(self) -> bool:
        return bool(self.errors) or any(form.errors for form in self.part_forms())

    def line_forms(self) -> Iterator[LineForm]:
        """Yield the forms of the lines that stay."""
        return staying(self.formsets.get("lines"))

    def _add_up(self) -> None:
        lines = [form.instance for form in self.line_forms()]
        try:
            added = self._sum_of(lines)
        except totals.MixedPriceBasis:
            self.add_error("discount_amount", findings.mixed_basis_sentence())
        except totals.DiscountTooLarge:
            self._blame_discount()
        except totals.AmountTooLarge:
            self.add_error(None, _("This total is too large to be right. Check quantities and prices."))
        else:
            self.instance.net, self.instance.tax, self.instance.gross = added.net, added.tax, added.gross
            self._added = added

    def _sum_of(self, lines: list[DraftLine]) -> totals.Totals:
        currency = self.instance.currency
        return totals.compute([line.as_core(currency) for line in lines], currency, self.instance.discount_choice)

    def _blame_discount(self) -> None:
        """Find the line whose own discount is too large; if there is none, it is the discount on the whole."""
        sentence = gettext("This discount is larger than what it is taken from.")
        for form in self.line_forms():
            try:
                totals.line_amount(form.instance.as_core(self.instance.currency), self.instance.currency)
            except totals.DiscountTooLarge:
                form.add_error("discount_amount" if form.instance.discount_amount else "discount_percent", sentence)
                return
        self.add_error("discount_amount" if self.instance.discount_amount else "discount_percent", sentence)

    def totals_as_typed(self) -> totals.Totals | None:
        """Add up the lines that can be read so far; None where they do not add up."""
        self.errors  # noqa: B018  # reading them cleans the form once; cleaning it again would lose what was told
        readable = [form.instance for form in self.line_forms() if form.is_valid()]
        try:
            return self._sum_of(readable)
        except totals.CannotAddUp:
            return None


class InvoiceForm(DividedForm, DraftForm):
    """A draft invoice."""

    EMPTY_FOR_ZERO = (*DraftForm.EMPTY_FOR_ZERO, "least_amount")

    least_amount = DecimalAnyMark(label=_("but at least"), max_digits=14, decimal_places=3, required=False)
    methods = forms.MultipleChoiceField(
        label=_("Methods offered"), choices=offered_methods, required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any]:
        """Let a date win over the usual number of days."""
        data = super().clean()
        if data.get("due_on") and "due_days" not in self.changed_data:
            data["due_days"] = None
        return data

    def check_parts(self) -> None:
        """Say what is wrong with the instalments."""
        self.check_instalments()

    def part_forms(self) -> list[forms.BaseForm]:
        """Return the forms of the lines and of the instalments."""
        return [*super().part_forms(), *self.instalment_forms()]

    def save(self, commit: bool = True) -> Invoice:
        """Save; a draft that is to be divided gets its rows."""
        invoice: Invoice = super().save(commit=commit)
        rows, kept = self.divided(), cast(Any, invoice.instalments)
        if rows:
            kept.add(*rows)
        if rows and commit:
            kept.commit()
        return invoice
