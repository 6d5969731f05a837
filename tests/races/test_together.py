"""Several invoices in one payment, while others pay, record and ask for the same ones at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import factories
from tests.races.crowd import Outcome, Window, all_at_once
from tests.races.test_numbers import slow_read
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.test_money_by_hand import transfer
from wagtail_payments import ports
from wagtail_payments.actions import checkout, claims, payment_requests, payments, settling
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.models import Allocation, AttemptShare, Invoice, Link, Payment, PaymentAttempt, PaymentRequest

pytestmark = [pytest.mark.server]

ANYWHERE = "https://atelier.example/"
TABS = 6


@pytest.fixture
def three(business: Business) -> list[Invoice]:
    customer = factories.make_customer()
    return [business.send_invoice(customer=customer) for _ in range(3)]


def asked(*invoices: Invoice) -> PaymentRequest:
    link = payment_requests.make(invoice_ids=[one.pk for one in invoices], by=None, now=ports.now())
    assert link.payment_request is not None
    return link.payment_request


def together(request: PaymentRequest) -> Callable[[], Any]:
    return lambda: checkout.start_together(
        request=request, now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE
    )


def alone(invoice: Invoice) -> Callable[[], Any]:
    return lambda: checkout.start(invoice=invoice, now=ports.now(), return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE)


def one_live_try_each(business: Business) -> None:
    """What is open at the provider is what bars others here, and no invoice is in two of them."""
    open_there = {row["id"] for row in business.sandbox.objects("checkout.session") if row["status"] == "open"}
    live = AttemptShare.objects.filter(live_for__isnull=False)
    assert {share.attempt.session_id for share in live.select_related("attempt")} == open_there
    opened = AttemptShare.objects.filter(attempt__session_id__in=open_there).values_list("invoice_id", flat=True)
    assert len(opened) == len(set(opened))


def only_changing_minds(outcome: Outcome) -> bool:
    """Whoever keeps ending the other's session gives up in the end; nothing else may go wrong."""
    return all(isinstance(error, GatewayUnavailable | checkout.TooManyTries) for error in outcome.errors)


def test_many_tabs_of_one_request_are_one_session(business: Business, three: list[Invoice]) -> None:
    outcome = all_at_once([together(asked(*three))] * TABS)
    assert outcome.errors == []
    assert len({attempt.url for attempt in outcome.results}) == 1
    assert len(business.sandbox.objects("checkout.session")) == PaymentAttempt.objects.count() == 1


def test_without_the_lock_tabs_collide(
    business: Business, three: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = asked(*three)
    monkeypatch.setattr(claims, "hold", slow_read)
    outcome = all_at_once([together(request)] * TABS)
    assert outcome.errors, "without the lock they must collide, or the test above proves nothing"
    assert not only_changing_minds(outcome)


def test_alone_and_together_at_once_one_of_them_stands(business: Business, three: list[Invoice]) -> None:
    request = asked(*three)
    outcome = all_at_once([together(request), alone(three[1]), together(request), alone(three[2])])
    assert only_changing_minds(outcome), outcome.errors
    assert outcome.results
    one_live_try_each(business)


def test_overlapping_requests_in_another_order_do_not_wait_for_each_other(
    business: Business, three: list[Invoice]
) -> None:
    one, two = asked(three[0], three[1]), asked(three[2], three[1])
    outcome = all_at_once([together(one), together(two)] * 3)
    assert only_changing_minds(outcome), outcome.errors
    one_live_try_each(business)


def test_locked_in_the_order_of_asking_they_wait_for_each_other(
    business: Business, three: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: each locks first what the other locks last."""
    both = {one.pk for one in three[:2]}
    orders = iter([sorted(both), sorted(both, reverse=True)])
    window = Window(frozenset({"between"}), patience=2)

    def held_as_asked(model: type[Any], *keys: int) -> None:
        first, second = next(orders)
        rows = model._base_manager.all()
        for key in (first, second):
            assert rows.filter(pk=key).update(lock_count=1)
            window("between")

    request = asked(*three[:2])
    monkeypatch.setattr(claims, "hold", held_as_asked)
    outcome = all_at_once([together(request)] * 2)
    assert any("deadlock" in str(error).lower() for error in outcome.errors), outcome.errors


def test_the_payment_of_all_and_a_transfer_for_one_at_once(business: Business, three: list[Invoice]) -> None:
    attempt = together(asked(*three))()
    business.sandbox.pay(attempt.session_id)
    state = registry.get(attempt.gateway, attempt.site).read(attempt.session_id)
    outcome = all_at_once(
        [
            lambda: payments.settle(attempt=attempt, state=state, now=ports.now()),
            lambda: transfer(three[1], three[1].gross),
        ]
        * 2
    )
    assert outcome.errors == []
    for invoice in three:
        assert Invoice.objects.get(pk=invoice.pk).balance().due == 0
    left = sum(payment.unallocated() for payment in Payment.objects.all())
    assert left == sum(Payment.objects.values_list("amount", flat=True)) - sum(one.gross for one in three)
    assert Payment.objects.filter(gateway="stripe").count() == 1
    business.check_books()


def test_without_the_lock_an_invoice_is_paid_twice(
    business: Business, three: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the payment of all looks what is due while the transfer for one has not been committed."""
    attempt = together(asked(*three))()
    business.sandbox.pay(attempt.session_id)
    state = registry.get(attempt.gateway, attempt.site).read(attempt.session_id)
    window = Window(frozenset({"receive.allocated"}), patience=2)
    monkeypatch.setattr(payments, "hold", slow_read)
    monkeypatch.setattr(payments, "lock", slow_read)
    monkeypatch.setattr(payments.ledger, "book_payment", lambda **_facts: None)  # its chain is a lock of its own
    with ports.use(everywhere=True, failpoint=window):
        all_at_once(
            [
                lambda: payments.settle(attempt=attempt, state=state, now=ports.now()),
                lambda: transfer(three[1], three[1].gross),
            ]
        )
    assert Invoice.objects.get(pk=three[1].pk).balance().due < 0


def test_told_many_times_at_once_each_invoice_is_paid_once(business: Business, three: list[Invoice]) -> None:
    attempt = together(asked(*three))()
    business.sandbox.pay(attempt.session_id)
    state = registry.get(attempt.gateway, attempt.site).read(attempt.session_id)
    outcome = all_at_once([lambda: payments.settle(attempt=attempt, state=state, now=ports.now())] * 8)
    assert outcome.errors == []
    assert Payment.objects.count() == 1
    assert sorted(Allocation.objects.values_list("invoice_id", "amount")) == [(one.pk, one.gross) for one in three]
    business.check_books()


def test_without_the_lock_telling_it_at_once_fails(
    business: Business, three: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = together(asked(*three))()
    business.sandbox.pay(attempt.session_id)
    state = registry.get(attempt.gateway, attempt.site).read(attempt.session_id)
    monkeypatch.setattr(payments, "hold", slow_read)
    monkeypatch.setattr(settling, "move", lambda *_: True)
    outcome = all_at_once([lambda: payments.settle(attempt=attempt, state=state, now=ports.now())] * 8)
    assert outcome.errors, "without the lock they must collide, or the test above proves nothing"


def test_asked_for_by_many_at_once_it_is_one_request(business: Business, three: list[Invoice]) -> None:
    keys = [one.pk for one in three]
    outcome = all_at_once(
        [lambda: payment_requests.ask(invoice_ids=keys, by=None, now=ports.now(), form_key="form")] * TABS
    )
    assert outcome.errors == []
    assert len({letter.pk for letter in outcome.results}) == 1
    assert PaymentRequest.objects.count() == Link.objects.filter(payment_request__isnull=False).count() == 1


def test_without_the_lock_asking_at_once_collides(
    business: Business, three: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unique columns keep it at one letter; whoever comes second runs into them."""
    keys = [one.pk for one in three]
    monkeypatch.setattr(payment_requests, "hold", slow_read)
    outcome = all_at_once(
        [lambda: payment_requests.ask(invoice_ids=keys, by=None, now=ports.now(), form_key="form")] * TABS
    )
    assert outcome.errors, "without the lock they must collide, or the test above proves nothing"
