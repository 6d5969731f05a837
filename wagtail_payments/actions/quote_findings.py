"""The review before a quote is sent: what the law or plain sense still wants, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from wagtail_payments.actions import findings, quote_papers
from wagtail_payments.actions.findings import Finding
from wagtail_payments.core import plans, totals
from wagtail_payments.core.snapshot import Document
from wagtail_payments.core.tax import VatCategory
from wagtail_payments.printing import pdf
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.quotes import Quote


def review(*, quote: Quote, now: datetime) -> list[Finding]:
    """Return what stands in the way of sending this draft, errors first (empty: nothing)."""
    found = [*_seller(quote), *_customer(quote), *_lines(quote), *_validity(quote, now)]
    if not any(finding.field in ("lines", "plan") for finding in found):
        found += [*_plan(quote), *_choices(quote)]
    if not any(finding.field in ("lines", "plan") and finding.level == "error" for finding in found):
        found += _printed(quote_papers.document_of(quote=quote, now=now))
    return sorted(found, key=lambda finding: finding.level != "error")


def _error(code: str, message: str, field: str = "") -> Finding:
    return Finding("error", code, message, field)


def _warning(code: str, message: str, field: str = "") -> Finding:
    return Finding("warning", code, message, field)


def _seller(quote: Quote) -> Iterator[Finding]:
    charges = any(line.vat_category == VatCategory.STANDARD for line in quote.lines.all())
    yield from findings.of_seller(seller=quote.seller, charges_vat=charges)
    if quote.currency != quote.seller.currency:
        yield _error(
            "currency",
            _("Quotes are made out in %(currency)s, your currency.") % {"currency": quote.seller.currency},
            "currency",
        )


def _customer(quote: Quote) -> Iterator[Finding]:
    customer = quote.customer
    if not customer.email:
        yield _error(
            "customer_email",
            _("The customer has no e-mail address: the quote can't be sent. Add one to the customer."),
            "customer",
        )
    if not (customer.street and customer.city):
        yield _warning("customer_address", _("The customer's address is not complete."), "customer")
    needs_number = {VatCategory.REVERSE_CHARGE, VatCategory.INTRA_COMMUNITY}
    if not customer.vat_number and any(line.vat_category in needs_number for line in quote.lines.all()):
        yield _warning(
            "customer_vat", _("Without VAT, the invoice will need the customer's VAT number. Ask for it."), "customer"
        )


def _lines(quote: Quote) -> Iterator[Finding]:
    lines = list(quote.lines.all())
    if not lines:
        yield _error("no_lines", _("There is nothing on this quote yet: add a line."), "lines")
        return
    if len(lines) > findings.MOST_LINES:
        yield _error(
            "too_many_lines",
            _("A quote can have %(most)d lines at most. Divide it in two.") % {"most": findings.MOST_LINES},
            "lines",
        )
    yield from findings.of_vat(seller=quote.seller, groups=[line.vat for line in lines])
    yield from findings.of_totals(quote)
    yield from _optional(quote)


def _optional(quote: Quote) -> Iterator[Finding]:
    """What is not in the total must add up as well, should the customer choose it."""
    lines = [line.as_core(quote.currency) for line in quote.lines.all()]
    try:
        for line in lines:
            totals.line_amount(line, quote.currency)
        totals.compute(lines, quote.currency, quote.discount_choice)
    except totals.MixedPriceBasis:
        yield _error("discount", findings.mixed_basis_sentence(), "lines")
    except totals.CannotAddUp:
        yield _error("optional", _("With its optional lines, this quote can't be added up. Check them."), "lines")


def _validity(quote: Quote, now: datetime) -> Iterator[Finding]:
    today = quote.seller.today(now)
    expiry = quote.expiry(today)
    if expiry is None:
        yield _error("validity", _("Say how long the quote is valid: a number of days, or a date."), "valid_days")
    elif expiry < today:
        yield _error("validity_past", _("The last day of validity has passed. Choose a later one."), "valid_until")


def _plan(quote: Quote) -> Iterator[Finding]:
    gross = quote.totals().gross
    try:
        plan = quote_papers.plan_of(quote, gross)
    except plans.TwoRests:
        yield _error("plan", _("Only one part of the billing plan can be what is left."), "plan")
        return
    except plans.PlanTooLarge:
        yield _error("plan", _("The parts of the billing plan come to more than the quote."), "plan")
        return
    except plans.PlanTooSmall:
        said = {"total": Writer(quote.language, quote.currency).money(gross)}
        yield _error(
            "plan",
            _(
                "The parts of the billing plan come to less than %(total)s, the total. "
                "Leave the percentage and the amount of one part empty: it takes what is left."
            )
            % said,
            "plan",
        )
        return
    if sum(step.moment == "at_signature" for step in plan) > 1:
        yield _error(
            "plan",
            _(
                "Only one part of the billing plan can be due on signature: whoever signs pays once. "
                "Put those parts together, or give the others a date or a step of the work."
            ),
            "plan",
        )
        return
    advance = any(step.moment == "at_signature" and step.amount < gross for step in plan)
    if advance and quote.customer.is_consumer and not quote.deposit_term:
        # C. conso. L214-1: what a consumer pays in advance is arrhes, unless the contract says otherwise.
        yield _error(
            "deposit_term",
            _("Say what a private person's deposit is: acompte or arrhes. The law wants it in words."),
            "deposit_term",
        )


def _choices(quote: Quote) -> Iterator[Finding]:
    if all(line.is_optional for line in quote.lines.all()):
        yield _warning("all_optional", _("Every line is optional: the total is zero until the customer chooses."), "")


def _printed(document: Document) -> Iterator[Finding]:
    if pdf.is_too_long(document):
        yield _error("too_long", _("This quote is too long to be printed. Divide it in two, or shorten its texts."))
        return
    missing = pdf.missing_characters(document)
    if missing:
        yield _warning(
            "fonts",
            _("No font has these characters, they will be printed as □: %(characters)s")
            % {"characters": " ".join(missing[:20])},
        )
