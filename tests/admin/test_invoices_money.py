"""Money at the desk: a payment recorded once, what is unusual said first, a refund that says what it will do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from wagtail_payments.actions import invoices, payments
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.payments import Payment, Refund


@pytest.fixture
def invoice(db: None, clock: Any, editor: Any) -> Invoice:
    """1,200.00 at 20 % and 155.00 at 5.5 %: 1,440.00 and 163.53."""
    lines = [("Training day", "1", "1200.00", "20"), ("Handbook", "10", "15.50", "5.5")]
    return invoices.issue(invoice_id=factories.make_invoice(lines=lines).pk, by=editor, now=clock())


def url(name: str, invoice: Invoice, *more: int) -> str:
    return reverse(f"wagtail_payments_invoice:{name}", args=(invoice.pk, *more))


def paid(invoice: Invoice, amount: int, by: Any, now: Any, key: str = "paid") -> Payment:
    facts = {"method": "transfer", "received_on": invoice.seller.today(now), "reference": "", "form_key": key}
    return payments.record(invoice=invoice, amount=amount, by=by, now=now, **facts)


def payment_form(**fields: str) -> dict[str, str]:
    usual = {"amount": "1603,53", "method": "transfer", "received_on": "2026-03-16", "reference": "", "form_key": "one"}
    return usual | fields


def test_the_form_begins_with_what_is_due_today(admin: Client, invoice: Invoice) -> None:
    form = admin.get(url("pay", invoice)).context["form"]
    assert form["amount"].value() == "1603.53"
    assert str(form["received_on"].value()) == "2026-03-16"
    assert len(form["form_key"].value()) == 32


def test_a_payment_is_recorded_once_however_often_the_button_is_pressed(admin: Client, invoice: Invoice) -> None:
    for _click in range(2):
        answer = admin.post(url("pay", invoice), payment_form())
        assert answer.url == url("desk", invoice)
    assert Payment.objects.get().amount == 160353
    assert invoice.balance().due == 0


def test_a_clock_that_went_back_is_told_and_no_credit_note_is_made(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    form = {"reason": "Cancelled", "form_key": "one", "amount_0": "10", "amount_1": "0", "confirmed": "1"}
    assert admin.post(url("credit", invoice), form).url == url("desk", invoice)
    clock.advance(days=-2)
    answer = admin.post(url("credit", invoice), form | {"form_key": "two"}, follow=True)
    assert CreditNote.objects.count() == 1
    assert "clock" in " ".join(str(message) for message in answer.context["messages"])


def test_a_second_click_with_a_broken_key_is_answered(admin: Client, invoice: Invoice) -> None:
    form = {"reason": "Cancelled", "form_key": "one", "amount_0": "1440", "amount_1": "163,53", "confirmed": "1"}
    admin.post(url("credit", invoice), form)
    answer = admin.post(url("credit", invoice), form | {"form_key": "a\x00b"})
    assert answer.url == url("desk", invoice)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", ""),
        ("amount", "0"),
        ("amount", "-5"),
        ("amount", "12,345"),
        ("amount", "a lot"),
        ("received_on", "2026-03-17"),
        ("received_on", "soon"),
        ("method", "card"),
        ("form_key", ""),
    ],
)
def test_what_is_wrong_with_a_payment_is_told_beside_the_field(
    admin: Client, invoice: Invoice, field: str, value: str
) -> None:
    page = admin.post(url("pay", invoice), payment_form(**{field: value, "reference": "" if field == "x" else "VIR 7"}))
    assert field in page.context["form"].errors
    assert page.context["form"]["reference"].value() == "VIR 7"
    assert not Payment.objects.exists()


def test_an_overpayment_is_said_first_and_then_kept_apart(admin: Client, invoice: Invoice) -> None:
    page = admin.post(url("pay", invoice), payment_form(amount="1700"))
    assert "€96.47" in page.context["warnings"][0]
    assert not Payment.objects.exists()
    admin.post(url("pay", invoice), payment_form(amount="1700", understood="on"))
    assert Payment.objects.get().unallocated() == 9647


def test_much_cash_is_said_first(admin: Client, invoice: Invoice) -> None:
    page = admin.post(url("pay", invoice), payment_form(amount="1000,01", method="cash"))
    assert "cash" in page.context["warnings"][0]
    admin.post(url("pay", invoice), payment_form(amount="1000", method="cash"))
    assert Payment.objects.count() == 1


def test_a_draft_takes_no_payment(admin: Client, invoice: Invoice) -> None:
    draft = factories.make_invoice()
    assert admin.get(url("pay", draft)).url == url("desk", draft)
    assert admin.post(url("pay", draft), payment_form()).status_code in (200, 302)
    assert not Payment.objects.exists()


def refund_form(page: Any, **fields: str) -> dict[str, str]:
    form = page.context["form"]
    begun = {name: str(form[name].value() or "") for name in form.fields}
    return begun | {"reason": "Cancelled"} | fields


def test_a_refund_says_in_one_sentence_what_it_will_do_and_does_nothing_yet(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    paid(invoice, invoice.gross, editor, clock())
    page = admin.get(url("refund", invoice))
    asked = admin.post(url("refund", invoice), refund_form(page))
    assert "€1,603.53" in asked.context["sentence"]
    assert "cannot be undone" in asked.context["sentence"]
    assert not CreditNote.objects.exists()


def test_a_full_refund_is_two_clicks_and_a_third_does_nothing(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    paid(invoice, invoice.gross, editor, clock())
    form = refund_form(admin.get(url("refund", invoice)))
    for _click in range(2):
        assert admin.post(url("refund", invoice), form | {"confirmed": "1"}).url == url("desk", invoice)
    assert CreditNote.objects.get().gross == invoice.gross
    refund = Refund.objects.get()
    assert (refund.amount, refund.state, refund.gateway) == (invoice.gross, "succeeded", "manual")


def test_part_of_one_rate_can_go_back(admin: Client, invoice: Invoice, editor: Any, clock: Any) -> None:
    paid(invoice, invoice.gross, editor, clock())
    form = refund_form(admin.get(url("refund", invoice)), what="amounts", amount_1="105,5", confirmed="1")
    admin.post(url("refund", invoice), form)
    note = CreditNote.objects.get()
    assert (note.net, note.tax, note.gross) == (10000, 550, 10550)
    assert Refund.objects.get().amount == 10550


@pytest.mark.parametrize("amounts", [("1440,01", "0"), ("0", "0"), ("-1", "0"), ("x", "0")])
def test_more_than_is_left_or_nothing_is_told(
    admin: Client, invoice: Invoice, editor: Any, clock: Any, amounts: tuple[str, str]
) -> None:
    paid(invoice, invoice.gross, editor, clock())
    begun = refund_form(admin.get(url("refund", invoice)), what="amounts", amount_0=amounts[0], amount_1=amounts[1])
    page = admin.post(url("refund", invoice), begun | {"confirmed": "1"})
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not CreditNote.objects.exists()


def test_what_was_not_paid_can_be_credited_but_not_refunded(admin: Client, invoice: Invoice) -> None:
    assert admin.get(url("refund", invoice)).url == url("desk", invoice)
    form = refund_form(admin.get(url("credit", invoice)), confirmed="1")
    admin.post(url("credit", invoice), form)
    assert CreditNote.objects.get().gross == invoice.gross
    assert not Refund.objects.exists()
    assert invoice.balance().due == 0


def test_a_credit_on_a_partly_paid_invoice_says_what_goes_back(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    paid(invoice, 100_00, editor, clock())
    asked = admin.post(url("refund", invoice), refund_form(admin.get(url("refund", invoice))))
    assert "€100.00" in asked.context["sentence"]
    admin.post(url("refund", invoice), refund_form(asked, confirmed="1"))
    assert Refund.objects.get().amount == 100_00


def test_an_overpayment_goes_back_without_a_credit_note(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    payment = paid(invoice, invoice.gross + 5000, editor, clock())
    page = admin.get(url("overpayment", invoice, payment.pk))
    assert page.context["form"]["amount"].value() == "50.00"
    admin.post(url("overpayment", invoice, payment.pk), refund_form(page, confirmed="1"))
    assert Refund.objects.get().kind == "overpayment"
    assert not CreditNote.objects.exists()
    assert admin.get(url("overpayment", invoice, payment.pk)).url == url("desk", invoice)


def test_a_payment_of_another_invoice_is_not_refunded_from_here(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    other = invoices.issue(invoice_id=factories.make_invoice().pk, by=editor, now=clock())
    payment = paid(other, other.gross + 5000, editor, clock())
    assert admin.get(url("overpayment", invoice, payment.pk)).status_code == 404


def test_a_credit_note_made_after_the_payment_can_be_sent_back_later(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    paid(invoice, invoice.gross, editor, clock())
    form = refund_form(admin.get(url("credit", invoice)), what="amounts", amount_0="1440", confirmed="1")
    admin.post(url("credit", invoice), form)
    note = CreditNote.objects.get()
    page = admin.get(url("refund_credit", invoice, note.pk))
    admin.post(url("refund_credit", invoice, note.pk), refund_form(page, confirmed="1"))
    assert Refund.objects.get().amount == note.gross == 144000


@pytest.mark.parametrize(
    ("name", "permission"), [("pay", "record_payment"), ("refund", "make_refund"), ("credit", "make_refund")]
)
def test_money_has_permissions_of_its_own(
    signed_in: Callable[..., Client], invoice: Invoice, editor: Any, clock: Any, name: str, permission: str
) -> None:
    paid(invoice, 100_00, editor, clock())
    others = {"view_invoice", "change_invoice", "issue_invoice", "record_payment", "make_refund"} - {permission}
    browser = signed_in(*others)
    for answer in (browser.get(url(name, invoice)), browser.post(url(name, invoice), payment_form())):
        assert answer.status_code == 302
        assert answer.url == reverse("wagtailadmin_home")
    assert signed_in("view_invoice", permission).get(url(name, invoice)).status_code == 200


@pytest.mark.parametrize("key", ["🎻", "a\nb: c", "x" * 65])
def test_a_key_that_no_header_can_carry_is_refused(admin: Client, invoice: Invoice, key: str) -> None:
    """It goes to the provider as it is."""
    money = {"amount_0": "10", "amount_1": "0", "reason": "Agreed", "confirmed": "1", "form_key": key}
    assert admin.post(url("credit", invoice), money).status_code == 200
    assert admin.post(url("pay", invoice), payment_form(form_key=key)).status_code == 200
    assert not CreditNote.objects.exists()
    assert not Payment.objects.exists()
