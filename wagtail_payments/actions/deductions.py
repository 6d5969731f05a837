"""What a final invoice does with the deposits before it: they are taken back where they must be, and deducted once.

All of it happens in the transaction that issues the final invoice and holds its deposits, so that nobody can credit
one of them meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports
from wagtail_payments.actions import credits
from wagtail_payments.core.deposits import TakenBack
from wagtail_payments.core.totals import VatSubtotal
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.deposits import Deduction, Deposit, settlement_of, text_of, totals_of
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import CreditApplication, available_credit


def taken_before(contract_id: int) -> set[int]:
    """Return the keys of deposits older than the draft that took them: whoever holds it has to hold them first."""
    older = Deposit.objects.filter(contract=contract_id, invoice__lt=contract_id)
    return set(older.values_list("invoice_id", flat=True))


def hold(*, final: Invoice) -> None:
    """Lock the deposits of a draft, inside a transaction that holds the draft and the deposits older than it."""
    keys = Deposit.objects.filter(contract=final).values_list("invoice_id", flat=True)
    lock(Invoice, *keys)
    ports.failpoint("deductions.held")


def settle(*, final: Invoice, by: Any, now: datetime) -> list[CreditNote]:
    """Credit what is cancelled or beyond the contract.

    Inside a transaction that holds the draft and its deposits; the caller books the credit notes, last.
    """
    settled = settlement_of(final, totals_of(final))
    return [_taken_back(taken, by, now) for taken in settled.taken_back]


def _taken_back(taken: TakenBack, by: Any, now: datetime) -> CreditNote:
    deposit = Invoice.objects.select_related("document", "seller", "customer", "site").get(pk=taken.key)
    with override(deposit.language):
        reason = _("The deposit was not paid: it is asked for on the final invoice.")
        if not taken.is_unpaid:
            reason = _("The order came to less than its deposits.")
    return credits.credit_rows(invoice=deposit, rows=taken.rows, reason=reason, by=by, now=now)


def finish(*, final: Invoice, notes: list[CreditNote], now: datetime) -> None:
    """Let what was taken back of paid deposits pay the issued final invoice, book it, and keep what was deducted.

    A credit note is booked before the deduction is kept: until then the deposit has not become a sale.
    """
    due = final.gross
    for note in notes:
        free = min(max(available_credit(note), 0), due)
        if free:
            CreditApplication.objects.create(credit_note=note, invoice=final, amount=free, at=now)
            due -= free
        credits.book(credit_note=note, now=now)
    _keep(final)


def _keep(final: Invoice) -> None:
    """Keep what an issued final invoice deducts, as it is printed on it."""
    for part in settlement_of(final, totals_of(final)).deducted:
        rows = [row for row in part.rows if row.base or row.tax]
        Deduction.objects.create(invoice=final, deducted_id=part.key, text=text_of(rows), **_sums(rows))


def _sums(rows: list[VatSubtotal]) -> dict[str, int]:
    net, tax = sum(row.base for row in rows), sum(row.tax for row in rows)
    return {"net": net, "tax": tax, "gross": net + tax}
