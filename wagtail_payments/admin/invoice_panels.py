"""The panels of a draft's editor."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel

from wagtail_payments.admin.invoice_forms import InvoiceForm
from wagtail_payments.admin.invoice_instalments import divided, instalment_panels
from wagtail_payments.admin.invoice_lines import LinesPanel, closing_panels, line_panels
from wagtail_payments.core import totals
from wagtail_payments.records.invoices import Invoice


class TotalsPanel(Panel):
    """The totals, brought up to date as one types, and by each save."""

    class BoundPanel(Panel.BoundPanel):
        """The totals of one draft."""

        template_name = "wagtail_payments/admin/invoices/totals_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add the totals as they were last saved or typed."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            added = self.form.totals_as_typed() if self.form.is_bound else _stored(self.instance)
            context |= divided(self.form, added)
            return context | {"totals": added, "currency": self.instance.currency, "invoice": self.instance}


def _stored(invoice: Invoice) -> totals.Totals | None:
    try:
        return invoice.totals()
    except totals.CannotAddUp:
        return None


def invoice_edit_handler() -> ObjectList:
    """Return the panels of the editor."""
    return ObjectList(
        [
            MultiFieldPanel(_who_and_when(), heading=_("To whom, and when")),
            LinesPanel("lines", panels=line_panels(), heading=_("Lines"), label=_("line")),
            TotalsPanel(heading=_("Total")),
            MultiFieldPanel(_ways_to_pay(), heading=_("How it is paid")),
            instalment_panels(),
            *closing_panels(),
        ],
        base_form_class=InvoiceForm,
    ).bind_to_model(Invoice)


def _who_and_when() -> list[Any]:
    return [
        FieldPanel("customer"),
        FieldPanel("title", help_text=_("In a few words, for the e-mail and the top of the page.")),
        FieldRowPanel([FieldPanel("due_days"), FieldPanel("due_on"), FieldPanel("supplied_on")]),
        FieldRowPanel([FieldPanel("order_reference"), FieldPanel("nature"), FieldPanel("language")]),
        FieldRowPanel([FieldPanel("site"), FieldPanel("currency", read_only=True)]),
    ]


def _ways_to_pay() -> list[Any]:
    return [
        FieldRowPanel([FieldPanel("discount_percent"), FieldPanel("discount_amount")]),
        FieldPanel("online_payment"),
        FieldPanel("methods"),
        FieldPanel("terms"),
    ]
