"""Asking for a deposit: a draft invoice of a part of another draft, issued and paid like any invoice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments.actions import checkout, invoices, journal
from wagtail_payments.core import deposits as parts
from wagtail_payments.core import money
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.core.tax import VatGroup
from wagtail_payments.core.totals import CannotAddUp, VatSubtotal
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.deposits import Deposit, Unpaid, asked_for, part_of
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice, InvoiceLine
from wagtail_payments.records.quotes import PlanStep


class DepositRefused(Exception):
    """The deposit can't be asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A deposit as an editor asks for it: by ``percent`` of the gross, or by a gross ``amount`` in minor units.

    ``term`` says to a consumer what it is (``records.deposits.Term``). ``due_days`` 0 means at once.
    ``step`` is the part of a quote's billing plan that it is, with its own ``label`` and ``kind``.
    """

    percent: Decimal | None = None
    amount: int | None = None
    due_days: int = 0
    term: str = ""
    step: PlanStep | None = None
    label: str = ""
    kind: InvoiceKind = InvoiceKind.DEPOSIT


def preview(*, contract: Invoice, wish: Wish) -> tuple[VatSubtotal, ...]:
    """Return the VAT groups of the deposit that would be asked for; raises ``DepositRefused``."""
    _refuse_unfit(contract, wish)
    try:
        whole = contract.totals().vat
    except CannotAddUp as error:
        raise DepositRefused(_("This draft does not add up yet. Mend it first.")) from error
    amount = parts.of_percent(whole, wish.percent) if wish.percent is not None else wish.amount or 0
    if amount <= 0:
        raise DepositRefused(_("Write a percentage or an amount above zero."))
    before = _asked_before(contract)
    try:
        return parts.part(whole, amount, before)
    except parts.MoreThanLeft as error:
        left = parts.gross_of(whole) - sum(map(parts.gross_of, before))
        said = money.formatted(max(left, 0), contract.currency, contract.language)
        raise DepositRefused(
            _("That is more than is left: at most %(left)s can be asked for in advance.") % {"left": said}
        ) from error


def ask(*, contract_id: int, wish: Wish, by: Any, now: datetime, form_key: str | None = None) -> Invoice:
    """Make the draft of a deposit invoice; the same form twice makes one. Raises ``DepositRefused``."""
    with transaction.atomic(durable=True):
        (contract,) = lock(Invoice, contract_id)
        standing: Invoice | None = Invoice.objects.filter(deposit__form_key=form_key).first() if form_key else None
        if standing is not None:
            return standing
        return ask_locked(contract=contract, wish=wish, by=by, now=now, form_key=form_key)


def decide(*, deposit_id: int, if_unpaid: str, by: Any, now: datetime) -> None:
    """Keep what becomes of a deposit that is not paid when the final invoice is issued; ``deposit_id`` its invoice's.

    Raises ``DepositRefused`` where the final invoice was issued already.
    """
    contract_id = Deposit.objects.values_list("contract_id", flat=True).get(invoice=deposit_id)
    if contract_id is None:
        raise DepositRefused(_("No draft deducts this deposit yet: there is nothing to decide."))
    with transaction.atomic(durable=True):
        (contract,) = lock(Invoice, contract_id)
        if not contract.is_draft:
            raise DepositRefused(_("The final invoice has been issued: nothing is left to decide."))
        if if_unpaid not in Unpaid.values:
            raise DepositRefused(_("Choose one of the two."))
        if not Deposit.objects.filter(invoice=deposit_id, contract=contract).update(if_unpaid=if_unpaid):
            raise DepositRefused(_("No draft deducts this deposit yet: there is nothing to decide."))
        journal.note(contract, "deposit_decided", now=now, by=by, data={"reason": str(Unpaid(if_unpaid).label)})


def withdraw_outdated(*, contract: Invoice, now: datetime) -> None:
    """End the open sessions of deposits that were cancelled when their final invoice was issued; after that commit."""
    if contract.kind == InvoiceKind.FINAL:
        for deposit in asked_for(contract):
            checkout.withdraw_outdated(invoice=deposit, now=now)


def _refuse_unfit(contract: Invoice, wish: Wish) -> None:
    if not contract.is_draft:
        raise DepositRefused(_("This invoice has been issued: a deposit is asked for before."))
    if hasattr(contract, "registration") or hasattr(contract, "balance_of"):
        raise DepositRefused(
            _("This draft belongs to a registration: it becomes an invoice by itself when it is paid.")
        )
    if wish.step is None and hasattr(contract, "contract"):
        raise DepositRefused(
            _("This draft is what quote %(number)s agreed on: its parts are invoiced from the quote.")
            % {"number": contract.contract.quote.number}
        )
    if contract.kind not in (InvoiceKind.STANDARD, InvoiceKind.FINAL):
        raise DepositRefused(_("A deposit can't be asked for on a deposit."))


def _asked_before(contract: Invoice) -> list[parts.Rows]:
    """What deposits ask for already: issued ones as they stand, drafts as they add up now."""
    found: list[parts.Rows] = []
    for invoice in asked_for(contract):
        found.append(invoice.totals().vat if invoice.is_draft else part_of(invoice).rows)
    return found


def ask_locked(*, contract: Invoice, wish: Wish, by: Any, now: datetime, form_key: str | None = None) -> Invoice:
    """Make the draft of a part inside a transaction that holds its contract; raises ``DepositRefused``."""
    rows = preview(contract=contract, wish=wish)
    values = {name: getattr(contract, name) for name in COPIED}
    draft = Invoice(**values, kind=wish.kind, due_days=wish.due_days, created_by=by)
    said = _description(contract, wish)
    draft.lines.set([line_of(said, row.vat, row.gross, contract.currency, place) for place, row in enumerate(rows)])
    invoices.store_totals(invoice=draft)
    draft.save()
    amount = parts.gross_of(rows)
    Deposit.objects.create(
        invoice=draft,
        contract=contract,
        percent=wish.percent,
        amount=amount,
        term=wish.term,
        step=wish.step,
        form_key=form_key,
    )
    contract.kind = InvoiceKind.FINAL
    contract.save(update_fields=["kind"])
    data = {"amount": amount, "currency": contract.currency}
    journal.note(contract, "deposit", now=now, by=by, data=data)
    journal.note(draft, "deposit", now=now, by=by, data=data)
    return draft


COPIED = (
    "seller", "site", "customer", "title", "language", "currency", "order_reference", "nature", "custom_fields",
    "terms", "online_payment", "methods",
)  # fmt: skip


def line_of(description: str, vat: VatGroup, gross: int, currency: str, place: int) -> InvoiceLine:
    """Return the line of a deposit at one VAT rate; ``gross`` in minor units."""
    return InvoiceLine(
        sort_order=place,
        description=description,
        quantity=Decimal(1),
        unit_price=money.to_major(gross, currency),
        price_includes_vat=True,
        vat_category=vat.category,
        vat_rate=vat.rate,
        vat_reason=vat.reason,
    )


def _description(contract: Invoice, wish: Wish) -> str:
    with override(contract.language):
        writer = Writer(contract.language, contract.currency)
        if wish.label:
            said = wish.label
        elif wish.percent is None:
            said = _("Deposit")
        else:
            said = _("Deposit of %(percent)s") % {"percent": writer.percent(f"{wish.percent:f}")}
    return f"{said}\n{contract.title}" if contract.title else said
