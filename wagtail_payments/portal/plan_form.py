"""The day on which a customer means to pay: what may be named, and the form for it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.actions import promises
from wagtail_payments.portal.pay_form import problems_of
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.invoices import Invoice

READ = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"]


class PlanForm(forms.Form):
    """A day within the bounds."""

    day = forms.DateField(
        label=gettext_lazy("I will pay on"),
        input_formats=READ,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "wp-input"}),
        error_messages={
            "required": gettext_lazy("Choose the day on which you will pay."),
            "invalid": gettext_lazy("This is not a date. It looks like 31/12/2026."),
        },
    )

    def __init__(self, *args: Any, invoice: Invoice, bounds: promises.Bounds, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": "plan", "use_required_attribute": False})
        self.bounds, self._writer = bounds, Writer(invoice.language, invoice.currency)
        field = self.fields["day"]
        field.widget.attrs |= {"min": bounds.first.isoformat(), "max": bounds.last.isoformat()}
        only = _("Only %(first)s is still possible.") if bounds.first == bounds.last else ""
        field.help_text = (only or _("From %(first)s to %(last)s.")) % self._said()

    def clean_day(self) -> date:
        """Refuse what lies outside; what was typed stays."""
        day: date = self.cleaned_data["day"]
        if not self.bounds.first <= day <= self.bounds.last:
            raise forms.ValidationError(_("Choose a day from %(first)s to %(last)s.") % self._said())
        return day

    def problems(self) -> list[tuple[str, str]]:
        """Return where each problem is, and what it is."""
        return problems_of(self)

    def _said(self) -> dict[str, str]:
        days = {"first": self.bounds.first, "last": self.bounds.last}
        return {name: self._writer.date(day.isoformat()) for name, day in days.items()}


def fresh(invoice: Invoice, today: date, planned_on: date | None) -> PlanForm | None:
    """Return the form, with the day that stands; None where nothing may be planned."""
    bounds = promises.bounds(invoice=invoice, today=today, by_customer=True)
    return None if bounds is None else PlanForm(invoice=invoice, bounds=bounds, initial={"day": planned_on})
