"""An issued invoice put right: credited and issued anew, or replaced by a corrective one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import factories
from tests.records import rows
from wagtail_payments import ports
from wagtail_payments.actions import corrections, credits, deposits, invoices, wiping
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.core.snapshot import TYPE_CODES
from wagtail_payments.models import CreditNote, Entry, Invoice, Letter, Payment
from wagtail_payments.records.payments import available_credit
from wagtail_payments.reports import customer_balances, verification

pytestmark = pytest.mark.django_db
Issued = Callable[..., Invoice]
Pay = Callable[..., Payment]
TWO = [("Training", "2", "100.00", "20"), ("Book", "3", "10.00", "5.5")]


def reissued(invoice: Invoice, now: datetime, **fields: Any) -> Invoice:
    values: dict[str, Any] = {"reason": "Wrong address", "by": None, "form_key": ports.new_id()}
    return corrections.reissue(invoice_id=invoice.pk, now=now, **values | fields)


def corrective(invoice: Invoice, now: datetime) -> Invoice:
    return corrections.draft_corrective(invoice_id=invoice.pk, reason="One day too many", by=None, now=now)


def issue(draft: Invoice, now: datetime) -> Invoice:
    return invoices.issue(invoice_id=draft.pk, by=None, now=now)


def assert_whole(invoice: Invoice) -> None:
    """The books hold, and what a customer owes is what the documents say (I7)."""
    assert list(verification.verify(seller=invoice.seller, mode="test")) == []


class TestCreditedAndIssuedAnew:
    def test_all_that_is_left_is_credited_and_a_draft_like_it_waits(self, issued: Issued, now: datetime) -> None:
        invoice = issued(lines=TWO, order_reference="PO 1", memo="Thanks", online_payment=False)
        draft = reissued(invoice, now)
        assert draft.is_draft
        assert (draft.gross, draft.customer, draft.order_reference) == (invoice.gross, invoice.customer, "PO 1")
        assert [line.description for line in draft.lines.all()] == ["Training", "Book"]
        assert (draft.memo, draft.online_payment, draft.corrects) == ("Thanks", False, invoice)
        note = CreditNote.objects.get()
        assert (note.gross, note.reason) == (invoice.gross, "Wrong address")
        assert [line.of_line for line in note.document.frozen.lines] == [1, 2]
        assert invoice.status_on(now.date()) is Status.CREDITED
        assert_whole(invoice)

    def test_what_was_paid_pays_the_new_one_when_it_is_issued(
        self, issued: Issued, paid_by_transfer: Pay, now: datetime
    ) -> None:
        invoice = issued(lines=TWO)
        paid_by_transfer(invoice)
        draft = reissued(invoice, now)
        assert available_credit(CreditNote.objects.get()) == invoice.gross
        new = issue(draft, now)
        printed = new.document.frozen
        assert (printed.prepaid, printed.due, printed.variant) == (invoice.gross, 0, "")
        assert printed.preceding[0].number == invoice.number
        assert new.status_on(now.date()) is Status.PAID
        assert invoice.status_on(now.date()) is Status.CREDITED, "replaced, not paid"
        assert available_credit(CreditNote.objects.get()) == 0
        assert customer_balances.of_customer(customer=invoice.customer, mode="test") == []
        assert_whole(invoice)

    def test_it_pays_no_more_than_deposits_leave_of_the_new_one(
        self, issued: Issued, paid_by_transfer: Pay, now: datetime
    ) -> None:
        first = issued()
        paid_by_transfer(first)
        draft = reissued(first, now)
        deposit = deposits.ask(contract_id=draft.pk, wish=deposits.Wish(amount=100000), by=None, now=now)
        paid_by_transfer(issue(deposit, now))
        final = issue(draft, now)
        assert (final.gross, final.balance().due) == (44000, 0)
        assert (final.document.frozen.prepaid, final.document.frozen.due) == (44000, 0)
        assert_whole(final)

    def test_partly_paid_and_partly_credited_before(self, issued: Issued, paid_by_transfer: Pay, now: datetime) -> None:
        invoice = issued()
        paid_by_transfer(invoice, 40000)
        (group,) = credits.creditable(invoice)
        credits.credit(
            invoice_id=invoice.pk, amounts={group.key: 4000}, reason="Less", by=None, now=now, form_key="first"
        )
        new = issue(reissued(invoice, now), now)
        assert sum(note.gross for note in CreditNote.objects.all()) == invoice.gross
        assert sum(note.tax for note in CreditNote.objects.all()) == invoice.tax
        assert new.balance().due == new.gross - 40000
        assert new.document.frozen.due == new.gross - 40000
        assert_whole(invoice)

    def test_the_same_again_is_the_same_draft(self, issued: Issued, now: datetime) -> None:
        invoice = issued()
        assert reissued(invoice, now) == reissued(invoice, now)
        assert CreditNote.objects.count() == Entry.objects.filter(kind="credit").count() == 1

    def test_for_another_customer_the_credit_stays_where_it_was(
        self, issued: Issued, paid_by_transfer: Pay, now: datetime
    ) -> None:
        invoice = issued()
        paid_by_transfer(invoice)
        draft = reissued(invoice, now)
        draft.customer = factories.make_customer(name="The right one")
        draft.save()
        assert any(finding.code == "corrects_customer" for finding in invoices.review(invoice=draft, now=now))
        new = issue(draft, now)
        assert new.balance().due == new.gross
        assert available_credit(CreditNote.objects.get()) == invoice.gross
        assert_whole(invoice)


class TestCorrectiveInvoice:
    def test_nothing_changes_until_it_is_issued(self, issued: Issued, now: datetime) -> None:
        invoice = issued()
        draft = corrective(invoice, now)
        assert corrective(invoice, now) == draft
        assert (draft.kind, draft.mode) == ("corrective", invoice.mode)
        assert invoice.balance().due == invoice.gross
        assert not CreditNote.objects.exists()
        draft.delete()
        assert corrective(invoice, now).pk != draft.pk

    def test_it_cites_the_first_once_and_takes_its_place(
        self, issued: Issued, paid_by_transfer: Pay, now: datetime
    ) -> None:
        invoice = issued(lines=[("Training", "2", "600.00", "20")])
        paid_by_transfer(invoice, 90000)
        draft = corrective(invoice, now)
        line = draft.lines.get()
        line.quantity = 1
        line.save()
        new = issue(Invoice.objects.get(pk=draft.pk), now)
        printed = new.document.frozen
        assert TYPE_CODES[(printed.kind, printed.variant)] == "384"  # type: ignore[index]
        (preceding,) = printed.preceding
        assert (preceding.number, preceding.issued_on) == (invoice.number, now.date().isoformat())
        assert (printed.gross, printed.prepaid, printed.due) == (72000, 72000, 0)
        note = CreditNote.objects.get()
        assert (note.invoice, note.gross, note.reason) == (invoice, invoice.gross, "One day too many")
        assert available_credit(note) == 18000, "what was paid beyond it waits for the editor"
        assert new.status_on(now.date()) is Status.PAID
        assert invoice.status_on(now.date()) is Status.CREDITED
        assert Letter.objects.filter(kind="credit_note").count() == 1
        assert_whole(invoice)

    def test_two_corrections_on_end(self, issued: Issued, paid_by_transfer: Pay, now: datetime) -> None:
        invoice = issued()
        paid_by_transfer(invoice)
        second = issue(corrective(invoice, now), now)
        third = issue(corrective(second, now), now)
        assert third.status_on(now.date()) is Status.PAID
        assert second.status_on(now.date()) is Status.CREDITED
        with pytest.raises(corrections.CorrectionRefused, match="replaced already"):
            corrective(invoice, now)
        assert_whole(invoice)

    def test_it_goes_to_whom_the_first_one_went(self, issued: Issued, now: datetime) -> None:
        draft = corrective(issued(), now)
        draft.customer = factories.make_customer(name="Somebody else")
        draft.save()
        with pytest.raises(invoices.InvoiceNotReady, match="goes to the customer"):
            issue(draft, now)

    def test_it_is_issued_by_the_seller_of_the_first_one(self, issued: Issued, now: datetime) -> None:
        draft = corrective(issued(), now)
        draft.seller = factories.make_seller(name="Another")
        draft.save()
        with pytest.raises(invoices.InvoiceNotReady, match="issued by the seller"):
            issue(draft, now)

    def test_what_came_between_is_seen_when_it_is_issued(self, issued: Issued, now: datetime) -> None:
        invoice = issued()
        draft = corrective(invoice, now)
        rows.make_attempt(invoice, invoice.gross, state="processing")
        with pytest.raises(invoices.InvoiceNotReady, match="under way"):
            issue(draft, now)
        assert not CreditNote.objects.exists()


class TestRefused:
    def test_a_draft_a_credited_one_and_deposits(self, issued: Issued, now: datetime) -> None:
        credited = issued()
        credits.credit(invoice_id=credited.pk, amounts=None, reason="All", by=None, now=now, form_key="all")
        seller, customer = credited.seller, credited.customer
        deposit = rows.make_issued(seller=seller, customer=customer, kind="deposit", mode="test")
        for invoice, words in (
            (factories.make_invoice(), "still a draft"),
            (credited, "credited already"),
            (deposit, "Deposits"),
        ):
            with pytest.raises(corrections.CorrectionRefused, match=words):
                reissued(invoice, now)
            with pytest.raises(corrections.CorrectionRefused, match=words):
                corrective(invoice, now)

    def test_a_payment_under_way(self, issued: Issued, now: datetime) -> None:
        invoice = issued()
        rows.make_attempt(invoice, invoice.gross, state="processing")
        with pytest.raises(corrections.CorrectionRefused, match="under way"):
            reissued(invoice, now)

    def test_a_draft_of_the_other_kind_waits_already(self, issued: Issued, now: datetime) -> None:
        invoice = issued()
        corrective(invoice, now)
        with pytest.raises(corrections.CorrectionRefused, match="draft"):
            reissued(invoice, now)


def test_test_money_with_corrections_is_wiped(
    issued: Issued, paid_by_transfer: Pay, now: datetime, committing: Any
) -> None:
    invoice = issued()
    paid_by_transfer(invoice)
    corrective(issue(corrective(invoice, now), now), now)
    with committing():
        wiping.wipe_test_money(now=now)
    assert not Invoice.objects.filter(mode="test").exists()
