"""What is printed on a quote alone: the billing plan, what may be chosen, and what a deposit is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from wagtail_payments.core.snapshot import Document, Line, PlanStep
from wagtail_payments.printing.amounts import Writer


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A part of the quote that will be invoiced by itself: what for, when, and how much with VAT."""

    label: str
    moment: str
    share: str
    amount: str


def plan(document: Document, writer: Writer) -> tuple[PlanRow, ...]:
    """Return the billing plan as printed."""
    return tuple(
        PlanRow(
            step.label,
            _moment(step, writer),
            writer.percent(step.percent) if step.percent else "",
            writer.money(step.amount),
        )
        for step in document.plan
    )


def _moment(step: PlanStep, writer: Writer) -> str:
    if step.moment == "on_date":
        return writer.date(step.on)
    return {"at_signature": _("On signature"), "on_milestone": _("When this step is done")}[step.moment]


def deposit(document: Document) -> str:
    """Say what money paid in advance is: C. conso. L214-1."""
    return {
        "acompte": _("What is paid in advance is an acompte: a part of the price, by which both sides are bound."),
        "arrhes": _(
            "What is paid in advance are arrhes: the customer may withdraw by leaving them, "
            "the seller by giving back double (C. conso. L214-1)."
        ),
    }.get(document.deposit_term, "")


def choice(row: Line, writer: Writer) -> str:
    """Say what of a line the customer may choose."""
    said = {"least": writer.quantity(row.least), "most": writer.quantity(row.most)} if row.least else {}
    if row.optional and said:
        return _("Option, not in the total; from %(least)s to %(most)s") % said
    if row.optional:
        return _("Option, not in the total")
    return _("Your choice: from %(least)s to %(most)s") % said if said else ""
