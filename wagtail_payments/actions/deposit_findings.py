"""What the review says about deposits: of a deposit itself, and of the draft that will deduct it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from wagtail_payments.actions.finding import Finding, error, warning
from wagtail_payments.actions.modes import mode_of
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.records.deposits import PART_KINDS, Unpaid, asked_for
from wagtail_payments.records.invoices import Invoice


def of(invoice: Invoice) -> Iterator[Finding]:
    """Yield what stands in the way of issuing a deposit, or a draft that has deposits; nothing for all others."""
    if invoice.kind in PART_KINDS and hasattr(invoice, "deposit"):
        if invoice.deposit.contract is not None:
            yield from _of_chain(invoice, invoice.deposit.contract)
        yield from _of_deposit(invoice)
    if invoice.kind == InvoiceKind.FINAL and invoice.pk is not None:
        for deposit in asked_for(invoice):
            yield from _of_contract(invoice, deposit)


def _of_chain(deposit: Invoice, contract: Invoice) -> Iterator[Finding]:
    if not contract.is_draft:
        yield error(
            "deposit_late",
            _("The final invoice %(number)s has been issued: this deposit can only be deleted.")
            % {"number": contract.number},
        )
    if _differ(deposit, contract):
        yield error("deposit_other", _("The deposit and its draft must name the same customer, seller and currency."))


def _of_deposit(deposit: Invoice) -> Iterator[Finding]:
    if deposit.customer.is_consumer and deposit.kind == InvoiceKind.DEPOSIT:
        # C. conso. L221-10: no payment before seven days; L214-1: earnest money unless said otherwise.
        yield warning(
            "deposit_consumer",
            _("If the contract was concluded away from your premises, take no money for seven days (art. L221-10)."),
        )
        if not deposit.deposit.term:
            yield warning(
                "deposit_term",
                _("It does not say whether this is an acompte or arrhes: what a consumer pays is then arrhes."),
            )


def _of_contract(contract: Invoice, deposit: Invoice) -> Iterator[Finding]:
    said = {"deposit": deposit.number or _("a draft")}
    if deposit.is_draft:
        yield error(
            "deposit_draft", _("A deposit of this order is still a draft: issue it or delete it first."), "deposits"
        )
        return
    if deposit.mode != mode_of(contract.site):
        yield error(
            "deposit_mode",
            _("Deposit %(deposit)s is of test money, or this would be: a test and the real thing don't mix.") % said,
            "deposits",
        )
    if _differ(deposit, contract):
        yield error(
            "deposit_other",
            _("Deposit %(deposit)s names another customer, seller or currency than this draft.") % said,
            "deposits",
        )
    balance, choice = deposit.balance(), deposit.deposit.if_unpaid
    if balance.due > 0 and not choice:
        yield error(
            "deposit_unpaid",
            _("Deposit %(deposit)s is not paid: say whether it stays due or is cancelled.") % said,
            "deposits",
        )
    if balance.processing > 0 and choice == Unpaid.CANCEL:
        yield error(
            "deposit_processing",
            _("A payment of deposit %(deposit)s is under way, so it can't be cancelled now.") % said,
            "deposits",
        )


def _differ(one: Invoice, other: Invoice) -> bool:
    names = ("customer_id", "seller_id", "currency")
    return any(getattr(one, name) != getattr(other, name) for name in names)
