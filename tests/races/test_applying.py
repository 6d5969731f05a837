"""Credit and money that many want to use at the same moment: used once, and never more than there is."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.races.crowd import all_at_once
from tests.races.test_numbers import slow_read
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from tests.stories.test_money_by_hand import transfer
from wagtail_payments import ports
from wagtail_payments.actions import applying, corrections, credits, invoices, refunds, revisions
from wagtail_payments.models import Allocation, CreditApplication, CreditNote, DocumentRevision, Invoice, Payment
from wagtail_payments.records.payments import available_credit

pytestmark = [pytest.mark.server]
TIMES = 8


def three_invoices(business: Business) -> tuple[CreditNote, Payment, list[Invoice]]:
    """A credit note with 100.00 left and a payment with 50.00 left over, and two open invoices."""
    customer = factories.make_customer()
    first, *others = [business.send_invoice(customer=customer) for _ in range(3)]
    payment = transfer(first, first.gross + 5000)
    (group,) = credits.creditable(first)
    note = credits.credit(
        invoice_id=first.pk, amounts={group.key: 10000}, reason="Less", by=None, now=ports.now(), form_key="less"
    )
    return note, payment, others


def use_note(note: CreditNote, invoice: Invoice) -> Any:
    return lambda: applying.use_credit_note(credit_note=note, invoice_id=invoice.pk, by=None, now=ports.now())


def use_money(payment: Payment, invoice: Invoice) -> Any:
    return lambda: applying.use_payment(payment=payment, invoice_id=invoice.pk, by=None, now=ports.now())


def refused(errors: list[BaseException]) -> bool:
    return all(isinstance(error, applying.ApplyRefused | refunds.RefundRefused) for error in errors)


def test_eight_clicks_for_each_of_two_invoices_use_it_once(business: Business) -> None:
    note, payment, others = three_invoices(business)
    jobs = [job for invoice in others for job in (use_note(note, invoice), use_money(payment, invoice))]
    outcome = all_at_once(jobs * TIMES)
    assert refused(outcome.errors), outcome.errors
    assert sum(row.amount for row in CreditApplication.objects.all()) == 10000
    assert available_credit(note) == payment.unallocated() == 0
    assert sum(row.amount for row in Allocation.objects.filter(invoice__in=others)) == 5000
    assert CreditApplication.objects.count() == 1
    business.check_books()


def test_used_and_refunded_at_once_it_is_spent_once(business: Business) -> None:
    note, payment, others = three_invoices(business)

    def send_back() -> Any:
        wish = refunds.Wish(10000, by_hand=True, reason="Back", by=None, form_key=ports.new_id())
        return refunds.refund_credit_note(credit_note=note, payment=payment, wish=wish, now=ports.now())

    outcome = all_at_once([send_back, use_note(note, others[0])] * TIMES)
    assert refused(outcome.errors), outcome.errors
    assert available_credit(note) == 0
    business.check_books()


def test_without_the_lock_it_is_spent_more_than_once(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    note, _payment, others = three_invoices(business)

    monkeypatch.setattr(applying, "lock", slow_read)
    all_at_once([use_note(note, others[0]), use_note(note, others[1])] * TIMES)
    assert available_credit(note) < 0, "they must overtake each other, or the tests above prove nothing"


def test_corrected_eight_times_at_once_there_is_one_draft_and_one_credit_note(business: Business) -> None:
    invoice = business.send_invoice()
    transfer(invoice, invoice.gross)
    outcome = all_at_once(
        [
            lambda: corrections.reissue(
                invoice_id=invoice.pk, reason="Again", by=None, now=ports.now(), form_key=ports.new_id()
            )
        ]
        * TIMES
    )
    assert outcome.errors == []
    assert len({draft.pk for draft in outcome.results}) == CreditNote.objects.count() == 1
    (draft,) = {draft.pk for draft in outcome.results}
    again = all_at_once([lambda: invoices.issue(invoice_id=draft, by=None, now=ports.now())] * TIMES)
    assert len(again.results) == 1
    assert all(isinstance(error, invoices.InvoiceAlreadyIssued) for error in again.errors), again.errors
    business.check_books()


def test_revised_eight_times_at_once_each_revision_has_its_number(business: Business) -> None:
    invoice = business.send_invoice()

    def revise(number: int) -> Any:
        words = revisions.Changes(f"PO-{number}", "", ())
        return lambda: revisions.revise(
            invoice_id=invoice.pk, changes=words, by=None, now=ports.now(), form_key=f"form {number}"
        )

    outcome = all_at_once([revise(number) for number in range(TIMES)] * 2)
    assert outcome.errors == []
    numbers = DocumentRevision.objects.order_by("revision").values_list("revision", flat=True)
    assert list(numbers) == list(range(2, TIMES + 2))
    business.check_books()
