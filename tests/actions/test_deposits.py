"""Deposits on a draft and the final invoice that deducts them: what is asked, refused, taken back, and booked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from wagtail_payments import ports
from wagtail_payments.actions import credits, deposits, invoices
from wagtail_payments.actions.deposits import DepositRefused, Wish
from wagtail_payments.core.crediting import LineWish
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.core.snapshot import TYPE_CODES, Kind
from wagtail_payments.models import (
    CreditNote,
    Deduction,
    Deposit,
    EntryLine,
    Invoice,
    Payment,
)
from wagtail_payments.records.guards import AppendOnly
from wagtail_payments.reports import verification

pytestmark = pytest.mark.django_db
TWO_RATES = [("Training", "1", "1000.00", "20"), ("Book", "3", "10.99", "5.5")]

Pay = Callable[..., Payment]


@pytest.fixture
def draft() -> Invoice:
    return factories.make_invoice(lines=[("Training", "1", "1000.00", "20")])


def asked(contract: Invoice, now: datetime, **wish: Any) -> Invoice:
    """Ask for a deposit and issue it."""
    if not wish:
        wish = {"percent": Decimal(30)}
    deposit = deposits.ask(contract_id=contract.pk, wish=Wish(**wish), by=None, now=now)
    return invoices.issue(invoice_id=deposit.pk, by=None, now=now)


def final_of(contract: Invoice, now: datetime) -> Invoice:
    return invoices.issue(invoice_id=contract.pk, by=None, now=now)


def balance_of(account: str) -> int:
    lines = EntryLine.objects.filter(account=account)
    return sum(line.debit - line.credit for line in lines)


def check(invoice: Invoice) -> None:
    """The books are whole, and the sale is what the order came to."""
    assert list(verification.verify(seller=invoice.seller, mode=invoice.mode)) == []


def code_of(document: Any) -> str:
    return TYPE_CODES[(Kind(document.frozen.kind), document.frozen.variant)]


def test_a_deposit_is_a_draft_of_its_own(draft: Invoice, now: datetime) -> None:
    deposit = deposits.ask(contract_id=draft.pk, wish=Wish(percent=Decimal(30)), by=None, now=now)
    assert deposit.is_draft
    assert (deposit.kind, deposit.gross, deposit.customer) == ("deposit", 360_00, draft.customer)
    assert [line.description for line in deposit.lines.all()] == ["Acompte de 30\u00a0%\nTraining"]
    assert Invoice.objects.get(pk=draft.pk).kind == "final"


def test_the_same_form_twice_asks_once(draft: Invoice, now: datetime) -> None:
    wish = Wish(amount=100_00)
    first = deposits.ask(contract_id=draft.pk, wish=wish, by=None, now=now, form_key="one")
    assert deposits.ask(contract_id=draft.pk, wish=wish, by=None, now=now, form_key="one") == first
    assert Deposit.objects.count() == 1


def test_a_deposit_has_a_type_of_its_own_and_waits_on_an_account_of_its_own(draft: Invoice, now: datetime) -> None:
    deposit = asked(draft, now)
    assert deposit.document is not None
    assert code_of(deposit.document) == "386"
    assert balance_of("419100") == -300_00
    assert balance_of("706000") == 0
    check(deposit)


def test_the_final_deducts_paid_deposits_per_rate(now: datetime, paid_by_transfer: Pay) -> None:
    draft = factories.make_invoice(lines=TWO_RATES)
    deposit = asked(draft, now)
    paid_by_transfer(deposit)
    second = asked(draft, now, amount=100_00)
    paid_by_transfer(second)
    final = final_of(draft, now)
    whole = draft.totals()
    assert final.document is not None
    printed = final.document.frozen
    assert (final.kind, printed.variant, code_of(final.document)) == ("final", "final", "380")
    assert [one.number for one in printed.deducted] == [deposit.number, second.number]
    assert final.gross + deposit.gross + second.gross == whole.gross
    for row, agreed in zip(printed.vat, whole.vat, strict=True):
        before = [part for one in printed.deducted for part in one.vat if part.rate == row.rate]
        assert row.base + sum(part.base for part in before) == agreed.base
        assert row.tax + sum(part.tax for part in before) == agreed.tax
    assert (printed.gross, printed.due, final.balance().due) == (final.gross, final.gross, final.gross)
    assert balance_of("419100") == 0
    assert balance_of("706000") == -whole.net
    assert balance_of("445710") == -whole.tax
    check(final)


def test_several_deposits_of_the_whole_leave_a_final_of_zero(now: datetime, paid_by_transfer: Pay) -> None:
    draft = factories.make_invoice(lines=[("Training", "1", "100.02", "20")])
    for amount in (40_01, 40_01, 40_00):
        paid_by_transfer(asked(draft, now, amount=amount))
    final = final_of(draft, now)
    assert (final.net, final.tax, final.gross) == (0, 0, 0)
    assert final.status_on(final.seller.today(now)) is Status.PAID
    assert not CreditNote.objects.exists(), "not a cent has to be taken back"
    assert balance_of("706000") == -100_02
    check(final)


def test_an_unpaid_deposit_must_be_decided_about(draft: Invoice, now: datetime) -> None:
    deposit = asked(draft, now)
    with pytest.raises(invoices.InvoiceNotReady) as refused:
        final_of(draft, now)
    assert [finding.code for finding in refused.value.findings] == ["deposit_unpaid"]
    assert deposit.number in str(refused.value)


def test_an_unpaid_deposit_may_stay_due(draft: Invoice, now: datetime) -> None:
    deposit = asked(draft, now)
    deposits.decide(deposit_id=deposit.pk, if_unpaid="keep", by=None, now=now)
    final = final_of(draft, now)
    assert (final.gross, deposit.balance().due) == (840_00, 360_00)
    check(final)


def test_an_unpaid_deposit_may_be_cancelled(draft: Invoice, now: datetime) -> None:
    deposit = asked(draft, now)
    deposits.decide(deposit_id=deposit.pk, if_unpaid="cancel", by=None, now=now)
    final = final_of(draft, now)
    note = CreditNote.objects.get()
    assert code_of(note.document) == "503"
    assert (note.gross, deposit.balance().due, final.gross) == (360_00, 0, 1200_00)
    assert (final.kind, final.document.frozen.variant) == ("standard", "")
    assert balance_of("419100") == 0
    check(final)


def test_the_unpaid_part_of_a_deposit_may_be_cancelled(draft: Invoice, now: datetime, paid_by_transfer: Pay) -> None:
    deposit = asked(draft, now)
    paid_by_transfer(deposit, 100_00)
    deposits.decide(deposit_id=deposit.pk, if_unpaid="cancel", by=None, now=now)
    final = final_of(draft, now)
    assert CreditNote.objects.get().gross == 260_00
    assert (deposit.balance().due, final.gross) == (0, 1100_00)
    assert balance_of("419100") == 0
    check(final)


def test_a_deposit_credited_before_is_deducted_as_far_as_it_stands(
    draft: Invoice, now: datetime, paid_by_transfer: Pay
) -> None:
    deposit = asked(draft, now)
    paid_by_transfer(deposit)
    credit(deposit, 120_00, now)
    final = final_of(draft, now)
    assert final.gross == 960_00
    assert Deduction.objects.get().gross == 240_00
    check(final)


def credit(invoice: Invoice, amount: int, now: datetime) -> CreditNote:
    (group, *_others) = credits.creditable(invoice)
    return credits.credit(
        invoice_id=invoice.pk, amounts={group.key: amount}, reason="Less", by=None, now=now, form_key=ports.new_id()
    )


def lower(contract: Invoice, price: str) -> None:
    """The editor lowers the order."""
    line = contract.lines.get()
    line.unit_price = Decimal(price)
    line.save()
    invoices.store_totals(invoice=contract)
    contract.save()


def test_deposits_beyond_the_order_end_in_a_credit_note_on_the_newest(
    draft: Invoice, now: datetime, paid_by_transfer: Pay
) -> None:
    first, second = asked(draft, now, amount=600_00), asked(draft, now, amount=480_00)
    paid_by_transfer(first)
    paid_by_transfer(second)
    draft = Invoice.objects.get(pk=draft.pk)
    lower(draft, "700.00")
    final = final_of(draft, now)
    note = CreditNote.objects.get()
    assert (note.invoice, note.gross, code_of(note.document)) == (second, 240_00, "503")
    assert (final.gross, sum(row.gross for row in final.deductions.all())) == (0, 840_00)
    assert balance_of("419100") == 0
    assert balance_of("706000") == -700_00
    check(final)


def test_what_is_taken_back_at_one_rate_pays_the_final_at_another(now: datetime, paid_by_transfer: Pay) -> None:
    draft = factories.make_invoice(lines=[("Training", "1", "1000.00", "20")])
    paid_by_transfer(asked(draft, now, amount=240_00))
    draft = Invoice.objects.get(pk=draft.pk)
    draft.lines.set([factories.make_line("Book", "1", "1000.00", "5.5")])
    invoices.store_totals(invoice=draft)
    draft.save()
    final = final_of(draft, now)
    assert (final.gross, final.balance().due) == (1055_00, 815_00)
    assert (final.document.frozen.prepaid, final.document.frozen.due) == (240_00, 815_00)
    check(final)


def test_a_deducted_deposit_is_credited_only_beyond_its_final(
    draft: Invoice, now: datetime, paid_by_transfer: Pay
) -> None:
    deposit = asked(draft, now)
    paid_by_transfer(deposit)
    final = final_of(draft, now)
    with pytest.raises(credits.CreditRefused, match=final.number):
        credit(deposit, 10_00, now)
    assert not CreditNote.objects.exists()
    credit(final, final.gross, now)
    note = credit(deposit, 360_00, now)
    assert code_of(note.document) == "503"
    assert balance_of("706000") == 0
    assert balance_of("419100") == 0
    check(final)


@pytest.mark.parametrize("wish", [Wish(amount=1200_01), Wish(percent=Decimal("100.01")), Wish(), Wish(amount=0)])
def test_nonsense_is_refused_in_words(draft: Invoice, now: datetime, wish: Wish) -> None:
    with pytest.raises(DepositRefused, match=r"[A-Z].*\."):
        deposits.ask(contract_id=draft.pk, wish=wish, by=None, now=now)
    assert not Deposit.objects.exists()
    assert Invoice.objects.get().kind == "standard"


def test_no_more_than_the_order_is_asked_for_in_all(draft: Invoice, now: datetime) -> None:
    deposits.ask(contract_id=draft.pk, wish=Wish(amount=1000_00), by=None, now=now)
    with pytest.raises(DepositRefused, match="200"):
        deposits.ask(contract_id=draft.pk, wish=Wish(amount=200_01), by=None, now=now)


def test_a_deposit_is_asked_for_on_drafts_of_orders_only(draft: Invoice, now: datetime) -> None:
    deposit = deposits.ask(contract_id=draft.pk, wish=Wish(amount=100_00), by=None, now=now)
    with pytest.raises(DepositRefused):
        deposits.ask(contract_id=deposit.pk, wish=Wish(amount=1_00), by=None, now=now)
    issued = invoices.issue(invoice_id=factories.make_invoice().pk, by=None, now=now)
    with pytest.raises(DepositRefused):
        deposits.ask(contract_id=issued.pk, wish=Wish(amount=1_00), by=None, now=now)


def test_a_draft_deposit_must_be_issued_or_deleted_first(draft: Invoice, now: datetime) -> None:
    deposit = deposits.ask(contract_id=draft.pk, wish=Wish(amount=100_00), by=None, now=now)
    with pytest.raises(invoices.InvoiceNotReady, match=r"brouillon|draft"):
        final_of(draft, now)
    deposit.delete()
    final = final_of(draft, now)
    assert (final.kind, final.gross) == ("standard", 1200_00)


def test_a_deposit_of_another_customer_is_not_deducted(draft: Invoice, now: datetime, paid_by_transfer: Pay) -> None:
    paid_by_transfer(asked(draft, now))
    draft = Invoice.objects.get(pk=draft.pk)
    draft.customer = factories.make_customer(name="Somebody else")
    draft.save()
    with pytest.raises(invoices.InvoiceNotReady) as refused:
        final_of(draft, now)
    assert [finding.code for finding in refused.value.findings] == ["deposit_other"]


def test_test_money_is_not_deducted_from_real_money(
    draft: Invoice, now: datetime, paid_by_transfer: Pay, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = asked(draft, now)
    paid_by_transfer(deposit)
    other = "live" if deposit.mode == "test" else "test"
    monkeypatch.setattr("wagtail_payments.actions.deposit_findings.mode_of", lambda _site: other)
    with pytest.raises(invoices.InvoiceNotReady) as refused:
        final_of(draft, now)
    assert [finding.code for finding in refused.value.findings] == ["deposit_mode"]


def test_what_was_deducted_stays(draft: Invoice, now: datetime, paid_by_transfer: Pay) -> None:
    paid_by_transfer(asked(draft, now))
    final_of(draft, now)
    with pytest.raises(AppendOnly):
        Deduction.objects.get().delete()
    with pytest.raises(AppendOnly):
        Deduction.objects.update(gross=1)
    with pytest.raises(AppendOnly):
        Deposit.objects.get().delete()


def test_after_the_final_nothing_is_decided_any_more(draft: Invoice, now: datetime) -> None:
    deposit = asked(draft, now)
    deposits.decide(deposit_id=deposit.pk, if_unpaid="keep", by=None, now=now)
    final_of(draft, now)
    with pytest.raises(DepositRefused):
        deposits.decide(deposit_id=deposit.pk, if_unpaid="cancel", by=None, now=now)


def test_a_consumer_is_told_what_the_deposit_is(now: datetime) -> None:
    draft = factories.make_invoice(customer=factories.make_consumer())
    deposit = asked(draft, now, percent=Decimal(30), term="arrhes")
    assert deposit.document is not None
    assert any("arrhes" in sentence for sentence in deposit.document.frozen.mentions)


def test_the_review_warns_before_money_is_taken_of_a_consumer(now: datetime) -> None:
    draft = factories.make_invoice(customer=factories.make_consumer())
    deposit = deposits.ask(contract_id=draft.pk, wish=Wish(percent=Decimal(30)), by=None, now=now)
    codes = {finding.code for finding in invoices.review(invoice=deposit, now=now)}
    assert {"deposit_consumer", "deposit_term"} <= codes


def test_a_franchise_deposit_shows_no_vat(now: datetime, paid_by_transfer: Pay) -> None:
    seller = factories.make_small_seller()
    exempt = {"vat_category": "E", "vat_reason": "VATEX-FR-FRANCHISE"}
    draft = factories.make_invoice(seller=seller, lines=[factories.make_line("Course", "1", "900.00", "0", **exempt)])
    deposit = asked(draft, now)
    assert (deposit.net, deposit.tax) == (270_00, 0)
    paid_by_transfer(deposit)
    assert final_of(draft, now).gross == 630_00


def test_a_line_of_a_final_invoice_is_credited_at_its_price(now: datetime, paid_by_transfer: Pay) -> None:
    """The deposit paid a part of every line; a day that is given up is worth a day, as long as so much is left."""
    draft = factories.make_invoice(lines=[("Training", "10", "100.00", "20"), ("Room", "1", "200.00", "20")])
    paid_by_transfer(asked(draft, now, percent=Decimal(50)))
    final = final_of(draft, now)
    wishes = [LineWish(1, quantity=Decimal(1)), LineWish(2, amount=60_00)]
    note = credits.credit(invoice_id=final.pk, amounts=wishes, reason="x", by=None, now=now, form_key="a")
    printed = [(line.quantity, line.unit_price, line.discount, line.net) for line in note.document.frozen.lines]
    assert printed == [("1", "100", 0, 100_00), ("1", "50", 0, 50_00)]
    with pytest.raises(credits.CreditRefused, match="540,00"):
        credits.credit(
            invoice_id=final.pk, amounts=[LineWish(1, amount=540_01)], reason="x", by=None, now=now, form_key="b"
        )
    rest = credits.credit(invoice_id=final.pk, amounts=None, reason="x", by=None, now=now, form_key="c")
    assert (note.gross, rest.gross, note.tax + rest.tax) == (180_00, 540_00, final.tax)
    check(final)
