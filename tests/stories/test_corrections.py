"""Sales that did not go straight: part refunds, credit that travels, invoices replaced, words revised."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core import mail
from django.urls import reverse

from tests import factories
from tests.printing.readers import text_of
from tests.stories import organiser
from tests.stories.conftest import Business
from tests.stories.test_money_by_hand import transfer
from wagtail_payments import ports
from wagtail_payments.actions import applying, corrections, credits, invoices, refunds, revisions
from wagtail_payments.actions.credits import LineWish
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import Alert, CreditNote, Invoice, Link, Payment, Receipt, Registration
from wagtail_payments.records.payments import available_credit
from wagtail_payments.reports import customer_balances

TWO_LINES = [("Training day", "2", "500.00", "20"), ("Handbook", "4", "10.00", "5.5")]


def fresh(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(pk=invoice.pk)


def mailed_to(address: str) -> list[Any]:
    return [sent for sent in mail.outbox if address in sent.to]


def test_a_part_refund_after_a_part_payment(business: Business) -> None:
    """1,242.20 invoiced, 1,100.00 paid; one day falls out: 600.00 credited, 142.20 lower the bill, 457.80 go back."""
    invoice = business.send_invoice(lines=TWO_LINES)
    assert invoice.gross == 124220
    payment = transfer(invoice, 110000)
    assert business.status(invoice) is Status.PARTLY_PAID
    wish = refunds.Wish(0, by_hand=True, reason="One day fell out", by=None, form_key="refund")
    note, refund = refunds.refund_invoice(
        invoice_id=invoice.pk,
        amounts=[LineWish(1, quantity=Decimal(1))],
        payment_id=payment.pk,
        wish=wish,
        now=ports.now(),
    )
    assert refund is not None
    assert (note.gross, refund.amount) == (60000, 45780)
    assert [line.of_line for line in note.document.frozen.lines] == [1]
    assert business.status(invoice) is Status.PAID
    business.run_clockwork()
    assert Receipt.objects.filter(refund=refund).exists()
    assert available_credit(note) == 0
    business.check_books()


def test_overpaid_by_transfer_and_used_for_the_next_invoice(business: Business) -> None:
    customer = factories.make_customer(language="en")
    first = business.send_invoice(customer=customer, lines=TWO_LINES)
    payment = transfer(first, first.gross + 5000)
    assert Alert.objects.get().kind == "unallocated"
    second = business.send_invoice(customer=customer, lines=[("Half a day", "1", "250.00", "20")])
    page = business.open_link(second).content.decode()
    assert "You have €50.00 of credit with us" in page
    link = Link.objects.get(document=second.document)
    answer = business.customer.post(reverse("wagtail_payments:use_credit", args=[link.public_id]), follow=True)
    assert "No money was moved" in answer.content.decode()
    assert Alert.objects.get().settled_at is not None
    assert fresh(second).balance().due == 25000
    attempt = business.start_paying(second)
    assert attempt.amount == 25000
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    assert business.status(second) is Status.PAID
    assert payment.unallocated() == 0
    assert Receipt.objects.count() == 2
    assert customer_balances.of_customer(customer=customer, mode="test") == []
    business.check_books()


def test_a_paid_invoice_is_credited_issued_anew_and_what_is_left_goes_back_to_the_card(business: Business) -> None:
    invoice = business.sell(lines=TWO_LINES)
    business.run_clockwork()
    assert business.status(invoice) is Status.PAID

    draft = corrections.reissue(
        invoice_id=invoice.pk, reason="The books were free", by=None, now=ports.now(), form_key="again"
    )
    assert business.status(invoice) is Status.CREDITED
    draft.lines.set([line for line in draft.lines.all() if line.description == "Training day"])
    draft.save()
    new = invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())
    assert business.status(new) is Status.PAID
    note = CreditNote.objects.get()
    assert available_credit(note) == 4220
    wish = refunds.Wish(4220, by_hand=False, reason="The books were free", by=None, form_key="back")
    refunds.refund_credit_note(credit_note=note, payment=Payment.objects.get(), wish=wish, now=ports.now())
    business.deliver_webhooks()
    business.run_clockwork()
    assert business.sandbox.balance()["eur"] == new.gross
    assert Payment.objects.count() == 1
    assert len([sent for sent in mailed_to("nadia@librairie.example") if "Avoir" in sent.subject]) == 1
    business.check_books()


def test_a_corrective_invoice_bought_with_a_card_can_still_be_refunded(business: Business) -> None:
    invoice = business.sell()
    draft = corrections.draft_corrective(invoice_id=invoice.pk, reason="Wrong title", by=None, now=ports.now())
    new = invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())
    payment = Payment.objects.get()
    wish = refunds.Wish(0, by_hand=False, reason="Cancelled", by=None, form_key="cancelled")
    _note, refund = refunds.refund_invoice(
        invoice_id=new.pk, amounts=None, payment_id=payment.pk, wish=wish, now=ports.now()
    )
    assert refund is not None
    assert (refund.state, refund.amount) == ("succeeded", new.gross)
    business.deliver_webhooks()
    business.run_clockwork()
    assert business.sandbox.balance()["eur"] == 0
    assert business.status(new) is Status.CREDITED
    business.check_books()


def test_a_registration_goes_on_with_the_invoice_that_replaced_its_own(business: Business) -> None:
    registration = organiser.register(factories.make_event())
    business.sandbox.pay(organiser.start_paying(registration).session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    first = Invoice.objects.get(registration=registration)
    draft = corrections.reissue(invoice_id=first.pk, reason="The employer", by=None, now=ports.now(), form_key="again")
    new = invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())
    assert Invoice.objects.get(registration=registration) == new
    cancelled = organiser.cancel(Registration.objects.get(pk=registration.pk), by_organiser=True)
    assert (cancelled.state, cancelled.credit_note.invoice) == ("done", new)
    business.deliver_webhooks()
    business.run_clockwork()
    assert business.sandbox.balance()["eur"] == 0
    assert business.status(new) is Status.CREDITED
    business.check_books()


def test_a_purchase_order_number_comes_late_and_is_told(business: Business) -> None:
    invoice = business.send_invoice(customer=factories.make_customer(language="en"))
    first = mailed_to("nadia@librairie.example")[-1]
    words = revisions.Changes("PO-4711", "", ())
    revisions.revise(
        invoice_id=invoice.pk,
        changes=words,
        by=None,
        now=ports.now(),
        form_key="late",
        notice=revisions.Notice(["nadia@librairie.example"]),
    )
    business.run_clockwork()
    told = mailed_to("nadia@librairie.example")[-1]
    assert "was updated" in told.subject
    assert "PO-4711" in text_of(told.attachments[0][1])
    assert "PO-4711" not in text_of(first.attachments[0][1])
    page = business.open_link(invoice).content.decode()
    assert "PO-4711" in page
    assert "Revision 2" in page
    assert fresh(invoice).balance().due == invoice.gross
    business.check_books()


def test_a_credit_note_kept_for_the_next_invoice(business: Business) -> None:
    customer = factories.make_customer()
    first = business.send_invoice(customer=customer)
    transfer(first, first.gross)
    (group,) = credits.creditable(first)
    note = credits.credit(
        invoice_id=first.pk, amounts={group.key: 24000}, reason="Less", by=None, now=ports.now(), form_key="less"
    )
    business.clock.advance(days=30)
    second = business.send_invoice(customer=customer)
    applying.use_credit_note(credit_note=note, invoice_id=second.pk, by=None, now=ports.now())
    transfer(second, second.gross - 24000)
    assert business.status(second) is Status.PAID
    assert customer_balances.of_customer(customer=customer, mode="test") == []
    business.check_books()
