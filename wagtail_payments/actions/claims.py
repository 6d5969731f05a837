"""What is to be paid, claimed under the lock of its invoices: one live try for each, alone or with others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.actions import instalments, orders
from wagtail_payments.gateways.model import Gateway
from wagtail_payments.records import contracts
from wagtail_payments.records.attempts import AttemptShare, PaymentAttempt
from wagtail_payments.records.events import Event
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.guards import hold
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payment_requests import PaymentRequest

# Whoever tests stolen cards opens session after session.
TRIES, WINDOW = 10, timedelta(hours=1)


class NothingToPay(Exception):
    """Nothing is due on the invoice, or on none of several."""


class OnlinePaymentOff(Exception):
    """The invoice can't be paid online; the text says why."""


class AmountChanged(Exception):
    """Something was paid or credited since the customer saw the amount."""


class AmountRefused(Exception):
    """This amount can't be paid on the invoice; the text says which can."""


class TooManyTries(OnlinePaymentOff):
    """Too many sessions were opened for the invoice within the hour."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a customer chose to pay, and what was not asked for on the page where they chose; minor units."""

    amount: int
    covered: int


@dataclass(frozen=True, slots=True)
class Terms:
    """Where the customer comes back to; for held seats, of which event, and until when they may be paid.

    ``together`` is the request by which several invoices are paid at once, ``seen`` what the page said they come to,
    minor units.
    """

    return_url: Callable[[PaymentAttempt], str]
    cancel_url: str
    seats_of: Event | None = None
    until: datetime | None = None
    choice: Choice | None = None
    together: PaymentRequest | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be paid of one invoice, and what it asks for in all, minor units."""

    invoice: Invoice
    amount: int
    asked: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What is to be paid, and either a new try for it, or the live ones that already stand for these invoices."""

    parts: Sequence[Part]
    together: PaymentRequest | None
    made: PaymentAttempt | None = None
    standing: Sequence[PaymentAttempt] = ()

    def is_for(self, attempt: PaymentAttempt) -> bool:
        """Is a standing try for exactly this, and would it lead back to the same page?"""
        wanted = {(part.invoice.pk, part.amount, part.asked) for part in self.parts}
        asks = set(attempt.shares.values_list("invoice_id", "amount", "asked"))
        return asks == wanted and attempt.payment_request_id == (self.together.pk if self.together else None)


def claim(keys: Sequence[int], gateway: Gateway, now: datetime, terms: Terms) -> Claim:
    """Commit a try with its key before anyone is asked; live ones that stand already are returned instead."""
    with transaction.atomic(durable=True):
        hold(Invoice, *keys)
        ports.failpoint("checkout.locked")
        parts = _parts(keys, gateway, now, terms)
        live = PaymentAttempt.objects.filter(shares__live_for__in=[part.invoice.pk for part in parts])
        standing = list(live.select_related("invoice", "site").distinct().order_by("pk"))
        if standing:
            return Claim(parts, terms.together, standing=standing)
        _refuse_too_many(parts, now)
        made = _begun(parts, gateway, terms, now)
        ports.failpoint("checkout.before_commit")
    return Claim(parts, terms.together, made=made)


def _parts(keys: Sequence[int], gateway: Gateway, now: datetime, terms: Terms) -> list[Part]:
    related = Invoice.objects.with_balance().select_related("site", "customer", "seller", "document")
    rows = related.annotate(is_left=contracts.is_left())
    invoices = sorted(rows.filter(pk__in=keys), key=_longest_due)
    if terms.together is not None:
        found = [_part_of_several(invoice, gateway, now) for invoice in invoices]
    else:
        found = [_part_of_one(invoice, gateway, now, terms) for invoice in invoices]
    parts = [part for part in found if part is not None]
    if not parts:
        raise NothingToPay
    if terms.seen not in (None, sum(part.amount for part in parts)):
        raise AmountChanged
    if not orders.can_share_a_method([part.invoice for part in parts]):
        raise OnlinePaymentOff(_("These invoices have no way to pay in common."))
    return parts


def _longest_due(invoice: Invoice) -> tuple[date, str]:
    return (invoice.next_due_on or date.max, invoice.number)


def _part_of_one(invoice: Invoice, gateway: Gateway, now: datetime, terms: Terms) -> Part:
    """An uncollectible invoice may still be paid: it is the seller who stopped waiting."""
    if invoice.is_draft and terms.seats_of is None:
        raise OnlinePaymentOff(_("This invoice can't be paid online."))
    _refuse_offline(invoice, gateway)
    asked = invoice.gross if invoice.is_draft else invoice.balance().asked
    if asked <= 0:
        raise NothingToPay
    return Part(invoice, _chosen(invoice, asked, terms.choice, now), asked)


def _part_of_several(invoice: Any, gateway: Gateway, now: datetime) -> Part | None:
    """What of it is due now; None where nothing is, where its money is on its way or a bank has yet to decide."""
    amount = 0 if invoice.is_left else instalments.asked_together(invoice, invoice.seller.today(now))
    if not amount:
        return None
    _refuse_offline(invoice, gateway)
    return Part(invoice, amount, invoice.balance().asked)


def _refuse_offline(invoice: Any, gateway: Gateway) -> None:
    if invoice.is_left:
        raise OnlinePaymentOff(_("The contract of this invoice was withdrawn from: nothing is to be paid."))
    if not invoice.online_payment:
        raise OnlinePaymentOff(_("This invoice can't be paid online."))
    if not orders.can_share_a_method([invoice]):
        raise OnlinePaymentOff(_("This invoice is paid by other means than online."))
    if invoice.mode != (Mode.LIVE if gateway.live else Mode.TEST):
        raise OnlinePaymentOff(_("Test money can't pay a real invoice, nor real money a test."))


def _chosen(invoice: Invoice, due: int, choice: Choice | None, now: datetime) -> int:
    """What is to be paid: all that is due, or what was chosen of it as long as the page it was chosen on is true."""
    if choice is None:
        return due
    if invoice.gross - due != choice.covered:
        raise AmountChanged
    refusal = instalments.refusal(invoice=invoice, amount=choice.amount, now=now)
    if refusal:
        raise AmountRefused(refusal)
    return choice.amount


def _refuse_too_many(parts: Sequence[Part], now: datetime) -> None:
    tries = PaymentAttempt.objects.filter(shares__invoice__in=[part.invoice.pk for part in parts])
    if tries.filter(created_at__gt=now - WINDOW).distinct().count() >= TRIES:
        raise TooManyTries(_("Too many tries. Please wait an hour."))


def _begun(parts: Sequence[Part], gateway: Gateway, terms: Terms, now: datetime) -> PaymentAttempt:
    first = parts[0].invoice
    attempt = PaymentAttempt.objects.create(
        invoice=first,
        payment_request=terms.together,
        event=terms.seats_of,
        site=first.site,
        gateway=gateway.slug,
        account=gateway.account,
        mode=first.mode,
        amount=sum(part.amount for part in parts),
        currency=first.currency,
        idempotency_key=ports.new_id(),
        created_at=now,
    )
    shares = [
        AttemptShare(attempt=attempt, invoice=part.invoice, live_for=part.invoice, amount=part.amount, asked=part.asked)
        for part in parts
    ]
    attempt.order = orders.order_of(
        shares=shares, success_url=terms.return_url(attempt), cancel_url=terms.cancel_url, now=now, until=terms.until
    ).as_json()
    attempt.save(update_fields=["order"])
    AttemptShare.objects.bulk_create(shares)
    return attempt
