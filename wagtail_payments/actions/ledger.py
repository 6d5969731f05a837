"""Booking into the ledger: balanced entries, each once, sealed onto the chain of the seller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from wagtail_payments.conf import Key, settings
from wagtail_payments.core import chain as chains
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.guards import lock_one, make_locked
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.ledger import Chain, Entry, EntryLine, canonical_entry
from wagtail_payments.records.payments import Payment, Refund
from wagtail_payments.records.sellers import Seller


class Unbalanced(Exception):
    """An entry whose debits and credits differ was about to be booked."""


@dataclass(frozen=True, slots=True)
class Side:
    """One line of an entry: a positive amount debits the account, a negative one credits it; minor units."""

    account: str
    amount: int
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """What an entry is about."""

    kind: str
    key: str
    on: date
    label: str
    sides: tuple[Side, ...]
    document: IssuedDocument | None = None
    payment: Payment | None = None
    refund: Refund | None = None

    @property
    def moving(self) -> list[Side]:
        """The sides that move money."""
        return [side for side in self.sides if side.amount]


def book_issue(*, invoice: Invoice, now: datetime) -> None:
    """Book an issued invoice: the customer owes it, sales and VAT are earned."""
    document = _document(invoice)
    seller = invoice.seller
    sides = (
        Side(seller.receivables_account, invoice.gross, invoice.customer_id),
        Side(_income_account(invoice), -invoice.net),
        Side(seller.vat_account, -invoice.tax),
    )
    booking = Booking("issue", f"issue:{document.pk}", document.issued_on, document.number, sides, document)
    bookings = [booking, *_deductions(invoice, document)] if invoice.kind == InvoiceKind.FINAL else [booking]
    _book(seller, invoice.mode, invoice.currency, bookings, now)


def _income_account(invoice: Invoice) -> str:
    """A deposit is no sale yet: it waits on an account of its own until the final invoice deducts it."""
    waits = invoice.kind == InvoiceKind.DEPOSIT and not hasattr(invoice, "deduction")
    account: str = invoice.seller.deposits_account if waits else invoice.seller.sales_account
    return account


def _deductions(final: Invoice, document: IssuedDocument) -> list[Booking]:
    """What the deposits of a final invoice were asked for is now sold; interim invoices were sales at once."""
    waiting = final.deductions.filter(deducted__kind=InvoiceKind.DEPOSIT).aggregate(net=Sum("net"))["net"] or 0
    seller = final.seller
    sides = (Side(seller.deposits_account, waiting), Side(seller.sales_account, -waiting))
    return [Booking("deduction", f"deduction:{document.pk}", document.issued_on, document.number, sides, document)]


def book_credit(*, credit_note: CreditNote, now: datetime) -> None:
    """Book a credit note, once: the reverse of an issue."""
    if credit_note.document.entries.exists():
        return
    seller, document = credit_note.seller, credit_note.document
    sides = (
        Side(seller.receivables_account, -credit_note.gross, credit_note.invoice.customer_id),
        Side(_income_account(credit_note.invoice), credit_note.net),
        Side(seller.vat_account, credit_note.tax),
    )
    booking = Booking("credit", f"credit:{document.pk}", document.issued_on, document.number, sides, document)
    _book(seller, credit_note.mode, credit_note.currency, [booking], now)


def book_payment(*, payment: Payment, now: datetime) -> None:
    """Book money received against the customer's account, allocated or not, and the fee where it is known already."""
    seller = payment.seller
    sides = (
        Side(money_account(seller, payment.gateway, payment.method), payment.amount),
        Side(seller.receivables_account, -payment.amount, payment.customer_id),
    )
    booking = Booking("payment", f"payment:{payment.pk}", payment.received_on, _text(payment), sides, payment=payment)
    bookings = [booking, _fee(payment, payment.fee)] if payment.fee else [booking]
    _book(seller, payment.mode, payment.currency, bookings, now)


def book_fee(*, payment: Payment, fee: int, now: datetime) -> None:
    """Book what the provider kept, when it is told after the payment."""
    _book(payment.seller, payment.mode, payment.currency, [_fee(payment, fee)], now)


def _fee(payment: Payment, fee: int) -> Booking:
    seller = payment.seller
    sides = (Side(seller.fees_account, fee), Side(seller.gateway_account, -fee))
    return Booking("fee", f"fee:{payment.pk}", payment.received_on, _text(payment), sides, payment=payment)


def _text(payment: Payment) -> str:
    """What a bookkeeper recognizes a payment by; the provider's id stands on the payment itself."""
    customer = payment.customer.name if payment.customer else ""
    return payment.reference or customer or payment.payment_id or payment.method


def book_refund(*, refund: Refund, on: date, now: datetime, returned: bool = False) -> None:
    """Book money that went back, or (``returned``) that came home because the bank refused it."""
    payment, sign = refund.payment, -1 if returned else 1
    seller = payment.seller
    sides = (
        Side(seller.receivables_account, sign * refund.amount, payment.customer_id),
        Side(money_account(seller, refund.gateway, payment.method), -sign * refund.amount),
    )
    kind = "refund_failed" if returned else "refund"
    label = refund.reason or _text(payment)
    booking = Booking(kind, f"{kind}:{refund.pk}", on, label, sides, payment=payment, refund=refund)
    _book(seller, refund.mode, refund.currency, [booking], now)


def money_account(seller: Seller, gateway: str, method: str) -> str:
    """Return the account that money of that gateway and method lies on."""
    if gateway != "manual":
        return seller.gateway_account
    return seller.cash_account if method == "cash" else seller.bank_account


def _document(invoice: Invoice) -> IssuedDocument:
    assert invoice.document is not None  # noqa: S101 - the caller has just issued it
    return invoice.document


def _book(seller: Seller, mode: str, currency: str, bookings: Sequence[Booking], now: datetime) -> None:
    """Append entries inside the caller's transaction; a document of zero books nothing."""
    for booking in bookings:
        if sum(side.amount for side in booking.sides):
            raise Unbalanced(booking.key)
    bookings = [booking for booking in bookings if booking.moving]
    if not bookings:
        return
    chain = _locked_chain(seller, mode)
    lines: list[EntryLine] = []
    for booking in bookings:
        lines += _append(chain, booking, currency, now)
    EntryLine.objects.bulk_create(lines)
    _keep_head(chain)


def _locked_chain(seller: Seller, mode: str) -> Chain:
    """The seller's chain, locked until the transaction ends; begun where it is the first entry."""
    chain = lock_one(Chain, seller=seller, mode=mode)
    if chain is None:
        make_locked(Chain(seller=seller, mode=mode, head=chains.FIRST_SEAL), "seller", "mode")
        chain = lock_one(Chain, seller=seller, mode=mode)
    assert chain is not None  # noqa: S101 - it has just been made, and chains are never deleted under a lock
    return chain


def _append(chain: Chain, booking: Booking, currency: str, now: datetime) -> list[EntryLine]:
    """Seal one entry onto the chain in hand; return its lines, not saved yet."""
    key = settings.LEDGER_KEYS[0]
    entry = Entry(
        chain=chain,
        sequence=chain.count + 1,
        kind=booking.kind,
        on=booking.on,
        recorded_at=now,
        document=booking.document,
        payment=booking.payment,
        refund=booking.refund,
        label=booking.label[:300],
        previous_seal=chain.head,
        key_id=key.id,
        booked_once=booking.key,
    )
    lines = _lines(entry, booking.moving, currency)
    entry.text = canonical_entry(entry, lines)
    entry.seal = chains.seal(key.secret, chain.head, entry.text)
    entry.save(force_insert=True)
    chain.count, chain.head = entry.sequence, entry.seal
    return lines


def _lines(entry: Entry, sides: Sequence[Side], currency: str) -> list[EntryLine]:
    return [
        EntryLine(
            entry=entry,
            account=side.account,
            customer_id=side.customer_id,
            debit=max(side.amount, 0),
            credit=max(-side.amount, 0),
            currency=currency,
        )
        for side in sides
    ]


def _keep_head(chain: Chain) -> None:
    key: Key = settings.LEDGER_KEYS[0]
    chain.head_seal = chains.head_seal(key.secret, chain.count, chain.head)
    chain.key_id = key.id
    chain.save(update_fields=["count", "head", "head_seal", "key_id"])
