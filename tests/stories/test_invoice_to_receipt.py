"""From an invoice to money in the books, however the messages come."""

from __future__ import annotations

from django.core import mail

from tests.stories.conftest import Business
from wagtail_payments import ports
from wagtail_payments.actions import alerts, credits
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import Alert, Entry, Payment, PaymentAttempt, Receipt, Refund
from wagtail_payments.records.payments import available_credit


def test_from_an_invoice_to_its_receipt(business: Business) -> None:
    invoice = business.send_invoice(lines=[("Training", "2", "450.00", "20")])
    (letter,) = mail.outbox
    assert invoice.number in letter.subject
    assert letter.attachments[0][0].endswith(".pdf")

    page = business.open_link(invoice)
    assert page.status_code == 200
    assert "1\u00a0080,00\u00a0€" in page.content.decode()

    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PAID

    business.run_clockwork()
    receipt = Receipt.objects.get()
    assert [sent.subject for sent in mail.outbox if receipt.document.number in sent.subject]
    assert [entry.kind for entry in Entry.objects.order_by("pk")] == ["issue", "payment", "fee"]
    business.check_books()


def test_the_return_page_before_the_webhook(business: Business) -> None:
    invoice = business.send_invoice()
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id)
    assert business.come_back(attempt).status_code == 200
    assert business.status(invoice) is Status.PAID
    business.deliver_webhooks()
    assert Payment.objects.count() == 1
    business.check_books()


def test_the_webhook_before_the_return_page(business: Business) -> None:
    invoice = business.send_invoice()
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    assert business.come_back(attempt).status_code == 200
    assert Payment.objects.count() == 1
    business.check_books()


def test_no_webhook_and_no_return_the_clockwork_heals_it(business: Business) -> None:
    invoice = business.send_invoice()
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id)
    business.clock.advance(minutes=20)
    business.run_clockwork()
    assert business.status(invoice) is Status.PAID
    business.check_books()


def test_two_tabs_lead_to_one_session(business: Business) -> None:
    invoice = business.send_invoice()
    business.open_link(invoice)
    first, second = business.start_paying(invoice), business.start_paying(invoice)
    assert first.session_id == second.session_id
    assert PaymentAttempt.objects.count() == 1
    business.sandbox.pay(first.session_id)
    business.deliver_webhooks()
    assert Payment.objects.count() == 1
    business.check_books()


def test_a_session_that_expired_makes_room_for_the_next(business: Business) -> None:
    invoice = business.send_invoice()
    business.open_link(invoice)
    first = business.start_paying(invoice)
    business.clock.advance(hours=25)
    business.sandbox.tick()
    business.deliver_webhooks()
    assert business.status(invoice) is Status.OPEN
    second = business.start_paying(invoice)
    assert second.session_id != first.session_id
    business.sandbox.pay(second.session_id)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PAID
    business.check_books()


def test_a_debit_fails_after_a_week(business: Business) -> None:
    invoice = business.send_invoice()
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay_by_sepa(attempt.session_id, "failed")
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PROCESSING
    business.clock.advance(days=7)
    business.sandbox.settle_due()
    business.deliver_webhooks()
    assert business.status(invoice) is Status.OPEN
    business.run_clockwork()
    assert not Payment.objects.exists()
    again = business.start_paying(invoice)
    business.sandbox.pay(again.session_id)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PAID
    business.check_books()


def test_a_refund_made_in_the_dashboard_reopens_the_invoice(business: Business) -> None:
    invoice = business.sell()
    payment = Payment.objects.get()
    business.sandbox.dashboard_refund(payment.payment_id, 10000)
    business.deliver_webhooks()
    assert Payment.objects.get().refunds.get().kind == "reversal"
    assert invoice.balance().due == 10000
    business.check_books()


def test_an_editor_reclassifies_a_refund_made_in_the_dashboard_by_crediting_it(business: Business) -> None:
    invoice = business.sell()
    business.sandbox.dashboard_refund(Payment.objects.get().payment_id, 10000)
    business.deliver_webhooks()
    (group,) = credits.creditable(invoice)
    note = credits.credit(
        invoice_id=invoice.pk, amounts={group.key: 10000}, reason="Refunded", by=None, now=ports.now(), form_key="one"
    )
    assert business.status(invoice) is Status.PAID
    assert available_credit(note) == 0, "it went back already and can't go back a second time"
    assert Alert.objects.get(kind="reversal").settled_at is not None
    assert not Refund.objects.get().needs_a_look
    business.check_books()


def test_an_editor_who_settles_the_alert_has_looked_at_the_refund(business: Business) -> None:
    invoice = business.sell()
    business.sandbox.dashboard_refund(Payment.objects.get().payment_id, 10000)
    business.deliver_webhooks()
    assert Refund.objects.get().needs_a_look
    alerts.settle(alert=Alert.objects.get(kind="reversal"), now=business.clock())
    assert not Refund.objects.get().needs_a_look
    assert business.status(invoice) is Status.PARTLY_PAID


def test_a_refund_made_in_the_dashboard_is_found_without_a_webhook(business: Business) -> None:
    invoice = business.sell()
    business.sandbox.outbox.switches.lost = 1.0
    business.sandbox.dashboard_refund(Payment.objects.get().payment_id, 10000)
    business.clock.advance(minutes=20)
    business.run_clockwork()
    assert invoice.balance().due == 10000
    business.check_books()
