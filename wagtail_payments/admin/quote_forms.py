"""The form of a draft quote: the invoice editor's, with what the customer may choose and how it is invoiced."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from wagtail_payments.admin.invoice_forms import DraftForm
from wagtail_payments.admin.invoice_lines import LineForm, LinesPanel, closing_panels, line_panels
from wagtail_payments.admin.invoice_panels import TotalsPanel
from wagtail_payments.admin.number_fields import DecimalAnyMark
from wagtail_payments.admin.row_forms import RowsPanel
from wagtail_payments.core import totals
from wagtail_payments.records.drafts import DraftLine
from wagtail_payments.records.quotes import Quote


class QuoteLineForm(LineForm):
    """A line, with the bounds within which the customer chooses."""

    least = DecimalAnyMark(label=_("Quantity at least"), max_digits=14, decimal_places=4, required=False)
    most = DecimalAnyMark(
        label=_("at most"),
        max_digits=14,
        decimal_places=4,
        required=False,
        help_text=_("Fill these in where the customer may choose how many."),
    )


class PlanStepForm(WagtailAdminModelForm):
    """A part of the billing plan; numbers may have a comma or a point."""

    percent = DecimalAnyMark(label=_("Percent"), max_digits=5, decimal_places=2, required=False)
    amount = DecimalAnyMark(
        label=_("or amount incl. VAT"),
        max_digits=14,
        decimal_places=3,
        required=False,
        help_text=_("Leave both empty for what is left."),
    )


class QuoteForm(DraftForm):
    """A draft quote; optional lines are not in its total."""

    def clean(self) -> dict[str, Any]:
        """Let a date win over the usual number of days."""
        data = super().clean()
        if data.get("valid_until") and "valid_days" not in self.changed_data:
            data["valid_days"] = None
        return data

    def _sum_of(self, lines: list[DraftLine]) -> totals.Totals:
        return super()._sum_of([line for line in lines if not getattr(line, "is_optional", False)])


class QuoteLinesPanel(LinesPanel):
    """The lines of a quote."""

    row_form = QuoteLineForm


class PlanPanel(RowsPanel):
    """The billing plan."""

    row_form = PlanStepForm


def quote_edit_handler() -> ObjectList:
    """Return the panels of the editor."""
    return ObjectList(
        [
            MultiFieldPanel(_who_and_when(), heading=_("To whom, and how long")),
            QuoteLinesPanel("lines", panels=[*line_panels(), *_choice()], heading=_("Lines"), label=_("line")),
            TotalsPanel(heading=_("Total")),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("discount_percent"), FieldPanel("discount_amount")])],
                heading=_("Discount"),
                classname="collapsed",
            ),
            PlanPanel(
                "plan",
                panels=_plan(),
                heading=_("Billing plan"),
                label=_("part"),
                help_text=_("How the quote will be invoiced. Leave it empty to invoice the whole at once."),
            ),
            MultiFieldPanel(
                [FieldPanel("deposit_term"), FieldPanel("terms"), FieldPanel("no_withdrawal")], heading=_("Terms")
            ),
            *closing_panels(),
        ],
        base_form_class=QuoteForm,
    ).bind_to_model(Quote)


def _who_and_when() -> list[Any]:
    return [
        FieldPanel("customer"),
        FieldPanel("title", help_text=_("In a few words, for the e-mail and the top of the page.")),
        FieldRowPanel([FieldPanel("valid_days"), FieldPanel("valid_until")]),
        FieldRowPanel([FieldPanel("order_reference"), FieldPanel("nature"), FieldPanel("language")]),
        FieldPanel("event", permission="wagtail_payments.view_event"),
        FieldRowPanel([FieldPanel("site"), FieldPanel("currency", read_only=True)]),
    ]


def _choice() -> list[Any]:
    return [FieldRowPanel([FieldPanel("is_optional"), FieldPanel("least"), FieldPanel("most")])]


def _plan() -> list[Any]:
    return [
        FieldPanel("label"),
        FieldRowPanel([FieldPanel("percent"), FieldPanel("amount"), FieldPanel("moment"), FieldPanel("on")]),
    ]
