"""An invoice in three parts: paid online one after another, one late, one promised; the books are whole at the end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core import mail
from django.urls import reverse

from tests import factories
from tests.stories.conftest import Business
from wagtail_payments import ports
from wagtail_payments.actions import invoices
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.mail import letters
from wagtail_payments.models import Instalment, Invoice, Link, Payment, PaymentAttempt, Promise, Receipt, Seller


def send_in_three(business: Business, **fields: Any) -> Invoice:
    """A third on signature, the rest in two equal parts, a month after the other."""
    draft = factories.make_invoice(language="en", customer=factories.make_customer(language="en"), **fields)
    today = draft.seller.today(ports.now())
    agreed: list[dict[str, Any]] = [{"percent": Decimal("33.33")}, {}, {}]
    for place, row in enumerate(agreed):
        Instalment.objects.create(invoice=draft, due_on=today + timedelta(30 * place), sort_order=place, **row)
    draft = Invoice.objects.get(pk=draft.pk)
    subject, text = letters.default_invoice_text(invoice=draft, language="en")
    values: dict[str, Any] = {"to": [draft.customer.email], "cc": [], "subject": subject, "text": text}
    invoice = invoices.issue_and_send(invoice_id=draft.pk, by=None, now=ports.now(), **values)
    business.run_clockwork()
    return invoice


def press(business: Business, invoice: Invoice, choice: str) -> PaymentAttempt:
    """The customer opens the page, chooses and goes on to the provider."""
    page = business.open_link(invoice).context["shown"]
    covered = page.pay.form["covered"].value()
    answer = business.customer.post(page.pay.url, {"pay-choice": choice, "pay-covered": covered})
    attempt = PaymentAttempt.objects.filter(invoice=invoice).latest("pk")
    assert (answer.status_code, answer["Location"]) == (303, attempt.url)
    return attempt


def pay(business: Business, invoice: Invoice, choice: str) -> int:
    attempt = press(business, invoice, choice)
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    return attempt.amount


def test_three_instalments_one_late_one_promised(business: Business) -> None:
    invoice = send_in_three(business)
    Seller.objects.update(promise_days=14)
    (letter,) = mail.outbox
    assert "€479.95 due" in letter.subject
    assert "Pay €479.95" in letter.alternatives[0][0]
    assert business.status(invoice) is Status.OPEN

    assert pay(business, invoice, "now") == 47995
    assert business.status(invoice) is Status.PARTLY_PAID

    business.clock.advance(days=33)
    business.run_clockwork()
    assert business.status(invoice) is Status.OVERDUE
    page = business.open_link(invoice).content.decode()
    assert "Overdue since" in page
    assert "€480.03" in page
    assert pay(business, invoice, "now") == 48003
    assert business.status(invoice) is Status.PARTLY_PAID

    business.clock.advance(days=30)
    assert business.status(invoice) is Status.OVERDUE
    link = Link.objects.get(document=invoice.document)
    day = invoice.seller.today(ports.now()) + timedelta(5)
    business.open_link(invoice)
    answer = business.customer.post(reverse("wagtail_payments:plan", args=[link.public_id]), {"plan-day": str(day)})
    assert answer["Location"].endswith("said=planned")
    business.run_clockwork()
    assert business.status(invoice) is Status.PLANNED
    assert [sent for sent in mail.outbox if "plans to pay" in sent.subject or "prévoit de payer" in sent.subject]

    business.clock.advance(days=5)
    assert pay(business, invoice, "all") == 48002
    assert business.status(invoice) is Status.PAID
    assert Promise.objects.get().end == "kept"
    assert [payment.unallocated() for payment in Payment.objects.all()] == [0, 0, 0]
    assert Receipt.objects.count() == 3
    business.check_books()


def test_a_promise_that_is_not_kept_leaves_the_invoice_overdue(business: Business) -> None:
    invoice = send_in_three(business)
    Seller.objects.update(promise_days=14)
    link = Link.objects.get(document=invoice.document)
    day = invoice.seller.today(ports.now()) + timedelta(5)
    business.open_link(invoice)
    business.customer.post(reverse("wagtail_payments:plan", args=[link.public_id]), {"plan-day": str(day)})
    business.clock.advance(days=6)
    business.run_clockwork()
    assert Promise.objects.get().end == "broken"
    assert business.status(invoice) is Status.OVERDUE
    assert "Plan the payment for later" in business.open_link(invoice).content.decode()
    business.check_books()


def test_a_debit_of_one_instalment_that_fails_leaves_it_to_be_paid_again(business: Business) -> None:
    invoice = send_in_three(business)
    attempt = press(business, invoice, "now")
    business.sandbox.pay_by_sepa(attempt.session_id, outcome="failed")
    business.deliver_webhooks()
    page = business.open_link(invoice)
    assert page.context["shown"].pay is None
    assert "on their way from your bank" in page.content.decode()
    business.sandbox.settle(attempt.session_id, paid=False)
    business.deliver_webhooks()
    business.clock.advance(days=1)
    assert business.status(invoice) is Status.OVERDUE
    assert pay(business, invoice, "now") == 47995
    business.check_books()
