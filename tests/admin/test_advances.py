"""Asking a customer for a deposit without an order, and deducting it later, as an editor does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.admin.test_deposits import said, url
from wagtail_payments.actions import invoices
from wagtail_payments.models import Customer, Deposit, Invoice

NEW = "/admin/payments/invoices/deposit/new/"


@pytest.fixture
def customer(db: None, clock: Any) -> Customer:
    factories.settle_site()
    return factories.make_customer(language="en")


def typed(who: Customer, **fields: str) -> dict[str, str]:
    usual = {"customer": str(who.pk), "title": "Kitchen, oak", "due_days": "10", "form_key": "one"}
    return usual | {"amount_1": "360", "rate_1": "20"} | fields


def test_the_customer_and_the_list_lead_to_it(admin: Client, customer: Customer) -> None:
    page = admin.get(reverse("wagtail_payments_customer:edit", args=(customer.pk,))).content.decode()
    assert f"{NEW}?customer={customer.pk}" in page
    assert NEW in admin.get(reverse("wagtail_payments_invoice:list")).content.decode()
    form = admin.get(f"{NEW}?customer={customer.pk}").context["form"]
    assert form["customer"].value() == customer.pk
    assert admin.get(f"{NEW}?customer=x").status_code == 200


def test_it_becomes_a_draft_that_is_reviewed_and_issued_once(admin: Client, customer: Customer) -> None:
    more = {"amount_2": "10,55", "rate_2": "5,5"}
    answer = admin.post(NEW, typed(customer, **more))
    deposit = Deposit.objects.get()
    assert answer.url == url("review", deposit.invoice_id)
    assert admin.post(NEW, typed(customer, **more)).url == answer.url
    assert (deposit.contract, deposit.amount, deposit.term) == (None, 370_55, "")
    draft = deposit.invoice
    assert (draft.title, draft.due_days, draft.language, draft.created_by is not None) == (
        "Kitchen, oak",
        10,
        "en",
        True,
    )
    assert "360.00" not in admin.get(answer.url).content.decode()
    admin.post(url("issue", draft.pk))
    assert Invoice.objects.get(pk=draft.pk).number
    assert admin.get(url("desk", draft.pk)).status_code == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"customer": ""}, "required"),
        ({"title": ""}, "required"),
        ({"amount_1": ""}, "required"),
        ({"amount_1": "0"}, "above zero"),
        ({"rate_1": "much"}, "Write a number"),
        ({"rate_1": "19"}, "19"),
        ({"amount_2": "10", "rate_2": ""}, "Write the VAT rate"),
    ],
)
def test_what_makes_no_deposit_is_told(
    admin: Client, customer: Customer, fields: dict[str, str], sentence: str
) -> None:
    assert sentence in admin.post(NEW, typed(customer, **fields)).content.decode()
    assert not Invoice.objects.exists()


def test_a_private_person_is_told_what_it_is(admin: Client, customer: Customer) -> None:
    person = factories.make_consumer()
    assert "told in words" in admin.post(NEW, typed(person)).content.decode()
    admin.post(NEW, typed(person, term="arrhes"))
    assert Deposit.objects.get().term == "arrhes"


def test_without_vat_no_rate_is_asked_for(admin: Client, db: None, clock: Any) -> None:
    factories.settle_site(seller=factories.make_small_seller())
    customer = factories.make_customer()
    fields = admin.get(NEW).context["form"].fields
    assert "amount_1" in fields
    assert not {"rate_1", "amount_2"} & set(fields)
    admin.post(NEW, typed(customer))
    assert (Invoice.objects.get().gross, Invoice.objects.get().tax) == (360_00, 0)


def test_without_a_seller_one_is_sent_to_say_who_one_is(admin: Client) -> None:
    assert admin.get(NEW).url == reverse("wagtail_payments_seller:open")


def test_a_draft_takes_it_and_lets_it_go(admin: Client, customer: Customer, now: datetime) -> None:
    admin.post(NEW, typed(customer))
    deposit = invoices.issue(invoice_id=Invoice.objects.get().pk, by=None, now=now)
    draft = factories.make_invoice(customer=customer)
    review = admin.get(url("review", draft.pk))
    (row,) = [row for row in review.context["warnings"] if row.finding.code == "deposit_waiting"]
    assert deposit.number in row.finding.message
    page = admin.get(row.url).content.decode()
    assert url("deposit_take", draft.pk, deposit.pk) in page
    admin.post(url("deposit_take", draft.pk, deposit.pk))
    assert Deposit.objects.get().contract == draft
    page = admin.get(url("deposits", draft.pk)).content.decode()
    assert url("deposit_let_go", draft.pk, deposit.pk) in page
    assert "1,080.00" in page
    assert deposit.number in admin.get(url("desk", deposit.pk)).content.decode()
    other = factories.make_invoice(customer=customer)
    assert "already" in said(admin.post(url("deposit_take", other.pk, deposit.pk)))
    admin.post(url("deposit_let_go", draft.pk, deposit.pk))
    assert Deposit.objects.get().contract is None


def test_the_deposit_of_somebody_else_looks_missing(admin: Client, customer: Customer, now: datetime) -> None:
    admin.post(NEW, typed(customer))
    deposit = Invoice.objects.get()
    other = factories.make_invoice(customer=factories.make_customer(name="Somebody else"))
    assert admin.post(url("deposit_take", other.pk, deposit.pk)).status_code == 404
