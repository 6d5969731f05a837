"""Stripe's objects read as states in our words. Nothing is asked here; what is missing is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wagtail_payments.core.notices import (
    CheckoutState,
    PaymentState,
    Progress,
    RefundProgress,
    RefundState,
)
from wagtail_payments.gateways import stripe_words as words

if TYPE_CHECKING:
    from stripe import BalanceTransaction, Charge, PaymentIntent, Refund, StripeObject
    from stripe.checkout import Session


@dataclass(frozen=True, slots=True)
class Source:
    """Whose words these are: the gateway's slug and the account expected."""

    gateway: str
    account: str


def checkout(session: Session, source: Source, refunds: tuple[RefundState, ...] = ()) -> CheckoutState:
    """Return what a session says; its payment is filled in as far as its PaymentIntent is expanded."""
    intent = None if isinstance(session.payment_intent, str) else session.payment_intent
    progress = _progress(session, intent)
    return CheckoutState(
        gateway=source.gateway,
        account=source.account,
        live=session.livemode,
        session_id=session.id,
        progress=progress,
        amount=session.amount_total or 0,
        currency=(session.currency or "").upper(),
        url=session.url or "",
        expires_at=moment(session.expires_at),
        failure=_failure(intent) if progress is Progress.FAILED else "",
        payment=_payment(intent, refunds) if progress is Progress.SUCCEEDED else None,
        our_key=key_on(session),
    )


def _progress(session: Session, intent: PaymentIntent | None) -> Progress:
    """Money is received when ``payment_status`` says so, never because of a message's name."""
    if session.status == "open":
        return Progress.OPEN
    if session.status == "expired":
        return Progress.EXPIRED
    if session.payment_status != "unpaid":
        return Progress.SUCCEEDED
    return words.UNPAID.get(intent.status, Progress.PROCESSING) if intent else Progress.PROCESSING


def _failure(intent: PaymentIntent | None) -> str:
    error = intent.last_payment_error if intent else None
    return (error.message or error.code or "") if error else ""


def _payment(intent: PaymentIntent | None, refunds: tuple[RefundState, ...]) -> PaymentState | None:
    charge = intent.latest_charge if intent else None
    if intent is None or charge is None or isinstance(charge, str):
        return None
    entry = None if isinstance(charge.balance_transaction, str) else charge.balance_transaction
    fee, net = _cost(charge, entry)
    method, card = _method(charge)
    return PaymentState(
        id=intent.id,
        amount=intent.amount_received,
        currency=intent.currency.upper(),
        method=method,
        paid_at=_paid_at(charge, entry),
        charge_id=charge.id,
        card=card,
        fee=fee,
        net=net,
        refunds=refunds,
    )


def _cost(charge: Charge, entry: BalanceTransaction | None) -> tuple[int | None, int | None]:
    """Fee and net, unknown until Stripe has booked, and where it books in another currency than was paid."""
    if entry is None or entry.currency != charge.currency:
        return None, None
    return entry.fee, entry.net


def _method(charge: Charge) -> tuple[str, str]:
    details = charge.payment_method_details
    if details is None:
        return "other", ""
    code = details.type if details.type in words.METHODS else "other"
    plastic = details.card if details.type == "card" else None
    return code, words.card(plastic.brand, plastic.last4) if plastic else ""


def _paid_at(charge: Charge, entry: BalanceTransaction | None) -> datetime:
    later = charge.payment_method_details is not None and charge.payment_method_details.type in words.ANSWERED_LATER
    return moment(entry.created if entry is not None and later else charge.created)


def refund(source: Refund) -> RefundState:
    """Return what a refund says."""
    return RefundState(
        id=source.id,
        amount=source.amount,
        currency=source.currency.upper(),
        progress=words.REFUNDS.get(source.status or "", RefundProgress.PENDING),
        created_at=moment(source.created),
        failure=getattr(source, "failure_reason", None) or "",
        our_key=key_on(source),
    )


def payment_of(source: Refund) -> str:
    """Return the id of the PaymentIntent that a refund belongs to, or an empty text."""
    intent = source.payment_intent
    return intent if isinstance(intent, str) else intent.id if intent else ""


def key_on(source: StripeObject) -> str:
    """Return the key that we wrote on an object, or an empty text."""
    metadata = getattr(source, "metadata", None)
    return (getattr(metadata, words.KEY, None) or "") if metadata is not None else ""


def moment(seconds: int) -> datetime:
    """Return a moment that Stripe wrote in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
