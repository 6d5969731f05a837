"""Three invoices grow old, one reminder asks for them, one payment settles them: one receipt, whole books."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail
from django.urls import reverse

from tests import factories
from tests.stories.conftest import Business
from tests.stories.test_money_by_hand import transfer
from tests.stories.test_reminding import live, subjects
from wagtail_payments import ports
from wagtail_payments.actions import payment_requests
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.mail import links
from wagtail_payments.models import Alert, Entry, Invoice, Letter, Link, Payment, PaymentAttempt, Receipt


def three_overdue(business: Business) -> list[Invoice]:
    """Issued on one day to one customer, at two rates of VAT; a week late when the reminder leaves."""
    business.run_clockwork()
    customer = factories.make_customer(language="en")
    baskets: list[Any] = [
        [("Training day", "1", "1200.00", "20")],
        [("Book", "3", "19.99", "5.5"), ("Session", "1", "33.33", "20")],
        [("Care", "2", "70.00", "0")],
    ]
    made = [business.send_invoice(customer=customer, lines=lines) for lines in baskets]
    live(business, 36)
    return made


def follow_reminder(business: Business) -> Link:
    """The customer opens the link to pay all together, as it stands in the e-mail."""
    (message,) = [one for one in mail.outbox if one.subject.startswith("Reminder")]
    link = Link.objects.get(payment_request__isnull=False)
    (address,) = set(re.findall(rf"http://localhost(\S*{link.public_id}\S*)", message.body))
    page = business.customer.get(address, follow=True)
    assert page.status_code == 200
    return link


def press(business: Business, link: Link) -> PaymentAttempt:
    answer = business.customer.post(reverse("wagtail_payments:payment_request_pay", args=[link.public_id]))
    attempt = PaymentAttempt.objects.latest("pk")
    assert answer["Location"] == attempt.url
    return attempt


def test_three_overdue_invoices_one_reminder_one_payment_one_receipt(business: Business) -> None:
    three = three_overdue(business)
    business.clock.advance(days=1)
    business.run_clockwork()
    link = follow_reminder(business)
    attempt = press(business, link)
    assert attempt.amount == sum(invoice.gross for invoice in three)
    business.sandbox.pay(attempt.session_id)
    thanks = business.come_back(attempt).content.decode()
    assert "Thank you, your payment has arrived" in thanks
    assert all(invoice.number in thanks for invoice in three)
    subjects()
    business.deliver_webhooks()
    business.run_clockwork()
    assert {business.status(invoice) for invoice in three} == {Status.PAID}
    payment = Payment.objects.get()
    assert sorted(payment.allocations.values_list("invoice_id", "amount")) == [(one.pk, one.gross) for one in three]
    receipt = Receipt.objects.get()
    told = [one for one in mail.outbox if one.subject.startswith("Receipt")]
    assert len(told) == 1
    assert all(invoice.number in told[0].body for invoice in three)
    moved = receipt.document.frozen.moved
    assert moved is not None
    assert sum(share.amount for share in moved.shares) == payment.amount
    assert Entry.objects.filter(kind="payment").count() == 1
    assert not Alert.objects.exists()
    mail.outbox.clear()
    assert live(business, 40) == []
    business.check_books()


def test_a_debit_of_all_that_fails_opens_all_again_and_is_tried_again(business: Business) -> None:
    three = three_overdue(business)
    link = payment_requests.make(invoice_ids=[one.pk for one in three], by=None, now=ports.now())
    business.customer.get(links.url_of(link).removeprefix("http://localhost"), follow=True)
    attempt = press(business, link)
    business.sandbox.pay_by_sepa(attempt.session_id, "failed")
    business.deliver_webhooks()
    assert {business.status(invoice) for invoice in three} == {Status.PROCESSING}
    business.clock.advance(days=6)
    business.sandbox.settle_due()
    business.deliver_webhooks()
    assert {business.status(invoice) for invoice in three} == {Status.OVERDUE}
    assert Letter.objects.filter(kind="payment_failed").count() == 1
    again = press(business, link)
    assert again != attempt
    business.sandbox.pay(again.session_id)
    business.deliver_webhooks()
    assert {business.status(invoice) for invoice in three} == {Status.PAID}
    business.check_books()


def test_one_is_paid_by_transfer_on_the_way_and_nothing_is_lost(business: Business) -> None:
    three = three_overdue(business)
    link = payment_requests.make(invoice_ids=[one.pk for one in three], by=None, now=ports.now())
    business.customer.get(links.url_of(link).removeprefix("http://localhost"), follow=True)
    attempt = press(business, link)
    business.sandbox.pay(attempt.session_id)
    transfer(three[0], three[0].gross)
    business.deliver_webhooks()
    business.run_clockwork()
    assert {business.status(invoice) for invoice in three} == {Status.PAID}
    payment = Payment.objects.get(gateway="stripe")
    assert payment.unallocated() == three[0].gross
    assert Alert.objects.get(kind="unallocated").invoice == three[0]
    receipt = payment.receipt.document.frozen.moved
    assert receipt is not None
    assert receipt.unallocated == three[0].gross
    business.check_books()
