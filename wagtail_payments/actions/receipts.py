"""Receipts for money that came and money that went back: own numbers, a PDF, a letter, a copy to the owner.

They are given right after a person's own action, else by the clockwork, so that a webhook never draws or sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, Sum
from wagtail.models import Site

from wagtail_payments import ports
from wagtail_payments.actions import documents, links, papers, renditions, sweeps
from wagtail_payments.core import allocation
from wagtail_payments.core.lifecycle import RefundState, SeatState
from wagtail_payments.core.numbering import Series
from wagtail_payments.core.snapshot import Address, Document, Kind, MoneyMoved, Party, Share
from wagtail_payments.mail import letters
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.guards import lock
from wagtail_payments.records.payments import Allocation, Payment, Receipt, Refund
from wagtail_payments.records.registrations import Registration
from wagtail_payments.records.sellers import Seller


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a receipt says, of a payment or a refund alike."""

    kind: Kind
    seller: Seller
    customer: Customer | None
    mode: Mode
    currency: str
    amount: int
    language: str
    moved: MoneyMoved


def give(*, payment_id: int, now: datetime) -> Receipt:
    """Give the receipt of a payment, once, and write its letters."""
    with transaction.atomic(durable=True):
        (payment,) = lock(Payment, payment_id)
        standing: Receipt | None = Receipt.objects.filter(payment=payment).first()
        if standing is not None:
            return standing
        document = _freeze(_of_payment(payment), now)
        receipt = Receipt.objects.create(document=document, payment=payment)
        links.make_for(document=document, site=_site(payment), now=now)
        renditions.draw_after_commit(document, now)
        _tell(document, payment, now)
        letters.owner_paid(document=document, payment=payment, now=now)
    return receipt


def _tell(document: IssuedDocument, payment: Payment, now: datetime) -> None:
    """The first money of a registration confirms it, with invoice and receipt together; all other gets a receipt.

    Where the seats were given up meanwhile, nothing is confirmed any more.
    """
    paying = Registration.objects.filter(
        invoice__allocations__payment=payment, confirmed_at__isnull=False, seats__state=SeatState.CONFIRMED
    )
    registration = paying.select_related("event__seller", "invoice__document", "invoice__customer").first()
    if registration is None or registration.invoice is None or letters.was_confirmed(registration=registration):
        letters.receipt(document=document, payment=payment, now=now)
        return
    enclosed = [registration.invoice.document] if registration.invoice.document else []
    letters.registered(registration=registration, enclosed=[*enclosed, document], now=now)


def tell_again(*, payment: Payment, now: datetime) -> None:
    """Confirm the registration that a payment was for, where its receipt had been given before it could be invoiced."""
    receipt = Receipt.objects.filter(payment=payment).select_related("document").first()
    if receipt is not None:
        with transaction.atomic():
            _tell(receipt.document, payment, now)


def give_refund(*, refund_id: int, now: datetime) -> Receipt:
    """Give the receipt of a refund that succeeded, once, and write its letters."""
    with transaction.atomic(durable=True):
        (refund,) = lock(Refund, refund_id)
        standing: Receipt | None = Receipt.objects.filter(refund=refund).first()
        if standing is not None:
            return standing
        document = _freeze(_of_refund(refund), now)
        receipt = Receipt.objects.create(document=document, refund=refund)
        links.make_for(document=document, site=_site(refund.payment), now=now)
        renditions.draw_after_commit(document, now)
        letters.refund_receipt(document=document, refund=refund, now=now)
        letters.owner_refunded(document=document, refund=refund, now=now)
    return receipt


def give_missing(*, now: datetime, most: int = 100) -> int:
    """Give the receipts that are still owed, ``most`` of each kind in a turn; return how many."""
    paid = Payment.objects.filter(receipt=None)
    given = sweeps.sweep("receipts", paid, lambda row: bool(give(payment_id=row.pk, now=now)), most=most, now=now)
    ports.failpoint("receipts.between")
    back = Refund.objects.filter(receipt=None, state=RefundState.SUCCEEDED)
    return given + sweeps.sweep(
        "refund_receipts", back, lambda row: bool(give_refund(refund_id=row.pk, now=now)), most=most, now=now
    )


def _freeze(facts: _Facts, now: datetime) -> IssuedDocument:
    on = facts.seller.today(now)
    request = documents.Issue(
        seller=facts.seller,
        customer=facts.customer,
        series=Series.RECEIPT,
        mode=facts.mode,
        issued_on=on,
        at=now,
    )
    return documents.freeze(request, lambda number: _printed(facts, number, on))


def _printed(facts: _Facts, number: str, on: date) -> Document:
    unknown = Party(name="", address=Address(), kind="consumer")
    return Document(
        kind=facts.kind,
        mode=facts.mode,
        language=facts.language,
        currency=facts.currency,
        seller=papers.seller_party(facts.seller),
        customer=papers.customer_party(facts.customer) if facts.customer else unknown,
        number=number,
        issued_on=on.isoformat(),
        gross=facts.amount,
        moved=facts.moved,
        look=papers.look_of(facts.seller),
    )


def _of_payment(payment: Payment) -> _Facts:
    shares = _shares(payment.allocations.filter(refund=None, dispute=None), payment.amount)
    moved = MoneyMoved(
        on=payment.received_on.isoformat(),
        method=payment.method,
        reference=payment.reference,
        shares=shares,
        unallocated=min(max(payment.unallocated(), 0), payment.amount - sum(share.amount for share in shares)),
        card=payment.card,
    )
    return _facts(Kind.RECEIPT, payment, payment.amount, moved)


def _of_refund(refund: Refund) -> _Facts:
    moved = MoneyMoved(
        on=(refund.settled_on or refund.requested_at.date()).isoformat(),
        method=refund.payment.method if refund.gateway != "manual" else "transfer",
        reference=refund.payment.reference,
        shares=_refunded_shares(refund),
        reason=refund.reason,
        card=refund.payment.card if refund.gateway != "manual" else "",
    )
    return _facts(Kind.REFUND_RECEIPT, refund.payment, refund.amount, moved)


def _facts(kind: Kind, payment: Payment, amount: int, moved: MoneyMoved) -> _Facts:
    return _Facts(
        kind=kind,
        seller=payment.seller,
        customer=payment.customer,
        mode=Mode(payment.mode),
        currency=payment.currency,
        amount=amount,
        language=_language(payment),
        moved=moved,
    )


def _language(payment: Payment) -> str:
    first: Allocation | None = payment.allocations.select_related("invoice").first()
    if first is not None:
        return first.invoice.language
    return payment.customer.language if payment.customer else payment.seller.language


def _shares(rows: Any, moved: int) -> tuple[Share, ...]:
    """What was moved, document by document, the first ones first: money that came back may have paid again since."""
    summed = rows.values("invoice__document__number", "invoice__document__issued_on")
    summed = list(summed.annotate(whole=Sum("amount"), first=Min("pk")).order_by("first"))
    amounts, _rest = allocation.fill(moved, [abs(row["whole"]) for row in summed])
    shares = (
        Share(row["invoice__document__number"], row["invoice__document__issued_on"].isoformat(), amount)
        for row, amount in zip(summed, amounts, strict=True)
        if amount
    )
    return tuple(sorted(shares, key=lambda share: share.number))


def _refunded_shares(refund: Refund) -> tuple[Share, ...]:
    if refund.credit_note is not None:
        document = refund.credit_note.document
        return (Share(document.number, document.issued_on.isoformat(), refund.amount),)
    return _shares(refund.allocations.filter(amount__lt=0), refund.amount)


def _site(payment: Payment) -> Site:
    if payment.attempt is not None:
        return payment.attempt.site
    first = payment.allocations.select_related("invoice__site").first()
    if first is not None:
        return first.invoice.site
    return Site.objects.filter(paymentsettings__seller=payment.seller).first() or Site.objects.get(is_default_site=True)
