"""A small business on which anything may be done in any order: the verbs of a simulation, over the real actions.

Every verb either does what it says or is refused by one of the errors in ``REFUSALS``; whatever else is raised
is a fault that the simulation has found.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from tests import factories
from tests.simulation import facts
from wagtail_payments import ports
from wagtail_payments.actions import (
    agreements,
    applying,
    checkout,
    corrections,
    credits,
    deposits,
    invoices,
    payment_requests,
    payments,
    promises,
    quotes,
    receipts,
    reconcile,
    refunds,
    write_offs,
)
from wagtail_payments.core.lifecycle import LIVE_ATTEMPT_STATES, AttemptState
from wagtail_payments.core.totals import VatSubtotal
from wagtail_payments.models import CreditNote, Customer, Invoice, Payment, PaymentAttempt, Refund
from wagtail_payments.sandbox import errors
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock

ANYWHERE = "https://atelier.example/"
REFUSALS: tuple[type[Exception], ...] = (
    agreements.ChoiceRefused,
    applying.ApplyRefused,
    checkout.AmountChanged,
    checkout.AmountRefused,
    checkout.NothingToPay,
    checkout.OnlinePaymentOff,
    checkout.PaymentUnderWay,
    corrections.CorrectionRefused,
    credits.CreditRefused,
    deposits.DepositRefused,
    invoices.InvoiceAlreadyIssued,
    invoices.InvoiceNotReady,
    payment_requests.RequestRefused,
    payments.PaymentRefused,
    promises.PromiseRefused,
    quotes.QuoteRefused,
    refunds.RefundRefused,
    write_offs.WriteOffRefused,
    errors.Refused,  # the provider's own page: the session was paid or has ended
)
# Description, quantity, unit price and VAT rate: whole euros, cents that do not divide, several rates.
BASKETS: tuple[Sequence[tuple[str, str, str, str]], ...] = (
    [("Training day", "1", "1200.00", "20")],
    [("Book", "3", "19.99", "5.5"), ("Session", "1", "33.33", "20")],
    [("Care", "2", "70.00", "0"), ("Oil", "7", "1.07", "20"), ("Herbs", "0.333", "9.99", "5.5")],
    [("A cent", "1", "0.01", "20")],
)


@dataclass
class World:
    """The business, what it sells to whom, how often it was refused what, and what a verb saw go wrong.

    ``contracts`` holds what each order came to before it was issued, and the last credit note once it was, by the key
    of its invoice.
    """

    sandbox: SandboxForTests
    clock: TestClock
    customers: list[Customer]
    refused: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    contracts: dict[int, tuple[tuple[VatSubtotal, ...], int]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The moment on the test's clock."""
        return ports.now()

    def attempt(self, verb: Callable[[], Any]) -> Any:
        """Do it, or take note of the refusal: it has changed nothing (I27)."""
        before = facts.counted()
        try:
            return verb()
        except REFUSALS as refusal:
            name = type(refusal).__name__
            self.refused[name] = self.refused.get(name, 0) + 1
            if facts.counted() != before:
                self.faults.append(f"I27: {name} ({refusal}) left something behind")
            return None

    def pick(self, rows: Any, which: int) -> Any:
        """One of the rows, by a number that may be larger than they are many; None where there are none."""
        found = list(rows.order_by("pk"))
        return found[which % len(found)] if found else None

    def invoice(self, which: int) -> Invoice | None:
        """An issued invoice."""
        row: Invoice | None = self.pick(Invoice.objects.filter(document__isnull=False), which)
        return row

    def owing(self, which: int) -> Invoice | None:
        """An issued invoice on which something is due."""
        row: Invoice | None = self.pick(Invoice.objects.with_balance().filter(document__isnull=False, due__gt=0), which)
        return row

    def payment(self, which: int) -> Payment | None:
        """A payment."""
        row: Payment | None = self.pick(Payment.objects.all(), which)
        return row

    def issue(self, customer: int, basket: int) -> Invoice | None:
        """Write an invoice and issue it."""
        whose = self.customers[customer % len(self.customers)]
        draft = factories.make_invoice(customer=whose, lines=BASKETS[basket % len(BASKETS)])
        issued: Invoice | None = self.attempt(lambda: invoices.issue(invoice_id=draft.pk, by=None, now=self.now))
        return issued

    def transfer(self, invoice: Invoice, amount: int) -> Payment:
        """Record a transfer that came, and give its receipt."""
        return payments.record(
            invoice=invoice,
            amount=amount,
            method="transfer",
            received_on=invoice.seller.today(self.now),
            reference="VIR",
            by=None,
            now=self.now,
            form_key=ports.new_id(),
        )

    def start(self, invoice: Invoice) -> PaymentAttempt:
        """Open the provider's page for what is due."""
        return checkout.start(invoice=invoice, now=self.now, return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)

    def session(self, which: int) -> PaymentAttempt | None:
        """A try that is still open."""
        row: PaymentAttempt | None = self.pick(PaymentAttempt.objects.filter(state=AttemptState.OPEN), which)
        return row

    def pay(self, attempt: PaymentAttempt, *, by_debit: bool, fails: bool) -> None:
        """The customer pays on the provider's page; we hear of it by the webhooks, or by asking."""
        if by_debit:
            self.sandbox.pay_by_sepa(attempt.session_id or "", "failed" if fails else "succeeded")
        else:
            self.sandbox.pay(attempt.session_id or "")

    def bank_answers(self) -> None:
        """All debits under way end, as they were foretold."""
        self.sandbox.settle_due()

    def deliver(self, *, twice: bool, seed: int) -> None:
        """The provider's messages come: in any order, some of them twice."""
        letters = self.sandbox.pending_webhooks()
        rows = [*letters, *letters] if twice else list(letters)
        random.Random(seed).shuffle(rows)  # noqa: S311 - which order is tried is no secret
        for body, signature in rows:
            self.post(body, signature)
        self.sandbox.deliver_all(self.post)

    def post(self, body: bytes, signature: str) -> int:
        """One message of the provider."""
        url = reverse("wagtail_payments:webhook", args=["stripe"])
        headers = {"Stripe-Signature": signature}
        return Client().post(url, body, content_type="application/json", headers=headers).status_code

    def ask_provider(self, which: int) -> None:
        """Refresh a try, as the page does to which the customer comes back."""
        attempt = self.pick(PaymentAttempt.objects.filter(state__in=LIVE_ATTEMPT_STATES), which)
        if attempt is not None:
            checkout.refresh(attempt=attempt, now=self.now)

    def reconcile(self) -> None:
        """What the clockwork asks the provider."""
        reconcile.run(now=self.now)
        receipts.give_missing(now=self.now)

    def amounts(self, invoice: Invoice, share: int) -> dict[credits.VatKey, int]:
        """So many hundredths of what can still be credited of each VAT group, at least a cent of one."""
        groups = credits.creditable(invoice)
        parts = {group.key: group.left * share // 100 for group in groups}
        if any(parts.values()) or not groups:
            return parts
        return {groups[0].key: 1}

    def credit(self, invoice: Invoice, share: int) -> CreditNote:
        """Credit a part of an invoice."""
        return credits.credit(
            invoice_id=invoice.pk,
            amounts=self.amounts(invoice, share),
            reason="Gesture",
            by=None,
            now=self.now,
            form_key=ports.new_id(),
        )

    def wish(self, amount: int, *, by_hand: bool) -> refunds.Wish:
        """A refund as an editor asks for it."""
        return refunds.Wish(amount, by_hand=by_hand, reason="Asked for", by=None, form_key=ports.new_id())

    def refund_invoice(self, payment: Payment, share: int, *, by_hand: bool) -> None:
        """Credit a part of an invoice and send back what this payment had paid of it."""
        row = payment.allocations.order_by("pk").first()
        if row is not None:
            amounts = self.amounts(row.invoice, share)
            wish = self.wish(0, by_hand=by_hand)
            refunds.refund_invoice(
                invoice_id=row.invoice_id, amounts=amounts, payment_id=payment.pk, wish=wish, now=self.now
            )

    def refund_overpayment(self, payment: Payment, amount: int, *, by_hand: bool) -> Refund:
        """Send back what pays nothing."""
        return refunds.refund_overpayment(payment=payment, wish=self.wish(amount, by_hand=by_hand), now=self.now)

    def refund_credit_note(self, note: CreditNote, payment: Payment, amount: int, *, by_hand: bool) -> Refund:
        """Send back what a credit note left."""
        wish = self.wish(amount, by_hand=by_hand)
        return refunds.refund_credit_note(credit_note=note, payment=payment, wish=wish, now=self.now)

    def online_payment(self, which: int) -> Payment | None:
        """A payment that came through the provider."""
        row: Payment | None = self.pick(Payment.objects.filter(payment_id__isnull=False), which)
        return row

    def refund_at_the_provider(self, payment: Payment, amount: int) -> None:
        """The owner refunds in the provider's own dashboard, up to what it still has of the payment."""
        (charge,) = [row for row in self.sandbox.objects("charge") if row["id"] == payment.charge_id]
        left = charge["amount"] - charge["amount_refunded"]
        if left > 0 and not charge.get("disputed"):
            self.sandbox.dashboard_refund(payment.payment_id or "", min(amount, left))
