"""Paying in parts: fixed at issue, chosen by the customer, never more than is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from wagtail_payments import ports
from wagtail_payments.actions import attempts, checkout, deposits, instalments, invoices, reconcile
from wagtail_payments.core.lifecycle import AttemptState, Status
from wagtail_payments.core.schedule import PartState
from wagtail_payments.models import Instalment, Invoice, Payment, PaymentAttempt
from wagtail_payments.records.guards import IssuedIsFrozen
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
PaidByTransfer = Callable[..., Payment]
TOTAL = 144000


def today() -> date:
    return factories.seller_of_default_site().today(ports.now())


def drafted(*agreed: dict[str, Any], **fields: Any) -> Invoice:
    """A draft of 1 440,00 €, each instalment a month after the other unless it says otherwise."""
    draft = factories.make_invoice(**fields)
    for place, row in enumerate(agreed):
        values = {"due_on": today() + timedelta(days=30 * place), "sort_order": place, **row}
        Instalment.objects.create(invoice=draft, **values)
    return Invoice.objects.get(pk=draft.pk)


def in_three(**fields: Any) -> Invoice:
    draft = drafted({}, {}, {}, **fields)
    return invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())


def choose(invoice: Invoice, amount: int, covered: int = 0) -> PaymentAttempt:
    return checkout.start(
        invoice=invoice,
        now=ports.now(),
        return_url=lambda attempt: f"https://atelier.example/r/{attempt.pk}/",
        cancel_url="https://atelier.example/d/1/",
        choice=checkout.Choice(amount, covered),
    )


def pay(sandbox: SandboxForTests, attempt: PaymentAttempt) -> None:
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())


class TestIssuing:
    def test_instalments_are_fixed_to_the_cent_and_printed(self) -> None:
        draft = drafted({"percent": Decimal(30)}, {"amount": Decimal("100.01")}, {}, {})
        invoice = invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())
        rows = list(invoice.instalments.order_by("due_on").values_list("part", "until"))
        assert rows == [(43200, 43200), (10001, 53201), (45400, 98601), (45399, TOTAL)]
        assert invoice.document is not None
        printed = [(row.due_on, row.amount) for row in invoice.document.frozen.instalments]
        assert printed == [((today() + timedelta(30 * n)).isoformat(), rows[n][0]) for n in range(4)]
        assert invoice.due_on == today() + timedelta(90)
        assert invoice.document.frozen.due_on == invoice.due_on.isoformat()

    @pytest.mark.parametrize(
        ("rows", "code"),
        [
            ([{"percent": Decimal(30)}, {"percent": Decimal(60)}], "instalments"),
            ([{"amount": Decimal(2000)}], "instalments"),
            ([{"amount": Decimal(1440)}, {}], "instalments"),
            ([{}, {"due_on": date(2020, 1, 1)}], "instalment_past"),
            ([{"due_on": date(2099, 1, 1)}, {"due_on": date(2099, 1, 1)}], "instalment_twice"),
        ],
    )
    def test_what_does_not_add_up_is_told_and_not_issued(self, rows: list[dict[str, Any]], code: str) -> None:
        draft = drafted(*rows)
        with pytest.raises(invoices.InvoiceNotReady) as told:
            invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())
        assert [finding.code for finding in told.value.findings] == [code]
        assert Invoice.objects.get(pk=draft.pk).is_draft

    @pytest.mark.parametrize(("each", "code"), [("570", ""), ("720", "instalments")])
    def test_those_of_a_final_invoice_divide_what_its_deposits_leave(
        self, each: str, code: str, paid_by_transfer: PaidByTransfer
    ) -> None:
        contract = drafted(*[{"amount": Decimal(each), "due_on": today() + timedelta(days)} for days in (30, 60)])
        wish = deposits.Wish(amount=30000)
        deposit = deposits.ask(contract_id=contract.pk, wish=wish, by=None, now=ports.now())
        paid_by_transfer(invoices.issue(invoice_id=deposit.pk, by=None, now=ports.now()))
        found = invoices.review(invoice=Invoice.objects.get(pk=contract.pk), now=ports.now())
        assert [finding.code for finding in found if finding.level == "error"] == ([code] if code else [])
        if not code:
            final = invoices.issue(invoice_id=contract.pk, by=None, now=ports.now())
            assert [row.part for row in final.instalments.all()] == [57000, 57000]

    def test_an_issued_schedule_never_changes(self) -> None:
        invoice = in_three()
        with pytest.raises(IssuedIsFrozen):
            invoice.instalments.first().delete()
        with pytest.raises(IssuedIsFrozen):
            Instalment.objects.create(invoice=invoice, due_on=today())

    def test_an_invoice_without_instalments_is_not_asked_for_them(self, django_assert_num_queries: Any) -> None:
        draft = Invoice.objects.get(pk=factories.make_invoice().pk)
        with django_assert_num_queries(0):
            assert draft.agreed_rows() == []


class TestStanding:
    def test_each_is_filled_in_its_turn_by_money_and_credit(self, paid_by_transfer: PaidByTransfer) -> None:
        invoice = in_three()
        paid_by_transfer(invoice, 60000)
        rows = instalments.standings(invoice, today())
        assert [(row.covered, row.state) for row in rows] == [
            (48000, PartState.PAID),
            (12000, PartState.PARTLY_PAID),
            (0, PartState.COMING),
        ]
        offers = instalments.offers(invoice, today() + timedelta(days=31))
        assert (offers.next, offers.now, offers.everything) == (36000, 36000, 84000)

    def test_one_late_instalment_makes_the_invoice_overdue(self, paid_by_transfer: PaidByTransfer) -> None:
        invoice = in_three()
        assert invoice.status_on(today()) is Status.OPEN
        assert invoice.status_on(today() + timedelta(1)) is Status.OVERDUE
        paid_by_transfer(invoice, 48000)
        assert invoice.status_on(today() + timedelta(1)) is Status.PARTLY_PAID
        assert invoice.status_on(today() + timedelta(31)) is Status.OVERDUE


class TestChoosing:
    def test_the_next_instalment_is_asked_for_and_no_more(self, sandbox: SandboxForTests) -> None:
        invoice = in_three()
        attempt = choose(invoice, 48000)
        assert sandbox.object("checkout.session", attempt.session_id or "")["amount_total"] == 48000
        pay(sandbox, attempt)
        assert invoice.balance().due == TOTAL - 48000

    def test_everything_may_be_paid_at_once(self, sandbox: SandboxForTests) -> None:
        invoice = in_three()
        pay(sandbox, choose(invoice, TOTAL))
        assert invoice.status_on(today()) is Status.PAID

    @pytest.mark.parametrize("amount", [0, -1, 1, 47999, 48001, TOTAL + 1])
    def test_no_other_amount_unless_that_was_agreed(self, amount: int) -> None:
        invoice = in_three()
        with pytest.raises(checkout.AmountRefused):
            choose(invoice, amount)
        assert not PaymentAttempt.objects.exists()

    @pytest.mark.parametrize(("amount", "allowed"), [(4999, False), (5000, True), (TOTAL, True), (TOTAL + 1, False)])
    def test_another_amount_within_its_bounds(self, amount: int, allowed: bool, issued: Callable[..., Invoice]) -> None:
        invoice = issued(other_amount=True, least_amount=Decimal(50))
        if allowed:
            assert choose(invoice, amount).amount == amount
        else:
            with pytest.raises(checkout.AmountRefused, match="50,00"):
                choose(invoice, amount)

    def test_the_last_rest_may_be_less_than_the_least(
        self, issued: Callable[..., Invoice], paid_by_transfer: PaidByTransfer
    ) -> None:
        invoice = issued(other_amount=True, least_amount=Decimal(50))
        paid_by_transfer(invoice, TOTAL - 1000)
        assert choose(invoice, 1000, covered=TOTAL - 1000).amount == 1000


class TestStalePages:
    def test_two_tabs_pay_the_same_instalment_once(self, sandbox: SandboxForTests) -> None:
        invoice = in_three()
        assert choose(invoice, 48000).pk == choose(invoice, 48000).pk
        assert len(sandbox.objects("checkout.session")) == 1

    def test_a_tab_from_before_the_payment_does_not_pay_the_next_one(self, sandbox: SandboxForTests) -> None:
        invoice = in_three()
        pay(sandbox, choose(invoice, 48000))
        with pytest.raises(checkout.AmountChanged):
            choose(invoice, 48000, covered=0)
        assert PaymentAttempt.objects.count() == 1
        assert choose(invoice, 48000, covered=48000).amount == 48000

    def test_choosing_anew_ends_the_session_that_stood(self, sandbox: SandboxForTests) -> None:
        invoice = in_three()
        old = choose(invoice, 48000)
        new = choose(invoice, TOTAL)
        assert new.amount == TOTAL
        assert attempts.fresh(old.pk).state == AttemptState.EXPIRED

    def test_what_was_paid_while_choosing_anew_is_seen(self, sandbox: SandboxForTests) -> None:
        """The old session is paid between our look and our wish to end it: no second one is opened on the old page."""
        invoice = in_three()
        old = choose(invoice, 48000)

        def pay_meanwhile(name: str) -> None:
            if name == "checkout.before_expiring":
                sandbox.pay(old.session_id or "")

        with ports.use(everywhere=True, failpoint=pay_meanwhile), pytest.raises(checkout.AmountChanged):
            choose(invoice, TOTAL)
        assert invoice.balance().paid == 48000

    def test_a_session_from_before_a_transfer_never_pays_more_than_is_due(
        self, sandbox: SandboxForTests, paid_by_transfer: PaidByTransfer
    ) -> None:
        invoice = in_three()
        attempt = choose(invoice, 48000)
        paid_by_transfer(invoice, TOTAL - 10000)
        pay(sandbox, attempt)
        assert invoice.balance().due == 0
        assert Payment.objects.get(gateway="stripe").unallocated() == 38000

    @pytest.mark.parametrize(("moved", "state"), [(False, AttemptState.OPEN), (True, AttemptState.EXPIRED)])
    def test_the_clockwork_ends_the_session_of_a_part_only_once_something_moved(
        self, moved: bool, state: AttemptState, clock: TestClock, paid_by_transfer: PaidByTransfer
    ) -> None:
        """A part is less than all that is due: that alone is no reason to end it under the customer's hands."""
        invoice = in_three()
        attempt = choose(invoice, 48000)
        clock.advance(minutes=1)
        if moved:
            paid_by_transfer(invoice, 48000, now=ports.now())
        clock.advance(minutes=2)
        reconcile.run(now=ports.now())
        assert attempts.fresh(attempt.pk).state == state


def test_a_copy_takes_the_options_and_no_days(clock: TestClock) -> None:
    invoice = in_three(other_amount=True, least_amount=Decimal(20))
    copy = invoices.duplicate(invoice=invoice, by=None, now=ports.now())
    assert (copy.other_amount, copy.least_amount) == (True, Decimal(20))
    assert not Invoice.objects.get(pk=copy.pk).agreed_rows()
