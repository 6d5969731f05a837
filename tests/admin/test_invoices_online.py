"""Money that came through the provider, seen and sent back from the desk; the sandbox plays Stripe."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from wagtail_payments.actions import alerts, checkout, invoices
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.deliveries import Alert
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Refund
from wagtail_payments.sandbox.faults import ApiFault

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(clock: Any, editor: Any) -> Invoice:
    return invoices.issue(invoice_id=factories.make_invoice().pk, by=editor, now=clock())


@pytest.fixture
def attempt(invoice: Invoice, sandbox: Any, clock: Any) -> PaymentAttempt:
    """A try to pay that the customer has begun."""
    return checkout.start(
        invoice=invoice,
        now=clock(),
        return_url=lambda _attempt: "http://testserver/r/",
        cancel_url="http://testserver/",
    )


def url(name: str, invoice: Invoice, *more: int) -> str:
    return reverse(f"wagtail_payments_invoice:{name}", args=(invoice.pk, *more))


def test_asking_the_provider_settles_what_its_message_did_not_tell(
    admin: Client, invoice: Invoice, attempt: PaymentAttempt, sandbox: Any
) -> None:
    sandbox.pay(attempt.session_id)
    assert admin.get(url("desk", invoice)).context["balance"].due == invoice.gross
    admin.post(url("refresh", invoice, attempt.pk))
    page = admin.get(url("desk", invoice))
    assert page.context["tag"].status == "paid"
    assert "4242" in page.content.decode()


def test_a_provider_that_does_not_answer_is_not_said_to_have_answered(
    admin: Client, invoice: Invoice, attempt: PaymentAttempt, sandbox: Any
) -> None:
    sandbox.faults.once(ApiFault.TIMEOUT_BEFORE, "/v1/checkout/sessions")
    answer = admin.post(url("refresh", invoice, attempt.pk), follow=True)
    said = " ".join(str(message) for message in answer.context["messages"])
    assert "no answer" in said
    assert "The provider says" not in said


def test_the_try_of_another_invoice_is_not_asked_about_from_here(
    admin: Client, invoice: Invoice, attempt: PaymentAttempt
) -> None:
    other = factories.make_invoice()
    assert admin.post(url("refresh", other, attempt.pk)).status_code == 404


def test_a_refund_to_the_card_names_its_last_digits_and_reaches_stripe_once(
    admin: Client, invoice: Invoice, attempt: PaymentAttempt, sandbox: Any
) -> None:
    sandbox.pay(attempt.session_id)
    admin.post(url("refresh", invoice, attempt.pk))
    form = admin.get(url("refund", invoice)).context["form"]
    filled = {name: str(form[name].value() or "") for name in form.fields} | {"reason": "Cancelled"}
    asked = admin.post(url("refund", invoice), filled)
    assert "€1,440.00 go back to the card ending 4242" in asked.context["sentence"]
    for _click in range(2):
        admin.post(url("refund", invoice), filled | {"confirmed": "1"})
    assert Refund.objects.get().amount == invoice.gross
    assert [refund["amount"] for refund in sandbox.objects("refund")] == [invoice.gross]
    assert "Cancelled" in admin.get(url("desk", invoice)).content.decode()


def test_what_needs_an_eye_stands_on_the_desk_until_it_is_settled(admin: Client, invoice: Invoice, clock: Any) -> None:
    alerts.raise_once(kind="reversal", key="1", text="Have a look at this", now=clock(), invoice=invoice)
    row = admin.get(url("desk", invoice)).context["alerts"][0]
    admin.post(row["url"])
    assert Alert.objects.get().settled_at is not None
    assert admin.get(url("desk", invoice)).context["alerts"] == []


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("pay", {"amount": "1440", "method": "transfer", "received_on": "2026-03-16"}),
        ("credit", {"amount_0": "40", "reason": "Agreed", "confirmed": "1"}),
    ],
)
def test_what_is_paid_or_credited_here_can_not_be_paid_at_the_provider_any_more(
    admin: Client, invoice: Invoice, attempt: PaymentAttempt, sandbox: Any, verb: str, form: dict[str, str]
) -> None:
    admin.post(url(verb, invoice), form | {"form_key": "one"})
    assert sandbox.object("checkout.session", attempt.session_id)["status"] == "expired"
    attempt.refresh_from_db()
    assert (attempt.state, factories.is_live(attempt)) == ("expired", False)


def test_a_payment_is_recorded_though_the_provider_does_not_answer(
    admin: Client, invoice: Invoice, attempt: PaymentAttempt, sandbox: Any
) -> None:
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    form = {"amount": "1440", "method": "transfer", "received_on": "2026-03-16", "form_key": "one"}
    assert admin.post(url("pay", invoice), form).url == url("desk", invoice)
    assert invoice.balance().due == 0
    attempt.refresh_from_db()
    assert attempt.state == "open", "the clockwork ends it"


def test_a_session_for_what_is_still_due_stays_open(
    admin: Client, invoice: Invoice, attempt: PaymentAttempt, sandbox: Any
) -> None:
    checkout.withdraw_outdated(invoice=invoice, now=attempt.created_at)
    assert sandbox.object("checkout.session", attempt.session_id)["status"] == "open"
