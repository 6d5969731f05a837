"""A deposit that is asked for before there is an order: it waits until a draft of the same customer takes it.

The draft that took it deducts it like any deposit when it is issued, once. Until then it can be let go again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports
from wagtail_payments.actions import invoices, journal
from wagtail_payments.actions.deposits import DepositRefused, line_of
from wagtail_payments.actions.modes import mode_of
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.core.tax import VatGroup
from wagtail_payments.records.deposits import Deposit, part_of, waiting_of
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice


def ask(
    *, draft: Invoice, shares: Sequence[tuple[VatGroup, int]], term: str = "", by: Any, now: datetime, form_key: str
) -> Invoice:
    """Make the draft of a deposit invoice without an order; the same form twice makes one.

    ``draft`` is unsaved: seller, site, customer, terms, and what the deposit is for as its title. ``shares`` are gross
    amounts above zero, in minor units, by VAT group: VAT on an advance is due at the rate of what will be supplied
    (CGI art. 269-2). Raises ``DepositRefused``.
    """
    if not shares or any(gross <= 0 for _vat, gross in shares):
        raise DepositRefused(_("Write an amount above zero."))
    standing = _of_form(form_key)
    if standing is not None:
        return standing
    with override(draft.language):
        said = f"{_('Deposit')}\n{draft.title}" if draft.title else _("Deposit")
    draft.kind, draft.created_by = InvoiceKind.DEPOSIT, by
    draft.lines.set([line_of(said, vat, gross, draft.currency, place) for place, (vat, gross) in enumerate(shares)])
    invoices.store_totals(invoice=draft)
    try:
        with transaction.atomic(durable=True):
            _keep(draft, term, by, now, form_key)
    except IntegrityError:  # the same form, a moment ago
        standing = _of_form(form_key)
        if standing is None:
            raise
        return standing
    return draft


def _of_form(form_key: str) -> Invoice | None:
    found: Invoice | None = Invoice.objects.filter(deposit__form_key=form_key).first()
    return found


def _keep(draft: Invoice, term: str, by: Any, now: datetime, form_key: str) -> None:
    draft.save()
    Deposit.objects.create(invoice=draft, contract=None, amount=draft.gross, term=term, form_key=form_key)
    journal.note(draft, "deposit", now=now, by=by, data={"amount": draft.gross, "currency": draft.currency})


def waiting_for(contract: Invoice) -> list[Invoice]:
    """Return the deposits that a draft can take: of its customer, seller, currency and mode, and not taken yet."""
    if not contract.is_draft or why_none(contract):
        return []
    return waiting_of(
        customer_id=contract.customer_id,
        seller_id=contract.seller_id,
        currency=contract.currency,
        mode=mode_of(contract.site),
    )


def take(*, contract_id: int, deposit_id: int, by: Any, now: datetime) -> None:
    """Let a draft deduct a deposit that waits for one; the same again changes nothing. Raises ``DepositRefused``."""
    with transaction.atomic(durable=True):
        contract, deposit = _both(contract_id, deposit_id)
        ports.failpoint("advances.held")
        row: Deposit | None = getattr(deposit, "deposit", None)
        if row is not None and row.contract_id == contract.pk:
            return
        if why := why_none(contract) or _why_not(contract, deposit):
            raise DepositRefused(why)
        Deposit.objects.filter(invoice=deposit).update(contract=contract)
        contract.kind = InvoiceKind.FINAL
        contract.save(update_fields=["kind"])
        for invoice in (contract, deposit):
            journal.note(invoice, "deposit_taken", now=now, by=by, data={"number": deposit.number})


def let_go(*, contract_id: int, deposit_id: int, by: Any, now: datetime) -> None:
    """Let an issued deposit wait for another draft; the same again changes nothing. Raises ``DepositRefused``."""
    with transaction.atomic(durable=True):
        contract, deposit = _both(contract_id, deposit_id)
        if deposit.deposit.contract_id != contract.pk:
            return
        if not contract.is_draft:
            raise DepositRefused(_("The final invoice has been issued: what it deducts stays."))
        if deposit.is_draft or deposit.deposit.step_id is not None:
            raise DepositRefused(_("Only an issued deposit that no quote agreed on can wait for another draft."))
        Deposit.objects.filter(invoice=deposit).update(contract=None, if_unpaid="")
        for invoice in (contract, deposit):
            journal.note(invoice, "deposit_let_go", now=now, by=by, data={"number": deposit.number})


def _both(contract_id: int, deposit_id: int) -> tuple[Invoice, Invoice]:
    held = {row.pk: row for row in lock(Invoice, contract_id, deposit_id)}
    return held[contract_id], held[deposit_id]


def why_none(contract: Invoice) -> str:
    """Return why a draft can take no deposit at all, or an empty text."""
    if not contract.is_draft:
        return _("This invoice has been issued: a deposit is taken before.")
    if hasattr(contract, "registration") or hasattr(contract, "balance_of"):
        return _("This draft belongs to a registration: it becomes an invoice by itself when it is paid.")
    if contract.kind not in (InvoiceKind.STANDARD, InvoiceKind.FINAL) or contract.corrects_id is not None:
        return _("Only the draft of a whole order deducts deposits.")
    if hasattr(contract, "contract") and contract.contract.quote.plan.exists():
        return _("The quote says in which parts this is invoiced: it deducts those, and no others.")
    return ""


def _why_not(contract: Invoice, deposit: Invoice) -> str:
    """Why this draft can't take this deposit, in words."""
    row: Deposit | None = getattr(deposit, "deposit", None)
    if deposit.kind != InvoiceKind.DEPOSIT or row is None or deposit.is_draft:
        return _("Only a deposit that was issued can be deducted.")
    if row.contract_id is not None:
        return _("Another draft has taken deposit %(number)s already.") % {"number": deposit.number}
    if any(getattr(contract, name) != getattr(deposit, name) for name in ("customer_id", "seller_id", "currency")):
        return _("The deposit and its draft must name the same customer, seller and currency.")
    if deposit.mode != mode_of(contract.site):
        return _("One of the two is of test money: a test and the real thing don't mix.")
    if part_of(deposit).gross <= 0:
        return _("Deposit %(number)s has been credited wholly: nothing of it is left.") % {"number": deposit.number}
    return ""
