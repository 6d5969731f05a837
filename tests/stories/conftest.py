"""A business on the sandbox, as its owner, its customer and its clockwork live it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from wagtail_payments import ports
from wagtail_payments.actions import checkout, clockwork, invoices
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.mail import letters, links
from wagtail_payments.models import Invoice, Link, Payment, PaymentAttempt
from wagtail_payments.reports import verification
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock


@dataclass
class Business:
    """What a story needs: people who act, and the questions it asks at the end."""

    sandbox: SandboxForTests
    clock: TestClock
    customer: Client

    def send_invoice(self, **fields: Any) -> Invoice:
        """The editor writes an invoice, issues and sends it; the clockwork delivers."""
        draft = factories.make_invoice(**fields)
        subject, text = letters.default_invoice_text(invoice=draft, language=draft.language)
        invoice = invoices.issue_and_send(
            invoice_id=draft.pk,
            by=None,
            now=ports.now(),
            to=[draft.customer.email],
            cc=[],
            subject=subject,
            text=text,
        )
        self.run_clockwork()
        return invoice

    def open_link(self, invoice: Invoice) -> Any:
        """The customer follows the link of the e-mail."""
        link = Link.objects.get(document=invoice.document)
        return self.customer.get(links.url_of(link).split("testserver")[-1].split("localhost")[-1], follow=True)

    def start_paying(self, invoice: Invoice) -> PaymentAttempt:
        """The customer presses "Pay"; where that leads is on the attempt."""
        link = Link.objects.get(document=invoice.document)
        answer = self.customer.post(reverse("wagtail_payments:pay", args=[link.public_id]))
        assert answer.status_code == 303, answer.content[:400]
        attempt = PaymentAttempt.objects.filter(invoice=invoice).latest("pk")
        assert answer["Location"] == attempt.url
        return attempt

    def sell(self, **fields: Any) -> Invoice:
        """An invoice is sent, and its customer pays it by card."""
        invoice = self.send_invoice(**fields)
        self.open_link(invoice)
        attempt = self.start_paying(invoice)
        self.sandbox.pay(attempt.session_id)
        self.deliver_webhooks()
        return invoice

    def come_back(self, attempt: PaymentAttempt) -> Any:
        """The provider's page sends the customer back."""
        self.clock.advance(minutes=1)
        return self.customer.get(links.attempt_url(attempt).split("localhost")[-1], follow=True)

    def deliver_webhooks(self) -> None:
        """Stripe's messages arrive."""
        self.sandbox.deliver_all(self._post)

    def _post(self, body: bytes, signature: str) -> int:
        answer = Client().post(
            reverse("wagtail_payments:webhook", args=["stripe"]),
            body,
            content_type="application/json",
            headers={"Stripe-Signature": signature},
        )
        return answer.status_code

    def run_clockwork(self) -> dict[str, int]:
        """One beat; nothing may fail in it."""
        done = clockwork.run_once(now=ports.now())
        assert min(done.values()) >= 0, done
        return done

    def status(self, invoice: Invoice) -> Status:
        """What the editor sees."""
        return Invoice.objects.get(pk=invoice.pk).status_on(invoice.seller.today(ports.now()))

    def attempt_refreshed(self, attempt: PaymentAttempt) -> PaymentAttempt:
        """Ask the provider, as the return page does."""
        return checkout.refresh(attempt=attempt, now=ports.now())

    def check_books(self) -> None:
        """Whole books, and every cent of the provider in them."""
        seller = factories.seller_of_default_site()
        assert list(verification.verify(seller=seller, mode="test")) == []
        ours = sum(payment.amount for payment in Payment.objects.filter(gateway="stripe"))
        back = sum(
            refund.amount
            for payment in Payment.objects.filter(gateway="stripe")
            for refund in payment.refunds.filter(gateway="stripe", state="succeeded")
        )
        assert self.sandbox.balance().get("eur", 0) == ours - back


@pytest.fixture
def business(transactional_db: None, sandbox: SandboxForTests, clock: TestClock, client: Client) -> Business:
    """A training business that is paid through the sandbox; every commit is real."""
    factories.settle_site()
    return Business(sandbox, clock, client)


Pressed = Callable[[], Any]
