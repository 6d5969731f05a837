"""What binds the invoices of an agreed quote: neither more nor other than was agreed, and only while it stands."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.actions.finding import Finding, error
from wagtail_payments.actions.modes import mode_of
from wagtail_payments.core import deposits, plans
from wagtail_payments.core.lifecycle import AGREED_QUOTE_STATES, QuoteState
from wagtail_payments.core.snapshot import PlanStep
from wagtail_payments.core.totals import CannotAddUp
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.contracts import Contract, contract_of
from wagtail_payments.records.deposits import PART_KINDS, Deposit, as_core, issued_parts, totals_of
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.quotes import Quote


def why_not(quote: Quote) -> str:
    """Return why nothing may be invoiced of a quote as it stands, or nothing."""
    state = QuoteState(quote.state)
    if state not in AGREED_QUOTE_STATES:
        return _sentences()[state]
    if state is QuoteState.ACCEPTED and quote.seller.quote_rule == "signed_only":
        return _(
            "It was accepted by word only, and your settings say that a quote is invoiced once it was signed online. "
            "Change that under Settings first."
        )
    if quote.mode != mode_of(quote.site):
        return _("The quote is a test, or this would be: a test and the real thing don't mix. Make a new quote.")
    return ""


def _why_not_anew(quote: Quote) -> str:
    """Why the only invoice of a quote may not be replaced; by what rules it was made once is not asked again."""
    state = QuoteState(quote.state)
    return "" if state in AGREED_QUOTE_STATES else _sentences()[state]


def take_place(*, original: Invoice, invoice: Invoice) -> None:
    """Let an issued invoice stand for a quote instead of the one that it replaces; both are held."""
    if Contract.objects.filter(invoice=original).update(invoice=invoice):
        Deposit.objects.filter(contract=original).update(contract=invoice)


def _sentences() -> dict[QuoteState, str]:
    return {
        QuoteState.DRAFT: _("This quote is still a draft: only what was agreed can be invoiced."),
        QuoteState.SENT: _("The customer has not agreed to this quote yet: only what was agreed can be invoiced."),
        QuoteState.DECLINED: _("The customer has declined this quote: there is nothing to invoice."),
        QuoteState.SUPERSEDED: _("A newer version has replaced this quote: invoice that one, once it is agreed."),
        QuoteState.CANCELLED: _("This quote was cancelled: there is nothing to invoice."),
        QuoteState.WITHDRAWN: _("The customer has withdrawn from this contract: nothing more can be invoiced."),
    }


def last_step(plan: tuple[PlanStep, ...]) -> int:
    """Return which part of an agreed plan the last invoice is; 0 where there is no plan."""
    return plans.last([step.amount for step in plan], [step.moment == "at_signature" for step in plan])


def is_invoiced(quote: Quote) -> bool:
    """Was a part of the quote invoiced? Holds all its invoices until the transaction ends, that none is issued."""
    contract = Contract.objects.filter(quote=quote).first()
    if contract is None:
        return False
    parts = Deposit.objects.filter(contract=contract.invoice_id).values_list("invoice_id", flat=True)
    held = lock(Invoice, contract.invoice_id, *parts)
    ports.failpoint("contracts.held")
    return any(not invoice.is_draft for invoice in held)


def of(invoice: Invoice) -> Iterator[Finding]:
    """Yield what stands in the way of issuing an invoice of an agreed quote; asks nothing for an ordinary one."""
    contract = contract_of(invoice)
    if contract is None:
        return
    if why := _why_not_anew(contract.quote) if invoice.corrects_id else why_not(contract.quote):
        yield error("quote", why)
    if _is_other(invoice, contract.quote):
        yield error("quote_other", _("An invoice names the customer, seller and currency of its quote."), "customer")
    try:
        yield from _of_part(invoice, contract) if invoice.kind in PART_KINDS else _of_whole(invoice, contract)
    except CannotAddUp:
        return  # told already


def differs(invoice: Invoice, quote: Quote) -> bool:
    """Do the lines of a draft come to anything but what was agreed, in any VAT group?"""
    now = {row.vat: (row.base, row.tax) for row in invoice.totals().vat}
    return now != {row.vat: (row.base, row.tax) for row in as_core(quote.agreement.frozen.vat)}


def _of_whole(invoice: Invoice, contract: Contract) -> Iterator[Finding]:
    quote = contract.quote
    if differs(invoice, quote):
        said = {
            "agreed": Writer(quote.language, quote.currency).money(quote.agreement.gross),
            "number": quote.number,
        }
        yield error(
            "quote_differs",
            _(
                "This no longer comes to what was agreed: quote %(number)s, %(agreed)s, at these VAT rates. "
                "Put its lines back. What comes on top, or instead, needs a quote of its own."
            )
            % said,
            "lines",
        )
    missing = _not_invoiced(contract)
    if missing:
        yield error(
            "quote_parts",
            _("The other parts of the quote are invoiced first: %(parts)s.") % {"parts": ", ".join(missing)},
            "deposits",
        )


def _not_invoiced(contract: Contract) -> list[str]:
    """The parts of the plan that were not asked for yet; what was asked for and is a draft is told already."""
    plan = contract.quote.agreement.frozen.plan
    asked = set(Deposit.objects.filter(contract=contract.invoice_id).values_list("step_id", flat=True))
    keys = contract.quote.plan.values_list("pk", flat=True)
    last = last_step(plan)
    return [
        step.label
        for number, (step, key) in enumerate(zip(plan, keys, strict=True))
        if number != last and step.amount and key not in asked
    ]


def _of_part(invoice: Invoice, contract: Contract) -> Iterator[Finding]:
    """A part asks for what the plan says, and at no VAT rate for more than is left."""
    rows, agreed = totals_of(invoice).vat, as_core(contract.quote.agreement.frozen.vat)
    before = [part.rows for part in issued_parts(contract.invoice) if part.key != invoice.pk]
    if deposits.gross_of(rows) == invoice.deposit.amount and deposits.fits(agreed, [*before, rows]):
        return
    writer = Writer(invoice.language, invoice.currency)
    yield error(
        "quote_part",
        _(
            "This no longer comes to what the quote agreed for this part: %(amount)s, at its VAT rates. "
            "Put its lines back, or delete this draft and invoice the part again from the quote."
        )
        % {"amount": writer.money(invoice.deposit.amount)},
        "lines",
    )


def _is_other(invoice: Invoice, quote: Quote) -> bool:
    names = ("customer_id", "seller_id", "currency")
    return any(getattr(invoice, name) != getattr(quote, name) for name in names)
