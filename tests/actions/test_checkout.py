"""Paying online: one live session per invoice, whatever tabs, time-outs and crashes do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests import factories
from wagtail_payments import ports
from wagtail_payments.actions import attempts, checkout, claims, invoices, payments
from wagtail_payments.core.lifecycle import AttemptState, Status
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.models import Alert, Invoice, Payment, PaymentAttempt
from wagtail_payments.sandbox.faults import ApiFault
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock
from wagtail_payments.sandbox.transport import SandboxHTTPClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
Issued = Callable[..., Invoice]
BACK = "https://atelier.example/d/1/"
SESSIONS = "/v1/checkout/sessions"


def start(invoice: Invoice, **fields: Any) -> PaymentAttempt:
    values = {"return_url": lambda attempt: f"https://atelier.example/r/{attempt.pk}/", "cancel_url": BACK}
    return checkout.start(**{"invoice": invoice, "now": ports.now(), **values, **fields})


def open_sessions(sandbox: SandboxForTests) -> list[str]:
    return [session["id"] for session in sandbox.objects("checkout.session") if session["status"] == "open"]


def test_a_customer_is_sent_to_a_session_for_what_is_due(issued: Issued, sandbox: SandboxForTests) -> None:
    invoice = issued()
    attempt = start(invoice)
    session = sandbox.object("checkout.session", attempt.session_id or "")
    assert (session["amount_total"], session["currency"]) == (144000, "eur")
    assert attempt.url == session["url"]
    assert session["success_url"] == f"https://atelier.example/r/{attempt.pk}/"
    assert (session["cancel_url"], session["client_reference_id"]) == (BACK, invoice.number)
    assert attempt.state == AttemptState.OPEN
    assert (attempt.mode, attempt.amount, factories.is_live(attempt)) == ("test", 144000, True)
    assert attempt.order == {}


def test_the_books_name_who_paid_and_no_code_of_the_provider(issued: Issued, sandbox: SandboxForTests) -> None:
    invoice = issued()
    attempt = start(invoice)
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())
    assert set(Payment.objects.get().entries.values_list("label", flat=True)) == {invoice.customer.name}


def test_the_customer_s_language_is_spoken(issued: Issued, sandbox: SandboxForTests) -> None:
    start(issued(language="fr"))
    assert sandbox.objects("checkout.session")[0]["locale"] == "fr"


def test_what_was_paid_already_is_not_asked_again(
    issued: Issued, paid_by_transfer: Callable[..., Payment], sandbox: SandboxForTests
) -> None:
    invoice = issued()
    paid_by_transfer(invoice, 40000)
    assert start(invoice).amount == 104000


def test_a_second_tab_leads_to_the_same_session(issued: Issued, sandbox: SandboxForTests) -> None:
    invoice = issued()
    assert start(invoice).url == start(invoice).url
    assert len(sandbox.objects("checkout.session")) == 1


def test_when_less_is_due_the_old_session_is_ended_before_a_new_one_is_opened(
    issued: Issued, paid_by_transfer: Callable[..., Payment], sandbox: SandboxForTests
) -> None:
    invoice = issued()
    old = start(invoice)
    paid_by_transfer(invoice, 40000)
    new = start(invoice)
    assert (new.amount, new.session_id != old.session_id) == (104000, True)
    assert open_sessions(sandbox) == [new.session_id]
    assert attempts.fresh(old.pk).state == AttemptState.EXPIRED


def test_while_the_old_session_can_not_be_ended_no_new_one_is_opened(
    issued: Issued, paid_by_transfer: Callable[..., Payment], sandbox: SandboxForTests
) -> None:
    invoice = issued()
    old = start(invoice)
    paid_by_transfer(invoice, 40000)
    for _ in range(3):
        sandbox.faults.once(ApiFault.TIMEOUT_BEFORE, "/expire")
    with pytest.raises(GatewayUnavailable):
        start(invoice)
    assert open_sessions(sandbox) == [old.session_id]


def test_a_session_that_was_paid_while_it_was_to_be_ended_is_settled(
    issued: Issued, paid_by_transfer: Callable[..., Payment], sandbox: SandboxForTests
) -> None:
    """The customer pays between our look and our wish to end it; both sums are kept and shown."""
    invoice = issued()
    old = start(invoice)
    paid_by_transfer(invoice, 40000)

    def pay_meanwhile(name: str) -> None:
        if name == "checkout.before_expiring":
            sandbox.pay(old.session_id or "")

    with ports.use(everywhere=True, failpoint=pay_meanwhile), pytest.raises(checkout.NothingToPay):
        start(invoice)
    assert Payment.objects.filter(gateway="stripe").get().amount == 144000
    assert Alert.objects.filter(kind="unallocated").count() == 1


def test_a_session_about_to_end_is_replaced(issued: Issued, sandbox: SandboxForTests, clock: TestClock) -> None:
    invoice = issued()
    old = start(invoice)
    clock.advance(minutes=57)
    assert open_sessions(sandbox) == [old.session_id]
    new = start(invoice)
    assert new.session_id != old.session_id
    assert open_sessions(sandbox) == [new.session_id]


def test_a_session_that_has_ended_is_replaced(issued: Issued, sandbox: SandboxForTests, clock: TestClock) -> None:
    invoice = issued()
    old = start(invoice)
    clock.advance(hours=2)
    new = start(invoice)
    assert attempts.fresh(old.pk).state == AttemptState.EXPIRED
    assert open_sessions(sandbox) == [new.session_id]


def test_what_is_paid_already_at_the_provider_is_settled_and_not_asked_again(
    issued: Issued, sandbox: SandboxForTests
) -> None:
    invoice = issued()
    sandbox.pay(start(invoice).session_id or "")
    with pytest.raises(checkout.NothingToPay):
        start(invoice)
    assert Payment.objects.get().amount == 144000


def test_while_a_bank_is_at_it_nothing_else_is_opened(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    invoice = issued()
    sandbox.pay_by_sepa(start(invoice).session_id or "", "failed")
    with pytest.raises(checkout.PaymentUnderWay) as under_way:
        start(invoice)
    assert under_way.value.attempt.state == AttemptState.PROCESSING
    clock.advance(days=6)
    assert start(invoice).state == AttemptState.OPEN


def test_an_open_session_is_used_even_while_the_provider_is_silent(issued: Issued, sandbox: SandboxForTests) -> None:
    invoice = issued()
    first = start(invoice)
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    assert start(invoice).url == first.url


@pytest.mark.parametrize(
    "fields", [{"online_payment": False}, {"methods": ["transfer"]}, {"methods": ["transfer", "cheque", "cash"]}]
)
def test_what_is_not_to_be_paid_online_is_not(issued: Issued, sandbox: SandboxForTests, fields: dict[str, Any]) -> None:
    with pytest.raises(checkout.OnlinePaymentOff):
        start(issued(**fields))
    assert not PaymentAttempt.objects.exists()


def test_a_draft_is_not_paid(sandbox: SandboxForTests) -> None:
    with pytest.raises(checkout.OnlinePaymentOff):
        start(factories.make_invoice())


def test_a_paid_invoice_is_not_paid_again(issued: Issued, paid_by_transfer: Callable[..., Payment]) -> None:
    invoice = issued()
    paid_by_transfer(invoice)
    with pytest.raises(checkout.NothingToPay):
        start(invoice)


def test_without_a_provider_nothing_is_paid_online(issued: Issued, settings: Any) -> None:
    invoice = issued()
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
    with pytest.raises(checkout.OnlinePaymentOff):
        start(invoice)


@pytest.mark.parametrize(("mode", "key"), [("live", "sk_test_1"), ("test", "sk_live_1")])
def test_test_money_and_real_money_never_meet(issued: Issued, settings: Any, mode: str, key: str) -> None:
    invoice = issued()
    _force_mode(invoice, mode)
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {"stripe": {"SECRET_KEY": key}}}
    with pytest.raises(checkout.OnlinePaymentOff):
        start(invoice)


def _force_mode(invoice: Invoice, mode: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wagtail_payments_invoice SET mode = %s WHERE id = %s", [mode, invoice.pk])


def test_what_the_provider_refuses_can_not_be_paid_online(issued: Issued, sandbox: SandboxForTests) -> None:
    invoice = issued(lines=[("Badge", "1", "0.10", "20")])
    with pytest.raises(checkout.OnlinePaymentOff, match="at least"):
        start(invoice)
    attempt = PaymentAttempt.objects.get()
    assert (attempt.state, factories.is_live(attempt)) == (AttemptState.FAILED, False)


def test_an_uncollectible_invoice_may_still_be_paid(issued: Issued, sandbox: SandboxForTests) -> None:
    invoice = issued()
    Invoice.objects.filter(pk=invoice.pk).update(state="uncollectible")
    assert start(invoice).state == AttemptState.OPEN


def test_whoever_opens_session_after_session_is_stopped(
    issued: Issued, sandbox: SandboxForTests, clock: TestClock
) -> None:
    invoice = issued()
    for _ in range(claims.TRIES):
        checkout.withdraw(attempt=start(invoice), now=ports.now())
    with pytest.raises(checkout.TooManyTries):
        start(invoice)
    clock.advance(hours=1)
    assert start(invoice).state == AttemptState.OPEN


def test_an_invoice_has_one_live_try_whatever_the_code_does(issued: Issued, now: datetime) -> None:
    attempt = start(issued())
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.make_attempt(attempt.invoice, live=True, created_at=now)


def test_coming_back_asks_the_provider_and_settles(issued: Issued, sandbox: SandboxForTests) -> None:
    invoice = issued()
    attempt = start(invoice)
    sandbox.pay(attempt.session_id or "")
    settled = checkout.refresh(attempt=attempt, now=ports.now())
    assert settled.state == AttemptState.SUCCEEDED
    assert invoice.status_on(invoice.seller.today(ports.now())) is Status.PAID
    assert checkout.refresh(attempt=settled, now=ports.now()) == settled


def test_coming_back_while_the_provider_is_silent_shows_what_is_known(issued: Issued, sandbox: SandboxForTests) -> None:
    attempt = start(issued())
    sandbox.pay(attempt.session_id or "")
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 1.0}
    assert checkout.refresh(attempt=attempt, now=ports.now()).state == AttemptState.OPEN


def test_what_does_not_fit_is_shown_and_pays_nothing(issued: Issued, sandbox: SandboxForTests) -> None:
    attempt = start(issued())
    sandbox.pay(attempt.session_id or "")
    PaymentAttempt.objects.filter(pk=attempt.pk).update(amount=1)
    assert checkout.refresh(attempt=attempt, now=ports.now()).state == AttemptState.OPEN
    alert = Alert.objects.get(kind="mismatch")
    assert "amount: 1 ≠ 144000" in alert.text
    assert not Payment.objects.exists()


def test_a_withdrawn_session_can_not_be_paid(issued: Issued, sandbox: SandboxForTests) -> None:
    attempt = start(issued())
    assert checkout.withdraw(attempt=attempt, now=ports.now()).state == AttemptState.EXPIRED
    with pytest.raises(Exception, match="expired"):
        sandbox.pay(attempt.session_id or "")


@pytest.mark.django_db(transaction=True)
def test_nobody_is_asked_inside_a_transaction(sandbox: SandboxForTests, now: datetime) -> None:
    class Guarded(SandboxHTTPClient):
        def request(self, *args: Any, **options: Any) -> Any:
            assert not connection.in_atomic_block
            return super().request(*args, **options)

    draft = factories.make_invoice()
    invoice = invoices.issue(invoice_id=draft.pk, by=None, now=now)
    with ports.use(everywhere=True, transports={"stripe": Guarded(sandbox)}):
        attempt = start(invoice)
        sandbox.pay(attempt.session_id or "")
        with pytest.raises(checkout.NothingToPay):
            start(invoice)


def test_our_own_rows_decide_and_not_the_form(issued: Issued, sandbox: SandboxForTests) -> None:
    """What came in with the request is looked up again under the lock."""
    invoice = issued()
    invoice.gross, invoice.currency, invoice.online_payment = 1, "USD", False
    attempt = start(invoice)
    assert (attempt.amount, attempt.currency) == (144000, "EUR")


def test_a_payment_that_fits_is_counted_once_through_all_doors(issued: Issued, sandbox: SandboxForTests) -> None:
    attempt = start(issued())
    sandbox.pay(attempt.session_id or "")
    state = registry.get("stripe", attempt.site).read(attempt.session_id or "")
    for _ in range(2):
        checkout.refresh(attempt=attempt, now=ports.now())
        payments.settle(attempt=attempt, state=state, now=ports.now() + timedelta(minutes=1))
    assert Payment.objects.count() == 1
