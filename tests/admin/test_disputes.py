"""Disputes and write-offs at the desk: said first, answered elsewhere, refused in sentences."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.admin import business as businesses
from tests.admin.business import Business
from wagtail_payments.actions import invoices, ledger
from wagtail_payments.models import Allocation, Dispute, DisputedMoney, Invoice, Payment, WriteOff
from wagtail_payments.records.invoices import statuses


@pytest.fixture
def invoice(db: None, clock: Any, editor: Any) -> Invoice:
    """1,440.00, not paid yet."""
    return invoices.issue(invoice_id=factories.make_invoice().pk, by=editor, now=clock())


@pytest.fixture
def boss(db: None, client: Client) -> Client:
    """A superuser."""
    client.force_login(factories.make_superuser())
    return client


@pytest.fixture
def business(db: None, clock: Any, now: Any) -> Business:
    """A small business."""
    return businesses.open_business(now)


def url(name: str, invoice: Invoice) -> str:
    return reverse(f"wagtail_payments_invoice:{name}", args=(invoice.pk,))


def disputed(invoice: Invoice, now: Any, state: str = "needs_response") -> Dispute:
    """A payment by card that the bank has taken back."""
    payment = Payment.objects.create(
        seller=invoice.seller,
        customer=invoice.customer,
        gateway="stripe",
        mode=invoice.mode,
        method="card",
        amount=invoice.gross,
        received_on=invoice.seller.today(now),
        received_at=now,
    )
    ledger.book_payment(payment=payment, now=now)
    dispute = businesses.make_dispute(payment, now, amount=invoice.gross, state=state)
    DisputedMoney.objects.create(dispute=dispute, payment=payment, amount=invoice.gross, on=now.date(), at=now)
    Allocation.objects.create(payment=payment, invoice=invoice, amount=invoice.gross, at=now)
    Allocation.objects.create(payment=payment, invoice=invoice, dispute=dispute, amount=-invoice.gross, at=now)
    return dispute


def messages_of(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_the_desk_of_a_disputed_invoice_says_so_and_refuses_what_would_cost_twice(
    admin: Client, invoice: Invoice, clock: Any
) -> None:
    dispute = disputed(invoice, clock())
    answer = admin.get(url("desk", invoice))
    said = answer.content.decode()
    assert answer.context["tag"].label == dict(statuses())["disputed"]
    assert reverse("wagtail_payments_book_dispute_inspect", args=(dispute.pk,)) in said
    why_not = {verb.label: verb.why_not for verb in answer.context["impossible"]}
    assert "disputed" in why_not["Refund"]
    assert "bank" in why_not["Write off"]
    refused = admin.get(url("refund", invoice), follow=True)
    assert "disputed" in messages_of(refused)


def test_the_list_is_filtered_by_what_is_disputed(admin: Client, invoice: Invoice, clock: Any) -> None:
    disputed(invoice, clock())
    listed = admin.get(reverse("wagtail_payments_invoice:list"), {"status": "disputed"}).content.decode()
    assert invoice.number in listed
    others = admin.get(reverse("wagtail_payments_invoice:list"), {"status": "overdue"}).content.decode()
    assert invoice.number not in others


def test_the_page_of_a_dispute_tells_until_when_to_answer(boss: Client, business: Business) -> None:
    Dispute.objects.filter(pk=business.dispute.pk).update(state="needs_response")
    answer = boss.get(reverse("wagtail_payments_book_dispute_inspect", args=(business.dispute.pk,)))
    said = answer.content.decode()
    assert "Answer by" in said
    assert "waits for you" in said
    Dispute.objects.filter(pk=business.dispute.pk).update(state="lost")
    lost = boss.get(reverse("wagtail_payments_book_dispute_inspect", args=(business.dispute.pk,))).content.decode()
    assert "Answer by" not in lost


def test_a_returned_debit_is_not_lost_but_returned(boss: Client, business: Business) -> None:
    Dispute.objects.filter(pk=business.dispute.pk).update(state="lost", is_return=True, reason="insufficient_funds")
    pages = [
        reverse("wagtail_payments_book_dispute_index"),
        reverse("wagtail_payments_book_dispute_inspect", args=(business.dispute.pk,)),
        reverse("wagtail_payments_book_payment_inspect", args=(business.dispute.payment_id,)),
    ]
    for page in pages:
        shown = BeautifulSoup(boss.get(page).content, "html.parser").select_one("main")
        assert shown is not None
        assert "Returned by the bank" in shown.get_text()
    exported = boss.get(pages[0], {"export": "csv"})
    assert "Returned by the bank" in b"".join(exported.streaming_content).decode()  # type: ignore[attr-defined]
    Dispute.objects.update(state="won")
    assert "Paid by the bank after all" in boss.get(pages[1]).content.decode()


def test_the_page_of_a_payment_leads_to_its_dispute(boss: Client, business: Business) -> None:
    page = reverse("wagtail_payments_book_payment_inspect", args=(business.dispute.payment_id,))
    said = boss.get(page).content.decode()
    assert reverse("wagtail_payments_book_dispute_inspect", args=(business.dispute.pk,)) in said


def test_writing_off_asks_for_a_reason_and_says_what_will_happen(admin: Client, invoice: Invoice) -> None:
    assert admin.get(url("write_off", invoice)).status_code == 200
    assert not admin.post(url("write_off", invoice), {"reason": ""}).context["form"].is_valid()
    asked = admin.post(url("write_off", invoice), {"reason": "Closed down"})
    assert "1,440.00" in asked.context["sentence"]
    back = admin.post(url("write_off", invoice), {"reason": "Closed down", "back": "1"})
    assert back.context["form"]["reason"].value() == "Closed down", "nothing typed is lost"
    assert not WriteOff.objects.exists()
    done = admin.post(url("write_off", invoice), {"reason": "Closed down", "confirmed": "1"}, follow=True)
    assert "Written off" in messages_of(done)
    assert "Closed down" in done.content.decode()
    assert Invoice.objects.get().state == "uncollectible"
    again = admin.post(url("write_off", invoice), {"reason": "Closed down", "confirmed": "1"}, follow=True)
    assert "already" in messages_of(again)
    assert WriteOff.objects.count() == 1


def test_counting_on_it_again_asks_first(admin: Client, invoice: Invoice) -> None:
    admin.post(url("write_off", invoice), {"reason": "Closed down", "confirmed": "1"})
    desk = admin.get(url("desk", invoice))
    assert url("recover", invoice) in desk.content.decode()
    assert invoice.number in admin.get(url("recover", invoice)).context["question"]
    assert WriteOff.objects.count() == 1
    for _click in range(2):
        done = admin.post(url("recover", invoice), follow=True)
    assert "not written off" in messages_of(done)
    assert Invoice.objects.get().state == "issued"


def test_a_draft_is_not_written_off(admin: Client, invoice: Invoice) -> None:
    draft = factories.make_invoice(customer=invoice.customer)
    refused = admin.get(url("write_off", draft), follow=True)
    assert "draft" in messages_of(refused)


def test_without_the_permission_there_is_no_button(signed_in: Any, invoice: Invoice) -> None:
    client = signed_in("view_invoice", "record_payment")
    assert url("write_off", invoice) not in client.get(url("desk", invoice)).content.decode()
