"""The instalments of a draft on the editor's form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.widgets import AdminDateInput

from wagtail_payments.actions import findings
from wagtail_payments.admin.number_fields import DecimalAnyMark
from wagtail_payments.admin.row_forms import RowsPanel, staying
from wagtail_payments.core import schedule, totals
from wagtail_payments.records.deposits import to_pay
from wagtail_payments.records.instalments import Instalment
from wagtail_payments.records.invoices import Invoice

MOST = 36


class InstalmentForm(WagtailAdminModelForm):
    """One instalment: a day, and a percentage, an amount, or neither."""

    percent = DecimalAnyMark(label=_("Percent of the total"), max_digits=5, decimal_places=2, required=False)
    amount = DecimalAnyMark(label=_("or amount"), max_digits=14, decimal_places=3, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse what says two things at once."""
        data: dict[str, Any] = super().clean()
        if data.get("percent") is not None and data.get("amount") is not None:
            self.add_error("amount", _("Give either a percentage or an amount, not both."))
        return data


class InstalmentsPanel(RowsPanel):
    """The instalments."""

    row_form = InstalmentForm


class DividedForm(forms.Form):
    """The part of the editor's form that divides what is due: row by row, or at once into equal months."""

    divide_into = forms.IntegerField(
        label=_("Divide into … equal monthly instalments"),
        required=False,
        min_value=2,
        max_value=MOST,
        help_text=_("The rows are written when you save. They share the total equally, whatever it becomes."),
    )
    first_on = forms.DateField(label=_("the first of them on"), required=False, widget=AdminDateInput)
    instance: Invoice
    formsets: Any

    def instalment_forms(self) -> Iterator[InstalmentForm]:
        """Yield the forms of the instalments that stay."""
        return staying(self.formsets.get("instalments"))

    def check_instalments(self) -> None:
        """Tell what can't be saved: two rows of one day, a division beside rows, or without its first day."""
        seen: set[date] = set()
        rows = list(self.instalment_forms())
        for form in rows:
            day = form.cleaned_data.get("due_on")
            if day in seen:
                form.add_error("due_on", findings.same_day_sentence())
            seen |= {day} if day else set()
        if self.cleaned_data.get("divide_into"):
            if rows:
                self.add_error("divide_into", _("There are instalments already. Delete them to divide anew."))
            if not self.cleaned_data.get("first_on") and "first_on" not in self.errors:
                self.add_error("first_on", _("Say when the first instalment is due."))
        self.instance.in_parts = bool(rows or self.cleaned_data.get("divide_into"))

    def divided(self) -> list[Instalment]:
        """Return the rows that dividing writes: each an equal share."""
        number, first_on = self.cleaned_data.get("divide_into"), self.cleaned_data.get("first_on")
        if not number or not first_on:
            return []
        days = schedule.monthly(first_on, number)
        return [Instalment(due_on=day, sort_order=place) for place, day in enumerate(days)]

    def instalments_as_typed(self, total: int) -> list[schedule.Part]:
        """Return what the instalments come to so far, minor units; raises ``DoesNotAddUp``."""
        readable = [form.instance for form in self.instalment_forms() if form.is_valid() and form.instance.due_on]
        rows = sorted(readable or self.divided(), key=lambda row: row.due_on)
        return schedule.parts(total, [(row.due_on, row.as_core(self.instance.currency)) for row in rows])


def divided(form: Any, added: totals.Totals | None) -> dict[str, Any]:
    """Return what the instalments come to beside those totals, or by how much they miss them; for a template.

    Nothing where the form has no instalments, as a quote's.
    """
    invoice = form.instance
    if not isinstance(form, DividedForm):
        return {}
    try:
        total = to_pay(invoice, added) if added else 0
        if form.is_bound:
            return {"instalments": form.instalments_as_typed(total) if added else []}
        return {"instalments": invoice.instalment_parts(total) if added else []}
    except schedule.DoesNotAddUp as problem:
        return {"instalments_problem": findings.short_sentence(problem.left, invoice)}


def instalment_panels() -> MultiFieldPanel:
    """Return how instalments are laid out."""
    row = [FieldRowPanel([FieldPanel("due_on"), FieldPanel("percent"), FieldPanel("amount")])]
    explained = _("Each has a day of its own. Rows without percentage and amount share the rest equally.")
    return MultiFieldPanel(
        [
            InstalmentsPanel(
                "instalments", panels=row, label=_("instalment"), max_num=MOST, heading=_("Rows"), help_text=explained
            ),
            FieldRowPanel([FieldPanel("divide_into"), FieldPanel("first_on")]),
            FieldRowPanel([FieldPanel("other_amount"), FieldPanel("least_amount")]),
        ],
        heading=_("Instalments"),
        classname="collapsed",
    )
