"""Several invoices asked for together and paid at once: each gets its own cents, exactly once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.actions.test_instalments import in_three
from wagtail_payments import ports
from wagtail_payments.actions import (
    attempts,
    checkout,
    claims,
    credits,
    links,
    payment_requests,
    receipts,
    reconcile,
    write_offs,
)
from wagtail_payments.core.lifecycle import AttemptState, Status
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.models import (
    Alert,
    Allocation,
    AttemptShare,
    Invoice,
    Letter,
    Link,
    Payment,
    PaymentAttempt,
    PaymentRequest,
    Receipt,
)
from wagtail_payments.sandbox.faults import ApiFault
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock

pytestmark = pytest.mark.django_db
Issued = Callable[..., Invoice]
HERE = "https://atelier.example/t/"


@pytest.fixture
def three(issued: Issued) -> list[Invoice]:
    """Three invoices of one customer: 120, 240 and 360 euros."""
    customer = factories.make_customer()
    prices = ("100.00", "200.00", "300.00")
    return [issued(customer=customer, lines=[("Hours", "1", price, "20")]) for price in prices]


def asked(invoices: Sequence[Invoice]) -> PaymentRequest:
    link = payment_requests.make(invoice_ids=[one.pk for one in invoices], by=None, now=ports.now())
    assert link.payment_request is not None
    return link.payment_request


def start(request: PaymentRequest, **more: Any) -> PaymentAttempt:
    return checkout.start_together(request=request, now=ports.now(), return_url=lambda _: HERE, cancel_url=HERE, **more)


def start_one(invoice: Invoice) -> PaymentAttempt:
    return checkout.start(invoice=invoice, now=ports.now(), return_url=lambda _: HERE, cancel_url=HERE)


def shares(attempt: PaymentAttempt) -> list[int]:
    return list(attempt.shares.order_by("pk").values_list("amount", flat=True))


def dues(invoices: Sequence[Invoice]) -> list[int]:
    return [Invoice.objects.get(pk=one.pk).balance().due for one in invoices]


def deliver(sandbox: SandboxForTests) -> None:
    sandbox.deliver_all(post)


def post(body: bytes, signature: str) -> int:
    url = reverse("wagtail_payments:webhook", args=["stripe"])
    headers = {"Stripe-Signature": signature}
    return Client().post(url, body, content_type="application/json", headers=headers).status_code


def open_sessions(sandbox: SandboxForTests) -> list[str]:
    return [row["id"] for row in sandbox.objects("checkout.session") if row["status"] == "open"]


class TestAsking:
    """Which invoices can be asked for together."""

    def refused(self, invoices: Sequence[Invoice], words: str) -> None:
        with pytest.raises(payment_requests.RequestRefused, match=words):
            asked(invoices)
        assert not PaymentRequest.objects.exists()
        assert not Link.objects.filter(payment_request__isnull=False).exists()

    def test_the_same_invoices_are_the_same_request(self, three: list[Invoice]) -> None:
        first = asked(three)
        assert asked(list(reversed(three))) == first
        assert asked(three[:2]) != first
        assert Link.objects.filter(payment_request__isnull=False).count() == 2

    def test_one_is_not_several(self, three: list[Invoice]) -> None:
        self.refused(three[:1], "at least two")
        self.refused([three[0], three[0]], "at least two")

    def test_not_more_than_fit_on_a_page(self, three: list[Invoice], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(payment_requests, "MOST", 2)
        self.refused(three, "At most 2")

    def test_another_customer(self, three: list[Invoice], issued: Issued) -> None:
        self.refused([*three, issued(customer=factories.make_consumer())], "different customers")

    def test_another_seller(self, three: list[Invoice], issued: Issued) -> None:
        other = factories.make_seller(name="Other", siren="404833048")
        self.refused([*three, issued(customer=three[0].customer, seller=other)], "different sellers")

    def test_another_currency(self, three: list[Invoice], issued: Issued) -> None:
        seller = three[0].seller
        type(seller).objects.filter(pk=seller.pk).update(currency="CHF")
        seller.refresh_from_db()
        other = issued(customer=three[0].customer, seller=seller, currency="CHF")
        self.refused([*three, other], "currencies")

    def test_a_draft(self, three: list[Invoice]) -> None:
        self.refused([*three, factories.make_invoice(customer=three[0].customer)], "issued|test invoice")

    def test_offline(self, three: list[Invoice], issued: Issued) -> None:
        self.refused([*three, issued(customer=three[0].customer, online_payment=False)], "paid online")
        self.refused([*three, issued(customer=three[0].customer, methods=["transfer"])], "paid online")

    def test_no_method_in_common(self, issued: Issued) -> None:
        customer = factories.make_customer()
        pair = [issued(customer=customer, methods=[method]) for method in ("card", "sepa_debit")]
        self.refused(pair, "in common")

    def test_paid_already(self, three: list[Invoice], paid_by_transfer: Callable[..., Payment]) -> None:
        paid_by_transfer(three[1])
        self.refused(three, three[1].number)

    def test_no_provider(self, three: list[Invoice], settings: Any) -> None:
        settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
        self.refused(three, "provider")

    def test_one_form_writes_once(self, three: list[Invoice]) -> None:
        keys = [one.pk for one in three]
        for _ in range(2):
            letter = payment_requests.ask(invoice_ids=keys, by=None, now=ports.now(), form_key="form")
        assert Letter.objects.filter(kind="payment_request").get() == letter
        assert letter.further_links.count() == 3
        assert letter.link == Link.objects.get(payment_request__isnull=False)

    def test_nobody_to_write_to(self, three: list[Invoice]) -> None:
        type(three[0].customer).objects.filter(pk=three[0].customer_id).update(email="")
        with pytest.raises(payment_requests.RequestRefused, match="no e-mail address"):
            payment_requests.ask(invoice_ids=[one.pk for one in three], by=None, now=ports.now(), form_key="form")
        assert not PaymentRequest.objects.exists()

    def test_what_was_given_up_is_not_proposed_and_can_still_be_chosen(self, three: list[Invoice]) -> None:
        write_offs.write_off(invoice_id=three[0].pk, reason="", by=None, now=ports.now())
        assert payment_requests.payable_together(three[0].customer, ports.now()) == [three[1:]]
        assert asked(three).invoices.count() == 3

    def test_asking_again_renews_what_was_revoked(self, three: list[Invoice]) -> None:
        link = asked(three).link
        links.revoke(link=link, by=None, now=ports.now())
        again = asked(three).link
        assert (again.pk, again.revoked_at, again.generation) == (link.pk, None, link.generation + 1)


class TestPaying:
    """One session, one payment, exact shares."""

    def test_all_is_paid_at_once(self, three: list[Invoice], sandbox: SandboxForTests) -> None:
        attempt = start(asked(three))
        assert (attempt.amount, shares(attempt)) == (72000, [12000, 24000, 36000])
        sandbox.pay(attempt.session_id or "")
        deliver(sandbox)
        payment = Payment.objects.get()
        assert list(payment.allocations.values_list("amount", flat=True)) == [12000, 24000, 36000]
        assert dues(three) == [0, 0, 0]
        assert not factories.is_live(attempt)
        assert not Alert.objects.exists()

    def test_the_provider_s_page_names_each_invoice(self, three: list[Invoice], sandbox: SandboxForTests) -> None:
        attempt = start(asked(three))
        lines = sandbox.client().v1.checkout.sessions.line_items.list(attempt.session_id or "").data
        assert [(line.amount_total, three[n].number in (line.description or "")) for n, line in enumerate(lines)] == [
            (12000, True),
            (24000, True),
            (36000, True),
        ]

    def test_one_receipt_names_all(self, three: list[Invoice], sandbox: SandboxForTests) -> None:
        sandbox.pay(start(asked(three)).session_id or "")
        deliver(sandbox)
        receipts.give_missing(now=ports.now())
        moved = Receipt.objects.get().document.frozen.moved
        assert moved is not None
        assert [(share.number, share.amount) for share in moved.shares] == [
            (one.number, one.gross) for one in sorted(three, key=lambda one: one.number)
        ]
        assert moved.unallocated == 0

    def test_the_same_notice_twice_and_late_counts_once(self, three: list[Invoice], sandbox: SandboxForTests) -> None:
        attempt = start(asked(three))
        sandbox.pay(attempt.session_id or "")
        notices = sandbox.pending_webhooks()
        for body, signature in [*notices, *notices]:
            post(body, signature)
        reconcile.run(now=ports.now())
        for body, signature in notices:
            post(body, signature)
        assert Payment.objects.count() == 1
        assert Allocation.objects.count() == 3

    def test_pressing_twice_leads_to_the_same_page(self, three: list[Invoice], sandbox: SandboxForTests) -> None:
        request = asked(three)
        assert start(request) == start(request)
        assert len(sandbox.objects("checkout.session")) == 1

    def test_what_was_partly_paid_is_asked_for_the_rest(
        self, three: list[Invoice], sandbox: SandboxForTests, paid_by_transfer: Callable[..., Payment]
    ) -> None:
        request = asked(three)
        paid_by_transfer(three[0])
        paid_by_transfer(three[1], 4000)
        assert shares(start(request)) == [20000, 36000]

    def test_paid_meanwhile_in_part_the_session_is_replaced(
        self, three: list[Invoice], sandbox: SandboxForTests, paid_by_transfer: Callable[..., Payment]
    ) -> None:
        request = asked(three)
        old = start(request)
        paid_by_transfer(three[0])
        new = start(request)
        assert (shares(new), open_sessions(sandbox)) == ([24000, 36000], [new.session_id])
        assert attempts.fresh(old.pk).state == AttemptState.EXPIRED

    def test_paid_meanwhile_and_then_all_together_the_rest_is_kept_and_shown(
        self, three: list[Invoice], sandbox: SandboxForTests, paid_by_transfer: Callable[..., Payment]
    ) -> None:
        attempt = start(asked(three))
        sandbox.pay(attempt.session_id or "")
        paid_by_transfer(three[1], 20000)
        deliver(sandbox)
        payment = Payment.objects.get(gateway="stripe")
        assert dues(three) == [0, 0, 0]
        assert payment.unallocated() == 20000
        alert = Alert.objects.get(kind="unallocated")
        assert (alert.payment, alert.invoice) == (payment, three[1])

    def test_nothing_left_to_pay(
        self, three: list[Invoice], sandbox: SandboxForTests, paid_by_transfer: Callable[..., Payment]
    ) -> None:
        request = asked(three)
        for invoice in three:
            paid_by_transfer(invoice)
        with pytest.raises(checkout.NothingToPay):
            start(request)

    def test_another_sum_than_was_seen_is_not_asked(
        self, three: list[Invoice], sandbox: SandboxForTests, paid_by_transfer: Callable[..., Payment]
    ) -> None:
        request = asked(three)
        paid_by_transfer(three[0])
        with pytest.raises(checkout.AmountChanged):
            start(request, seen=72000)
        assert not PaymentAttempt.objects.exists()
        assert start(request, seen=60000).amount == 60000

    def test_of_instalments_what_is_due_now_takes_no_other_s_money(
        self, issued: Issued, sandbox: SandboxForTests
    ) -> None:
        customer = factories.make_customer()
        parts, whole = in_three(customer=customer), issued(customer=customer)
        attempt = start(asked([parts, whole]))
        assert sorted(shares(attempt)) == sorted([parts.gross // 3, whole.gross])
        sandbox.pay(attempt.session_id or "")
        deliver(sandbox)
        assert dues([parts, whole]) == [parts.gross - parts.gross // 3, 0]

    def test_an_account_without_answer_leaves_a_try_that_bars_all(
        self, three: list[Invoice], sandbox: SandboxForTests
    ) -> None:
        request = asked(three)
        for _ in range(3):
            sandbox.faults.once(ApiFault.TIMEOUT_AFTER, "/v1/checkout/sessions")
        with pytest.raises(GatewayUnavailable):
            start(request)
        (lost,) = PaymentAttempt.objects.all()
        assert AttemptShare.objects.filter(live_for__isnull=False).count() == 3
        assert start_one(three[0]) != lost
        assert not factories.is_live(lost)


class TestBesideOthers:
    """Single and joint tries bar each other."""

    def test_a_single_session_is_ended_first(self, three: list[Invoice], sandbox: SandboxForTests) -> None:
        singles = [start_one(three[0]), start_one(three[1])]
        joint = start(asked(three))
        assert open_sessions(sandbox) == [joint.session_id]
        assert {attempts.fresh(one.pk).state for one in singles} == {AttemptState.EXPIRED}

    def test_a_single_start_ends_the_joint_session(self, three: list[Invoice], sandbox: SandboxForTests) -> None:
        joint = start(asked(three))
        single = start_one(three[1])
        assert open_sessions(sandbox) == [single.session_id]
        assert attempts.fresh(joint.pk).state == AttemptState.EXPIRED
        assert AttemptShare.objects.filter(live_for__isnull=False).get().attempt_id == single.pk

    def test_another_set_ends_the_first(self, three: list[Invoice], sandbox: SandboxForTests) -> None:
        start(asked(three))
        pair = start(asked(three[1:]))
        assert open_sessions(sandbox) == [pair.session_id]

    def test_what_was_paid_alone_at_the_provider_is_settled_and_left_out(
        self, three: list[Invoice], sandbox: SandboxForTests
    ) -> None:
        single = start_one(three[0])
        sandbox.pay(single.session_id or "")
        joint = start(asked(three))
        assert dues(three)[0] == 0
        assert shares(joint) == [24000, 36000]

    def test_what_is_with_the_bank_is_left_out(self, three: list[Invoice], sandbox: SandboxForTests) -> None:
        request, single = asked(three), start_one(three[0])
        sandbox.pay_by_sepa(single.session_id or "", "succeeded")
        with pytest.raises(checkout.PaymentUnderWay):
            start(request)
        assert shares(start(request)) == [24000, 36000]
        assert Invoice.objects.get(pk=three[0].pk).balance().processing == 12000

    def test_too_many_tries_count_together(
        self, three: list[Invoice], sandbox: SandboxForTests, clock: TestClock
    ) -> None:
        request = asked(three)
        for number in range(claims.TRIES):
            start(request) if number % 2 else start_one(three[0])
            clock.advance(seconds=30)
        with pytest.raises(checkout.TooManyTries):
            start(request) if claims.TRIES % 2 else start_one(three[0])


class TestEndings:
    """It fails after days, expires, is outdated, comes back."""

    def test_all_are_processing_and_then_open_again(
        self, three: list[Invoice], sandbox: SandboxForTests, clock: TestClock
    ) -> None:
        attempt = start(asked(three))
        sandbox.pay_by_sepa(attempt.session_id or "", "failed")
        deliver(sandbox)
        today = three[0].seller.today(ports.now())
        assert {Invoice.objects.get(pk=one.pk).status_on(today) for one in three} == {Status.PROCESSING}
        clock.advance(days=5)
        sandbox.settle_due()
        deliver(sandbox)
        assert attempts.fresh(attempt.pk).state == AttemptState.FAILED
        assert not factories.is_live(attempt)
        assert dues(three) == [12000, 24000, 36000]
        letter = Letter.objects.get(kind="payment_failed")
        assert letter.link == Link.objects.get(payment_request__isnull=False)
        assert all(one.number in letter.text for one in three)

    def test_it_expires(self, three: list[Invoice], sandbox: SandboxForTests, clock: TestClock) -> None:
        request = asked(three)
        attempt = start(request)
        clock.advance(hours=25)
        deliver(sandbox)
        reconcile.run(now=ports.now())
        assert attempts.fresh(attempt.pk).state == AttemptState.EXPIRED
        assert start(request) != attempt

    def test_a_transfer_for_one_outdates_the_session_of_all(
        self,
        three: list[Invoice],
        sandbox: SandboxForTests,
        clock: TestClock,
        paid_by_transfer: Callable[..., Payment],
    ) -> None:
        attempt = start(asked(three))
        clock.advance(minutes=3)
        reconcile.run(now=ports.now())
        assert attempts.fresh(attempt.pk).state == AttemptState.OPEN
        paid_by_transfer(three[2], 100)
        clock.advance(minutes=3)
        reconcile.run(now=ports.now())
        assert attempts.fresh(attempt.pk).state == AttemptState.EXPIRED

    def test_a_correction_of_one_withdraws_the_session_of_all(
        self, three: list[Invoice], sandbox: SandboxForTests
    ) -> None:
        attempt = start(asked(three))
        amounts = {credits.creditable(three[0])[0].key: 1000}
        credits.credit(
            invoice_id=three[0].pk, amounts=amounts, reason="Less", by=None, now=ports.now(), form_key="credit"
        )
        checkout.withdraw_outdated(invoice=three[0], now=ports.now())
        assert attempts.fresh(attempt.pk).state == AttemptState.EXPIRED

    def test_a_dashboard_refund_re_opens_from_the_last(self, three: list[Invoice], sandbox: SandboxForTests) -> None:
        sandbox.pay(start(asked(three)).session_id or "")
        deliver(sandbox)
        sandbox.dashboard_refund(Payment.objects.get().payment_id or "", 40000)
        deliver(sandbox)
        assert dues(three) == [0, 4000, 36000]
        told = Alert.objects.get(kind="reversal").text
        assert [one.number in told for one in three] == [False, True, True]

    def test_a_returned_debit_re_opens_all_and_one_letter_tells(
        self, three: list[Invoice], sandbox: SandboxForTests, clock: TestClock
    ) -> None:
        sandbox.pay_by_sepa(start(asked(three)).session_id or "")
        clock.advance(days=5)
        sandbox.settle_due()
        deliver(sandbox)
        assert dues(three) == [0, 0, 0]
        sandbox.return_debit(Payment.objects.get().payment_id or "")
        deliver(sandbox)
        assert dues(three) == [12000, 24000, 36000]
        letter = Letter.objects.get(kind="payment_returned")
        assert all(one.number in letter.text for one in three)
