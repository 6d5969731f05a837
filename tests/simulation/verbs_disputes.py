"""What banks and owners do about money that was there already: disputes, returned debits, bad debts, credit used."""

from __future__ import annotations

from tests.simulation.world import World
from wagtail_payments.actions import applying, write_offs
from wagtail_payments.models import CreditNote, Invoice, Payment


def dispute(world: World, payment: Payment, *, inquiry: bool) -> None:
    """The payer's bank asks about a payment, or takes it back."""
    world.sandbox.dispute(payment.payment_id or "", inquiry=inquiry)


def return_debit(world: World, payment: Payment) -> None:
    """The bank returns a direct debit that was paid; nothing can be said against it."""
    world.sandbox.return_debit(payment.payment_id or "")


def go_on(world: World, which: int, *, how: str) -> None:
    """A dispute goes on: it is answered, escalated, won or lost, where the bank allows that."""
    rows = world.sandbox.objects("dispute")
    if not rows:
        return
    key = rows[which % len(rows)]["id"]
    if how == "answer":
        world.sandbox.answer_dispute(key)
    elif how == "escalate":
        world.sandbox.escalate_dispute(key)
    else:
        world.sandbox.close_dispute(key, won=how == "won")


def write_off(world: World, invoice: Invoice) -> None:
    """Give an invoice up."""
    write_offs.write_off(invoice_id=invoice.pk, reason="Bankrupt", by=None, now=world.now)


def recover(world: World, invoice: Invoice) -> None:
    """Count on it again."""
    write_offs.recover(invoice_id=invoice.pk, by=None, now=world.now)


def use_credit(world: World, invoice: Invoice) -> None:
    """Let all that the customer has pay an invoice."""
    applying.use_all(invoice=invoice, by=None, now=world.now)


def use_credit_note(world: World, note: CreditNote, invoice: Invoice) -> None:
    """Let one credit note lower an invoice, perhaps one of somebody else: that is refused."""
    applying.use_credit_note(credit_note=note, invoice_id=invoice.pk, by=None, now=world.now)


def use_payment(world: World, payment: Payment, invoice: Invoice) -> None:
    """Let what is left of one payment pay an invoice, perhaps one of somebody else: that is refused."""
    applying.use_payment(payment=payment, invoice_id=invoice.pk, by=None, now=world.now)
