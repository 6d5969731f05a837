"""Transfers, what came too much, what goes back; and a site without any payment provider."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core import mail

from tests import factories
from tests.stories.conftest import Business
from wagtail_payments import ports
from wagtail_payments.actions import credits, payments, refunds
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import Alert, Invoice, Payment, Receipt
from wagtail_payments.reports import receipts_ledger, verification


def transfer(invoice: Invoice, amount: int, reference: str = "VIR") -> Payment:
    return payments.record(
        invoice=invoice,
        amount=amount,
        method="transfer",
        received_on=invoice.seller.today(ports.now()),
        reference=reference,
        by=None,
        now=ports.now(),
        form_key=ports.new_id(),
    )


def test_paid_by_transfer_overpaid_and_refunded(business: Business) -> None:
    invoice = business.send_invoice()
    payment = transfer(invoice, invoice.gross + 5000, "VIR LIBRAIRIE")
    assert business.status(invoice) is Status.PAID
    assert Alert.objects.get().kind == "unallocated"

    business.clock.advance(days=2)
    wish = refunds.Wish(5000, by_hand=True, reason="Overpaid", by=None, form_key=ports.new_id())
    refunds.refund_overpayment(payment=payment, wish=wish, now=ports.now())
    business.run_clockwork()
    assert Receipt.objects.count() == 2
    assert len([sent for sent in mail.outbox if "nadia@librairie.example" in sent.to]) == 3

    seller = factories.seller_of_default_site()
    rows = receipts_ledger.rows(seller=seller, first=date(2026, 1, 1), last=date(2026, 12, 31), mode="test")
    assert [row.amount for row in rows] == [invoice.gross + 5000, -5000]
    business.check_books()


def test_an_invoice_paid_by_card_is_refunded_in_part_through_the_provider(business: Business) -> None:
    invoice = business.sell()
    payment = Payment.objects.get()
    (group,) = credits.creditable(invoice)
    wish = refunds.Wish(0, by_hand=False, reason="One absent", by=None, form_key=ports.new_id())
    note, refund = refunds.refund_invoice(
        invoice_id=invoice.pk, amounts={group.key: 12000}, payment_id=payment.pk, wish=wish, now=ports.now()
    )
    assert refund is not None
    assert refund.state == "succeeded"
    assert note.document.frozen.preceding[0].number == invoice.number
    business.deliver_webhooks()
    business.run_clockwork()
    assert business.status(invoice) is Status.PAID, "a refund with a credit note leaves the invoice settled"
    assert business.sandbox.balance()["eur"] == invoice.gross - 12000
    business.check_books()


def test_a_site_without_a_provider_sends_invoices_and_is_paid_by_transfer(business: Business, settings: Any) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
    invoice = business.send_invoice()
    page = business.open_link(invoice).content.decode()
    assert "FR76" in page
    assert "/pay/" not in page
    transfer(invoice, invoice.gross)
    business.run_clockwork()
    assert business.status(invoice) is Status.PAID
    assert invoice.number == "F2026-0001"
    assert list(verification.verify(seller=invoice.seller, mode="live")) == []
