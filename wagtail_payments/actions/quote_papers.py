"""From a quote as it stands to the document that is printed, and to the one that the customer agrees to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.actions import papers
from wagtail_payments.core import plans, snapshot, totals
from wagtail_payments.core.snapshot import Document, Kind, Line
from wagtail_payments.core.totals import Totals
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.exemptions import exemption_reasons
from wagtail_payments.records.quotes import PlanStep, Quote, QuoteLine

Chosen = Mapping[int, Decimal]  # quantities by the key of the line; an optional line that is not named is left out


class ChoiceRefused(Exception):
    """These options or quantities can't be chosen; the text says why."""


def document_of(*, quote: Quote, now: datetime, number: str = "", issued_on: date | None = None) -> Document:
    """Return what would be printed of this quote now, saved or not; optional lines are not in its totals.

    Raises what adding up raises, or a ``plans.PlanProblem`` where the plan does not come to the total.
    """
    seller, customer = quote.seller, quote.customer
    on = issued_on or seller.today(now)
    expiry = quote.expiry(on)
    added = quote.totals()
    return Document(
        kind=Kind.QUOTE,
        number=number,
        issued_on=issued_on.isoformat() if issued_on else "",
        valid_until=expiry.isoformat() if expiry else "",
        version=quote.version,
        lines=tuple(_lines(list(quote.lines.all()), added, quote.currency)),
        plan=plan_of(quote, added.gross),
        deposit_term=quote.deposit_term if customer.is_consumer else "",
        terms=quote.terms,
        mentions=tuple(_mentions(quote)),
        **papers.words_of(quote, added, on),
        **papers.sums_of(added),
    )


def _mentions(quote: Quote) -> Iterator[str]:
    """A private person is told of the right to withdraw, or why there is none: C. conso. L221-5."""
    if quote.seller.insurance:
        yield quote.seller.insurance
    if not quote.customer.is_consumer:
        return
    if quote.seller.mediator:
        yield quote.seller.mediator
    with translation.override(quote.language):
        reason = exemption_reasons().get(quote.no_withdrawal, "")
        yield str(reason) or _(
            "If you sign online, you may withdraw within 14 days without giving a reason, on the page of this quote "
            "(C. conso. L221-18)."
        )


def agreed_document(*, quote: Quote, chosen: Chosen) -> Document:
    """Return what a customer who chooses so agrees to: the frozen quote with these lines, nothing left to choose.

    Raises ``ChoiceRefused``.
    """
    if quote.document is None:
        raise ChoiceRefused(_("This quote has not been sent yet."))
    lines = list(_chosen_lines(list(quote.lines.all()), chosen))
    if not lines:
        raise ChoiceRefused(_("Choose at least one line."))
    printed = quote.document.frozen
    try:
        added = totals.compute([line.as_core(quote.currency) for line in lines], quote.currency, quote.discount_choice)
        plan = plan_of(quote, added.gross)
    except (totals.CannotAddUp, plans.PlanProblem) as error:
        raise ChoiceRefused(_("With this choice, the discount or the billing plan no longer fits.")) from error
    kept = {(row.category, row.rate, row.reason): row.wording for row in printed.vat}
    vat = [
        replace(row, wording=kept.get((row.category, row.rate, row.reason), row.wording))
        for row in papers.vat_rows(added.vat, quote.seller, quote.language, quote.document.issued_on)
    ]
    rows = tuple(papers.line_of(line, total) for line, total in zip(lines, added.lines, strict=True))
    return replace(printed, lines=rows, vat=tuple(vat), plan=plan, **papers.sums_of(added))


def plan_of(quote: Quote, gross: int) -> tuple[snapshot.PlanStep, ...]:
    """Return the billing plan of a total in minor units; raises a ``plans.PlanProblem``."""
    steps: list[PlanStep] = list(quote.plan.all())
    amounts = plans.divide(gross, [step.as_core(quote.currency) for step in steps])
    return tuple(
        snapshot.PlanStep(
            label=step.label,
            amount=amount,
            percent="" if step.percent is None else papers.plain(step.percent),
            moment=step.moment,
            on=step.on.isoformat() if step.on else "",
        )
        for step, amount in zip(steps, amounts, strict=True)
    )


def _lines(lines: Sequence[QuoteLine], added: Totals, currency: str) -> Iterator[Line]:
    """An optional line is worth what it would be alone: it is not in the sum."""
    firm = iter(added.lines)
    for line in lines:
        alone = totals.compute([line.as_core(currency)], currency).lines[0] if line.is_optional else next(firm)
        least, most = line.bounds
        bounds = {"least": papers.plain(least), "most": papers.plain(most)} if least != most else {}
        yield papers.line_of(line, alone, optional=line.is_optional, **bounds)


def _chosen_lines(lines: Sequence[QuoteLine], chosen: Chosen) -> Iterator[QuoteLine]:
    if not set(chosen) <= {line.pk for line in lines}:
        raise ChoiceRefused(_("This quote has no such line."))
    for line in lines:
        if line.pk not in chosen and line.is_optional:
            continue
        quantity = chosen.get(line.pk, line.quantity)
        least, most = line.bounds
        if not least <= quantity <= most:
            raise ChoiceRefused(_out_of_bounds(line, least, most))
        taken = copy(line)
        taken.quantity = quantity
        yield taken


def _out_of_bounds(line: QuoteLine, least: Decimal, most: Decimal) -> str:
    writer = Writer(line.quote.language, line.quote.currency)
    said = {
        "line": line.description.splitlines()[0] if line.description else "",
        "least": writer.quantity(papers.plain(least)),
        "most": writer.quantity(papers.plain(most)),
    }
    if least == most:
        return _("The quantity of “%(line)s” can't be changed: it is %(least)s.") % said
    return _("Choose a quantity from %(least)s to %(most)s for “%(line)s”.") % said
