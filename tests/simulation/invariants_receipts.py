"""How payments divide (I16): on receipts as they were printed, and over the VAT rates of what they pay."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.invariants import Books, Rules
from wagtail_payments.core import allocation
from wagtail_payments.core.snapshot import Document, MoneyMoved
from wagtail_payments.models import Invoice, Receipt


class Divided:
    """An invoice whose payments are divided over its VAT rates, one after another."""

    def __init__(self, printed: Document) -> None:
        self.printed = printed
        self.groups = [(row.base + row.tax, row.tax) for row in printed.vat]
        self.paid, self.tax = [0 for _ in self.groups], 0

    def pay(self, amount: int) -> Iterator[str]:
        """Yield what is wrong with the next part; a part that no longer fits begins anew: money went back meanwhile."""
        if amount > self.printed.gross - sum(self.paid):
            self.paid, self.tax = [0 for _ in self.groups], 0
        if amount > self.printed.gross:
            yield f"{amount} of {self.printed.gross}"
            return
        shares = allocation.split_by_vat(amount, self.groups, self.paid)
        if sum(share.gross for share in shares) != amount or any(not 0 <= one.tax <= one.gross for one in shares):
            yield f"{amount} divided as {shares}"
        self.paid = [before + share.gross for before, share in zip(self.paid, shares, strict=True)]
        self.tax += sum(share.tax for share in shares)
        if sum(self.paid) == self.printed.gross and self.tax != self.printed.tax:
            yield f"{self.tax} of VAT, not {self.printed.tax}"


def _whatever_pays_an_invoice_divides(books: Books) -> Iterator[str]:
    for invoice in books.invoices:
        divided = Divided(_frozen(invoice))
        for amount in _standing_parts(invoice):
            yield from (f"{invoice}: {what}" for what in divided.pay(amount))


def _standing_parts(invoice: Invoice) -> list[int]:
    """What each payment still pays of it, in their order."""
    parts: dict[int, int] = {}
    for row in invoice.allocations.order_by("pk"):
        parts[row.payment_id] = parts.get(row.payment_id, 0) + row.amount
    return [part for part in parts.values() if part]


def _receipts_tell_what_came(books: Books) -> Iterator[str]:
    divided = {invoice.number: Divided(_frozen(invoice)) for invoice in books.invoices}
    for receipt in Receipt.objects.select_related("document", "payment", "refund").order_by("pk"):
        moved = receipt.document.frozen.moved
        assert moved is not None
        yield from (f"{receipt}: {what}" for what in _adds_up(receipt, moved))
        if receipt.payment is None:
            continue
        for share in moved.shares:
            yield from (f"{receipt}: {share.number}: {what}" for what in divided[share.number].pay(share.amount))


def _adds_up(receipt: Receipt, moved: MoneyMoved) -> Iterator[str]:
    """Parts and rest are what came; less, where a part of it had gone back before the receipt was given."""
    money = receipt.payment or receipt.refund
    assert money is not None
    told = sum(share.amount for share in moved.shares) + moved.unallocated
    stayed = receipt.payment is not None and not (receipt.payment.refunds.exists() or receipt.payment.disputes.exists())
    if told > money.amount or (stayed and told != money.amount):
        yield f"{told} told of {money.amount}"
    if receipt.document.gross != money.amount or min([1, *(share.amount for share in moved.shares)]) <= 0:
        yield f"{receipt.document.gross} printed of {money.amount}: {moved.shares}"
    if moved.unallocated < 0:
        yield f"{moved.shares} told of {money.amount}"


def _frozen(invoice: Invoice) -> Document:
    assert invoice.document is not None
    return invoice.document.frozen


RULES: Rules = {
    "I16": _whatever_pays_an_invoice_divides,
    "I16, on receipts": _receipts_tell_what_came,
}
