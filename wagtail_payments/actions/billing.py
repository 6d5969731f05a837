"""Invoicing what was agreed: each part of the plan once, the whole to the cent, and never more.

An agreed quote has one draft with all of it, the contract. The parts before the last are asked for in advance of that
draft, as deposits (on signature, on a date) or interim invoices (a step of the work is done); issued last, it deducts
them. Whoever invoices holds the quote, then the contract.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports
from wagtail_payments.actions import alerts, contracts, deposits, invoices, journal, sweeps
from wagtail_payments.actions.contracts import last_step, why_not
from wagtail_payments.actions.deposits import Wish
from wagtail_payments.core import money
from wagtail_payments.core.lifecycle import AGREED_QUOTE_STATES, InvoiceKind
from wagtail_payments.core.snapshot import Document, Line, PlanStep
from wagtail_payments.mail import letters
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.contracts import Contract
from wagtail_payments.records.deliveries import Alert
from wagtail_payments.records.deposits import asked_for
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice, InvoiceLine
from wagtail_payments.records.quotes import PlanStep as StoredStep
from wagtail_payments.records.quotes import Quote

ONE_DAY = timedelta(days=1)  # some seller's day begins before that of Greenwich


class BillingRefused(Exception):
    """This part of a quote can't be invoiced now; the text says why, to a person."""


@dataclass(frozen=True, slots=True)
class StepStanding:
    """Where a part of an agreed quote stands.

    ``amount`` is gross, minor units, as agreed. ``state`` is not_yet, draft, issued, paid or credited; ``why_not`` says
    why it can't be drafted now, and is empty where it can.
    """

    number: int
    label: str
    amount: int
    moment: str
    on: str
    kind: InvoiceKind
    state: str
    invoice: Invoice | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was invoiced of a quote: gross minor units ``invoiced`` and ``left`` of what was ``agreed``."""

    agreed: int
    invoiced: int
    steps: tuple[StepStanding, ...]

    @property
    def left(self) -> int:
        """What is still to be invoiced: nothing once the last invoice was issued."""
        is_over = any(step.kind is InvoiceKind.FINAL and step.state not in ("not_yet", "draft") for step in self.steps)
        return 0 if is_over else self.agreed - self.invoiced


def bill(*, quote_id: int, step: int = 0, by: Any, now: datetime) -> Invoice:
    """Return the draft of a part of the plan (0 is the first, or the whole), made unless it stands already.

    An editor reviews and issues it. Raises ``BillingRefused``.
    """
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        ports.failpoint("billing.held")
        if why := why_not(quote):
            raise BillingRefused(why)
        contract = Contract.objects.filter(quote=quote).first() or _contract(quote, by, now)
        (whole,) = lock(Invoice, contract.invoice_id)
        standing = _standing(quote, contract, whole)
        if not 0 <= step < len(standing.steps):
            raise BillingRefused(_("This quote has no such part."))
        part = standing.steps[step]
        if part.state == "draft" and part.invoice is not None:
            return part.invoice
        if part.why_not:
            raise BillingRefused(part.why_not)
        return _asked(quote, contract, whole, part, by, now)


def _asked(quote: Quote, contract: Contract, whole: Invoice, part: StepStanding, by: Any, now: datetime) -> Invoice:
    draft = whole
    if part.kind is InvoiceKind.FINAL:
        Contract.objects.filter(pk=contract.pk).update(asked_at=now)
    else:
        try:
            draft = deposits.ask_locked(contract=whole, wish=_wish(quote, part), by=by, now=now)
        except deposits.DepositRefused as error:
            raise BillingRefused(str(error)) from error
    data = {"amount": part.amount, "currency": quote.currency}
    journal.note(quote, "quote_billed", now=now, by=by, data=data)
    return draft


def bill_at_signature(*, quote: Quote, now: datetime) -> Invoice | None:
    """Issue and send what is due on signature, the whole where there is no plan; None where nothing is, or can be.

    Again, it returns the same invoice. What stands in the way is shown to the seller, and the draft waits for them.
    """
    plan = quote.agreement.frozen.plan
    step = next((number for number, one in enumerate(plan) if one.amount and one.moment == "at_signature"), None)
    if plan and step is None:
        return None
    issued = _issued_of(quote, step or 0)
    if issued is not None:
        return issued
    try:
        draft = bill(quote_id=quote.pk, step=step or 0, by=None, now=now)
        subject, text = letters.default_invoice_text(invoice=draft, language=draft.language)
        to = [quote.customer.email]
        return invoices.issue_and_send(invoice_id=draft.pk, by=None, now=now, to=to, cc=[], subject=subject, text=text)
    except (BillingRefused, invoices.InvoiceAlreadyIssued, invoices.InvoiceNotReady, invoices.ClockWentBack) as problem:
        issued = _issued_of(quote, step or 0)  # by somebody else, a moment ago
        if issued is None:
            _tell(quote, f"signed:{quote.pk}", str(problem), now)
        return issued


def _issued_of(quote: Quote, step: int) -> Invoice | None:
    invoice = standing(quote=quote).steps[step].invoice
    return invoice if invoice is not None and not invoice.is_draft else None


def standing(*, quote: Quote) -> Standing:
    """Return where each part of an agreed quote stands, in a constant number of queries."""
    contract = Contract.objects.filter(quote=quote).first()
    whole = Invoice.objects.with_balance().select_related("document").get(pk=contract.invoice_id) if contract else None
    return _standing(quote, contract, whole)


def _standing(quote: Quote, contract: Contract | None, whole: Invoice | None) -> Standing:
    agreed: Document = quote.agreement.frozen
    advances = [] if whole is None else asked_for(whole)
    parts = {invoice.deposit.step_id: invoice for invoice in advances}
    plan = agreed.plan or (PlanStep(label=_("The whole"), amount=agreed.gross, moment=""),)
    last, refusal = last_step(plan), why_not(quote)
    keys = list(quote.plan.values_list("pk", flat=True))
    found: list[StepStanding] = []
    for number, step in enumerate(plan):
        is_last = number == last
        asked = whole if is_last and contract is not None and contract.asked_at else None
        invoice = asked if is_last else parts.get(keys[number])
        found.append(_step(number, step, is_last, invoice, refusal))
    if not refusal:
        found[last] = _after_the_others(found, last)
    issued = [one for one in [*advances, whole] if one is not None and not one.is_draft]
    return Standing(agreed.gross, sum(one.gross - _taken_back(one) for one in issued), tuple(found))


def _step(number: int, step: PlanStep, is_last: bool, invoice: Invoice | None, refusal: str) -> StepStanding:
    kind = InvoiceKind.INTERIM if step.moment == "on_milestone" else InvoiceKind.DEPOSIT
    if invoice is not None:
        why = "" if invoice.is_draft else _("This part was invoiced already: %(number)s.") % {"number": invoice.number}
    else:
        why = refusal or ("" if step.amount else _("This part comes to nothing: there is nothing to invoice."))
    return StepStanding(
        number=number,
        label=step.label,
        amount=step.amount,
        moment=step.moment,
        on=step.on,
        kind=InvoiceKind.FINAL if is_last else kind,
        state=_state(invoice),
        invoice=invoice,
        why_not=why,
    )


def _state(invoice: Invoice | None) -> str:
    if invoice is None:
        return "not_yet"
    if invoice.is_draft:
        return "draft"
    balance = invoice.balance()
    if balance.total and balance.taken_back >= balance.total:
        return "credited"
    return "paid" if balance.due <= 0 else "issued"


def _taken_back(invoice: Invoice) -> int:
    return invoice.balance().taken_back


def _after_the_others(steps: list[StepStanding], last: int) -> StepStanding:
    """The last part deducts the others: until they are invoiced it waits."""
    part = steps[last]
    open_ones = [one for one in steps if one.number != last and one.amount and one.state in ("not_yet", "draft")]
    if part.invoice is not None or part.why_not or not open_ones:
        return part
    why = _("The last part deducts the others, so they are invoiced first: %(parts)s.") % {
        "parts": ", ".join(one.label for one in open_ones)
    }
    return replace(part, why_not=why)


def _wish(quote: Quote, part: StepStanding) -> Wish:
    agreed: Document = quote.agreement.frozen
    is_advance = part.kind is InvoiceKind.DEPOSIT
    return Wish(
        amount=part.amount,
        due_days=0 if is_advance else quote.seller.due_days,
        term=agreed.deposit_term if is_advance else "",
        step=quote.plan.all()[part.number],
        label=_label(quote, agreed.plan[part.number]),
        kind=part.kind,
    )


def _label(quote: Quote, step: PlanStep) -> str:
    """What the line of a part says: its name, and its percent where it does not say that itself."""
    said = Writer(quote.language, quote.currency).percent(step.percent) if step.percent else ""
    return step.label if not said or step.percent in step.label else f"{step.label} ({said})"


COPIED = (
    "seller", "site", "customer", "title", "language", "currency", "order_reference", "nature",
    "discount_percent", "discount_amount", "custom_fields", "memo", "other_mentions",
)  # fmt: skip


def _contract(quote: Quote, by: Any, now: datetime) -> Contract:
    """Make the draft with all that was agreed, line by line; the terms of payment are the seller's of today."""
    agreed: Document = quote.agreement.frozen
    if not agreed.gross:
        raise BillingRefused(_("This quote comes to nothing: there is nothing to invoice."))
    values = {name: getattr(quote, name) for name in COPIED}
    terms = {"due_days": quote.seller.due_days, "methods": quote.seller.methods}
    draft = Invoice(**values, **terms, kind=InvoiceKind.FINAL, created_by=by)
    draft.lines.set([_line(place, line, quote.currency) for place, line in enumerate(agreed.lines)])
    if contracts.differs(draft, quote):
        raise BillingRefused(_("What was agreed does not add up to the same any more. Please tell your developer."))
    invoices.store_totals(invoice=draft)
    draft.save()
    journal.note(draft, "quote_billed", now=now, by=by, data={"amount": agreed.gross, "currency": quote.currency})
    return Contract.objects.create(quote=quote, invoice=draft, made_at=now)


def _line(place: int, line: Line, currency: str) -> InvoiceLine:
    percent = Decimal(line.discount_percent or 0)
    return InvoiceLine(
        sort_order=place,
        description=line.description,
        quantity=Decimal(line.quantity),
        unit=line.unit,
        unit_price=Decimal(line.unit_price),
        price_includes_vat=line.price_includes_vat,
        discount_percent=percent,
        discount_amount=Decimal(0) if percent else money.to_major(line.discount, currency),
        vat_category=line.vat_category,
        vat_rate=Decimal(line.vat_rate),
        vat_reason=line.vat_reason,
    )


def draft_due(*, now: datetime, most: int = 100) -> int:
    """Draft the parts whose day has come, each once, and tell the seller; return how many."""
    states = [state.value for state in AGREED_QUOTE_STATES]
    due = StoredStep.objects.filter(
        moment="on_date", on__lte=now.date() + ONE_DAY, quote__state__in=states, asked=None
    ).exclude(quote__contract__asked_at__isnull=False)
    told = Alert.objects.filter(kind="billing").values_list("raised_once", flat=True)
    known = {int(key.rsplit(":", 1)[-1]) for key in told.filter(raised_once__startswith="billing:step:")}
    rows = due.exclude(pk__in=known).select_related("quote__seller", "quote__document", "quote__customer")
    return sweeps.sweep("billing", rows, lambda row: _draft_dated(row, now), most=most, now=now)


def _draft_dated(row: StoredStep, now: datetime) -> int:
    quote = row.quote
    if row.on is None or row.on > quote.seller.today(now):
        return 0
    number = list(quote.plan.values_list("pk", flat=True)).index(row.pk)
    try:
        bill(quote_id=quote.pk, step=number, by=None, now=now)
    except BillingRefused as problem:
        _tell(quote, f"step:{row.pk}", str(problem), now)
        return 0
    with override(quote.seller.language):
        text = _("“%(part)s” of quote %(number)s is to be invoiced now: review the draft and issue it.") % {
            "part": row.label,
            "number": quote.number,
        }
    alerts.raise_once(kind="billing", key=f"step:{row.pk}", text=text, now=now, quote=quote)
    return 1


def _tell(quote: Quote, key: str, why: str, now: datetime) -> None:
    with override(quote.seller.language):
        text = _("A part of quote %(number)s can't be invoiced by itself: %(why)s") % {
            "number": quote.number,
            "why": why,
        }
    alerts.raise_once(kind="billing", key=key, text=text, now=now, quote=quote)
