"""What every part of the example needs: invoices made, issued and paid through the real actions, oldest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import requests
from django.conf import settings
from wagtail.models import Site

from wagtail_payments import ports
from wagtail_payments.actions import checkout, disputes, invoices, payments
from wagtail_payments.conf import settings as payments_settings
from wagtail_payments.gateways import registry
from wagtail_payments.mail import letters
from wagtail_payments.models import Customer, Invoice, InvoiceLine, Payment, PaymentAttempt, Seller

VISA = "pm_card_visa"
DISPUTED_CARD = "pm_card_createDispute"
TRANSFERS = "AT611904300234573201"
# What the seller's own terms say, as an editor writes them on a document in English.
TERMS = "Payment within 30 days, by bank transfer or online."
QUOTE_TERMS = "The signed quote is an order. Sessions can be moved free of charge up to 15 days before the first."

Step = Callable[[datetime], Any]
Line = tuple[str, str, str, str]  # text, quantity, unit, price


class Workbench:
    """The editor's hands and the customers'; what is planned by ``on`` happens in ``play``, on its own day."""

    def __init__(
        self, *, now: datetime, site: Site, seller: Seller, admin: Any, customers: dict[str, Customer]
    ) -> None:
        self.now, self.site, self.seller, self.admin, self.customers = now, site, seller, admin, customers
        self._planned: list[tuple[float, Step]] = []
        self._today: list[Callable[[], Any]] = []

    def on(self, days_ago: float, step: Step) -> None:
        """Plan what happened so many days ago."""
        self._planned.append((days_ago, step))

    def today(self, step: Callable[[], Any]) -> None:
        """Plan what happens once all that is earlier has happened, such as a payment on the provider's page."""
        self._today.append(step)

    def play(self) -> None:
        """Let everything happen, the oldest first, as the numbers demand."""
        while self._planned:
            self._planned.sort(key=lambda row: row[0])
            days, step = self._planned.pop()
            step(self.now - timedelta(days=days))
        for last in self._today:
            last()

    def draft(self, who: str, title: str, lines: list[Line], **values: Any) -> Invoice:
        """Write a draft; ``line_values`` are fields of each line."""
        line_values = values.pop("line_values", {})
        customer = self.customers[who]
        terms = TERMS if customer.language == "en" else self.seller.terms
        usual = {"due_days": 30, "terms": terms, "language": customer.language}
        invoice = Invoice(
            seller=self.seller, site=self.site, customer=customer, title=title, created_by=self.admin, **usual | values
        )
        invoice.lines = [
            InvoiceLine(sort_order=order, description=text, quantity=Decimal(quantity), unit=unit,
                        unit_price=Decimal(price), **line_values)
            for order, (text, quantity, unit, price) in enumerate(lines)
        ]  # fmt: skip
        invoices.store_totals(invoice=invoice)
        invoice.full_clean(exclude=["metadata"])
        invoice.save()
        return invoice

    def issue(self, invoice: Invoice, at: datetime) -> Invoice:
        """Issue a draft and send it with the usual words."""
        subject, text = letters.default_invoice_text(invoice=invoice, language=invoice.language)
        return invoices.issue_and_send(
            invoice_id=invoice.pk, by=self.admin, now=at, to=[invoice.customer.email], cc=[], subject=subject, text=text
        )

    def sent(self, at: datetime, who: str, title: str, lines: list[Line], **values: Any) -> Invoice:
        """Write, issue and send."""
        return self.issue(self.draft(who, title, lines, **values), at)

    def record(self, invoice: Invoice, amount: int, at: datetime, reference: str, method: str = "transfer") -> Payment:
        """Write down money that came otherwise; ``amount`` in minor units."""
        return payments.record(
            invoice=invoice, amount=amount, method=method, received_on=self.seller.today(at), reference=reference,
            by=self.admin, now=at, form_key=ports.new_id(),
        )  # fmt: skip

    def pay_online(self, invoice: Invoice, method: str) -> PaymentAttempt:
        """As the customer does it: start, the provider's page, back."""
        root = self.site.root_url
        attempt = checkout.start(invoice=invoice, now=ports.now(), return_url=lambda _: root, cancel_url=root)
        return self.confirm(attempt, method)

    def confirm(self, attempt: PaymentAttempt, method: str = VISA) -> PaymentAttempt:
        """Pay on the provider's page, and come back."""
        self.ask_sandbox(f"payment_pages/{attempt.session_id}/confirm", {"payment_method": method})
        return checkout.refresh(attempt=attempt, now=ports.now())

    def look_for_disputes(self, attempt: PaymentAttempt) -> None:
        """Take note at once of what the customer's bank took back; else it comes with the clockwork."""
        gateway = registry.get(attempt.gateway, attempt.site)
        disputes.look(gateway=gateway, attempt=attempt, now=ports.now())

    def bank_account(self, owner: Customer) -> str:
        """Return the key of a bank account that the provider may debit."""
        data = {
            "type": "sepa_debit",
            "sepa_debit[iban]": TRANSFERS,
            "billing_details[name]": owner.name,
            "billing_details[email]": owner.email,
        }
        return str(self.ask_sandbox("payment_methods", data)["id"])

    def return_debit(self, attempt: PaymentAttempt) -> None:
        """Let a debit arrive, and the bank take it back: what its days would bring."""
        self._press("settle", {"id": attempt.session_id or "", "ending": "paid"})
        attempt = checkout.refresh(attempt=attempt, now=ports.now())
        intent = self.ask_sandbox(f"payment_intents/{attempt.payment.payment_id}")
        self._press("return_debit", {"id": intent["latest_charge"]})
        self.look_for_disputes(attempt)

    def ask_sandbox(self, path: str, data: dict[str, str] | None = None) -> dict[str, Any]:
        """Ask what the customer's browser asks on the provider's page; without ``data`` only read."""
        key = payments_settings.GATEWAYS["stripe"]["SECRET_KEY"]
        answer = requests.request(
            "GET" if data is None else "POST",
            f"{settings.SANDBOX_URL}/v1/{path}",
            data=data,
            headers={"Authorization": f"Bearer {key}"},
            timeout=10,
        )
        answer.raise_for_status()
        return dict(answer.json())

    def _press(self, verb: str, data: dict[str, str]) -> None:
        """Press a button of the sandbox's own pages."""
        with requests.Session() as browser:
            browser.get(f"{settings.SANDBOX_URL}/behaviour/", timeout=10).raise_for_status()
            token = {"csrfmiddlewaretoken": browser.cookies["sandbox_csrftoken"]}
            browser.post(f"{settings.SANDBOX_URL}/do/{verb}/", data=data | token, timeout=10).raise_for_status()
