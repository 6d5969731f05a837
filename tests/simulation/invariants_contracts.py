"""What holds of orders in parts: the parts are the whole, per rate, and instalments are filled in their order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from tests.simulation.invariants import Books, Rules
from wagtail_payments.actions import instalments
from wagtail_payments.models import Invoice

Groups = Counter[tuple[str, Decimal, str, str]]


def _parts_are_the_contract(books: Books) -> Iterator[str]:
    for invoice in books.invoices:
        agreed = books.world.contracts.get(invoice.pk)
        if agreed is None:
            continue
        whole: Groups = Counter()
        for row in agreed:
            _add(whole, (row.vat.category.value, row.vat.rate, row.vat.reason), row.base, row.tax)
        parts = _printed(invoice)
        for deduction in invoice.deductions.all():
            for category, rate, reason, base, tax in json.loads(deduction.text):
                _add(parts, (category, Decimal(rate), reason), base, tax)
        if +parts != +whole or any(number < 0 for number in parts.values()):
            yield f"{invoice}: {dict(parts)} in parts, {dict(whole)} agreed"


def _nothing_is_deducted_that_was_not_invoiced(books: Books) -> Iterator[str]:
    for invoice in books.invoices:
        for deduction in invoice.deductions.select_related("deducted__document"):
            if deduction.deducted.document is None or not 0 < deduction.gross <= deduction.deducted.gross:
                yield f"{invoice} deducts {deduction.gross} of {deduction.deducted}"


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


def _printed(invoice: Invoice) -> Groups:
    assert invoice.document is not None
    printed: Groups = Counter()
    for row in invoice.document.frozen.vat:
        _add(printed, (row.category, Decimal(row.rate), row.reason), row.base, row.tax)
    return printed


def _add(sums: Groups, group: tuple[str, Decimal, str], base: int, tax: int) -> None:
    category, rate, reason = group
    sums[category, rate.normalize(), reason, "net"] += base
    sums[category, rate.normalize(), reason, "tax"] += tax


RULES: Rules = {
    "I14": _parts_are_the_contract,
    "I14, deducted": _nothing_is_deducted_that_was_not_invoiced,
    "I22": _instalments_are_the_total,
    "I2, replaced": _replaced_once,
}
