"""Are the books whole? Chain, balances, documents, numbers and money, each compared with what proves it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from wagtail_payments.conf import settings
from wagtail_payments.core import chain as chains
from wagtail_payments.core import snapshot
from wagtail_payments.core.lifecycle import InvoiceKind, RefundState
from wagtail_payments.core.numbering import Series
from wagtail_payments.records.deposits import Deduction
from wagtail_payments.records.documents import IssuedDocument, NumberSeries, Rendition
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.ledger import Chain, Entry, EntryLine, canonical_entry
from wagtail_payments.records.payments import Payment, Refund, available_credit
from wagtail_payments.records.sellers import Seller


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the books that does not hold: where, and what."""

    where: str
    what: str


def verify(*, seller: Seller, mode: str) -> Iterator[Problem]:
    """Yield every problem in the books of a seller (none: they are whole). Reads only."""
    chain = Chain.objects.filter(seller=seller, mode=mode).first()
    if chain is not None:
        yield from _chain(chain)
        yield from _receivables(seller, mode)
        yield from _told_otherwise(chain)
    yield from _unbooked(seller, mode)
    yield from _documents(seller, mode)
    yield from _numbers(seller, mode)
    yield from _money(seller, mode)


def _chain(chain: Chain) -> Iterator[Problem]:
    """Each seal covers its entry and the seal before; the sealed head shows a tail that was cut off."""
    keys = {key.id: key.secret for key in settings.LEDGER_KEYS}
    previous, count = chains.FIRST_SEAL, 0
    entries = Entry.objects.filter(chain=chain).order_by("sequence").prefetch_related("lines")
    entries = entries.select_related("document").defer("document__text")
    for entry in entries.iterator(chunk_size=500):
        count += 1
        where = _("entry %(number)d") % {"number": entry.sequence}
        if entry.sequence != count:
            yield Problem(where, _("an entry is missing before it, or it was inserted"))
            count = entry.sequence
        yield from _entry(entry, where, previous, keys)
        previous = entry.seal
    yield from _head(chain, previous, count, keys)


def _entry(entry: Entry, where: str, previous: str, keys: dict[str, bytes]) -> Iterator[Problem]:
    lines = sorted(entry.lines.all(), key=lambda line: line.pk)
    if canonical_entry(entry, lines) != entry.text:
        yield Problem(where, _("its columns or lines differ from its sealed text"))
    if entry.previous_seal != previous:
        yield Problem(where, _("it does not follow the entry before it"))
    if entry.key_id not in keys:
        yield Problem(where, _("its key “%(key)s” is not in LEDGER_KEYS") % {"key": entry.key_id})
    elif not chains.seals_agree(chains.seal(keys[entry.key_id], previous, entry.text), entry.seal):
        yield Problem(where, _("its seal is broken: it was changed, inserted or moved"))
    if sum(line.debit - line.credit for line in lines) or not lines:
        yield Problem(where, _("debit and credit differ"))


def _head(chain: Chain, last: str, count: int, keys: dict[str, bytes]) -> Iterator[Problem]:
    where = _("end of the chain")
    if (chain.count, chain.head) != (count, last):
        yield Problem(
            where,
            _("%(expected)d entries were booked, %(found)d are there") % {"expected": chain.count, "found": count},
        )
    secret = keys.get(chain.key_id)
    if chain.count and (
        secret is None or not chains.seals_agree(chains.head_seal(secret, chain.count, chain.head), chain.head_seal)
    ):
        yield Problem(where, _("the seal of the last entry is broken"))


def _receivables(seller: Seller, mode: str) -> Iterator[Problem]:
    """The customers' account holds what was invoiced, less credited and received, plus what went back."""
    invoices = Invoice.objects.filter(seller=seller, mode=mode, document__isnull=False)
    notes = seller.credit_notes.filter(mode=mode)
    payments = Payment.objects.filter(seller=seller, mode=mode)
    refunds = Refund.objects.filter(payment__seller=seller, mode=mode, state=RefundState.SUCCEEDED)
    booked = _booked(seller, mode)
    told = Counter[str]()
    told.update(_by_currency(invoices, "gross"))
    told.subtract(_by_currency(notes, "gross"))
    told.subtract(_by_currency(payments, "amount"))
    told.update(_by_currency(refunds, "amount"))
    for currency in sorted(booked.keys() | told.keys()):
        if booked[currency] != told[currency]:
            yield Problem(
                _("customers' account %(account)s") % {"account": seller.receivables_account},
                _("the ledger says %(booked)d, the documents and payments say %(told)d (%(currency)s)")
                % {"booked": booked[currency], "told": told[currency], "currency": currency},
            )


def _booked(seller: Seller, mode: str) -> Counter[str]:
    """What lies on the customers' account, and on what it was called before: only its lines name a customer."""
    lines = EntryLine.objects.filter(entry__chain__seller=seller, entry__chain__mode=mode).order_by()
    names = lines.filter(customer__isnull=False).values_list("account", flat=True).distinct()
    sides = (
        lines.filter(account__in={seller.receivables_account, *names})
        .values("currency")
        .annotate(debits=Sum("debit"), credits=Sum("credit"))
    )
    return Counter({row["currency"]: row["debits"] - row["credits"] for row in sides})


def _by_currency(rows: QuerySet[Any], column: str) -> dict[str, int]:
    summed = rows.order_by().values_list("currency").annotate(whole=Sum(column))
    return dict(summed)


def _told_otherwise(chain: Chain) -> Iterator[Problem]:
    """What an entry is about still says the amount, and a payment the day, that were sealed."""
    # A subquery: beside a sum, MariaDB compares with nothing but sums.
    lines = EntryLine.objects.filter(entry=OuterRef("pk")).order_by().values("entry")
    moved = Subquery(lines.annotate(whole=Sum("debit")).values("whole"))
    entries = Entry.objects.filter(chain=chain).annotate(moved=moved).order_by("sequence")
    agrees = (
        Q(kind__in=["issue", "credit"], moved=F("document__gross"))
        | Q(kind="deduction", moved=Subquery(_deducted_net()))
        | Q(kind="payment", moved=F("payment__amount"), on=F("payment__received_on"))
        | Q(kind="fee", moved=F("payment__fee"))
        | Q(kind__in=["refund", "refund_failed"], moved=F("refund__amount"))
    )
    for number in entries.exclude(agrees).values_list("sequence", flat=True):
        where = _("entry %(number)d") % {"number": number}
        yield Problem(where, _("what it is about says another amount or day now"))


def _deducted_net() -> QuerySet[Any]:
    """What the final invoice of an entry took over from its deposits."""
    rows = Deduction.objects.filter(invoice__document=OuterRef("document"), deducted__kind=InvoiceKind.DEPOSIT)
    sums: QuerySet[Any] = rows.order_by().values("invoice").annotate(whole=Sum("net")).values("whole")
    return sums


def _unbooked(seller: Seller, mode: str) -> Iterator[Problem]:
    """Everything that should be in the ledger is there."""
    invoices = Invoice.objects.filter(seller=seller, mode=mode, document__entries=None, gross__gt=0)
    for invoice in invoices.filter(document__isnull=False).select_related("document"):
        yield Problem(str(invoice), _("it is not in the ledger"))
    for note in seller.credit_notes.filter(mode=mode, document__entries=None).select_related("document"):
        yield Problem(str(note), _("it is not in the ledger"))
    for payment in Payment.objects.filter(seller=seller, mode=mode).exclude(entries__kind="payment"):
        yield Problem(str(payment), _("it is not in the ledger"))
    refunds = Refund.objects.filter(payment__seller=seller, mode=mode, state=RefundState.SUCCEEDED)
    for refund in refunds.exclude(entries__kind="refund"):
        yield Problem(str(refund), _("it is not in the ledger"))


def _documents(seller: Seller, mode: str) -> Iterator[Problem]:
    """Frozen texts and kept files are what they were when they were made."""
    documents = IssuedDocument.objects.filter(seller=seller, mode=mode)
    for document in documents.iterator(chunk_size=500):
        if snapshot.digest(document.text) != document.sha256:
            yield Problem(document.number, _("its frozen text was changed"))
            continue
        printed = document.frozen
        kept = (document.number, document.gross, document.issued_on.isoformat())
        if (printed.number, printed.gross, printed.issued_on) != kept:
            yield Problem(document.number, _("its number, date or total differ from its frozen text"))
    for rendition in Rendition.objects.filter(document__in=documents).select_related("document").iterator():
        yield from _file(rendition)
    for invoice in Invoice.objects.filter(seller=seller, mode=mode, document__isnull=False).exclude(
        gross=F("document__gross"), net=F("document__net"), tax=F("document__tax")
    ):
        yield Problem(str(invoice), _("its totals differ from its issued document"))


def _file(rendition: Rendition) -> Iterator[Problem]:
    try:
        with rendition.file.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        yield Problem(rendition.document.number, _("its PDF is missing"))
        return
    if digest != rendition.sha256:
        yield Problem(rendition.document.number, _("its PDF was changed"))


def _numbers(seller: Seller, mode: str) -> Iterator[Problem]:
    """No gap, no number twice, and dates that run the same way as the numbers."""
    begun: set[str] = set()
    for series in NumberSeries.objects.filter(seller=seller, mode=mode).order_by("year"):
        is_first, first = series.series not in begun, 1
        begun.add(series.series)
        if is_first and mode == Mode.LIVE and series.series == Series.INVOICE:
            first = seller.first_invoice_number
        taken = IssuedDocument.objects.filter(seller=seller, mode=mode, series=series.series, year=series.year)
        figures = taken.aggregate(count=Count("pk"), first=Min("sequence"), last=Max("sequence"))
        where = f"{series.series} {series.year}"
        missing = series.last - first + 1 - figures["count"]
        if missing or (figures["count"] and (figures["first"], figures["last"]) != (first, series.last)):
            yield Problem(where, _("a number is missing"))
        dates = taken.order_by("sequence").values_list("issued_on", flat=True)
        if any(later < earlier for earlier, later in pairwise(dates)):
            yield Problem(where, _("dates run backwards"))


def _money(seller: Seller, mode: str) -> Iterator[Problem]:
    """Nothing paid or credited beyond its total, nothing refunded beyond what came."""
    issued = Invoice.objects.filter(seller=seller, mode=mode, document__isnull=False).with_balance()
    for invoice in issued.filter(Q(due__lt=0) | Q(paid__lt=0) | Q(credited__lt=0)):
        yield Problem(str(invoice), _("more was paid or credited than it comes to"))
    for payment in Payment.objects.filter(seller=seller, mode=mode).iterator():
        if payment.refundable() < 0 or payment.unallocated() < 0:
            yield Problem(str(payment), _("more was used or refunded than came in"))
    for note in seller.credit_notes.filter(mode=mode).iterator():
        if available_credit(note) < 0:
            yield Problem(str(note), _("more was used than it comes to"))
