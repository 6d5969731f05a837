"""What holds of orders in parts: the parts are the whole, per rate, and instalments are filled in their order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from tests.simulation.invariants import Books, Rules
from wagtail_payments.actions import instalments
from wagtail_payments.models import Invoice, IssuedDocument

Groups = Counter[tuple[str, Decimal, str, str]]


def _parts_are_the_contract(books: Books) -> Iterator[str]:
    """What was invoiced for an order when it was issued, deposits less credit notes and the rest, is the order."""
    for invoice in books.invoices:
        if invoice.pk not in books.world.contracts:
            continue
        agreed, last_note = books.world.contracts[invoice.pk]
        whole: Groups = Counter()
        for row in agreed:
            _add(whole, (row.vat.category.value, row.vat.rate, row.vat.reason), row.base, row.tax)
        parts = _printed(invoice.document)
        for deposit in Invoice.objects.filter(deposit__contract=invoice, document__isnull=False):
            parts.update(_standing(deposit, last_note))
        if _some(parts) != _some(whole):
            yield f"{invoice}: {dict(parts)} in parts, {dict(whole)} agreed"


def _what_is_deducted_was_invoiced(books: Books) -> Iterator[str]:
    for invoice in books.invoices:
        _agreed, last_note = books.world.contracts.get(invoice.pk, ((), 0))
        for deduction in invoice.deductions.select_related("deducted__document"):
            kept: Groups = Counter()
            for category, rate, reason, base, tax in json.loads(deduction.text):
                _add(kept, (category, Decimal(rate), reason), base, tax)
            if _some(kept) != _some(_standing(deduction.deducted, last_note)):
                yield f"{invoice} deducts {dict(kept)} of {deduction.deducted}"
        if invoice.kind == "final" and not invoice.deductions.exists():
            yield f"{invoice} deducts nothing"


def _instalments_are_the_total(books: Books) -> Iterator[str]:
    for invoice in books.invoices:
        if not invoice.in_parts:
            continue
        rows = instalments.standings(invoice, books.world.now.date())
        if sum(row.amount for row in rows) != invoice.gross or any(row.amount < 0 for row in rows):
            yield f"{invoice}: {rows}"
        covered = [row.covered for row in rows]
        if sum(covered) != min(invoice.gross, invoice.gross - invoice.balance().due):
            yield f"{invoice}: {covered} covered, {invoice.balance().due} due"
        begun = [bool(row.left) for row in rows]
        after = covered[begun.index(True) + 1 :] if any(begun) else []
        if any(after):
            yield f"{invoice}: filled out of order: {rows}"


def _replaced_once(books: Books) -> Iterator[str]:
    replaced = [invoice.corrects_id for invoice in books.invoices if invoice.kind == "corrective"]
    for pk, times in Counter(replaced).items():
        if times > 1:
            yield f"invoice {pk} was replaced {times} times"
    for original in Invoice.objects.filter(pk__in=replaced).with_balance():
        if original.balance().taken_back != original.gross:
            yield f"{original} is replaced, {original.balance().taken_back} of {original.gross} taken back"


def _standing(deposit: Invoice, last_note: int) -> Groups:
    """What a deposit came to, less the credit notes up to that one."""
    sums = _printed(deposit.document)
    for note in deposit.credit_notes.filter(pk__lte=last_note).select_related("document"):
        sums.subtract(_printed(note.document))
    return sums


def _some(sums: Groups) -> dict[tuple[str, Decimal, str, str], int]:
    return {group: amount for group, amount in sums.items() if amount}


def _printed(document: IssuedDocument | None) -> Groups:
    assert document is not None
    printed: Groups = Counter()
    for row in document.frozen.vat:
        _add(printed, (row.category, Decimal(row.rate), row.reason), row.base, row.tax)
    return printed


def _add(sums: Groups, group: tuple[str, Decimal, str], base: int, tax: int) -> None:
    category, rate, reason = group
    sums[category, rate.normalize(), reason, "net"] += base
    sums[category, rate.normalize(), reason, "tax"] += tax


RULES: Rules = {
    "I14": _parts_are_the_contract,
    "I14, deducted": _what_is_deducted_was_invoiced,
    "I22": _instalments_are_the_total,
    "I2, replaced": _replaced_once,
}
