"""Letters to the seller lead into the admin; letters to customers never do."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.mail.conftest import NOW, issued_document
from tests.mail.test_letters import pay, receipt_of
from wagtail_payments.mail import letters
from wagtail_payments.models import CreditNote, Invoice, Letter, Receipt

pytestmark = pytest.mark.django_db


def ask(english: Invoice) -> Letter:
    document = english.document
    assert document is not None
    link = document.links.get()
    return letters.question(document=document, link=link, text="Why?", from_email="nadia@books.example", now=NOW)


@pytest.fixture(autouse=True)
def _admin_address(settings: Any) -> None:
    settings.WAGTAILADMIN_BASE_URL = "https://site.example/"


def test_a_question_leads_to_the_desk_of_its_invoice(english: Invoice, admin_client: Client) -> None:
    asked, desk = ask(english), reverse("wagtail_payments_invoice:desk", args=[english.pk])
    assert f"https://site.example{desk}" in asked.text
    assert f'href="https://site.example{desk}"' in asked.html
    assert admin_client.get(desk).status_code == 200


def test_a_question_about_a_credit_note_leads_to_the_invoice_that_it_is_of(english: Invoice) -> None:
    document = issued_document(english, "A2026-0001", kind="credit_note", gross=10_00)
    money = {"net": 10_00, "tax": 0, "gross": 10_00, "currency": "EUR"}
    CreditNote.objects.create(document=document, invoice=english, seller=english.seller, mode="live", **money)
    link, desk = document.links.get(), reverse("wagtail_payments_invoice:desk", args=[english.pk])
    asked = letters.question(document=document, link=link, text="Why?", from_email="nadia@books.example", now=NOW)
    assert f"https://site.example{desk}" in asked.text


def test_money_that_came_leads_to_the_payment(english: Invoice, admin_client: Client) -> None:
    payment = pay(english)
    document = receipt_of(english, payment)
    place = reverse("wagtail_payments_book_payment_inspect", args=[payment.pk])
    Receipt.objects.create(document=document, payment=payment)
    assert f"https://site.example{place}" in letters.owner_paid(document=document, payment=payment, now=NOW).text
    assert admin_client.get(place).status_code == 200


def test_customers_are_not_led_into_the_admin(english: Invoice) -> None:
    payment = pay(english)
    letter = letters.receipt(document=receipt_of(english, payment), payment=payment, now=NOW)
    assert letter is not None
    assert "/admin/" not in letter.text + letter.html


def test_without_an_address_of_the_admin_there_is_no_button(settings: Any, english: Invoice) -> None:
    del settings.WAGTAILADMIN_BASE_URL
    letter = ask(english)
    assert "Open it in the admin" not in letter.text + letter.html


def test_a_host_without_the_admin_still_gets_its_letters(monkeypatch: pytest.MonkeyPatch, english: Invoice) -> None:
    monkeypatch.setattr("wagtail_payments.mail.desks._place_of", lambda *_about: ("nowhere:desk", 1))
    letter = ask(english)
    assert "Open it in the admin" not in letter.text
