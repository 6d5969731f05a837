"""Asking for deposits, deciding about unpaid ones, and pro formas, as an editor does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from tests import factories
from wagtail_payments.actions import deposits, invoices
from wagtail_payments.models import Deposit, Invoice, Letter, Proforma


@pytest.fixture
def draft(db: None, clock: Any) -> Invoice:
    return factories.make_invoice(lines=[("Training", "1", "1000.00", "20"), ("Book", "1", "100.00", "5.5")])


def url(name: str, *keys: int) -> str:
    return reverse(f"wagtail_payments_invoice:{name}", args=keys)


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def typed(**fields: str) -> dict[str, str]:
    return {"percent": "30", "amount": "", "due_days": "0", "form_key": "one"} | fields


def issued_deposit(draft: Invoice, now: datetime) -> Invoice:
    wish = deposits.Wish(amount=120_00)
    asked = deposits.ask(contract_id=draft.pk, wish=wish, by=None, now=now)
    return invoices.issue(invoice_id=asked.pk, by=None, now=now)


def test_the_editor_and_the_review_lead_to_the_deposits(admin: Client, draft: Invoice) -> None:
    for page in (url("edit", draft.pk), url("review", draft.pk)):
        assert url("deposits", draft.pk) in admin.get(page).content.decode()
    assert url("deposit_ask", draft.pk) in admin.get(url("deposits", draft.pk)).content.decode()


def test_first_the_vat_per_rate_is_shown_then_the_draft_is_made(admin: Client, draft: Invoice) -> None:
    page = admin.post(url("deposit_ask", draft.pk), typed())
    text = page.content.decode()
    assert [(str(row.vat.rate), row.gross) for row in page.context["rows"]] == [("20", 360_00), ("5.5", 31_65)]
    assert "391.65" in text
    assert not Deposit.objects.exists()
    answer = admin.post(url("deposit_ask", draft.pk), typed(confirmed="1"))
    deposit = Deposit.objects.get()
    assert answer.url == url("review", deposit.invoice_id)
    assert admin.get(answer.url).status_code == 200
    assert "(30 %)" in admin.get(url("deposits", draft.pk)).content.decode()
    again = admin.post(url("deposit_ask", draft.pk), typed(confirmed="1"))
    assert again.url == answer.url


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"percent": "", "amount": ""}, "Write either"),
        ({"percent": "30", "amount": "100"}, "Write either"),
        ({"percent": "", "amount": "9999"}, "more than is left"),
        ({"percent": "200"}, "100"),
        ({"percent": "much"}, "Write a number"),
        ({"due_days": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_makes_no_deposit_is_told_and_nothing_is_lost(
    admin: Client, draft: Invoice, fields: dict[str, str], sentence: str
) -> None:
    text = admin.post(url("deposit_ask", draft.pk), typed(**fields)).content.decode()
    assert sentence in text
    for value in fields.values():
        assert f'value="{value}"' in text or not value
    assert not Deposit.objects.exists()


def test_of_a_consumer_one_is_asked_what_it_is(admin: Client, now: datetime) -> None:
    draft = factories.make_invoice(customer=factories.make_consumer())
    assert "arrhes" in admin.get(url("deposit_ask", draft.pk)).content.decode()
    assert "rows" not in (admin.post(url("deposit_ask", draft.pk), typed()).context or {})
    admin.post(url("deposit_ask", draft.pk), typed(term="arrhes", confirmed="1"))
    assert Deposit.objects.get().term == "arrhes"


def test_an_unpaid_deposit_is_decided_about_before_the_draft_is_issued(
    admin: Client, draft: Invoice, now: datetime
) -> None:
    deposit = issued_deposit(draft, now)
    page = admin.get(url("review", draft.pk))
    (row,) = page.context["errors"]
    assert row.url == url("deposits", draft.pk)
    assert "not paid" in admin.get(row.url).content.decode()
    answer = admin.post(url("deposit_decide", draft.pk, deposit.pk), {"if_unpaid": "perhaps"})
    assert "Choose one" in said(answer)
    admin.post(url("deposit_decide", draft.pk, deposit.pk), {"if_unpaid": "keep"})
    page = admin.get(url("review", draft.pk))
    assert page.context["errors"] == []
    assert page.context["to_pay"] == draft.gross - 120_00
    admin.post(url("issue", draft.pk))
    assert Invoice.objects.get(pk=draft.pk).gross == draft.gross - 120_00


def test_the_desks_lead_from_one_to_the_other(admin: Client, draft: Invoice, now: datetime) -> None:
    deposit = issued_deposit(draft, now)
    assert url("desk", draft.pk) in admin.get(url("desk", deposit.pk)).content.decode()
    deposits.decide(deposit_id=deposit.pk, if_unpaid="keep", by=None, now=now)
    final = invoices.issue(invoice_id=draft.pk, by=None, now=now)
    of_final, of_deposit = (admin.get(url("desk", pk)).content.decode() for pk in (final.pk, deposit.pk))
    assert url("desk", deposit.pk) in of_final
    assert "Final invoice" in of_final
    assert final.number in of_deposit
    assert "Deposit invoice" in of_deposit
    assert "has deducted this invoice" in of_deposit
    assert admin.get(url("deposits", final.pk)).status_code == 200


def test_the_list_says_which_kind_it_is(admin: Client, draft: Invoice, now: datetime) -> None:
    issued_deposit(draft, now)
    assert "Deposit invoice" in admin.get(reverse("wagtail_payments_invoice:list")).content.decode()


def test_a_draft_with_deposits_is_not_deleted(admin: Client, draft: Invoice, now: datetime) -> None:
    issued_deposit(draft, now)
    answer = admin.post(url("delete", draft.pk))
    assert answer.url == url("deposits", draft.pk)
    assert "it stays" in said(answer)
    assert Invoice.objects.filter(pk=draft.pk).exists()


def test_a_deposit_is_not_duplicated(admin: Client, draft: Invoice, now: datetime) -> None:
    deposit = issued_deposit(draft, now)
    before = Invoice.objects.count()
    assert "not duplicated" in said(admin.post(url("duplicate", deposit.pk)))
    assert Invoice.objects.count() == before


def test_a_pro_forma_is_asked_first_and_then_sent(admin: Client, draft: Invoice) -> None:
    assert draft.customer.email in admin.get(url("proforma", draft.pk)).content.decode()
    assert not Proforma.objects.exists()
    answer = admin.post(url("proforma", draft.pk))
    proforma = Proforma.objects.get()
    assert str(proforma) in said(answer)
    assert Letter.objects.get(kind="proforma").to == [draft.customer.email]
    assert str(proforma) in admin.get(url("deposits", draft.pk)).content.decode()
    pdf = admin.get(url("proforma_pdf", draft.pk, proforma.pk))
    assert pdf["Content-Type"] == "application/pdf"


def test_a_draft_that_is_not_ready_gets_no_pro_forma_and_says_why(admin: Client, draft: Invoice) -> None:
    draft.customer.street = ""
    draft.customer.save()
    assert "address" in said(admin.post(url("proforma", draft.pk)))
    assert not Proforma.objects.exists()
